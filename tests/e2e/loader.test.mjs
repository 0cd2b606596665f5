/** The loader on host pages: how it gets there, what it listens to, what it says, and what it costs. */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";

import { nearest } from "../../themes/default/static/js/locales.js";
import { REPOSITORY } from "./deploy.mjs";

import { CHATKIT_ORIGIN } from "./doubles/chatkit.mjs";
import { chatkitFrame, chatkitOptions, frameDrawn, prewarmed } from "./harness/browser.mjs";
import { until } from "./harness/until.mjs";
import {
  allowed,
  browser,
  dialog,
  greeted,
  launcher,
  product,
  snippets,
  useProduct,
  useVisitor,
  visitor,
} from "./suite.mjs";

/** @typedef {import("playwright-core").Page} Page */

useProduct({
  answer: allowed,
  change: (site) =>
    site
      .replace(
        "      startScreen:\n",
        "      header:\n        rightAction: { icon: close, action: close }\n        leftAction: { icon: dark-mode, action: toggle_theme }\n      startScreen:\n",
      )
      .replace("label: Ask the docs", "label: Ask the docs\n      teaser: { text: Lost in here?, delay: 0 }")
      .replace(
        "    page:\n      title: Docs assistant",
        '    rules: { show: ["/", "/docs/**"], devices: [phone, desktop] }\n    page:\n      title: Docs assistant',
      ),
});
useVisitor();

const loader = (name = "support") => `${product.site.url}/w/${name}.js`;

/** Addresses of all requests but those of the host page itself. */
const fetched = (by = visitor) =>
  by.requests.map(({ url }) => url).filter((url) => !url.startsWith(product.host.origin));

/** @param {string} html @param {Record<string, string>} [headers] */
const open = (html, headers) => visitor.open(product.paste(html, headers));

for (const [way, html] of Object.entries({
  async: (/** @type {string} */ src) => `<script async src="${src}"></script>`,
  deferred: (/** @type {string} */ src) => `<script defer src="${src}"></script>`,
  blocking: (/** @type {string} */ src) => `<script src="${src}"></script>`,
  "in the head, before there is a body": (/** @type {string} */ src) =>
    `</main></body></html><script src="${src}"></script>`,
  "injected by a tag manager": (/** @type {string} */ src) =>
    `<script>const tag = document.createElement('script'); tag.src = '${src}'; tag.dataset.position = 'top-left'; document.head.append(tag)</script>`,
  "run by an optimiser, without a tag": (/** @type {string} */ src) =>
    `<script type="text/lazy" src="${src}" data-position="top-left"></script><script>fetch('${src}').then((r) => r.text()).then((code) => (0, eval)(code))</script>`,
})) {
  test(`the loader works ${way}`, async () => {
    const page = await open(html(loader()));
    await launcher(page).click();
    await greeted(page);
    if (html("").includes("top-left")) {
      const box = await launcher(page).boundingBox();
      assert.ok(box && box.x < 50 && box.y < 50, JSON.stringify(box));
    }
  });
}

test("before intent: one request, no long task, no layout shift", async () => {
  // On a busy machine a browser's own work takes long, too: of three loads, one without a long task is the loader's doing.
  const tasks = [await before(), await before(), await before()];
  assert.ok(
    tasks.some((list) => list.length === 0),
    JSON.stringify(tasks),
  );
});

/** Loads a page with a launcher, and leaves it alone. @returns {Promise<unknown[]>} long tasks */
async function before() {
  const guest = await browser.visitor();
  await guest.context.addInitScript(() => {
    const seen = /** @type {any} */ (window);
    seen.entries = [];
    for (const type of ["layout-shift", "longtask"]) {
      new PerformanceObserver((list) => seen.entries.push(...list.getEntries().map((each) => each.toJSON()))).observe({
        type,
        buffered: true,
      });
    }
  });
  const page = await guest.open(product.paste(snippets.bubble));
  await launcher(page).waitFor();
  await page.waitForLoadState("networkidle");
  assert.deepEqual(fetched(guest), [loader()]);
  /** @type {PerformanceEntry[]} */
  const entries = await page.evaluate(() => /** @type {any} */ (window).entries);
  assert.deepEqual(
    entries.filter(({ entryType }) => entryType === "layout-shift"),
    [],
  );
  await guest.close();
  return entries.filter(({ entryType }) => entryType === "longtask");
}

