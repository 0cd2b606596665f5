/** Each snippet, pasted into a page on another origin and used. */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";

import { REPOSITORY } from "./deploy.mjs";
import { findViolations } from "./harness/axe.mjs";
import { chatkitFrame, chatkitOptions, prewarmed } from "./harness/browser.mjs";
import { checkOptions } from "./harness/types.mjs";
import { browser, product, useProduct, useVisitor, visitor } from "./suite.mjs";

useProduct();
useVisitor();

/** Addresses of all requests but those of the host page itself. */
const fetched = () => visitor.requests.map(({ url }) => url).filter((url) => !url.startsWith(product.host.origin));

const minted = () => product.openai.requests.length;

for (const widget of ["support", "docs"]) {
  const label = { support: "Chat with us", docs: "Ask the docs" }[widget] ?? "";
  const greeting = { support: "How can we help?", docs: "What are you looking for in the docs?" }[widget] ?? "";

  test(`${widget}: the bubble shows a launcher, and a click opens the chat`, async () => {
    const before = minted();
    const page = await visitor.open(product.paste(await product.snippet(widget, "bubble")));
    const launcher = page.getByRole("button", { name: label });
    await launcher.waitFor();
    assert.deepEqual(fetched(), [`${product.site.url}/w/${widget}.js`], "nothing but the loader before the click");

    assert.equal(await launcher.getAttribute("aria-expanded"), "false");
    await launcher.click();
    await page.getByRole("dialog").waitFor();
    assert.equal(await launcher.getAttribute("aria-expanded"), "true");
    const frame = await chatkitFrame(page);
    await frame.getByText(greeting).waitFor();
    // The greeting is there before the session is.
    await frame.locator("button:enabled", { hasText: "Send" }).waitFor();
    assert.equal(minted() - before, widget === "support" ? 1 : 0);
    assert.deepEqual(await findViolations(page), []);

    await page.getByRole("button", { name: "Close" }).click();
    await page.getByRole("dialog").waitFor({ state: "hidden" });
    assert.ok(await launcher.evaluate((button) => button.matches(":focus")), "the focus is back on the launcher");
  });

  test(`${widget}: inline puts the chat where the tag is, without a launcher`, async () => {
    const page = await visitor.open(product.paste(await product.snippet(widget, "inline")));
    const frame = await chatkitFrame(page);
    await frame.getByText(greeting).waitFor();
    const box = await page.locator("chatkit-widget").boundingBox();
    assert.ok(box && box.height > 300 && box.width > 300, JSON.stringify(box));
    assert.equal(await page.getByRole("button", { name: label }).count(), 0);
    assert.deepEqual(await findViolations(page), []);
  });

  test(`${widget}: the iframe holds the chat`, async () => {
    const page = await visitor.open(product.paste(await product.snippet(widget, "iframe")));
    const frame = await chatkitFrame(page);
    await frame.getByText(greeting).waitFor();
    assert.deepEqual(await findViolations(page), []);
  });

  test(`${widget}: the link leads to the chat as a page of its own`, async () => {
    const page = await visitor.open(product.paste(await product.snippet(widget, "link")));
    await page.getByRole("link", { name: label }).click();
    await page.waitForURL(product.page(widget));
    const frame = await chatkitFrame(page);
    await frame.getByText(greeting).waitFor();
    assert.deepEqual(await findViolations(page), []);
  });

  test(`${widget}: ChatKit gets options of the right types`, async () => {
    const page = await visitor.open(product.page(widget));
    const [options] = await chatkitOptions(await chatkitFrame(page));
    assert.deepEqual(await checkOptions({ [widget]: options }), []);
  });
}

test("inline without JavaScript is a link to the page", async () => {
  const still = await browser.visitor({ javaScriptEnabled: false });
  const page = await still.open(product.paste(await product.snippet("support", "inline")));
  await page.getByRole("link", { name: "Chat with us" }).click();
  await page.getByRole("heading", { name: "The chat needs JavaScript" }).waitFor();
  await still.close();
});

test("intent alone prewarms the page, and costs no session", async () => {
  const before = minted();
  const page = await visitor.open(product.paste(await product.snippet("support", "bubble")));
  await page.getByRole("button", { name: "Chat with us" }).hover();
  await prewarmed(page, product.page("support"));
  assert.ok(fetched().includes(product.page("support")));
  assert.equal(minted(), before);
});

test("the message of a visitor comes through", async () => {
  const page = await visitor.open(product.paste(await product.snippet("support", "bubble")));
  await page.getByRole("button", { name: "Chat with us" }).click();
  const frame = await chatkitFrame(page);
  await frame.getByRole("textbox").fill("Where is my parcel?");
  await frame.getByRole("button", { name: "Send" }).click();
  await frame.getByText("You said: Where is my parcel?").waitFor();
});

