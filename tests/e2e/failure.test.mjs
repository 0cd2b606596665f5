/** What a visitor reads, and an owner finds in the console, when a part of the chat is out of reach. */

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { findViolations } from "./harness/axe.mjs";
import { chatkitFrame } from "./harness/browser.mjs";
import { allowed, greeted, launcher, product, snippets, useProduct, useVisitor, visitor } from "./suite.mjs";

/** @typedef {import("playwright-core").Page} Page */

/** Whether the function is down. */
let isDown = false;
/** What is answered in its place. @type {import("./product.mjs").LambdaReply | undefined} */
let refusal;

useProduct({
  async answer(event, next) {
    if (isDown) {
      throw new Error("down");
    }
    return refusal ?? allowed(event, next);
  },
});
useVisitor();
beforeEach(() => {
  isDown = false;
  refusal = undefined;
});

/** @param {import("playwright-core").Page | import("playwright-core").Frame} page */
const alert = (page) => page.getByRole("alert");

test("a domain that OpenAI does not know is said after ten seconds, and the owner reads where to add it", async () => {
  // ChatKit's script is there, and never gets ready.
  await visitor.context.addInitScript(() => {
    customElements.define(
      "openai-chatkit",
      class extends HTMLElement {
        setOptions() {}
      },
    );
  });
  visitor.expectError(
    /did not get ready in 10 s. Add 127\.0\.0\.1 at https:\/\/platform\.openai\.com\/settings\/organization\/security\/domain-allowlist/,
  );
  const page = await visitor.open();
  await page.clock.install();
  await page.goto(product.page("support"));
  await page.getByRole("status").waitFor({ state: "attached" });
  await page.waitForFunction(() => document.querySelector("openai-chatkit"));
  await page.clock.fastForward(9_000);
  assert.equal(await alert(page).isVisible(), false);
  await page.clock.fastForward(1_500);
  await alert(page).getByText("Something is wrong on our side").waitFor();
  await alert(page).getByRole("link", { name: "Write us an email" }).waitFor();
});

test("a function that is down is said in words, and a retry works once it is up", async () => {
  isDown = true;
  visitor.expectError(/502/);
  visitor.expectError(/no session: HTTP 502/);
  const page = await visitor.open(product.paste(await product.snippet("support", "bubble")));
  await launcher(page).click();
  const frame = await chatkitFrame(page);
  await alert(frame).getByText("Something is wrong on our side").waitFor();
  isDown = false;
  await frame.getByRole("button", { name: "Try again" }).click();
  await greeted(page);
  await alert(frame).waitFor({ state: "hidden" });
});

/** @param {number} statusCode @param {string} code @param {Record<string, string>} [headers] */
const refuse = (statusCode, code, headers = {}) => ({
  statusCode,
  headers: {
    "Content-Type": "application/json",
    "Access-Control-Allow-Origin": product.host.origin,
    "Access-Control-Expose-Headers": "Retry-After",
    ...headers,
  },
  body: JSON.stringify({ error: { code, message: "x" } }),
});

/** Begins a conversation. @param {Page} page */
async function begun(page) {
  const frame = await greeted(page);
  await frame.getByRole("textbox").fill("Where is my parcel?");
  await frame.getByRole("button", { name: "Send" }).click();
  await frame.getByText("You said: Where is my parcel?").waitFor();
  return frame;
}

/** Lets the secret of a running chat end. ChatKit then asks for the next one, and waits for it.
 * @param {import("playwright-core").Frame} frame */
const expire = (frame) => frame.evaluate(() => void window.__chatkit.expire(window.__chatkit.instances[0]));

/** How many secrets ChatKit has got. @param {import("playwright-core").Frame} frame */
const secrets = (frame) => frame.evaluate(() => window.__chatkit.instances[0].secrets.length);

