import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

import { HEADER_ICONS, ICONS, LOCALES, OPTIONS, assertOptions } from "./chatkit/options.mjs";
import { checkOptions } from "../harness/types.mjs";
import { maximalCustom, maximalHosted } from "./maximal-options.mjs";

const api = { getClientSecret: async () => "ek_1" };
const server = { url: "/chatkit", domainKey: "domain_pk_1" };
const noop = () => {};

/** Wrong options: what they break, the options, the issue. */
const WRONG = /** @type {[rule: string, options: any, issue: RegExp][]} */ ([
  ["no options at all", undefined, /✖ Invalid input: expected object, received undefined$/],
  ["api is missing", {}, /✖ Invalid input\n {2}→ at api$/],
  ["hosted api with a domain key", { api: { ...api, domainKey: "k" } }, /✖ Invalid input\n {2}→ at api$/],
  ["hosted api without its callback", { api: { getClientSecret: "ek_1" } }, /→ at api$/],
  ["custom api without a domain key", { api: { url: "/chatkit" } }, /→ at api$/],
  ["custom api with an empty domain key", { api: { url: "/chatkit", domainKey: "" } }, /→ at api$/],
  ["custom api without a url", { api: { domainKey: "k" } }, /→ at api$/],
  ["unknown upload strategy", { api: { ...server, uploadStrategy: { type: "hosted" } } }, /→ at api$/],
  ["direct upload without a url", { api: { ...server, uploadStrategy: { type: "direct" } } }, /→ at api$/],
  [
    "attachments without an upload strategy",
    { api: server, composer: { attachments: { enabled: true } } },
    /→ at api\.uploadStrategy$/,
  ],
  ["unknown option", { api, layout: {} }, /✖ Unrecognized key: "layout"$/],
  ["two unknown options", { api, layout: {}, personas: [] }, /✖ Unrecognized keys: "layout", "personas"$/],
  ["locale that ChatKit does not have", { api, locale: "en-US" }, /→ at locale$/],
  ["colour scheme auto", { api, theme: "auto" }, /→ at theme$/],
  [
    "colour scheme auto in an object",
    { api, theme: { colorScheme: "auto" } },
    /one of "light"\|"dark"\n {2}→ at theme\.colorScheme$/,
  ],
  ["unknown theme key", { api, theme: { appearance: "dark" } }, /✖ Unrecognized key: "appearance"\n {2}→ at theme$/],
  ["radius", { api, theme: { radius: "md" } }, /→ at theme\.radius$/],
  ["density", { api, theme: { density: "comfortable" } }, /→ at theme\.density$/],
  ["base size", { api, theme: { typography: { baseSize: 13 } } }, /→ at theme\.typography\.baseSize$/],
  ["base size as text", { api, theme: { typography: { baseSize: "16" } } }, /→ at theme\.typography\.baseSize$/],
  [
    "font without a source",
    { api, theme: { typography: { fontSources: [{ family: "A" }] } } },
    /→ at theme\.typography\.fontSources\[0\]\.src$/,
  ],
  [
    "font style",
    { api, theme: { typography: { fontSources: [{ family: "A", src: "b", style: "bold" }] } } },
    /fontSources\[0\]\.style$/,
  ],
  [
    "font display",
    { api, theme: { typography: { fontSources: [{ family: "A", src: "b", display: "none" }] } } },
    /fontSources\[0\]\.display$/,
  ],
  [
    "font weight",
    { api, theme: { typography: { fontSources: [{ family: "A", src: "b", weight: true }] } } },
    /fontSources\[0\]\.weight$/,
  ],
  [
    "hue above its range",
    { api, theme: { color: { grayscale: { hue: 361, tint: 1 } } } },
    /Too big.*<=360\n {2}→ at theme\.color\.grayscale\.hue$/,
  ],
  [
    "hue below its range",
    { api, theme: { color: { grayscale: { hue: -1, tint: 1 } } } },
    /Too small.*grayscale\.hue$/s,
  ],
  ["hue without a tint", { api, theme: { color: { grayscale: { hue: 1 } } } }, /→ at theme\.color\.grayscale\.tint$/],
  ["tint", { api, theme: { color: { grayscale: { hue: 1, tint: 10 } } } }, /grayscale\.tint$/],
  ["shade", { api, theme: { color: { grayscale: { hue: 1, tint: 1, shade: 5 } } } }, /grayscale\.shade$/],
  [
    "accent without a level",
    { api, theme: { color: { accent: { primary: "red" } } } },
    /→ at theme\.color\.accent\.level$/,
  ],
  ["accent level", { api, theme: { color: { accent: { primary: "red", level: 4 } } } }, /accent\.level$/],
  [
    "surface without a foreground",
    { api, theme: { color: { surface: { background: "#fff" } } } },
    /→ at theme\.color\.surface\.foreground$/,
  ],
  ["frame title", { api, frameTitle: 1 }, /expected string, received number\n {2}→ at frameTitle$/],
  ["initial thread", { api, initialThread: 1 }, /✖ Invalid input\n {2}→ at initialThread$/],
  ["client tools as a map", { api, onClientTool: {} }, /→ at onClientTool$/],
  [
    "header title as text",
    { api, header: { title: "Chat" } },
    /expected object, received string\n {2}→ at header\.title$/,
  ],
  [
    "header action without a callback",
    { api, header: { leftAction: { icon: "menu" } } },
    /→ at header\.leftAction\.onClick$/,
  ],
  [
    "header action without an icon",
    { api, header: { rightAction: { onClick: noop } } },
    /→ at header\.rightAction\.icon$/,
  ],
  [
    "header icon from Lucide",
    { api, header: { leftAction: { icon: "lucide:menu", onClick: noop } } },
    /→ at header\.leftAction\.icon$/,
  ],
  [
    "history flag as text",
    { api, history: { enabled: "yes" } },
    /expected boolean, received string\n {2}→ at history\.enabled$/,
  ],
  [
    "prompt with a name",
    { api, startScreen: { prompts: [{ label: "A", name: "a", prompt: "b" }] } },
    /Unrecognized key: "name"\n {2}→ at startScreen\.prompts\[0\]$/,
  ],
  [
    "prompt without a label",
    { api, startScreen: { prompts: [{ prompt: "b" }] } },
    /→ at startScreen\.prompts\[0\]\.label$/,
  ],
  [
    "prompt without its text",
    { api, startScreen: { prompts: [{ label: "A" }] } },
    /→ at startScreen\.prompts\[0\]\.prompt$/,
  ],
  [
    "prompt icon",
    { api, startScreen: { prompts: [{ label: "A", prompt: "b", icon: "rocket" }] } },
    /prompts\[0\]\.icon$/,
  ],
  [
    "prompt icon without its name",
    { api, startScreen: { prompts: [{ label: "A", prompt: "b", icon: "lucide:" }] } },
    /prompts\[0\]\.icon$/,
  ],
  [
    "prompt content of an unknown type",
    { api, startScreen: { prompts: [{ label: "A", prompt: [{ type: "image" }] }] } },
    /prompt\[0\]\.type$/,
  ],
  [
    "prompt tag without an id",
    { api, startScreen: { prompts: [{ label: "A", prompt: [{ type: "input_tag", text: "x" }] }] } },
    /prompt\[0\]\.id$/,
  ],
  [
    "prompts as a map",
    { api, startScreen: { prompts: {} } },
    /expected array, received object\n {2}→ at startScreen\.prompts$/,
  ],
  ["feedback", { api, threadItemActions: { feedback: 1 } }, /→ at threadItemActions\.feedback$/],
  ["attachments without enabled", { api, composer: { attachments: {} } }, /→ at composer\.attachments\.enabled$/],
  [
    "upload strategy of early versions",
    { api, composer: { attachments: { enabled: true, uploadStrategy: {} } } },
    /✖ Unrecognized key: "uploadStrategy"\n {2}→ at composer\.attachments$/,
  ],
  [
    "largest attachment as text",
    { api, composer: { attachments: { enabled: true, maxSize: "10MB" } } },
    /attachments\.maxSize$/,
  ],
  [
    "largest attachment by type as text",
    { api, composer: { attachments: { enabled: true, maxSize: { "image/*": "1" } } } },
    /maxSize\.image\/\*$/,
  ],
  [
    "number of attachments",
    { api, composer: { attachments: { enabled: true, maxCount: NaN } } },
    /received NaN\n {2}→ at composer\.attachments\.maxCount$/,
  ],
  [
    "accepted types as a list",
    { api, composer: { attachments: { enabled: true, accept: ["image/*"] } } },
    /expected record, received array\n {2}→ at composer\.attachments\.accept$/,
  ],
  ["tool without an icon", { api, composer: { tools: [{ id: "a", label: "A" }] } }, /→ at composer\.tools\[0\]\.icon$/],
  ["model without a label", { api, composer: { models: [{ id: "a" }] } }, /→ at composer\.models\[0\]\.label$/],
  ["dictation without enabled", { api, composer: { dictation: {} } }, /→ at composer\.dictation\.enabled$/],
  [
    "dictation as a flag",
    { api, composer: { dictation: true } },
    /expected object, received boolean\n {2}→ at composer\.dictation$/,
  ],
  ["disclaimer without text", { api, disclaimer: { highContrast: true } }, /→ at disclaimer\.text$/],
  ["entity callback as text", { api, entities: { onTagSearch: "search" } }, /→ at entities\.onTagSearch$/],
  ["commands without enabled", { api, commands: { onSearch: noop } }, /→ at commands\.enabled$/],
  ["widget callback", { api, widgets: { onAction: true } }, /→ at widgets\.onAction$/],
  ["unknown thread key", { api, thread: { scroll: true } }, /→ at thread$/],
]);

