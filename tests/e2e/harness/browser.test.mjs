import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { CHATKIT_URL } from "../doubles/chatkit.mjs";
import { findViolations } from "./axe.mjs";
import { openBrowser } from "./browser.mjs";
import { serveHostPages } from "./host-page.mjs";

/** @type {Awaited<ReturnType<typeof openBrowser>>} */
let browser;
/** @type {Awaited<ReturnType<typeof serveHostPages>>} */
let host;
before(async () => {
  browser = await openBrowser();
  host = await serveHostPages({
    "/": "<!doctype html><title>Host</title><p>host</p>",
    "/chatkit": `<!doctype html><title>Host</title><script async src="${CHATKIT_URL}" onload="loaded = true" onerror="failed = true"></script>`,
    "/policy": { html: "<script>ran = true</script>", headers: { "Content-Security-Policy": "default-src 'none'" } },
  });
});
after(async () => {
  await host.close();
  await browser.close();
});

test("a request that leaves this machine is stopped, and fails the test", async () => {
  const visitor = await browser.visitor();
  const page = await visitor.open(host.url());
  const outcome = await page.evaluate(() => fetch("https://api.openai.com/v1/models").then(() => "reached", String));
  assert.match(outcome, /Failed to fetch/);
  assert.deepEqual(visitor.foreign, ["https://api.openai.com/v1/models"]);
  await assert.rejects(visitor.close(), /leave this machine/);
});

test("errors in the page fail the test, unless it says that it expects them", async () => {
  const visitor = await browser.visitor();
  const page = await visitor.open(host.url());
  await page.evaluate(() => {
    console.error("first");
    setTimeout(() => {
      throw new Error("second");
    });
    return new Promise((resolve) => addEventListener("error", () => resolve(undefined)));
  });
  await assert.rejects(async () => visitor.assertClean(), /errors in the page/);
  visitor.expectError(/first/);
  visitor.expectError(/second/);
  visitor.assertClean();
  visitor.expectError(/third/);
  await assert.rejects(visitor.close(), /did not come/);
});

test("ChatKit can be blocked, and held until the test lets it through", async () => {
  const visitor = await browser.visitor({ chatkit: "blocked" });
  visitor.expectError(/ERR_BLOCKED_BY_CLIENT/);
  const blocked = await visitor.open(host.url("/chatkit"));
  await blocked.waitForFunction("window.failed");
  visitor.setChatKit("held");
  const page = await visitor.open();
  await page.goto(host.url("/chatkit"), { waitUntil: "commit" });
  await page.waitForFunction("document.readyState !== 'loading'");
  assert.equal(await page.evaluate("customElements.get('openai-chatkit') === undefined"), true);
  visitor.setChatKit("double");
  await page.waitForFunction("window.loaded && customElements.get('openai-chatkit')");
  assert.equal(visitor.requests.filter(({ url }) => url === CHATKIT_URL).length, 2);
  await visitor.close();
});

test("host pages are an origin of their own, with the headers they ask for", async () => {
  const visitor = await browser.visitor();
  const page = await visitor.open(host.url("/policy"));
  assert.equal(await page.evaluate("window.ran"), undefined);
  assert.equal(await page.evaluate("isSecureContext && location.hostname"), "www.localhost");
  visitor.expectError(/Content Security Policy/);
  await visitor.close();
});

test("violations of accessibility rules are named with their element", async () => {
  const visitor = await browser.visitor();
  const page = await visitor.open(host.url());
  const lines = await findViolations(page, { disable: ["region", "landmark-one-main", "page-has-heading-one"] });
  assert.equal(lines.length, 1);
  assert.match(lines[0], /^html-has-lang: .*: html in http:\/\/www\.localhost:\d+\/$/);
  await visitor.close();
});
