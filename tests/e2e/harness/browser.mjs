/**
 * Chromium for tests. A visitor is one browser context: ChatKit's address is answered with the double, this machine
 * is reached, and nothing else is. What goes wrong in a page is collected, and fails the test on close.
 *
 * Playwright intercepts each request for that, and then answers preflights itself. A visitor with an `internet` is left
 * alone with the network.
 */

import assert from "node:assert/strict";

import { chromium } from "playwright-core";

import { CHATKIT_URL, FRAME_URL, chatkitScript, frameDocument } from "../doubles/chatkit.mjs";

/** Hosts on this machine. Names under `test` are no secure context, those under `localhost` are. */
const LOCAL = /^(127\.0\.0\.1|localhost|.+\.localhost|.+\.test)$/;

const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // No name leaves this machine, not even for what request interception does not see.
  "--host-resolver-rules=MAP *.test 127.0.0.1,MAP * ~NOTFOUND,EXCLUDE 127.0.0.1,EXCLUDE localhost,EXCLUDE *.localhost",
];

/** @typedef {import("./internet.mjs").Internet} Internet */

/**
 * @typedef {'double' | 'blocked' | 'held'} ChatKitMode
 *   `blocked` is an ad blocker or an outage, `held` a slow network: the script waits for the next mode
 * @typedef {import("playwright-core").BrowserContextOptions & { chatkit?: ChatKitMode, internet?: Internet }} VisitorOptions
 *   with an `internet`, no request is intercepted, and ChatKit is there
 * @typedef {Awaited<ReturnType<typeof newVisitor>>} Visitor
 */

/** Starts Chromium. `CHROMIUM` names another binary than Debian's.
 * @param {{ args?: string[], without?: string[] }} [options] `without`: arguments of playwright's own */
export async function openBrowser({ args = [], without = [] } = {}) {
  const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
  const browser = await chromium.launch({ executablePath, args: [...ARGUMENTS, ...args], ignoreDefaultArgs: without });
  return {
    /** A new visitor, who has never been here. @param {VisitorOptions} [options] */
    visitor: (options) => newVisitor(browser, options),
    close: () => browser.close(),
  };
}

/** @param {import("playwright-core").Browser} browser @param {VisitorOptions} [options] */
async function newVisitor(browser, { chatkit = "double", internet, ...options } = {}) {
  const context = await browser.newContext(internet ? { ...options, ...through(internet) } : options);
  context.setDefaultTimeout(10_000);
  let mode = chatkit;
  let closing = false;
  /** @type {(() => void)[]} */
  const held = [];
  /** @type {{ method: string, url: string, type: string }[]} */
  const requests = [];
  /** @type {string[]} */
  const foreign = [];
  /** @type {string[]} */
  const errors = [];
  /** @type {RegExp[]} */
  const expected = [];
  /** @type {RegExp[]} */
  const allowed = [];

  /** @param {import("playwright-core").Request} request */
  const note = (request) =>
    void requests.push({ method: request.method(), url: request.url(), type: request.resourceType() });
  /** @param {string} url */
  const isLocal = (url) => /^(file|data|blob|about):/.test(url) || LOCAL.test(new URL(url).hostname);
  /** @param {import("playwright-core").Request} request */
  const watch = (request) => {
    note(request);
    if (request.url() !== FRAME_URL && request.url() !== CHATKIT_URL && !isLocal(request.url())) {
      foreign.push(request.url());
    }
  };
  /** @param {import("playwright-core").Route} route */
  const intercept = async (route) => {
    note(route.request());
    const url = route.request().url();
    if (url === FRAME_URL) {
      return route.fulfill({ contentType: "text/html", body: await frameDocument() });
    }
    if (url === CHATKIT_URL) {
      while (mode === "held") {
        await new Promise((resolve) => held.push(() => resolve(undefined)));
      }
      if (mode === "blocked") {
        return route.abort("blockedbyclient");
      }
      return route.fulfill({ contentType: "text/javascript", body: await chatkitScript() });
    }
    if (isLocal(url)) {
      return route.continue();
    }
    foreign.push(url);
    return route.abort("blockedbyclient");
  };
  if (internet) {
    context.on("request", watch);
  } else {
    await context.route("**/*", intercept);
  }
  context.on("console", (message) => {
    const { url } = message.location();
    if (message.type() === "error" && !closing) {
      errors.push(`console: ${message.text()}${url && ` (${url})`}`);
    }
  });
  context.on("weberror", (error) => errors.push(`page: ${error.error().stack ?? error.error()}`));

  /** Fails for every error that was not expected, every expected one that did not come, every foreign request. */
  function assertClean() {
    assert.deepEqual(foreign, [], "requests that leave this machine");
    assert.deepEqual(
      errors.filter((text) => ![...expected, ...allowed].some((pattern) => pattern.test(text))),
      [],
      "errors in the page",
    );
    assert.deepEqual(
      expected.filter((pattern) => !errors.some((text) => pattern.test(text))),
      [],
      "expected errors that did not come",
    );
  }

  return {
    context,
    /** Every request that went out, the answered and the blocked, in order. */
    requests,
    foreign,
    /** Console errors and uncaught exceptions of all pages and frames. */
    errors,
    assertClean,
    /** From now on, and for whoever waits for a held script. @param {ChatKitMode} next */
    setChatKit(next) {
      mode = next;
      for (const release of held.splice(0)) {
        release();
      }
    },
    /** Says that an error belongs to the test. @param {RegExp} pattern */
    expectError: (pattern) => void expected.push(pattern),
    /** Says that an error may come, or not: who is faster decides. @param {RegExp} pattern */
    allowError: (pattern) => void allowed.push(pattern),
    /** Opens a page in this visitor's browser. @param {string} [url] */
    async open(url) {
      const page = await context.newPage();
      if (url) {
        await page.goto(url);
      }
      return page;
    },
    async close() {
      // A script that is still held comes too late for this page, and its failure is no error of the page.
      closing = true;
      await context.unrouteAll({ behavior: "ignoreErrors" });
      await context.close();
      assertClean();
    },
  };
}

