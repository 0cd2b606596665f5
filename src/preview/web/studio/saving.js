/** Saving: first what would change in the files, then the files; and what to do if they have changed meanwhile. */

import { make } from "../shared/dom.js";
import { conflictOf, problemsOf } from "./api.js";
import { diffView, openDialog } from "./dialog.js";
import { announce, prose } from "./page.js";
import { textButton } from "./icons.js";

/** @import { Api } from "./api.js" */
/** @import { Conflict, Doc, Edit } from "./types.js" */
/** @import { Model } from "./model.js" */

/**
 * @typedef {object} Work what saving is about
 * @property {Api} api
 * @property {Model} model
 * @property {() => string} revision
 * @property {(doc: Doc) => Promise<void>} saved the files hold what was sent
 * @property {() => Promise<void>} pull fetches the files' state and puts the edits on top of it
 * @property {(busy: boolean) => void} busy
 */

/** Shows the changes, and saves them if that is what is wanted. @param {Work} work */
export async function save(work) {
  const { api, model, revision } = work;
  // What is saved is what was shown: these edits, of the files that they were meant for.
  const asked = { revision: revision(), edits: model.edits };
  const { files } = await api.diff(asked);
  const dialog = openDialog({
    title: "Save these changes?",
    about: "This is what changes in your files. Comments and everything else stay as they are.",
    kind: "wide",
  });
  const message = make("p", { class: "error", role: "status" });
  dialog.body.append(diffView(files, "Nothing to save: the files already say this."), message);
  const yes = textButton("save", "Save", () => void write(), { class: "button primary", autofocus: true });
  dialog.actions.append(textButton("close", "Cancel", dialog.close, { class: "button quiet" }), yes);
  yes.focus();

  async function write() {
    yes.disabled = true;
    const sent = model.doc;
    try {
      work.busy(true);
      await api.save(asked);
      dialog.close();
      await work.saved(sent);
      announce("Saved");
    } catch (error) {
      const conflict = conflictOf(error);
      if (!conflict) {
        message.replaceChildren(...prose(refusal(error)));
        yes.disabled = false;
        return;
      }
      dialog.close();
      resolve(work, conflict);
    } finally {
      work.busy(false);
    }
  }
}

/** Why something was refused, in words. @param {unknown} error */
export function refusal(error) {
  const problems = problemsOf(error);
  if (problems) {
    return problems.map(({ message, help }) => `${message}${help ? `. ${help}` : ""}`).join("\n");
  }
  return error instanceof Error ? error.message : String(error);
}

/** Both have changed: what they did, what I did, and what to make of it. @param {Work} work @param {Conflict} conflict */
function resolve(work, { theirs, mine, merges }) {
  const dialog = openDialog({
    title: "The files have changed in the meantime",
    about: merges
      ? "Your changes and theirs fit together."
      : "Some of your changes no longer fit the files, and would be lost.",
    kind: "wide both",
  });
  dialog.body.append(
    make(
      "div",
      { class: "sides" },
      make(
        "section",
        { "aria-labelledby": "side-theirs" },
        make("h3", { id: "side-theirs" }, "In the files"),
        diffView(theirs),
      ),
      make("section", { "aria-labelledby": "side-mine" }, make("h3", { id: "side-mine" }, "Yours"), diffView(mine)),
    ),
  );
  const keep = textButton(
    "stack",
    "Keep mine on top of theirs",
    async () => {
      dialog.close();
      await work.pull();
      announce("Your changes are on top of the new files");
      await save(work);
    },
    { class: "button primary", disabled: !merges },
  );
  const take = textButton("down", "Take theirs", async () => {
    dialog.close();
    await work.pull();
    work.model.discard();
    announce("Everything is as in the files. Undo restores your changes.");
  });
  dialog.actions.append(textButton("undo", "Go back", dialog.close, { class: "button quiet" }), take, keep);
  (merges ? keep : take).focus();
}

/** Edits in words, for lists. @param {Edit[]} edits */
export const edited = (edits) => edits.map(({ path }) => path.join("."));
