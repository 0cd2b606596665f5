/** The studio: puts its parts together. */

import { follow } from "../shared/events.js";
import { Api, ApiError } from "./api.js";
import { announce, byId } from "./dom.js";
import { Drafts } from "./drafts.js";
import { byName, docOf, keyOf } from "./site.js";
import { fieldFactory } from "./fields.js";
import { GROUPS } from "./hints.js";
import { paste } from "./importing.js";
import { equal, get, merge } from "./json.js";
import { textButton } from "./icons.js";
import { draftId, keep, kept } from "./keep.js";
import { Model } from "./model.js";
import { notice, showFileErrors } from "./notices.js";
import { Preview } from "./preview.js";
import { Problems, wayOf } from "./problems.js";
import { edited, save } from "./saving.js";
import { readSchema } from "./schema.js";
import { Settings } from "./settings.js";
import { shortcuts } from "./shortcuts.js";
import { showSnippets } from "./snippets.js";
import { panes, tabs } from "./tabs.js";
import { Visitor } from "./visitor.js";
import { Widgets } from "./widgets.js";

/** @import { Doc, DraftReply, Json, Problem, State, Widget } from "./types.js" */
/** @import { Scope } from "./settings.js" */

const api = new Api(document.querySelector("meta[name=preview-token]")?.getAttribute("content") ?? "");

