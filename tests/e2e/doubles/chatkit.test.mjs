import assert from "node:assert/strict";
import { after, before, beforeEach, afterEach, test } from "node:test";

import { findViolations } from "../harness/axe.mjs";
import { chatkitFrame, chatkitOptions, openBrowser } from "../harness/browser.mjs";
import { serveHostPages } from "../harness/host-page.mjs";
import { CHATKIT_ORIGIN, CHATKIT_URL } from "./chatkit.mjs";

const PAGE = `<!doctype html><html lang="en"><title>Host</title><main><h1>Host</h1>
<style>openai-chatkit { height: 400px }</style>
<openai-chatkit></openai-chatkit></main><script src="${CHATKIT_URL}"></script>`;

/** @type {Awaited<ReturnType<typeof openBrowser>>} */
let browser;
/** @type {Awaited<ReturnType<typeof serveHostPages>>} */
let host;
/** @type {import("../harness/browser.mjs").Visitor} */
let visitor;
/** @type {import("playwright-core").Page} */
let page;

before(async () => {
  browser = await openBrowser();
  const policy = (/** @type {string} */ text) => ({ html: PAGE, headers: { "Content-Security-Policy": text } });
  host = await serveHostPages({
    "/": PAGE,
    "/strict": policy(`script-src ${CHATKIT_URL}; style-src 'none'; frame-src ${CHATKIT_ORIGIN}`),
    "/frameless": policy("frame-src 'none'"),
  });
});
beforeEach(async () => {
  visitor = await browser.visitor();
  page = await visitor.open(host.url());
});
afterEach(() => visitor.close());
after(async () => {
  await host.close();
  await browser.close();
});

/** Mounts the page's element and collects its events, in page variables `chat` and `seen`.
 * @param {Record<string, unknown>} [options] beside a hosted `api` that counts its secrets */
async function mount(options = {}) {
  await page.evaluate((rest) => {
    const chat = /** @type {any} */ (document.querySelector("openai-chatkit"));
    /** @type {string[]} */
    const seen = [];
    let count = 0;
    Object.assign(window, { chat, seen, options: { api: { getClientSecret: async () => `ek_${++count}` }, ...rest } });
    const names =
      "ready error response.start response.end thread.change thread.load.start thread.load.end history.open history.close tool.change";
    for (const name of names.split(" ")) {
      chat.addEventListener(`chatkit.${name}`, (/** @type {CustomEvent} */ event) => {
        const { error, ...detail } = event.detail ?? {};
        seen.push(
          [name, error?.message, ...Object.values(detail)]
            .filter((part) => part !== undefined)
            .map(String)
            .join(" "),
        );
      });
    }
    chat.setOptions(/** @type {any} */ (window).options);
  }, options);
}

/** @param {string} event */
const until = (event) =>
  page.waitForFunction(
    (name) => /** @type {any} */ (window).seen.some((/** @type {string} */ each) => each.startsWith(name)),
    event,
  );
/** @returns {Promise<string[]>} */
const seen = () => page.evaluate("seen");

test("a hosted chat asks for one secret, without a current one, and is ready", async () => {
  await mount();
  await until("ready");
  await page.evaluate('chat.setOptions({ ...options, theme: "dark" })');
  const state = await page.evaluate(() => {
    const [{ secrets, calls }] = window.__chatkit.instances;
    return { secrets, asked: calls.filter((call) => call.method === "getClientSecret").map((call) => call.args) };
  });
  assert.deepEqual(state, { secrets: ["ek_1"], asked: [[null]] });
  assert.equal(await page.locator("section.chat").getAttribute("data-color-scheme"), "dark");
  assert.deepEqual(await chatkitOptions(await chatkitFrame(page)), [
    { api: { getClientSecret: { $function: "getClientSecret" } }, theme: "dark" },
  ]);
});

test("options replace each other: what the next ones leave out is gone", async () => {
  await mount({ startScreen: { greeting: "Hello" } });
  await until("ready");
  assert.equal(await page.locator(".greeting").textContent(), "Hello");
  await page.evaluate("chat.setOptions({ api: options.api })");
  assert.equal(await page.locator(".greeting").textContent(), "What can I help with today?");
});

