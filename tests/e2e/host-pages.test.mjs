/**
 * Host pages that are hard on a widget: frameworks that own the tree, phones, the top layer, names that are taken, and
 * connections that go.
 */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";

import { REPOSITORY } from "./deploy.mjs";
import { chatkitFrame, frameDrawn } from "./harness/browser.mjs";
import { bundled } from "./harness/react-page.mjs";
import { until } from "./harness/until.mjs";
import { allowed, dialog, greeted, launcher, product, snippets, useProduct, useVisitor, visitor } from "./suite.mjs";

/** @typedef {import("playwright-core").Page} Page */

useProduct({
  answer: allowed,
  change: (site) => site.replace("    launcher:\n", "    launcher:\n      phone: { offset_x: 8, offset_y: 96 }\n"),
});
useVisitor();

/** @param {string} html @param {Record<string, string>} [headers] */
const open = (html, headers) => visitor.open(product.paste(html, headers));

/** Serves a whole document, as frameworks do. @param {string} html @param {string} [path] */
function serve(html, path = "/") {
  product.host.pages[path] = { html, headers: {} };
  return product.host.url(path);
}

/** @param {Page} page @param {string} selector */
const parentOf = (page, selector) => page.locator(selector).evaluate((element) => element.parentNode?.nodeName);

// ---------------------------------------------------------------------------------------------------------- trees

for (const when of ["before", "after"]) {
  test(`React 18 hydrates a whole document ${when} the loader ran, without an error, and the widget works`, async () => {
    const { html, script } = await bundled(product.site.url, when);
    product.host.pages["/app.js"] = { html: script, headers: { "Content-Type": "text/javascript" } };
    const page = await visitor.open(serve(html));
    await page.getByText("Hydrated").waitFor();
    await launcher(page).waitFor();
    assert.deepEqual(await page.evaluate(() => /** @type {any} */ (window).errors), []);
    assert.ok(
      await page.evaluate(() => document.querySelector("h1") === /** @type {any} */ (window).served),
      "the page is the one that was served",
    );
    await launcher(page).click();
    await greeted(page);
    // It goes on to render.
    await page.getByRole("button", { name: "Count 0" }).click();
    await page.getByRole("button", { name: "Count 1" }).waitFor();
    assert.ok(await dialog(page).isVisible());
  });
}

test("React throws the document away, and the widget comes back", async () => {
  const { html, script } = await bundled(product.site.url, "before", "Another title");
  product.host.pages["/app.js"] = { html: script, headers: { "Content-Type": "text/javascript" } };
  const page = await visitor.open(serve(html));
  await page.getByText("Hydrated").waitFor();
  assert.ok(await page.evaluate(() => /** @type {any} */ (window).errors.length > 0));
  await launcher(page).click();
  await greeted(page);
});

test("a launcher that somebody removes is back, and so is an open panel with its conversation", async () => {
  const page = await open(snippets.bubble);
  await launcher(page).waitFor();
  await page.locator("chatkit-launcher").evaluate((element) => element.remove());
  await launcher(page).click();
  const frame = await greeted(page);
  await frame.getByRole("textbox").fill("Hello");
  await frame.getByRole("button", { name: "Send" }).click();
  await frame.getByText("You said: Hello").waitFor();
  await page.evaluate(() => document.body.replaceChildren(...document.body.childNodes));
  await page.locator("chatkit-launcher").evaluate((element) => element.remove());
  await dialog(page).waitFor();
  await page.frameLocator("iframe").getByText("Messages of cthr_").waitFor();
});

test("a widget that is destroyed just after its launcher was removed does not come back", async () => {
  const page = await open(snippets.bubble);
  await launcher(page).waitFor();
  await page.evaluate(async () => {
    document.querySelector("chatkit-launcher")?.remove();
    // The loader has seen it, and puts the launcher back in a moment.
    await Promise.resolve();
    window.ChatWidget.destroy();
    await new Promise((resolve) => setTimeout(resolve));
    // Nothing comes back.
    await new Promise((resolve) => setTimeout(resolve, 10));
  });
  assert.equal(await page.locator("chatkit-launcher").count(), 0);
});

