/** What is being edited: the site as the files have it, the site as it should be, and every step between. */

import { apply, changes, equal, get, isObject, prune, put } from "./json.js";

/** @import { Doc, Edit, Json, JsonObject, Path } from "./types.js" */

/**
 * @typedef {{ doc: Doc, path: Path }} Step a state, and what the step away from it changed
 * @typedef {{ base: Doc, doc: Doc, past: Step[], future: Step[] }} Snapshot
 */

/** Typing in one field is one step until it pauses for so long, in milliseconds. */
const PAUSE = 1000;

/** Steps that can be undone. */
const LONGEST = 200;

/** Says `change` after every change. */
export class Model extends EventTarget {
  /** @type {Doc} */
  #base;
  /** @type {Doc} */
  #doc;
  /** @type {Step[]} */
  #past = [];
  /** @type {Step[]} */
  #future = [];
  /** What is being typed, and since when. @type {{ key: string, time: number } | null} */
  #typing = null;

  /** @param {Doc} base */
  constructor(base) {
    super();
    this.#base = base;
    this.#doc = base;
  }

  get base() {
    return this.#base;
  }

  get doc() {
    return this.#doc;
  }

  /** From the files' state to this one. */
  get edits() {
    return changes(this.#base, this.#doc);
  }

  get dirty() {
    return !equal(asJson(this.#base), asJson(this.#doc));
  }

  /** The names of the widgets whose settings are known. */
  get opened() {
    return openedIn(this.snapshot());
  }

  get canUndo() {
    return this.#past.length > 0;
  }

  get canRedo() {
    return this.#future.length > 0;
  }

  /** Sets one value, or removes it, and with it each map that is empty then.
   * @param {Path} path @param {Json | undefined} value
   * @param {{ typing?: boolean, about?: Path, now?: number }} [options] `about`: the setting that is meant, if `path` is
   *   above it; `typing`: joins the step before, if that was about the same */
  set(path, value, { typing = false, about = path, now = Date.now() } = {}) {
    const root = asJson(this.#doc);
    // Sections of the file, and a widget itself, stay even if they are empty.
    const keep = path[0] === "widgets" ? 2 : 1;
    const next = value === undefined ? prune(root, path, keep) : put(root, path, value);
    const key = about.join("\0");
    const joins = typing && this.#typing?.key === key && now - this.#typing.time < PAUSE;
    if (!this.#step(asDoc(next), about, joins)) {
      return;
    }
    this.#typing = typing ? { key, time: now } : null;
    this.#say();
  }

  /** Several edits as one step. @param {readonly Edit[]} edits */
  change(edits) {
    this.#typing = null;
    if (edits.length > 0 && this.#step(apply(this.#doc, edits), edits[0].path, false)) {
      this.#say();
    }
  }

  /** Goes one step back. @returns {Path | null} what it changed */
  undo() {
    return this.#go(this.#past, this.#future);
  }

  /** @returns {Path | null} */
  redo() {
    return this.#go(this.#future, this.#past);
  }

  /** The files have changed: puts the edits on top of their new state.
   * @param {Doc} base
   * @returns {{ lost: Edit[], both: Edit[] }} edits that have no place any more; edits of what the files changed too */
  rebase(base) {
    const old = this.#base;
    const edits = this.edits;
    const lost = edits.filter((edit) => !hasPlace(base, edit));
    const both = edits.filter(
      (edit) => hasPlace(base, edit) && !same(old, base, edit.path) && !equal(get(asJson(base), edit.path), edit.value),
    );
    /** @param {Step} step */
    const moved = (step) => ({ ...step, doc: move(old, base, step.doc) });
    this.#base = base;
    this.#doc = move(old, base, this.#doc);
    this.#past = this.#past.map(moved);
    this.#future = this.#future.map(moved);
    this.#typing = null;
    this.#say();
    return { lost, both };
  }

  /** A widget is opened: its settings become known, which changes nothing. @param {string} name @param {JsonObject} written */
  open(name, written) {
    this.rebase({ ...this.#base, widgets: { ...this.#base.widgets, [name]: written } });
  }

  /** The files now hold what was sent. What was typed since then stays, and so do the steps.
   * @param {Doc} base @param {Doc} sent */
  saved(base, sent) {
    const later = changes(sent, this.#doc);
    this.#base = base;
    this.#doc = apply(base, later);
    this.#typing = null;
    this.#say();
  }

  /** Back to the state of the files, as a step that can be undone. */
  discard() {
    this.#typing = null;
    if (this.#step(this.#base, [], false)) {
      this.#say();
    }
  }

  /** @returns {Snapshot} */
  snapshot() {
    return { base: this.#base, doc: this.#doc, past: this.#past, future: this.#future };
  }

  /** Goes on where another tab, or this one before a reload, had stopped. @param {Snapshot} snapshot */
  restore({ base, doc, past, future }) {
    this.#base = base;
    this.#doc = doc;
    this.#past = past;
    this.#future = future;
    this.#typing = null;
    this.#say();
  }

  /** @param {Doc} doc @param {Path} path @param {boolean} joins @returns {boolean} whether anything is different */
  #step(doc, path, joins) {
    if (equal(asJson(doc), asJson(this.#doc))) {
      return false;
    }
    if (!joins) {
      this.#past = [...this.#past.slice(1 - LONGEST), { doc: this.#doc, path }];
    }
    this.#doc = doc;
    this.#future = [];
    return true;
  }

  /** @param {Step[]} from @param {Step[]} to */
  #go(from, to) {
    const step = from.pop();
    if (!step) {
      return null;
    }
    to.push({ doc: this.#doc, path: step.path });
    this.#doc = step.doc;
    this.#typing = null;
    this.#say();
    return step.path;
  }

  #say() {
    this.dispatchEvent(new Event("change"));
  }
}

/** The names of the widgets in any of these states. @param {Snapshot} snapshot @returns {string[]} */
export function openedIn({ base, doc, past, future }) {
  const all = [base, doc, ...[...past, ...future].map((step) => step.doc)];
  return [...new Set(all.flatMap(({ widgets }) => Object.keys(widgets)))];
}

/** @param {Doc} doc @returns {Json} */
const asJson = (doc) => /** @type {Json} */ (/** @type {unknown} */ (doc));

/** @param {Json | undefined} json @returns {Doc} */
const asDoc = (json) => /** @type {Doc} */ (/** @type {unknown} */ (json));

/** @param {Doc} a @param {Doc} b @param {Path} path */
const same = (a, b, path) => equal(get(asJson(a), path), get(asJson(b), path));

/** Whether the maps that an edit goes through are still there, or can be made.
 * @param {Doc} base @param {Edit} edit */
function hasPlace(base, { path }) {
  // The key of a widget that is gone would make a new one, of that key alone.
  if (path[0] === "widgets" && path.length > 2 && !Object.hasOwn(base.widgets, path[1])) {
    return false;
  }
  return path.every((_, length) => {
    const parent = get(asJson(base), path.slice(0, length));
    return parent === undefined || isObject(parent);
  });
}

/** @param {Doc} old @param {Doc} base @param {Doc} doc */
function move(old, base, doc) {
  return apply(
    base,
    changes(old, doc).filter((edit) => hasPlace(base, edit)),
  );
}
