/**
 * Why there is no chat: the owner of the page reads the true cause in the console, the visitor kind words in the page.
 */

import assert from "node:assert/strict";
import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, beforeEach, test } from "node:test";

import { CHATKIT_ORIGIN, FRAME_URL } from "./doubles/chatkit.mjs";
import { chatkitFrame } from "./harness/browser.mjs";
import { serveHostPages } from "./harness/host-page.mjs";
import { startInternet } from "./harness/internet.mjs";
import { until } from "./harness/until.mjs";
import { allowed, browser, greeted, launcher, product, snippets, useProduct, useVisitor, visitor } from "./suite.mjs";

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {import("playwright-core").Frame} Frame */

/** A site that nobody allowed. @type {Awaited<ReturnType<typeof serveHostPages>>} */
let stranger;

useProduct({ answer: allowed }, async () => {
  stranger = await serveHostPages({}, { hostname: "stranger.localhost" });
});
after(() => stranger?.close());
useVisitor();
beforeEach(() => {
  stranger.pages["/"] = `<!doctype html><title>Stranger</title>${snippets.bubble}`;
  stranger.pages["/direct"] = `<!doctype html><title>Stranger</title>${snippets.direct}`;
});

/** Clicks the launcher, and waits until the visitor reads that there is no chat, and a way round that.
 * @param {Page | Frame} place */
async function fails(place) {
  await place.getByRole("button", { name: "Chat with us" }).click();
  const alert = place.getByRole("alert");
  await alert.getByText("The chat could not start").waitFor();
  await alert.getByRole("button", { name: "Try again" }).waitFor();
  await alert.getByRole("link", { name: "Write us an email" }).waitFor();
}

/** Waits until the owner reads something in the console, which is then no error of the test. @param {RegExp} cause */
async function told(cause, { expectError, errors } = visitor) {
  expectError(cause);
  await until(() => errors.some((text) => cause.test(text)), `the console says ${cause}`);
}

test("a website that is not allowed is named, with what to do", async () => {
  visitor.expectError(/frame-ancestors/);
  await fails(await visitor.open(stranger.url()));
  await told(new RegExp(`does not answer: add ${stranger.origin} to allowed_origins and deploy again`));
});

test("a page that is allowed, inside of one that is not: the outer one is named", async () => {
  product.paste(snippets.bubble);
  stranger.pages["/"] =
    `<!doctype html><title>Stranger</title><iframe width="600" height="600" src="${product.host.url()}"></iframe>`;
  visitor.expectError(/frame-ancestors/);
  const page = await visitor.open(stranger.url());
  await fails(page.frames()[1]);
  await told(new RegExp(`does not answer: add ${stranger.origin}, which this page is framed by, to allowed_origins`));
});

test("a page that is allowed is never told to allow itself", async () => {
  const file = join(product.dist, "_headers");
  const headers = await readFile(file, "utf8");
  await writeFile(file, headers.replaceAll(/^ {2}Content-Security-Policy: .*/gm, "  X-Frame-Options: DENY"));
  try {
    visitor.expectError(/X-Frame-Options/);
    await fails(await visitor.open(product.paste(snippets.bubble)));
    await told(
      /does not answer: its server answers and allows this page.*\n- an ad blocker.*\n.*other headers than those of dist\/_headers, such as X-Frame-Options/,
    );
    assert.ok(!visitor.errors.some((text) => /allowed_origins/.test(text)), visitor.errors.join("\n"));
  } finally {
    await writeFile(file, headers);
  }
});

for (const [where, wrap] of /** @type {const} */ ([
  [
    "the page itself",
    (/** @type {string} */ url) => `<iframe width="600" height="600" sandbox="allow-scripts" src="${url}"></iframe>`,
  ],
  ["the page by its policy", null],
])) {
  test(`a sandbox, of ${where}, is said`, async () => {
    visitor.expectError(/frame-ancestors/);
    const policy = wrap ? {} : { "Content-Security-Policy": "sandbox allow-scripts" };
    const url = product.paste(snippets.bubble, /** @type {Record<string, string>} */ (policy));
    if (wrap) {
      product.paste(wrap(url), {}, "/outer");
    }
    const page = await visitor.open(wrap ? product.host.url("/outer") : url);
    await fails(wrap ? page.frames()[1] : page);
    await told(
      /does not answer: this page is in a sandbox, so it has no origin that could be allowed\. Add allow-same-origin/,
    );
  });
}

