/** The snippets, the hosted page and the studio in Safari's engine. */

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, afterEach, test } from "node:test";

import { startPreview } from "./harness/preview.mjs";
import { until } from "./harness/until.mjs";
import { WEBKIT_DRIVER, openWebKit } from "./harness/webkit.mjs";
import { allowed, product, snippets, useProduct } from "./suite.mjs";

/** @typedef {import("./harness/webkit.mjs").WebKitPage} Page */

/** `.ci/run` installs it and names it; elsewhere, these tests can do without. */
const skip =
  !existsSync(WEBKIT_DRIVER) &&
  !process.env.WEBKIT_DRIVER &&
  `there is no ${WEBKIT_DRIVER}: apt-get install webkit2gtk-driver xvfb, or name yours in WEBKIT_DRIVER`;

const LAUNCHER = 'button[aria-label="Chat with us"]';

/** @type {Awaited<ReturnType<typeof openWebKit>>} */
let webkit;

if (skip) {
  console.log(`# skipped: ${skip}`);
} else {
  useProduct({ answer: allowed }, async () => {
    webkit = await openWebKit();
    const { version } = await webkit.open("about:blank");
    console.log(`# ${version}`);
  });
}
after(() => webkit?.close());
afterEach(() => webkit?.closePage());

/** Collects what goes wrong in a host page, whose console nobody else reads. */
const WITNESS = `<script>
  window.errors = [];
  addEventListener('error', ({ message, target }) => errors.push(message ?? 'not loaded: ' + target.outerHTML), true);
  addEventListener('unhandledrejection', ({ reason }) => errors.push(String(reason)));
  console.error = (...words) => errors.push(words.join(' '));
</script>`;

/** What browsers do that are told to block all cookies. */
const REFUSE = `for (const area of ['localStorage', 'sessionStorage']) {
  Object.defineProperty(window, area, { get: () => { throw new DOMException('The operation is insecure.', 'SecurityError'); } });
}`;

/** Opens a host page. @param {string} html @param {{ hash?: string, args?: string[] }} [options] */
function open(html, { hash = "", args } = {}) {
  return webkit.open(product.paste(WITNESS + html) + hash, args);
}

/** @param {Page} page */
async function assertClean(page) {
  await page.leave();
  assert.deepEqual(await page.evaluate(() => /** @type {any} */ (window).errors ?? []), [], "errors in the page");
  page.assertLocal();
}

/** Waits until ChatKit shows a text. @param {Page} page @param {string} text */
const says = (page, text) => page.find(".messages", text);

/** Is greeted, sends a message, and waits for the answer. @param {Page} page */
async function talk(page) {
  await page.enterChatkit();
  await says(page, "How can we help?");
  await ask(page, "Hello");
}

/** Sends a message and waits for the answer, without a mouse. @param {Page} page @param {string} text */
async function ask(page, text) {
  await page.enterChatkit();
  await page.tabTo("textarea");
  await page.type(text);
  await page.find("button:enabled", "Send");
  await page.press("Tab", "Enter");
  await says(page, `You said: ${text}`);
  await page.leave();
}

/** @param {Page} page @returns {Promise<boolean>} */
const isOpen = (page) =>
  page.evaluate(() => document.querySelector("chatkit-launcher")?.shadowRoot?.querySelector("dialog")?.open ?? false);

/** @param {Page} page @returns {Promise<boolean>} */
const isLauncherFocused = (page) =>
  page.evaluate(() => document.querySelector("chatkit-launcher")?.shadowRoot?.activeElement?.className === "launcher");

test("bubble: a click opens the chat, and a message is answered", { skip }, async () => {
  const page = await open(snippets.bubble);
  await page.click(LAUNCHER);
  await talk(page);
  assert.ok(await isOpen(page));
  await assertClean(page);
});

