/** The parts of the preview's scripts that touch no page. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { test } from "node:test";

import { HEADER_ICONS, ICONS as CHATKIT_ICONS, LOCALES } from "./doubles/chatkit/options.mjs";

const WEB = fileURLToPath(new URL("../../src/preview/web/", import.meta.url));
const REPOSITORY = fileURLToPath(new URL("../../", import.meta.url));

/** A module of the preview. Its folder says nothing of modules to node, so it comes as an address.
 * @param {string} path @returns {Promise<any>} */
async function module(path) {
  const source = await readFile(WEB + path, "utf8");
  return import(`data:text/javascript,${encodeURIComponent(source)}`);
}

test("every icon of ChatKit's has a drawing, and the sample's are among Lucide's", async () => {
  const { ICONS } = await module("demo/icons.js");
  for (const name of [...CHATKIT_ICONS, ...HEADER_ICONS]) {
    assert.ok(ICONS[name.replace(/-filled$/, "")]?.length > 0, name);
  }
  const lucide = JSON.parse(await readFile(`${REPOSITORY}src/theme/lucide.json`, "utf8"));
  for (const [, name] of (await readFile(`${REPOSITORY}site.yaml`, "utf8")).matchAll(/lucide:([a-z0-9-]+)/g)) {
    assert.ok(lucide[name], name);
  }
});

test("a theme becomes custom properties", async () => {
  const { properties, written } = await module("demo/theme.js");
  assert.deepEqual(written("dark"), { colorScheme: "dark" });
  assert.equal(properties({})["--ground"], "oklch(1 0 0)");
  assert.equal(properties({ colorScheme: "dark" })["color-scheme"], "dark");
  const own = properties({
    radius: "sharp",
    density: "compact",
    typography: { baseSize: 18, fontFamily: "Inter" },
    color: { accent: { primary: "red", level: 1 }, surface: { background: "#111", foreground: "#eee" } },
  });
  assert.deepEqual(
    [
      own["--composer"],
      own["--unit"],
      own["--size"],
      own["--font"],
      own["--accent"],
      own["--ground"],
      own["--raised"],
      own["--ink"],
    ],
    ["3px", "2.88px", "18px", "Inter", "red", "#111", "#eee", "oklch(0.17 0 0)"],
  );
  const tinted = properties({ color: { grayscale: { hue: 250, tint: 9, shade: -4 } } });
  assert.match(tinted["--ground"], /^oklch\(0\.9\d* 0\.01\d* 250\)$/);
});

