/** What is read when something is to be said is in the language of the page, in the page and in the panel. */

import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { before, test } from "node:test";
import { fileURLToPath } from "node:url";

import { findViolations } from "./harness/axe.mjs";
import { chatkitFrame } from "./harness/browser.mjs";
import { allowed, dialog, product, snippets, useProduct, useVisitor, visitor } from "./suite.mjs";

const PICTURES = fileURLToPath(new URL(".tmp/screenshots/", import.meta.url));

/** Whether the function asks for patience. */
let isBusy = false;

useProduct({
  async answer(event, next) {
    if (!isBusy) {
      return allowed(event, next);
    }
    isBusy = false;
    return {
      statusCode: 429,
      headers: { "Retry-After": "2", "Content-Type": "application/json" },
      body: '{"error":{"code":"rate_limited","message":""}}',
    };
  },
  // One says so, the other speaks as its chat does.
  change: (site) =>
    site
      .replace("language: en", "language: de-AT")
      .replace("greeting: What are you looking for in the docs?", "greeting: ما الذي تبحث عنه؟\n      locale: ar"),
});
before(() => mkdir(PICTURES, { recursive: true }));
useVisitor();

/** @param {import("playwright-core").Page} page */
const language = (page) => page.evaluate(() => [document.documentElement.lang, document.documentElement.dir]);

test("a page says in its language what is wrong, and what can be done", async () => {
  visitor.setChatKit("blocked");
  visitor.expectError(/ERR_BLOCKED_BY_CLIENT/);
  visitor.expectError(/failed to load/);
  const page = await visitor.open(product.page("support"));
  assert.deepEqual(await language(page), ["de-AT", "ltr"]);
  const failure = page.getByRole("alert");
  await failure.getByText("Der Chat konnte nicht starten").waitFor();
  await failure.getByText("Ein Teil des Chats konnte nicht geladen werden.").waitFor();
  await failure.getByRole("button", { name: "Erneut versuchen" }).waitFor();
  await page.goto(product.page("docs"));
  assert.deepEqual(await language(page), ["ar", "rtl"]);
  await failure.getByText("تعذّر بدء المحادثة").waitFor();
  assert.deepEqual(await findViolations(page), []);
  await page.screenshot({ path: `${PICTURES}failure-ar.png` });
});

test("how long it takes is a number of the language", async () => {
  isBusy = true;
  const page = await visitor.open(product.page("support"));
  visitor.expectError(/429/);
  await page.getByText("Gerade fragen viele. Der Chat startet in 2 Sekunden.").waitFor();
  await (await chatkitFrame(page)).getByText("How can we help?").waitFor();
});

test("the panel and its buttons speak the same language, and say which", async () => {
  const page = await visitor.open(product.paste(snippets.bubble));
  await page.getByRole("button", { name: "Chat with us" }).click();
  await dialog(page).getByRole("button", { name: "Schließen" }).waitFor();
  await dialog(page).getByRole("button", { name: "Größer" }).waitFor();
  assert.equal(await dialog(page).evaluate((element) => element.closest("[lang]")?.getAttribute("lang")), "de");
  await (await chatkitFrame(page)).getByText("How can we help?").waitFor();
  await page.evaluate(() => window.ChatWidget.close());
  await page.evaluate(() => window.ChatWidget.sendMessage("Hallo"));
  await page.getByRole("button", { name: "Chat with us (1 neu)" }).waitFor();
  assert.deepEqual(await findViolations(page), []);
});

test("without JavaScript, and where there is nothing, it is the same", async () => {
  const page = await (await fetch(product.page("support"))).text();
  assert.match(page, /<noscript>[^]*Der Chat braucht JavaScript[^]*Oder: <a[^]*<\/noscript>/);
  // Two languages in one site: nobody knows which the visitor meant.
  const nothing = await (await fetch(`${product.site.url}/w/none/`)).text();
  assert.match(nothing, /<html lang="en" dir="ltr"/);
});