test("two widgets and every kind of snippet live on one page, pasted twice", async () => {
  const kinds = ["bubble", "bubble", "inline", "iframe", "link"];
  const texts = await Promise.all(
    ["support", "docs"].flatMap((name) => kinds.map((kind) => product.snippet(name, kind))),
  );
  const page = await visitor.open(product.paste(texts.join("\n")));
  await page.getByRole("button", { name: "Ask the docs" }).waitFor();
  await page.getByRole("button", { name: "Chat with us" }).waitFor();
  assert.equal(await page.locator("chatkit-launcher").count(), 2);
  for (const name of ["support", "docs"]) {
    const inline = page.locator(`chatkit-widget[name=${name}]`);
    await inline.scrollIntoViewIfNeeded();
    await inline.locator("iframe").waitFor();
  }
});

test("by keyboard: Enter opens, Escape closes, the focus comes back", async () => {
  const page = await visitor.open(product.paste(await product.snippet("support", "bubble")));
  const launcher = page.getByRole("button", { name: "Chat with us" });
  await launcher.waitFor();
  await page.keyboard.press("Tab");
  assert.ok(await launcher.evaluate((button) => button.matches(":focus-visible")));
  await page.keyboard.press("Enter");
  const frame = await chatkitFrame(page);
  await frame.getByText("How can we help?").waitFor();
  await frame.locator("openai-chatkit").press("Escape");
  await page.getByRole("dialog").waitFor({ state: "hidden" });
  assert.ok(await launcher.evaluate((button) => button.matches(":focus")));
});

test("a strict policy of the host page needs one origin and nothing inline", async () => {
  const policy = `default-src 'none'; script-src ${product.site.url}; frame-src ${product.site.url}; require-trusted-types-for 'script'`;
  const page = await visitor.open(
    product.paste(await product.snippet("support", "bubble"), { "Content-Security-Policy": policy }),
  );
  await page.getByRole("button", { name: "Chat with us" }).click();
  const frame = await chatkitFrame(page);
  await frame.getByText("How can we help?").waitFor();
});

test("a host page that the site does not allow can not show the chat", async () => {
  const { serveHostPages } = await import("./harness/host-page.mjs");
  const html = `<!doctype html><title>Thief</title>${await product.snippet("support", "iframe")}`;
  const thief = await serveHostPages({ "/": html }, { hostname: "thief.localhost" });
  visitor.expectError(/frame-ancestors/);
  const page = await visitor.open(thief.url());
  await page.waitForLoadState("networkidle");
  assert.ok(
    page.frames().every((frame) => !frame.url().startsWith(product.site.url)),
    "the frame shows nothing of ours",
  );
  await thief.close();
});

test("of many widgets, a page finds one and shows the snippets that the command prints", async () => {
  const folder = await mkdtemp(join(tmpdir(), "many-"));
  try {
    const widgets = Array.from({ length: 60 }, (_, at) => `  shop-${at}: {page: {title: 'Tom & "Söhne" <${at}>'}}\n`);
    const start = "site: {url: 'https://chat.test'}\ndefaults: {backend: {type: hosted}}\nwidgets:\n";
    await writeFile(join(folder, "site.yaml"), `${start}${widgets.join("")}`);
    const chatkit = async (/** @type {string[]} */ ...args) => {
      const all = [
        "run",
        "--quiet",
        "--package",
        "chatkit-embed",
        "--",
        ...args,
        "--config",
        join(folder, "site.yaml"),
      ];
      return (await promisify(execFile)("cargo", all, { cwd: REPOSITORY })).stdout;
    };
    await chatkit("build");
    const page = await visitor.open(pathToFileURL(join(folder, "snippets/index.html")).href);
    await page.getByText("60 of 60 widgets, the first 50 are shown").waitFor();
    await page.getByRole("searchbox", { name: "Widget" }).fill("tom 42");
    await page.getByText("1 of 60 widgets").waitFor();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    const { snippets } = JSON.parse(await chatkit("snippet", "shop-42", "--json"));
    await page.getByRole("heading", { name: "shop-42" }).waitFor();
    const codes = (await page.locator("main code").allTextContents()).map((code) => code.trim());
    assert.deepEqual(codes, Object.values(snippets));
    assert.deepEqual(await findViolations(page), []);
    assert.ok((await readFile(join(folder, "snippets/index.html"))).length < 20_000);
  } finally {
    await rm(folder, { recursive: true });
  }
});
