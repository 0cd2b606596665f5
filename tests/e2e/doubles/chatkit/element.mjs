/**
 * `<openai-chatkit>`: the life cycle, the events and the methods of ChatKit 1.9.0, without a network of its own
 * but for its frame and, with a server of one's own, one request. With an agent, it is a client of it.
 */

import { Conversation, shown } from "./conversation.mjs";
import { loadFrame } from "./frame.mjs";
import { ARGUMENTS, assertOptions } from "./options.mjs";
import { InvalidFrameParamsError, validate } from "./validate.mjs";
import { createView, draw } from "./view.mjs";

const RESPONSE_MS = 10;

/** Where an agent answers. Servers of one's own are doubles themselves, and do not. */
const AGENT_PATH = "/api/chatkit/chat";

/** @param {number} ms */
const delay = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** @typedef {import("@openai/chatkit").ChatKitOptions} ChatKitOptions */

export class OpenAIChatKitDouble extends HTMLElement {
  #view = createView(this);
  /** @type {ChatKitOptions | null} */ #options = null;
  /** @type {import("./types.js").ChatKitInstance | null} */ #instance = null;
  /** One mount of the frame. Work of an earlier mount finds that it is no longer this one, and stops. */
  #mount = "";
  /** @type {'loading' | 'ready' | 'failed'} */ #phase = "loading";
  /** Why no method can be served just now. */
  #busy = "";
  /** @type {string | null} */ #secret = null;
  /** @type {string | null} */ #thread = null;
  /** @type {import("./view.mjs").Message[]} */ #messages = [];
  /** @type {Conversation | null} With an agent. */ #conversation = null;

  /** @param {ChatKitOptions} options */
  setOptions(options) {
    assertOptions(options);
    // The real frame needs this too, and browsers hide it from pages that are no secure context.
    const mount = crypto.randomUUID();
    this.#options = options;
    this.#instance ??= this.#register();
    this.#instance.options = options;
    this.#record("setOptions", options);
    if (this.#mount === "" && this.isConnected) {
      void this.#start(mount);
    } else {
      this.#draw();
    }
  }

  connectedCallback() {
    if (this.#options) {
      void this.#start(crypto.randomUUID());
    }
  }

  /** A frame that leaves the document is gone; when it comes back, it starts from nothing. */
  disconnectedCallback() {
    this.#mount = "";
    this.#view.root.querySelector("iframe")?.remove();
  }

  focusComposer() {
    return this.#call("focusComposer", [], () => this.#view.composer.focus());
  }