test("whoever removes the launcher each time does not hang the page", async () => {
  const page = await open(`${snippets.bubble}<script>
    let count = 0;
    new MutationObserver((records) => records.forEach(({ addedNodes }) => addedNodes.forEach((node) => {
      if (node.nodeName === 'CHATKIT-LAUNCHER') { count++; node.remove(); }
    }))).observe(document.documentElement, { childList: true, subtree: true });
  </script>`);
  await page.waitForFunction("count > 3");
  // It does not go on.
  await page.waitForTimeout(1_000);
  assert.ok(Number(await page.evaluate("count")) < 15);
});

test("an element that is named after it is in the page, and is given another name, shows that chat alone", async () => {
  const src = (/** @type {string} */ name) =>
    `<script async data-launcher="none" src="${product.site.url}/w/${name}.js"></script>`;
  const page = await open(`${src("support")}${src("docs")}<div id="here" style="inline-size: 400px"></div>`);
  await page.waitForFunction(() => customElements.get("chatkit-widget"));
  await page.evaluate(() => {
    const element = document.createElement("chatkit-widget");
    document.querySelector("#here")?.append(element);
    return Promise.resolve().then(() => element.setAttribute("name", "docs"));
  });
  const shown = () =>
    page.locator("iframe").evaluateAll((all) => all.map((each) => /** @type {HTMLIFrameElement} */ (each).src));
  await page.locator(`iframe[src="${product.page("docs")}"]`).waitFor();
  assert.deepEqual(await shown(), [product.page("docs")]);
  await page.locator("chatkit-widget").evaluate((element) => element.setAttribute("name", "support"));
  await page.frameLocator("iframe").getByText("How can we help?").waitFor();
  assert.deepEqual(await shown(), [product.page("support")]);
  await page.locator("chatkit-widget").evaluate((element) => element.setAttribute("class", "wide"));
  await page.locator("chatkit-widget").evaluate((element) => element.setAttribute("name", "nobody"));
  await page.locator("iframe").waitFor({ state: "detached" });
});

test("a page that puts in another body keeps the panel and its conversation", async () => {
  const page = await open(snippets.bubble);
  await launcher(page).click();
  const frame = await greeted(page);
  assert.equal(await parentOf(page, "chatkit-launcher"), "HTML");
  await page.evaluate(() => document.body.replaceWith(document.createElement("body")));
  assert.ok(await frame.getByText("How can we help?").isVisible(), "the frame is the same");
});

test("a body that is transformed does not carry the launcher along", async () => {
  const page = await open(
    `<style>body { transform: translateX(0) }</style>${snippets.bubble}<div style="height: 5000px">Long</div>`,
  );
  await page.waitForLoadState("load");
  await until(async () => (await launcher(page).boundingBox())?.y === 720 - 20 - 56);
  await page.evaluate(() => scrollTo(0, 1000));
  assert.equal((await launcher(page).boundingBox())?.y, 720 - 20 - 56);
});

// --------------------------------------------------------------------------------------------------------- phones

