/** The snippets in Firefox: framed and direct, by keyboard, and with storage refused. */

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { after, afterEach, test } from "node:test";

import { FIREFOX, firefoxChatkitFrame, openFirefox } from "./harness/firefox.mjs";
import { allowed, product, snippets, useProduct } from "./suite.mjs";

/** @typedef {import("puppeteer-core").Page} Page */
/** @typedef {import("puppeteer-core").Frame} Frame */

/** `.ci/run` installs it and names it; elsewhere, these tests can do without. */
const skip =
  !existsSync(FIREFOX) &&
  !process.env.FIREFOX &&
  `there is no ${FIREFOX}: apt-get install firefox-esr, or name yours in FIREFOX`;

const LAUNCHER = '>>> button[aria-label="Chat with us"]';

/** @type {Awaited<ReturnType<typeof openFirefox>>} */
let firefox;

if (skip) {
  console.log(`# skipped: ${skip}`);
} else {
  useProduct({ answer: allowed }, async () => {
    firefox = await openFirefox();
    console.log(`# ${await firefox.version()}`);
  });
}
after(() => firefox?.close());

/** @type {Awaited<ReturnType<typeof openFirefox>> | undefined} */
let strict;

afterEach(async () => {
  await strict?.close();
  strict = undefined;
  await firefox?.closePages();
});

/** Sends a message and waits for the answer, without a mouse. @param {Page} page */
async function talk(page) {
  const frame = await firefoxChatkitFrame(page);
  await says(frame, "How can we help?");
  const composer = await frame.waitForSelector(">>> textarea, >>> input");
  await composer?.focus();
  await composer?.type("Hello");
  await composer?.press("Tab");
  await page.keyboard.press("Enter");
  await says(frame, "You said: Hello");
  return frame;
}

/** Waits for a text, in shadow roots as well. @param {Frame} frame @param {string} text */
const says = (frame, text) =>
  frame.waitForFunction(
    (wanted) => {
      /** @param {ParentNode & Node} root @returns {boolean} */
      const holds = (root) =>
        Boolean(root.textContent?.includes(wanted)) ||
        [...root.querySelectorAll("*")].some(({ shadowRoot }) => shadowRoot && holds(shadowRoot));
      return holds(document.documentElement);
    },
    { polling: 100 },
    text,
  );

/** @param {Page} page */
const isOpen = (page) =>
  page.evaluate(() => document.querySelector("chatkit-launcher")?.shadowRoot?.querySelector("dialog")?.open ?? false);

/** @param {Page} page */
const isLauncherFocused = (page) =>
  page.evaluate(() => document.querySelector("chatkit-launcher")?.shadowRoot?.activeElement?.className === "launcher");

for (const kind of ["bubble", "direct"]) {
  test(`${kind}: opened, used and closed by keyboard, and the thread outlives a reload`, { skip }, async () => {
    const { page, assertClean } = await firefox.open(product.paste(snippets[kind]));
    await page.waitForSelector(LAUNCHER);
    await page.keyboard.press("Tab");
    assert.ok(await isLauncherFocused(page), "the launcher is reached with Tab");
    await page.keyboard.press("Enter");
    await talk(page);
    const button = await page.waitForSelector('>>> button[aria-label="Close"]');
    await button?.focus();
    await page.keyboard.press("Escape");
    assert.equal(await isOpen(page), false);
    assert.ok(await isLauncherFocused(page), "the focus is back");
    await page.keyboard.press("Enter");
    await page.reload();
    const frame = await firefoxChatkitFrame(page);
    await says(frame, "Messages of cthr_");
    assertClean();
  });
}

for (const kind of ["inline", "iframe"]) {
  test(`${kind}: the chat is in the page`, { skip }, async () => {
    const { page, assertClean } = await firefox.open(product.paste(snippets[kind]));
    await talk(page);
    assertClean();
  });
}

test("popup: a link opens a dialog over the page", { skip }, async () => {
  const { page, assertClean } = await firefox.open(product.paste(snippets.popup));
  await page.waitForSelector("chatkit-launcher");
  const link = await page.waitForSelector('::-p-aria([name="Chat with us"][role="link"])');
  await link?.press("Enter");
  await talk(page);
  assert.ok(await isOpen(page));
  assertClean();
});

test("a browser that refuses storage has its chat, for as long as the page lives", { skip }, async () => {
  // Refuses cookies, and with them every storage.
  strict = await openFirefox({ "network.cookie.cookieBehavior": 2 });
  for (const kind of ["bubble", "direct"]) {
    const { page, assertClean } = await strict.open(product.paste(snippets[kind]));
    const refusal = await page.evaluate(() => {
      try {
        return localStorage && "";
      } catch (error) {
        return /** @type {Error} */ (error).name;
      }
    });
    assert.equal(refusal, "SecurityError");
    await (await page.waitForSelector(LAUNCHER))?.click();
    await talk(page);
    assertClean();
  }
});