for (const { kind, status, code, words } of [
  { kind: "page", status: 403, code: "origin_not_allowed", words: "The chat is not set up for this website yet." },
  { kind: "page", status: 429, code: "rate_limited", words: "Too many people are asking right now." },
  { kind: "page", status: 502, code: "upstream_error", words: "Something is wrong on our side." },
  { kind: "bubble", status: 504, code: "upstream_timeout", words: "The answer took too long." },
  { kind: "direct", status: 403, code: "invalid_identity", words: "Something is wrong on our side." },
]) {
  test(`${kind}: a running conversation stays in view when its next session is refused with ${status}, and goes on`, async () => {
    const page = await visitor.open(kind === "page" ? product.page("support") : product.paste(snippets[kind]));
    if (kind !== "page") {
      await launcher(page).click();
    }
    const frame = await begun(page);
    refusal = refuse(status, code);
    visitor.expectError(new RegExp(`the server responded with a status of ${status}`));
    visitor.expectError(/no session: x/);
    await expire(frame);
    const notice = alert(frame);
    await notice.getByText(words).waitFor();
    assert.equal(
      await notice.getByRole("link", { name: "Write us an email" }).getAttribute("href"),
      "mailto:help@example.com",
    );
    assert.ok(await frame.getByText("You said: Where is my parcel?").isVisible());
    assert.deepEqual(await findViolations(page), []);
    await page.screenshot({ path: new URL(`.tmp/screenshots/paused-${kind}-${status}.png`, import.meta.url).pathname });

    await Promise.all([
      page.waitForResponse((response) => response.status() === status),
      notice.getByRole("button", { name: "Try again" }).click(),
    ]);
    await notice.getByText(words).waitFor();
    assert.equal(await secrets(frame), 1, "still refused");

    refusal = undefined;
    await notice.getByRole("button", { name: "Try again" }).click();
    await notice.waitFor({ state: "detached" });
    assert.equal(await secrets(frame), 2);
    assert.ok(await frame.getByText("You said: Where is my parcel?").isVisible());
    assert.ok(await frame.evaluate(() => document.activeElement?.tagName !== "BODY"), "the focus is in the chat");
  });
}

test("without a network a running conversation stays in view, the visitor reads so, and it goes on by itself", async () => {
  const page = await visitor.open(product.page("support"));
  const frame = await begun(page);
  visitor.expectError(/INTERNET_DISCONNECTED/);
  visitor.expectError(/Failed to fetch/);
  await visitor.context.setOffline(true);
  await expire(frame);
  await alert(page).getByText("There seems to be no connection").waitFor();
  assert.ok(await page.getByText("You said: Where is my parcel?").isVisible());
  await visitor.context.setOffline(false);
  await alert(page).waitFor({ state: "detached" });
  assert.equal(await secrets(frame), 2);
});

test("a running conversation that is asked to wait says so, and goes on by itself", async () => {
  const page = await visitor.open(product.page("support"));
  const frame = await begun(page);
  refusal = refuse(429, "rate_limited", { "Retry-After": "2" });
  visitor.expectError(/429/);
  await expire(frame);
  await alert(page).getByText("The chat goes on in 2 seconds").waitFor();
  refusal = undefined;
  assert.equal(await alert(page).getByRole("button").count(), 0);
  assert.ok(await page.getByText("You said: Where is my parcel?").isVisible());
  await alert(page).waitFor({ state: "detached" });
  assert.equal(await secrets(frame), 2);
});

test("a laptop that wakes up without a network keeps its conversation in view until it can begin anew", async () => {
  const page = await visitor.open(product.page("support"));
  const frame = await begun(page);
  refusal = refuse(502, "upstream_error");
  visitor.expectError(/502/);
  visitor.expectError(/no session: x/);
  await page.evaluate(() => {
    const later = Date.now() + 3_600_000;
    Date.now = () => later;
    // OpenAI would refuse the secret.
    /** @type {any} */ (window.__chatkit.instances[0].element).fetchUpdates = () => Promise.reject(new Error("401"));
    dispatchEvent(new Event("online"));
  });
  await alert(page).getByText("Something is wrong on our side").waitFor();
  assert.ok(await frame.getByText("You said: Where is my parcel?").isVisible());
  refusal = undefined;
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByText("Messages of cthr_").waitFor();
  await alert(page).waitFor({ state: "detached" });
});

