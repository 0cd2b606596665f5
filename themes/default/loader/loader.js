/**
 * What a host page runs: a launcher, and the panel that it opens. Nothing but this file is fetched
 * until a visitor shows intent.
 *
 * The build puts this text into a function of its own, after it the call of `start` with one widget's
 * settings. So one request brings everything, and nothing here is visible to the host page.
 */

/**
 * @typedef {object} Settings
 * @property {string} name Name of the widget.
 * @property {string} page Address of the hosted page.
 * @property {string} title Title of the panel.
 * @property {string} label What the launcher does.
 * @property {[string, Record<string, string>][]} icon Shapes on a square of 24 by 24.
 * @property {"light" | "dark" | "auto"} scheme What the panel follows.
 * @property {boolean} atStart Whether the launcher sits where lines begin.
 * @property {number} width Of the panel, in CSS pixels.
 * @property {number} height Of the panel, in CSS pixels.
 * @property {[string, string] | null} color Of launcher and icon, or null for the theme's.
 */

/**
 * @typedef {object} Widget
 * @property {() => void} launch Shows the launcher. Does nothing the second time.
 * @property {(element: HTMLElement) => void} mount Puts the chat into a `<chatkit-widget>`.
 */

/** Key on `window` of the widgets of all loaders on the page, whichever site they come from. */
const WIDGETS = Symbol.for("chatkit-embed.widgets");

/** Value of `source` in every message between this script and the hosted page. */
const MESSAGE = "chatkit-embed";

/** Name of a panel's frame. It tells the hosted page to wait until the panel is opened. */
const PANEL = "chatkit-embed-panel";

/** What the hosted page may use, with the visitor's consent where browsers ask for it. */
const PERMISSIONS = "clipboard-read; clipboard-write; microphone";

/**
 * Makes the widget known and shows its launcher, unless the tag says `data-launcher="none"`.
 *
 * @param {Settings} settings
 * @param {string} css
 */
function start(settings, css) {
  const wantsLauncher = tags(settings).some((tag) => tag.dataset.launcher !== "none");
  const widgets = known();
  let widget = widgets.get(settings.name);
  if (!widget) {
    widget = create(settings, css);
    widgets.set(settings.name, widget);
    defineElement();
    document
      .querySelectorAll(`chatkit-widget[name="${settings.name}"]`)
      .forEach((element) => widget?.mount(/** @type {HTMLElement} */ (element)));
  }
  if (wantsLauncher) {
    whenBodyExists(widget.launch);
  }
}

/**
 * The tag that runs this, or all that could: optimisers run scripts without telling which.
 *
 * @param {Settings} settings
 * @returns {HTMLScriptElement[]}
 */