for (const [rule, options, issue] of WRONG) {
  test(`refused: ${rule}`, () => {
    assert.throws(
      () => assertOptions(options),
      (/** @type {Error} */ error) => {
        assert.equal(error.name, "InvalidFrameParamsError");
        assert.match(error.message, /^Invalid frame params: ChatKit\.create\(\): ✖ /);
        assert.match(error.message, issue);
        return true;
      },
    );
  });
}

test("accepted: every option, the smallest options, and an option that is undefined", () => {
  for (const options of [
    maximalHosted,
    maximalCustom,
    { api },
    { api: server },
    { api, locale: undefined, theme: "dark" },
  ]) {
    assertOptions(options);
  }
});

test("every option of the table is in the maximal options", () => {
  assert.deepEqual([...missingKeys(OPTIONS, [maximalHosted, maximalCustom])], []);
});

test("the compiler accepts the maximal options, and misses no option of the types in them", async () => {
  assert.deepEqual(await checkOptions({ maximalHosted, maximalCustom }), []);
  assert.deepEqual(await checkOptions({ maximalHosted, maximalCustom }, { complete: true }), []);
});

test("icons, header icons and locales are those of the types", async () => {
  const types = await readFile(new URL("../node_modules/@openai/chatkit/types/index.d.ts", import.meta.url), "utf8");
  /** @param {string} name */
  const union = (name) => {
    const body = new RegExp(`export type ${name} =([^;]+);`).exec(types)?.[1] ?? assert.fail(`no type ${name}`);
    return [...body.matchAll(/'([^']+)'/g)].map(([, value]) => value);
  };
  assert.deepEqual(ICONS, union("ChatKitIcon"));
  assert.deepEqual(HEADER_ICONS, union("HeaderIcon"));
  assert.deepEqual(LOCALES, [...union("TranslatedLocale"), ...union("SupportedLocale")]);
  assert.equal(LOCALES.length, 114);
});

