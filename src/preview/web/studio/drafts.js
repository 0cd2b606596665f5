/** Shows the server what is being edited: each change at once, and while one is on its way, the last one after it. */

import { ApiError } from "./api.js";

/** @import { Api } from "./api.js" */
/** @import { DraftReply } from "./types.js" */
/** @import { Model } from "./model.js" */

/** Says `reply` (detail: DraftReply), `stale` when the files have changed, and `failed` (detail: Error). */
export class Drafts extends EventTarget {
  #flying = false;
  #again = false;
  #paused = false;

  /** @param {{ api: Api, model: Model, id: string, revision: string, shown: () => string }} options */
  constructor({ api, model, id, revision, shown }) {
    super();
    this.api = api;
    this.model = model;
    this.id = id;
    /** Of the state that the model's edits are against. */
    this.revision = revision;
    /** The widget that is shown, or "". */
    this.shown = shown;
  }

  /** While the files are looked at anew, edits are against nothing that the server knows. @param {boolean} paused */
  pause(paused) {
    this.#paused = paused;
    if (!paused && this.#again) {
      void this.post();
    }
  }

  /** Sends the edits, unless some are on their way: then as soon as those are answered. */
  async post() {
    if (this.#flying || this.#paused) {
      this.#again = true;
      return;
    }
    this.#flying = true;
    this.#again = false;
    try {
      const { id, revision } = this;
      const reply = await this.api.draft({ id, revision, widget: this.shown() || null, edits: this.model.edits });
      this.#say("reply", /** @type {DraftReply} */ (reply));
    } catch (error) {
      if (error instanceof ApiError && error.code === "stale") {
        this.#say("stale", null);
      } else {
        this.#say("failed", error);
      }
    } finally {
      this.#flying = false;
    }
    if (this.#again) {
      await this.post();
    }
  }

  /** @param {string} name @param {unknown} detail */
  #say(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
