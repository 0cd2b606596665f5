/** The hosted page when something is wrong, and what it looks like. */

import assert from "node:assert/strict";
import { copyFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { before, test } from "node:test";
import { fileURLToPath } from "node:url";

import { findViolations } from "./harness/axe.mjs";
import { chatkitFrame, chatkitOptions } from "./harness/browser.mjs";
import { browser, product, useProduct, useVisitor, visitor } from "./suite.mjs";

/** Pictures of the run, to look at. */
const PICTURES = fileURLToPath(new URL(".tmp/screenshots/", import.meta.url));

/** Those that the README shows. `npm run pictures` takes them again. */
const SHOWN = fileURLToPath(new URL("screenshots/", import.meta.url));

useProduct();
before(() => mkdir(PICTURES, { recursive: true }));
useVisitor();

/** @param {import("playwright-core").Page} page */
const failure = (page) => page.getByRole("alert");

test("a blocked ChatKit is said in words, with a button that works and another way to get in touch", async () => {
  visitor.setChatKit("blocked");
  visitor.expectError(/ERR_BLOCKED_BY_CLIENT/);
  visitor.expectError(/failed to load https:\/\/cdn\.platform\.openai\.com/);
  const page = await visitor.open(product.page("support"));
  await failure(page).getByText("The chat could not start").waitFor();
  const link = failure(page).getByRole("link", { name: "Write us an email" });
  assert.equal(await link.getAttribute("href"), "mailto:help@example.com");
  assert.deepEqual(await findViolations(page), []);

  visitor.setChatKit("double");
  await failure(page).getByRole("button", { name: "Try again" }).click();
  const frame = await chatkitFrame(page);
  await frame.getByText("How can we help?").waitFor();
  await failure(page).waitFor({ state: "hidden" });
});

// The function asks OpenAI once more where that may help.
for (const { status, answers, words } of [
  { status: 401, answers: 1, words: "Something is wrong on our side" },
  { status: 429, answers: 2, words: "Too many people are asking right now" },
  { status: 500, answers: 2, words: "Something is wrong on our side" },
]) {
  test(`an upstream that answers ${status} is said in words, and a retry mints anew`, async () => {
    for (let answer = 0; answer < answers; answer += 1) {
      product.openai.next({ status });
    }
    visitor.expectError(/the server responded with a status of/);
    visitor.expectError(/no session/);
    const page = await visitor.open(product.page("support"));
    await failure(page).getByText(words).waitFor();
    await failure(page).getByRole("button", { name: "Try again" }).click();
    const frame = await chatkitFrame(page);
    await frame.getByText("How can we help?").waitFor();
    await failure(page).waitFor({ state: "hidden" });
  });
}

test("while ChatKit loads there is an outline, and it is announced", async () => {
  visitor.setChatKit("held");
  const page = await visitor.open();
  await page.goto(product.page("support"), { waitUntil: "commit" });
  await page.getByRole("status").getByText("The chat is loading").waitFor({ state: "attached" });
  assert.deepEqual(await findViolations(page), []);
  visitor.setChatKit("double");
  await page.getByText("How can we help?").waitFor();
  await page.getByRole("status").waitFor({ state: "hidden" });
});

test("the chat follows the visitor from light to dark", async () => {
  const page = await visitor.open(product.page("support"));
  const frame = await chatkitFrame(page);
  const scheme = async () => (await chatkitOptions(frame))[0].theme.colorScheme;
  assert.equal(await scheme(), "light");
  await page.emulateMedia({ colorScheme: "dark" });
  await page.waitForFunction(() => {
    const theme = window.__chatkit.instances[0].options.theme;
    return typeof theme === "object" && theme.colorScheme === "dark";
  });
  assert.equal(product.openai.requests.at(-1)?.mistake, null);
});

test("a page that does not exist says so", async () => {
  visitor.expectError(/404/);
  const page = await visitor.open(`${product.site.url}/w/nobody/`);
  await page.getByRole("heading", { name: "Nothing here" }).waitFor();
  assert.deepEqual(await findViolations(page), []);
});

test("files are sent with the headers that keep them safe and fresh", async () => {
  const page = await (await fetch(product.page("support"))).text();
  for (const [path, name, value] of [
    [
      "/w/support/",
      "content-security-policy",
      /frame-ancestors 'self' http:\/\/www\.localhost:\d+ https:\/\/\*\.example\.com/,
    ],
    ["/w/support", "content-security-policy", /frame-ancestors/],
    ["/w/support/index.html", "content-security-policy", /frame-ancestors/],
    ["/w/support.js", "content-security-policy", /^frame-ancestors [^;]*$/],
    ["/w/support/", "x-content-type-options", /^nosniff$/],
    ["/w/support.js", "access-control-allow-origin", /^\*$/],
    ["/w/support.js", "cache-control", /max-age=300/],
    [/href="(\/assets\/[^"]+)"/.exec(page)?.[1], "cache-control", /immutable/],
    [/src="(\/assets\/[^"]+)"/.exec(page)?.[1], "content-type", /javascript/],
  ]) {
    const reply = await fetch(`${product.site.url}${path}`);
    assert.equal(reply.status, 200, String(path));
    assert.match(
      reply.headers.get(/** @type {string} */ (name)) ?? "",
      /** @type {RegExp} */ (value),
      `${name} of ${path}`,
    );
  }
});

test("how it looks, in light and dark, on a desk and on a phone", async () => {
  const snippet = await product.snippet("support", "bubble");
  for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
    for (const [device, viewport] of Object.entries({
      desk: { width: 1180, height: 760 },
      phone: { width: 390, height: 780 },
    })) {
      const guest = await browser.visitor({ colorScheme, viewport });
      const page = await guest.open(product.paste(snippet));
      await page.addStyleTag({ content: HOST_STYLE });
      const launcher = page.getByRole("button", { name: "Chat with us" });
      await launcher.waitFor();
      await page.screenshot({ path: `${PICTURES}closed-${device}-${colorScheme}.png` });
      await launcher.click();
      await (await chatkitFrame(page)).getByText("How can we help?").waitFor();
      await page.getByRole("dialog").evaluate(async (panel) => {
        await Promise.allSettled(panel.getAnimations({ subtree: true }).map((animation) => animation.finished));
      });
      await page.screenshot({ path: `${PICTURES}open-${device}-${colorScheme}.png` });
      await page.goto(product.page("support"));
      await page.getByText("How can we help?").waitFor();
      await page.screenshot({ path: `${PICTURES}page-${device}-${colorScheme}.png` });
      await guest.close();
    }
  }
  if (process.env.SCREENSHOTS === "keep") {
    for (const name of ["open-desk-light.png", "open-desk-dark.png"]) {
      await copyFile(join(PICTURES, name), join(SHOWN, name));
    }
  }
});

/** The host page's own looks, so that the picture shows a widget on somebody's site. */
const HOST_STYLE = `
  :root { color-scheme: light dark; background: light-dark(#fbf8f2, #16140f); color: light-dark(#2b2620, #eee7da) }
  body { margin: 0; padding: 12vh 8vw; font: 20px/1.6 Georgia, serif }
  h1 { font-size: clamp(40px, 7vw, 84px); line-height: 1; margin: 0 0 24px }
  p { max-width: 30ch; margin: 0 }
`;
