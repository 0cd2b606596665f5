/** The studio's pure parts: edits and steps, the schema as a form sees it, what survives a reload. */

import assert from "node:assert/strict";
import { before, test } from "node:test";

import { siteSchema } from "./harness/studio-preview.mjs";
import { bind } from "../../src/preview/web/studio/binding.js";
import { shownOf } from "../../src/preview/web/studio/controls.js";
import { contrast, ratioText, readableOn } from "../../src/preview/web/studio/color.js";
import { GROUPS, groupOf, wordsOf } from "../../src/preview/web/studio/hints.js";
import { apply, diff, get, merge, prune, put } from "../../src/preview/web/studio/json.js";
import { keep, kept } from "../../src/preview/web/studio/keep.js";
import { lookOf } from "../../src/preview/web/studio/look.js";
import { Model } from "../../src/preview/web/studio/model.js";
import { blank, fits, humanise, leaves, readSchema } from "../../src/preview/web/studio/schema.js";

/** @typedef {import("../../src/preview/web/studio/types.js").Doc} Doc */
/** @typedef {import("../../src/preview/web/studio/types.js").Json} Json */

/** @type {ReturnType<typeof readSchema>} */
let schema;
before(async () => {
  schema = readSchema(await siteSchema());
});

/** @returns {Doc} */
const site = () => ({
  site: { url: "https://chat.example.com" },
  defaults: { chatkit: { theme: { radius: "round" } } },
  widgets: {
    support: { backend: { type: "hosted" }, launcher: { size: 56, label: "Chat" }, rules: { hide: ["/a"] } },
    docs: {},
  },
});

/** A setting of the widget `support`. @param {Model} model @param {string} way @param {Json} [inherited] */
function fieldOf(model, way, inherited) {
  const root = bind({ model, path: ["widgets", "support"], node: schema.widget, inherited: () => inherited });
  return way.split(".").reduce((field, key) => {
    const node =
      field.node.kind === "list" || field.node.kind === "map"
        ? field.node.items
        : field.node.properties.find(([name]) => name === key)?.[1];
    assert(node, `${way} is in the schema`);
    return field.child(key, node);
  }, root);
}

test("an edit changes one value, and what it does not touch is the same object", () => {
  const before = { a: { b: 1 }, c: { d: 2 } };
  const after = /** @type {any} */ (put(before, ["a", "b"], 3));
  assert.deepEqual(after, { a: { b: 3 }, c: { d: 2 } });
  assert.equal(after.c, before.c);
  assert.deepEqual(put(before, ["x", "y"], 1), { ...before, x: { y: 1 } });
  assert.deepEqual(put([1, 2, 3], ["1"], undefined), [1, 3]);
  assert.deepEqual(put(before, ["nothing", "here"], undefined), before);
  assert.equal(get({ a: 1 }, ["toString"]), undefined);
});

test("removing the last key of a map removes the map, but no section, and no item of a list", () => {
  assert.deepEqual(prune({ w: { s: { launcher: { size: 1 } } } }, ["w", "s", "launcher", "size"], 2), { w: { s: {} } });
  assert.deepEqual(prune({ list: [{ a: 1 }, { b: 2 }] }, ["list", "0", "a"], 0), { list: [{}, { b: 2 }] });
});

test("the difference of two documents is as small as it can be, and leads from one to the other", () => {
  const from = { a: { b: 1, c: 2 }, list: [1, 2], gone: true };
  const to = { a: { b: 1, c: 3, d: {} }, list: [2], fresh: { x: 1 } };
  const edits = diff(from, to);
  assert.deepEqual(edits, [
    { path: ["a", "c"], value: 3 },
    { path: ["a", "d"], value: {} },
    { path: ["list"], value: [2] },
    { path: ["gone"] },
    { path: ["fresh"], value: { x: 1 } },
  ]);
  assert.deepEqual(apply(from, edits), to);
  assert.deepEqual(diff({ a: { b: 1 } }, { a: {} }), [{ path: ["a"], value: {} }]);
});