test("a click shows an outline before anything has come, and a chat that is held back comes later", async () => {
  visitor.setChatKit("held");
  const page = await open(snippets.bubble);
  await launcher(page).waitFor();
  const outline = await page.evaluate(async () => {
    const root = /** @type {ShadowRoot} */ (document.querySelector("chatkit-launcher")?.shadowRoot);
    const begin = performance.now();
    /** @type {HTMLElement} */ (root.querySelector(".launcher")).click();
    while (
      !root.querySelector(".panel[open] .skeleton") &&
      !root.querySelector(".outline")?.getBoundingClientRect().height
    ) {
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
    return performance.now() - begin;
  });
  console.log(`# click to outline: ${outline.toFixed(0)} ms`);
  visitor.setChatKit("double");
  await greeted(page);

  const fresh = await browser.visitor();
  const second = await fresh.open(product.paste(snippets.bubble));
  await launcher(second).hover();
  await prewarmed(second, product.page("support"));
  const begin = Date.now();
  await launcher(second).click();
  await chatkitFrame(second);
  const options = Date.now() - begin;
  console.log(`# click to setOptions, prewarmed: ${options} ms`);
  await fresh.close();
});

test("the page of all snippets copies them, opened from disk, and its policies are enough", async () => {
  const owner = await browser.visitor({ permissions: ["clipboard-read", "clipboard-write"] });
  const copies = await owner.open(product.copies);
  await copies.locator("#support").getByRole("button", { name: "Copy" }).first().click();
  await copies.getByRole("status").getByText("Copied").waitFor();
  assert.equal((await copies.evaluate(() => navigator.clipboard.readText())).trim(), snippets.bubble.trim());
  for (const guide of ["WordPress", "Shopify", "Squarespace", "Wix", "Webflow", "Google Tag Manager", "React", "Vue"]) {
    assert.ok((await copies.locator("#support summary", { hasText: guide }).count()) > 0, guide);
  }
  const [framed, direct] = await copies.locator("#support code", { hasText: /^script-src/ }).allTextContents();
  await owner.close();
  for (const [kind, policy] of [
    ["bubble", framed],
    ["direct", direct],
  ]) {
    const page = await open(snippets[kind], { "Content-Security-Policy": `default-src 'none'; ${policy}` });
    await launcher(page).click();
    await greeted(page);
  }
});

test("a popup is a modal dialog over the page, which a link opens, and which leaves the focus where it was", async () => {
  const page = await open(snippets.popup);
  assert.equal(await launcher(page).count(), 0);
  const link = page.getByRole("link", { name: "Chat with us" });
  await link.focus();
  await page.keyboard.press("Enter");
  await greeted(page);
  assert.ok(await dialog(page).evaluate((element) => element.matches(":modal")));
  const box = await dialog(page).boundingBox();
  assert.ok(box && Math.abs(box.x + box.width / 2 - 640) < 2, JSON.stringify(box));
  await page.screenshot({ path: new URL(".tmp/screenshots/popup.png", import.meta.url).pathname });
  await page.keyboard.press("Escape");
  await dialog(page).waitFor({ state: "hidden" });
  assert.ok(await link.evaluate((element) => element === document.activeElement));
  await link.click();
  await dialog(page).waitFor();
  await page.mouse.click(5, 5);
  await dialog(page).waitFor({ state: "hidden" });
});

test("in direct mode ChatKit runs in the host page, under its policy, and the function allows it", async () => {
  const policy = `default-src 'none'; script-src ${product.site.url} ${CHATKIT_ORIGIN}; frame-src ${CHATKIT_ORIGIN}; connect-src ${product.site.url}; style-src 'unsafe-inline'; require-trusted-types-for 'script'; trusted-types chatkit-embed`;
  const page = await open(snippets.direct, { "Content-Security-Policy": policy });
  await launcher(page).click();
  await page.getByText("How can we help?").waitFor();
  const [{ theme }] = await chatkitOptions(page);
  assert.equal(theme.colorScheme, "light");
  await page.getByRole("textbox").fill("Hello");
  await page.getByRole("button", { name: "Send" }).click();
  await page.getByText("You said: Hello").waitFor();
  await page.reload();
  await page.getByText("Messages of cthr_").waitFor();
  assert.equal(product.openai.requests.filter(({ status }) => status === 200).length > 0, true);
});

test("links and buttons of the page open, toggle, close and ask", async () => {
  const page = await open(`${snippets.bubble}
    <a id="open" href="/nowhere" data-chat-open="support">Ask us</a>
    <button id="toggle" data-chat-toggle="support"><b>Chat</b></button>
    <button id="close" data-chat-close>Enough</button>
    <button id="ask" data-chat-open="support" data-chat-prompt="Where is my order?">Where is my order?</button>`);
  await launcher(page).waitFor();
  await page.locator("#open").hover();
  await page.locator("iframe").waitFor({ state: "attached" });
  await page.locator("#open").click();
  await dialog(page).waitFor();
  await page.locator("#close").click();
  await dialog(page).waitFor({ state: "hidden" });
  await page.locator("#toggle b").click();
  await dialog(page).waitFor();
  await page.locator("#toggle b").click();
  await dialog(page).waitFor({ state: "hidden" });
  await page.locator("#ask").click();
  const frame = await chatkitFrame(page);
  await until(async () => (await frame.getByRole("textbox").inputValue()) === "Where is my order?");
  assert.equal(new URL(page.url()).pathname, "/");
});

test("an address with #chat=support opens the chat", async () => {
  const page = await visitor.open(`${product.paste(snippets.bubble)}#chat=support`);
  await greeted(page);
  await page.getByRole("button", { name: "Close" }).click();
  await dialog(page).waitFor({ state: "hidden" });
  await page.evaluate(() => void (location.hash = "#other"));
  await page.evaluate(() => void (location.hash = "#chat"));
  await dialog(page).waitFor();
});

test("attributes of the tag place and dress the widget", async () => {
  const page = await open(
    `<script async src="${loader()}" data-position="top-left" data-offset-x="40" data-offset-y="30" data-theme="dark" data-locale="de" data-z-index="5" data-open data-hide-on="/nothing/**"></script>`,
  );
  const frame = await greeted(page);
  const [{ theme, locale }] = await chatkitOptions(frame);
  assert.deepEqual([theme.colorScheme, locale], ["dark", "de"]);
  const box = await launcher(page).boundingBox();
  assert.deepEqual([box?.x, box?.y], [40, 30]);
  assert.equal(await page.locator("chatkit-launcher").evaluate((element) => getComputedStyle(element).zIndex), "5");
  await page.evaluate(() => window.ChatWidget.update({ theme: "light", position: "bottom-right", locale: "fr" }));
  await frame.waitForFunction(() => window.__chatkit.instances[0].options.locale === "fr");
  const moved = await launcher(page).boundingBox();
  assert.ok(moved && moved.x > 1000 && moved.y > 500);
});

test("what ChatKit would refuse does not reach it from a tag", async () => {
  const page = await open(
    `<script async src="${loader()}" data-offset-x="wide" data-theme="sepia" data-locale="de-AT"></script>`,
  );
  await launcher(page).click();
  const frame = await greeted(page);
  const [{ theme, locale }] = await chatkitOptions(frame);
  assert.deepEqual([theme.colorScheme, locale], ["light", "de"]);
  const box = await launcher(page).boundingBox();
  assert.ok(box && box.x > 1000, JSON.stringify(box));
  await page.evaluate(() => window.ChatWidget.update({ locale: "tlh" }));
  await frame.waitForFunction(() => !("locale" in window.__chatkit.instances[0].options));
});

test("every language of the schema can be asked for by a page", async () => {
  const { stdout } = await promisify(execFile)("cargo", ["run", "--quiet", "--", "schema"], {
    cwd: REPOSITORY,
    maxBuffer: 1 << 26,
  });
  const known = JSON.parse(stdout).$defs.Locale.enum;
  assert.ok(known.length > 100);
  assert.deepEqual(
    known.filter((/** @type {string} */ locale) => nearest(locale) !== locale),
    [],
  );
});

test("data-hide-on hides the launcher where its globs say, and on swapped pages too", async () => {
  const tag = `<script async src="${loader()}" data-hide-on="/checkout/**, /thanks"></script>`;
  for (const path of ["/checkout/pay", "/thanks", "/shop"]) {
    product.paste(tag, {}, path);
  }
  const page = await visitor.open(product.host.url("/checkout/pay"));
  await page.waitForFunction(() => document.querySelector("chatkit-launcher"));
  await launcher(page).waitFor({ state: "hidden" });
  await page.evaluate(() => history.pushState(null, "", "/shop"));
  await launcher(page).waitFor();
  await page.evaluate(() => history.pushState(null, "", "/thanks/"));
  await launcher(page).waitFor({ state: "hidden" });
  await page.goto(product.host.url("/thanks"));
  await page.waitForFunction(() => document.querySelector("chatkit-launcher"));
  assert.equal(await launcher(page).isVisible(), false);
  await page.goto(product.host.url("/shop"));
  await launcher(page).waitFor();
});

for (const load of ["eager", "idle"]) {
  test(`data-load="${load}" prewarms without intent, and mints nothing`, async () => {
    const before = product.openai.requests.length;
    const page = await open(`<script async src="${loader()}" data-load="${load}"></script>`);
    await prewarmed(page, product.page("support"));
    assert.ok(fetched().includes(product.page("support")));
    assert.equal(product.openai.requests.length, before);
  });
}

test("the script interface can be called before the loader is there, and tells what happens", async () => {
  const page = await visitor.open();
  await page.addInitScript(() => {
    /** @type {any} */
    const queue = (/** @type {any[]} */ ...args) => (queue.q ??= []).push(args);
    window.ChatWidget = queue;
    const seen = /** @type {any[]} */ ([]);
    Object.assign(window, { seen });
    for (const name of [
      "before-load",
      "before-open",
      "ready",
      "opened",
      "closed",
      "shown",
      "hidden",
      "response-start",
      "response-end",
      "unread",
      "thread-changed",
      "destroyed",
    ]) {
      addEventListener(`chat:${name}`, (event) => seen.push([name, /** @type {CustomEvent} */ (event).detail]));
    }
    queue("open", "support");
  });
  await page.goto(product.paste(snippets.bubble));
  const frame = await greeted(page);
  assert.match(await page.evaluate(() => window.ChatWidget.version), /^\d+\.\d+\.\d+$/);
  await page.evaluate(() => window.ChatWidget("setInput", "Half a quest"));
  assert.equal(await frame.getByRole("textbox").inputValue(), "Half a quest");
  await page.evaluate(() => window.ChatWidget.sendMessage("Hello", "support"));
  await frame.getByText("You said: Hello").waitFor();
  await page.evaluate(() => window.ChatWidget.close());
  await dialog(page).waitFor({ state: "hidden" });
  await page.evaluate(() => window.ChatWidget.sendMessage("Still there?"));
  await page.getByRole("button", { name: "Chat with us (1 new)" }).waitFor();
  assert.deepEqual(await page.evaluate(() => window.ChatWidget.get()), {
    widget: "support",
    open: false,
    shown: true,
    unread: 1,
  });
  await page.evaluate(() => window.ChatWidget.toggle());
  await dialog(page).waitFor();
  await page.evaluate(() => window.ChatWidget.toggle());
  await dialog(page).waitFor({ state: "hidden" });
  await page.evaluate(() => window.ChatWidget.open());
  await launcher(page).waitFor();
  await page.evaluate(() => window.ChatWidget.newThread());
  await page.evaluate(() => window.ChatWidget.hide());
  await page.evaluate(() => window.ChatWidget.show());
  assert.equal((await page.evaluate(() => window.ChatWidget.ready())).open, true);
  await page.evaluate(() => window.ChatWidget.destroy());
  assert.equal(await page.locator("chatkit-launcher").count(), 0);
  const seen = await page.evaluate(() => /** @type {any} */ (window).seen);
  assert.deepEqual([...new Set(seen.map((/** @type {any[]} */ [name]) => name))].sort(), [
    "before-load",
    "before-open",
    "closed",
    "destroyed",
    "hidden",
    "opened",
    "ready",
    "response-end",
    "response-start",
    "shown",
    "thread-changed",
    "unread",
  ]);
  assert.ok(
    seen.every(
      (/** @type {any[]} */ [, detail]) => detail.widget === "support" && !/Hello|cthr_/.test(JSON.stringify(detail)),
    ),
    JSON.stringify(seen),
  );
});

test("a listener can stop the opening, and can be taken away", async () => {
  const page = await open(snippets.bubble);
  await launcher(page).waitFor();
  await page.evaluate(() => {
    const off = window.ChatWidget.on("before-open", (event) => event.preventDefault());
    const also = (/** @type {Event} */ event) => event.preventDefault();
    window.ChatWidget.on("before-open", also);
    addEventListener("consent", () => (off(), window.ChatWidget.off("before-open", also)));
  });
  await launcher(page).click();
  await page.waitForFunction(() => document.querySelector("chatkit-launcher")?.shadowRoot?.querySelector("dialog"));
  assert.equal(await dialog(page).count(), 0);
  await page.evaluate(() => dispatchEvent(new Event("consent")));
  await launcher(page).click();
  await dialog(page).waitFor();
});

test("a page that waits for consent gets nothing of the chat before it is given, in the panel and in the page", async () => {
  const page = await visitor.open();
  await page.addInitScript(() => {
    let isGiven = false;
    addEventListener("chat:before-load", (event) => isGiven || event.preventDefault());
    addEventListener("consent", () => {
      isGiven = true;
      window.ChatWidget("load", "support");
    });
  });
  await page.goto(product.paste(`${snippets.bubble}\n<div style="inline-size: 400px">${snippets.inline}</div>`));
  const inline = page.locator("chatkit-widget");
  await launcher(page).hover();
  await launcher(page).click();
  await page.waitForFunction(() => document.querySelector("chatkit-launcher")?.shadowRoot?.querySelector("dialog"));
  await assert.rejects(
    page.evaluate(() => window.ChatWidget("sendMessage", "Hello")),
    /there is no chat/,
  );
  assert.equal(await dialog(page).count(), 0);
  await page.evaluate(() => window.ChatWidget("load"));
  await inline.getByRole("link").waitFor();
  assert.ok(
    fetched().every((url) => url.startsWith(product.site.url) && !url.endsWith("/w/support/")),
    String(fetched()),
  );
  await page.evaluate(() => dispatchEvent(new Event("consent")));
  await inline.locator("iframe").waitFor();
  await launcher(page).click();
  await dialog(page).waitFor();
});

test("a prompt of the page is not sent to a chat that may not open", async () => {
  const page = await open(`${snippets.bubble}\n<button data-chat-open="support" data-chat-prompt="Hello">Ask</button>`);
  await page.evaluate(() => {
    addEventListener("chat:before-open", (event) => {
      event.preventDefault();
      document.title = "prevented";
    });
  });
  await page.getByRole("button", { name: "Ask" }).click();
  await page.waitForFunction(() => document.title === "prevented");
  await frameDrawn(page);
  assert.ok(visitor.requests.every(({ url }) => !url.includes("/api/chatkit/session")));
});

test("a widget that is destroyed leaves the page as it was, chats in the page included", async () => {
  const page = await open(`${snippets.bubble}\n<div style="inline-size: 400px">${snippets.inline}</div>`);
  const inline = page.locator("chatkit-widget");
  await inline.locator("iframe").waitFor();
  assert.equal(await inline.getByRole("link").count(), 0);
  await page.evaluate(() => window.ChatWidget.destroy());
  await inline.getByRole("link").waitFor();
  assert.equal(await page.locator("iframe, chatkit-launcher").count(), 0);
  // The element is the page's own, and can be filled again.
  await page.addScriptTag({ url: loader() });
  await inline.locator("iframe").waitFor();
});

test("a chat in the page that nobody has seen yet is not filled by a widget that is gone", async () => {
  const page = await open(`${snippets.bubble}\n<div style="block-size: 200vh"></div>${snippets.inline}`);
  await launcher(page).waitFor();
  await page.evaluate(() => window.ChatWidget.destroy());
  const inline = page.locator("chatkit-widget");
  await inline.scrollIntoViewIfNeeded();
  await inline.getByRole("link").waitFor();
  await frameDrawn(page);
  assert.ok(
    fetched().every((url) => !url.includes("/assets/panel.")),
    String(fetched()),
  );
});

test("a chat that a navigation took out of the page is forgotten, and comes back with its element", async () => {
  const page = await open(`${snippets.bubble}\n<div id="place" style="inline-size: 400px">${snippets.inline}</div>`);
  const inline = page.locator("chatkit-widget");
  await inline.locator("iframe").waitFor();
  await page.evaluate(() => {
    const element = /** @type {Element} */ (document.querySelector("chatkit-widget"));
    element.remove();
    history.pushState(null, "", "/elsewhere");
    addEventListener("back", () => document.querySelector("#place")?.append(element));
  });
  await page.evaluate(() => window.ChatWidget.reset());
  await page.evaluate(() => dispatchEvent(new Event("back")));
  await inline.locator("iframe").waitFor();
  await inline.frameLocator("iframe").getByText("How can we help?").waitFor();
  await page.evaluate(() => window.ChatWidget.reset());
});

test("a button in the header closes the panel, and is not there where nothing can be closed", async () => {
  const page = await open(snippets.bubble);
  await launcher(page).click();
  const frame = await greeted(page);
  await frame.getByRole("button", { name: "close", exact: true }).click();
  await dialog(page).waitFor({ state: "hidden" });
  await page.goto(product.page("support"));
  const alone = await chatkitFrame(page);
  await alone.getByRole("button", { name: "dark-mode" }).click();
  await page.waitForFunction(() => document.documentElement.dataset.scheme === "dark");
  assert.equal(await alone.getByRole("button", { name: "close", exact: true }).count(), 0);
});

test("a page that is swapped without a load keeps the widget, and rules follow the path", async () => {
  const page = await open(`<script async src="${loader("docs")}"></script>`);
  const docs = page.getByRole("button", { name: "Ask the docs" });
  await docs.waitFor();
  await page.evaluate(() => {
    const body = document.createElement("body");
    body.innerHTML = "<h1>Elsewhere</h1>";
    document.body.replaceWith(body);
    history.pushState(null, "", "/pricing");
  });
  await docs.waitFor({ state: "hidden" });
  await page.evaluate(() => history.pushState(null, "", "/docs/install"));
  await docs.waitFor();
  await page.goBack();
  await docs.waitFor({ state: "hidden" });
  await page.goForward();
  await docs.waitFor();
  await page.setViewportSize({ width: 800, height: 700 });
  await docs.waitFor({ state: "hidden" });
  await page.setViewportSize({ width: 400, height: 700 });
  await docs.click();
  await page.getByRole("dialog").waitFor();
});

test("a page that comes back from the cache of the browser still has its chat", async () => {
  const page = await open(snippets.bubble);
  await launcher(page).click();
  await greeted(page);
  await page.goto(`${product.host.origin}/none`).catch(() => {});
  await page.goBack();
  await dialog(page).waitFor();
  await greeted(page);
  visitor.expectError(/404/);
});

test("the teaser invites, and a visitor who closes it never sees it again", async () => {
  const tag = `<script async src="${loader("docs")}"></script>`;
  const page = await visitor.open();
  await page.addInitScript(() =>
    addEventListener("chat:teaser-shown", ({ detail }) => (document.title = `invited by ${detail.widget}`)),
  );
  await page.goto(product.paste(tag));
  const teaser = page.getByRole("status").getByRole("button", { name: "Lost in here?" });
  await teaser.waitFor();
  assert.equal(await page.title(), "invited by docs");
  await page.screenshot({ path: new URL(".tmp/screenshots/teaser.png", import.meta.url).pathname });
  assert.ok(
    fetched().every((url) => !url.endsWith("/w/docs/")),
    "the chat itself is not fetched",
  );
  await page.getByRole("button", { name: "Dismiss" }).click();
  await teaser.waitFor({ state: "hidden" });
  await page.reload();
  await page.getByRole("button", { name: "Ask the docs" }).waitFor();
  await page.waitForLoadState("networkidle");
  assert.equal(await teaser.count(), 0);
});

test("the panel can be made larger, and stays so", async () => {
  const page = await open(snippets.bubble);
  await launcher(page).click();
  await greeted(page);
  const before = await dialog(page).boundingBox();
  await page.getByRole("button", { name: "Larger" }).click();
  await page.reload();
  await dialog(page).waitFor();
  const after = await dialog(page).boundingBox();
  assert.ok(before && after && after.width > before.width + 200);
});
