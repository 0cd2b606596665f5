/**
 * What the snippet costs a host page, by Lighthouse: nothing. How fast a page was is printed and not held against it, because a
 * time that somebody else's work adds to must not fail a check.
 */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { launch } from "chrome-launcher";
import lighthouse from "lighthouse";

import { startProduct } from "./product.mjs";

const CATEGORIES = ["performance", "accessibility", "best-practices", "seo"];

/** @type {import("./product.mjs").Product} */
let product;
/** @type {Awaited<ReturnType<typeof launch>>} */
let chrome;

before(
  async () => {
    product = await startProduct();
    chrome = await launch({
      chromePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      chromeFlags: [
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--host-resolver-rules=MAP * ~NOTFOUND,EXCLUDE 127.0.0.1,EXCLUDE *.localhost",
      ],
    });
  },
  { timeout: 1_200_000 },
);
after(async () => {
  chrome?.kill();
  await product?.close();
});

/** @param {string} html */
async function judge(html) {
  const result = await lighthouse(product.paste(html), {
    port: chrome.port,
    onlyCategories: CATEGORIES,
    logLevel: "error",
  });
  assert.ok(result && !result.lhr.runtimeError, JSON.stringify(result?.lhr.runtimeError));
  const { categories, audits } = result.lhr;
  const value = (/** @type {string} */ id) => audits[id].numericValue;
  return {
    scores: Object.fromEntries(CATEGORIES.map((id) => [id, categories[id].score])),
    blocking: value("total-blocking-time"),
    shift: value("cumulative-layout-shift"),
  };
}

test("with the snippet no score differs, and nothing shifts", { timeout: 300_000 }, async () => {
  const snippets = await Promise.all(["support", "docs"].map((name) => product.snippet(name, "bubble")));
  const [without, withIt] = [await judge(""), await judge(snippets.join("\n"))];
  console.log(`# without: ${JSON.stringify(without)}\n# with: ${JSON.stringify(withIt)}`);
  const { performance: before, ...scores } = without.scores;
  const { performance, ...scoresWithIt } = withIt.scores;
  assert.ok(performance && before, "both were judged");
  assert.deepEqual(scoresWithIt, scores);
  assert.deepEqual([without.shift, withIt.shift], [0, 0]);
});
