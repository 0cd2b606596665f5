/**
 * What the tests of a file have in common: the product, a browser, and a visitor who has never been here. Each file
 * is a process of its own, so all of it can be found here.
 */

import { after, afterEach, before, beforeEach } from "node:test";

import { chatkitFrame, openBrowser } from "./harness/browser.mjs";
import { startProduct } from "./product.mjs";

/** @typedef {import("playwright-core").Page} Page */

/** @type {import("./product.mjs").Product} */
export let product;
/** @type {Awaited<ReturnType<typeof openBrowser>>} */
export let browser;
/** @type {import("./harness/browser.mjs").Visitor} */
export let visitor;
/** The snippets of the widget `support` by kind. @type {Record<string, string>} */
export const snippets = {};

/** Starts product and browser before the file's first test, and ends them after its last.
 * @param {Parameters<typeof startProduct>[0]} [options]
 * @param {() => Promise<void>} [prepare] once they run: hooks of one file do not wait for each other */
export function useProduct(options, prepare = async () => {}) {
  before(
    async () => {
      product = await startProduct(options);
      browser = await openBrowser();
      for (const kind of ["bubble", "popup", "inline", "iframe", "direct"]) {
        snippets[kind] = await product.snippet("support", kind);
      }
      await prepare();
    },
    { timeout: 1_200_000 },
  );
  after(async () => {
    await browser?.close();
    await product?.close();
  });
}

/** Gives each test a visitor, and fails it for what goes wrong in the visitor's pages. */
export function useVisitor() {
  beforeEach(async () => {
    visitor = await browser.visitor();
  });
  afterEach(() => visitor.close());
}

/** The launcher of the widget `support`. @param {Page} page */
export const launcher = (page) => page.getByRole("button", { name: "Chat with us" });

/** The panel of the widget `support`. @param {Page} page */
export const dialog = (page) => page.getByRole("dialog", { name: "Support" });

/** Waits until the chat of the widget `support` has begun. @param {Page} page */
export async function greeted(page) {
  const frame = await chatkitFrame(page);
  await frame.getByText("How can we help?").waitFor();
  return frame;
}

/** Asks the function as if the host page were the sample site's, for which it was built: in direct mode, the function
 * hears of the host page, and not of the hosted one.
 * @type {import("./product.mjs").Answer} */
export async function allowed(event, next) {
  const { origin } = event.headers;
  const known = origin === product.host.origin ? "https://www.example.com" : origin;
  const reply = await next({ ...event, headers: { ...event.headers, origin: known } });
  const headers = Object.entries(reply.headers ?? {}).map(([name, value]) => [name, value === known ? origin : value]);
  return { ...reply, headers: Object.fromEntries(headers) };
}
