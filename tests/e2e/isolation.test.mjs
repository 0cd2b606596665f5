/** Widget and host page leave each other alone, whatever the one does to the other. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { serveHostPages } from "./harness/host-page.mjs";
import { until } from "./harness/until.mjs";
import { greeted, product, snippets, useProduct, useVisitor, visitor } from "./suite.mjs";

useProduct();
useVisitor();

for (const kind of ["bubble", "popup", "inline"]) {
  test(`${kind}: works under a policy that allows one origin, nothing inline, and trusted types alone`, async () => {
    const { url } = product.site;
    const policy = `default-src 'none'; script-src ${url}; frame-src ${url}; require-trusted-types-for 'script'; trusted-types 'none'`;
    const page = await visitor.open(product.paste(snippets[kind], { "Content-Security-Policy": policy }));
    if (kind === "bubble") {
      await page.getByRole("button", { name: "Chat with us" }).click();
    }
    if (kind === "popup") {
      await page.getByRole("link", { name: "Chat with us" }).click();
    }
    await greeted(page);
  });
}

test("hostile styles of the host page do not reach the widget", async () => {
  const styles = `<style>
    * { all: unset !important }
    html { font-size: 60px !important; line-height: 5 !important; letter-spacing: 1em !important }
    :is(html, body) > :not(body), div, iframe, dialog, button, svg { display: none !important }
    :is(html, body) > :last-child:not(body) { position: static !important; opacity: 0 !important; visibility: hidden !important; z-index: -1 !important }
  </style>`;
  const page = await visitor.open(product.paste(snippets.bubble + styles));
  const launcher = page.getByRole("button", { name: "Chat with us" });
  await launcher.waitFor();
  assert.deepEqual(await launcher.boundingBox(), { x: 1204, y: 644, width: 56, height: 56 });
  await launcher.click();
  await greeted(page);
  const dialog = page.getByRole("dialog", { name: "Support" });
  const box = await dialog.boundingBox();
  assert.ok(box && box.width === 400 && box.height > 500, JSON.stringify(box));
  const title = dialog.getByRole("heading", { name: "Support" });
  assert.equal(await title.evaluate((element) => getComputedStyle(element).fontSize), "15px");
  await page.screenshot({ path: new URL(".tmp/screenshots/hostile.png", import.meta.url).pathname });
});

test("nothing of the widget is left in the host page but its own names", async () => {
  const page = await visitor.open();
  await page.goto(product.paste(""));
  const before = await page.evaluate(() => Object.keys(window));
  await page.goto(product.paste(snippets.bubble));
  await page.getByRole("button", { name: "Chat with us" }).click();
  await greeted(page);
  const added = await page.evaluate((known) => Object.keys(window).filter((name) => !known.includes(name)), before);
  assert.deepEqual(
    added.filter((name) => !/^\d+$/.test(name)),
    ["ChatWidget"],
  );
  const { overflow, head } = await page.evaluate(() => ({
    overflow: document.body.getAttribute("style"),
    head: document.head.querySelectorAll("style,link,script").length,
  }));
  assert.deepEqual({ overflow, head }, { overflow: null, head: 0 });
});

test("messages of other frames are ignored by host page and hosted page", async () => {
  const attack = `<script>
    const messages = [
      { type: 'store', change: { visitor: 'v1.evil', thread: 'cthr_evil' } },
      { type: 'event', name: 'evil', detail: {} },
      { type: 'close' },
      { type: 'begin', open: true, stored: { visitor: 'v1.evil' }, look: { theme: 'dark', identity: 'evil' } },
      { type: 'begun' }, { type: 'locked', stored: { visitor: 'v1.evil' } },
      { type: 'call', id: 1, method: 'sendMessage', argument: 'evil' },
      { type: 'look', look: { theme: 'dark' } },
    ];
    addEventListener('message', () => {
      for (const message of messages) {
        const data = { source: 'chatkit-embed', ...message };
        parent.postMessage(data, '*');
        for (let index = 0; index < parent.length; index += 1) parent[index].postMessage(data, '*');
      }
      parent.postMessage('attacked', '*');
    });
  </script>`;
  const attacker = await serveHostPages(
    { "/": `<!doctype html><title>Ad</title>${attack}` },
    { hostname: "attacker.localhost" },
  );
  try {
    const page = await visitor.open(
      product.paste(`${snippets.bubble}<iframe id="ad" src="${attacker.url()}"></iframe>`),
    );
    await page.evaluate(() => addEventListener("chat:evil", () => (document.title = "evil")));
    await page.getByRole("button", { name: "Chat with us" }).click();
    const frame = await greeted(page);
    await page.evaluate(
      () =>
        new Promise((resolve) => {
          addEventListener("message", ({ data }) => data === "attacked" && resolve(undefined));
          /** @type {HTMLIFrameElement} */ (document.querySelector("#ad")).contentWindow?.postMessage("go", "*");
        }),
    );
    await page.evaluate(() => window.ChatWidget.sendMessage("Hello"));
    await frame.getByText("You said: Hello").waitFor();
    const text = await frame.locator("openai-chatkit").evaluate((element) => element.shadowRoot?.textContent ?? "");
    assert.ok(!text.includes("evil"), text);
    assert.ok(await page.getByRole("dialog", { name: "Support" }).isVisible());
    assert.equal(await page.title(), "Field Notes");
    assert.ok(!(await page.evaluate(() => JSON.stringify(localStorage))).includes("evil"));
    const scheme = await frame.evaluate(() => document.documentElement.dataset.scheme);
    assert.equal(scheme, "auto");
  } finally {
    await attacker.close();
  }
});

test("a website that is not allowed is told so by its own browser, and its owner how to change that", async () => {
  visitor.expectError(/frame-ancestors/);
  const advice = /does not answer: add http:\/\/thief\.localhost:\d+ to allowed_origins and deploy again/;
  visitor.expectError(advice);
  const thief = await serveHostPages(
    { "/": `<!doctype html><title>Thief</title>${snippets.bubble}` },
    { hostname: "thief.localhost" },
  );
  try {
    const page = await visitor.open(thief.url());
    await page.getByRole("button", { name: "Chat with us" }).click();
    await page.getByRole("alert").getByText("The chat could not start").waitFor();
    assert.ok(
      page.frames().every((frame) => !frame.url().startsWith(product.site.url)),
      "the frame shows nothing of ours",
    );
    const link = page.getByRole("alert").getByRole("link", { name: "Write us an email" });
    assert.equal(await link.getAttribute("href"), "mailto:help@example.com");
    await until(() => visitor.errors.some((error) => advice.test(error)), "the owner reads the cause");
  } finally {
    await thief.close();
  }
});

test("the hosted page's policy allows ChatKit and its own back end, and no more", async () => {
  const reply = await fetch(product.page("support"));
  // Browsers take `frame-ancestors` from a header alone; all else is in the page.
  assert.match(
    reply.headers.get("content-security-policy") ?? "",
    /^frame-ancestors 'self' http:\/\/www\.localhost:\d+ https:\/\/\*\.example\.com$/,
  );
  const page = await visitor.open(product.page("support"));
  const meta = page.locator('head > meta:nth-child(2)[http-equiv="Content-Security-Policy"]');
  const policy = (await meta.getAttribute("content")) ?? "";
  assert.match(policy, /^default-src 'none'; script-src 'self' https:\/\/cdn\.platform\.openai\.com;/);
  assert.ok(!/script-src[^;]*unsafe/.test(policy), policy);
  assert.match(policy, /; base-uri 'none'; form-action 'none'$/);
});
