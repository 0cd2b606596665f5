/** The studio: its parts put together, and what they do to each other. */

import { follow } from "../shared/events.js";
import { announce, byId } from "./page.js";
import { Drafts } from "./drafts.js";
import { fieldFactory } from "./fields.js";
import { Files, settingsOf } from "./files.js";
import { goLive } from "./golive.js";
import { paste } from "./importing.js";
import { get, merge } from "./json.js";
import { keep } from "./keep.js";
import { Kinds } from "./kinds.js";
import { lookOf } from "./look.js";
import { Model } from "./model.js";
import { showFailure, showFileErrors, showRestored } from "./notices.js";
import { Preview } from "./preview.js";
import { Problems, wayOf } from "./problems.js";
import { readSchema } from "./schema.js";
import { Settings } from "./settings.js";
import { shortcuts } from "./shortcuts.js";
import { byName, docOf, keyOf } from "./site.js";
import { showSnippets } from "./snippets.js";
import { Visitor } from "./visitor.js";
import { Widgets } from "./widgets.js";

/** @import { Api } from "./api.js" */
/** @import { Snapshot } from "./model.js" */
/** @import { Doc, DraftReply, Json, Look, Path, Problem, State, Widget } from "./types.js" */
/** @import { Scope } from "./settings.js" */

/** Milliseconds after which changes are kept for a reload. */
const KEEP = 250;

/** The whole page. */
export class Studio {
  /** The names of all widgets in the files. @type {Set<string>} */
  #listed;
  /** What the server knows of those that were opened. @type {Map<string, Widget>} */
  #known;
  /** Errors in the files on disk. @type {Problem[]} */
  #wrong;
  /** @type {DraftReply["snippets"]} */
  #snippets = {};
  /** The widget that is previewed: also while all widgets are edited at once. */
  #shown = "";
  /** What is edited, or will be once its settings are there. @type {Scope} */
  #wanted = ["site"];
  /** Set once the server has drawn the draft, so that there is something to show. */
  #drawn = false;
  /** The look of what is edited, and what that was made of.
   * @type {{ name?: string, widget?: Widget, doc?: Doc, value: Look } | null} */
  #look = null;
  /** What a scope inherits, and the look that this was made of. @type {{ look?: Look, value?: Json }} */
  #inherited = {};
  /** When the last edit was made that no preview has painted yet, or 0. */
  #posted = 0;
  /** @type {number | undefined} */
  #timer;
  #isFirst = true;