/** @param {State} first */
async function start(first) {
  let state = first;
  /** What the server knows of the widgets. @type {Map<string, Widget>} */
  let known = byName(state.widgets);
  /** What is wrong with the files on disk. */
  let wrong = state.problems;
  /** @type {DraftReply['snippets']} */
  let snippets = {};
  let saving = false;
  /** Whether the files changed while they were being saved. */
  let later = false;

  const before = kept(sessionStorage, docOf(state));
  const id = await draftId(before?.id);
  const model = new Model(docOf(state));
  const drafts = new Drafts({ api, model, id, revision: state.revision });
  const schema = readSchema(state.schema);
  const problems = new Problems({ places: () => fields.places(), reveal: (path) => settings.reveal(path), announce });
  const fields = fieldFactory({
    around: { icons: state.icons, themes: state.themes, announce },
    saved: ({ path }) => get(/** @type {any} */ (model.base), path),
    backend: () => (settings.scope[0] === "widgets" ? (known.get(settings.scope[1])?.backend ?? null) : null),
  });
  const settings = new Settings({
    model,
    schema,
    fields,
    inherited,
    wrong: () => problems.all.map(({ path }) => wayOf(path)),
  });
  const widgets = new Widgets({ model, schema, known: (name) => known.get(name), go: (scope) => go(scope) });
  const preview = new Preview({ stage: state.stage, id, ownHostPage: state.own_host_page });
  const visitor = new Visitor({
    tell: (what) => preview.tell(what),
    setDemo: (demo) =>
      api
        .mode({ demo })
        .catch((error) => failed(error))
        .finally(() => visitor.mode(state.mode)),
    setNetwork: (down) => {
      preview.tell(down ? "offline" : "online");
      return api.network({ down }).then(() => visitor.mode({ ...state.mode, down }), failed);
    },
  });
  /** The widget that is previewed: also while all widgets are edited at once. */
  let shown = widgets.names[0] ?? "";
  /** Whether the server has drawn the draft, so that there is something to show. */
  let drawn = false;

  /** @type {{ widget?: Widget, defaults?: Json, value?: Json }} */
  let last = {};

  /** What lies under a scope. Of a widget that the server has not seen yet: what is known without it.
   * @param {Scope} scope @returns {Json | undefined} */
  function inherited([kind, name]) {
    if (kind !== "widgets") {
      return undefined;
    }
    const widget = known.get(name) ?? known.values().next().value;
    const { defaults } = model.doc;
    // Asked for by every setting that is on the page.
    if (last.widget !== widget || last.defaults !== defaults) {
      // What is being written in `defaults` is ahead of the server's last word.
      last = { widget, defaults, value: merge(widget?.inherited, defaults) };
    }
    return last.value;
  }

  /** @param {Scope} scope */
  function go(scope) {
    settings.show(scope);
    if (scope[0] === "widgets" && scope[1] !== shown) {
      shown = scope[1];
      if (drawn && known.has(shown)) {
        preview.show(shown);
      }
    }
    showSnippets(shown, snippets[shown] ?? []);
    refresh();
  }

  /** Everything that depends on the model, but what is posted. */
  function refresh() {
    // A widget may be gone by undoing its addition.
    if (settings.scope[0] === "widgets" && !widgets.names.includes(settings.scope[1])) {
      const [name] = widgets.names;
      return go(name ? ["widgets", name] : ["site"]);
    }
    settings.update();
    problems.mark();
    widgets.update(settings.scope);
    const count = model.edits.length;
    /** @type {HTMLButtonElement} */ (byId("undo")).disabled = !model.canUndo;
    /** @type {HTMLButtonElement} */ (byId("redo")).disabled = !model.canRedo;
    /** @type {HTMLButtonElement} */ (byId("save")).disabled = count === 0 || saving || !state.saving.allowed;
    byId("count").textContent = count === 0 ? "" : String(count);
    byId("unsaved").textContent = !state.saving.allowed
      ? (state.saving.why ?? "Saving is off")
      : count === 0
        ? "All saved"
        : `${count} unsaved ${count === 1 ? "change" : "changes"}`;
    document.title = `${count > 0 ? "• " : ""}${shown || "chatkit-embed"} — studio`;
  }

  /** @param {Problem[]} found */
  function setWrong(found) {
    wrong = found;
    showFileErrors(found);
  }

  /** @param {unknown} error */
  function failed(error) {
    if (error instanceof ApiError && error.status === 0) {
      notice("The preview has stopped. Start it again with chatkit-embed watch; your changes stay in this tab.", {
        kind: "bad",
      });
    } else if (error instanceof ApiError && (error.status === 401 || error.status === 403)) {
      const reload = textButton("reset", "Reload", () => location.reload(), { class: "button small" });
      notice(`${error.message} Reload the page to go on; your changes stay.`, { kind: "bad", action: reload });
    } else {
      notice(error instanceof Error ? error.message : String(error), { kind: "bad" });
    }
  }

  /** Fetches the files' state and puts the edits on top of it; they are posted once that is done. @param {{ quiet?: boolean }} [options] */
  async function pull({ quiet = false } = {}) {
    drafts.pause(true);
    try {
      const next = await api.state();
      const moved = !equal(/** @type {any} */ (docOf(next)), /** @type {any} */ (model.base));
      const dirty = model.dirty;
      setWrong(next.problems);
      // Files that can not be read at all: what was read last stays until they can.
      if (next.problems.length > 0 && next.widgets.length === 0) {
        return;
      }
      state = next;
      known = byName(next.widgets);
      drafts.revision = next.revision;
      const { lost, both } = model.rebase(docOf(next));
      if (moved && !quiet) {
        tellMoved(dirty, edited(lost), edited(both));
      }
      if (shown === "" && widgets.names.length > 0) {
        go(["widgets", widgets.names[0]]);
      }
    } catch (error) {
      failed(error);
    }
    drafts.pause(false);
  }

  /** The files are what they were, but variables and themes may be others, and with them what the edits come to. */
  async function lookAgain() {
    await pull({ quiet: true });
    visitor.mode(state.mode);
    await drafts.post();
  }

  /** @param {boolean} dirty @param {string[]} lost @param {string[]} both */
  function tellMoved(dirty, lost, both) {
    if (!dirty) {
      return announce("The files changed on disk, and what you see follows.");
    }
    notice("The files changed on disk. Your changes are on top of them.", {
      kind: lost.length > 0 ? "bad" : "",
      lists: [
        { title: "No longer possible, and dropped:", items: lost },
        { title: "Changed in the files as well; yours is shown:", items: both },
      ],
    });
  }

  /** @param {Doc} sent */
  async function saved(sent) {
    drafts.pause(true);
    try {
      const next = await api.state();
      state = next;
      known = byName(next.widgets);
      drafts.revision = next.revision;
      model.saved(docOf(next), sent);
    } finally {
      drafts.pause(false);
    }
  }

  function startSaving() {
    if (!model.dirty || saving || document.querySelector("dialog[open]")) {
      return;
    }
    if (!state.saving.allowed) {
      return announce(state.saving.why ?? "Saving is off");
    }
    if (problems.all.length > 0) {
      announce("Some settings need a look before they can be saved.");
      return settings.reveal(wayOf(problems.all[0].path));
    }
    save({
      api,
      model,
      revision: () => drafts.revision,
      saved,
      pull: () => pull({ quiet: true }),
      busy: (busy) => {
        saving = busy;
        refresh();
        if (!busy && later) {
          void pull();
        }
        later = false;
      },
    }).catch(failed);
  }

  /** @param {'undo' | 'redo'} which */
  function step(which) {
    const path = model[which]();
    if (!path) {
      return;
    }
    announce(
      `${which === "undo" ? "Undone" : "Done again"}: ${path.slice(path[0] === "widgets" ? 2 : 1).join(" ") || path.join(" ")}`,
    );
    settings.reveal(path, { focus: false });
  }

  // The edits leave before anything is drawn.
  let posted = 0;
  model.addEventListener("change", () => {
    posted = performance.now();
    void drafts.post();
    refresh();
    scheduleKeep();
  });
  let timer = 0;
  const keepNow = () => keep(sessionStorage, { id, revision: drafts.revision, snapshot: model.snapshot() });
  function scheduleKeep() {
    clearTimeout(timer);
    timer = window.setTimeout(keepNow, 250);
  }
  window.addEventListener("pagehide", keepNow);
  window.addEventListener("beforeunload", (event) => model.dirty && event.preventDefault());

  drafts.addEventListener("reply", (event) => {
    const reply = /** @type {CustomEvent<DraftReply>} */ (event).detail;
    // Of a large site, the server tells of the widgets that the edits touch.
    const { widgets: there } = model.doc;
    known = new Map([...known, ...byName(reply.widgets)].filter(([name]) => Object.hasOwn(there, name)));
    snippets = { ...snippets, ...reply.snippets };
    // What is wrong with the files is said over the preview already.
    const said = new Set(wrong.map(keyOf));
    problems.set(reply.ok ? [] : reply.problems.filter((problem) => !said.has(keyOf(problem))));
    byId("bench").classList.remove("starting");
    drawn = true;
    refresh();
    showSnippets(shown, snippets[shown] ?? []);
    if (known.has(shown)) {
      preview.show(shown);
    }
  });
  drafts.addEventListener("stale", () => void pull());
  drafts.addEventListener("failed", (event) => failed(/** @type {CustomEvent} */ (event).detail));

  preview.addEventListener("message", (event) => {
    const { detail } = /** @type {CustomEvent} */ (event);
    if (detail?.preview === "event") {
      visitor.event(detail);
    }
    if (detail?.preview === "painted" && posted > 0) {
      byId("latency").textContent = `${Math.round(performance.now() - posted)} ms to the preview`;
      posted = 0;
    }
  });

  let isFirst = true;
  follow(`/_/events?draft=${id}`, {
    opened() {
      // After a pause of the connection, the files may be others.
      if (!isFirst) {
        void pull();
      }
      isFirst = false;
    },
    site({ revision, ok, problems: found }) {
      setWrong(ok ? [] : found);
      if (revision === drafts.revision) {
        return ok && !saving ? void lookAgain() : undefined;
      }
      if (saving) {
        later = true;
      } else {
        void pull();
      }
    },
    session: (call) => visitor.session(call),
    mode({ demo, down }) {
      state = { ...state, mode: { ...state.mode, demo } };
      visitor.mode({ ...state.mode, down });
    },
  });

  byId("undo").addEventListener("click", () => step("undo"));
  byId("redo").addEventListener("click", () => step("redo"));
  byId("save").addEventListener("click", startSaving);
  byId("paste").addEventListener("click", () =>
    paste({
      api,
      model,
      widgets,
      current: settings.scope[0] === "widgets" ? settings.scope[1] : shown || null,
      go: (name) => go(["widgets", name]),
    }),
  );
  shortcuts({
    undo: () => step("undo"),
    redo: () => step("redo"),
    save: startSaving,
    search: () => byId("search").focus(),
  });
  byId("form").addEventListener("drawn", () => queueMicrotask(() => problems.mark()));

  visitor.mode(state.mode);
  setWrong(state.problems);
  if (before) {
    // The edits are against the files as they were before the reload: first that state, then what they are now.
    model.restore(before.snapshot);
    const { lost, both } = model.rebase(docOf(state));
    if (model.dirty || lost.length > 0) {
      notice("Your unsaved changes are back.", {
        lists: [
          { title: "No longer possible, and dropped:", items: lost.map(({ path }) => path.join(".")) },
          { title: "Changed in the files as well; yours is shown:", items: edited(both) },
        ],
      });
    }
  }
  shown = widgets.names[0] ?? "";
  settings.show(shown ? ["widgets", shown] : ["site"], GROUPS[0]);
  if (!shown && wrong.length === 0) {
    widgets.add();
  }
  refresh();
  void drafts.post();
}

for (const list of document.querySelectorAll("[role=tablist]")) {
  tabs(/** @type {HTMLElement} */ (list));
}
panes(byId("bench"));
api
  .state()
  .then(start)
  .catch((error) => {
    byId("bench").classList.remove("starting");
    notice(
      error instanceof ApiError && error.status === 0
        ? "The preview does not answer. Is chatkit-embed watch still running?"
        : error.message,
      {
        kind: "bad",
        action: textButton("reset", "Try again", () => location.reload(), { class: "button small" }),
      },
    );
  });
