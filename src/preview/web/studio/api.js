/** The preview's server, as the studio calls it. */

/** @import { Conflict, DraftReply, Edit, FileDiff, ImportReply, KnowledgeReply, Problem, State, Widget } from "./types.js" */
/** @import { GoLiveReply, LiveReply, Plan, Starters, WebsiteReply } from "./types.js" */

/** An answer that is no success. */
export class ApiError extends Error {
  /** @param {number} status @param {any} body */
  constructor(status, body) {
    super(body?.error?.message ?? "The preview did not answer.");
    this.status = status;
    /** @type {string} */
    this.code = body?.error?.code ?? "unreachable";
    /** @type {any} */
    this.body = body;
  }
}

/** Calls the server, with the token that its page was given. */
export class Api {
  #token;

  /** @param {string} token */
  constructor(token) {
    this.#token = token;
  }

  /** @returns {Promise<State>} */
  state() {
    return this.#call("GET", "state");
  }

  /** The settings of widgets, as the files of that revision have them.
   * @param {{ revision: string, names: string[] }} asked @returns {Promise<{ widgets: Widget[] }>} */
  widgets(asked) {
    return this.#call("POST", "widgets", asked);
  }

  /** `widget` is the one that is shown. @param {{ id: string, revision: string, widget: string | null, edits: Edit[] }} draft @returns {Promise<DraftReply>} */
  draft(draft) {
    return this.#call("POST", "draft", draft);
  }

  /** @param {{ revision: string, edits: Edit[] }} edits @returns {Promise<{ files: FileDiff[] }>} */
  diff(edits) {
    return this.#call("POST", "diff", edits);
  }

  /** @param {{ revision: string, edits: Edit[] }} edits @returns {Promise<{ revision: string }>} */
  save(edits) {
    return this.#call("POST", "save", edits);
  }

  /** What new widgets can start with. @returns {Promise<Starters>} */
  starters() {
    return this.#call("GET", "starters");
  }

  /** Makes a site where there is none. @param {Record<string, string>} answers */
  init(answers) {
    return this.#call("POST", "init", answers);
  }

  /** Puts a logo next to the site's file. @param {File} file @returns {Promise<{ name: string }>} */
  logo(file) {
    return this.#call("POST", "logo", file);
  }

  /** What a website looks like. @param {{ address: string }} asked @returns {Promise<WebsiteReply>} */
  website(asked) {
    return this.#call("POST", "website", asked);
  }

  /** `backend` is that of a widget which is not there yet. @param {{ text: string, widget: string, backend?: unknown }} paste @returns {Promise<ImportReply>} */
  import(paste) {
    return this.#call("POST", "import", paste);
  }

  /** @param {{ id: string, widget: string, question: string }} asked @returns {Promise<KnowledgeReply>} */
  knowledge(asked) {
    return this.#call("POST", "knowledge", asked);
  }

  /** @param {{ widget: string }} asked @returns {Promise<GoLiveReply>} */
  golive(asked) {
    return this.#call("POST", "golive", asked);
  }

  /** Visits the deployed site. @returns {Promise<LiveReply>} */
  live() {
    return this.#call("POST", "live", {});
  }

  /** @param {{ how: "hook" } | { how: "git", plan: Plan }} asked @returns {Promise<{ text: string }>} */
  publish(asked) {
    return this.#call("POST", "publish", asked);
  }

  /** @param {{ demo: boolean }} mode */
  mode(mode) {
    return this.#call("POST", "mode", mode);
  }

  /** @param {{ down: boolean }} network */
  network(network) {
    return this.#call("POST", "network", network);
  }

  /** @param {string} method @param {string} name @param {unknown} [body] @returns {Promise<any>} */
  async #call(method, name, body) {
    /** @type {Record<string, string>} */
    const headers = { "X-Preview-Token": this.#token };
    const isFile = body instanceof Blob;
    if (body !== undefined) {
      headers["Content-Type"] = isFile ? "application/octet-stream" : "application/json";
    }
    const response = await fetch(`/_/api/${name}`, {
      method,
      headers,
      body: isFile ? body : body === undefined ? null : JSON.stringify(body),
    }).catch(() => null);
    const reply = await response?.json().catch(() => null);
    if (!response?.ok) {
      throw new ApiError(response?.status ?? 0, reply);
    }
    return reply;
  }
}

/** What a refused save says. @param {unknown} error @returns {Conflict | null} */
export const conflictOf = (error) =>
  error instanceof ApiError && error.code === "changed_on_disk" ? error.body : null;

/** What is wrong with what was sent, if that is why it was refused. @param {unknown} error @returns {Problem[] | null} */
export const problemsOf = (error) => (error instanceof ApiError && error.status === 422 ? error.body.problems : null);
