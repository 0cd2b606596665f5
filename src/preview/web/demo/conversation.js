/** What goes on between visitor and demo: the open thread, messages that are sent, answers that arrive. */

/** @import { Message, Thread, Threads } from "./threads.js" */
/** @import { Words } from "./words.js" */

import { stream } from "./reply.js";

/**
 * @typedef {object} Around
 * @property {Threads} threads
 * @property {() => Words} words
 * @property {() => Promise<unknown>} authenticate Rejects if there is no session any more.
 * @property {() => void} changed Something that is drawn has changed.
 * @property {(type: string, detail?: unknown) => void} emit An event of ChatKit's.
 */

/** @typedef {ReturnType<typeof createConversation>} Conversation */

/**
 * One function of over 60 lines: its methods call each other through the object that they make, and none has 40.
 *
 * @param {Around} around
 */
export function createConversation({ threads, words, authenticate, changed, emit }) {
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  /** @type {AbortController | null} */
  let answering = null;

  const conversation = {
    /** @type {Thread | null} None is the start screen. */
    thread: null,
    /** @type {string} Why no method can be served just now. */
    busy: "",
    /** @type {Message | null} What arrives just now. */
    arriving: null,

    /** @param {string} text */
    async send(text) {
      if (!conversation.thread) {
        conversation.thread = threads.begin(text);
        emit("thread.change", { threadId: conversation.thread.id });
      }
      threads.add(conversation.thread, { from: "visitor", text });
      await answer(text);
    },

    /** Asks once more for the last answer. */
    async retry() {
      const { thread } = conversation;
      const question = thread?.messages.findLast(({ from }) => from === "visitor");
      if (thread && question && !answering) {
        thread.messages.splice(thread.messages.indexOf(question) + 1);
        await answer(question.text);
      }
    },

    stop: () => answering?.abort(),

    /** Shows a thread, or the start screen. @param {string | null} id */
    async open(id) {
      answering?.abort();
      if (id === null) {
        conversation.thread = null;
        emit("thread.change", { threadId: null });
        changed();
        return;
      }
      emit("thread.change", { threadId: id });
      await conversation.load(id);
    },

    /** @param {string} id */
    async load(id) {
      conversation.busy = "loading a thread";
      emit("thread.load.start", { threadId: id });
      await Promise.resolve();
      conversation.busy = "";
      const thread = threads.get(id);
      if (!thread) {
        emit("error", { error: new Error(`Thread with id '${id}' not found.`) });
        return;
      }
      if (!thread.messages.length) {
        threads.add(thread, { from: "assistant", text: words().earlier.replace("$", () => id) });
      }
      conversation.thread = thread;
      emit("thread.load.end", { threadId: id });
      changed();
    },

    /** @param {string} id */
    remove(id) {
      threads.remove(id);
      if (conversation.thread?.id === id) {
        conversation.open(null);
      }
      changed();
    },
  };

  /** @param {string} text */
  async function answer(text) {
    const { thread } = conversation;
    if (!thread) {
      return;
    }
    const { echo, answer, failed } = words();
    const control = (answering = new AbortController());
    conversation.busy = "streaming a response";
    const message = threads.add(thread, { from: "assistant", text: "" });
    conversation.arriving = message;
    emit("response.start");
    changed();
    try {
      await authenticate();
      const whole = `${echo.replace("$", () => text)}\n\n${answer}`;
      for await (const arrived of stream(whole, { still: still.matches, signal: control.signal })) {
        message.text = arrived;
        changed();
      }
    } catch (error) {
      message.text = failed;
      message.failed = true;
      emit("error", { error });
    }
    if (!message.text) {
      thread.messages.splice(thread.messages.indexOf(message), 1);
    }
    threads.keep();
    conversation.busy = "";
    conversation.arriving = answering = null;
    changed();
    emit("response.end");
  }

  return conversation;
}