/** The keys that the table has and that no value uses.
 * @param {import("./chatkit/validate.mjs").SchemaNode} node @param {unknown[]} values @param {string} [path]
 * @returns {Iterable<string>} */
function* missingKeys(node, values, path = "") {
  const given = values.filter((value) => value !== undefined);
  if (node.kind === "object") {
    const objects = given
      .filter((value) => typeof value === "object")
      .map((value) => /** @type {Record<string, unknown>} */ (value));
    for (const [key, child] of Object.entries(node.keys)) {
      if (objects.some((object) => key in object)) {
        yield* missingKeys(
          child,
          objects.map((object) => object[key]),
          `${path}.${key}`,
        );
      } else {
        yield `${path}.${key}`;
      }
    }
  }
  if (node.kind === "array") {
    yield* missingKeys(node.item, given.filter(Array.isArray).flat(), `${path}[]`);
  }
  if (node.kind === "union") {
    for (const option of node.options) {
      yield* missingKeys(option, given, path);
    }
  }
  if (node.kind === "variants") {
    for (const [tag, option] of Object.entries(node.options)) {
      const same = given.filter((value) => /** @type {any} */ (value)[node.by] === tag);
      if (same.length > 0) {
        yield* missingKeys(option, same, `${path}<${tag}>`);
      }
    }
  }
}
