import assert from "node:assert/strict";
import { test } from "node:test";

import { headersFor, parseHeadersFile } from "./headers-file.mjs";

/** @param {string} pattern @param {string} path */
const matches = (pattern, path) => "x" in headersFor(parseHeadersFile(`${pattern}\n  X: 1\n`), path);

test("a path is for itself, in any case, with and without a slash at the end", () => {
  assert.ok(matches("/w/docs/", "/w/docs/"));
  assert.ok(matches("/w/docs/", "/w/docs"));
  assert.ok(matches("/w/docs", "/W/Docs"));
  assert.ok(!matches("/w/docs", "/w/docs.js"));
  assert.ok(matches("/", "/"));
  assert.ok(!matches("/", "/w"));
});

test("a placeholder is one segment", () => {
  assert.ok(matches("/w/:widget/", "/w/docs/"));
  // Not only for folders: the slash at the end does not matter.
  assert.ok(matches("/w/:widget/", "/w/docs.js"));
  assert.ok(!matches("/w/:widget", "/w/"));
  assert.ok(!matches("/w/:widget", "/w/docs/x"));
  assert.ok(matches("/:folder/index.html", "/w/index.html"));
});

test("an asterisk is anything, also within a segment", () => {
  assert.ok(matches("/*", "/"));
  assert.ok(matches("/*", "/a/b/c"));
  assert.ok(matches("/w/*.js", "/w/docs.js"));
  assert.ok(!matches("/w/*.js", "/w/docs.jsx"));
  assert.ok(matches("/assets/*", "/assets/"));
  assert.ok(matches("/assets/*", "/assets/a/b.css"));
});

test("an asterisk of its own also takes paths that only begin alike, as on Netlify", () => {
  assert.ok(matches("/w/docs/*", "/w/docs-eu/"));
});

test("rules for one path join, and so do values of one header", () => {
  const rules = parseHeadersFile(
    "# all\n/*\n  X-A: 1\n  Cache-Control: no-cache\n\n/w/*\n  cache-control: no-store\n  X-B: 1\n  X-B: 2: 3\n",
  );
  assert.deepEqual(headersFor(rules, "/w/docs/"), {
    "x-a": "1",
    "cache-control": "no-cache, no-store",
    "x-b": "1, 2: 3",
  });
  assert.deepEqual(headersFor(rules, "/other"), { "x-a": "1", "cache-control": "no-cache" });
});

test("what Netlify would drop without a word is an error", () => {
  for (const text of [
    "X-A: 1\n",
    "/a\n  X-A\n",
    "/a\n  X-A:\n",
    "/a\n  : 1\n",
    "/a\n  X A: 1\n",
    "/a\n",
    "*\n  X-A: 1\n",
    "w/docs\n  X-A: 1\n",
  ]) {
    assert.throws(() => parseHeadersFile(text), SyntaxError, text);
  }
});
