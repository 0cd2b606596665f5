/** The function on Netlify that passes answers on as they come, with a script in the place of the program. */

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { chmod, copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, test } from "node:test";

import { listen } from "./harness/http.mjs";

const KEY = "sk-proj-only-a-test-0123456789";

/** Answers with what it was asked, in two pieces; other paths make it fail. */
const SERVER = `
const server = require("node:http").createServer((request, response) => {
  if (request.url === "/die") process.exit(3);
  if (request.url === "/quiet") return process.stderr.write("asked\\n");
  request.on("close", () => process.stderr.write("closed\\n"));
  if (request.method === "OPTIONS") return response.writeHead(204).end();
  const { method, headers } = request;
  response.writeHead(201, { "content-type": "application/json", "x-own": "yes" });
  response.write(JSON.stringify({ method, headers, env: process.env }) + "\\n");
  if (request.url !== "/open") setTimeout(() => response.end("end"), 300);
});
server.listen(0, "127.0.0.1", () => process.stderr.write("listening on 127.0.0.1:" + server.address().port + "\\n"));
`;

/** What the site itself is asked. @type {{ path?: string, proof: unknown, body: string }[]} */
let asked = [];
/** @type {Awaited<ReturnType<typeof listen>>} */
let site;
/** @type {string} */
let folder;

before(async () => {
  process.env.OPENAI_API_KEY = ` ${KEY} `;
  process.env.AWS_LAMBDA_RUNTIME_API = "127.0.0.1:9";
  site = await listen(async (request, response) => {
    let body = "";
    for await (const piece of request) {
      body += piece;
    }
    asked.push({ path: request.url, proof: request.headers["x-chat-fallback"], body });
    response.end("in one piece");
  });
});

after(() => site.close());

beforeEach(async () => {
  asked = [];
  folder = await mkdtemp(join(tmpdir(), "chat-"));
});

afterEach(() => rm(folder, { recursive: true }));

/** @param {string} script */
async function program(script) {
  await writeFile(join(folder, "session"), `#!${process.execPath}\n${script}`);
  await chmod(join(folder, "session"), 0o755);
}

/** @returns {Promise<(request: Request) => Promise<Response>>} */
async function chatFunction() {
  await copyFile(new URL("../../netlify/functions/chat.mjs", import.meta.url), join(folder, "chat.mjs"));
  return (await import(join(folder, "chat.mjs"))).default;
}

/** @param {string} address @param {RequestInit} [init] */
const post = (address, init) => new Request(address, { method: "POST", body: "{}", ...init });

test("a request arrives with the name that the site was called by, and the answer comes piece by piece", async () => {
  await program(SERVER);
  const chat = await chatFunction();
  const headers = { "accept-encoding": "gzip", authorization: "Bearer x" };
  const reply = await chat(post("https://deploy-preview-1--x.netlify.app/api/chatkit/chat", { headers }));
  assert.equal(reply.status, 201);
  assert.equal(reply.headers.get("x-own"), "yes");
  assert.equal(reply.headers.get("connection"), null);
  assert.ok(reply.body);
  const pieces = reply.body.pipeThrough(new TextDecoderStream()).getReader();
  const seen = JSON.parse((await pieces.read()).value ?? "");
  assert.equal(seen.headers.host, "deploy-preview-1--x.netlify.app");
  assert.equal(seen.headers["x-forwarded-proto"], "https");
  assert.equal(seen.headers.authorization, "Bearer x");
  assert.equal(seen.headers["content-length"], "2");
  assert.equal(seen.env.GATEWAY, "netlify");
  assert.equal(seen.env.AWS_LAMBDA_RUNTIME_API, undefined);
  assert.equal((await pieces.read()).value, "end");
  assert.ok((await pieces.read()).done);
  const preflight = await chat(new Request("https://x.netlify.app/api/chatkit/chat", { method: "OPTIONS" }));
  assert.equal(preflight.status, 204);
});

test("without the program, the answer comes in one piece, and the next request tries again", async () => {
  const chat = await chatFunction();
  const url = `${site.url}/api/chatkit/chat`;
  assert.equal(await (await chat(post(url))).text(), "in one piece");
  const proof = createHmac("sha256", KEY).update("chatkit-embed chat fallback v1").digest("hex");
  assert.deepEqual(asked, [{ path: "/api/chatkit/chat/buffered", proof, body: "{}" }]);
  await program("process.exit(3)");
  assert.equal(await (await chat(post(url))).text(), "in one piece");
  await program(SERVER);
  assert.equal((await chat(post(url))).status, 201);
  assert.equal(asked.length, 2);
});

test("a direct call, which no limit has counted, gets no answer in one piece", async () => {
  const chat = await chatFunction();
  assert.equal((await chat(post(`${site.url}/.netlify/functions/chat`))).status, 404);
  assert.deepEqual(asked, []);
});

test("a program that names no port counts as failed", async () => {
  await program("setTimeout(() => {}, 60_000)");
  const chat = await chatFunction();
  assert.equal(await (await chat(post(`${site.url}/api/chatkit/chat`))).text(), "in one piece");
});

test("a program that takes no connections is done without", async () => {
  await program(`process.stderr.write("listening on 127.0.0.1:1\\n"); setTimeout(() => {}, 60_000)`);
  const chat = await chatFunction();
  assert.equal(await (await chat(post(`${site.url}/api/chatkit/chat`))).text(), "in one piece");
});

test("what the program has begun is not repeated", async () => {
  await program(SERVER);
  const chat = await chatFunction();
  await assert.rejects(chat(post(`${site.url}/die`)));
  assert.deepEqual(asked, []);
  // Its end is known a moment later.
  await new Promise((resolve) => setTimeout(resolve, 500));
  assert.equal((await chat(post(`${site.url}/api/chatkit/chat`))).status, 201);
});

test("a visitor who leaves ends the request, and nothing is repeated", async (t) => {
  await program(SERVER);
  const chat = await chatFunction();
  /** @type {string[]} */
  const lines = [];
  t.mock.method(console, "log", (/** @type {string} */ line) => lines.push(line));
  const logged = async (/** @type {string} */ text) => {
    while (!lines.includes(text)) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    lines.length = 0;
  };
  const early = new AbortController();
  const rejected = assert.rejects(chat(post(`${site.url}/quiet`, { signal: early.signal })), { name: "AbortError" });
  await logged("asked");
  early.abort();
  await rejected;
  const late = new AbortController();
  const reply = await chat(post(`${site.url}/open`, { signal: late.signal }));
  late.abort();
  await assert.rejects(reply.text());
  await logged("closed");
  const left = await chat(post(`${site.url}/open`));
  await left.body?.cancel();
  await logged("closed");
  assert.deepEqual(asked, []);
});