for (const kind of ["bubble", "direct"]) {
  test(
    `${kind}: opened, used and closed by keyboard, the focus comes back, and the thread outlives a reload`,
    { skip },
    async () => {
      const page = await open(snippets[kind]);
      await page.find(LAUNCHER);
      await page.press("Tab");
      assert.ok(await isLauncherFocused(page), "the launcher is reached with Tab");
      await page.press("Enter");
      await talk(page);
      // In direct mode the keys of ChatKit's own frame stay there, as they do in the double.
      if (kind === "direct") {
        await page.focus('button[aria-label="Close"]');
      }
      await page.press("Escape");
      await until(async () => !(await isOpen(page)), "the panel is closed");
      assert.ok(await isLauncherFocused(page), "the focus is back");
      await page.press("Enter");
      await until(() => isOpen(page), "the panel is open again");
      await page.reload();
      await page.enterChatkit();
      await says(page, "Messages of cthr_");
      await assertClean(page);
    },
  );

  test(`${kind}: a browser that refuses storage has its chat, for as long as the page lives`, { skip }, async () => {
    const file = join(product.dist, "w/support/index.html");
    const html = await readFile(file, "utf8");
    await writeFile(join(product.dist, "refuse.js"), REFUSE);
    await writeFile(file, html.replace("<head>", '<head><script src="/refuse.js"></script>'));
    try {
      const page = await open(`<script>${REFUSE}</script>${snippets[kind]}`);
      await page.click(LAUNCHER);
      await talk(page);
      await page.enterChatkit();
      const refusal = await page.evaluate(() => {
        try {
          return localStorage && "";
        } catch (error) {
          return /** @type {Error} */ (error).name;
        }
      });
      assert.equal(refusal, "SecurityError");
      await assertClean(page);
    } finally {
      await writeFile(file, html);
    }
  });

  test(`${kind}: a page that comes back with the back button has its chat, which goes on`, { skip }, async () => {
    const page = await open(snippets[kind]);
    await page.click(LAUNCHER);
    await talk(page);
    await page.goto(product.paste("<p>Elsewhere</p>", {}, "/elsewhere"));
    await page.back();
    await until(() => isOpen(page), "the panel is open");
    await page.enterChatkit();
    await says(page, "You said: Hello");
    await ask(page, "Are you still there?");
    await assertClean(page);
  });

  test(`${kind}: a page that the back button loads again has its chat, and the thread`, { skip }, async () => {
    const page = await open(snippets[kind], { args: ["--enable-page-cache=false"] });
    await page.click(LAUNCHER);
    await talk(page);
    await page.goto(product.paste("<p>Elsewhere</p>", {}, "/elsewhere"));
    await page.back();
    await until(() => isOpen(page), "the panel is open");
    await page.enterChatkit();
    await says(page, "Messages of cthr_");
    await assertClean(page);
  });
}

for (const kind of ["inline", "iframe"]) {
  test(`${kind}: the chat is in the page`, { skip }, async () => {
    const page = await open(snippets[kind]);
    await talk(page);
    await assertClean(page);
  });
}

test("popup: a link opens a dialog over the page, and has the focus again once that is closed", { skip }, async () => {
  const page = await open(snippets.popup);
  await page.find("chatkit-launcher");
  await page.tabTo("a[data-chat-open]");
  await page.press("Enter");
  await talk(page);
  assert.ok(
    await page.evaluate(() =>
      document.querySelector("chatkit-launcher")?.shadowRoot?.querySelector("dialog")?.matches(":modal"),
    ),
  );
  await page.screenshot(new URL(".tmp/screenshots/popup-webkit.png", import.meta.url).pathname);
  await page.press("Escape");
  await until(async () => !(await isOpen(page)), "the popup is closed");
  assert.ok(await page.evaluate(() => document.activeElement?.matches("a[data-chat-open]")));
  await assertClean(page);
});

test("the hosted page is a chat of its own", { skip }, async () => {
  const page = await webkit.open(product.page("support"));
  await talk(page);
  await page.reload();
  await page.enterChatkit();
  await says(page, "Messages of cthr_");
  page.assertLocal();
});

test("an address that ends in #chat=support opens the chat", { skip }, async () => {
  const page = await open(snippets.bubble, { hash: "#chat=support" });
  await until(() => isOpen(page), "the panel is open");
  await talk(page);
  await assertClean(page);
});

test(
  "rules follow the path of a page that is swapped without a load, without the Navigation API as well",
  { skip },
  async () => {
    // Safari has it since 26.2.
    const page = await open(`<script>delete window.navigation</script>${snippets.bubble}`);
    const isHidden = () =>
      page.evaluate(() =>
        document.querySelector("chatkit-launcher")?.shadowRoot?.querySelector(".box")?.hasAttribute("data-hidden"),
      );
    await page.find(LAUNCHER);
    assert.equal(await isHidden(), false);
    await page.evaluate(() => history.pushState(null, "", "/checkout/pay"));
    await until(isHidden, "the launcher is hidden");
    await page.evaluate(() => history.pushState(null, "", "/thanks"));
    await until(async () => !(await isHidden()), "the launcher is there again");
    await assertClean(page);
  },
);

test("the chat in the studio follows a setting while it is typed", { skip }, async () => {
  const preview = await startPreview();
  try {
    const page = await webkit.open(preview.origin);
    await page.find(".bench:not(.starting)");
    await page.enter("iframe.loaded");
    await page.click(LAUNCHER);
    await page.enter("iframe");
    await page.find("*", "How can we help?");
    await page.leave();
    await page.click("nav button", "Start screen");
    await page.focus('[data-path="widgets.support.chatkit.startScreen.greeting"] :is(input, textarea)');
    await page.press("End");
    await page.type(" Ask away");
    await page.enter("iframe.loaded");
    await page.enter("iframe");
    await page.find("*", "How can we help? Ask away");
    assert.match(
      await preview.read("site.yaml"),
      /greeting: How can we help\?\n/,
      "no file is written before it is saved",
    );
    page.assertLocal();
  } finally {
    await webkit.closePage();
    await preview.close();
  }
});
