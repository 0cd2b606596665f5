/**
 * Every value that ChatKit's types allow for an option that a file can hold: `build` accepts it, the page gives it to
 * ChatKit, the double's strict validation takes it, and it type-checks. What is tried comes from the double's table,
 * whose words are first held against the types.
 */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";

import { OPTIONS, assertOptions } from "./doubles/chatkit/options.mjs";
import { REPOSITORY } from "./deploy.mjs";
import { checkOptions, checkSource } from "./harness/types.mjs";
import { loadCreateChat, optionsOf, settingsOf } from "./property/page.mjs";

/** @typedef {import("./doubles/chatkit/validate.mjs").SchemaNode} SchemaNode */

const run = promisify(execFile);

/** Options that hold nothing but functions, and `api`, which the back end decides. */
const NOT_IN_A_FILE = ["api", "onClientTool", "widgets"];

/** Numbers that the types allow and the table names no ends for: those between whole ones, and large ones. */
const MORE = [
  { theme: { color: { grayscale: { hue: 210.5, tint: 1 } } } },
  { theme: { typography: { fontSources: [{ family: "A", src: "https://a.example/a.woff2", weight: 450.5 }] } } },
  { composer: { attachments: { enabled: true, maxSize: 2 ** 40 + 1, maxCount: 5000 } } },
  { composer: { attachments: { enabled: true, maxSize: { "": 10, "*": 1, "image/*": 2 ** 53 - 1 } } } },
];

/** Prompts that send nothing. The types take them, and a visitor would send an empty message. */
const EMPTY_PROMPTS = [
  { label: "A", prompt: "" },
  { label: "", prompt: "A" },
  { label: " ", prompt: "\u00a0" },
  { label: "A", prompt: [] },
  { label: "A", prompt: [{ type: "input_text", text: "" }] },
];

/** @type {string} */
let folder;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "values-"));
  await loadCreateChat();
});
after(() => rm(folder, { recursive: true }));

/** Builds a site of widgets with these options. @param {Record<string, any>} all by widget @returns {Promise<string>} what is wrong */
async function build(all) {
  const backend = {
    type: "server",
    url: "https://agent.example.com/chatkit",
    domain_key: "domain_pk_1",
    upload: { type: "two_phase" },
  };
  const widgets = Object.fromEntries(Object.entries(all).map(([name, chatkit]) => [name, { backend, chatkit }]));
  // JSON is YAML.
  await writeFile(
    join(folder, "site.yaml"),
    JSON.stringify({ site: { url: "https://chat.example.com" }, widgets }, null, 1),
  );
  const args = ["build", "--config", join(folder, "site.yaml")];
  const command = ["run", "--quiet", "--package", "chatkit-embed", "--", ...args];
  return run("cargo", command, { cwd: REPOSITORY, maxBuffer: 2 ** 28 }).then(
    () => "",
    ({ stderr }) => stderr,
  );
}

/** Every value of a node, each alone in the smallest value around it. @param {SchemaNode} node @returns {any[]} */
function valuesOf(node) {
  switch (node.kind) {
    case "string":
      return [node.pattern ? "lucide:rocket" : "x"];
    case "number":
      return [node.min ?? 1, node.max ?? 1000];
    case "boolean":
      return [true, false];
    case "null":
      return [null];
    case "literal":
      return [...node.values];
    case "unknown":
      return [1];
    case "array":
      return [[], ...valuesOf(node.item).map((item) => [item])];
    case "record":
      return [{}, ...valuesOf(node.value).map((value) => ({ x: value }))];
    case "union":
      return node.options.flatMap(valuesOf);
    case "variants":
      return Object.entries(node.options).flatMap(([tag, option]) =>
        valuesOf(option).map((value) => ({ ...value, [node.by]: tag })),
      );
    case "object":
      return objectsOf(node);
    default:
      return [];
  }
}

