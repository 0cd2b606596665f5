/** The conversations of this tab. */

/**
 * @typedef {{ id: string, from: "visitor" | "assistant", text: string, failed?: boolean, rating?: "good" | "bad" }} Message
 * @typedef {{ id: string, title: string, messages: Message[] }} Thread
 */

/** Begins the names of our own threads. */
const OURS = "demo_";

/** Letters of a message that become the thread's title. */
const TITLE = 48;

/** @typedef {ReturnType<typeof createThreads>} Threads */

/**
 * @param {string} key Where they are kept.
 * @param {() => Storage} area Throws where a browser refuses storage: then they live as long as the page.
 */
export function createThreads(key, area = () => sessionStorage) {
  /** @type {Thread[]} The newest first. */
  let threads = [];
  try {
    threads = JSON.parse(area().getItem(key) ?? "[]");
  } catch {}

  const keep = () => {
    try {
      area().setItem(key, JSON.stringify(threads));
    } catch {}
  };

  return {
    list: () => threads,
    /**
     * A thread, or undefined if it is one of ours and gone. Any other stands for one at the back end, of which only
     * the name is known.
     *
     * @param {string} id
     * @returns {Thread | undefined}
     */
    get(id) {
      const known = threads.find((thread) => thread.id === id);
      return known ?? (id.startsWith(OURS) ? undefined : { id, title: id, messages: [] });
    },
    /** @param {string} text What the visitor began with. @returns {Thread} */
    begin(text) {
      const line = text.trim().split("\n")[0];
      const title = line.length > TITLE ? `${line.slice(0, TITLE - 1).trimEnd()}…` : line;
      const thread = { id: OURS + unique(), title, messages: [] };
      threads = [thread, ...threads];
      keep();
      return thread;
    },
    /** @param {Thread} thread @param {Omit<Message, "id">} message @returns {Message} */
    add(thread, message) {
      const added = { id: unique(), ...message };
      thread.messages.push(added);
      if (!threads.includes(thread)) {
        threads = [thread, ...threads];
      }
      keep();
      return added;
    },
    /** Something of a thread or a message was changed. */
    keep,
    /** @param {string} id */
    remove(id) {
      threads = threads.filter((thread) => thread.id !== id);
      keep();
    },
    clear() {
      threads = [];
      keep();
    },
  };
}

/** `crypto.randomUUID` is hidden from pages that are no secure context. */
function unique() {
  return [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
