import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

import { coldFunction } from "./function.mjs";
import { serveSite } from "./site-server.mjs";

const FILES = {
  "w/docs/index.html": "<h1>docs</h1>",
  "w/docs.js": "loader",
  "assets/a.1234.css": "a{}",
  "page.html": "<h1>page</h1>",
  "404.html": "<h1>nothing here</h1>",
  _headers:
    "/*\n  X-Content-Type-Options: nosniff\n/w/docs/\n  Cache-Control: no-cache\n/assets/*\n  Cache-Control: public, max-age=31536000, immutable\n",
};

/** @type {string} */
let folder;
/** @type {string} */
let dist;
/** @type {Awaited<ReturnType<typeof serveSite>>} */
let site;
/** @type {import("./event.mjs").LambdaEvent[]} */
const events = [];

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "site-server-"));
  dist = join(folder, "dist");
  for (const [name, text] of Object.entries({ ...FILES, "../secret.txt": "secret" })) {
    await mkdir(dirname(join(dist, name)), { recursive: true });
    await writeFile(join(dist, name), text);
  }
  await symlink("../secret.txt", join(dist, "link.txt"));
  site = await serveSite({
    dist,
    invoke: async (event) => {
      events.push(event);
      if (event.body === "broken") {
        throw new Error("broken");
      }
      return {
        statusCode: 201,
        headers: { "x-plain": "a" },
        multiValueHeaders: { "x-many": ["b", "c"] },
        body: "aGk=",
        isBase64Encoded: true,
      };
    },
  });
});
after(async () => {
  await site.close();
  await rm(folder, { recursive: true });
});

/** @param {string} path @param {RequestInit} [init] */
const ask = (path, init) => fetch(site.url + path, { redirect: "manual", ...init });

