/** Ways to get from page to page that are no plain loads: the back/forward cache, Turbo, and view transitions. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

import { openBrowser } from "./harness/browser.mjs";
import { allowed, dialog, greeted, launcher, product, snippets, useProduct, useVisitor, visitor } from "./suite.mjs";

/** @typedef {import("playwright-core").Page} Page */

useProduct({ answer: allowed });
useVisitor();

/** Sends a message by the chat's own composer. @param {Page} page @param {string} text */
async function say(page, text) {
  const frame = page.frames().find((each) => each.url() === product.page("support")) ?? page.mainFrame();
  await frame.getByRole("textbox").fill(text);
  await frame.getByRole("button", { name: "Send" }).click();
  await frame.getByText(`You said: ${text}`).waitFor();
  return frame;
}

for (const kind of ["bubble", "direct"]) {
  test(`${kind}: a page that comes back from the back/forward cache is as it was left, and its chat goes on`, async () => {
    // Playwright turns that cache off.
    const browser = await openBrowser({ without: ["--disable-back-forward-cache"] });
    const guest = await browser.visitor();
    try {
      const page = await guest.open();
      await page.addInitScript(() => {
        const seen = /** @type {any} */ (window);
        seen.events ??= [];
        addEventListener("pageshow", ({ persisted }) => (seen.persisted = persisted));
        for (const name of ["opened", "closed", "response-end"]) {
          addEventListener(`chat:${name}`, () => seen.events.push(name));
        }
      });
      // What says `no-store` is not kept.
      const headers = { "Cache-Control": "max-age=60" };
      product.paste("<p>Elsewhere</p>", headers, "/elsewhere");
      await page.goto(product.paste(snippets[kind], headers));
      await launcher(page).click();
      await greeted(page);
      await say(page, "Hello");
      const minted = product.openai.requests.length;

      await page.goto(product.host.url("/elsewhere"));
      await page.evaluate(() => history.back());
      // No page is loaded.
      await page.waitForURL(product.host.url(), { waitUntil: "commit" });
      await page.waitForFunction(() => "persisted" in window);
      const { persisted, reasons } = await page.evaluate(() => {
        const [entry] = /** @type {any[]} */ (performance.getEntriesByType("navigation"));
        return { persisted: /** @type {any} */ (window).persisted, reasons: entry.notRestoredReasons };
      });
      assert.equal(persisted, true, JSON.stringify(reasons));
      assert.ok(await dialog(page).isVisible());
      // Playwright no longer sees into frames that were kept, but the page still speaks with its own.
      await page.evaluate(() => window.ChatWidget.sendMessage("Are you still there?"));
      await page.waitForFunction(() => /** @type {any} */ (window).events.length === 3);
      assert.equal(product.openai.requests.length, minted, "the session is the same");
      await dialog(page).getByRole("button", { name: "Close" }).click();
      await launcher(page).click();
      await dialog(page).waitFor();
      assert.deepEqual(await page.evaluate(() => /** @type {any} */ (window).events), [
        "opened",
        "response-end",
        "response-end",
        "closed",
        "opened",
      ]);
    } finally {
      await guest.close();
      await browser.close();
    }
  });

  test(`${kind}: Turbo swaps pages under a running conversation, and the widget is there once`, async () => {
    const turbo = await readFile(
      new URL("node_modules/@hotwired/turbo/dist/turbo.es2017-umd.js", import.meta.url),
      "utf8",
    );
    product.host.pages["/turbo.js"] = { html: turbo, headers: { "Content-Type": "text/javascript" } };
    const head = '<script src="/turbo.js"></script>';
    product.paste(`${head}${snippets[kind]}<a href="/">Home</a>`, {}, "/prices");
    const page = await visitor.open(product.paste(`${head}${snippets[kind]}<a href="/prices">Prices</a>`));
    await page.evaluate(() => void Object.assign(window, { isSame: true }));
    await launcher(page).click();
    await greeted(page);
    await say(page, "Hello");
    await page.getByRole("link", { name: "Prices" }).click();
    await page.getByRole("link", { name: "Home" }).waitFor();
    assert.equal(page.url(), product.host.url("/prices"));
    assert.equal(await launcher(page).count(), 1);
    assert.ok(await dialog(page).isVisible());
    const frame = await say(page, "What does it cost?");
    assert.ok(await frame.getByText("You said: Hello").isVisible());
    await page.goBack();
    await page.getByRole("link", { name: "Prices" }).waitFor();
    assert.ok(await frame.getByText("You said: What does it cost?").isVisible());
    assert.ok(await page.evaluate(() => /** @type {any} */ (window).isSame), "no page was loaded anew");
  });
}

test("view transitions from page to page keep the panel open, and the conversation", async () => {
  // In the head, as a browser decides by the first frame that it draws.
  const style = "<style>@view-transition { navigation: auto }</style>";
  const page = await visitor.open();
  await page.addInitScript(() => {
    addEventListener("pagereveal", (event) => {
      const { viewTransition } = /** @type {any} */ (event);
      /** @type {any} */ (window).transition = viewTransition?.finished.then(() => "finished");
    });
  });
  const html = (/** @type {string} */ link) =>
    `<!doctype html><html lang="en"><head><title>Notes</title>${style}</head><body>${snippets.bubble}${link}</body></html>`;
  product.host.pages["/prices"] = html('<a href="/">Home</a>');
  product.host.pages["/"] = html('<a href="/prices">Prices</a>');
  await page.goto(product.host.url());
  await launcher(page).click();
  await greeted(page);
  await say(page, "Hello");
  await page.getByRole("link", { name: "Prices" }).click();
  await page.getByRole("link", { name: "Home" }).waitFor();
  assert.equal(await page.evaluate(() => /** @type {any} */ (window).transition), "finished");
  await dialog(page).waitFor();
  await page.frameLocator("iframe").getByText("Messages of cthr_").waitFor();
});

test("a view transition within a page leaves panel and conversation alone", async () => {
  const page = await visitor.open(product.paste(snippets.bubble));
  await launcher(page).click();
  await greeted(page);
  await say(page, "Hello");
  await page.evaluate(async () => {
    const swap = () => {
      const body = document.createElement("body");
      body.innerHTML = "<h1>Prices</h1>";
      document.body.replaceWith(body);
      history.pushState(null, "", "/prices");
    };
    await /** @type {any} */ (document).startViewTransition(swap).finished;
  });
  assert.ok(await dialog(page).isVisible());
  const frame = await say(page, "What does it cost?");
  assert.ok(await frame.getByText("You said: Hello").isVisible());
  assert.equal(await launcher(page).count(), 1);
});