  /** @param {{ api: Api, first: State, widgets: Widget[], id: string }} page `widgets`: those that are open */
  constructor({ api, first, widgets, id }) {
    this.api = api;
    this.state = first;
    this.id = id;
    this.#listed = new Set(first.widgets);
    this.#known = byName(widgets);
    this.#wrong = first.problems;
    this.model = new Model(docOf(first, widgets));
    this.drafts = new Drafts({ api, model: this.model, id, revision: first.revision, shown: () => this.#shown });
    this.files = new Files(this);
    this.kinds = new Kinds({
      known: (name) => this.#known.get(name),
      fetch: (names) => settingsOf(api, this.drafts.revision, names),
    });
    this.problems = new Problems({
      places: () => this.fields.places(),
      reveal: (path) => void this.reveal(path),
      announce,
    });
    this.fields = fieldFactory({
      around: {
        icons: first.icons,
        themes: first.themes,
        look: (path) => this.#lookAt(path),
        upload: first.saving.allowed ? async (file) => (await api.logo(file)).name : null,
        announce,
      },
      saved: ({ path }) => get(/** @type {any} */ (this.model.base), path),
      backend: () => this.#backend(),
    });
    const schema = readSchema(first.schema);
    this.settings = new Settings({
      model: this.model,
      schema,
      fields: this.fields,
      inherited: (scope) => this.#inheritedBy(scope),
      wrong: () => this.problems.all.map(({ path }) => wayOf(path)),
      knowledge: (widget, question) => api.knowledge({ id, widget, question }),
      look: first.saving.allowed ? (address) => api.website({ address }) : null,
    });
    this.widgets = new Widgets({
      model: this.model,
      schema,
      listed: () => this.#listed,
      kinds: this.kinds,
      starters: () => api.starters(),
      go: (scope) => this.go(scope),
    });
    this.preview = new Preview({ stage: first.stage, id, ownHostPage: first.own_host_page });
    this.visitor = new Visitor({
      tell: (what) => this.preview.tell(what),
      setDemo: (demo) => this.#setDemo(demo),
      setNetwork: (down) => this.#setNetwork(down),
    });
    this.#shown = this.widgets.names[0] ?? "";
  }

  /** Begins with what the files hold, and with edits from before a reload. @param {{ snapshot: Snapshot } | null} before */
  begin(before) {
    this.#followModel();
    this.#followServer();
    this.#followPreview();
    this.#followVisitor();
    this.visitor.mode(this.state.mode);
    this.setWrong(this.state.problems);
    if (before) {
      // The edits are against the files as they were before the reload: first that state, then what they are now.
      const { base } = this.model;
      this.model.restore(before.snapshot);
      const { lost, both } = this.model.rebase(base);
      if (this.model.dirty || lost.length > 0) {
        showRestored(lost, both);
      }
    }
    const [shown] = this.widgets.names;
    this.go(shown === undefined ? ["site"] : ["widgets", shown]);
    if (shown === undefined && this.#wrong.length === 0) {
      void this.widgets.add();
    }
    void this.drafts.post();
  }

  /** Takes what the server has read from the files. @param {State} next @param {Widget[]} widgets those that are opened */
  take(next, widgets) {
    this.state = next;
    this.#listed = new Set(next.widgets);
    this.#known = byName(widgets);
    this.kinds.forget();
    this.drafts.revision = next.revision;
  }

  /** Shows a widget if none is shown. */
  showFirst() {
    if (this.#shown === "" && this.widgets.names.length > 0) {
      this.go(["widgets", this.widgets.names[0]]);
    }
  }

  /** @param {Problem[]} found */
  setWrong(found) {
    this.#wrong = found;
    showFileErrors(found);
  }

  /** Shows the setting at a path. @param {Path} path @param {{ focus?: boolean }} [options] */
  async reveal(path, options) {
    if (await this.#open(path)) {
      this.settings.reveal(path, options);
    }
  }

  /** @param {Scope} scope */
  go(scope) {
    this.#wanted = scope;
    if (!this.#isOpen(scope)) {
      void this.#open(scope).then((isOpen) => {
        if (isOpen && this.#wanted === scope) {
          this.go(scope);
        }
      });
      return;
    }
    this.settings.show(scope);
    if (scope[0] === "widgets" && scope[1] !== this.#shown) {
      this.#shown = scope[1];
      // The server tells what it knows of the one that is shown.
      void this.drafts.post();
      if (this.#drawn) {
        this.#showPreview();
      }
    }
    showSnippets(this.#shown, this.#snippets[this.#shown] ?? []);
    this.refresh();
  }

  /** Whether the settings at a path are known. @param {Path} path */
  #isOpen([kind, name]) {
    return kind !== "widgets" || name === undefined || Object.hasOwn(this.model.doc.widgets, name);
  }

