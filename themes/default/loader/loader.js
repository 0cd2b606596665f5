/**
 * What a host page runs. Nothing but this file is fetched until a visitor shows intent.
 *
 * The build puts it into a function of its own, with the settings of one widget. So one request brings
 * everything, and nothing here is visible to the host page but `ChatWidget` and `<chatkit-widget>`.
 */

/** @import { Options, Widget } from "./types.js" */

import { create } from "./widget.js";

/** Key on `window` of the widgets of all loaders on the page, whichever site they come from. */
const WIDGETS = Symbol.for("chatkit-embed.widgets");

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
  document.querySelectorAll(`chatkit-widget[name="${name}"]`).forEach((element) => /** @type {any} */ (element).connectedCallback?.());
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
  connectedCallback() {
    const widget = find(this.getAttribute("name"));
    if (widget) {
      new IntersectionObserver(([{ isIntersecting }], observer) => {
        if (isIntersecting) {
          observer.disconnect();
          widget.use((panel) => panel.mount(this));
        }
      }).observe(this);
    }
  }
}

/** What all loaders of a page share: the element, the triggers, and `ChatWidget`. */
function install() {
  /** @type {typeof widgets} */
  const map = Object.assign(new Map(), { waiting: [] });
  for (const type of ["pointerover", "focusin", "touchstart", "click"]) {
    addEventListener(type, follow, { capture: true, passive: type !== "click" });
  }
  addEventListener("hashchange", followHash);

  const settle = () => map.forEach((widget) => widget.settle());
  for (const type of ["popstate", "pageshow", "resize", "turbo:load", "astro:page-load"]) {
    addEventListener(type, settle);
  }
  // Tells of `pushState`, which no event of the window does.
  global.navigation?.addEventListener("navigatesuccess", settle);

  /** @type {[string, ...any[]][]} */
  const queued = global.ChatWidget?.q ?? [];
  global.ChatWidget = new Proxy(run, {
    get: (_, method) =>
      method === "version" ? SETTINGS.version : (/** @type {any[]} */ ...args) => run(/** @type {string} */ (method), ...args),
  });
  queueMicrotask(() => {
    customElements.define("chatkit-widget", Inline);
    queued.forEach(([method, ...args]) => run(method, ...args));
  });
  return map;
}

/**
 * Does what a trigger asks for, when it is clicked; before that, shows intent.
 *
 * @param {any} event
 */
function follow(event) {
  const target = event.composedPath()[0].closest?.("[data-chat-open],[data-chat-toggle],[data-chat-close],[data-chat-prompt]");
  const { chatOpen, chatToggle, chatClose, chatPrompt } = target?.dataset ?? {};
  const widget = target && find(chatOpen || chatToggle || chatClose);
  if (!widget) {
    return;
  }
  if (event.type !== "click") {
    widget.prewarm();
  } else if (!event.metaKey && !event.ctrlKey && !event.shiftKey) {
    const { box, launcher } = widget;
    event.preventDefault();
    // What the panel will look like, until it is there.
    chatClose ?? (box.dataset.waits = "");
    widget
      .load()
      .then(
        (/** @type {import("./types.js").Panel} */ panel) => {
          panel[chatClose != null ? "close" : chatToggle != null ? "toggle" : "open"](target === launcher ? "launcher" : "trigger");
          if (chatPrompt && widget.open) {
            panel.sendMessage(chatPrompt).catch(() => {});
          }
        },
        // Without its panel, the chat is still a page.
        () => open(widget.settings.page, "_blank", "noopener"),
      )
      .finally(() => delete box.dataset.waits);
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
  const [argument, name] = /^(update|identify|sendMessage|setInput)$/.test(method) ? args : [undefined, args[0]];
  const widget = find(name);
  if (!widget) {
    return new Promise((resolve) => widgets.waiting.push(() => resolve(run(method, ...args))));
  }
  switch (method) {
    case "show":
    case "hide":
      widget.wanted = method === "show";
      return widget.settle();
    case "update":
      Object.assign(widget.options, argument);
      return widget.settle();
    case "identify":
      widget.identity = argument;
      if (widget.panel) {
        widget.use((panel) => panel.identify(argument));
      }
      return;
    case "get":
    case "ready":
      return method === "get" ? widget.get() : Promise.resolve(widget.get());
    case "destroy":
      widgets.delete(widget.settings.name);
      if (widget.panel) {
        widget.use((panel) => panel.destroy());
      }
      return widget.remove();
  }
  return widget.load().then((panel) => /** @type {any} */ (panel)[method](argument));
}

begin();