test("random documents: the difference always leads from one to the other", () => {
  let seed = 7;
  const random = (/** @type {number} */ below) => (seed = (seed * 1103515245 + 12345) & 0x7fffffff) % below;
  /** @param {number} depth @returns {any} */
  const make = (depth) => {
    if (depth === 0 || random(3) === 0) {
      return [1, "a", true, null, [1, 2], []][random(6)];
    }
    return Object.fromEntries(
      Array.from({ length: random(4) }, () => ["a", "b", "c", "d"][random(4)]).map((key) => [key, make(depth - 1)]),
    );
  };
  for (let count = 0; count < 500; count += 1) {
    const [from, to] = [{ root: make(4) }, { root: make(4) }];
    assert.deepEqual(apply(from, diff(from, to)), to);
  }
});

test("maps merge, anything else is replaced", () => {
  assert.deepEqual(merge({ a: { b: 1, c: [1] } }, { a: { c: [2] } }), { a: { b: 1, c: [2] } });
});

test("what is typed without a pause is one step, and undo and redo go through steps", () => {
  const model = new Model(site());
  const label = ["widgets", "support", "launcher", "label"];
  model.set(label, "H", { typing: true, now: 0 });
  model.set(label, "Hi", { typing: true, now: 500 });
  model.set(label, "Hi!", { typing: true, now: 3000 });
  assert.deepEqual(model.edits, [{ path: label, value: "Hi!" }]);
  assert.deepEqual(model.undo(), label);
  assert.deepEqual(model.edits, [{ path: label, value: "Hi" }]);
  model.undo();
  assert.deepEqual(model.edits, []);
  assert.equal(model.canUndo, false);
  model.redo();
  model.redo();
  assert.deepEqual(model.edits, [{ path: label, value: "Hi!" }]);
  model.undo();
  model.set(label, "Else");
  assert.equal(model.canRedo, false, "another change takes away what was undone");
});

test("setting what is there already is no step", () => {
  const model = new Model(site());
  model.set(["widgets", "support", "launcher", "size"], 56);
  assert.equal(model.canUndo, false);
});

test("several edits are one step", () => {
  const model = new Model(site());
  model.change([{ path: ["site", "theme"], value: "x" }, { path: ["widgets", "docs"] }]);
  assert.deepEqual(Object.keys(model.doc.widgets), ["support"]);
  model.undo();
  assert.deepEqual(model.edits, []);
});

test("files that changed on disk lie below the edits, and the steps stay", () => {
  const model = new Model(site());
  model.set(["widgets", "support", "launcher", "label"], "Mine");
  model.set(["widgets", "docs", "page"], { title: "Docs" });
  const theirs = site();
  theirs.widgets.support.launcher = { size: 72, label: "Theirs" };
  delete theirs.widgets.docs;
  const { lost, both } = model.rebase(theirs);
  assert.deepEqual(
    lost.map(({ path }) => path.join(".")),
    ["widgets.docs.page"],
  );
  assert.deepEqual(
    both.map(({ path }) => path.join(".")),
    ["widgets.support.launcher.label"],
  );
  assert.deepEqual(model.doc.widgets, {
    support: { ...theirs.widgets.support, launcher: { size: 72, label: "Mine" } },
  });
  model.undo();
  model.undo();
  assert.deepEqual(model.doc, theirs);
});

test("a widget that is opened later is in every step, and neither it nor what nobody opened is a change", () => {
  const { support, docs } = site().widgets;
  const model = new Model({ ...site(), widgets: { support } });
  model.set(["widgets", "support"], undefined);
  assert.deepEqual(model.edits, [{ path: ["widgets", "support"] }], "the others stay");
  model.open("docs", docs);
  assert.deepEqual(model.edits, [{ path: ["widgets", "support"] }]);
  model.set(["widgets", "docs", "launcher"], { label: "Ask" });
  assert.deepEqual(model.opened.sort(), ["docs", "support"]);
  model.undo();
  model.undo();
  assert.deepEqual(model.doc, site());
  assert.equal(model.dirty, false);
});

test("a section that became a word in the files has no place for edits below it", () => {
  const model = new Model(site());
  model.set(["defaults", "chatkit", "theme", "density"], "compact");
  const theirs = site();
  theirs.defaults = { chatkit: { theme: "dark" } };
  assert.equal(model.rebase(theirs).lost.length, 1);
  assert.deepEqual(model.doc, theirs);
});