function tags(settings) {
  const { currentScript } = document;
  if (currentScript instanceof HTMLScriptElement) {
    return [currentScript];
  }
  const address = settings.page.replace(/\/$/, ".js");
  const found = [...document.scripts].filter((tag) => tag.src.split(/[?#]/)[0] === address);
  return found.length > 0 ? found : [document.createElement("script")];
}

/** @returns {Map<string, Widget>} */
function known() {
  const page = /** @type {any} */ (window);
  return (page[WIDGETS] ??= new Map());
}

/** Defines `<chatkit-widget name="…">`, once for all loaders. */
function defineElement() {
  if (customElements.get("chatkit-widget")) {
    return;
  }
  const Element = class extends HTMLElement {
    connectedCallback() {
      known().get(this.getAttribute("name") ?? "")?.mount(this);
    }
  };
  customElements.define("chatkit-widget", Element);
}

/** @param {() => void} callback */
function whenBodyExists(callback) {
  if (document.body) {
    callback();
  } else {
    addEventListener("DOMContentLoaded", callback, { once: true });
  }
}

/**
 * @param {Settings} settings
 * @param {string} css
 * @returns {Widget}
 */
function create(settings, css) {
  // A constructed sheet, because a host page's policy may forbid inline styles.
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  let launched = false;
  return {
    launch() {
      if (!launched) {
        launched = true;
        const host = document.createElement("chatkit-launcher");
        fillLauncher(attach(host, sheet, settings), settings);
        document.body.append(host);
      }
    },
    mount(element) {
      if (!element.shadowRoot) {
        const frame = chatFrame(settings);
        frame.loading = "lazy";
        attach(element, sheet, settings).append(frame);
      }
    },
  };
}

/**
 * Gives an element a shadow root with one box in it that carries the looks.
 *
 * @param {HTMLElement} element
 * @param {CSSStyleSheet} sheet
 * @param {Settings} settings
 * @returns {HTMLElement} the box
 */
function attach(element, sheet, settings) {
  const root = element.attachShadow({ mode: "open" });
  root.adoptedStyleSheets = [sheet];
  const box = make("div", { class: "box", "data-scheme": settings.scheme });
  box.toggleAttribute("data-at-start", settings.atStart);
  box.style.setProperty("--width", `${settings.width}px`);
  box.style.setProperty("--height", `${settings.height}px`);
  if (settings.color) {
    box.style.setProperty("--launcher", settings.color[0]);
    box.style.setProperty("--launcher-icon", settings.color[1]);
  }
  root.append(box);
  return box;
}

/**
 * Launcher and panel, and how they behave.
 *
 * @param {HTMLElement} box
 * @param {Settings} settings
 */
function fillLauncher(box, settings) {
  const launcher = make("button", {
    class: "launcher",
    type: "button",
    title: settings.label,
    "aria-label": settings.label,
    "aria-expanded": "false",
    "aria-haspopup": "dialog",
    "aria-controls": "panel",
  });
  launcher.append(drawing(settings.icon, "closed"), drawing(CROSS, "opened"));
  const panel = make("div", { class: "panel", id: "panel", role: "dialog", "aria-labelledby": "title" });
  panel.hidden = true;
  const bar = make("div", { class: "bar" });
  const title = make("h2", { class: "title", id: "title" });
  title.textContent = settings.title;
  const close = make("button", { class: "close", type: "button", "aria-label": "Close" });
  close.append(drawing(CROSS, "cross"));
  bar.append(title, close);
  panel.append(bar);
  box.append(panel, launcher);

  const pageOrigin = new URL(settings.page).origin;
  /** @type {HTMLIFrameElement | undefined} */
  let frame;
  let frameLoaded = false;

  /** @param {"open" | "hello"} type */
  const tell = (type) => frame?.contentWindow?.postMessage({ source: MESSAGE, type }, pageOrigin);

  const prewarm = () => {
    if (frame) {
      return;
    }
    frame = chatFrame(settings);
    frame.name = PANEL;
    frame.addEventListener("load", () => {
      frameLoaded = true;
      tell(panel.hidden ? "hello" : "open");
    });
    panel.append(frame);
  };

  /** @param {boolean} open */
  const show = (open) => {
    if (open === !panel.hidden) {
      return;
    }
    if (open) {
      prewarm();
    }
    panel.hidden = !open;
    launcher.setAttribute("aria-expanded", String(open));
    if (!open) {
      launcher.focus();
      return;
    }
    frame?.focus();
    if (frameLoaded) {
      tell("open");
    }
  };

  for (const intent of ["pointerenter", "focus", "touchstart"]) {
    launcher.addEventListener(intent, prewarm, { passive: true });
  }
  launcher.addEventListener("click", () => show(Boolean(panel.hidden)));
  close.addEventListener("click", () => show(false));
  box.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      show(false);
    }
  });
  addEventListener("message", ({ origin, source, data }) => {
    const isOurs = frame && source === frame.contentWindow && origin === pageOrigin;
    if (isOurs && data?.source === MESSAGE && data.type === "close") {
      show(false);
    }
  });
}

/**
 * The hosted page in a frame.
 *
 * @param {Settings} settings
 * @returns {HTMLIFrameElement}
 */
function chatFrame(settings) {
  return make("iframe", {
    class: "frame",
    src: settings.page,
    title: settings.title,
    allow: PERMISSIONS,
  });
}

/** @type {Settings["icon"]} */
const CROSS = [["path", { d: "M6 6l12 12M18 6L6 18" }]];

/**
 * @param {Settings["icon"]} shapes
 * @param {string} name
 * @returns {SVGSVGElement}
 */
function drawing(shapes, name) {
  const namespace = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(namespace, "svg");
  set(svg, { class: `icon icon-${name}`, viewBox: "0 0 24 24", "aria-hidden": "true" });
  for (const [tag, attributes] of shapes) {
    const shape = document.createElementNS(namespace, tag);
    set(shape, attributes);
    svg.append(shape);
  }
  return svg;
}

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, string>} attributes
 * @returns {HTMLElementTagNameMap[Tag]}
 */
function make(tag, attributes) {
  const element = document.createElement(tag);
  set(element, attributes);
  return element;
}

/**
 * @param {Element} element
 * @param {Record<string, string>} attributes
 */
function set(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    element.setAttribute(name, value);
  }
}
