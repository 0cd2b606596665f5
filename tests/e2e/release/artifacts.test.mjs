/**
 * What `.ci/release` made, as somebody has it who downloads it: in an empty folder, with neither cargo nor this repository
 * on the path.
 */

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";

import { zipFunctions } from "@netlify/zip-it-and-ship-it";

import { REPOSITORY } from "../deploy.mjs";
import { startResponses } from "../doubles/responses.mjs";
import { chatkitFrame, openBrowser } from "../harness/browser.mjs";
import { coldFunction } from "../harness/function.mjs";
import { listen } from "../harness/http.mjs";
import { startProgram } from "../harness/program.mjs";

const run = promisify(execFile);

const ARTIFACTS = join(REPOSITORY, "target/artifacts");
const API_KEY = "sk-proj-only-a-test-0123456789abcdef0123456789abcdef";

/** @type {string} */
let folder;
/** Folder of the program from the archive. @type {string} */
let unpacked;
/** @type {string[]} */
let artifacts;

before(async () => {
  assert.ok(existsSync(ARTIFACTS), "run .ci/release first");
  artifacts = await readdir(ARTIFACTS);
  folder = await mkdtemp(join(tmpdir(), "release-"));
});
after(() => rm(folder, { recursive: true }));

/** @param {RegExp} pattern */
const artifact = (pattern) => {
  const found = artifacts.filter((name) => pattern.test(name));
  assert.equal(found.length, 1, `${pattern} among ${artifacts.join()}`);
  return join(ARTIFACTS, found[0]);
};

/** The system's own programs, and ours. @param {string} own @returns {Record<string, string>} */
const environment = (own) => ({ PATH: `${own}:/usr/bin:/bin`, HOME: folder });

/** @param {string} own folder of the program @param {string[]} args @param {string} cwd */
async function chatkitEmbed(own, args, cwd) {
  const { stdout } = await run("chatkit-embed", args, { cwd, env: environment(own) });
  return stdout;
}

/** A port that nobody listens on. */
async function freePort() {
  const server = await listen(() => {});
  await server.close();
  return Number(new URL(server.url).port);
}

test("the checksums are right", async () => {
  const sums = (await readFile(join(ARTIFACTS, "SHA256SUMS"), "utf8")).trim().split("\n");
  assert.deepEqual(sums.map((line) => line.slice(66)).sort(), artifacts.filter((name) => name !== "SHA256SUMS").sort());
  for (const line of sums) {
    const bytes = await readFile(join(ARTIFACTS, line.slice(66)));
    assert.equal(createHash("sha256").update(bytes).digest("hex"), line.slice(0, 64), line);
  }
});

test("the archive is one folder with a static program, README and licences", async () => {
  const archive = artifact(/^chatkit-embed-.*\.tar\.gz$/);
  await run("tar", ["-xzf", archive, "-C", folder]);
  const name = /** @type {string} */ (archive.split("/").at(-1)).slice(0, -".tar.gz".length);
  unpacked = join(folder, name);
  assert.deepEqual((await readdir(unpacked)).sort(), ["LICENSE", "README.md", "THIRD-PARTY.txt", "chatkit-embed"]);
  const notices = await readFile(join(unpacked, "THIRD-PARTY.txt"), "utf8");
  for (const owner of ["The icons of Lucide", "serde 1.", "rustls 0."]) {
    assert.ok(notices.includes(`\n${owner}`) || notices.startsWith(owner), owner);
  }
  const program = await readFile(join(unpacked, "chatkit-embed"));
  assert.ok(!program.includes("ld-linux"), "it needs no loader of the system's");
  const version = await chatkitEmbed(unpacked, ["--version"], folder);
  assert.equal(version, `chatkit-embed ${name.split("-")[2]}\n`);
});

