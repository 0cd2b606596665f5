/**
 * ChatKit as the client of a ChatKit server: its requests, its reading of the events, and what of them it shows. It is
 * stricter than the real one, which ignores what it does not expect: here, that is an error in the console.
 */

/**
 * @typedef {{ id: string, title?: string, created_at: string, status: { type: string, reason?: string } }} Thread
 * @typedef {{ id: string, type: string, created_at: string, content?: any[], workflow?: any, widget?: any }} Item
 * @typedef {object} Surroundings
 * @property {(request: unknown, signal?: AbortSignal) => Promise<Response>} send
 * @property {(type: string, detail?: unknown) => void} emit
 * @property {() => void} draw
 */

const STREAM_ERROR = "There was an error while generating the assistant's response.";

/** The largest part of a thread in one reply. */
const PAGE_SIZE = 20;

/** @param {boolean} condition @param {string} problem */
function assertStream(condition, problem) {
  if (!condition) {
    throw new Error(`chatkit double: ${problem}`);
  }
}

export class Conversation {
  #around;
  /** @type {Thread | null} */ thread = null;
  /** In the order of their arrival, by id: the same id takes the place of what was there. @type {Map<string, Item>} */
  items = new Map();
  /** @type {string | null} */ progress = null;
  /** @type {string[]} */ notices = [];
  /** @type {{ message: string, allowRetry: boolean } | null} */ error = null;
  /** @type {Thread[] | null} */ history = null;
  /** @type {AbortController | null} The answer that comes. */ answer = null;
  canStop = false;

  /** @param {Surroundings} around */
  constructor(around) {
    this.#around = around;
  }

  /** @param {string} type @param {Record<string, unknown>} params */
  async ask(type, params) {
    const reply = await this.#around.send({ type, params, metadata: {} });
    if (!reply.ok) {
      throw new Error(`the ChatKit server replied ${reply.status}`);
    }
    assertStream(/^application\/json/.test(reply.headers.get("Content-Type") ?? ""), `${type} is answered with JSON`);
    return reply.json();
  }

  /** Shows nothing, until something is said or loaded. @param {string | null} id */
  forget(id) {
    this.stop();
    this.answer = null;
    this.items.clear();
    Object.assign(this, { thread: null, notices: [], error: null, progress: null, history: null });
    this.#around.emit("chatkit.thread.change", { threadId: id });
  }

  /** @param {string} id */
  async load(id) {
    const { items, ...thread } = await this.ask("threads.get_by_id", { thread_id: id });
    let page = items;
    const found = [...page.data];
    while (page.has_more) {
      const params = { thread_id: id, limit: PAGE_SIZE, order: "asc", after: page.after ?? found.at(-1).id };
      page = await this.ask("items.list", params);
      found.push(...page.data);
    }
    this.thread = thread;
    this.items = new Map(found.filter(isItem).map((item) => [item.id, item]));
    this.error = null;
  }

  /** @param {string} text */
  say(text) {
    const content = [{ type: "input_text", text }];
    const input = { content, attachments: [], quoted_text: "", inference_options: {} };
    return this.thread
      ? this.#turn("threads.add_user_message", { thread_id: this.thread.id, input })
      : this.#turn("threads.create", { input });
  }

  /** Asks the last question again. What followed it goes. */
  retry() {
    const questions = [...this.items.values()].filter(({ type }) => type === "user_message");
    const { id } = questions[questions.length - 1];
    const ids = [...this.items.keys()];
    ids.slice(ids.indexOf(id) + 1).forEach((later) => this.items.delete(later));
    return this.#turn("threads.retry_after_item", { thread_id: this.thread?.id, item_id: id });
  }

  /** What a widget sends. @param {{ id: string }} item @param {{ type: string, payload: object }} action */
  act({ id }, action) {
    return this.#turn("threads.custom_action", { thread_id: this.thread?.id, item_id: id, action });
  }

  stop() {
    this.answer?.abort();
  }

  async showHistory() {
    const { data } = await this.ask("threads.list", { limit: PAGE_SIZE, order: "desc" });
    this.history = data;
    this.#around.draw();
  }

  /** @param {string} id @param {string} title */
  async rename(id, title) {
    const thread = await this.ask("threads.update", { thread_id: id, title });
    assertStream(thread.id === id && thread.title === title, "threads.update is answered with the thread");
    return this.showHistory();
  }

  /** @param {string} id */
  async remove(id) {
    await this.ask("threads.delete", { thread_id: id });
    if (this.thread?.id === id) {
      this.forget(null);
    }
    return this.showHistory();
  }

