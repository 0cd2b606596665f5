/** What comes with the first sign of intent: panel, teaser, and chats in the page. */

/** @import { Chat, Drawing, Panel, Place, Store, Stored, Widget } from "../../loader/types.js" */

import { make, sheet } from "../../loader/dom.js";
import { frame } from "./frame.js";
import { keep } from "./store.js";

/** Where a panel takes the whole screen. The style sheet has the same. */
const SMALL = "(max-width: 480px), (max-height: 480px)";

const css = sheet(PANEL_CSS);

/** @param {string} d @param {string} [name] @returns {Drawing} */
const lines = (d, name = "") => ["svg", { class: `icon ${name}`, viewBox: "0 0 24 24", "aria-hidden": "true" }, ["path", { d }]];

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
  const { settings, options, box, launcher } = widget;
  const { title, teaser, badge, texts } = PANEL;
  /** @type {Store<Stored>} */
  const store = keep("localStorage", widget.key);
  /** @type {Store<Stored>} */
  const tab = keep("sessionStorage", widget.key);
  /** @type {Map<HTMLElement, Chat | undefined>} In the page, beside the panel. */
  const inline = new Map();
  /** Chats whose elements are no longer in the page, as after a navigation without a load, go. */
  const tidy = () =>
    inline.forEach((filled, element) => {
      if (!element.isConnected) {
        inline.delete(element);
        filled?.remove();
      }
    });
  /** @type {Set<HTMLElement>} Elements whose chat may not load yet. */
  const held = new Set();

  widget.host.shadowRoot?.adoptedStyleSheets.push(css);
  box.lang = PANEL.language;
  launcher.firstElementChild?.classList.add("closed");
  launcher.append(make(...lines(CROSS, "opened")));
  const bubble = make("div", { class: "teaser", role: "status", dir: "auto" });
  const larger = button(texts.larger, LARGER, () => resize(!box.hasAttribute("data-large")));
  larger.classList.add("larger");
  const close = button(texts.close, CROSS, () => panel.close());
  const bar = make("div", { class: "bar" }, make("h2", { class: "title", id: "title", dir: "auto" }, title), larger, close);
  const shell = content(widget, () => prewarm());
  const panel = make("dialog", { class: "panel", "aria-labelledby": "title" }, bar, shell.body);
  box.prepend(panel, bubble);

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
  const mayLoad = () => (isAllowed ||= widget.emit("before-load", {}, true));
  const prewarm = async () => (mayLoad() ? (chat ??= begin(place)) : undefined);

  /** @param {number} unread responses that nobody has seen */
  const count = (unread) => {
    if (unread !== widget.unread) {
      widget.unread = unread;
      widget.emit("unread", { count: unread });
      box.toggleAttribute("data-unread", badge && unread > 0);
      launcher.title = launcher.ariaLabel = unread ? `${settings.label} (${texts.new.replace("{count}", `${unread}`)})` : settings.label;
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
    // Browsers tell of it later, when it may be open again.
    if (panel.open) {
      return;
    }
    const { activeElement, body } = document;
    widget.open = false;
    launcher.ariaExpanded = "false";
    tab.write({ open: false });
    if (!activeElement || activeElement === body || activeElement === widget.host) {
      launcher.focus();
    }
    chat?.then((filled) => filled?.closed?.());
    widget.emit("closed");
  };
  box.onkeydown = ({ key }) => {
    if (key === "Escape" && panel.open) {
      panel.close();
    }
  };
  // The keyboard of a phone covers what `dvh` still counts.
  const view = window.visualViewport;
  const fit = () => panel.style.setProperty("--visible", `${view?.height ?? innerHeight}px`);
  view?.addEventListener("resize", fit);
  fit();
  resize(Boolean(store.read().large));

  return {
    prewarm,
    open(source = "api", quietly = false) {
      if (panel.open || !widget.emit("before-open", { source }, true) || !mayLoad()) {
        return;
      }
      const isSmall = matchMedia(SMALL).matches;
      if (quietly && isSmall) {
        return;
      }
      if (quietly) {
        panel.open = true;
      } else if (options.mode === "popup" || isSmall) {
        panel.showModal();
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
      if (inline.has(element)) {
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
      inline.forEach((filled, { shadowRoot }) => {
        filled?.remove();
        if (shadowRoot) {
          // It stays for ever, and shows what is in the element itself.
          shadowRoot.adoptedStyleSheets = [];
          shadowRoot.replaceChildren(make("slot", {}));
        }
      });
      inline.clear();
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
      return await (await import(DIRECT)).direct(place);
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
  const failure = make("div", { class: "failure", role: "alert" }, heading, reason, again, make("a", { href: url }, label));
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
