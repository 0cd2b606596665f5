/** The whole chat in a shadow root: what it shows, and what its buttons do. */

/** @import { ChatKitOptions } from "@openai/chatkit" */
/** @import { Conversation } from "./conversation.js" */
/** @import { Message, Thread, Threads } from "./threads.js" */

import { createComposer } from "./composer.js";
import { make } from "../shared/dom.js";
import { createHeader } from "./header.js";
import { createHistory } from "./history.js";
import { createMessages } from "./messages.js";
import { properties, written } from "./theme.js";
import { directionOf, spoken, wordsOf } from "./words.js";

/** What the visitor does in the chat must not reach the page's listeners: the real one is a frame of another site. */
const OWN = [
  "keydown",
  "keypress",
  "keyup",
  "input",
  "change",
  "click",
  "pointerdown",
  "pointerup",
  "mousedown",
  "mouseup",
  "focusin",
  "focusout",
];

/** Milliseconds that a note stays. */
const NOTE = 4000;

/**
 * @typedef {object} Around
 * @property {Threads} threads
 * @property {Conversation} conversation
 * @property {(type: string, detail?: unknown) => void} emit
 * @property {(text: string) => void} typed
 */

/** The chat: its parts draw what is here, and call what is here. Handlers of buttons are arrows, as they are passed on. */
export class View {
  /** @type {Partial<ChatKitOptions>} */
  options = {};
  words = wordsOf("en");
  isReady = false;
  isHistoryOpen = false;
  note = "";
  /** @type {string | null} */
  tool = null;
  /** @type {string | null} */
  model = null;
  #looks = new CSSStyleSheet();
  #chat = make("section", { class: "chat" });
  #drawing = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #noted;
  #emit;
  #typed;

  /**
   * @param {HTMLElement} host
   * @param {string} css
   * @param {Around} around
   */
  constructor(host, css, { threads, conversation, emit, typed }) {
    this.threads = threads;
    this.conversation = conversation;
    this.#emit = emit;
    this.#typed = typed;
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    const root = host.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [sheet, this.#looks];
    root.append(this.#chat);
    OWN.forEach((type) => root.addEventListener(type, (event) => event.stopPropagation()));
    this.header = createHeader(this);
    this.messages = createMessages(this);
    this.history = createHistory(this);
    this.composer = createComposer(this);
    const places = [this.messages, this.composer, this.history].map(({ place }) => place);
    this.#chat.append(this.header.bar, make("div", { class: "body" }, ...places));
  }

  /** @param {string} text */
  typed(text) {
    this.#typed(text);
    this.draw();
  }

  /** @param {string} text */
  send(text) {
    if (this.isReady && !this.conversation.busy) {
      this.isHistoryOpen = false;
      const tool = this.options.composer?.tools?.find(({ id }) => id === this.tool);
      if (tool && !tool.persistent) {
        this.chooseTool(null);
      }
      this.conversation.send(text);
    }
  }

  stop = () => this.conversation.stop();
  retry = () => void this.conversation.retry();
  newThread = () => {
    this.isHistoryOpen = false;
    this.conversation.open(null);
    this.focus();
  };

  /** @param {string} id */
  openThread(id) {
    this.toggleHistory();
    this.conversation.open(id);
  }

  toggleHistory = () => {
    this.isHistoryOpen = !this.isHistoryOpen;
    this.#emit(this.isHistoryOpen ? "history.open" : "history.close");
    this.#drawNow();
    if (this.isHistoryOpen) {
      this.history.focus();
    } else {
      /** @type {HTMLElement | null} */ (this.header.bar.querySelector('[data-key="history"]'))?.focus();
    }
  };

  /** @param {Thread} thread @param {string} title */
  rename(thread, title) {
    thread.title = title;
    this.threads.keep();
    this.draw();
  }

  /** @param {string} id */
  remove(id) {
    this.conversation.remove(id);
  }

  /** @param {Message} message @param {"good" | "bad"} rating */
  rate(message, rating) {
    message.rating = message.rating === rating ? undefined : rating;
    this.threads.keep();
    this.draw();
  }

  /** @param {string} text */
  copy(text) {
    navigator.clipboard?.writeText(text).then(
      () => this.say(this.words.copied),
      () => {},
    );
  }

  /** @param {string | null} id */
  chooseTool(id) {
    this.tool = this.tool === id ? null : id;
    this.#emit("tool.change", { toolId: this.tool });
    this.draw();
  }

  /** @param {string} id */
  chooseModel(id) {
    this.model = id;
    this.draw();
  }

  /** @param {string} note */
  say(note) {
    this.note = note;
    this.draw();
    clearTimeout(this.#noted);
    if (note) {
      this.#noted = setTimeout(() => this.say(""), NOTE);
    }
  }

  /** Several changes of one moment are one drawing. */
  draw() {
    this.#drawing ||= requestAnimationFrame(() => this.#drawNow());
  }

  /** @param {ChatKitOptions} options */
  dress(options) {
    const locale = options.locale ?? navigator.language;
    this.options = options;
    this.words = wordsOf(locale);
    this.#chat.dir = directionOf(locale);
    this.#chat.lang = spoken(locale);
    const theme = written(options.theme);
    const declarations = Object.entries(properties(theme)).map(([name, value]) => `${name}: ${value};`);
    this.#looks.replaceSync(`.chat { ${declarations.join(" ")} }`);
    this.#chat.setAttribute("aria-label", options.frameTitle ?? "Chat");
    this.#chat.dataset.scheme = theme.colorScheme ?? "light";
    this.#chat.dataset.accent = `${theme.color?.accent?.level ?? "none"}`;
    // At once: who changes options wants to see them in the next frame.
    this.#drawNow();
  }

  focus() {
    this.composer.text.focus();
  }

  /** @param {string} text */
  type(text) {
    this.composer.text.value = text;
    this.draw();
  }

  #drawNow() {
    cancelAnimationFrame(this.#drawing);
    this.#drawing = 0;
    this.#chat.ariaBusy = `${!this.isReady}`;
    for (const part of [this.header, this.messages, this.composer, this.history]) {
      part.draw();
    }
    // Nobody can reach what lies under the history.
    this.messages.place.inert = this.composer.place.inert = this.isHistoryOpen;
  }
}