test("wrong options throw in the page", async () => {
  const message = await page.evaluate(() => {
    try {
      /** @type {any} */ (document.querySelector("openai-chatkit")).setOptions({
        api: { getClientSecret: () => {}, domainKey: "k" },
      });
      return "nothing was thrown";
    } catch (error) {
      return String(error);
    }
  });
  assert.equal(message, "InvalidFrameParamsError: Invalid frame params: ChatKit.create(): ✖ Invalid input\n  → at api");
});

test("an expired secret is replaced, and one that comes back unchanged is an error", async () => {
  await mount();
  await until("ready");
  assert.equal(await page.evaluate(() => window.__chatkit.expire(window.__chatkit.instances[0])), "ek_2");
  await page.evaluate("chat.setOptions({ api: { getClientSecret: async (current) => current } })");
  assert.equal(await page.evaluate(() => window.__chatkit.expire(window.__chatkit.instances[0])), null);
  assert.equal((await seen()).at(-1), "error the client secret has expired");
});

for (const [what, getClientSecret] of [
  ["rejects", 'async () => { throw new Error("no session") }'],
  ["resolves to nothing", 'async () => ""'],
]) {
  test(`a callback that ${what} is chatkit.error, and never ready`, async () => {
    await mount();
    await page.evaluate(
      `chat.remove(); seen.length = 0; chat.setOptions({ api: { getClientSecret: ${getClientSecret} } }); document.querySelector('main').append(chat)`,
    );
    await until("error");
    assert.match((await seen()).join(), /^error (no session|getClientSecret must resolve to a secret)$/);
    assert.ok(await page.getByText("Something went wrong.").isVisible());
  });
}

test("a chat that moves in the document mounts again, with a new secret", async () => {
  await mount();
  await until("ready");
  await page.evaluate("seen.length = 0; document.body.append(chat)");
  await until("ready");
  assert.deepEqual(await page.evaluate(() => window.__chatkit.instances[0].secrets), ["ek_1", "ek_2"]);
});

test("a server of one's own is asked for its threads through api.fetch", async () => {
  await page.evaluate(() => {
    /** @type {any} */ (window).fetches = [];
    const fake = async (/** @type {string} */ url, /** @type {RequestInit} */ init) => {
      /** @type {any} */ (window).fetches.push([url, init.method, JSON.parse(String(init.body))]);
      return new Response('{"data":[],"has_more":false}');
    };
    Object.assign(window, { custom: { api: { url: "/chatkit", domainKey: "k", fetch: fake } } });
  });
  await mount();
  await page.evaluate(
    'chat.remove(); seen.length = 0; chat.setOptions(custom); document.querySelector("main").append(chat)',
  );
  await until("ready");
  assert.deepEqual(await page.evaluate("fetches"), [
    ["/chatkit", "POST", { type: "threads.list", params: {}, metadata: {} }],
  ]);
});

test("a visitor writes: the thread, the response, and the words on the screen", async () => {
  await mount({ startScreen: { prompts: [{ label: "Prices", prompt: "What does it cost?" }] } });
  await until("ready");
  await page.getByRole("button", { name: "Prices" }).click();
  await until("response.end");
  await page.getByRole("textbox", { name: "Message the AI" }).fill("Thanks");
  await page.getByRole("button", { name: "Send" }).click();
  await page.getByText("You said: Thanks").waitFor();
  const [ready, change, ...rest] = await seen();
  assert.equal(ready, "ready");
  assert.match(change, /^thread\.change cthr_\w+$/);
  assert.deepEqual(rest, ["response.start", "response.end", "response.start", "response.end"]);
});

