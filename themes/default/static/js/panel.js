/** What comes with the first sign of intent: panel, teaser, and chats in the page. */

/** @import { Chat, Drawing, Panel, Place, Store, Stored, Widget } from "../../loader/types.js" */

import { make, sheet } from "../../loader/dom.js";
import { frame } from "./frame.js";
import { leaveBody } from "./home.js";
import { load } from "./import.js";
import { still } from "./still.js";
import { keep } from "./store.js";

/** Where a panel takes the whole screen. The style sheet has the same. */
const SMALL = "(max-width: 480px), (max-height: 480px)";

const css = sheet(PANEL_CSS);

/** @param {string} d @param {string} [name] @returns {Drawing} */
const lines = (d, name = "") => [
  "svg",
  { class: `icon ${name}`, viewBox: "0 0 24 24", "aria-hidden": "true" },
  ["path", { d }],
];

const CROSS = "M6 6l12 12M18 6L6 18";
const LARGER = "M14 5h5v5M10 19H5v-5M19 5l-6 6M5 19l6-6";

/** @param {string} label @param {string} d @param {() => void} onclick */
function button(label, d, onclick) {
  const made = make("button", { class: "close", type: "button", "aria-label": label, title: label }, lines(d));
  made.onclick = onclick;
  return made;
}

/**
 * Gives a widget its panel.
 *
 * @param {Widget} widget
 * @returns {Panel}
 */