test("what is typed while a save is on its way stays unsaved", () => {
  const model = new Model(site());
  const label = ["widgets", "support", "launcher", "label"];
  model.set(label, "Sent");
  const sent = model.doc;
  model.set(label, "Later");
  model.saved(sent, sent);
  assert.deepEqual(model.edits, [{ path: label, value: "Later" }]);
  model.undo();
  assert.equal(model.dirty, false);
  model.undo();
  assert.deepEqual(model.edits, [{ path: label, value: "Chat" }], "a step before the save can be undone");
});

test("edits and steps survive a reload, and a storage that throws is no error", () => {
  const model = new Model(site());
  model.set(["site", "theme"], "a");
  model.set(["site", "theme"], "b");
  model.undo();
  /** @type {Map<string, string>} */
  const map = new Map();
  const storage = /** @type {Storage} */ (
    /** @type {unknown} */ ({
      getItem: (/** @type {string} */ key) => map.get(key) ?? null,
      setItem: (/** @type {string} */ key, /** @type {string} */ value) => map.set(key, value),
    })
  );
  keep(storage, { id: "abcdefgh", revision: "r", snapshot: model.snapshot() });
  const again = new Model(site());
  again.restore(/** @type {any} */ (kept(storage)).snapshot);
  assert.deepEqual(again.edits, model.edits);
  again.redo();
  assert.equal(again.doc.site.theme, "b");
  const broken = /** @type {Storage} */ (
    /** @type {unknown} */ ({
      getItem: () => {
        throw new Error("no");
      },
      setItem: () => {
        throw new Error("no");
      },
    })
  );
  keep(broken, { id: "abcdefgh", revision: "r", snapshot: model.snapshot() });
  assert.equal(kept(broken), null);
});

test("every setting of the schema is in a group, and has a control", () => {
  const all = leaves(schema.widget);
  assert(all.length > 80, `${all.length} settings`);
  const kinds = new Set(all.map(({ node }) => node.kind));
  assert.deepEqual([...kinds].sort(), ["boolean", "choice", "list", "map", "number", "string", "union"]);
  for (const { path } of all) {
    assert(GROUPS.includes(groupOf(path)), path.join("."));
  }
  for (const group of GROUPS) {
    assert(
      all.some(({ path }) => groupOf(path) === group),
      `${group.title} is not empty`,
    );
  }
});

test("every kind of value that a setting takes has a name", () => {
  for (const { path, node } of leaves(schema.widget).filter(({ node }) => node.kind === "union" && !node.control)) {
    const labels = node.variants.map(({ label }) => label);
    const kinds = ["String", "Number", "Boolean", "Object", "List", "Map", "Free"];
    assert(!labels.some((label) => kinds.includes(label)), `${path.join(".")}: ${labels.join(", ")}`);
  }
  const { items } = /** @type {any} */ (
    leaves(schema.widget).find(({ path }) => path.join(".") === "session.state_variables")
  ).node;
  assert.equal(items.variants.at(-1).label, "Text");
});

test("hints name only what the schema has", () => {
  const ways = leaves(schema.widget).map(({ path }) => path.join("."));
  for (const path of GROUPS.flatMap(({ paths }) => paths)) {
    assert(
      ways.some((way) => way === path || way.startsWith(`${path}.`)),
      path,
    );
  }
});

test("defaults are read from the schema", () => {
  const said = Object.fromEntries(leaves(schema.widget).map(({ path, node }) => [path.join("."), node.fallback]));
  assert.equal(said["launcher.size"], 56);
  assert.equal(said["launcher.position"], "bottom-right");
  assert.equal(said["launcher.label"], "Chat with us");
  assert.equal(said["launcher.badge"], true);
  assert.equal(said["chatkit.theme.radius"], "pill");
  assert.equal(said["chatkit.header.enabled"], true);
  assert.equal(said["chatkit.startScreen.greeting"], "What can I help with today?");
  assert.equal(said["chatkit.composer.dictation.enabled"], undefined);
  assert.equal(said["session.expires_after"], 600);
  assert.equal(said["backend.workflow_env"], "CHATKIT_WORKFLOW_ID");
  assert.equal(said["backend.workflow"], undefined);
  assert.equal(said["popup.width"], undefined);
  assert.equal(said["page.description"], undefined);
});