test("from init to a chat, served by the one file that build wrote, and to Netlify's functions", async () => {
  const upstream = await startResponses({ apiKey: API_KEY });
  const browser = await openBrowser();
  const project = join(folder, "shop");
  const port = await freePort();
  const site = `http://127.0.0.1:${port}`;
  try {
    await assert.rejects(run("cargo", ["--version"], { env: environment(unpacked) }), /ENOENT/);
    const answers = ["--name", "Morrow", "--website", "https://www.example.com", "--color", "#1f4fd8"];
    await chatkitEmbed(unpacked, ["init", project, ...answers, "--backend", "agent"], folder);
    const built = await chatkitEmbed(unpacked, ["build", "--base-url", site, "--server", "chat"], project);
    assert.match(built, /function `netlify\/functions\/session`/);
    const variables = { OPENAI_API_KEY: API_KEY, OPENAI_BASE_URL: upstream.baseUrl };
    const { stdout } = await run(join(project, "chat"), ["--check"], { env: variables });
    assert.match(stdout, /nothing is missing/);
    const env = { ...variables, PORT: String(port) };
    const server = await startProgram(join(project, "chat"), [], { env, ready: /listening on .*:(\d+)/ });

    const [widget] = (await readdir(join(project, "dist/w"), { withFileTypes: true })).filter((entry) =>
      entry.isDirectory(),
    );
    const visitor = await browser.visitor();
    const frame = await chatkitFrame(await visitor.open(`${site}/w/${widget.name}/`));
    await frame.getByRole("textbox").fill("Hello");
    await frame.getByRole("button", { name: "Send", exact: true }).and(frame.locator(":enabled")).click();
    await frame.getByText("You said: Hello").waitFor();
    await visitor.close();
    await server.close();

    const zipped = await zipFunctions(join(project, "netlify/functions"), join(folder, "zipped"), {
      basePath: project,
      config: { chat: { includedFiles: ["netlify/functions/session"] } },
    });
    const kinds = zipped.map(({ name, runtime }) => [name, runtime]).sort();
    assert.deepEqual(kinds, [
      ["chat", "js"],
      ["session", "rs"],
    ]);
    const session = await coldFunction({ command: join(project, "netlify/functions/session"), env: variables });
    const reply = await session.invoke({
      httpMethod: "POST",
      path: "/api/chatkit/session",
      headers: { host: site.slice(7), origin: site, "content-type": "application/json" },
      body: JSON.stringify({ widget: widget.name }),
      isBase64Encoded: false,
    });
    assert.equal(reply.statusCode, 200, session.logs());
  } finally {
    await browser.close();
    await upstream.close();
  }
});

test("the npm package starts the same program, which ends when npx is told to", async () => {
  const project = await mkdtemp(join(folder, "node-"));
  const env = { PATH: `${dirname(process.execPath)}:/usr/bin:/bin`, HOME: folder };
  const archive = artifact(/^chatkit-embed-[0-9.]+\.tgz$/);
  await run("npm", ["install", "--offline", "--no-fund", "--no-audit", archive], { cwd: project, env });
  const npx = (/** @type {string[]} */ ...args) =>
    run("npx", ["--no-install", "chatkit-embed", ...args], { cwd: project, env });
  assert.match((await npx("--version")).stdout, /^chatkit-embed /);
  await npx("init", "--yes", "--website", "https://www.example.com");
  assert.match(await readFile(join(project, "netlify.toml"), "utf8"), /command = "npx chatkit-embed build"/);
  assert.match((await npx("build")).stdout, /function `netlify\/functions\/session`/);
  await assert.rejects(npx("nonsense"), { code: 2 });

  const started = performance.now();
  const watch = spawn("npx", ["--no-install", "chatkit-embed", "watch", "--no-open", "--port", "0"], {
    cwd: project,
    env,
    detached: true,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise((resolve) => watch.once("close", resolve));
  let said = "";
  for await (const piece of watch.stdout.setEncoding("utf8")) {
    said += piece;
    const [address] = /http:\/\/\S+:\d+\//.exec(said) ?? [];
    if (address) {
      assert.equal((await fetch(address)).status, 200);
      break;
    }
  }
  console.log(`from npx to a page: ${Math.round(performance.now() - started)} ms`);
  process.kill(-(/** @type {number} */ (watch.pid)), "SIGINT");
  await ended;
});
