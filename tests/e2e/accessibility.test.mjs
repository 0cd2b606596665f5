/** For everybody: without a mouse, without sight, without motion, on small screens and in other scripts. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { findViolations } from "./harness/axe.mjs";
import { browser, dialog, greeted, launcher, product, snippets, useProduct } from "./suite.mjs";

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {import("./harness/browser.mjs").VisitorOptions} VisitorOptions */

useProduct(
  {
    change: (site) =>
      site.replace("label: Ask the docs", "label: Ask the docs\n      teaser: { text: Lost in here?, delay: 0 }"),
  },
  async () => {
    snippets.docs = await product.snippet("docs", "bubble");
  },
);

/** Runs a test with a visitor of its own.
 * @param {string} name @param {VisitorOptions} options
 * @param {(visitor: import("./harness/browser.mjs").Visitor) => Promise<void>} body */
function withVisitor(name, options, body) {
  test(name, async () => {
    const visitor = await browser.visitor(options);
    try {
      await body(visitor);
    } finally {
      await visitor.close();
    }
  });
}

for (const [way, options] of Object.entries(
  /** @type {Record<string, VisitorOptions>} */ ({
    light: { colorScheme: "light" },
    dark: { colorScheme: "dark" },
    "forced colours": { forcedColors: "active" },
  }),
)) {
  withVisitor(
    `axe finds nothing in ${way}: launcher, teaser, panel, popup, chat in the page, page, failure`,
    options,
    async (visitor) => {
      const page = await visitor.open(product.paste(snippets.docs + snippets.bubble));
      await launcher(page).waitFor();
      await page.getByText("Lost in here?").waitFor();
      assert.deepEqual(await findViolations(page), [], "launcher and teaser");
      await page.screenshot({
        path: new URL(`.tmp/screenshots/closed-${way.replace(" ", "-")}.png`, import.meta.url).pathname,
      });
      await launcher(page).click();
      await greeted(page);
      assert.deepEqual(await findViolations(page), [], "panel");
      await page.screenshot({
        path: new URL(`.tmp/screenshots/open-${way.replace(" ", "-")}.png`, import.meta.url).pathname,
      });
      await page.goto(product.paste(snippets.popup));
      // Before the loader is there, the link leads to the chat's page.
      await page.locator("chatkit-launcher").waitFor({ state: "attached" });
      await page.getByRole("link", { name: "Chat with us" }).click();
      await greeted(page);
      assert.deepEqual(await findViolations(page), [], "popup");
      await page.goto(product.paste(snippets.inline));
      await greeted(page);
      assert.deepEqual(await findViolations(page), [], "chat in the page");
      await page.goto(product.page("support"));
      await greeted(page);
      assert.deepEqual(await findViolations(page), [], "page");
      visitor.setChatKit("blocked");
      visitor.expectError(/ERR_BLOCKED_BY_CLIENT/);
      visitor.expectError(/failed to load/);
      await page.goto(product.page("support"));
      await page.getByRole("alert").waitFor();
      assert.deepEqual(await findViolations(page), [], "failure");
    },
  );
}

withVisitor("the whole way by keyboard, and the focus is back after every way of closing", {}, async (visitor) => {
  const page = await visitor.open(product.paste(`${snippets.bubble}<a href="#x" data-chat-open="support">Ask</a>`));
  await launcher(page).waitFor();
  const link = page.getByRole("link", { name: "Ask" });
  const isFocused = (/** @type {import("playwright-core").Locator} */ locator) =>
    locator.evaluate((element) => element.matches(":focus"));

  await link.focus();
  await page.keyboard.press("Tab");
  assert.ok(await isFocused(launcher(page)), "the launcher is reached with Tab");
  assert.notEqual(await launcher(page).evaluate((element) => getComputedStyle(element).outlineStyle), "none");
  await page.keyboard.press("Enter");
  const frame = await greeted(page);
  await frame.waitForFunction(() => document.hasFocus());
  await frame.locator("openai-chatkit").press("Escape");
  await dialog(page).waitFor({ state: "hidden" });
  assert.ok(await isFocused(launcher(page)), "after Escape in the chat");

  await page.keyboard.press("Space");
  await dialog(page).getByRole("button", { name: "Close" }).focus();
  await page.keyboard.press("Escape");
  await dialog(page).waitFor({ state: "hidden" });
  assert.ok(await isFocused(launcher(page)), "after Escape in the panel");

  await launcher(page).press("Enter");
  await dialog(page).getByRole("button", { name: "Close" }).press("Enter");
  await dialog(page).waitFor({ state: "hidden" });
  assert.ok(await isFocused(launcher(page)), "after Close");

  await link.press("Enter");
  await dialog(page).getByRole("button", { name: "Close" }).press("Enter");
  await dialog(page).waitFor({ state: "hidden" });
  assert.ok(await isFocused(link), "after Close, on the link that opened it");

  await link.press("Enter");
  await dialog(page).waitFor();
  await page.evaluate(() => window.ChatWidget.close());
  await dialog(page).waitFor({ state: "hidden" });
  assert.ok(await isFocused(link), "after a script closed it");
});

