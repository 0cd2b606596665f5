/** Sessions: asked for once, shared, asked for again in time, and forgotten when asked to. */

import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, test } from "node:test";

import { chatkitFrame, chatkitOptions } from "./harness/browser.mjs";
import { product, useProduct, useVisitor, visitor } from "./suite.mjs";

/** @typedef {import("playwright-core").Page} Page */

/** What pages asked the function for, parsed. @type {any[]} */
let asked = [];
/** What the function says next, instead of a session. @type {import("./product.mjs").LambdaReply[]} */
let scripted = [];
/** Seconds that a session lives. */
let lifetime = 600;
/** Seconds that the function's clock is ahead of the visitor's. */
let ahead = 0;

useProduct(
  {
    async answer({ body, headers }) {
      const request = JSON.parse(body ?? "");
      asked.push(request);
      const reply = scripted.shift();
      if (reply) {
        return reply;
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
      const session = {
        client_secret: `ek_${request.widget}_${asked.length}`,
        expires_at: Math.floor(Date.now() / 1000) + ahead + lifetime,
        expires_in: lifetime,
        visitor: request.visitor ?? `v1.visitor${asked.length}.mac`,
      };
      return json(200, session, headers.origin);
    },
  },
  async () => {
    // The switch for servers that want to know who the visitor is.
    const page = join(product.dist, "w/docs/index.html");
    await writeFile(page, (await readFile(page, "utf8")).replace('"session":false', '"session":true'));
  },
);
beforeEach(() => {
  asked = [];
  scripted = [];
  lifetime = 600;
  ahead = 0;
});
useVisitor();

/** @param {number} status @param {unknown} body @param {string} origin @param {Record<string, string>} [headers] */
function json(status, body, origin, headers = {}) {
  const cors = {
    "Access-Control-Allow-Origin": origin,
    Vary: "Origin",
    "Access-Control-Expose-Headers": "Retry-After",
  };
  return {
    statusCode: status,
    headers: { "Content-Type": "application/json", ...cors, ...headers },
    body: JSON.stringify(body),
  };
}

/** @param {Page} page */
async function started(page) {
  const frame = await chatkitFrame(page);
  await frame.getByRole("button", { name: "Send" }).and(frame.locator(":enabled")).waitFor();
  return frame;
}

/** Secrets that ChatKit has got. @param {import("playwright-core").Frame} frame */
const secrets = (frame) => frame.evaluate(() => window.__chatkit.instances[0].secrets);

test("a reload takes the same session, and tells the function nothing", async () => {
  const page = await visitor.open(product.page("support"));
  assert.deepEqual(await secrets(await started(page)), ["ek_support_1"]);
  await page.reload();
  assert.deepEqual(await secrets(await started(page)), ["ek_support_1"]);
  assert.deepEqual(asked, [{ widget: "support" }]);
});

test("a session with less than a minute left is not begun with, and the visitor stays the same", async () => {
  const page = await visitor.open(product.page("support"));
  await started(page);
  await page.evaluate(() => {
    const key = "chatkit-embed /w/support/";
    const kept = JSON.parse(localStorage.getItem(key) ?? "");
    localStorage.setItem(
      key,
      JSON.stringify({ ...kept, session: { ...kept.session, asked: kept.session.asked - 541_000 } }),
    );
  });
  await page.reload();
  assert.deepEqual(await secrets(await started(page)), ["ek_support_2"]);
  assert.deepEqual(asked, [{ widget: "support" }, { widget: "support", visitor: "v1.visitor1.mac" }]);
});

for (const [clock, seconds] of /** @type {const} */ ([
  ["fast", -900],
  ["slow", 900],
])) {
  test(`a visitor whose clock is 15 minutes ${clock} has one session, however often it is needed`, async () => {
    ahead = seconds;
    const page = await visitor.open(product.page("docs"));
    const frame = await started(page);
    // Each of these asks for the token.
    await frame.evaluate(async () => {
      const { api } = window.__chatkit.instances[0].options;
      for (let i = 0; i < 3; i++) {
        await /** @type {any} */ (api).fetch(/** @type {any} */ (api).url, { method: "POST", body: "{}" });
      }
    });
    await page.reload();
    await started(page);
    assert.equal(asked.length, 1);
  });
}

test("a session that lives for less than a minute is not asked for with each request", async () => {
  lifetime = 30;
  const page = await visitor.open(product.page("docs"));
  await started(page);
  await page.reload();
  await started(page);
  assert.equal(asked.length, 1);
});

test("a clock that is set back ends the session that is kept, and a note of another tab", async () => {
  await visitor.context.addInitScript(() => Object.defineProperty(navigator, "locks", { value: undefined }));
  const page = await visitor.open(product.page("support"));
  await started(page);
  await page.evaluate(() => {
    const key = "chatkit-embed /w/support/";
    const kept = JSON.parse(localStorage.getItem(key) ?? "");
    localStorage.setItem(
      key,
      JSON.stringify({ ...kept, session: { ...kept.session, asked: kept.session.asked + 3_600_000 } }),
    );
    // A tab that was closed while it asked, before the clock was set back by an hour.
    localStorage.setItem(`${key} lease`, `0.5 ${Date.now() + 3_600_000}`);
  });
  await page.reload();
  assert.deepEqual(await secrets(await started(page)), ["ek_support_2"]);
});

test("a secret that ends is followed by a new one", async () => {
  const page = await visitor.open(product.page("support"));
  const frame = await started(page);
  const next = await frame.evaluate(() => window.__chatkit.expire(window.__chatkit.instances[0]));
  assert.equal(next, "ek_support_2");
});

for (const locks of [true, false]) {
  test(`tabs that begin at the same time share one session, ${locks ? "by a lock" : "without locks"}`, async () => {
    if (!locks) {
      await visitor.context.addInitScript(() => Object.defineProperty(navigator, "locks", { value: undefined }));
    }
    const pages = await Promise.all([1, 2, 3].map(() => visitor.open(product.page("support"))));
    for (const page of pages) {
      await started(page);
    }
    assert.equal(asked.length, 1);
  });
}

test("a laptop that wakes up with a session that ended gets a new one, and keeps its thread", async () => {
  lifetime = 61;
  const page = await visitor.open(product.page("support"));
  const frame = await started(page);
  await frame.getByRole("textbox").fill("Hello");
  await frame.getByRole("button", { name: "Send" }).click();
  await frame.getByText("You said: Hello").waitFor();
  await page.evaluate(() => {
    const later = Date.now() + 3_600_000;
    Date.now = () => later;
    // OpenAI would refuse the secret.
    /** @type {any} */ (window.__chatkit.instances[0].element).fetchUpdates = () => Promise.reject(new Error("401"));
    dispatchEvent(new Event("online"));
  });
  await page.getByText("Messages of cthr_").waitFor();
  assert.equal(asked.length, 2);
});

test("a function that is asked too often is asked again when it says, and the visitor reads so", async () => {
  scripted = [json(429, { error: { code: "rate_limited", message: "x" } }, "", { "Retry-After": "2" })];
  visitor.expectError(/429/);
  const page = await visitor.open(product.page("support"));
  await page.getByText("The chat starts in 2 seconds").waitFor();
  const waits = Date.now();
  await started(page);
  assert.ok(Date.now() - waits > 1500);
  assert.equal(asked.length, 2);
});

test("a function that leaves its upstream alone for a second is asked again after it", async () => {
  scripted = [json(503, { error: { code: "upstream_error", message: "x" } }, "", { "Retry-After": "1" })];
  visitor.expectError(/503/);
  const page = await visitor.open(product.page("support"));
  await page.getByText("The chat starts in 1 second").waitFor();
  await started(page);
  assert.equal(asked.length, 2);
});

test("a function that never says when to come back is not asked again", async () => {
  scripted = [json(503, { error: { code: "upstream_error", message: "x" } }, "")];
  visitor.expectError(/503/);
  visitor.expectError(/no session/);
  const page = await visitor.open(product.page("support"));
  await page.getByText("Something is wrong on our side").waitFor();
  assert.equal(asked.length, 1);
});

test("a wait that is too long is said, and left to the visitor", async () => {
  scripted = [json(429, { error: { code: "rate_limited", message: "x" } }, "", { "Retry-After": "3600" })];
  visitor.expectError(/429/);
  visitor.expectError(/no session/);
  const page = await visitor.open(product.page("support"));
  await page.getByText("Too many people are asking right now").waitFor();
  assert.equal(asked.length, 1);
});

test("a website that is not allowed reads so, and the owner finds the cause in the console", async () => {
  scripted = [json(403, { error: { code: "origin_not_allowed", message: "add the origin" } }, "")];
  visitor.expectError(/403/);
  visitor.expectError(/no session: add the origin/);
  const page = await visitor.open(product.page("support"));
  await page.getByText("The chat is not set up for this website yet").waitFor();
});

test("without storage the chat works for as long as the page lives", async () => {
  await visitor.context.addInitScript(() => {
    for (const area of ["localStorage", "sessionStorage"]) {
      Object.defineProperty(window, area, {
        get() {
          throw new DOMException("The operation is insecure.", "SecurityError");
        },
      });
    }
  });
  const page = await visitor.open(product.paste(await product.snippet("support", "bubble")));
  await page.getByRole("button", { name: "Chat with us" }).click();
  const frame = await started(page);
  const next = await frame.evaluate(() => window.__chatkit.expire(window.__chatkit.instances[0]));
  assert.equal(next, "ek_support_2");
  assert.equal(asked[1].visitor, "v1.visitor1.mac");
});

/** What the host page's own storage holds of the widget. @param {Page} page */
const stored = (page) =>
  page.evaluate(() => Object.entries(localStorage).map(([key, text]) => [key, JSON.parse(text)]));

test("in a panel, all is kept by the host page, as frames of other sites have no storage, and nothing is in an address", async () => {
  const page = await visitor.open(product.paste(await product.snippet("support", "bubble")));
  await page.getByRole("button", { name: "Chat with us" }).click();
  let frame = await started(page);
  await frame.getByRole("textbox").fill("Where is my parcel?");
  await frame.getByRole("button", { name: "Send" }).click();
  await frame.getByText("You said").waitFor();
  const [[key, kept]] = await stored(page);
  assert.match(key, /^chatkit-embed http.*\/w\/support\/$/);
  assert.equal(kept.visitor, "v1.visitor1.mac");
  assert.match(kept.thread, /^cthr_/);

  await page.reload();
  await page.getByRole("dialog").waitFor();
  frame = await started(page);
  assert.equal((await chatkitOptions(frame))[0].initialThread, kept.thread);
  await frame.getByText(`Messages of ${kept.thread}`).waitFor();
  assert.ok(await page.evaluate(() => document.activeElement === document.body), "nothing took the focus");
  assert.equal(asked.length, 1);
  assert.ok(visitor.requests.every(({ url }) => !/visitor1|ek_|cthr_/.test(url)));
});

test("panels in tabs that open at the same time share one session", async () => {
  const url = product.paste(`${await product.snippet("support", "bubble")}`.replace("<script", "<script data-open"));
  const pages = await Promise.all([1, 2, 3].map(() => visitor.open(url)));
  for (const page of pages) {
    await started(page);
  }
  assert.equal(asked.length, 1);
});

test("a thread that is gone gives way to a new one", async () => {
  const page = await visitor.open(product.page("support"));
  await started(page);
  await page.evaluate(() => localStorage.setItem("chatkit-embed /w/support/", JSON.stringify({ thread: "cthr_gone" })));
  await visitor.context.addInitScript(() => {
    window.__chatkit = /** @type {any} */ ({ missingThreads: ["cthr_gone"] });
  });
  await page.reload();
  await started(page);
  await page.waitForFunction(() => JSON.parse(localStorage.getItem("chatkit-embed /w/support/") ?? "").thread === null);
  await page.getByText("How can we help?").waitFor();
});

test("reset forgets visitor, thread and session", async () => {
  const page = await visitor.open(product.paste(await product.snippet("support", "bubble")));
  await page.getByRole("button", { name: "Chat with us" }).click();
  await started(page);
  await page.evaluate(() => window.ChatWidget.reset());
  await page.waitForFunction(() => JSON.stringify(localStorage).includes("visitor2"));
  await started(page);
  assert.deepEqual(asked, [{ widget: "support" }, { widget: "support" }]);
});

test("who the visitor is goes to the function and nowhere else", async () => {
  const identity = `e30.${Buffer.from('{"sub":"ada"}').toString("base64url")}.signature`;
  const page = await visitor.open();
  await page.addInitScript((token) => {
    /** @type {any} */
    const queue = (/** @type {any[]} */ ...args) => (queue.q ??= []).push(args);
    window.ChatWidget = queue;
    queue("identify", token);
  }, identity);
  await page.goto(product.paste(await product.snippet("support", "bubble")));
  await page.getByRole("button", { name: "Chat with us" }).click();
  await started(page);
  assert.deepEqual(asked, [{ widget: "support", identity }]);
  assert.ok(!JSON.stringify(await stored(page)).includes("signature"));
});

test("a server of the owner gets the token of the session, and a fresh one when it refuses", async () => {
  const before = product.server.requests.length;
  const page = await visitor.open(product.page("docs"));
  await started(page);
  const [{ headers }] = product.server.requests.slice(before);
  assert.equal(headers.authorization, "Bearer ek_docs_1");
  assert.equal(headers["content-type"], "application/json");
  assert.deepEqual(asked, [{ widget: "docs" }]);
});
