/** Keeps unsaved edits over a reload of the tab. */

import { apply, changes } from "./json.js";

/** @import { Doc, Edit, Path } from "./types.js" */
/** @import { Snapshot } from "./model.js" */

const KEY = "chatkit-embed:studio";

/**
 * @typedef {object} Kept
 * @property {string} id of the draft
 * @property {string} revision
 * @property {Doc} base
 * @property {Edit[]} edits from the base
 * @property {{ edits: Edit[], path: Path }[]} past
 * @property {{ edits: Edit[], path: Path }[]} future
 */

/** An id of 128 random bits: whoever knows it may write over the draft. */
const ID = /^[0-9a-f]{32}$/;

/** Milliseconds after which a draft that is held is another tab's. A reload lets go of it sooner. */
const PATIENCE = 300;

/** The draft that the tab works on from now on: the one that is kept, unless another tab has it, as where a tab was
 * duplicated. @param {string | undefined} before @returns {Promise<string>} */
export async function draftId(before) {
  const kept = before !== undefined && ID.test(before) ? before : undefined;
  const fresh = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
  // Without a lock, as on a phone in the same network, tabs are not told apart.
  if (!("locks" in navigator)) {
    return kept ?? fresh;
  }
  if (kept && (await hold(kept, PATIENCE))) {
    return kept;
  }
  void hold(fresh, PATIENCE);
  return fresh;
}

/** Holds a draft for as long as the tab lives. @param {string} id @param {number} ms @returns {Promise<boolean>} */
function hold(id, ms) {
  return new Promise((resolve) => {
    const forever = () => new Promise(() => resolve(true));
    navigator.locks.request(`${KEY}:${id}`, { signal: AbortSignal.timeout(ms) }, forever).catch(() => resolve(false));
  });
}

/** Only the widgets that edits touch are kept.
 * @param {Storage} storage @param {{ id: string, revision: string, snapshot: Snapshot }} work */
export function keep(storage, { id, revision, snapshot: { base, doc, past, future } }) {
  const edits = (/** @type {Doc} */ each) => changes(base, each);
  const steps = (/** @type {Snapshot['past']} */ each) =>
    each.slice(-50).map((step) => ({ edits: edits(step.doc), path: step.path }));
  /** @type {Kept} */
  const kept = { id, revision, base, edits: edits(doc), past: steps(past), future: steps(future) };
  const all = [...kept.edits, ...[...kept.past, ...kept.future].flatMap((step) => step.edits)];
  const touched = new Set(all.filter(({ path }) => path[0] === "widgets").map(({ path }) => path[1]));
  kept.base = {
    ...base,
    widgets: Object.fromEntries(Object.entries(base.widgets).filter(([name]) => touched.has(name))),
  };
  try {
    storage.setItem(KEY, JSON.stringify(kept));
  } catch {
    // Without room, or without leave to store, edits do not survive a reload; leaving warns of that.
  }
}

/** @param {Storage} storage @returns {{ id: string, revision: string, snapshot: Snapshot } | null} */
export function kept(storage) {
  try {
    const { id, revision, base, edits, past, future } = /** @type {Kept} */ (JSON.parse(storage.getItem(KEY) ?? ""));
    const steps = (/** @type {Kept['past']} */ each) =>
      each.map((step) => ({ doc: apply(base, step.edits), path: step.path }));
    return { id, revision, snapshot: { base, doc: apply(base, edits), past: steps(past), future: steps(future) } };
  } catch {
    return null;
  }
}
