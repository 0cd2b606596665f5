/** `<openai-chatkit>` of the demo: methods, events and life as in ChatKit 1.9.0, without a network. */

/** @import { ChatKitOptions, OpenAIChatKit } from "@openai/chatkit" */

import { createConversation } from "./conversation.js";
import { createThreads } from "./threads.js";
import { View } from "./view.js";

/** Milliseconds after which a secret has ended. */
const LIFE = 600_000;

/** Where agents answer. Nothing is asked of them but whether they would: the demo makes its answers up. */
const AGENT = "/api/chatkit/chat";

/** Where this tab keeps the threads, and what is typed. */
const KEY = `chatkit-embed demo ${location.pathname}`;
const TYPED = `${KEY} typed`;

const reply = await fetch(new URL("chatkit.css", import.meta.url));
const css = reply.ok ? await reply.text() : "";

/** @implements {Partial<OpenAIChatKit>} */
export class DemoChatKit extends HTMLElement {
  #threads = createThreads(KEY);
  #conversation = createConversation({
    threads: this.#threads,
    words: () => this.#view.words,
    authenticate: () => this.#authenticate(),
    changed: () => this.#view.draw(),
    emit: (type, detail) => this.#emit(type, detail),
  });
  #view = new View(this, css, {
    threads: this.#threads,
    conversation: this.#conversation,
    emit: (type, detail) => this.#emit(type, detail),
    typed: (text) => remember(text),
  });
  /** @type {ChatKitOptions | null} */
  #options = null;
  /** @type {string | null} */
  #secret = null;
  /** When the secret was given. */
  #since = 0;
  #isMounted = false;
  /** @type {Set<string>} */
  #fonts = new Set();

  /** @param {ChatKitOptions} options All of them: they are not merged. */
  setOptions(options) {
    this.#options = options;
    this.#view.dress(options);
    this.#loadFonts();
    if (this.isConnected && !this.#isMounted) {
      this.#mount();
    }
  }

  connectedCallback() {
    if (this.#options && !this.#isMounted) {
      this.#mount();
    }
  }

  disconnectedCallback() {
    this.#isMounted = this.#view.isReady = false;
    this.#conversation.stop();
  }

  focusComposer() {
    return this.#call("focusComposer", () => {
      // A demo in a frame does not take the focus from the page around it.
      if (document.hasFocus()) {
        this.#view.focus();
      }
    });
  }

  /** @param {string | null} threadId */
  setThreadId(threadId) {
    return this.#call("setThreadId", () => this.#conversation.open(threadId));
  }

  /** @param {Parameters<OpenAIChatKit["sendUserMessage"]>[0]} params */
  sendUserMessage({ text, content = [], newThread }) {
    return this.#call("sendUserMessage", async () => {
      if (newThread) {
        await this.#conversation.open(null);
      }
      this.#view.send(text ?? content.map((part) => part.text).join(""));
    });
  }

  /** @param {Parameters<OpenAIChatKit["setComposerValue"]>[0]} params */
  setComposerValue({ text, content, selectedToolId, selectedModelId }) {
    return this.#call("setComposerValue", () => {
      if (text !== undefined || content) {
        this.#view.type(text ?? content?.map((part) => part.text).join("") ?? "");
      }
      if (selectedToolId !== undefined && selectedToolId !== this.#view.tool) {
        this.#view.chooseTool(selectedToolId);
      }
      if (selectedModelId !== undefined) {
        this.#view.chooseModel(selectedModelId);
      }
    });
  }

  sendCustomAction() {
    return this.#call("sendCustomAction");
  }

  showHistory() {
    return this.#call("showHistory", () => void (this.#view.isHistoryOpen || this.#view.toggleHistory()));
  }

  hideHistory() {
    return this.#call("hideHistory", () => void (this.#view.isHistoryOpen && this.#view.toggleHistory()));
  }

  fetchUpdates() {
    return this.#call("fetchUpdates", () => this.#authenticate());
  }

  /** The secret ends now: the next message asks for another one. */
  expire() {
    this.#since = -Infinity;
  }

  /** Another visitor knows nothing of these threads. */
  forget() {
    this.#threads.clear();
    remember("");
  }

  async #mount() {
    this.#isMounted = true;
    this.#secret = null;
    try {
      await this.#authenticate();
    } catch (error) {
      this.#emit("error", { error });
      return;
    }
    if (!this.isConnected) {
      return;
    }
    this.#view.isReady = true;
    this.#view.type(remembered());
    this.#emit("ready");
    const { initialThread } = /** @type {ChatKitOptions} */ (this.#options);
    if (initialThread && !this.#conversation.thread) {
      await this.#conversation.load(initialThread);
    }
  }

  /** As the real one: the page is asked for a secret at the start, and for the next one when that has ended. */
  async #authenticate() {
    const { api } = /** @type {ChatKitOptions} */ (this.#options);
    if (!navigator.onLine) {
      throw new TypeError("there is no connection");
    }
    if (!("getClientSecret" in api)) {
      await this.#askAgent(api);
      return;
    }
    if (this.#secret && Date.now() - this.#since < LIFE) {
      return;
    }
    const secret = await api.getClientSecret(this.#secret);
    if (typeof secret !== "string" || !secret) {
      throw new TypeError("getClientSecret must resolve to a client secret");
    }
    this.#secret = secret;
    this.#since = Date.now();
  }

  /** The list of threads, as the real one asks for it. @param {{ url?: string, fetch?: typeof fetch }} api */
  async #askAgent({ url = "", fetch: ask }) {
    if (!ask || new URL(url, location.href).pathname !== AGENT) {
      return;
    }
    const body = JSON.stringify({ type: "threads.list", params: { limit: 20, order: "desc" } });
    const reply = await ask(url, { method: "POST", headers: { "Content-Type": "application/json" }, body });
    if (!reply.ok) {
      throw new TypeError(`the agent answers ${reply.status}`);
    }
  }

  /** Serves one method, or rejects as the real one does when it can not.
   * @param {string} method @param {() => unknown} [work] @returns {Promise<void>} */
  async #call(method, work) {
    if (!this.#view.isReady) {
      throw new Error(`${method}: ChatKit is not ready`);
    }
    if (this.#conversation.busy) {
      throw new Error(`${method}: ChatKit is ${this.#conversation.busy}`);
    }
    await work?.();
  }

  #loadFonts() {
    const { theme } = /** @type {ChatKitOptions} */ (this.#options);
    const { fontSources = [] } = (typeof theme === "object" && theme.typography) || {};
    for (const { family, src, weight, ...rest } of fontSources) {
      const key = JSON.stringify([family, src, weight, rest]);
      if (!this.#fonts.has(key)) {
        this.#fonts.add(key);
        const face = new FontFace(family, `url(${JSON.stringify(src)})`, {
          ...rest,
          ...(weight !== undefined && { weight: `${weight}` }),
        });
        face.load().then(
          (loaded) => document.fonts.add(loaded),
          () => {},
        );
      }
    }
  }

  /** @param {string} type @param {unknown} [detail] */
  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(`chatkit.${type}`, { detail }));
  }
}

/** @param {string} text What is typed outlives a reload. */
function remember(text) {
  try {
    sessionStorage.setItem(TYPED, text);
  } catch {}
}

function remembered() {
  try {
    return sessionStorage.getItem(TYPED) ?? "";
  } catch {
    return "";
  }
}

customElements.get("openai-chatkit") ?? customElements.define("openai-chatkit", DemoChatKit);