test("ranges, required keys, kinds and conditions are read from the schema", () => {
  const node = (/** @type {string} */ way) =>
    /** @type {any} */ (leaves(schema.widget).find(({ path }) => path.join(".") === way)).node;
  assert.deepEqual(
    [node("launcher.size").min, node("launcher.size").max, node("launcher.size").integer],
    [40, 96, true],
  );
  assert.equal(node("chatkit.locale").options.length, 114);
  assert.equal(node("launcher.color").kind, "union");
  assert(fits(node("launcher.color").variants[1].node, { light: "#fff", dark: "#000" }));
  assert.deepEqual(blank(node("chatkit.startScreen.prompts").items), { label: "", prompt: "" });
  assert.deepEqual(node("backend.url").types, ["server"]);
  assert.deepEqual(node("chatkit.composer.tools").backends, ["server"]);
  assert.equal(node("launcher.size").types, null);
  assert.equal(schema.name.test("support-2"), true);
  assert.equal(schema.name.test("Support"), false);
});

test("no wording of a description is read as data", async () => {
  const nonsense = /** @param {any} node @returns {any} */ (node) => {
    if (Array.isArray(node)) {
      return node.map(nonsense);
    }
    if (node === null || typeof node !== "object") {
      return node;
    }
    const entries = Object.entries(node).map(([key, value]) => [
      key,
      key === "description" && typeof value === "string" ? "Lorem ipsum." : nonsense(value),
    ]);
    return Object.fromEntries(entries);
  };
  /** Everything that a form goes by. @param {import("../../src/preview/web/studio/types.js").SchemaNode} node
   * @returns {any} */
  const formOf = (node) => {
    const { kind, def, integer, min, max, minLength, pattern, examples, required } = node;
    const { options, fallback, words, types, backends, control, shorthand } = node;
    return {
      ...{ kind, def, integer, min, max, minLength, pattern, examples, required },
      ...{ fallback, words, types, backends, control, shorthand },
      options: options.map(({ value, label }) => ({ value, label })),
      properties: node.properties.map(([key, each]) => [key, formOf(each)]),
      items: kind === "list" || kind === "map" ? formOf(node.items) : null,
      variants: node.variants.map(({ label, node: variant }) => [label, formOf(variant)]),
    };
  };
  const other = readSchema(nonsense(await siteSchema()));
  for (const part of /** @type {const} */ (["site", "widget"])) {
    assert.deepEqual(formOf(other[part]), formOf(schema[part]));
  }
});

test("a word that stands for a map is spelled out when another key of that map is set", () => {
  const base = site();
  base.widgets.support.chatkit = { theme: "dark" };
  const model = new Model(base);
  assert.equal(fieldOf(model, "chatkit.theme.colorScheme").own(), "dark");
  fieldOf(model, "chatkit.theme.radius").set("sharp");
  assert.deepEqual(get(/** @type {any} */ (model.doc), ["widgets", "support", "chatkit", "theme"]), {
    colorScheme: "dark",
    radius: "sharp",
  });
});

test("the first key of a map brings along the keys that the map can not be without", () => {
  const model = new Model(site());
  fieldOf(model, "chatkit.theme.color.accent.primary").set("#ff0000", { typing: true });
  fieldOf(model, "chatkit.composer.attachments.maxCount").set(3);
  const { chatkit } = /** @type {any} */ (model.doc.widgets.support);
  assert.deepEqual(chatkit.theme.color.accent, { primary: "#ff0000", level: 1 });
  assert.deepEqual(chatkit.composer.attachments, { enabled: true, maxCount: 3 });
});

