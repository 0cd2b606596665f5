/**
 * Firefox for tests, as the system has it, driven by WebDriver BiDi. As in `browser.mjs`, ChatKit's address is answered
 * with the double, this machine is reached, and nothing else is.
 */

import assert from "node:assert/strict";

import puppeteer from "puppeteer-core";

import { CHATKIT_URL, FRAME_URL, chatkitScript, frameDocument } from "../doubles/chatkit.mjs";

/** Where Debian puts it. `FIREFOX` names another. */
export const FIREFOX = process.env.FIREFOX ?? "/usr/bin/firefox-esr";

const LOCAL = /^(127\.0\.0\.1|localhost|.+\.localhost)$/;

/** Starts Firefox. @param {Record<string, unknown>} [preferences] as in `about:config` */
export async function openFirefox(preferences = {}) {
  const browser = await puppeteer.launch({
    browser: "firefox",
    executablePath: FIREFOX,
    protocol: "webDriverBiDi",
    headless: true,
    extraPrefsFirefox: preferences,
  });
  /** @type {import("puppeteer-core").BrowserContext[]} */
  const opened = [];
  return {
    version: () => browser.version(),
    close: () => browser.close(),
    /** Closes what was opened. */
    closePages: async () => void (await Promise.all(opened.splice(0).map((context) => context.close()))),
    /** A page in front of all others, with a storage of its own, and what goes wrong in it. @param {string} url */
    async open(url) {
      const context = await browser.createBrowserContext();
      opened.push(context);
      const page = await context.newPage();
      /** @type {string[]} */
      const errors = [];
      page.setDefaultTimeout(10_000);
      page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
      page.on("pageerror", (error) => errors.push(String(error)));
      await page.setRequestInterception(true);
      page.on("request", (request) => {
        answer(request).catch((/** @type {unknown} */ error) => errors.push(String(error)));
      });
      await page.goto(url);
      return { page, assertClean: () => assert.deepEqual(errors, [], "errors in the page") };
    },
  };
}

/** @param {import("puppeteer-core").HTTPRequest} request */
async function answer(request) {
  const url = request.url();
  if (url === FRAME_URL) {
    return request.respond({ contentType: "text/html", body: await frameDocument() });
  }
  if (url === CHATKIT_URL) {
    return request.respond({ contentType: "text/javascript", body: await chatkitScript() });
  }
  if (LOCAL.test(new URL(url).hostname)) {
    return request.continue();
  }
  return request.abort("blockedbyclient");
}

/** The frame, or the page, in which ChatKit runs: waits for it.
 * @param {import("puppeteer-core").Page} page @returns {Promise<import("puppeteer-core").Frame>} */
export async function firefoxChatkitFrame(page) {
  for (const deadline = Date.now() + 10_000; Date.now() < deadline;) {
    for (const frame of page.frames()) {
      const found = await frame.evaluate(() => (window.__chatkit?.instances.length ?? 0) > 0).catch(() => false);
      if (found) {
        return frame;
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("no frame of the page runs ChatKit");
}
