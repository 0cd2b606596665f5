/**
 * Whatever `build` accepts, ChatKit accepts: random widgets, valid and nearly valid, go through the build, and what it
 * makes of those that it takes is held against the double's strict validation. PROPERTY_CASES asks for more of them,
 * PROPERTY_SEED for others.
 */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";

import fc from "fast-check";

import { assertOptions } from "./doubles/chatkit/options.mjs";
import { REPOSITORY } from "./deploy.mjs";
import { chatkitFrame, chatkitOptions, openBrowser } from "./harness/browser.mjs";
import { serveSite } from "./harness/site-server.mjs";
import { checkOptions } from "./harness/types.mjs";
import { loadCreateChat, optionsOf, settingsOf } from "./property/page.mjs";
import { widgets } from "./property/widgets.mjs";

const run = promisify(execFile);

const SEED = Number(process.env.PROPERTY_SEED ?? 20261122);
const CASES = Number(process.env.PROPERTY_CASES ?? 500);

/** Pages that are opened in Chromium as well. */
const OPENED = 12;

/** The least share of the cases that has to be valid: a test of refusals alone would prove nothing. */
const SHARE = 0.3;

/** @type {string} */
let folder;
/** @type {import("fast-check").Arbitrary<any>} */
let widget;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "property-"));
  const { stdout } = await generator(["schema"]);
  widget = widgets(JSON.parse(stdout));
  await loadCreateChat();
});
after(() => rm(folder, { recursive: true }));

/** Runs the command. @param {string[]} args */
const generator = (args) =>
  run("cargo", ["run", "--quiet", "--package", "chatkit-embed", "--", ...args], {
    cwd: REPOSITORY,
    env: { ...process.env, CHATKIT_WORKFLOW_ID: "wf_0123456789abcdef" },
    maxBuffer: 256 * 1024 * 1024,
  });

/** The `number`-th widget. Alone, it can be made again and made smaller. @param {number} number */
const nth = (number) => fc.sample(widget, { seed: SEED + number, numRuns: 1 })[0];

/** Builds a site of these widgets, without those that are refused.
 * @param {Map<string, unknown>} all
 * @returns {Promise<{ accepted: string[], refused: Map<string, string> }>} refused: with the message */
async function build(all) {
  const site = join(folder, "site");
  await rm(site, { recursive: true, force: true });
  await mkdir(join(site, "widgets"), { recursive: true });
  // On this machine, a server on this machine will do.
  await writeFile(join(site, "site.yaml"), "site: {url: 'http://localhost:8080'}\n");
  // JSON is YAML.
  for (const [name, value] of all) {
    await writeFile(join(site, "widgets", `${name}.yaml`), JSON.stringify(value, null, 1));
  }
  const args = [
    "build",
    "--config",
    join(site, "site.yaml"),
    "--out",
    join(site, "dist"),
    "--snippets",
    join(site, "snippets"),
  ];
  /** @type {Map<string, string>} */
  const refused = new Map();
  while (refused.size < all.size) {
    const message = await generator(args).then(
      () => "",
      ({ stderr }) => stderr,
    );
    if (message === "") {
      break;
    }
    const problems = message
      .split(/^error: /m)
      .map((/** @type {string} */ text) => ({ text, name: /(?:widgets\/|of `)(w\d+)/.exec(text)?.[1] ?? "" }));
    const found = problems.filter((/** @type {{ name: string }} */ { name }) => name !== "" && !refused.has(name));
    assert.ok(found.length > 0, `refused, and no widget is to blame:\n${message.slice(0, 4000)}`);
    for (const { name, text } of found) {
      refused.set(name, (refused.get(name) ?? "") + text);
      await rm(join(site, "widgets", `${name}.yaml`), { force: true });
    }
  }
  return { accepted: [...all.keys()].filter((name) => !refused.has(name)), refused };
}

/** What the page of a built widget would give ChatKit. @param {string} name @param {boolean} [isPanel] */
async function given(name, isPanel = true) {
  return optionsOf(await settingsOf(join(folder, "site/dist/w", name)), isPanel);
}

/** Why ChatKit would refuse a built widget, if it would. @param {string} name */
const refusal = async (name) =>
  given(name)
    .then(assertOptions)
    .then(
      () => "",
      (error) => `${error.message}`,
    );

test(`what build accepts of ${CASES} random widgets, ChatKit accepts (PROPERTY_SEED=${SEED})`, async () => {
  const all = new Map(Array.from({ length: CASES }, (_, number) => [`w${number}`, nth(number)]));
  const { accepted, refused } = await build(all);
  console.log(`# seed ${SEED}: ${accepted.length} of ${CASES} widgets accepted, ${refused.size} refused`);
  if (process.env.PROPERTY_REFUSED) {
    for (const text of refused.values()) {
      console.log(text);
    }
  }
  assert.ok(accepted.length > CASES * SHARE, "too few of the cases are valid");
  assert.ok(refused.size > CASES / 20, "too few of the cases are wrong");

  for (const name of accepted) {
    if (await refusal(name)) {
      await shrink(name);
    }
  }
  /** @type {Record<string, unknown>} */
  const options = {};
  for (const name of accepted) {
    options[name] = await given(name);
  }
  assert.deepEqual(await checkOptions(options), [], "what the types of ChatKit do not take");
  await open(accepted.filter((_, index) => index % Math.ceil(accepted.length / OPENED) === 0));
});

/** Fails with the smallest widget that is accepted by the build and refused by ChatKit. @param {string} name */
async function shrink(name) {
  const isSound = async (/** @type {unknown} */ value) => {
    const { accepted } = await build(new Map([[name, value]]));
    const reason = accepted.length > 0 ? await refusal(name) : "";
    assert.equal(reason, "", "the build accepts it, and ChatKit does not");
  };
  await fc.assert(fc.asyncProperty(widget, isSound), {
    seed: SEED + Number(name.slice(1)),
    numRuns: 1,
    includeErrorInReport: true,
  });
}

/** Opens pages in Chromium: what they give ChatKit there is what was checked here.
 * @param {string[]} names */
async function open(names) {
  const session = { client_secret: "ek_1", expires_at: Date.now() / 1000 + 600, expires_in: 600 };
  const invoke = async () => ({
    statusCode: 200,
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(session),
  });
  const site = await serveSite({ dist: join(folder, "site/dist"), invoke });
  const browser = await openBrowser();
  try {
    const visitor = await browser.visitor();
    await visitor.context.route(
      /^(https:\/\/agent\.example\.com|http:\/\/localhost:8000|https:\/\/127\.0\.0\.1:8443)\//,
      (route) => {
        const headers = { "Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": "*" };
        return route.fulfill({ headers, json: { data: [], has_more: false } });
      },
    );
    for (const name of names) {
      const page = await visitor.open(`${site.url}/w/${name}/`);
      const [options] = await chatkitOptions(await chatkitFrame(page));
      assert.deepEqual(plain(options), plain(await given(name, false)), name);
      await page.close();
    }
    await visitor.close();
  } finally {
    await browser.close();
    await site.close();
  }
}

/** Functions as the double shows them, and without the one key that it can not show. @param {unknown} options */
function plain(options) {
  const shown = (/** @type {any} */ value) => (typeof value === "function" || value?.$function ? "a function" : value);
  return JSON.parse(JSON.stringify(options, (key, value) => (key === "__proto__" ? undefined : shown(value))));
}