withVisitor("nothing moves for those who asked for less motion", { reducedMotion: "reduce" }, async (visitor) => {
  const page = await visitor.open(product.paste(snippets.bubble));
  await launcher(page).click();
  await dialog(page).waitFor();
  assert.equal(await dialog(page).evaluate((element) => getComputedStyle(element).animationName), "none");
  assert.equal(await launcher(page).evaluate((element) => getComputedStyle(element).transitionDuration), "0s");
});

withVisitor("in a page that reads from right to left, everything is mirrored", {}, async (visitor) => {
  const page = await visitor.open(
    product.paste(`<script>document.documentElement.dir = 'rtl'</script>${snippets.bubble}`),
  );
  await launcher(page).waitFor();
  assert.equal((await launcher(page).boundingBox())?.x, 20);
  await launcher(page).click();
  await dialog(page).waitFor();
  const [panel, close] = await Promise.all([
    dialog(page).boundingBox(),
    dialog(page).getByRole("button", { name: "Close" }).boundingBox(),
  ]);
  assert.ok(panel && close && panel.x === 20 && close.x - panel.x < 20, JSON.stringify({ panel, close }));
});

withVisitor(
  "at 200 % everything can be read and reached",
  { viewport: { width: 640, height: 400 }, deviceScaleFactor: 2 },
  async (visitor) => {
    const page = await visitor.open(product.paste(snippets.bubble));
    await launcher(page).click();
    const frame = await greeted(page);
    assert.ok(await frame.getByRole("button", { name: "Send" }).isVisible());
    assert.deepEqual(await dialog(page).boundingBox(), { x: 0, y: 0, width: 640, height: 400 });
    visitor.setChatKit("blocked");
    visitor.expectError(/ERR_BLOCKED_BY_CLIENT/);
    visitor.expectError(/failed to load/);
    await page.goto(product.page("support"));
    await page.addStyleTag({ content: "html { font-size: 200% }" });
    const retry = page.getByRole("button", { name: "Try again" });
    await retry.scrollIntoViewIfNeeded();
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
    await retry.click();
  },
);

withVisitor(
  "on a phone the chat has the whole screen, and shrinks above the keyboard",
  { viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true },
  async (visitor) => {
    const page = await visitor.open(product.paste(snippets.bubble));
    await launcher(page).tap();
    await greeted(page);
    assert.deepEqual(await dialog(page).boundingBox(), { x: 0, y: 0, width: 390, height: 780 });
    assert.ok(
      await dialog(page).evaluate((element) => element.matches(":modal")),
      "what lies behind can not be reached",
    );
    const close = await dialog(page).getByRole("button", { name: "Close" }).boundingBox();
    assert.ok(close && close.width >= 40 && close.height >= 40, JSON.stringify(close));
    await page.setViewportSize({ width: 390, height: 420 });
    await page.waitForFunction(
      () => document.querySelector("chatkit-launcher")?.shadowRoot?.querySelector("dialog")?.offsetHeight === 420,
    );
    await page.reload();
    await launcher(page).waitFor();
    assert.equal(await dialog(page).count(), 0, "a page that loads is not covered");
  },
);

withVisitor("print leaves the widget out", {}, async (visitor) => {
  const page = await visitor.open(product.paste(snippets.bubble));
  await launcher(page).click();
  await dialog(page).waitFor();
  await page.emulateMedia({ media: "print" });
  await dialog(page).waitFor({ state: "hidden" });
  await launcher(page).waitFor({ state: "hidden" });
});
