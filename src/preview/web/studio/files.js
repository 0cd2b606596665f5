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
import { showFailure, showMoved } from "./notices.js";
import { wayOf } from "./problems.js";
import { save } from "./saving.js";
import { docOf } from "./site.js";

/** @import { Api } from "./api.js" */
/** @import { Studio } from "./studio.js" */
/** @import { Doc, Widget } from "./types.js" */

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
    const { drafts, model } = this.studio;
    drafts.pause(true);
    try {
      const { next, widgets } = await this.#read();
      const moved = next.revision !== drafts.revision;
      const dirty = model.dirty;
      this.studio.setWrong(next.problems);
      // Files that cannot be read at all: what was read last stays until they can.
      if (next.problems.length > 0 && next.widgets.length === 0) {
        return;
      }
      this.studio.take(next, widgets);
      const { lost, both } = model.rebase(docOf(next, widgets));
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
    const { api, drafts, model, problems, state } = this.studio;
    if (!model.dirty || this.saving || document.querySelector("dialog[open]")) {
      return;
    }
    if (!state.saving.allowed) {
      announce(state.saving.why ?? "Saving is off");
      return;
    }
    if (problems.all.length > 0) {
      announce("Fix the marked settings, then save.");
      void this.studio.reveal(wayOf(problems.all[0].path));
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

  /** The files' state, and the settings of the widgets that are opened. */
  async #read() {
    const { api, model } = this.studio;
    const next = await api.state();
    let names = model.opened;
    let widgets = await settingsOf(api, next.revision, names);
    // Meanwhile, another one may have been opened.
    while (model.opened.length > names.length) {
      names = model.opened;
      widgets = await settingsOf(api, next.revision, names);
    }
    return { next, widgets };
  }

  /** The files hold what was sent. @param {Doc} sent */
  async #saved(sent) {
    const { drafts, model } = this.studio;
    drafts.pause(true);
    try {
      const { next, widgets } = await this.#read();
      this.studio.take(next, widgets);
      model.saved(docOf(next, widgets), sent);
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

/** The settings of widgets, as the files of a revision have them; of one that they do not have, none.
 * @param {Api} api @param {string | null} revision null: no file can be read @param {string[]} names
 * @returns {Promise<Widget[]>} */
export async function settingsOf(api, revision, names) {
  return revision === null || names.length === 0 ? [] : (await api.widgets({ revision, names })).widgets;
}
