/**
 * The web server on what `build` of the same commit wrote: each file comes with the headers that Netlify's own parser
 * makes of `_headers`.
 */

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { cp, mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, sep } from "node:path";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { promisify } from "node:util";

import { parseAllHeaders } from "@netlify/headers-parser";

import { REPOSITORY } from "./deploy.mjs";

const run = promisify(execFile);
const FIXTURES = join(REPOSITORY, "tests/fixtures/valid");
const TARGET = process.env.CARGO_TARGET_DIR ?? join(REPOSITORY, "target");

/** Sent with each reply, whatever the rules say. */
const OWN = ["connection", "content-length", "date", "etag", "keep-alive"];
/** Sent unless a rule says otherwise. */
const DEFAULTS = ["cache-control", "content-type"];

/** @type {string} */
let folder;

before(
  async () => {
    folder = await mkdtemp(join(tmpdir(), "server-"));
    await run(
      "cargo",
      ["build", "--quiet", "--locked", "--package", "chatkit-embed", "--package", "session", "--bins"],
      { cwd: REPOSITORY },
    );
  },
  { timeout: 1_200_000 },
);

after(() => rm(folder, { recursive: true }));

/** Starts the server on a folder. @param {string} dist @returns {Promise<{ url: string, close: () => Promise<unknown> }>} */
async function serve(dist) {
  const child = spawn(join(TARGET, "debug/session"), {
    env: { PORT: "0", DIST_DIR: dist },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const closed = new Promise((resolve) => child.once("close", resolve));
  let said = "";
  for await (const line of createInterface(child.stderr)) {
    said += `${line}\n`;
    const [, port] = /listening on .*:(\d+)/.exec(line) ?? [];
    if (port) {
      const close = () => {
        child.kill();
        return closed;
      };
      return { url: `http://127.0.0.1:${port}`, close };
    }
  }
  throw new Error(`the server did not start: ${said}`);
}

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

/** @param {string} dist */
async function compare(dist) {
  const { headers: rules, errors } = await parseAllHeaders({
    headersFiles: [join(dist, "_headers")],
    minimal: false,
    configHeaders: [],
  });
  assert.deepEqual(errors, []);
  const server = await serve(dist);
  try {
    const files = (await pathsOf(dist)).filter((path) => path !== "/_headers" && !path.startsWith("/."));
    const pages = files
      .filter((path) => path.endsWith("/index.html"))
      .map((path) => path.slice(0, -"index.html".length));
    assert.ok(pages.length > 0 && files.includes("/404.html"));
    for (const path of [...files, ...pages, "/missing", "/_headers"]) {
      const response = await fetch(server.url + path, { redirect: "error" });
      const isThere = files.includes(path) || pages.includes(path);
      assert.equal(response.status, isThere ? 200 : 404, path);
      const body = Buffer.from(await response.arrayBuffer());
      const file = path.endsWith("/") ? `${path}index.html` : path;
      assert.deepEqual(body, await readFile(join(dist, isThere ? file : "404.html")), path);
      const ruled = expected(rules, isThere ? path : "/404.html");
      const free = [...OWN, ...DEFAULTS.filter((name) => !(name in ruled))];
      const sent = Object.fromEntries([...response.headers].filter(([name]) => !free.includes(name)));
      assert.deepEqual(sent, ruled, path);
    }
  } finally {
    await server.close();
  }
}

/** @param {string} config */
async function build(config) {
  const out = await mkdtemp(join(folder, "site-"));
  await cp(config, join(out, "site.yaml"));
  await run(join(TARGET, "debug/chatkit-embed"), ["build", "--config", join(out, "site.yaml")], { cwd: out });
  return join(out, "dist");
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
