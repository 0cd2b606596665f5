/** What answers in each widget of a list: asked for once its row is in sight, because there may be thousands. */

/** @import { Widget } from "./types.js" */

/** @typedef {Widget["backend"]} Kind */

/** The kinds of back ends. */
export class Kinds {
  /** @type {Map<string, Kind>} */
  #told = new Map();
  /** Names for the next request. @type {Set<string>} */
  #asked = new Set();
  /** @type {Promise<void> | null} */
  #next = null;

  /**
   * @param {object} options
   * @param {(name: string) => Widget | undefined} options.known a widget that is open
   * @param {(names: string[]) => Promise<Widget[]>} options.fetch
   */
  constructor({ known, fetch }) {
    this.known = known;
    this.fetch = fetch;
  }

  /** Undefined if it was not told yet. @param {string} name @returns {Kind | undefined} */
  of(name) {
    const widget = this.known(name);
    return widget ? widget.backend : this.#told.get(name);
  }

  /** Asks for it, in one request with all others that are asked for now. @param {string} name @returns {Promise<void>} */
  ask(name) {
    this.#asked.add(name);
    this.#next ??= Promise.resolve().then(() => this.#fetch());
    return this.#next;
  }

  /** The files have changed. */
  forget() {
    this.#told.clear();
  }

  async #fetch() {
    const names = [...this.#asked];
    this.#asked.clear();
    this.#next = null;
    for (const { name, backend } of await this.fetch(names)) {
      this.#told.set(name, backend);
    }
  }
}