test("methods fire their events, refuse wrong arguments, and refuse to work while busy", async () => {
  await mount({ initialThread: "cthr_1" });
  assert.match(await page.evaluate("chat.focusComposer().catch(String)"), /not ready/);
  await until("thread.load.end");
  assert.deepEqual(await seen(), ["ready", "thread.load.start cthr_1", "thread.load.end cthr_1"]);
  await page.evaluate('(seen.length = 0, chat.setThreadId("cthr_2"))');
  await page.evaluate("chat.showHistory().then(() => chat.hideHistory()).then(() => chat.fetchUpdates())");
  await page.evaluate(
    'chat.setComposerValue({ text: "draft", selectedToolId: "search" }).then(() => chat.focusComposer())',
  );
  await page.evaluate('chat.sendCustomAction({ type: "go", payload: {} }, "item_1")');
  await page.evaluate("chat.setThreadId(null)");
  assert.deepEqual(await seen(), [
    "thread.change cthr_2",
    "thread.load.start cthr_2",
    "thread.load.end cthr_2",
    "history.open",
    "history.close",
    "tool.change search",
    "thread.change null",
  ]);
  assert.equal(await page.getByRole("textbox").inputValue(), "draft");
  assert.equal(await page.evaluate("chat.shadowRoot.activeElement.localName"), "textarea");
  for (const call of [
    'sendUserMessage("hi")',
    'sendUserMessage({ message: "hi" })',
    "setThreadId(1)",
    'setComposerValue({ files: ["a"] })',
    "sendCustomAction({})",
  ]) {
    assert.match(await page.evaluate(`chat.${call}.catch(String)`), /^InvalidFrameParamsError/, call);
  }
  assert.match(
    await page.evaluate(
      '(chat.sendUserMessage({ text: "hi", newThread: true }), chat.setThreadId(null).catch(String))',
    ),
    /streaming a response/,
  );
});

test("a thread that is not there is an error", async () => {
  await page.evaluate(() => void window.__chatkit.missingThreads.push("cthr_1"));
  await mount({ initialThread: "cthr_1" });
  await until("error");
  assert.deepEqual(await seen(), ["ready", "thread.load.start cthr_1", "error Thread with id 'cthr_1' not found."]);
});

test("nothing that happens in the chat reaches the listeners of the page", async () => {
  await mount();
  await until("ready");
  await page.evaluate(
    "(window.heard = [], ['keydown', 'click'].forEach((type) => document.addEventListener(type, () => heard.push(type))))",
  );
  await page.getByRole("textbox").click();
  await page.keyboard.press("Escape");
  assert.deepEqual(await page.evaluate("heard"), []);
});

test("the chat is as large as the page makes it", async () => {
  await mount();
  await until("ready");
  const height = async () => (await page.locator("openai-chatkit").boundingBox())?.height;
  assert.equal(await height(), 400);
  await page.addStyleTag({ content: "openai-chatkit { height: auto !important }" });
  assert.equal(await height(), 0);
});

test("a second copy of the script defines nothing", async () => {
  await page.addScriptTag({ url: CHATKIT_URL });
  assert.equal(await page.evaluate(() => window.__chatkit.loads), 2);
});

test("the chat works under a strict policy, and breaks no rule of accessibility in light and dark", async () => {
  await page.goto(host.url("/strict"));
  await mount({
    header: { title: { text: "Support" } },
    startScreen: { prompts: [{ label: "Prices", prompt: "a" }] },
    disclaimer: { text: "May be wrong." },
  });
  await until("ready");
  visitor.expectError(/style-src/);
  assert.deepEqual(await findViolations(page), []);
  await page.evaluate('chat.setOptions({ ...options, theme: { colorScheme: "dark" } })');
  assert.deepEqual(await findViolations(page), []);
});

test("a policy without the frame of OpenAI leaves a chat that never gets ready", async () => {
  await page.goto(host.url("/frameless"));
  visitor.expectError(/frame-src/);
  await mount();
  await until("error the frame");
  assert.deepEqual(await seen(), [`error the frame of ${CHATKIT_ORIGIN} did not load`]);
});

test("a page that is no secure context has no chat", async () => {
  const port = new URL(host.origin).port;
  await page.goto(`http://www.host.test:${port}/`);
  await assert.rejects(mount(), /crypto\.randomUUID is not a function/);
});
