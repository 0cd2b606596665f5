/** A brand on a host page: its logo, and a tone that is the page's own. */

import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";

import { chatkitFrame } from "./harness/browser.mjs";
import { dialog, greeted, launcher, product, snippets, useProduct, useVisitor, visitor } from "./suite.mjs";

const LOGO =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 48"><rect width="96" height="48" fill="#1f4fd8"/></svg>';

useProduct({
  change: (site) => site.replace("tone: auto", "tone: page\n    logo: logo.svg"),
  prepare: (folder) => writeFile(join(folder, "logo.svg"), LOGO),
});

useVisitor();

/** @param {import("playwright-core").Page} page */
const scheme = (page) =>
  page.evaluate(() => {
    const box = document.querySelector("chatkit-launcher")?.shadowRoot?.querySelector("div");
    return box?.dataset.scheme;
  });

test("a widget is as light or dark as the page behind its launcher, and so is its chat", async () => {
  const style = "<style>body { background: white } .night body { background: #111 }</style>";
  const page = await visitor.open(product.paste(style + snippets.bubble));
  await page.emulateMedia({ colorScheme: "dark" });
  await launcher(page).click();
  await greeted(page);
  assert.equal(await scheme(page), "light", "whatever the visitor's system prefers");
  const chat = await chatkitFrame(page);
  const of = () => chat.evaluate(() => document.documentElement.dataset.scheme);
  assert.equal(await of(), "light");
  await page.evaluate(() => document.documentElement.classList.add("night"));
  await chat.waitForFunction(() => document.documentElement.dataset.scheme === "dark");
  assert.equal(await scheme(page), "dark");
});

test("what the script tag says about light and dark wins over the page", async () => {
  const page = await visitor.open(product.paste(snippets.bubble.replace("<script ", '<script data-theme="dark" ')));
  await launcher(page).click();
  await greeted(page);
  assert.equal(await scheme(page), "dark");
});

test("the bar shows the logo, and does without it where the page's policy keeps it out", async () => {
  const page = await visitor.open(product.paste(snippets.bubble));
  await launcher(page).click();
  const logo = dialog(page).locator("img");
  await logo.evaluate((/** @type {HTMLImageElement} */ image) => image.decode());
  assert.deepEqual(
    await logo.evaluate((/** @type {HTMLImageElement} */ image) => [image.width, image.height]),
    [64, 32],
  );
  await dialog(page).getByText("Usually answers right away").waitFor();

  const policy = `default-src 'none'; script-src ${product.site.url}; frame-src ${product.site.url}`;
  const strict = await visitor.open(product.paste(snippets.bubble, { "Content-Security-Policy": policy }, "/strict"));
  visitor.expectError(/img-src|default-src/);
  await launcher(strict).click();
  await greeted(strict);
  assert.equal(await dialog(strict).locator("img").count(), 0);
});

test("the button that makes the panel larger shows what it will do next", async () => {
  const page = await visitor.open(product.paste(snippets.bubble));
  await launcher(page).click();
  await greeted(page);
  const larger = dialog(page).getByRole("button", { name: "Larger" });
  const drawn = () => larger.locator("path").getAttribute("d");
  const before = await drawn();
  await larger.click();
  assert.equal(await larger.getAttribute("aria-pressed"), "true");
  assert.notEqual(await drawn(), before);
  await larger.click();
  assert.equal(await drawn(), before);
});
