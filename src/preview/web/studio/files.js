/**
 * Files on disk and the edits on top of them.
 *
 *     idle     edits are posted as they are made
 *     pulling  the files are read again; edits wait until they are on top of the new state
 *     saving   the edits are being written; a change on disk meanwhile is pulled afterwards
 *
 * | from    | event                        | to      |                                                   |
 * |---------|------------------------------|---------|---------------------------------------------------|
 * | idle    | the files changed            | pulling |                                                   |
 * | pulling | the state is read            | idle    | edits that wait are posted                        |
 * | pulling | the files cannot be read    | pulling | the last good state stays until they can be read  |
 * | idle    | the visitor saves            | saving  |                                                   |
 * | saving  | the files changed            | saving  | they are pulled once it is done                   |
 * | saving  | it is done, or refused       | idle    |                                                   |
 */

import { announce } from "./page.js";
import { equal } from "./json.js";
import { showFailure, showMoved } from "./notices.js";
import { wayOf } from "./problems.js";
import { save } from "./saving.js";
import { docOf } from "./site.js";

/** @import { Studio } from "./studio.js" */
/** @import { Doc } from "./types.js" */

/** Reads and writes the site's files. */
export class Files {
  saving = false;
  /** Set when the files changed while they were being saved. */
  #later = false;

  /** @param {Studio} studio */
  constructor(studio) {
    this.studio = studio;
  }

  /**
   * Fetches the files' state and puts the edits on top of it; they are posted once that is done.
   *
   * @param {{ quiet?: boolean }} [options]
   */
  async pull({ quiet = false } = {}) {
    const { api, drafts, model } = this.studio;
    drafts.pause(true);
    try {
      const next = await api.state();
      const moved = !equal(/** @type {any} */ (docOf(next)), /** @type {any} */ (model.base));
      const dirty = model.dirty;
      this.studio.setWrong(next.problems);
      // Files that cannot be read at all: what was read last stays until they can.
      if (next.problems.length > 0 && next.widgets.length === 0) {
        return;
      }
      this.studio.take(next);
      const { lost, both } = model.rebase(docOf(next));
      if (moved && !quiet) {
        showMoved(dirty, lost, both);
      }
      this.studio.showFirst();
    } catch (error) {
      showFailure(error);
    }
    drafts.pause(false);
  }

  /** Something about the files changed. @param {{ isOurs: boolean, ok: boolean }} what */
  changed({ isOurs, ok }) {
    if (!isOurs && this.saving) {
      this.#later = true;
    } else if (!isOurs) {
      void this.pull();
    } else if (ok && !this.saving) {
      void this.#lookAgain();
    }
  }

  /** Shows what would change, and saves it if the visitor agrees. */
  save() {
    const { api, drafts, model, problems, settings, state } = this.studio;
    if (!model.dirty || this.saving || document.querySelector("dialog[open]")) {
      return;
    }
    if (!state.saving.allowed) {
      announce(state.saving.why ?? "Saving is off");
      return;
    }
    if (problems.all.length > 0) {
      announce("Fix the marked settings, then save.");
      settings.reveal(wayOf(problems.all[0].path));
      return;
    }
    save({
      api,
      model,
      revision: () => drafts.revision,
      saved: (sent) => this.#saved(sent),
      pull: () => this.pull({ quiet: true }),
      busy: (busy) => this.#busy(busy),
    }).catch(showFailure);
  }

  /** @param {boolean} busy */
  #busy(busy) {
    this.saving = busy;
    this.studio.refresh();
    if (!busy && this.#later) {
      void this.pull();
    }
    this.#later = false;
  }

  /** The files hold what was sent. @param {Doc} sent */
  async #saved(sent) {
    const { api, drafts, model } = this.studio;
    drafts.pause(true);
    try {
      const next = await api.state();
      this.studio.take(next);
      model.saved(docOf(next), sent);
    } finally {
      drafts.pause(false);
    }
  }

  /** The files are what they were, but variables and themes may be others, and with them what the edits come to. */
  async #lookAgain() {
    await this.pull({ quiet: true });
    this.studio.visitor.mode(this.studio.state.mode);
    await this.studio.drafts.post();
  }
}
