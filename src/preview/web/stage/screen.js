/**
 * Panels on a screen that changes. A visitor's screen keeps its size, and a panel decides when it opens whether it lies
 * over everything else. In the studio, a desktop becomes a phone while the panel is open, and a popup comes back with a
 * page that was loaded for other colours.
 */

/** @import { Widget } from "../../../../themes/default/loader/types.js" */

import { widgets } from "./loaders.js";

/** Where a panel takes the whole screen. The panel has the same. */
const SMALL = matchMedia("(max-width: 480px), (max-height: 480px)");

/** Begins the key of each popup that lay over the page. */
const OVER = "chatkit-embed preview over: ";

/** @type {WeakSet<HTMLDialogElement>} Those that lie over the page because of us. */
const lifted = new WeakSet();

/** @param {Widget} widget */
const dialogOf = ({ host }) => host.shadowRoot?.querySelector("dialog");

/** Keeps panels as open as they would be had they been opened here. */
export function followScreen() {
  SMALL.addEventListener("change", () =>
    widgets().forEach((widget) => settle(widget, SMALL.matches || isPopup(widget))),
  );
  // Loaders may have been faster than we are.
  widgets().forEach((widget) => widget.open && restore(widget));
  addEventListener("chat:opened", (event) => {
    const widget = widgets().get(/** @type {CustomEvent} */ (event).detail.widget);
    if (widget) {
      restore(widget);
    }
  });
  addEventListener("chat:closed", (event) => {
    const { widget: name } = /** @type {CustomEvent} */ (event).detail;
    const widget = widgets().get(name);
    const dialog = widget && dialogOf(widget);
    keep(name, false);
    if (dialog) {
      lifted.delete(dialog);
    }
  });
}

/**
 * Lays a popup that has opened by itself over the page, if it lay there on the page before.
 *
 * @param {Widget} widget
 */
function restore(widget) {
  if (isPopup(widget)) {
    const { name } = widget.settings;
    settle(widget, isOver(widget) || isKept(name));
    keep(name, isOver(widget));
  }
}

/** @param {Widget} widget */
const isOver = (widget) => dialogOf(widget)?.matches(":modal") ?? false;

/** @param {Widget} widget */
const isPopup = ({ options }) => options.mode === "popup";

/**
 * Opens a panel that is open again, over the page or in it. The chat in it goes on.
 *
 * @param {Widget} widget
 * @param {boolean} lies over it
 */
function settle(widget, lies) {
  const dialog = dialogOf(widget);
  if (!dialog?.open || isOver(widget) === lies) {
    return;
  }
  // It takes the focus when it opens and gives it back when it closes, and the studio around this page may have it.
  const inert = document.hasFocus() ? [] : [dialog, widget.host];
  const end = () => inert.forEach((element) => (element.inert = false));
  inert.forEach((element) => (element.inert = true));
  if (!lies && !lifted.has(dialog)) {
    reopen(widget, end);
    return;
  }
  dialog.close();
  if (lies) {
    dialog.showModal();
    lifted.add(dialog);
  } else {
    dialog.show();
    lifted.delete(dialog);
  }
  end();
}

/**
 * A panel that lay over the page by itself has changed more than its dialog: it takes that back when it closes.
 *
 * @param {Widget} widget
 * @param {() => void} end
 */
async function reopen(widget, end) {
  const panel = await widget.panel;
  const closed = (/** @type {Event} */ event) => {
    if (/** @type {CustomEvent} */ (event).detail.widget === widget.settings.name) {
      removeEventListener("chat:closed", closed);
      panel?.open("load", true);
      end();
    }
  };
  addEventListener("chat:closed", closed);
  panel?.close();
}

/** @param {string} name */
function isKept(name) {
  try {
    return sessionStorage.getItem(OVER + name) !== null;
  } catch {
    return false;
  }
}

/** Browsers refuse storage in private windows. @param {string} name @param {boolean} lies over the page */
function keep(name, lies) {
  try {
    if (lies) {
      sessionStorage.setItem(OVER + name, "");
    } else {
      sessionStorage.removeItem(OVER + name);
    }
  } catch {}
}
