/**
 * The web server on what `build` of the same commit wrote, from the folder and from the one file that holds everything:
 * each file comes with the headers that Netlify's own parser makes of `_headers`.
 */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, sep } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";

import { parseAllHeaders } from "@netlify/headers-parser";

import { REPOSITORY } from "./deploy.mjs";
import { startFunction } from "./harness/agent.mjs";
import { binary, program } from "./harness/preview.mjs";

const run = promisify(execFile);
const FIXTURES = join(REPOSITORY, "tests/fixtures/valid");

/** Sent with each reply, whatever the rules say. */
const OWN = ["connection", "content-length", "date", "etag", "keep-alive"];
/** Sent unless a rule says otherwise. */
const DEFAULTS = ["cache-control", "content-type"];

/** @type {string} */
let folder;

before(
  async () => {
    folder = await mkdtemp(join(tmpdir(), "server-"));
    await Promise.all([binary(), program("session")]);
  },
  { timeout: 1_200_000 },
);

after(() => rm(folder, { recursive: true }));

/** Paths of all files below a folder. @param {string} dist */
async function pathsOf(dist) {
  const entries = await readdir(dist, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return files.map(
    (file) =>
      `/${file
        .slice(dist.length + 1)
        .split(sep)
        .join("/")}`,
  );
}

/** What the rules say about a path, by lower-case name. @param {any[]} rules @param {string} path */
function expected(rules, path) {
  /** @type {Record<string, string>} */
  const merged = {};
  for (const [name, value] of rules
    .filter(({ forRegExp }) => forRegExp.test(path))
    .flatMap(({ values }) => Object.entries(values))) {
    const key = name.toLowerCase();
    merged[key] = key in merged ? `${merged[key]}, ${value}` : value;
  }
  return merged;
}

/** @param {{ site: string, dist: string }} built */
async function compare({ site, dist }) {
  const { headers: rules, errors } = await parseAllHeaders({
    headersFiles: [join(dist, "_headers")],
    minimal: false,
    configHeaders: [],
  });
  assert.deepEqual(errors, []);
  const packed = { SITE_PACK: join(site, "pack") };
  const fromFolder = await startFunction(await program("session"), { ...packed, DIST_DIR: dist });
  const whole = await startFunction(join(site, "chat"), {});
  try {
    const files = (await pathsOf(dist)).filter((path) => path !== "/_headers" && !path.startsWith("/."));
    const pages = files
      .filter((path) => path.endsWith("/index.html"))
      .map((path) => path.slice(0, -"index.html".length));
    assert.ok(pages.length > 0 && files.includes("/404.html"));
    for (const path of [...files, ...pages, "/missing", "/_headers"]) {
      const isThere = files.includes(path) || pages.includes(path);
      const file = path.endsWith("/") ? `${path}index.html` : path;
      const body = await readFile(join(dist, isThere ? file : "404.html"));
      const ruled = expected(rules, isThere ? path : "/404.html");
      const free = [...OWN, ...DEFAULTS.filter((name) => !(name in ruled))];
      for (const { url } of [fromFolder, whole]) {
        const response = await fetch(url + path, { redirect: "error" });
        assert.equal(response.status, isThere ? 200 : 404, path);
        assert.deepEqual(Buffer.from(await response.arrayBuffer()), body, path);
        const sent = Object.fromEntries([...response.headers].filter(([name]) => !free.includes(name)));
        assert.deepEqual(sent, ruled, path);
      }
    }
  } finally {
    await Promise.all([fromFolder.close(), whole.close()]);
  }
}

/** @param {string} config */
async function build(config) {
  const site = await mkdtemp(join(folder, "site-"));
  await cp(config, join(site, "site.yaml"));
  const flags = ["--program", await program("session"), "--server", "chat", "--pack", "pack"];
  await run(await binary(), ["build", ...flags], { cwd: site });
  return { site, dist: join(site, "dist") };
}

test("the sample site is served with the headers of its rules", async () => {
  await compare(await build(join(REPOSITORY, "site.yaml")));
});

test("every valid site is served with the headers of its rules", async () => {
  const names = (await readdir(FIXTURES)).filter((name) => name.endsWith(".yaml"));
  assert.ok(names.length > 0);
  for (const name of names) {
    await compare(await build(join(FIXTURES, name)));
  }
});