export function attach(widget) {
  const { settings, options, host, box, launcher } = widget;
  const { title, teaser, badge, texts } = PANEL;
  /** @type {Store<Stored>} */
  const store = keep("localStorage", widget.key);
  /** @type {Store<Stored>} */
  const tab = keep("sessionStorage", widget.key);
  /** @type {Map<HTMLElement, Chat | undefined>} In the page, beside the panel. */
  const inline = new Map();
  /** Whether an element is for this widget. One without a name is for the first. @param {HTMLElement} element */
  const isOurs = (element) => (element.getAttribute("name") || settings.name) === settings.name;
  /** @param {HTMLElement} element */
  const empty = (element) => {
    inline.get(element)?.remove();
    inline.delete(element);
    // Its shadow root stays for ever, and shows what is in the element itself.
    const root = /** @type {ShadowRoot} */ (element.shadowRoot);
    root.adoptedStyleSheets = [];
    root.replaceChildren(make("slot", {}));
  };
  /** Chats go whose elements are no longer in the page, as after a navigation without a load, or have another name. */
  const tidy = () => [...inline.keys()].filter((element) => !element.isConnected || !isOurs(element)).forEach(empty);
  /** @type {Set<HTMLElement>} Elements whose chat may not load yet. */
  const held = new Set();

  host.shadowRoot?.adoptedStyleSheets.push(css);
  box.lang = PANEL.language;
  launcher.firstElementChild?.classList.add("closed");
  launcher.append(make(...lines(CROSS, "opened")));
  const bubble = make("div", { class: "teaser", role: "status", dir: "auto" });
  const larger = button(texts.larger, LARGER, () => resize(!box.hasAttribute("data-large")));
  larger.classList.add("larger");
  const close = button(texts.close, CROSS, () => panel.close());
  const bar = make(
    "div",
    { class: "bar" },
    make("h2", { class: "title", id: "title", dir: "auto" }, title),
    larger,
    close,
  );
  const shell = content(widget, () => prewarm());
  const panel = make("dialog", { class: "panel", "aria-labelledby": "title" }, bar, shell.body);
  box.prepend(panel, bubble);
  leaveBody(host);

  /** @type {Promise<Chat | undefined> | undefined} */
  let chat;

  /** @type {Place} */
  const place = {
    widget,
    store,
    body: shell.body,
    isOpen: () => panel.open,
    close: () => panel.close(),
    answered() {
      if (!panel.open) {
        count(widget.unread + 1);
      }
    },
    fail(problem, words) {
      chat?.then((old) => old?.remove());
      chat = undefined;
      shell.fail(problem, words);
    },
    filled: shell.filled,
  };
  const look = () => `${options.theme} ${options.locale}`;
  let looked = look();
  let isAllowed = false;
  /** Whether the page lets anything of the chat load. It is asked each time, until it does. */
  const mayLoad = () => (isAllowed ||= widget.emit("before-load"));
  const prewarm = async () => (mayLoad() ? (chat ??= begin(place)) : undefined);

  /** @param {number} unread responses that nobody has seen */
  const count = (unread) => {
    if (unread !== widget.unread) {
      widget.unread = unread;
      widget.emit("unread", { count: unread });
      box.toggleAttribute("data-unread", badge && unread > 0);
      launcher.title = launcher.ariaLabel = unread
        ? `${settings.label} (${texts.new.replace("{count}", `${unread}`)})`
        : settings.label;
    }
  };

  /** @param {boolean} large */
  const resize = (large) => {
    box.toggleAttribute("data-large", large);
    larger.ariaPressed = `${large}`;
    store.write({ large });
  };

  const dismiss = () => {
    bubble.replaceChildren();
    if (teaser) {
      store.write({ dismissed: true });
    }
  };

  panel.onclick = ({ target }) => {
    // What lies behind a popup counts as the popup itself.
    if (target === panel) {
      panel.close();
    }
  };
  panel.onclose = () => {
    // Browsers tell of it later, when it may be open again, maybe otherwise.
    still((isModal = panel.matches(":modal")));
    if (panel.open) {
      return;
    }
    const { activeElement, body } = document;
    widget.open = false;
    launcher.ariaExpanded = "false";
    tab.write({ open: false });
    if (!activeElement || activeElement === body || activeElement === host) {
      launcher.focus();
    }
    chat?.then((filled) => filled?.closed?.());
    widget.emit("closed");
  };
  box.onkeydown = (/** @type {KeyboardEvent} */ event) => {
    if (event.key === "Escape" && panel.open) {
      // It closes one thing, and not what lies below as well.
      event.preventDefault();
      event.stopPropagation();
      panel.close();
    }
  };
  let isModal = false;
  /** Lifts the panel over all else, which also makes it usable where everything else is inert. */
  const lift = () => {
    panel.open = false;
    panel.showModal();
    isModal = true;
    still(true);
  };
  /** Whether something of the page keeps the panel from being seen or used: a dialog, a popover, what fills the screen. */
  const isCovered = () => {
    const wasOpen = panel.open;
    panel.open = true;
    const { left, top, width, height } = panel.getBoundingClientRect();
    const there = document.elementFromPoint(left + width / 2, top + height / 2);
    panel.open = wasOpen;
    return there !== null && there !== host;
  };
  /** Dialogs of libraries bring the focus back when it leaves them: let them not know. @param {FocusEvent} event */
  const keepFocus = (event) => {
    if (isModal && (event.target === host || event.relatedTarget === host)) {
      event.stopImmediatePropagation();
    }
  };
  addEventListener("focusin", keepFocus, true);
  addEventListener("focusout", keepFocus, true);
  // The keyboard of a phone covers what `dvh` still counts. Two fingers that zoom make less visible, but leave no less room.
  const view = window.visualViewport;
  const fit = () =>
    panel.style.setProperty("--visible", `${view ? Math.round(view.height * view.scale) : innerHeight}px`);
  view?.addEventListener("resize", fit);
  fit();
  resize(Boolean(store.read().large));

  return {
    prewarm,
    open(source = "api", quietly = false) {
      if (panel.open && !quietly && isCovered()) {
        lift();
      }
      if (panel.open || !widget.emit("before-open", { source }) || !mayLoad()) {
        return;
      }
      const isSmall = matchMedia(SMALL).matches;
      if (quietly && isSmall) {
        return;
      }
      if (quietly) {
        panel.open = true;
      } else if (options.mode === "popup" || isSmall || isCovered()) {
        lift();
      } else {
        panel.show();
      }
      widget.open = true;
      launcher.ariaExpanded = "true";
      tab.write({ open: true });
      dismiss();
      count(0);
      prewarm().then((filled) => filled?.opened(!quietly));
      widget.emit("opened", { source });
    },
    close: () => panel.close(),
    toggle(source) {
      if (panel.open) {
        panel.close();
      } else {
        this.open(source);
      }
    },
    sendMessage: (text) => call("sendMessage", text),
    setInput: (text) => call("setInput", text),
    newThread: () => call("newThread"),
    // One that is gone meanwhile has nobody to tell.
    identify: (identity) => void chat?.then((filled) => filled?.call("identify", identity)).catch(() => {}),
    async reset() {
      widget.identity = undefined;
      store.clear();
      tab.clear();
      count(0);
      tidy();
      // What is not there, or is gone meanwhile, holds nothing.
      await Promise.allSettled([await chat, ...inline.values()].map((each) => each?.call("reset")));
    },
    settle() {
      if (look() !== looked) {
        looked = look();
        chat?.then((filled) => filled?.settle());
        inline.forEach((each) => each?.settle());
      }
      // Somebody took the panel out of the page, and the loader put it back.
      if (isModal && !panel.matches(":modal")) {
        lift();
      }
      tidy();
    },
    load() {
      prewarm();
      // Those that may still not load are held again.
      const all = [...held];
      held.clear();
      all.filter(({ isConnected }) => isConnected).forEach((element) => this.mount(element));
    },
    invite() {
      if (!teaser || panel.open || store.read().dismissed) {
        return;
      }
      const text = make("button", { class: "text", type: "button" }, teaser);
      text.onclick = () => this.open("teaser");
      const no = button(texts.dismiss, CROSS, () => {
        dismiss();
        launcher.focus();
      });
      bubble.replaceChildren(text, no);
      widget.emit("teaser-shown");
    },
    mount(element) {
      tidy();
      if (inline.has(element) || !isOurs(element)) {
        return;
      }
      if (!mayLoad()) {
        held.add(element);
        return;
      }
      inline.set(element, undefined);
      // One that was destroyed has a root already.
      const root = element.shadowRoot ?? element.attachShadow({ mode: "open" });
      const around = make("div", { class: "box" });
      root.adoptedStyleSheets = [widget.looks, css];
      root.replaceChildren(around);
      around.dataset.scheme = options.theme ?? settings.scheme;
      around.lang = PANEL.language;
      const fill = async () => {
        const made = await begin(own);
        if (inline.has(element)) {
          inline.set(element, made);
        } else {
          made?.remove();
        }
      };
      const inside = content(widget, fill);
      around.append(inside.body);
      /** @type {Place} */
      const own = {
        ...place,
        body: inside.body,
        isOpen: () => true,
        close: undefined,
        answered() {},
        fail(problem, words) {
          inline.get(element)?.remove();
          inline.set(element, undefined);
          inside.fail(problem, words);
        },
        filled: inside.filled,
      };
      fill();
    },
    destroy() {
      chat?.then((filled) => filled?.remove());
      [...inline.keys()].forEach(empty);
      still(false);
      removeEventListener("focusin", keepFocus, true);
      removeEventListener("focusout", keepFocus, true);
      view?.removeEventListener("resize", fit);
      widget.panel = undefined;
    },
  };

  /** @param {string} method @param {unknown} [argument] */
  async function call(method, argument) {
    const filled = await prewarm();
    if (!filled) {
      throw new Error(`${method}: there is no chat`);
    }
    return filled.call(method, argument);
  }
}

