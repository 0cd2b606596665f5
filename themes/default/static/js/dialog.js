/** Dialog of the panel: its bar, its size, and how it lies over the page. */

/** @import { Store, Stored, Widget } from "../../loader/types.js" */

import { make } from "../../loader/dom.js";
import { CROSS, HISTORY, LARGER, NEW, SMALLER, button } from "./button.js";
import { still } from "./still.js";

/** Where a panel takes the whole screen. The style sheet has the same. */
const SMALL = "(max-width: 480px), (max-height: 480px)";

/**
 * @param {Widget} widget
 * @param {Store<Stored>} store
 * @param {import("./own.js").Own} own
 */
export function createDialog(widget, store, own) {
  const { box, host, options, rest } = widget;
  const { texts } = rest;
  const larger = button(texts.larger, LARGER, () => resize(!box.hasAttribute("data-large")));
  larger.classList.add("larger");
  const close = button(texts.close, CROSS, () => panel.close());
  const bar = make(
    "div",
    { class: "bar", ...(rest.panel.tinted && { "data-tinted": "" }) },
    ...identity(widget),
    ...actions(widget, own),
    larger,
    close,
  );
  const panel = make("dialog", { class: "panel", "aria-labelledby": "title" }, bar, own.place.body);
  const modal = createModal(panel, host);
  const unfit = fit(panel);

  /** @param {boolean} large */
  const resize = (large) => {
    box.toggleAttribute("data-large", large);
    larger.ariaPressed = `${large}`;
    larger.querySelector("path")?.setAttribute("d", large ? SMALLER : LARGER);
    store.write({ large });
  };
  resize(Boolean(store.read().large));

  panel.onclick = ({ target }) => {
    // What lies behind a popup counts as the popup itself.
    if (target === panel) {
      panel.close();
    }
  };
  box.onkeydown = (/** @type {KeyboardEvent} */ event) => {
    if (event.key === "Escape" && panel.open) {
      // It closes one thing, and not what lies below as well.
      event.preventDefault();
      event.stopPropagation();
      panel.close();
    }
  };

  return {
    panel,
    modal,
    /** @param {boolean} quietly By itself: neither over other things nor over a small screen. */
    show(quietly) {
      const isSmall = matchMedia(SMALL).matches;
      if (quietly) {
        panel.open = !isSmall;
      } else if (options.mode === "popup" || isSmall || modal.isCovered()) {
        modal.lift();
      } else {
        panel.show();
      }
    },
    remove() {
      modal.remove();
      unfit();
    },
  };
}

/**
 * Whose chat this is: a logo or the launcher's icon, a title, and a line.
 *
 * @param {Widget} widget
 */
function identity({ settings: { icon, page }, rest: { panel, texts } }) {
  const { logo, title, line = texts.answers } = panel;
  const picture = logo
    ? make("img", { class: "logo", src: new URL(logo, page).href, alt: "" })
    : make("span", { class: "avatar" }, icon);
  // A policy of the page may keep it out.
  picture.onerror = () => picture.remove();
  const words = make("h2", { class: "title", id: "title", dir: "auto" }, title);
  return [
    picture,
    make("div", { class: "names" }, words, ...(line ? [make("p", { class: "line", dir: "auto" }, line)] : [])),
  ];
}

/**
 * Buttons that ChatKit's own header would have.
 *
 * @param {Widget} widget
 * @param {import("./own.js").Own} own
 */
function actions({ rest: { panel, texts } }, own) {
  const looks = { newThread: [texts.new_thread, NEW], history: [texts.history, HISTORY] };
  return (panel.buttons ?? []).map((method) => {
    const [label, lines] = looks[method];
    // ChatKit refuses while it answers.
    return button(label, lines, () => void own.call(method).catch(() => {}));
  });
}

/**
 * Lifts the panel over all else, which also makes it usable where everything else is inert.
 *
 * @param {HTMLDialogElement} panel
 * @param {HTMLElement} host
 */
function createModal(panel, host) {
  let isModal = false;
  const lift = () => {
    // One that lies over the page already would stay below what came after it.
    if (panel.open) {
      panel.close();
    }
    panel.showModal();
    isModal = true;
    still(true);
  };
  /** Dialogs of libraries bring the focus back when it leaves them: let them not know. @param {FocusEvent} event */
  const keepFocus = (event) => {
    if (isModal && (event.target === host || event.relatedTarget === host)) {
      event.stopImmediatePropagation();
    }
  };
  addEventListener("focusin", keepFocus, true);
  addEventListener("focusout", keepFocus, true);

  return {
    lift,
    /** Something of the page keeps the panel from being seen or used: a dialog, a popover, what fills the screen. */
    isCovered() {
      const wasOpen = panel.open;
      panel.open = true;
      const { left, top, width, height } = panel.getBoundingClientRect();
      const there = document.elementFromPoint(left + width / 2, top + height / 2);
      panel.open = wasOpen;
      return there !== null && there !== host;
    },
    /** The panel was closed. Browsers tell of it later, when it may be open again, maybe otherwise. */
    follow: () => still((isModal = panel.matches(":modal"))),
    /** Somebody took the panel out of the page, and the loader put it back. */
    restore() {
      if (isModal && !panel.matches(":modal")) {
        lift();
      }
    },
    remove() {
      still(false);
      removeEventListener("focusin", keepFocus, true);
      removeEventListener("focusout", keepFocus, true);
    },
  };
}

/**
 * Keeps the panel above the keyboard of a phone, which covers what `dvh` still counts. Two fingers that zoom make less
 * visible, but leave no less room.
 *
 * @param {HTMLElement} panel
 * @returns {() => void} Stops it.
 */
function fit(panel) {
  const view = window.visualViewport;
  const measure = () =>
    panel.style.setProperty("--visible", `${view ? Math.round(view.height * view.scale) : innerHeight}px`);
  view?.addEventListener("resize", measure);
  measure();
  return () => view?.removeEventListener("resize", measure);
}