test("on a phone the chat fills the screen, and swipes, wheels and two fingers leave all in its place", async () => {
  const page = await open(
    `<style>html, body { height: 100% } body { overflow-x: hidden }</style><div style="height: 5000px">Long</div>${snippets.bubble}`,
  );
  await page.setViewportSize({ width: 390, height: 844 });
  await page.evaluate(() => scrollTo(0, 1200));
  await launcher(page).click();
  await greeted(page);
  const bar = await dialog(page).locator(".bar").boundingBox();
  assert.ok(bar);
  await page.mouse.move(bar.x + 60, bar.y + bar.height / 2);
  await page.mouse.wheel(0, 600);
  await page.mouse.move(200, 500);
  await page.mouse.wheel(0, 600);
  const client = await page.context().newCDPSession(page);
  await client.send("Input.synthesizeScrollGesture", {
    x: 100,
    y: Math.round(bar.y + bar.height / 2),
    yDistance: -300,
    gestureSourceType: "touch",
  });
  assert.equal(await page.evaluate(() => scrollY), 1200);
  assert.ok(
    await page.getByText("Long").evaluate((element) => element.getBoundingClientRect().top < -1000),
    "nothing jumped",
  );

  await client.send("Emulation.setPageScaleFactor", { pageScaleFactor: 2 });
  await page.waitForFunction(() => visualViewport?.scale === 2);
  await frameDrawn(page);
  const zoomed = await dialog(page).evaluate((element) => /** @type {HTMLElement} */ (element).offsetHeight);
  assert.ok(Math.abs(zoomed - 844) < 4, `${zoomed}`);
  await client.send("Emulation.setPageScaleFactor", { pageScaleFactor: 1 });

  assert.equal(await dialog(page).getByRole("button", { name: "Larger" }).count(), 0);
  await dialog(page).getByRole("button", { name: "Close" }).click();
  await dialog(page).waitFor({ state: "hidden" });
  await page.evaluate(() => scrollBy(0, 100));
  assert.equal(await page.evaluate(() => scrollY), 1300);
});

for (const [what, style] of Object.entries({
  "the body scrolls": "html { height: 100%; overflow: hidden } body { height: 100%; margin: 0; overflow: auto }",
  "the root scrolls": "html { overflow-y: scroll } body { height: 100% }",
  "the window scrolls": "body { min-height: 100vh }",
})) {
  test(`behind a popup a page stays where it is when ${what}`, async () => {
    const page = await open(
      `<style>${style}</style><a id="chat" data-chat-open="support" href="/">Chat</a><div style="height: 5000px">Long</div>${snippets.popup}`,
    );
    const top = () => page.evaluate(() => document.body.scrollTop + scrollY);
    const open_ = () => page.evaluate(() => window.ChatWidget.open("support"));
    await page.evaluate(() => (scrollTo(0, 1200), (document.body.scrollTop = 1200)));
    const before = { top: await top(), width: await page.evaluate(() => document.body.clientWidth) };
    await open_();
    await greeted(page);
    assert.deepEqual({ top: await top(), width: await page.evaluate(() => document.body.clientWidth) }, before);
    await page.mouse.move(20, 300);
    await page.mouse.wheel(0, 600);
    // Nothing moves.
    await page.waitForTimeout(200);
    assert.equal(await top(), before.top);
    await page.keyboard.press("Escape");
    await dialog(page).waitFor({ state: "hidden" });
    await page.mouse.wheel(0, 300);
    await page.waitForFunction((from) => document.body.scrollTop + scrollY > from, before.top);
  });
}

test("the launcher has a place of its own on phones, in site.yaml and on the tag", async () => {
  const page = await open(snippets.bubble);
  const distance = async () => {
    const box = await launcher(page).boundingBox();
    const size = page.viewportSize();
    assert.ok(box && size);
    return [size.width - box.x - box.width, size.height - box.y - box.height].map(Math.round);
  };
  assert.deepEqual(await distance(), [20, 20]);
  await page.setViewportSize({ width: 390, height: 844 });
  assert.deepEqual(await distance(), [8, 96]);

  const tag = snippets.bubble.replace("<script", '<script data-offset-x="30" data-phone-offset-y="120"');
  const other = await open(tag);
  await other.setViewportSize({ width: 1000, height: 700 });
  await page.close();
  const box = await launcher(other).boundingBox();
  assert.ok(box && Math.round(1000 - box.x - box.width) === 30);
  await other.setViewportSize({ width: 390, height: 844 });
  await other.waitForFunction(() => {
    const button = document.querySelector("chatkit-launcher")?.shadowRoot?.querySelector(".launcher");
    return Math.round(innerHeight - (button?.getBoundingClientRect().bottom ?? 0)) === 120;
  });
  await other.evaluate(() => window.ChatWidget.update({ phoneOffsetY: "40" }));
  const moved = await launcher(other).boundingBox();
  assert.ok(moved && Math.round(844 - moved.y - moved.height) === 40);
});

// ------------------------------------------------------------------------------------------------------ top layer