/**
 * Puts a chat into its place.
 *
 * @param {Place} place
 * @returns {Promise<Chat | undefined>}
 */
async function begin(place) {
  try {
    if (place.widget.options.mode === "direct") {
      return await (await load(DIRECT)).direct(place);
    }
    return frame(place);
  } catch (error) {
    place.fail(error);
    return undefined;
  }
}

/**
 * An outline of the chat, and the words for when there is none.
 *
 * @param {Widget} widget
 * @param {() => void} retry
 */
function content({ settings: { page } }, retry) {
  const { fallback, texts } = PANEL;
  const outline = make("div", { class: "skeleton", role: "status" }, make("span", { class: "hidden" }, texts.loading));
  outline.append(...["i", "i", "i", "b"].map((tag) => document.createElement(tag)));
  const reason = make("p", { dir: "auto" });
  const again = make("button", { class: "again", type: "button" }, texts.retry);
  const { label, url } = fallback ?? { label: texts.as_page, url: page };
  const heading = make("h3", { dir: "auto" }, texts.failed);
  const failure = make(
    "div",
    { class: "failure", role: "alert" },
    heading,
    reason,
    again,
    make("a", { href: url }, label),
  );
  const body = make("div", { class: "body" }, outline);
  again.onclick = () => {
    failure.replaceWith(outline);
    retry();
  };
  return {
    body,
    /**
     * @param {unknown} problem For the owner of the page.
     * @param {string} words For the visitor, if the owner has been told already.
     */
    fail(problem, words = "") {
      if (!words) {
        console.error("chatkit-embed:", problem);
      }
      reason.textContent = words || texts.other;
      outline.remove();
      body.append(failure);
    },
    filled() {
      outline.remove();
      failure.remove();
    },
  };
}
