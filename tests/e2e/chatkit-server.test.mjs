/** A widget with a ChatKit server of one's own: the real `openai-chatkit` answers, to whom the function signed for. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

import { chatkitFrame, openBrowser } from "./harness/browser.mjs";
import { SERVER_SECRET, startProduct } from "./product.mjs";

const SCRIPT = fileURLToPath(new URL("chatkit-server/server.py", import.meta.url));
/** Where `.ci/run` installs `chatkit-server/requirements.txt`; `PYTHON` names another one. */
const VENV = fileURLToPath(new URL(".tmp/venv/bin/python", import.meta.url));

/** Runs the script with another time of day, as far as PyJWT can tell. */
const AT_ANOTHER_TIME = `
import datetime, runpy, sys
from jwt import api_jwt
class Elsewhere(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return super().now(tz) + datetime.timedelta(seconds=int(sys.argv[2]))
api_jwt.datetime = Elsewhere
runpy.run_path(sys.argv[1], run_name="__main__")
`;

/** @type {import("./product.mjs").Product} */
let product;
/** @type {Awaited<ReturnType<typeof openBrowser>>} */
let browser;
/** @type {Awaited<ReturnType<typeof startServer>>} */
let server;

before(
  async () => {
    server = await startServer();
    product = await startProduct({ server });
    browser = await openBrowser();
  },
  { timeout: 1_200_000 },
);
after(async () => {
  await browser?.close();
  await product?.close();
});

/** Starts the server, and waits until it says its port.
 * @param {number} [ahead] seconds that its clock is ahead */
async function startServer(ahead = 0) {
  const python = process.env.PYTHON ?? VENV;
  assert.ok(existsSync(python), `no ${python}: install chatkit-server/requirements.txt there, as .ci/run does`);
  const env = {
    PATH: process.env.PATH ?? "",
    CHATKIT_SERVER_SECRET: SERVER_SECRET,
    // What the function was built with: the shipped site.yaml.
    SITE_URL: "https://chat.example.com",
    SERVER_URL: "https://agent.example.com/chatkit",
  };
  const child = spawn(python, ["-c", AT_ANOTHER_TIME, SCRIPT, `${ahead}`], {
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  /** @type {string[]} */
  const lines = [];
  const output = createInterface({ input: child.stdout });
  output.on("line", (line) => lines.push(line));
  const [first] = await once(output, "line");
  return {
    url: `http://127.0.0.1:${first.split(" ").at(-1)}`,
    lines,
    close: async () => {
      child.kill();
      await once(child, "exit");
    },
  };
}

/** Asks through the `fetch` that the page gave to ChatKit.
 * @param {import("playwright-core").Frame} frame @param {unknown} request */
const ask = (frame, request) =>
  frame.evaluate(async (body) => {
    const { api } = /** @type {any} */ (window).__chatkit.instances[0].options;
    const reply = await api.fetch(api.url, { method: "POST", headers: { "Content-Type": "application/json" }, body });
    return { status: reply.status, text: await reply.text() };
  }, JSON.stringify(request));

const HELLO = {
  type: "threads.create",
  params: {
    input: {
      content: [{ type: "input_text", text: "Hello" }],
      attachments: [],
      quoted_text: "",
      inference_options: {},
    },
  },
  metadata: {},
};
const LIST = { type: "threads.list", params: { limit: 10, order: "desc" }, metadata: {} };

test("the server answers the page, because the function signed for its visitor", async () => {
  const visitor = await browser.visitor();
  const page = await visitor.open(product.page("docs"));
  const frame = await chatkitFrame(page);
  await frame.getByText("What are you looking for in the docs?").waitFor();
  const { status, text } = await ask(frame, HELLO);
  assert.equal(status, 200, text);
  assert.match(text, /You said: Hello/);
  assert.ok(server.lines.includes("asked by visitor_ in docs"), server.lines.join("\n"));
  assert.equal(product.openai.requests.length, 0, "OpenAI is not asked");
  await visitor.close();
});

test("what one visitor said, another does not see", async () => {
  const [ann, bob] = await Promise.all([browser.visitor(), browser.visitor()]);
  const frames = await Promise.all(
    [ann, bob].map(async (visitor) => chatkitFrame(await visitor.open(product.page("docs")))),
  );
  await ask(frames[0], HELLO);
  const seen = await Promise.all(frames.map(async (frame) => JSON.parse((await ask(frame, LIST)).text).data.length));
  assert.deepEqual(seen, [1, 0]);
  await ann.close();
  await bob.close();
});

/** A token as the function signs it, for a visitor of the widget `docs`. */
async function token() {
  const request = {
    method: "POST",
    headers: { "Content-Type": "application/json", Origin: product.site.url },
    body: '{"widget":"docs"}',
  };
  const reply = await fetch(`${product.site.url}/api/chatkit/session`, request);
  return (await reply.json()).client_secret;
}

for (const [ahead, status] of [
  [-60, 200],
  [60, 200],
  [3600, 401],
  [-3600, 401],
]) {
  test(`a server whose clock is ${ahead} seconds ahead answers a fresh token with ${status}`, async () => {
    const elsewhere = await startServer(ahead);
    try {
      const headers = { Authorization: `Bearer ${await token()}` };
      const reply = await fetch(`${elsewhere.url}/chatkit`, { method: "POST", headers, body: JSON.stringify(LIST) });
      assert.equal(reply.status, status, await reply.text());
    } finally {
      await elsewhere.close();
    }
  });
}

test("without a session, or with one that somebody else signed, the server refuses", async () => {
  const body = JSON.stringify(LIST);
  const forged = `${btoa('{"alg":"none"}')}.${btoa('{"sub":"visitor_1"}')}.`;
  for (const Authorization of ["", `Bearer ${forged}`]) {
    const reply = await fetch(`${server.url}/chatkit`, { method: "POST", headers: { Authorization }, body });
    assert.equal(reply.status, 401);
  }
});
