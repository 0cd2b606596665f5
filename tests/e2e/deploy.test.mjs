/** A deploy on Netlify, as far as it goes without Netlify. */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHmac } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";

import { deployed, netlifyBuild } from "./deploy.mjs";
import { startOpenAI } from "./doubles/openai.mjs";
import { coldFunction } from "./harness/function.mjs";

const run = promisify(execFile);

const KEY = "sk-proj-only-a-test-0123456789";
const WORKFLOW = "wf_0123456789abcdef";

/** @type {import("./deploy.mjs").Deploy} */
let deploy;
/** @type {Awaited<ReturnType<typeof startOpenAI>>} */
let openai;

before(
  async () => {
    deploy = await deployed();
    openai = await startOpenAI({ apiKey: KEY, workflows: [WORKFLOW] });
  },
  { timeout: 1_200_000 },
);

after(() => openai?.close());

test("a build from a fresh clone ends with the site, the function as Rust, and the one that streams as JavaScript", async () => {
  const functions = deploy.manifest.functions.map(({ name, runtime, invocationMode }) => ({
    name,
    runtime,
    invocationMode,
  }));
  assert.deepEqual(
    functions.sort((one, two) => one.name.localeCompare(two.name)),
    [
      { name: "chat", runtime: "js", invocationMode: "stream" },
      { name: "session", runtime: "rs", invocationMode: undefined },
    ],
  );
  assert.ok("bootstrap" in deploy.zip, Object.keys(deploy.zip).join());
  const page = await readFile(join(deploy.clone, "dist/w/support/index.html"), "utf8");
  assert.match(page, /<title>Support<\/title>/);
});

test("the addresses of sessions and agents lead to the functions, with a limit for each visitor", async () => {
  const { default: toml } = await import("toml");
  const { redirects } = toml.parse(await readFile(join(deploy.clone, "netlify.toml"), "utf8"));
  const targets = redirects.map((/** @type {any} */ { from, to }) => [from, to]);
  assert.deepEqual(targets, [
    ["/api/chatkit/session", "/.netlify/functions/session"],
    ["/api/chatkit/chat", "/.netlify/functions/chat"],
    ["/api/chatkit/chat/buffered", "/.netlify/functions/session"],
  ]);
  for (const { from, status, force, rate_limit: limit } of redirects) {
    assert.deepEqual({ status, force }, { status: 200, force: true });
    // The function for agents has counted that one already, and others get 404.
    if (from === "/api/chatkit/chat/buffered") {
      assert.equal(limit, undefined);
      continue;
    }
    assert.ok(limit.window_limit > 0 && limit.window_size > 0);
    assert.deepEqual(limit.aggregate_by, ["ip", "domain"]);
  }
});

test("the function that streams carries the other one along, and passes on its replies", async () => {
  const folder = await mkdtemp(join(tmpdir(), "chat-"));
  try {
    await run("unzip", ["-q", join(deploy.clone, ".netlify/functions/chat.zip"), "-d", folder]);
    const { default: chat } = await import(join(folder, "chat.mjs"));
    // Not the address in `site.yaml`: nobody knows the name of a deploy preview beforehand.
    const preview = "https://deploy-preview-1--x.netlify.app";
    const ask = (/** @type {Record<string, string>} */ headers) =>
      chat(new Request(`${preview}/api/chatkit/chat`, { method: "POST", headers, body: "{}" }));
    const type = { "content-type": "application/json" };
    const stranger = await ask({ ...type, origin: "https://evil.example" });
    assert.equal(stranger.status, 403);
    // The gateway vouches for the name that it was called by.
    const own = await ask({ ...type, origin: preview });
    assert.equal(own.status, 401);
    assert.equal((await own.json()).error.code, "invalid_session");
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("the function of the archive answers an event with a client secret", async () => {
  const session = await coldFunction({
    command: deploy.binary,
    env: { OPENAI_API_KEY: KEY, CHATKIT_WORKFLOW_ID: WORKFLOW, OPENAI_BASE_URL: openai.baseUrl },
  });
  const reply = await session.invoke(event({ widget: "support" }));
  assert.equal(reply.statusCode, 200, session.logs());
  const body = JSON.parse(reply.body ?? "");
  assert.match(body.client_secret, /^ek_/);
  assert.ok(body.expires_at > Date.now() / 1000);
  assert.ok(body.expires_in > 0 && body.expires_in <= 600);
  assert.equal(openai.requests.at(-1)?.mistake, null);
  assert.ok(!session.logs().includes(KEY) && !session.logs().includes(body.client_secret), session.logs());
});

test("the function answers agents in one piece for the function that streams alone", async () => {
  const session = await coldFunction({ command: deploy.binary, env: { OPENAI_API_KEY: KEY } });
  const ask = async (/** @type {Record<string, string>} */ extra) => {
    const plain = event({});
    const headers = { ...plain.headers, ...extra };
    const reply = await session.invoke({ ...plain, path: "/api/chatkit/chat/buffered", headers });
    return reply.statusCode;
  };
  const proof = createHmac("sha256", KEY).update("chatkit-embed chat fallback v1").digest("hex");
  assert.equal(await ask({}), 404);
  assert.equal(await ask({ "x-chat-fallback": proof }), 401);
});

test("without its key the function says so in its log, and to visitors only that it is not set up", async () => {
  const session = await coldFunction({ command: deploy.binary });
  const reply = await session.invoke(event({ widget: "support" }));
  assert.equal(reply.statusCode, 500);
  assert.equal(JSON.parse(reply.body ?? "").error.code, "not_configured");
  assert.ok(!reply.body?.includes("OPENAI_API_KEY"));
  assert.match(session.logs(), /OPENAI_API_KEY/);
});

test("a change of the site compiles nothing", { timeout: 600_000 }, async () => {
  // The test below leaves a program to compile, and the clone outlives a run.
  await netlifyBuild(deploy.clone);
  const site = join(deploy.clone, "site.yaml");
  const whole = await readFile(site, "utf8");
  await writeFile(site, whole.replaceAll("How can we help?", "What is it?"));
  try {
    const started = performance.now();
    const log = await netlifyBuild(deploy.clone);
    console.log(`a second build takes ${((performance.now() - started) / 1000).toFixed(1)} s`);
    assert.doesNotMatch(log, /Compiling/);
    assert.match(log, /function `target\/netlify\/functions\/session`/);
  } finally {
    await writeFile(site, whole);
  }
});

test("a function that does not compile fails the deploy", { timeout: 600_000 }, async () => {
  const main = join(deploy.clone, "netlify/functions/session/src/main.rs");
  const whole = await readFile(main, "utf8");
  await writeFile(main, "fn main() { nonsense }\n");
  try {
    await assert.rejects(netlifyBuild(deploy.clone), (/** @type {any} */ error) => {
      assert.match(error.stdout + error.stderr, /cannot find value `nonsense`/);
      return true;
    });
  } finally {
    await writeFile(main, whole);
  }
});

/** As Netlify sends it for a request from the site's own page. @param {unknown} body */
function event(body) {
  return {
    httpMethod: "POST",
    path: "/api/chatkit/session",
    headers: { host: "chat.example.com", origin: "https://chat.example.com", "content-type": "application/json" },
    multiValueHeaders: { "x-nf-geo": [null] },
    body: JSON.stringify(body),
    isBase64Encoded: false,
  };
}