  /** Fetches the settings of the widget at a path, unless they are known. @param {Path} path @returns {Promise<boolean>} */
  async #open(path) {
    const [, name] = path;
    const { revision } = this.drafts;
    if (this.#isOpen(path) || !this.widgets.has(name)) {
      return this.#isOpen(path);
    }
    try {
      const [widget] = await settingsOf(this.api, revision, [name]);
      if (this.drafts.revision !== revision) {
        return this.#open(path);
      }
      if (widget) {
        this.#known.set(name, widget);
        this.model.open(name, widget.written ?? {});
      }
    } catch (error) {
      showFailure(error);
    }
    return this.#isOpen(path);
  }

  /** Everything that depends on the model, but what is posted. */
  refresh() {
    const { model, settings, widgets, state } = this;
    // A widget may be gone by undoing its addition, or have another name.
    if (settings.scope[0] === "widgets" && !widgets.has(settings.scope[1])) {
      const name = widgets.successor(settings.scope[1]) ?? widgets.names[0];
      this.go(name ? ["widgets", name] : ["site"]);
      return;
    }
    settings.update();
    this.problems.mark();
    widgets.update(settings.scope);
    const count = model.edits.length;
    const { allowed, why } = state.saving;
    /** @type {HTMLButtonElement} */ (byId("undo")).disabled = !model.canUndo;
    /** @type {HTMLButtonElement} */ (byId("redo")).disabled = !model.canRedo;
    /** @type {HTMLButtonElement} */ (byId("save")).disabled = count === 0 || this.files.saving || !allowed;
    byId("count").textContent = count === 0 ? "" : String(count);
    const saved = state.deployed === "current" ? "All saved and deployed" : "All saved";
    byId("undeployed").hidden = !allowed || count > 0 || state.deployed !== "not_yet";
    byId("unsaved").textContent = !allowed
      ? (why ?? "Saving is off")
      : count === 0
        ? saved
        : `${count} unsaved ${count === 1 ? "change" : "changes"}`;
    document.title = `${count > 0 ? "• " : ""}${this.#shown || "chatkit-embed"} — studio`;
  }

  /** Back end of the widget that is edited, as far as the server knows it. */
  #backend() {
    const [kind, name] = this.settings.scope;
    return kind === "widgets" ? (this.#known.get(name)?.backend ?? null) : null;
  }

  /** What the server knows of a widget. One that it has not seen yet is like the others. @param {string} name */
  #knownOf(name) {
    return this.#known.get(name) ?? this.#known.values().next().value;
  }

  /** What a widget inherits from `defaults` and its theme. What is being written in `defaults` is ahead of the server's
   * last word. @param {Scope} scope @returns {Json | undefined} */
  #below([kind, name]) {
    return kind === "widgets" ? merge(this.#knownOf(name)?.inherited, this.model.doc.defaults) : undefined;
  }

  /** How the scope that a path is in looks. @param {Path} path @returns {Look} */
  #lookAt(path) {
    const scope = path.slice(0, path[0] === "widgets" ? 2 : 1);
    const name = scope.join(".");
    const widget = path[0] === "widgets" ? this.#knownOf(path[1]) : undefined;
    const { doc } = this.model;
    // Asked for by every setting that is on the page.
    if (this.#look?.name !== name || this.#look.widget !== widget || this.#look.doc !== doc) {
      this.#look = { name, widget, doc, value: lookOf(scope, doc, this.#below(scope), this.state.themes) };
    }
    return this.#look.value;
  }

  /** Values under a scope. @param {Scope} scope @returns {Json | undefined} */
  #inheritedBy(scope) {
    const look = this.#lookAt(scope);
    if (this.#inherited.look !== look) {
      this.#inherited = { look, value: merge(this.#below(scope), look.inherited) };
    }
    return this.#inherited.value;
  }

  #showPreview() {
    if (this.#known.has(this.#shown)) {
      this.preview.show(this.#shown);
    }
  }

  /** @param {boolean} demo */
  #setDemo(demo) {
    return this.api
      .mode({ demo })
      .catch(showFailure)
      .finally(() => this.visitor.mode(this.state.mode));
  }

  /** @param {boolean} down */
  #setNetwork(down) {
    this.preview.tell(down ? "offline" : "online");
    return this.api.network({ down }).then(() => this.visitor.mode({ ...this.state.mode, down }), showFailure);
  }

  #followModel() {
    const keepNow = () =>
      keep(sessionStorage, { id: this.id, revision: this.drafts.revision, snapshot: this.model.snapshot() });
    this.model.addEventListener("change", () => {
      // The edits leave before anything is drawn.
      this.#posted = performance.now();
      void this.drafts.post();
      this.refresh();
      clearTimeout(this.#timer);
      this.#timer = window.setTimeout(keepNow, KEEP);
    });
    window.addEventListener("pagehide", keepNow);
    window.addEventListener("beforeunload", (event) => this.model.dirty && event.preventDefault());
  }

  #followServer() {
    const { drafts, files, visitor } = this;
    drafts.addEventListener("reply", (event) => this.#draw(/** @type {CustomEvent<DraftReply>} */ (event).detail));
    drafts.addEventListener("stale", () => void files.pull());
    drafts.addEventListener("failed", (event) => showFailure(/** @type {CustomEvent} */ (event).detail));
    follow(`/_/events?draft=${this.id}`, {
      opened: () => {
        // After a pause of the connection, the files may be others.
        if (!this.#isFirst) {
          void files.pull();
        }
        this.#isFirst = false;
      },
      site: ({ revision, ok, problems }) => {
        this.setWrong(ok ? [] : problems);
        files.changed({ isOurs: revision === drafts.revision, ok });
      },
      session: (call) => visitor.session(call),
      mode: ({ demo, down }) => {
        this.state = { ...this.state, mode: { ...this.state.mode, demo } };
        visitor.mode({ ...this.state.mode, down });
      },
    });
  }

  /** What the server made of the edits. @param {DraftReply} reply */
  #draw(reply) {
    const { widgets: there } = this.model.doc;
    const known = [...this.#known, ...byName(reply.widgets)];
    this.#known = new Map(known.filter(([name]) => Object.hasOwn(there, name)));
    this.#snippets = { ...this.#snippets, ...reply.snippets };
    // Errors in the files are shown over the preview already.
    const said = new Set(this.#wrong.map(keyOf));
    this.problems.set(reply.ok ? [] : reply.problems.filter((problem) => !said.has(keyOf(problem))));
    byId("bench").classList.remove("starting");
    this.#drawn = true;
    this.refresh();
    this.settings.drawn();
    showSnippets(this.#shown, this.#snippets[this.#shown] ?? []);
    this.#showPreview();
  }

  #followPreview() {
    this.preview.addEventListener("message", (event) => {
      const { detail } = /** @type {CustomEvent} */ (event);
      if (detail?.preview === "event") {
        this.visitor.event(detail);
      }
      if (detail?.preview === "painted" && this.#posted > 0) {
        byId("latency").textContent = `${Math.round(performance.now() - this.#posted)} ms to the preview`;
        this.#posted = 0;
      }
    });
  }

  /** Buttons and keys. */
  #followVisitor() {
    const undo = () => this.#step("undo");
    const redo = () => this.#step("redo");
    const save = () => this.files.save();
    byId("undo").addEventListener("click", undo);
    byId("redo").addEventListener("click", redo);
    byId("save").addEventListener("click", save);
    byId("paste").addEventListener("click", () => this.#paste());
    byId("golive").addEventListener("click", () => this.#goLive());
    byId("undeployed").addEventListener("click", () => this.#goLive());
    shortcuts({ undo, redo, save, search: () => byId("search").focus() });
    byId("form").addEventListener("drawn", () => queueMicrotask(() => this.problems.mark()));
  }

  #paste() {
    const { api, model, widgets, settings } = this;
    const current = settings.scope[0] === "widgets" ? settings.scope[1] : this.#shown || null;
    void paste({ api, model, widgets, current, go: (name) => this.go(["widgets", name]) });
  }

  #goLive() {
    goLive({
      api: this.api,
      widget: this.#shown,
      unsaved: this.model.edits.length,
      found: (deployed) => {
        this.state = { ...this.state, deployed };
        this.refresh();
      },
      setAddress: () => void this.reveal(["site", "url"]),
    });
  }

  /** @param {"undo" | "redo"} which */
  #step(which) {
    const path = this.model[which]();
    if (!path) {
      return;
    }
    const place = path.slice(path[0] === "widgets" ? 2 : 1).join(" ") || path.join(" ");
    announce(`${which === "undo" ? "Undone" : "Redone"}: ${place}`);
    // A whole widget is back.
    if (path[0] === "widgets" && path.length === 2 && this.widgets.has(path[1])) {
      return this.go(path);
    }
    void this.reveal(path, { focus: false });
  }
}
