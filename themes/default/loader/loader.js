/**
 * What a host page runs. Nothing but this file is fetched until a visitor shows intent.
 *
 * The build puts it into a function of its own, with the settings of one widget. So one request brings
 * everything, and nothing here is visible to the host page but `ChatWidget` and `<chatkit-widget>`.
 */

/** @import { Options, Panel } from "./types.js" */
/** @import { Widget } from "./widget.js" */

import { create } from "./widget.js";

/** Key on `window` of the widgets of all loaders on the page, whichever site they come from. */
const WIDGETS = Symbol.for("chatkit-embed.widgets");

/** What `ChatWidget` can be asked to do. Those before `open` take an argument. */
const METHODS =
  "update identify sendMessage setInput open close toggle show hide newThread load reset destroy get ready on off".split(
    " ",
  );

const global = /** @type {any} */ (window);
/** @type {Map<string, Widget> & { waiting: (() => void)[] }} */
const widgets = (global[WIDGETS] ??= install());

/** Makes this loader's widget, or lets the one that is there already go on. */
function begin() {
  const { name } = SETTINGS;
  const options = tagOptions();
  const known = widgets.get(name);
  if (known) {
    if (!options.launcher && !options.mode) {
      delete known.options.launcher;
    }
    known.settle();
    return;
  }
  const widget = create(SETTINGS, LAUNCHER_CSS, options);
  const { open = `${SETTINGS.open || widget.kept("sessionStorage").open}`, load } = options;
  widgets.set(name, widget);
  document
    .querySelectorAll(`chatkit-widget[name="${name}"]`)
    .forEach((element) => /** @type {any} */ (element).connectedCallback?.());
  if (!/false|undefined/.test(open)) {
    widget.use((panel) => panel.open("load", true));
  } else if (load === "eager") {
    widget.prewarm();
  } else if (load === "idle") {
    (window.requestIdleCallback ?? setTimeout)(widget.prewarm);
  }
  followHash();
  widgets.waiting.splice(0).forEach((retry) => retry());
}

/** What the tag says that runs this, or could: optimisers and tag managers run scripts without telling which. */
function tagOptions() {
  const address = SETTINGS.page.replace(/\/$/, ".js");
  const tags = document.currentScript
    ? [/** @type {HTMLElement} */ (document.currentScript)]
    : [...document.scripts].filter(({ src }) => src.split(/[?#]/)[0] === address);
  /** @type {Options} */
  const options = Object.assign({}, ...tags.map(({ dataset }) => dataset));
  if (tags.some(({ dataset }) => !dataset.launcher)) {
    delete options.launcher;
  }
  return options;
}

/**
 * A widget by its name, or the first.
 *
 * @param {string | null} [name]
 */
function find(name) {
  return name ? widgets.get(name) : widgets.values().next().value;
}

/** Opens what `#chat=<widget>` names. */
function followHash() {
  const [hash, name] = location.hash.split("=");
  if (hash === "#chat") {
    find(name)?.use((panel) => panel.open("hash"));
  }
}

/** `<chatkit-widget name="…">`, which is filled once it is seen. */
class Inline extends HTMLElement {
  static observedAttributes = ["name"];

  connectedCallback() {
    new IntersectionObserver(([{ isIntersecting }], observer) => {
      if (isIntersecting) {
        observer.disconnect();
        find(this.getAttribute("name"))?.use((panel) => panel.mount(this));
      }
    }).observe(this);
  }

  /** Frameworks name an element when it is in the page already, and rename it. */
  attributeChangedCallback() {
    // Lets go of what is in it.
    settle();
    this.connectedCallback();
  }
}

function settle() {
  widgets.forEach((widget) => widget.settle());
}

/** What all loaders of a page share: the element, the triggers, and `ChatWidget`. */
function install() {
  const listeners = {
    pointerover: follow,
    focusin: follow,
    click: follow,
    hashchange: followHash,
    DOMContentLoaded: settle,
    pageshow: settle,
    resize: settle,
  };
  Object.entries(listeners).forEach(([type, listener]) => addEventListener(type, listener, true));
  // No event of the window tells of `pushState`, and not every browser has `navigation`.
  let { href } = location;
  if (global.navigation) {
    global.navigation.addEventListener("navigatesuccess", settle);
  } else {
    setInterval(() => href !== (href = location.href) && settle(), 300);
  }

  const { ChatWidget } = global;
  /** @type {[string, ...any[]][]} */
  const queued = ChatWidget?.q ?? [];
  if (ChatWidget && !ChatWidget.q) {
    console.warn("chatkit-embed: ChatWidget is taken");
  } else {
    global.ChatWidget = Object.assign(run, { version: SETTINGS.version });
    METHODS.forEach((method) => (global.ChatWidget[method] = run.bind(null, method)));
  }
  queueMicrotask(() => {
    customElements.define("chatkit-widget", Inline);
    queued.forEach((call) => run(...call));
  });
  return Object.assign(new Map(), { waiting: [] });
}

/**
 * Does what a trigger asks for, when it is clicked; before that, shows intent.
 *
 * @param {any} event
 */
function follow(event) {
  const target = event
    .composedPath()[0]
    .closest?.("[data-chat-open],[data-chat-toggle],[data-chat-close],[data-chat-prompt]");
  const { chatOpen, chatToggle, chatClose, chatPrompt } = target?.dataset ?? {};
  const widget = target && find(chatOpen || chatToggle || chatClose);
  if (!widget) {
    return;
  }
  if (event.type !== "click") {
    widget.prewarm();
  } else if (!event.metaKey && !event.ctrlKey && !event.shiftKey) {
    event.preventDefault();
    widget.answer((/** @type {Panel} */ panel) => {
      panel[chatClose != null ? "close" : chatToggle != null ? "toggle" : "open"](
        target === widget.launcher ? "launcher" : "trigger",
      );
      if (chatPrompt && widget.open) {
        // A sanitizer lets `data-` attributes of strangers through. What they write, the visitor sends.
        panel[widget.options.prompts === "send" ? "sendMessage" : "setInput"](chatPrompt).catch(() => {});
      }
    });
  }
}

/**
 * `ChatWidget(method, …)`. For a widget that is not there yet, it waits.
 *
 * @param {string} method
 * @param {any[]} args The name of a widget stands last, and may be absent.
 * @returns {any}
 */
function run(method, ...args) {
  if (method === "on") {
    addEventListener(`chat:${args[0]}`, args[1]);
    return () => run("off", ...args);
  }
  if (method === "off") {
    return removeEventListener(`chat:${args[0]}`, args[1]);
  }
  const [argument, name] = METHODS.indexOf(method) < 4 ? args : [undefined, args[0]];
  const widget = find(name);
  if (!widget) {
    return new Promise((resolve) => widgets.waiting.push(() => resolve(run(method, ...args))));
  }
  if (method === "destroy") {
    widgets.delete(widget.settings.name);
    widget.tell((panel) => panel.destroy());
    return widget.remove();
  }
  const { [method]: call } = widget.calls;
  return call ? call(argument) : widget.load().then((panel) => /** @type {any} */ (panel)[method](argument));
}

begin();