/** @param {Internet} internet @returns {import("playwright-core").BrowserContextOptions} */
const through = ({ address }) => ({
  // Playwright would send what is on this machine through a proxy as well.
  proxy: { server: `http://${address}`, bypass: "127.0.0.1,localhost,*.localhost,*.test" },
  ignoreHTTPSErrors: true,
});

/**
 * Waits until the page was laid out and drawn: observers and events that belong to a frame have been told of.
 *
 * @param {import("playwright-core").Page} page
 */
export function frameDrawn(page) {
  return page.evaluate(
    () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(null)))),
  );
}

/** The frame, or the page, in which ChatKit runs: waits for it.
 * @param {import("playwright-core").Page} page @returns {Promise<import("playwright-core").Frame>} */
export async function chatkitFrame(page) {
  for (const deadline = Date.now() + 10_000; Date.now() < deadline;) {
    for (const frame of page.frames()) {
      const found = await frame.evaluate(() => (window.__chatkit?.instances.length ?? 0) > 0).catch(() => false);
      if (found) {
        return frame;
      }
    }
    await page.waitForTimeout(25);
  }
  throw new Error("no frame of the page runs ChatKit");
}

/** Waits until the page in a panel has come, with what it loads at once and what its scripts begin then. Not until the network
 * is idle: a frame that is moved in the meantime may keep that from ever being said.
 * @param {import("playwright-core").Page} page @param {string} url of the page in the panel */
export async function prewarmed(page, url) {
  const element = await page.locator("iframe").elementHandle();
  const frame = await element?.contentFrame();
  if (!frame) {
    throw new Error("the panel has no page");
  }
  await frame.waitForURL((now) => now.href.startsWith(url));
  await frame.evaluate(() => new Promise((resolve) => requestIdleCallback(resolve)));
}

/** The options in force of every ChatKit in a frame, functions as `{ $function }`: what `types.mjs` checks.
 * @param {import("playwright-core").Frame | import("playwright-core").Page} frame @returns {Promise<any[]>} */
export function chatkitOptions(frame) {
  return frame.evaluate(() => window.__chatkit.instances.map((instance) => instance.snapshot()));
}