  /** @param {string} type @param {Record<string, unknown>} params */
  async #turn(type, params) {
    const own = (this.answer = new AbortController());
    this.canStop = false;
    this.error = null;
    this.notices = [];
    this.#around.emit("chatkit.response.start");
    this.#around.draw();
    try {
      const reply = await this.#around.send({ type, params, metadata: {} }, own.signal);
      if (!reply.ok) {
        throw new Error(`the ChatKit server replied ${reply.status}`);
      }
      const media = reply.headers.get("Content-Type") ?? "";
      assertStream(media.startsWith("text/event-stream") && reply.body !== null, `${type} is answered with a stream`);
      for await (const event of eventsOf(/** @type {ReadableStream<Uint8Array>} */ (reply.body))) {
        if (this.answer !== own) {
          return;
        }
        this.#take(event);
        this.#around.draw();
      }
    } catch (error) {
      if (!own.signal.aborted) {
        this.error = { message: STREAM_ERROR, allowRetry: true };
        this.#around.emit("chatkit.error", { error });
      }
    } finally {
      if (this.answer === own) {
        this.answer = null;
        this.progress = null;
        this.#around.emit("chatkit.response.end");
        this.#around.draw();
      }
    }
  }

  /** @param {any} event */
  #take(event) {
    switch (event.type) {
      case "thread.created":
        assertStream(this.thread === null, "thread.created is for a new thread");
        assertStream(isThread(event.thread), "thread.created has a thread");
        this.thread = event.thread;
        this.#around.emit("chatkit.thread.change", { threadId: event.thread.id });
        break;
      case "thread.updated":
        assertStream(this.thread?.id === event.thread.id, "thread.updated is about the open thread");
        this.thread = event.thread;
        break;
      case "thread.item.added":
      case "thread.item.replaced":
      case "thread.item.done":
        this.#put(event.item, event.type === "thread.item.done");
        break;
      case "thread.item.removed":
        this.items.delete(event.item_id);
        break;
      case "thread.item.updated":
        update(this.items.get(event.item_id), event.update);
        break;
      case "stream_options":
        this.canStop = event.stream_options.allow_cancel;
        break;
      case "progress_update":
        this.progress = event.text;
        break;
      case "notice":
        this.notices.push(event.message);
        break;
      case "client_effect":
        this.#around.emit("chatkit.effect", { name: event.name, data: event.data });
        break;
      case "error": {
        const isOwn = event.code === "custom" && event.message;
        this.error = { message: isOwn ? event.message : STREAM_ERROR, allowRetry: event.allow_retry };
      }
      // Anything else is ignored, without a word.
    }
  }

  /** @param {any} item @param {boolean} isDone */
  #put(item, isDone) {
    assertStream(item.thread_id === this.thread?.id, `${item.id} is in the open thread`);
    if (!isItem(item)) {
      return;
    }
    const before = this.items.get(item.id);
    if (isDone && before?.type === "assistant_message") {
      const said = textOf(before);
      assertStream(said === "" || said === textOf(item), `${item.id} ends with another text than it had`);
    }
    this.items.set(item.id, item);
  }
}

/** The events of a stream: `data: <JSON>`, and an empty line after each.
 * @param {ReadableStream<Uint8Array>} body */
async function* eventsOf(body) {
  const reader = body.pipeThrough(/** @type {any} */ (new TextDecoderStream())).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) {
      assertStream(rest === "", `the stream ends in the middle of an event: ${rest}`);
      return;
    }
    const events = `${rest}${value}`.split("\n\n");
    rest = events.pop() ?? "";
    for (const event of events) {
      assertStream(event.startsWith("data: ") && !event.includes("\n"), `an event is one line of data: ${event}`);
      yield JSON.parse(event.slice("data: ".length));
    }
  }
}

/** What the real one does not take for an item loads and shows nothing. @param {any} item @returns {item is Item} */
const isItem = (item) =>
  typeof item.id === "string" && typeof item.created_at === "string" && typeof item.type === "string" && !item.object;

/** @param {any} thread @returns {thread is Thread} */
const isThread = (thread) =>
  typeof thread.id === "string" && typeof thread.created_at === "string" && typeof thread.status.type === "string";

/** @param {Item | undefined} item @param {any} change */
function update(item, change) {
  assertStream(item !== undefined, "thread.item.updated is about an item that was added");
  const { content = [], workflow } = /** @type {Item} */ (item);
  const part = content[change.content_index];
  switch (change.type) {
    case "assistant_message.content_part.added":
      content[change.content_index] = structuredClone(change.content);
      break;
    case "assistant_message.content_part.text_delta":
      part.text += change.delta;
      break;
    case "assistant_message.content_part.annotation_added":
      part.annotations[change.annotation_index] = change.annotation;
      break;
    case "assistant_message.content_part.done":
      assertStream(part.text === change.content.text, "a part ends with the text of its pieces");
      break;
    case "workflow.task.added":
    case "workflow.task.updated":
      workflow.tasks[change.task_index] = change.task;
  }
}

/** @param {Item} item */
const textOf = (item) => (item.content ?? []).map((part) => part.text).join("");

/** What a visitor sees of the items: those of a kind that the real one draws nothing for are left out.
 * @param {Conversation} conversation @returns {import("./view.mjs").Message[]} */
export function shown({ items }) {
  /** @type {Record<string, import("./view.mjs").Message["from"]>} */
  const from = { user_message: "visitor", assistant_message: "assistant", widget: "assistant" };
  const messages = [...items.values()].filter(({ type }) => type in from);
  return messages.map((item) => {
    const sources = sourcesOf(item);
    return {
      from: from[item.type],
      text: textOf(item),
      ...(sources.length > 0 && { sources }),
      ...(item.widget && { item }),
    };
  });
}

/** The sources of a message, each once. A file has no address. @param {Item} item */
function sourcesOf(item) {
  const annotations = (item.content ?? []).flatMap((part) => part.annotations ?? []);
  const sources = annotations.map(({ source }) => source);
  return [...new Map(sources.map((source) => [source.url ?? source.filename, source])).values()];
}