/** A function of ChatKit's is an action of ours. @param {import("./doubles/chatkit/validate.mjs").ObjectNode} node */
function objectsOf({ keys, required }) {
  const isAction = "onClick" in keys && required.has("onClick");
  const values = Object.entries(keys).map(([key, child]) => /** @type {[string, any[]]} */ ([key, valuesOf(child)]));
  const needed = values.filter(([key, [first]]) => required.has(key) && first !== undefined);
  const least = {
    ...Object.fromEntries(needed.map(([key, [first]]) => [key, first])),
    ...(isAction && { action: "close" }),
  };
  return [least, ...values.flatMap(([key, each]) => each.map((value) => ({ ...least, [key]: value })))];
}

/** Whether everything of a value is in another one. @param {any} whole @param {any} part @returns {boolean} */
function holds(whole, part) {
  if (typeof part !== "object" || part === null) {
    return Object.is(whole ?? null, part);
  }
  if (Array.isArray(part)) {
    return (
      Array.isArray(whole) && part.length === whole.length && part.every((each, index) => holds(whole[index], each))
    );
  }
  return Object.entries(part).every(([key, each]) =>
    key === "action" ? typeof whole?.onClick === "function" : holds(whole?.[key], each),
  );
}

test("the words of the table are those of the types, no more and no fewer", async () => {
  /** @type {string[]} */
  const lines = [
    "import type { ChatKitOptions } from '@openai/chatkit';",
    "type In<T> = Extract<NonNullable<T>, object>;",
  ];
  /** @param {SchemaNode} node @param {string} type */
  const collect = (node, type) => {
    if (node.kind === "literal") {
      const all = Object.fromEntries(node.values.map((value) => [value, true]));
      // Of a union with texts or maps, the words alone.
      lines.push(
        `{ type Word = Exclude<Extract<NonNullable<${type}>, string | number>, \`lucide:\${string}\`>; const all: Record<Word, true> = ${JSON.stringify(all)}; void all; }`,
      );
    }
    if (node.kind === "object") {
      for (const [key, child] of Object.entries(node.keys)) {
        if (!NOT_IN_A_FILE.includes(key)) {
          collect(child, `In<${type}>['${key}']`);
        }
      }
    }
    if (node.kind === "array") {
      collect(node.item, `In<${type}>[number]`);
    }
    if (node.kind === "union") {
      for (const option of node.options) {
        collect(option, type);
      }
    }
  };
  collect(OPTIONS, "ChatKitOptions");
  assert.ok(lines.length > 10, "few options have words");
  assert.equal(await checkSource(`${lines.join("\n")}\nexport {};\n`), "");
});

test("every value that the types allow is accepted, reaches ChatKit and passes its validation", async () => {
  const names = Object.entries(OPTIONS.keys).filter(([key]) => !NOT_IN_A_FILE.includes(key));
  const single = names.flatMap(([key, node]) => valuesOf(node).map((value) => ({ [key]: value })));
  const options = [{}, ...single, ...MORE].filter((each) => !isEmptyPrompt(each));
  const all = Object.fromEntries(options.map((each, index) => [`w${index}`, each]));
  assert.ok(options.length > 300, `only ${options.length} values`);
  assert.equal(await build(all), "");

  /** @type {Record<string, any>} */
  const given = {};
  for (const [name, wanted] of Object.entries(all)) {
    given[name] = await optionsOf(await settingsOf(join(folder, "dist/w", name)));
    assertOptions(given[name]);
    const { theme, ...rest } = /** @type {any} */ (wanted);
    assert.ok(
      holds(given[name], typeof theme === "string" ? { theme: { colorScheme: theme }, ...rest } : wanted),
      `${name}: ${JSON.stringify(wanted)}`,
    );
  }
  assert.deepEqual(await checkOptions(given), []);
});

/** @param {any} options */
const isEmptyPrompt = ({ startScreen }) =>
  startScreen?.prompts?.some(({ prompt = "x" }) => prompt.length === 0) ?? false;

test("an empty prompt is refused, although the types take it", async () => {
  const all = Object.fromEntries(
    EMPTY_PROMPTS.map((prompt, index) => [`w${index}`, { startScreen: { prompts: [prompt] } }]),
  );
  const message = await build(all);
  const empty = [...message.matchAll(/^error: `(label|prompt)` is empty$/gm)].map(([, key]) => key);
  assert.deepEqual(empty, ["prompt", "label", "label", "prompt", "prompt", "prompt"], message);
});