for (const [what, html, show] of /** @type {const} */ ([
  [
    "a modal dialog",
    '<dialog id="it"><button id="ask" data-chat-open="support">Ask</button></dialog>',
    "document.querySelector('#it').showModal()",
  ],
  [
    "a popover",
    '<div id="it" popover style="inset: 0; width: 100vw; height: 100vh"><button id="ask" data-chat-open="support">Ask</button></div>',
    "document.querySelector('#it').showPopover()",
  ],
  [
    "what fills the screen",
    '<div id="it"><button id="ask" data-chat-open="support">Ask</button></div>',
    "document.querySelector('#it').requestFullscreen()",
  ],
  [
    "a dialog that makes all else inert",
    '<div id="it" style="position: fixed; inset: 0; z-index: 9"><button id="ask" data-chat-open="support">Ask</button></div>',
    "[...document.body.children].forEach((each) => (each.inert = !each.contains(document.querySelector('#it'))))",
  ],
])) {
  test(`the chat can be opened and used from ${what}`, async () => {
    const page = await open(snippets.bubble);
    await launcher(page).waitFor();
    await page.locator("body").evaluate((body, text) => body.insertAdjacentHTML("beforeend", text), html);
    await page.evaluate(`(async () => { await ${show} })()`);
    await page.locator("#ask").click();
    const frame = await greeted(page);
    await frame.getByRole("textbox").fill("Hello");
    await frame.getByRole("button", { name: "Send" }).click();
    await frame.getByText("You said: Hello").waitFor();
    const close = await dialog(page).getByRole("button", { name: "Close" }).boundingBox();
    assert.ok(close);
    await page.mouse.click(close.x + close.width / 2, close.y + close.height / 2);
    await dialog(page).waitFor({ state: "hidden" });
    if (what.endsWith("modal dialog")) {
      assert.ok(await page.locator("#ask").evaluate((element) => element === document.activeElement));
      await page.locator("#ask").click();
      await dialog(page).waitFor();
      await dialog(page).getByRole("button", { name: "Close" }).focus();
      await page.keyboard.press("Escape");
      await dialog(page).waitFor({ state: "hidden" });
      assert.ok(await page.locator("#it").isVisible(), "one Escape closes one dialog");
    }
  });
}

test("a panel that is open already comes over a dialog that asks for it", async () => {
  const page = await open(
    `${snippets.bubble}<dialog id="it"><button id="ask" data-chat-open="support">Ask</button></dialog>`,
  );
  await launcher(page).click();
  const frame = await greeted(page);
  await page.evaluate(() => /** @type {HTMLDialogElement} */ (document.querySelector("#it")).showModal());
  await page.locator("#ask").click();
  await frame.getByRole("textbox").click();
  await page.keyboard.type("Hello");
});

test("a panel that fills a phone comes over a dialog that asks for it", async () => {
  const page = await open(
    `${snippets.bubble}<dialog id="it"><button id="ask" data-chat-open="support">Ask</button></dialog>`,
  );
  await page.setViewportSize({ width: 390, height: 844 });
  await launcher(page).click();
  const frame = await greeted(page);
  await page.evaluate(() => /** @type {HTMLDialogElement} */ (document.querySelector("#it")).showModal());
  await page.locator("#ask").click();
  await frame.getByRole("textbox").click();
  await page.keyboard.type("Hello");
  assert.equal(await frame.getByRole("textbox").inputValue(), "Hello");
});

test("a library that keeps the focus in its dialog lets the chat have it", async () => {
  const { trap } = await bundled(product.site.url, "after");
  product.host.pages["/trap.js"] = { html: trap, headers: { "Content-Type": "text/javascript" } };
  const page =
    await open(`${snippets.bubble}<div id="it" style="position: fixed; inset: 0; z-index: 2147483647; background: #fff">
    <button id="ask" data-chat-open="support">Ask</button><input></div><script src="/trap.js"></script>`);
  await launcher(page).waitFor();
  await page.locator("#ask").click();
  const frame = await greeted(page);
  await frame.getByRole("textbox").click();
  await page.keyboard.type("Hello there");
  assert.equal(await frame.getByRole("textbox").inputValue(), "Hello there");
});