test("a hosted page in a sandbox says so itself", async () => {
  visitor.expectError(/CORS|ERR_FAILED|sandbox/);
  const sandboxed = snippets.iframe.replace("<iframe", '<iframe sandbox="allow-scripts"');
  const page = await visitor.open(product.paste(sandboxed));
  await page
    .frameLocator("iframe")
    .getByRole("alert")
    .getByText("The chat is not set up for this website yet.")
    .waitFor();
  await told(/no session: this page is in a sandbox, so it has no origin\. Add allow-same-origin/);
});

test("a policy of the host page that lets no frame in is named", async () => {
  const policy = `script-src ${product.site.url}; frame-src 'none'`;
  visitor.expectError(/frame-src/);
  await fails(await visitor.open(product.paste(snippets.bubble, { "Content-Security-Policy": policy })));
  await told(
    /does not answer: this page keeps http:\/\/127\.0\.0\.1:\d+ out by frame-src of its Content-Security-Policy/,
  );
});

test("a widget that was not deployed is said to be missing", async () => {
  const folder = join(product.dist, "w/support");
  const page = await visitor.open(product.paste(snippets.bubble));
  // The panel is there; without its settings, the launcher says that there is none.
  await page.evaluate(() => window.ChatWidget.close());
  await rename(folder, `${folder}-gone`);
  try {
    visitor.expectError(/404/);
    await fails(page);
    await told(
      /does not answer: .*\/w\/support\/settings\.js is out of reach as well\. Was this widget deployed there\?/,
    );
  } finally {
    await rename(`${folder}-gone`, folder);
  }
});

test("a server that nothing comes from any more is said to be out of reach", async () => {
  const page = await visitor.open(product.paste(snippets.bubble));
  await page.evaluate(() => window.ChatWidget.close());
  await visitor.context.route(/\/w\/support\/|\/assets\/cause/, (route) => route.abort());
  visitor.expectError(/ERR_FAILED/);
  await fails(page);
  await told(
    /does not answer: nothing of http:\/\/127\.0\.0\.1:\d+ can be reached: is it up, and does an ad blocker know it\?/,
  );
});

test("settings that cannot be fetched are named, and a retry fetches them", async () => {
  let isBlocked = true;
  await visitor.context.route("**/w/support/settings.js?*", (route) => (isBlocked ? route.abort() : route.fallback()));
  visitor.expectError(/ERR_FAILED/);
  const page = await visitor.open(product.paste(snippets.bubble));
  await launcher(page).click();
  const words = page.getByRole("link", { name: "The chat could not start → Open the chat as a page" });
  await words.waitFor();
  await told(/does not load: .*\/w\/support\/settings\.js is out of reach as well\. Was this widget deployed there\?/);
  isBlocked = false;
  await launcher(page).click();
  await words.waitFor({ state: "detached" });
  await launcher(page).click();
  await greeted(page);
});

test("without a network the owner reads just that", async () => {
  const page = await visitor.open(product.paste(snippets.bubble.replace("<script", '<script data-load="idle"')));
  await page.frameLocator("iframe").locator("main").waitFor({ state: "attached" });
  await visitor.context.setOffline(true);
  visitor.expectError(/ERR_INTERNET_DISCONNECTED/);
  await page
    .locator("chatkit-launcher iframe")
    .evaluate((/** @type {HTMLIFrameElement} */ frame) => void (frame.src += "?"));
  await told(/does not answer: the browser is offline/);
});

test("the page hears of a chat that did not start", async () => {
  visitor.expectError(/frame-ancestors|allowed_origins/);
  const page = await visitor.open(stranger.url());
  await page.evaluate(() => addEventListener("chat:error", (event) => (document.title = event.detail.code)));
  await fails(page);
  assert.equal(await page.title(), "not_loaded");
  await told(/allowed_origins/);
});

test("direct: a website that is not allowed is named, and the visitor reads that the chat is not set up for it", async () => {
  visitor.expectError(/CORS|ERR_FAILED/);
  const page = await visitor.open(stranger.url("/direct"));
  await fails(page);
  await page.getByText("The chat is not set up for this website yet.").waitFor();
  await told(new RegExp(`no session: add ${stranger.origin} to allowed_origins`));
});