  /** @param {string | null} threadId */
  setThreadId(threadId) {
    return this.#call("setThreadId", [threadId], () => {
      this.#messages = [];
      if (this.#conversation) {
        this.#conversation.forget(threadId);
        this.#thread = threadId;
      } else {
        this.#changeThread(threadId);
      }
      return threadId === null ? this.#draw() : this.#loadThread(threadId);
    });
  }

  /** @param {{ text?: string, content?: { text: string }[], newThread?: boolean }} params */
  sendUserMessage(params) {
    return this.#call("sendUserMessage", [params], () => {
      if (params.newThread) {
        this.#thread = null;
      }
      this.#send(params.text ?? params.content?.map((part) => part.text).join(" ") ?? "");
    });
  }

  /** @param {{ text?: string, selectedToolId?: string | null }} params */
  setComposerValue(params) {
    return this.#call("setComposerValue", [params], () => {
      if (params.text !== undefined) {
        this.#view.composer.value = params.text;
      }
      if (params.selectedToolId !== undefined) {
        this.#emit("chatkit.tool.change", { toolId: params.selectedToolId });
      }
    });
  }

  /** @param {{ type: string, payload?: Record<string, unknown> }} action @param {string} [itemId] */
  sendCustomAction(action, itemId) {
    return this.#call("sendCustomAction", [action, itemId]);
  }

  showHistory() {
    return this.#call("showHistory", [], () => {
      this.#emit("chatkit.history.open");
      return this.#conversation?.showHistory();
    });
  }

  hideHistory() {
    return this.#call("hideHistory", [], () => {
      if (this.#conversation) {
        this.#conversation.history = null;
        this.#draw();
      }
      this.#emit("chatkit.history.close");
    });
  }

  fetchUpdates() {
    return this.#call("fetchUpdates", [], async () => {
      if (this.#conversation?.thread) {
        await this.#conversation.load(this.#conversation.thread.id);
        this.#draw();
      }
    });
  }

  /** What `__chatkit.expire` does: the current secret ends, and the next one is asked for. */
  async renew() {
    try {
      await this.#authenticate();
      return this.#secret;
    } catch (error) {
      this.#emit("chatkit.error", { error });
      return null;
    }
  }

  /** @param {string} mount */
  async #start(mount) {
    this.#mount = mount;
    this.#phase = "loading";
    this.#secret = null;
    this.#draw();
    try {
      const title = this.#options?.frameTitle ?? "Chat";
      await Promise.all([loadFrame(this.#view.root, title), this.#authenticate()]);
      if (this.#mount !== mount) {
        return;
      }
      this.#phase = "ready";
    } catch (error) {
      if (this.#mount !== mount) {
        return;
      }
      this.#phase = "failed";
      this.#draw();
      this.#emit("chatkit.error", { error });
      return;
    }
    this.#draw();
    this.#emit("chatkit.ready");
    const initial = this.#options?.initialThread ?? null;
    if (initial !== null && this.#thread === null) {
      await this.#loadThread((this.#thread = initial));
    }
  }

  /** Gets a client secret from the page, or tries the page's own server. */
  async #authenticate() {
    const api = /** @type {ChatKitOptions} */ (this.#options).api;
    const current = this.#secret;
    if (!("getClientSecret" in api)) {
      this.#conversation = new URL(api.url, location.href).pathname === AGENT_PATH ? this.#converse() : null;
      const reply = await this.#post({ type: "threads.list", params: {}, metadata: {} });
      if (!reply.ok) {
        throw new Error(`the ChatKit server replied ${reply.status}`);
      }
      await reply.json();
      return;
    }
    this.#record("getClientSecret", current);
    const secret = await api.getClientSecret(current);
    if (typeof secret !== "string" || secret === "") {
      throw new TypeError("getClientSecret must resolve to a secret");
    }
    // A page that hands back the secret that has just expired has not refreshed anything.
    if (secret === current) {
      throw new Error("the client secret has expired");
    }
    this.#secret = secret;
    this.#instance?.secrets.push(secret);
  }

  /** @param {unknown} request @param {AbortSignal} [signal] */
  #post(request, signal) {
    const api = /** @type {import("@openai/chatkit").CustomApiConfig} */ (this.#options?.api);
    this.#record("fetch", api.url, request);
    const send = api.fetch ?? fetch;
    const language = this.#options?.locale ?? navigator.language;
    const headers = { "Content-Type": "application/json", "Accept-Language": language };
    return send(api.url, { method: "POST", headers, body: JSON.stringify(request), ...(signal && { signal }) });
  }

  /** A conversation that ends with this mount of the frame. */
  #converse() {
    const mount = this.#mount;
    const isOver = () => this.#mount !== mount;
    return new Conversation({
      send: (request, signal) => this.#post(request, signal),
      emit: (type, detail) => {
        if (isOver()) {
          return;
        }
        if (type === "chatkit.thread.change") {
          this.#thread = /** @type {{ threadId: string | null }} */ (detail).threadId;
        }
        this.#busy = type === "chatkit.response.start" ? "streaming a response" : this.#busy;
        this.#busy = type === "chatkit.response.end" ? "" : this.#busy;
        this.#emit(type, detail);
      },
      draw: () => void (isOver() || this.#draw()),
    });
  }

  /** @param {string | null} threadId */
  #changeThread(threadId) {
    this.#thread = threadId;
    this.#emit("chatkit.thread.change", { threadId });
  }

  /** @param {string} threadId */
  async #loadThread(threadId) {
    const mount = this.#mount;
    this.#busy = "loading a thread";
    this.#emit("chatkit.thread.load.start", { threadId });
    const loaded = this.#conversation?.load(threadId) ?? delay(0);
    const error = await loaded.then(
      () => null,
      (/** @type {unknown} */ problem) => problem,
    );
    this.#busy = "";
    if (this.#mount !== mount) {
      return;
    }
    if (error) {
      this.#emit("chatkit.error", { error });
      return;
    }
    if (window.__chatkit.missingThreads.includes(threadId)) {
      this.#emit("chatkit.error", { error: new Error(`Thread with id '${threadId}' not found.`) });
      return;
    }
    this.#messages = [{ from: "assistant", text: `Messages of ${threadId}` }];
    this.#draw();
    this.#emit("chatkit.thread.load.end", { threadId });
  }

  /** @param {string} text */
  async #send(text) {
    const mount = this.#mount;
    if (this.#conversation) {
      if (this.#thread === null && this.#conversation.thread) {
        this.#conversation.forget(null);
      }
      return this.#conversation.say(text);
    }
    if (this.#thread === null) {
      this.#messages = [];
      this.#changeThread(`cthr_${crypto.randomUUID().replaceAll("-", "")}`);
    }
    this.#busy = "streaming a response";
    this.#messages.push({ from: "visitor", text });
    this.#draw();
    this.#emit("chatkit.response.start");
    await delay(RESPONSE_MS);
    this.#busy = "";
    if (this.#mount !== mount) {
      return;
    }
    this.#messages.push({ from: "assistant", text: `You said: ${text}` });
    this.#draw();
    this.#emit("chatkit.response.end");
  }

  /** Serves one method, or rejects as the real element does when it can not.
   * @param {string} method @param {unknown[]} args @param {() => unknown} [work] @returns {Promise<void>} */
  async #call(method, args, work) {
    this.#record(method, ...args);
    const argument = Object.entries(ARGUMENTS).find(([name]) => name === method)?.[1];
    const issues = argument ? validate(argument, args[0]) : [];
    if (issues.length > 0) {
      throw new InvalidFrameParamsError(`ChatKit.${method}()`, issues);
    }
    if (this.#phase !== "ready" || this.#mount === "") {
      throw new Error(`${method}: ChatKit is not ready`);
    }
    if (this.#busy !== "") {
      throw new Error(`${method}: ChatKit is ${this.#busy}`);
    }
    await work?.();
  }

  #register() {
    const options = /** @type {ChatKitOptions} */ (this.#options);
    /** @type {import("./types.js").ChatKitInstance} */
    const instance = { element: this, options, secrets: [], calls: [], snapshot: () => toJson(instance.options) };
    window.__chatkit.instances.push(instance);
    return instance;
  }

  /** @param {string} method @param {unknown[]} args */
  #record(method, ...args) {
    this.#instance?.calls.push({ method, args });
  }

  /** @param {string} type @param {unknown} [detail] */
  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  #draw() {
    if (!this.#options) {
      return;
    }
    const onSend = (/** @type {string} */ text) => void (this.#busy === "" && this.#send(text));
    const conversation = this.#conversation;
    draw(this.#view, {
      options: this.#options,
      messages: conversation ? shown(conversation) : this.#messages,
      phase: this.#phase,
      onSend,
      conversation,
      onHistory: () => (conversation?.history ? this.hideHistory() : this.showHistory()),
      onThread: async (id) => {
        await this.hideHistory();
        await this.setThreadId(id);
      },
    });
  }
}

/** @param {unknown} value */
function toJson(value) {
  const text = JSON.stringify(value, (key, each) => (typeof each === "function" ? { $function: key } : each));
  return JSON.parse(text);
}

/** What the script does when it runs. A second copy in one page defines nothing, and is counted. */
export function install() {
  const hooks = (window.__chatkit = Object.assign(
    /** @type {import("./types.js").ChatKitHooks} */ ({
      loads: 0,
      instances: [],
      missingThreads: [],
      expire: (instance) => /** @type {OpenAIChatKitDouble} */ (instance.element).renew(),
    }),
    window.__chatkit,
  ));
  hooks.loads += 1;
  if (hooks.loads === 1) {
    customElements.define("openai-chatkit", OpenAIChatKitDouble);
  }
}
