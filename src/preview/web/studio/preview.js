/** The stage: a host page of another origin in a frame, in the size of a phone, a tablet or a desktop. */

import { make } from "../shared/dom.js";
import { byId } from "./page.js";
import { icon } from "./icons.js";

/**
 * @typedef {object} View how the widget is shown
 * @property {string} mode
 * @property {string} size
 * @property {string} scheme
 * @property {string} dir
 * @property {string} host
 */

/** Width and height in CSS pixels; a desktop fills what there is, and is at least so wide. @type {Record<string, [number, number]>} */
const SIZES = { phone: [390, 844], tablet: [820, 1180], desktop: [1180, 0] };

/** @type {{ key: keyof View, label: string, options: [value: string, label: string, icon: string][] }[]} */
const CHOICES = [
  {
    key: "mode",
    label: "Snippet",
    options: [
      ["bubble", "Bubble", "bubble"],
      ["inline", "Inline", "inline"],
      ["popup", "Popup", "popup"],
      ["page", "Page", "page"],
    ],
  },
  {
    key: "size",
    label: "Screen",
    options: [
      ["phone", "Phone", "phone"],
      ["tablet", "Tablet", "tablet"],
      ["desktop", "Desktop", "desktop"],
    ],
  },
  {
    key: "scheme",
    label: "Colours",
    options: [
      ["auto", "As the system", "auto"],
      ["light", "Light", "light"],
      ["dark", "Dark", "dark"],
    ],
  },
  {
    key: "dir",
    label: "Direction",
    options: [
      ["ltr", "Left to right", "ltr"],
      ["rtl", "Right to left", "rtl"],
    ],
  },
];

const KEY = "chatkit-embed:view";

/** Milliseconds after which a page that still loads is shown as it is. */
const PATIENCE = 1500;

/** Says `message` (detail: what the stage said). */
export class Preview extends EventTarget {
  #viewport = byId("viewport");
  #device = byId("device");
  #address = byId("address");
  /** @type {HTMLIFrameElement | null} */
  #frame = null;
  /** Shows what was loaded last. */
  #ready = () => {};
  #widget = "";
  #source = "";

  /** @param {{ stage: string, id: string, ownHostPage: string | null }} options */
  constructor({ stage, id, ownHostPage }) {
    super();
    this.stage = stage;
    this.id = id;
    this.ownHostPage = ownHostPage;
    const small = matchMedia("(width < 47.5em)").matches;
    /** @type {View} */
    this.view = {
      mode: "bubble",
      size: small ? "phone" : "desktop",
      scheme: "auto",
      dir: "ltr",
      host: ownHostPage ? "own" : "sample",
      ...remembered(),
    };
    if (!ownHostPage) {
      this.view.host = "sample";
    }
    this.#drawTools();
    new ResizeObserver(() => this.#fit()).observe(this.#viewport);
    window.addEventListener("message", (event) => {
      if (event.origin !== this.stage || event.source !== this.#frame?.contentWindow) {
        return;
      }
      if (event.data?.preview === "ready") {
        this.#ready();
      }
      this.dispatchEvent(new CustomEvent("message", { detail: event.data }));
    });
  }

  /** Shows a widget of the draft. The stage itself follows what changes in it. @param {string} widget */
  show(widget) {
    this.#widget = widget;
    this.#load();
  }

  /** Loads the stage anew. */
  reload() {
    this.#source = "";
    this.#load();
  }

  /** @param {string} what */
  tell(what) {
    this.#frame?.contentWindow?.postMessage({ preview: "do", what }, this.stage);
  }

  #load() {
    if (this.#widget === "") {
      return;
    }
    const { mode, dir, scheme, host } = this.view;
    const source = `${this.stage}/?${new URLSearchParams({ draft: this.id, widget: this.#widget, mode, dir, scheme, host })}`;
    this.#fit();
    if (source === this.#source) {
      return;
    }
    this.#source = source;
    this.#address.textContent =
      host === "own" && this.ownHostPage
        ? this.ownHostPage
        : mode === "page"
          ? `/w/${this.#widget}/`
          : "A page of your website";
    // A new frame, because another address in the same one would be a step of the Back button.
    const frame = make("iframe", {
      src: source,
      title: `Preview of ${this.#widget}`,
      allow: "clipboard-write; microphone",
    });
    const old = this.#frame;
    this.#frame = frame;
    this.#device.classList.add("loading");
    const show = () => {
      old?.remove();
      frame.classList.add("loaded");
    };
    // Another page takes the place of the one before it when it can be seen, so that nothing flickers.
    if (!old) {
      show();
    }
    this.#ready = show;
    const patience = setTimeout(show, PATIENCE);
    frame.addEventListener("load", () => {
      clearTimeout(patience);
      show();
      if (this.#frame === frame) {
        this.#device.classList.remove("loading");
      }
    });
    byId("screen").append(frame);
  }

  /** Scales the device so that all of it is seen. */
  #fit() {
    const [width, height] = SIZES[this.view.size] ?? SIZES.desktop;
    const { clientWidth, clientHeight } = this.#viewport;
    const [room, rise] = [clientWidth - 32, clientHeight - 32 - 34];
    if (room <= 0 || rise <= 0) {
      return;
    }
    const scale = Math.min(1, room / width, height === 0 ? 1 : rise / height);
    const [w, t] = height === 0 ? [room / scale, rise / scale] : [width, height];
    this.#device.dataset.size = this.view.size;
    for (const [name, value] of Object.entries({
      "--w": `${Math.floor(w)}px`,
      "--h": `${Math.floor(t)}px`,
      "--scale": String(scale),
    })) {
      this.#device.style.setProperty(name, value);
    }
    byId("scale").textContent = scale < 1 ? `${Math.round(scale * 100)} %` : "";
  }

  #drawTools() {
    const groups = CHOICES.map(({ key, label, options }) => this.#choice(key, label, options));
    if (this.ownHostPage) {
      groups.push(
        this.#choice("host", "Page", [
          ["sample", "Sample page", "page"],
          ["own", "Your page", "globe"],
        ]),
      );
    }
    byId("tools").replaceChildren(...groups);
  }

  /** @param {keyof View} key @param {string} label @param {[string, string, string][]} options */
  #choice(key, label, options) {
    const labels = options.map(([value, name, picture]) => {
      const input = make("input", { type: "radio", name: `view-${key}`, value });
      input.checked = this.view[key] === value;
      input.addEventListener("change", () => {
        // A tab remembers that a bubble is open, and the page that shows the widget in another way would open it as well.
        if (key === "mode") {
          this.tell("close");
        }
        this.view = { ...this.view, [key]: value };
        remember(this.view);
        this.#load();
      });
      return make(
        "label",
        { title: name },
        input,
        icon(picture),
        make("span", { class: key === "mode" ? "tool-word" : "sr" }, name),
      );
    });
    return make("fieldset", { class: `segments tools-${key}` }, make("legend", { class: "sr" }, label), ...labels);
  }
}

/** @returns {Partial<View>} */
function remembered() {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? "{}");
  } catch {
    return {};
  }
}

/** @param {View} view */
function remember(view) {
  try {
    localStorage.setItem(KEY, JSON.stringify(view));
  } catch {}
}