test("when the panel can not be fetched, a click says so, and leads to the chat as a page", async () => {
  let isBlocked = true;
  await visitor.context.route("**/assets/panel.*", (route) => (isBlocked ? route.abort() : route.fallback()));
  visitor.expectError(/ERR_FAILED/);
  const page = await visitor.open(product.paste(await product.snippet("support", "bubble")));
  await page.evaluate(() => addEventListener("chat:error", (event) => (document.title = event.detail.code)));
  await launcher(page).click();
  const words = page.getByRole("link", { name: "The chat could not start → Open the chat as a page" });
  const [popup] = await Promise.all([page.waitForEvent("popup"), words.click()]);
  assert.equal(popup.url(), product.page("support"));
  assert.equal(await page.title(), "not_loaded");
  await popup.close();
  isBlocked = false;
  await launcher(page).click();
  await words.waitFor({ state: "detached" });
  await launcher(page).click();
  await greeted(page);
});

test("a panel that can not be fetched is no error of the page, whatever asks for it", async () => {
  await visitor.context.route("**/assets/panel.*", (route) => route.abort());
  visitor.expectError(/ERR_FAILED/);
  const page = await visitor.open();
  await page.addInitScript(() => {
    const codes = /** @type {string[]} */ ([]);
    Object.assign(window, { codes });
    addEventListener("chat:error", (event) => codes.push(event.detail.code));
  });
  const failed = () => page.waitForFunction(() => /** @type {any} */ (window).codes.splice(0).includes("not_loaded"));
  const bubble = (await product.snippet("support", "bubble")).replace("<script", '<script data-open="true"');
  await page.goto(
    product.paste(`${bubble}<chatkit-widget name="support"><a href="/">Write to us</a></chatkit-widget>`),
  );
  await failed();
  await page.evaluate(() => void (location.hash = "#chat=support"));
  await failed();
  await launcher(page).hover();
  await failed();
  await page.evaluate(() => {
    const opened = window.ChatWidget("open").catch(() => {});
    window.ChatWidget("identify", "e30.e30.none");
    return opened;
  });
  await failed();
  await page.getByRole("link", { name: "Write to us" }).waitFor();
  await page.evaluate(() => window.ChatWidget("destroy"));
  assert.equal(await page.locator("chatkit-launcher").count(), 0);
});

test("a reset ends, and so does what was asked of a chat that fails", async () => {
  let isBlocked = true;
  await visitor.context.route("**/w/support/", (route) => (isBlocked ? route.abort() : route.fallback()));
  visitor.expectError(/does not answer/);
  const inline = await product.snippet("support", "inline");
  const page = await visitor.open(product.paste(`<div style="inline-size: 400px">${inline}</div>`));
  await page.locator("iframe").waitFor();
  const asked = page.evaluate(() =>
    window.ChatWidget("sendMessage", "Hello").then(
      () => "sent",
      (error) => error.message,
    ),
  );
  await alert(page).first().getByText("The chat could not start").waitFor();
  assert.match(await asked, /the chat is gone/);
  await page.evaluate(() => window.ChatWidget("reset"));
  isBlocked = false;
  await page.getByRole("button", { name: "Try again" }).first().click();
  await page.frameLocator("iframe").getByText("How can we help?").waitFor();
  await page.evaluate(() => window.ChatWidget("reset"));
});

test("when the page can not be fetched, the panel says so, and a retry works", async () => {
  let isBlocked = true;
  await visitor.context.route("**/w/support/", (route) => (isBlocked ? route.abort() : route.fallback()));
  visitor.expectError(/does not answer/);
  const page = await visitor.open(product.paste(await product.snippet("support", "bubble")));
  await launcher(page).click();
  await alert(page).getByText("The chat could not start").waitFor();
  assert.deepEqual(await findViolations(page), []);
  isBlocked = false;
  await page.getByRole("button", { name: "Try again" }).click();
  await greeted(page);
  await alert(page).waitFor({ state: "detached" });
});
