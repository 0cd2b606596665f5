/** The parts of the theme's scripts that touch no page, and a theme whose scripts somebody changed. */

import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { test } from "node:test";

import { REPOSITORY } from "./deploy.mjs";
import { chatkitFrame, openBrowser } from "./harness/browser.mjs";
import { startProduct } from "./product.mjs";

const THEME = join(REPOSITORY, "themes/default");

/** A module of the theme. Its folder says nothing of modules to node, so it comes as an address.
 * @param {string} path @returns {Promise<any>} */
async function module(path) {
  const source = await readFile(join(THEME, path), "utf8");
  return import(`data:text/javascript,${encodeURIComponent(source)}`);
}

test("globs cover paths", async () => {
  const { covers } = await module("loader/rules.js");
  for (const [glob, path, expected] of [
    ["/", "/", true],
    ["/", "/docs", false],
    ["/docs", "/docs/", true],
    ["/docs/", "/docs", true],
    ["/docs", "/docs/a", false],
    ["/docs/*", "/docs/a", true],
    ["/docs/*", "/docs/a/b", false],
    ["/docs/**", "/docs", true],
    ["/docs/**", "/docs/a/b", true],
    ["/docs/**", "/docsy", false],
    ["/*/pricing", "/en/pricing", true],
    ["**/pricing", "/a/b/pricing", true],
    ["/a.b", "/aXb", false],
    ["/(a", "/(a", true],
    ["", "/", false],
  ]) {
    assert.equal(covers(glob, path), expected, `${glob} ${path}`);
  }
});

test("rules decide by path and device, and hide goes before show", async () => {
  const { allows } = await module("loader/rules.js");
  assert.equal(allows({}, "", "/", 1280), true);
  assert.equal(allows({ show: ["/a/**"] }, "", "/b", 1280), false);
  assert.equal(allows({ show: ["/a/**"], hide: ["/a/b"] }, "", "/a/b", 1280), false);
  assert.equal(allows({}, "/x, /y/*", "/y/z", 1280), false);
  const widths = [
    [0, 640],
    [1024, 100_000],
  ];
  for (const [width, expected] of /** @type {const} */ ([
    [320, true],
    [639, true],
    [640, false],
    [1023, false],
    [1024, true],
  ])) {
    assert.equal(allows({ widths }, "", "/", width), expected, `${width}`);
  }
});

test("a session serves its own visitor alone, and for as long as more than a minute is left since it was asked for", async () => {
  const { isFresh } = await module("static/js/session.js");
  const session = { secret: "ek", asked: 1_000_000, lifetime: 600, visitor: "ada", proof: "" };
  assert.equal(isFresh(session, { now: 1_000_000, visitor: "ada", proof: "" }), true);
  assert.equal(isFresh(session, { now: 1_539_000, visitor: "ada", proof: "" }), true);
  assert.equal(isFresh(session, { now: 1_540_000, visitor: "ada", proof: "" }), false);
  assert.equal(isFresh(session, { now: 1_000_000, visitor: "bob", proof: "" }), false);
  assert.equal(isFresh(session, { now: 1_000_000, visitor: null, proof: "" }), true);
  assert.equal(isFresh(session, { now: 1_000_000, visitor: "ada", proof: "signed" }), false);
  assert.equal(isFresh({}, { now: 1_000_000, visitor: null, proof: "" }), false);
});

test("a session that was asked for in the future is not begun with: the clock was set back", async () => {
  const { isFresh, secondsLeft } = await module("static/js/session.js");
  const session = { secret: "ek", asked: 1_000_001, lifetime: 600 };
  assert.equal(isFresh(session, { now: 1_000_000, visitor: null, proof: "" }), false);
  assert.equal(secondsLeft(session, 1_000_000), 0);
  assert.equal(secondsLeft({}, 1_000_000), 0);
});

test("a session that lives for no longer than a minute serves for half of its life", async () => {
  const { isFresh } = await module("static/js/session.js");
  const session = { secret: "ek", asked: 0, lifetime: 30 };
  assert.equal(isFresh(session, { now: 14_999, visitor: null, proof: "" }), true);
  assert.equal(isFresh(session, { now: 15_000, visitor: null, proof: "" }), false);
});

test("Retry-After is a number of seconds, or a date by the clock of who sent it", async () => {
  const { secondsToWait } = await module("static/js/session.js");
  const date = (/** @type {number} */ seconds) => new Date(seconds * 1000).toUTCString();
  assert.equal(secondsToWait("7", null), 7);
  assert.equal(secondsToWait("0.2", null), 1);
  assert.equal(secondsToWait("-7", null), 0);
  assert.equal(secondsToWait(date(12), date(2)), 10);
  assert.equal(secondsToWait(date(2), date(12)), 0);
  assert.equal(secondsToWait(date(12), null), null);
  for (const text of [null, "", "soon"]) {
    assert.equal(secondsToWait(text, date(0)), null);
  }
});

test("an identity is told from another by its subject", async () => {
  const { subjectOf } = await module("static/js/session.js");
  const token = (/** @type {string} */ sub) =>
    `a.${Buffer.from(JSON.stringify({ sub, o: "ÿ?>" })).toString("base64url")}.b`;
  assert.equal(subjectOf(token("ada")), "ada");
  assert.equal(subjectOf(undefined), undefined);
  assert.equal(subjectOf("nonsense"), "nonsense");
});

test("an origin matches itself and what stands for its subdomains", async () => {
  const { matches } = await module("static/js/origins.js");
  for (const [pattern, origin, expected] of [
    ["https://www.example.com", "https://www.example.com", true],
    ["https://www.example.com", "https://www.example.com.evil.test", false],
    ["https://*.example.com", "https://a.b.example.com", true],
    ["https://*.example.com", "https://example.com", false],
    ["https://*.example.com", "https://evil.test/.example.com", false],
    ["https://*.example.com", "http://a.example.com", false],
    ["https://*.example.com:8080", "https://a.example.com:8080", true],
  ]) {
    assert.equal(matches(pattern, origin), expected, `${pattern} ${origin}`);
  }
});

test("scripts that somebody changed work without any tool", { timeout: 1_200_000 }, async () => {
  const product = await startProduct({
    async prepare(folder) {
      for (const path of ["static/js/page.js", "static/js/panel.js", "static/js/words.js"]) {
        const file = join(folder, "themes/default", path);
        await mkdir(dirname(file), { recursive: true });
        await writeFile(file, `${await readFile(join(THEME, path), "utf8")}// changed\n`);
      }
    },
  });
  const browser = await openBrowser();
  const visitor = await browser.visitor();
  try {
    const page = await visitor.open(product.paste(await product.snippet("support", "bubble")));
    await page.getByRole("button", { name: "Chat with us" }).click();
    const frame = await chatkitFrame(page);
    await frame.getByText("How can we help?").waitFor();
    const script = await (await fetch(await frame.evaluate(() => document.scripts[1].src))).text();
    assert.ok(!script.includes("// changed") && !script.includes("@param"), "it was made small by the build");
  } finally {
    await visitor.close();
    await browser.close();
    await product.close();
  }
});