test("text can be read on the surfaces of OpenAI’s own sample themes", async () => {
  const { properties } = await module("demo/theme.js");
  const linear = (/** @type {number} */ value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
  const luminance = (/** @type {string} */ hex) => {
    const [red, green, blue] = [1, 3, 5].map((at) => linear(Number.parseInt(hex.slice(at, at + 2), 16) / 255));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  for (const [colorScheme, background, foreground] of [
    ["dark", "#0d1117", "#1d222b"],
    ["light", "#ffffff", "#f8fafc"],
    ["light", "#bec2cb", "#ffffff"],
  ]) {
    const own = properties({ colorScheme, color: { surface: { background, foreground } } });
    const ink = Number(/^oklch\((\S+) 0 0\)$/.exec(own["--ink"])?.[1]);
    // The luminance of a grey is the cube of its lightness; quiet text is 66 % ink.
    const quiet = 0.66 * ink + 0.34 * Math.cbrt(luminance(background));
    for (const surface of [own["--ground"], own["--raised"]]) {
      for (const text of [ink ** 3, quiet ** 3]) {
        const [darker, lighter] = [text, luminance(surface)].sort((one, other) => one - other);
        assert.ok((lighter + 0.05) / (darker + 0.05) >= 4.5, `${text} on ${surface}`);
      }
    }
  }
});

test("a disclaimer is a little Markdown, and links lead nowhere else than to pages", async () => {
  const { pieces } = await module("demo/markdown.js");
  assert.deepEqual(pieces("Answers **may** be _wrong_: [why](https://example.com/a), `so`."), [
    { kind: "text", text: "Answers " },
    { kind: "strong", text: "may" },
    { kind: "text", text: " be " },
    { kind: "em", text: "wrong" },
    { kind: "text", text: ": " },
    { kind: "link", text: "why", href: "https://example.com/a" },
    { kind: "text", text: ", " },
    { kind: "code", text: "so" },
    { kind: "text", text: "." },
  ]);
  assert.deepEqual(pieces("[x](javascript:alert(1))")[0], { kind: "text", text: "x" });
  assert.deepEqual(pieces(""), []);
});

test("an answer arrives in words, and nothing of it is lost", async () => {
  const { stream, words } = await module("demo/reply.js");
  for (const text of ["One two,  three.\n\nFour", "これはデモです。ここに", " x "]) {
    assert.equal(words(text).join(""), text);
  }
  assert.ok(words("これはデモです。ここに").length > 2);
  /** @type {string[]} */
  const arrived = [];
  for await (const each of stream("One two three", { still: false, signal: new AbortController().signal })) {
    arrived.push(each);
  }
  assert.deepEqual(arrived, ["One ", "One two ", "One two three"]);
  const control = new AbortController();
  control.abort();
  for await (const each of stream("One two", { still: false, signal: control.signal })) {
    assert.fail(each);
  }
});

test("threads outlive the page, and storage that is refused does not hurt", async () => {
  const { createThreads } = await module("demo/threads.js");
  /** @type {Map<string, string>} */
  const kept = new Map();
  const area = () => ({
    getItem: (/** @type {string} */ key) => kept.get(key) ?? null,
    setItem: (/** @type {string} */ key, /** @type {string} */ value) => kept.set(key, value),
  });
  const threads = createThreads("key", area);
  const thread = threads.begin(`${"A very long question. ".repeat(9)}\nand more`);
  threads.add(thread, { from: "visitor", text: "Hello" });
  assert.equal(thread.title.length, 48);
  const again = createThreads("key", area);
  assert.equal(again.get(thread.id).messages[0].text, "Hello");
  again.remove(thread.id);
  assert.equal(again.get(thread.id), undefined);
  assert.equal(again.get("cthr_1").id, "cthr_1", "a thread of the back end is believed in");
  const refused = createThreads("key", () => {
    throw new Error("SecurityError");
  });
  assert.equal(refused.get(refused.begin("Hi").id).title, "Hi");
});

test("every language has all texts, and every locale of ChatKit one of them", async () => {
  const { wordsOf, directionOf, spoken } = await module("demo/words.js");
  const english = wordsOf("en");
  for (const locale of LOCALES) {
    const words = wordsOf(locale);
    assert.deepEqual(Object.keys(words), Object.keys(english));
    for (const name of ["echo", "earlier"]) {
      assert.ok(words[name].includes("$"), `${locale} ${name}`);
    }
    const others = Object.keys(english).filter((name) => words[name] !== english[name]);
    if (spoken(locale) !== "en") {
      assert.ok(others.length >= Object.keys(english).length - 2, `${locale}: ${others}`);
    }
  }
  assert.deepEqual([directionOf("ar"), directionOf("ur"), directionOf("de-DE")], ["rtl", "rtl", "ltr"]);
  assert.equal(spoken("pt-BR"), "pt");
});

test("addresses tell draft and widget", async () => {
  const { prefixOf, widgetOf, eventsOf } = await module("shared/address.js");
  for (const [path, prefix, widget] of [
    ["/w/support/", "", "support"],
    ["/w/support.js", "", "support"],
    ["/~abcd1234/w/docs-eu/index.html", "/~abcd1234", "docs-eu"],
    ["/~abcd1234/w/docs-eu.js", "/~abcd1234", "docs-eu"],
    ["/~short/w/a/", "", ""],
    ["/assets/panel.js", "", ""],
  ]) {
    assert.equal(prefixOf(path), prefix, path);
    assert.equal(widgetOf(path), widget, path);
  }
  assert.equal(eventsOf(""), "/_/events");
  assert.equal(eventsOf("/~abcd1234"), "/_/events?draft=abcd1234");
});

test("a widget takes over the settings that it does not read only once", async () => {
  const { isAdoptable } = await module("stage/loader-parts.js");
  /** @param {object} change @param {string} [code] @param {string} [words] */
  const loader = (change, code = "1234", words = "a") => ({
    code,
    panel: words,
    settings: { name: "a", page: "p", panel: "q", label: "Chat", ...change },
    css: ".box{}",
  });
  assert.equal(isAdoptable(loader({}), loader({ label: "Hi", icon: [] })), true);
  assert.equal(isAdoptable(loader({}), loader({ panel: "other" })), false);
  assert.equal(isAdoptable(loader({}), loader({}, "5678")), false);
  assert.equal(isAdoptable(loader({}), loader({}, "1234", "b")), false, "a panel reads its own settings once");
  assert.equal(
    isAdoptable(loader({ rest: "a?v=1" }), loader({ rest: "a?v=2" })),
    true,
    "those of the page, it does not",
  );
});

test("the name of a loader's frames is the same in the theme and in the preview", async () => {
  const name = /FRAME = "([^"]+)"/;
  const [theme, preview] = await Promise.all(
    ["themes/default/static/js/protocol.js", "src/preview/web/live/page-commands.js"].map(async (path) =>
      name.exec(await readFile(REPOSITORY + path, "utf8"))?.at(1),
    ),
  );
  assert.ok(theme);
  assert.equal(preview, theme);
});

test("where a panel takes the whole screen, and what a phone is, are the same in every copy", async () => {
  const read = (/** @type {string} */ path) => readFile(`${REPOSITORY}${path}`, "utf8");
  const small = "(max-width: 480px), (max-height: 480px)";
  for (const path of [
    "themes/default/static/js/dialog.js",
    "themes/default/loader/panel.css",
    "src/preview/web/stage/screen.js",
  ]) {
    assert.ok((await read(path)).includes(small), path);
  }
  assert.match(await read("themes/default/loader/widget.js"), /innerWidth < 640 \?/);
  assert.match(await read("src/render/loader.rs"), /const PHONE: u32 = 640;/);
});