// ---------------------------------------------------------------------------------------------------------- names

for (const [what, html, check] of /** @type {const} */ ([
  ["a class", "<script>window.ChatWidget = class Own {}</script>", "window.ChatWidget.name === 'Own'"],
  ["an element", '<div id="ChatWidget"></div>', "window.ChatWidget instanceof HTMLDivElement"],
])) {
  test(`${what} of the page that is named ChatWidget stays, with a warning, and the widget works`, async () => {
    const page = await visitor.open();
    /** @type {string[]} */
    const warnings = [];
    page.on("console", (message) => message.type() === "warning" && warnings.push(message.text()));
    await page.goto(product.paste(`${html}${snippets.bubble}`));
    await launcher(page).click();
    await greeted(page);
    assert.ok(await page.evaluate(check));
    assert.match(warnings.join(), /ChatWidget is taken/);
  });
}

test("calls that wait by the line of the README are done once the loader is there", async () => {
  const readme = await readFile(join(REPOSITORY, "README.md"), "utf8");
  const line = readme.split("\n").find((each) => each.startsWith("<script>window.ChatWidget ||="));
  const page = await open(`${line}${line}${snippets.bubble}`);
  await launcher(page).waitFor();
  assert.equal(await page.evaluate(() => window.ChatWidget.get("support").shown), true);
  const calling = await open(`${line}<script>ChatWidget('open', 'support')</script>${snippets.bubble}`);
  await dialog(calling).waitFor();
});

test("ChatWidget is a function like any other: it can be awaited, written out, and lacks what it does not have", async () => {
  const page = await open(snippets.bubble);
  await launcher(page).waitFor();
  const seen = await page.evaluate(async () => {
    const widget = /** @type {any} */ (await window.ChatWidget);
    return [
      widget === window.ChatWidget,
      `${widget}`.slice(0, 8),
      JSON.stringify({ widget }),
      typeof widget.opne,
      typeof widget.open,
      widget.version,
    ];
  });
  assert.deepEqual(seen, [true, "function", "{}", "undefined", "function", "0.1.0"]);
});

// ---------------------------------------------------------------------------------------------- prompts and clicks

test("a prompt of the page is put into the composer, and sent only where the tag says so", async () => {
  const ask = '<button id="ask" data-chat-prompt="Where is my order?">Ask</button>';
  const page = await open(`${snippets.bubble}${ask}`);
  await page.locator("#ask").click();
  const frame = await greeted(page);
  await until(async () => (await frame.getByRole("textbox").inputValue()) === "Where is my order?");
  assert.equal(await frame.getByText("You said").count(), 0);

  const sends = await open(`${snippets.bubble.replace("<script", '<script data-prompts="send"')}${ask}`);
  await sends.locator("#ask").click();
  await (await chatkitFrame(sends)).getByText("You said: Where is my order?").waitFor();
});

test("when the connection is gone before the first click, the visitor reads so, and a later click works", async () => {
  visitor.expectError(/ERR_INTERNET_DISCONNECTED/);
  const page = await open(snippets.bubble);
  await launcher(page).waitFor();
  await page.context().setOffline(true);
  await launcher(page).click();
  const words = page.getByRole("alert").getByRole("link", { name: "The chat could not start" });
  await words.waitFor();
  assert.equal(await words.getAttribute("href"), product.page("support"));
  await page.context().setOffline(false);
  await launcher(page).click();
  await words.waitFor({ state: "detached" });
  await launcher(page).click();
  await greeted(page);
});

test("a panel that never comes is given up after ten seconds, in words", async () => {
  let isHeld = true;
  await visitor.context.route("**/assets/panel.*", (route) => (isHeld ? undefined : route.fallback()));
  const page = await open(snippets.bubble);
  await page.clock.install();
  await launcher(page).click();
  await page.clock.fastForward(11_000);
  await page.getByRole("alert").getByRole("link").waitFor();
  isHeld = false;
  await launcher(page).click();
  await launcher(page).click();
  await greeted(page);
});
