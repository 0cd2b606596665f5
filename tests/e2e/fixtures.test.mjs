/**
 * Whatever `build` accepts, ChatKit accepts: every page of every valid site of the corpus is opened, its options pass
 * the double's strict validation, and they type-check against the real types. So do those of every import.
 */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";

import { REPOSITORY } from "./deploy.mjs";
import { chatkitFrame, chatkitOptions, openBrowser } from "./harness/browser.mjs";
import { serveSite } from "./harness/site-server.mjs";
import { checkOptions } from "./harness/types.mjs";

const run = promisify(execFile);
const CORPUS = join(REPOSITORY, "tests/fixtures/valid");
const PASTES = join(REPOSITORY, "tests/fixtures/import/good");

/** @type {Awaited<ReturnType<typeof openBrowser>>} */
let browser;

before(async () => {
  browser = await openBrowser();
});
after(() => browser?.close());

/** Every session is minted: what the function does is tried elsewhere. */
const invoke = async () => ({
  statusCode: 200,
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify({ client_secret: `ek_${Math.random()}`, expires_at: Date.now() / 1000 + 600, expires_in: 600 }),
});

/** @param {string[]} args */
const generator = (...args) =>
  run("cargo", ["run", "--quiet", "--package", "chatkit-embed", "--", ...args], { cwd: REPOSITORY });

/**
 * Builds the site and opens the page of each of its widgets.
 * @param {import("node:test").TestContext} t
 * @param {string} config
 */
async function checkSite(t, config) {
  const folder = await mkdtemp(join(tmpdir(), "fixture-"));
  t.after(() => rm(folder, { recursive: true }));
  const dist = join(folder, "dist");
  await mkdir(dist);
  const site = await serveSite({ dist, invoke });
  t.after(site.close);
  const places = ["--out", dist, "--snippets", join(folder, "snippets"), "--base-url", site.url];
  await generator("build", "--config", config, ...places);

  const visitor = await browser.visitor();
  await visitor.context.route(/^(https:\/\/agent\.example\.com|http:\/\/localhost:8000)\//, (route) => {
    const headers = { "Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": "*" };
    return route.fulfill({ headers, json: { data: [], has_more: false } });
  });
  /** @type {Record<string, unknown>} */
  const options = {};
  for (const widget of await readdir(join(dist, "w"))) {
    if (widget.endsWith(".js")) {
      continue;
    }
    const page = await visitor.open(`${site.url}/w/${widget}/`);
    [options[widget]] = await chatkitOptions(await chatkitFrame(page));
    await page.close();
  }
  await visitor.close();
  assert.ok(Object.keys(options).length > 0);
  assert.deepEqual(await checkOptions(options), []);
  return options;
}

for (const file of await readdir(CORPUS)) {
  test(`ChatKit takes all options of ${file}`, async (t) => {
    await checkSite(t, join(CORPUS, file));
  });
}

test("ChatKit takes all that can be imported", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "imported-"));
  t.after(() => rm(folder, { recursive: true }));
  const config = join(folder, "site.yaml");
  const first = "widgets:\n  first:\n    backend: { type: hosted }\n";
  await writeFile(config, `site: { url: https://chat.example.com }\n${first}`);
  const pastes = (await readdir(PASTES)).filter((file) => !file.endsWith(".expected"));
  for (const file of pastes) {
    await generator("import", join(PASTES, file), "--widget", file.replaceAll(".", "-"), "--config", config);
  }
  const options = await checkSite(t, config);
  assert.equal(Object.keys(options).length, pastes.length + 1);
});
