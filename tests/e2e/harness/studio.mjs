/**
 * What tests of the page at `/` have in common, whoever serves it: a visitor with a wide screen, and the ways around.
 */

import { after, before, test } from "node:test";

import { openBrowser } from "./browser.mjs";

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {import("./browser.mjs").Visitor} Visitor */

/** Runs while the tests of a file do: each file is a process of its own.
 * @type {Awaited<ReturnType<typeof openBrowser>>} */
export let browser;

/** Makes the function that declares tests, each with a preview and a visitor of its own.
 * @template {{ close(): Promise<unknown> }} Preview
 * @template Options
 * @param {(options?: Options) => Promise<Preview>} startPreview
 * @param {(visitor: Visitor, preview: Preview) => Promise<Page>} enter */
export function studioTests(startPreview, enter) {
  before(async () => {
    browser = await openBrowser();
  });
  after(() => browser?.close());

  /** @param {string} name
   * @param {(its: { page: Page, preview: Preview, visitor: Visitor }) => Promise<void>} body
   * @param {{ preview?: Options, visitor?: import("./browser.mjs").VisitorOptions }} [options] */
  return (name, body, options = {}) =>
    void test(name, async () => {
      const preview = await startPreview(options.preview);
      const visitor = await browser.visitor({ viewport: { width: 1440, height: 900 }, ...options.visitor });
      try {
        const page = await enter(visitor, preview);
        await body({ page, preview, visitor });
        await visitor.close();
      } finally {
        await visitor.context.close();
        await preview.close();
      }
    });
}

/** Opens the page and waits until it can be used.
 * @param {Visitor} visitor @param {string} address @param {Page} [tab] that is there already */
export async function openStudio(visitor, address, tab) {
  const page = tab ?? (await visitor.open());
  await page.goto(address);
  await page.locator(".bench:not(.starting)").waitFor();
  return page;
}

/** The page that the widget is shown on. @param {Page} page */
export const stage = (page) => page.frameLocator("iframe.loaded");

/** Goes to a group of settings. @param {Page} page @param {string} name */
export const group = (page, name) =>
  page.getByRole("navigation", { name: "Groups of settings" }).getByRole("button", { name }).click();

/** @param {Page} page @param {string} label */
export const box = (page, label) => page.getByRole("textbox", { name: label, exact: true });