test("a list that is inherited becomes the widget’s own when an item of it changes", () => {
  const model = new Model(site());
  const inherited = {
    chatkit: {
      startScreen: {
        prompts: [
          { label: "A", prompt: "a" },
          { label: "B", prompt: "b" },
        ],
      },
    },
  };
  const label = fieldOf(model, "chatkit.startScreen.prompts.1.label", inherited);
  assert.equal(label.own(), undefined);
  assert.equal(label.inherited(), "B");
  label.set("C");
  assert.equal(label.own(), "C");
  assert.deepEqual(get(/** @type {any} */ (model.doc), ["widgets", "support", "chatkit", "startScreen", "prompts"]), [
    { label: "A", prompt: "a" },
    { label: "C", prompt: "b" },
  ]);
});

test("a list that nobody has set begins with what counts then", () => {
  const model = new Model(site());
  model.set(["widgets", "support", "backend"], { type: "agent", contact: { to: "netlify-form" } });
  const fields = fieldOf(model, "backend.contact.fields");
  assert.deepEqual(shownOf(fields), ["name", "email", "message"]);
  const second = fieldOf(model, "backend.contact.fields.1");
  assert.equal(shownOf(second), "email");
  second.set("message");
  assert.deepEqual(fields.own(), ["name", "message", "message"]);
});

test("clearing a text removes it, unless something has to stand there", () => {
  const model = new Model(site());
  assert.equal(fieldOf(model, "launcher.label").empty, undefined);
  assert.equal(fieldOf(model, "fallback.label").empty, "");
  assert.equal(fieldOf(model, "rules.hide.0").empty, "");
});

test("keys are read as words", () => {
  assert.deepEqual(["offset_x", "startScreen", "z_index", "url", "bottom-right", "fontFamilyMono"].map(humanise), [
    "Offset x",
    "Start screen",
    "Z index",
    "URL",
    "Bottom right",
    "Font family mono",
  ]);
});

test("the look of a widget is its own over that of the site, and values follow the brand", () => {
  const color = (/** @type {string} */ name, /** @type {Json} */ value, more = {}) =>
    /** @type {any} */ ({ name, description: "", kind: "color", value, on: null, brand: null, ...more });
  const variables = [
    color("accent", { light: "#202024", dark: "#f3f3f5" }, { brand: "color" }),
    { ...color("corner", "18px"), kind: "length", brand: "corner" },
    color("line", "#cccccc"),
    color("on-accent", { light: "#ffffff", dark: "#16161a" }, { on: "accent" }),
  ];
  const themes = ["default", "minimal"].map((name) => ({ name, description: "", variables, defaults: {} }));
  const doc = {
    site: { theme: "default", brand: { color: "#ffd84d" }, variables: { line: "#111111" } },
    defaults: {},
    widgets: { a: {}, b: { theme: "minimal", brand: { corner: "4px" } } },
  };
  const a = lookOf(["widgets", "a"], doc, {}, themes);
  assert.deepEqual(a.inherited.variables, {
    accent: "#ffd84d",
    corner: "18px",
    line: "#111111",
    "on-accent": "#000000",
  });
  assert.deepEqual(a.inherited.brand, { corner: "18px", color: "#ffd84d" });
  const b = lookOf(["widgets", "b"], doc, {}, themes);
  assert.equal(b.theme?.name, "minimal");
  assert.deepEqual(b.brand, { color: "#ffd84d", corner: "4px" });
  assert.equal(get(b.inherited, ["variables", "line"]), "#cccccc", "the site's values belong to its theme");
  assert.equal(get(b.inherited, ["variables", "corner"]), "4px");
  const ofSite = lookOf(["site"], doc, undefined, themes);
  assert.equal(get(ofSite.inherited, ["variables", "line"]), "#cccccc");
  assert.deepEqual(ofSite.variables, { line: "#111111" });
});

test("a contrast is never said to be better than it is", () => {
  assert.equal(ratioText(contrast("#767676", "#ffffff")), "4.5 : 1");
  assert.equal(ratioText(contrast("#777777", "#ffffff")), "4.4 : 1");
  assert.equal(readableOn("#ffd84d"), "#000000");
  assert.equal(readableOn("#b3261e"), "#ffffff");
});

test("a setting is found by other words for it, and in either spelling", () => {
  assert.match(wordsOf("Logo", ["brand", "logo"]), /avatar/);
  assert.equal(wordsOf("Your Colour"), wordsOf("your color"));
});
