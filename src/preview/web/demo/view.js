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

/** @typedef {ReturnType<typeof createView>} View */

/**
 * @param {HTMLElement} host
 * @param {string} css
 * @param {object} around
 * @param {Threads} around.threads
 * @param {Conversation} around.conversation
 * @param {(type: string, detail?: unknown) => void} around.emit
 * @param {(text: string) => void} around.typed
 */
export function createView(host, css, { threads, conversation, emit, typed }) {
  const sheet = new CSSStyleSheet();
  const looks = new CSSStyleSheet();
  sheet.replaceSync(css);
  const root = host.attachShadow({ mode: "open" });
  root.adoptedStyleSheets = [sheet, looks];
  const chat = make("section", { class: "chat" });
  root.append(chat);
  OWN.forEach((type) => root.addEventListener(type, (event) => event.stopPropagation()));
  let drawing = 0;
  /** @type {ReturnType<typeof setTimeout>} */
  let noted;

  const view = {
    threads,
    conversation,
    /** @type {Partial<ChatKitOptions>} */
    options: {},
    words: wordsOf("en"),
    isReady: false,
    isHistoryOpen: false,
    note: "",
    /** @type {string | null} */
    tool: null,
    /** @type {string | null} */
    model: null,
    typed(/** @type {string} */ text) {
      typed(text);
      view.draw();
    },
    /** @param {string} text */
    send(text) {
      if (view.isReady && !conversation.busy) {
        view.isHistoryOpen = false;
        const tool = view.options.composer?.tools?.find(({ id }) => id === view.tool);
        if (tool && !tool.persistent) {
          view.chooseTool(null);
        }
        conversation.send(text);
      }
    },
    stop: () => conversation.stop(),
    retry: () => void conversation.retry(),
    newThread() {
      view.isHistoryOpen = false;
      conversation.open(null);
      composer.text.focus();
    },
    /** @param {string} id */
    openThread(id) {
      view.toggleHistory();
      conversation.open(id);
    },
    toggleHistory() {
      view.isHistoryOpen = !view.isHistoryOpen;
      emit(view.isHistoryOpen ? "history.open" : "history.close");
      drawNow();
      if (view.isHistoryOpen) {
        history.focus();
      } else {
        /** @type {HTMLElement | null} */ (header.bar.querySelector('[data-key="history"]'))?.focus();
      }
    },
    /** @param {Thread} thread @param {string} title */
    rename(thread, title) {
      thread.title = title;
      threads.keep();
      view.draw();
    },
    /** @param {string} id */
    remove: (id) => conversation.remove(id),
    /** @param {Message} message @param {"good" | "bad"} rating */
    rate(message, rating) {
      message.rating = message.rating === rating ? undefined : rating;
      threads.keep();
      view.draw();
    },
    /** @param {string} text */
    copy(text) {
      navigator.clipboard?.writeText(text).then(
        () => view.say(view.words.copied),
        () => {},
      );
    },
    /** @param {string | null} id */
    chooseTool(id) {
      view.tool = view.tool === id ? null : id;
      emit("tool.change", { toolId: view.tool });
      view.draw();
    },
    /** @param {string} id */
    chooseModel(id) {
      view.model = id;
      view.draw();
    },
    /** @param {string} note */
    say(note) {
      view.note = note;
      view.draw();
      clearTimeout(noted);
      noted = setTimeout(() => view.say(""), note ? NOTE : 0);
      if (!note) {
        clearTimeout(noted);
      }
    },
    /** Several changes of one moment are one drawing. */
    draw() {
      drawing ||= requestAnimationFrame(drawNow);
    },
    /** @param {ChatKitOptions} options */
    dress(options) {
      const locale = options.locale ?? navigator.language;
      view.options = options;
      view.words = wordsOf(locale);
      chat.dir = directionOf(locale);
      chat.lang = spoken(locale);
      const theme = written(options.theme);
      const declarations = Object.entries(properties(theme)).map(([name, value]) => `${name}: ${value};`);
      looks.replaceSync(`.chat { ${declarations.join(" ")} }`);
      chat.setAttribute("aria-label", options.frameTitle ?? "Chat");
      chat.dataset.scheme = theme.colorScheme ?? "light";
      chat.dataset.accent = `${theme.color?.accent?.level ?? "none"}`;
      // At once: who changes options wants to see them in the next frame.
      drawNow();
    },
    focus: () => composer.text.focus(),
    /** @param {string} text */
    type(text) {
      composer.text.value = text;
      view.draw();
    },
  };

  const header = createHeader(view);
  const messages = createMessages(view);
  const history = createHistory(view);
  const composer = createComposer(view);
  const body = make("div", { class: "body" }, messages.place, composer.place, history.place);
  chat.append(header.bar, body);

  function drawNow() {
    cancelAnimationFrame(drawing);
    drawing = 0;
    chat.ariaBusy = `${!view.isReady}`;
    for (const part of [header, messages, composer, history]) {
      part.draw();
    }
    // What lies under the history can not be reached.
    messages.place.inert = composer.place.inert = view.isHistoryOpen;
  }

  return view;
}