/** Sends a path as it is: `fetch` would tidy it first. @param {string} path @returns {Promise<string>} */
function askRaw(path) {
  return new Promise((resolve, reject) => {
    let reply = "";
    const socket = connect(site.port, "127.0.0.1", () =>
      socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`),
    );
    socket
      .setEncoding("utf8")
      .on("data", (text) => (reply += text))
      .on("close", () => resolve(reply))
      .on("error", reject);
  });
}

test("a folder is its index page, and a folder without a slash leads there", async () => {
  const page = await ask("/w/docs/");
  assert.equal(page.status, 200);
  assert.equal(await page.text(), "<h1>docs</h1>");
  assert.equal(page.headers.get("content-type"), "text/html; charset=UTF-8");
  const bare = await ask("/w/docs");
  assert.equal(bare.status, 301);
  assert.equal(bare.headers.get("location"), "/w/docs/");
  assert.equal(await (await ask("/page")).text(), "<h1>page</h1>");
});

test("the rules of _headers apply to what matches them, and a file without one is revalidated", async () => {
  const page = await ask("/w/docs/");
  assert.equal(page.headers.get("x-content-type-options"), "nosniff");
  assert.equal(page.headers.get("cache-control"), "no-cache");
  assert.equal((await ask("/assets/a.1234.css")).headers.get("cache-control"), "public, max-age=31536000, immutable");
  const loader = await ask("/w/docs.js");
  assert.equal(loader.headers.get("content-type"), "application/javascript; charset=UTF-8");
  assert.match(loader.headers.get("cache-control") ?? "", /must-revalidate/);
});

test("an unknown path is 404.html with status 404 and the headers of its path", async () => {
  const page = await ask("/w/nothing/");
  assert.equal(page.status, 404);
  assert.equal(await page.text(), "<h1>nothing here</h1>");
  assert.equal(page.headers.get("x-content-type-options"), "nosniff");
});

test("a file that has not changed is not sent again", async () => {
  const etag = (await ask("/w/docs.js")).headers.get("etag") ?? "";
  assert.match(etag, /^"\w+"$/);
  const again = await ask("/w/docs.js", { headers: { "If-None-Match": etag } });
  assert.equal(again.status, 304);
  assert.equal(await again.text(), "");
});

test("files are read, and nothing else: no other method, no configuration, no way out", async () => {
  assert.equal((await ask("/w/docs/", { method: "POST", body: "x" })).status, 405);
  assert.equal((await ask("/w/docs.js", { method: "HEAD" })).status, 200);
  assert.equal((await ask("/_headers")).status, 404);
  assert.equal((await ask("/link.txt")).status, 404);
  for (const path of [
    "/../secret.txt",
    "/%2e%2e/secret.txt",
    "/w/..%2f..%2fsecret.txt",
    "/..%5csecret.txt",
    "/%00",
    "/%",
  ]) {
    const reply = await askRaw(path);
    assert.match(reply, /^HTTP\/1.1 404 /, path);
    assert.doesNotMatch(reply, /\r\n\r\nsecret/, path);
  }
});

test("a request to the function is the event of netlify dev, and its reply is an HTTP reply", async () => {
  const body = JSON.stringify({ widget: "docs" });
  const headers = {
    "Content-Type": "application/json",
    Origin: "https://www.example.com",
    "x-nf-client-connection-ip": "6.6.6.6",
  };
  const reply = await ask("/api/chatkit/session?a=1&a=2", { method: "POST", body, headers });
  assert.equal(reply.status, 201);
  assert.equal(await reply.text(), "hi");
  assert.equal(reply.headers.get("x-plain"), "a");
  assert.equal(reply.headers.get("x-many"), "b, c");
  assert.equal(reply.headers.get("x-content-type-options"), null, "_headers is for files only");

  const event = events.at(-1) ?? assert.fail();
  assert.equal(event.httpMethod, "POST");
  assert.equal(event.path, "/api/chatkit/session");
  assert.equal(event.body, body);
  assert.equal(event.isBase64Encoded, false);
  assert.equal(event.headers.origin, "https://www.example.com");
  assert.equal(event.headers["x-nf-client-connection-ip"], "127.0.0.1", "not what the client says");
  assert.deepEqual(/** @type {any} */ (event.multiValueHeaders)["x-nf-geo"], [null]);
  assert.deepEqual(event.multiValueQueryStringParameters, { a: ["1", "2"] });
  assert.equal(event.rawUrl, `${site.url}/api/chatkit/session?a=1&a=2`);
});

test("every method and both paths reach the function; a body that is absent is null in Base64", async () => {
  for (const [path, method] of [
    ["/api/chatkit/session", "OPTIONS"],
    ["/api/chatkit/session", "GET"],
    ["/.netlify/functions/session", "DELETE"],
  ]) {
    assert.equal((await ask(path, { method })).status, 201);
    const event = events.at(-1) ?? assert.fail();
    assert.deepEqual([event.path, event.httpMethod, event.body, event.isBase64Encoded], [path, method, null, true]);
  }
});

test("a function that fails is 502 for the browser, and told to the test", async () => {
  const reply = await ask("/api/chatkit/session", {
    method: "POST",
    body: "broken",
    headers: { "Content-Type": "text/plain" },
  });
  assert.equal(reply.status, 502);
  assert.match(site.functionErrors[0].message, /broken/);
});

test("traps can be set: names in title case, a body in Base64, another address", async (t) => {
  /** @type {import("./event.mjs").LambdaEvent | undefined} */
  let event;
  const tricky = await serveSite({
    dist,
    event: { titleCase: true, base64: true, clientIp: "192.0.2.1", headers: { "x-forwarded-proto": "https" } },
    invoke: async (received) => ((event = received), { statusCode: 204 }),
  });
  t.after(tricky.close);
  await fetch(`${tricky.url}/api/chatkit/session`, {
    method: "POST",
    body: "{}",
    headers: { "Content-Type": "application/json" },
  });
  assert.ok(event);
  assert.equal(event.headers["Content-Type"], "application/json");
  assert.equal(event.headers["X-Forwarded-Proto"], "https");
  assert.equal(event.headers["X-Nf-Client-Connection-Ip"], "192.0.2.1");
  assert.equal(event.body, "e30=");
  assert.equal(event.isBase64Encoded, true);
});

test("the event passes through the emulator of Netlify", async (t) => {
  const fn = await coldFunction({ command: fileURLToPath(new URL("fixtures/echo-function.mjs", import.meta.url)) });
  const real = await serveSite({ dist, invoke: fn.invoke });
  t.after(real.close);
  const reply = await fetch(`${real.url}/api/chatkit/session`, {
    method: "POST",
    body: "{}",
    headers: { "Content-Type": "application/json" },
  });
  assert.equal(reply.status, 200, real.functionErrors.join());
  assert.equal(/** @type {any} */ (await reply.json()).event.body, "{}");
});
