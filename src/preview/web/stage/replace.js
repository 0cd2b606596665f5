/**
 * Another loader in the place of one that runs. The new widget is made beside the old one, is as open as that was, and
 * the old one goes when there is something to see in the new one: nothing flickers.
 */

/** @import { Widget } from "../../../../themes/default/loader/types.js" */

/** Milliseconds after which the old one goes whether or not the new chat is there. */
const PATIENCE = 3000;

/** What happens because of us, and not because of the visitor. */
const OURS = new Set(
  ["before-load", "before-open", "opened", "closed", "shown", "hidden", "ready", "destroyed", "thread-changed"].map(
    (name) => `chat:${name}`,
  ),
);

/**
 * @param {Map<string, Widget>} widgets of the page
 * @param {string} name
 * @param {() => Promise<unknown>} run runs the new loader, which must not open its panel by itself
 * @param {() => void} seen The visitor sees the change.
 */
export async function replace(widgets, name, run, seen) {
  const old = widgets.get(name);
  if (!old) {
    await run();
    seen();
    return;
  }
  const state = stateOf(old);
  const quiet = silence(name);
  try {
    widgets.delete(name);
    await run().catch(() => {});
    const now = widgets.get(name);
    if (!now) {
      widgets.set(name, old);
      return;
    }
    Object.assign(now.options, old.options);
    now.wanted = old.wanted;
    now.identity = old.identity;
    now.settle();
    const still = wear(now.host, "* { animation: none !important; transition: none !important }");
    const isFilled = [state.isOpen && open(old, now, { ...state, quiet, seen }), ...inline(name, quiet)];
    if (!state.isOpen) {
      old.remove();
      seen();
      if (state.isInvited || (now.settings.open && !old.settings.open)) {
        now.load().then(
          (panel) => (state.isInvited ? panel.invite() : panel.open("load", true)),
          () => {},
        );
      }
    }
    await Promise.all(isFilled);
    retire(old);
    if (state.hasFocus) {
      (now.open ? /** @type {HTMLElement | null} */ (root(now.host).querySelector(".frame")) : now.launcher)?.focus();
    }
    await frame();
    still();
  } finally {
    quiet.end();
  }
}

/** @param {Widget} widget */
function stateOf({ host, open }) {
  const dialog = root(host).querySelector("dialog");
  return {
    isOpen: open,
    isModal: dialog?.matches(":modal") ?? false,
    isInvited: root(host).querySelector(".teaser:not(:empty)") !== null,
    hasFocus: document.hasFocus() && document.activeElement === host,
  };
}

/**
 * Opens the new panel unseen. Meanwhile the old one looks as the new one will, with the chat that is in it.
 *
 * @param {Widget} old
 * @param {Widget} now
 * @param {{ isModal: boolean, quiet: ReturnType<typeof silence>, seen: () => void }} how
 */
async function open(old, now, { isModal, quiet, seen }) {
  const [looks, panelLooks] = root(old.host).adoptedStyleSheets;
  copy(now.looks, looks);
  Object.assign(old.box.dataset, { position: now.box.dataset.position, scheme: now.box.dataset.scheme });
  wear(old.host, ".launcher, .outline, .teaser { visibility: hidden !important }");
  const veil = wear(now.host, ".panel { visibility: hidden !important }");
  const ready = quiet.ready();
  try {
    const panel = await now.load();
    const dialog = root(now.host).querySelector("dialog");
    copy(
      root(now.host).adoptedStyleSheets.find((sheet) => sheet !== now.looks && sheet.cssRules.length > 1) ?? panelLooks,
      panelLooks,
    );
    root(old.host)
      .querySelector("#title")
      ?.replaceChildren(dialog?.querySelector("#title")?.textContent ?? "");
    seen();
    // A modal dialog takes the focus, and the studio around this page may have it.
    if (dialog && isModal && !document.hasFocus()) {
      dialog.inert = true;
    }
    panel.open("load", !isModal);
    await ready;
    if (dialog) {
      dialog.inert = false;
    }
  } finally {
    veil();
  }
}

/**
 * The same for chats in the page: the old one lies over the new one until that is filled.
 *
 * @param {string} name
 * @param {ReturnType<typeof silence>} quiet
 */
function inline(name, quiet) {
  const elements = /** @type {HTMLElement[]} */ ([...document.querySelectorAll(`chatkit-widget[name="${name}"]`)]);
  return elements
    .filter((element) => element.shadowRoot)
    .map(async (old) => {
      const { offsetLeft, offsetTop, offsetWidth, offsetHeight } = old;
      const { top, bottom } = old.getBoundingClientRect();
      const now = /** @type {HTMLElement} */ (old.cloneNode(true));
      wear(
        old,
        `:host(chatkit-widget) { position: absolute !important; z-index: 1 !important; box-sizing: border-box !important;
      left: ${offsetLeft}px !important; top: ${offsetTop}px !important;
      width: ${offsetWidth}px !important; height: ${offsetHeight}px !important }`,
      );
      // Until it is filled, it is nothing but a link.
      now.style.cssText = `display: block; block-size: ${offsetHeight}px; overflow: hidden`;
      old.after(now);
      if (bottom > 0 && top < innerHeight) {
        await quiet.ready();
      }
      old.remove();
    });
}

/** @param {Widget} widget */
function retire(widget) {
  widget.panel?.then(
    (panel) => panel.destroy(),
    () => {},
  );
  widget.remove();
}

/**
 * Keeps the page's listeners from what is no doing of the visitor's. A listener of our own would not do: on the window
 * the one that was there first hears first.
 *
 * @param {string} name
 */
function silence(name) {
  /** @type {(() => void)[]} */
  const waiting = [];
  window.dispatchEvent = (event) => {
    const isOurs = OURS.has(event.type) && /** @type {CustomEvent} */ (event).detail?.widget === name;
    if (isOurs && event.type === "chat:ready") {
      // The chat is there; the next frame but one shows it.
      frame()
        .then(frame)
        .then(() => waiting.splice(0).forEach((resolve) => resolve()));
    }
    return isOurs || EventTarget.prototype.dispatchEvent.call(window, event);
  };
  return {
    /** @returns {Promise<void>} */
    ready: () =>
      new Promise((resolve) => {
        waiting.push(resolve);
        setTimeout(resolve, PATIENCE);
      }),
    end: () => void Reflect.deleteProperty(window, "dispatchEvent"),
  };
}

/** Makes one style say what the other says. @param {CSSStyleSheet} from @param {CSSStyleSheet} to */
function copy(from, to) {
  to.replaceSync([...from.cssRules].map((rule) => rule.cssText).join("\n"));
}

/** Gives a shadow root one more style. Returns what takes it away. @param {Element} host @param {string} css */
function wear(host, css) {
  const shadow = root(host);
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  shadow.adoptedStyleSheets.push(sheet);
  // What comes later lies over it.
  return () => void (shadow.adoptedStyleSheets = shadow.adoptedStyleSheets.filter((each) => each !== sheet));
}

/** @param {Element} host */
const root = (host) => /** @type {ShadowRoot} */ (host.shadowRoot);

const frame = () => new Promise((resolve) => requestAnimationFrame(() => resolve(undefined)));