for (const [what, left, cause] of /** @type {const} */ ([
  [
    "ChatKit's script",
    "script-src",
    /failed to load https:\/\/cdn\.platform\.openai\.com\/.*: this page keeps it out by script-src of its Content-Security-Policy/,
  ],
  [
    "the function",
    "connect-src",
    /no session: .*\/api\/chatkit\/session is out of reach: this page keeps it out by connect-src of its/,
  ],
])) {
  test(`direct: a policy of the host page that keeps ${what} out is named`, async () => {
    const { url } = product.site;
    const chatkit = CHATKIT_ORIGIN;
    const sources = {
      "script-src": `${url} ${chatkit}`,
      "connect-src": `${url} ${chatkit}`,
      "frame-src": chatkit,
      [left]: left === "script-src" ? url : "'none'",
    };
    const policy = Object.entries(sources)
      .map(([directive, source]) => `${directive} ${source}`)
      .join("; ");
    visitor.expectError(new RegExp(`${left}|Content Security Policy`));
    await fails(await visitor.open(product.paste(snippets.direct, { "Content-Security-Policy": policy })));
    await told(cause);
  });
}

test("direct: a policy of the host page that keeps ChatKit's frame out is named, and not OpenAI's list of domains", async () => {
  const { url } = product.site;
  const chatkit = CHATKIT_ORIGIN;
  const policy = `script-src ${url} ${chatkit}; connect-src ${url}; frame-src 'none'`;
  visitor.expectError(/frame-src/);
  const page = await visitor.open();
  // ChatKit's script is there, puts a frame into the page, and never gets ready.
  await page.addInitScript((src) => {
    customElements.define(
      "openai-chatkit",
      class extends HTMLElement {
        setOptions() {
          this.append(Object.assign(document.createElement("iframe"), { src }));
        }
      },
    );
  }, FRAME_URL);
  await page.clock.install();
  await page.goto(product.paste(snippets.direct, { "Content-Security-Policy": policy }));
  await launcher(page).click();
  await page.locator("openai-chatkit iframe").waitFor({ state: "attached" });
  await page.clock.fastForward(10_500);
  await page.getByRole("alert").getByText("The chat could not start").waitFor();
  await told(/did not get ready in 10 s\. This page keeps its frame out by frame-src of its Content-Security-Policy/);
});

test("ChatKit that an ad blocker keeps out is said so", async () => {
  visitor.setChatKit("blocked");
  visitor.expectError(/ERR_BLOCKED_BY_CLIENT/);
  const page = await visitor.open(product.page("support"));
  await page.getByText("A part of the chat could not be fetched.").waitFor();
  await told(
    /failed to load https:\/\/cdn\.platform\.openai\.com\/.*: the network, or an ad blocker or another extension, keeps it out/,
  );
});

/** What a page that wants to be isolated sends. */
const EMBEDDER = { "Cross-Origin-Embedder-Policy": "require-corp" };

/** For pages of which Chromium checks what comes from the network: it does not check what was intercepted. @type {import("./harness/internet.mjs").Internet} */
let internet;
before(async () => {
  internet = await startInternet();
});
after(() => internet?.close());

test("a host page that sends Cross-Origin-Embedder-Policy reads that it is this which keeps the chat out", async () => {
  const guest = await browser.visitor({ internet });
  await fails(await guest.open(product.paste(snippets.bubble, EMBEDDER)));
  await told(
    /does not answer: this page keeps http:\/\/127\.0\.0\.1:\d+ out by its Cross-Origin-Embedder-Policy/,
    guest,
  );
  await guest.close();
});

for (const kind of ["bubble", "iframe"]) {
  test(`${kind}: Chromium shows the chat in a page that is isolated from other origins`, async () => {
    const guest = await browser.visitor({ internet });
    const snippet = snippets[kind].replace("<iframe", "<iframe credentialless");
    const page = await guest.open(product.paste(snippet, { ...EMBEDDER, "Cross-Origin-Opener-Policy": "same-origin" }));
    assert.ok(await page.evaluate(() => crossOriginIsolated));
    if (kind === "bubble") {
      await launcher(page).click();
    }
    const frame = await greeted(page);
    await frame.getByRole("textbox").fill("Hello");
    await frame.getByRole("button", { name: "Send" }).click();
    await frame.getByText("You said: Hello").waitFor();
    if (kind === "bubble") {
      await page.reload();
      await (await chatkitFrame(page)).getByText("Messages of cthr_").waitFor();
    }
    await guest.close();
  });
}
