/**
 * Host pages at random: mixes of what makes a page hard on a widget. Whatever they are, there is one launcher, in sight,
 * and a visitor who clicks can talk. HOST_PAGES asks for more of them, PROPERTY_SEED for others.
 */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

import fc from "fast-check";

import { CHATKIT_ORIGIN } from "./doubles/chatkit.mjs";
import { chatkitFrame } from "./harness/browser.mjs";
import { bundled } from "./harness/react-page.mjs";
import { until } from "./harness/until.mjs";
import { allowed, browser, dialog, launcher, product, snippets, useProduct } from "./suite.mjs";

/** @typedef {import("playwright-core").Page} Page */

useProduct({ answer: allowed }, async () => {
  const turbo = await readFile(
    new URL("node_modules/@hotwired/turbo/dist/turbo.es2017-umd.js", import.meta.url),
    "utf8",
  );
  product.host.pages["/turbo.js"] = { html: turbo, headers: { "Content-Type": "text/javascript" } };
});

const SEED = Number(process.env.PROPERTY_SEED ?? 20261127);
const CASES = Number(process.env.HOST_PAGES ?? 16);

/** What a page has before the loader runs, by kind. */
const HEADS = {
  "a class ChatWidget": "<script>window.ChatWidget = class {}</script>",
  "an element ChatWidget": '<div id="ChatWidget"></div>',
  "no storage":
    "<script>for (const area of ['localStorage', 'sessionStorage']) Object.defineProperty(window, area, { get() { throw new DOMException('refused', 'SecurityError') } })</script>",
  "a wrapped fetch":
    "<script>{ const plain = fetch; window.fetch = (input, init = {}) => { const headers = new Headers(init.headers ?? input.headers); headers.set('traceparent', '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'); return plain(input, { ...init, headers }) } }</script>",
  "a clock that is fast": "<script>{ const { now } = Date; Date.now = () => now() + 900_000 }</script>",
  "a clock that is slow": "<script>{ const { now } = Date; Date.now = () => now() - 900_000 }</script>",
  "a body that is transformed": "<style>body { transform: translateY(0) }</style>",
  "a body as high as the window": "<style>html, body { height: 100% } body { overflow-x: hidden }</style>",
  "a body that scrolls":
    "<style>html { height: 100%; overflow: hidden } body { height: 100%; margin: 0; overflow: auto }</style>",
  "styles for all":
    "<style>* { all: revert !important; position: static !important } iframe, button { display: none !important }</style>",
  Turbo: '<script src="/turbo.js"></script>',
};

/** What happens to a page that is there. */
const EVENTS = {
  "the launcher is removed": () => document.querySelector("chatkit-launcher")?.remove(),
  "the body is replaced": () => document.body.replaceWith(document.body.cloneNode(true)),
  "the body is emptied": () => document.body.replaceChildren(document.createElement("main")),
  "the address changes": () => history.pushState(null, "", "/elsewhere"),
  "the snippet is there again": () => {
    const tag = document.createElement("script");
    tag.src = /** @type {any} */ (window).loaderAddress;
    document.body.append(tag);
  },
};

/** What lies over a page when somebody asks for the chat from it. */
const LAYERS = {
  nothing: () => {},
  "a modal dialog": () => {
    document.body.insertAdjacentHTML(
      "beforeend",
      '<dialog id="layer"><button id="ask" data-chat-open="support">Ask</button></dialog>',
    );
    /** @type {HTMLDialogElement} */ (document.querySelector("#layer")).showModal();
  },
  "a popover": () => {
    document.body.insertAdjacentHTML(
      "beforeend",
      '<div id="layer" popover><button id="ask" data-chat-open="support">Ask</button></div>',
    );
    /** @type {HTMLElement} */ (document.querySelector("#layer")).showPopover();
  },
};

const page = fc.record({
  react: fc.constantFrom("none", "none", "before", "after"),
  kind: fc.constantFrom("bubble", "bubble", "direct"),
  heads: fc.uniqueArray(fc.constantFrom(.../** @type {(keyof typeof HEADS)[]} */ (Object.keys(HEADS))), {
    maxLength: 4,
  }),
  events: fc.array(fc.constantFrom(.../** @type {(keyof typeof EVENTS)[]} */ (Object.keys(EVENTS))), { maxLength: 3 }),
  layer: fc.constantFrom(.../** @type {(keyof typeof LAYERS)[]} */ (Object.keys(LAYERS))),
  isPhone: fc.boolean(),
  isPolicyStrict: fc.boolean(),
});

for (const [number, drawn] of fc.sample(page, { seed: SEED, numRuns: CASES }).entries()) {
  test(`host page ${number}: ${describe(drawn)}`, async () => {
    const visitor = await browser.visitor({
      viewport: drawn.isPhone ? { width: 390, height: 844 } : { width: 1280, height: 720 },
    });
    await talkOn(await visitor.open(), drawn);
    await visitor.close();
  });
}

/** @typedef {typeof page extends import("fast-check").Arbitrary<infer Drawn> ? Drawn : never} Drawn */

/** @param {Drawn} drawn */
function describe({ react, kind, heads, events, layer, isPhone }) {
  const parts = [
    kind,
    isPhone ? "phone" : "desktop",
    react !== "none" && `React ${react} the loader`,
    ...heads,
    ...events,
    layer !== "nothing" && `from ${layer}`,
  ];
  return parts.filter(Boolean).join(", ");
}

/** @param {Page} page @param {Drawn} drawn */
async function talkOn(page, { react, kind, heads, events, layer, isPolicyStrict }) {
  const site = product.site.url;
  const minted = product.openai.requests.length;
  const cdn = CHATKIT_ORIGIN;
  const policy = `default-src 'none'; script-src 'self' 'unsafe-inline' ${site} ${cdn}; frame-src ${site} ${cdn}; connect-src 'self' ${site} ${cdn}; style-src 'unsafe-inline'`;
  const isReact = react !== "none";
  const html = isReact
    ? await reactPage(react)
    : `<!doctype html><html lang="en"><head><title>Notes</title></head><body><main><h1>Notes</h1></main>${snippets[kind]}<p style="height: 3000px">Long</p></body></html>`;
  // React knows every element of its page. What styles and scripts can do is done before it is there.
  const head = isReact ? heads.filter((name) => !/element|Turbo/.test(name)) : heads;
  await page.addInitScript(
    ([address, texts]) => {
      /** @type {any} */ (window).loaderAddress = address;
      for (const text of texts) {
        (0, eval)(text);
      }
    },
    /** @type {const} */ ([
      `${site}/w/support.js`,
      isReact ? head.map((name) => /<script>(.*)<\/script>/.exec(HEADS[name])?.[1] ?? "") : [],
    ]),
  );
  const markup = isReact ? "" : head.map((name) => HEADS[name]).join("");
  product.host.pages["/"] = {
    html: html.replace("<body>", `<body>${markup}`),
    headers: isPolicyStrict ? { "Content-Security-Policy": policy } : {},
  };
  await page.goto(product.host.url());
  if (isReact) {
    await page.getByText("Hydrated").waitFor();
  }
  await launcher(page).waitFor();

  for (const event of events) {
    // React's own elements are React's.
    if (isReact && /body/.test(event)) {
      continue;
    }
    await page.evaluate(EVENTS[event]);
  }
  // A copy of a body has a copy of the element, with nothing in it.
  await until(async () => (await launcher(page).count()) === 1, "there is one launcher");
  const size = page.viewportSize();
  await until(async () => {
    const box = await launcher(page).boundingBox();
    return (
      box && size && box.x >= 0 && box.y >= 0 && box.x + box.width <= size.width && box.y + box.height <= size.height
    );
  }, "the launcher is in sight");
  if (isReact) {
    assert.deepEqual(await page.evaluate(() => /** @type {any} */ (window).errors), []);
  }

  const asks = layer !== "nothing" && !heads.includes("styles for all");
  if (asks) {
    await page.evaluate(LAYERS[layer]);
    await page.locator("#ask").click();
  } else {
    await launcher(page).click();
  }
  const frame = await chatkitFrame(page);
  await frame.getByText("How can we help?").waitFor();
  await frame.getByRole("textbox").fill("Hello");
  await frame.getByRole("button", { name: "Send" }).click();
  await frame.getByText("You said: Hello").waitFor();
  assert.equal(product.openai.requests.length, minted + 1, "one session is enough");
  const close = await dialog(page).getByRole("button", { name: "Close" }).boundingBox();
  assert.ok(close);
  await page.mouse.click(close.x + close.width / 2, close.y + close.height / 2);
  await dialog(page).waitFor({ state: "hidden" });
}

/** @type {Map<string, string>} */
const pages = new Map();

/** @param {string} when */
async function reactPage(when) {
  if (!pages.has(when)) {
    const { html, script } = await bundled(product.site.url, when);
    product.host.pages[`/app-${when}.js`] = { html: script, headers: { "Content-Type": "text/javascript" } };
    pages.set(when, html.replace("/app.js", `/app-${when}.js`));
  }
  return /** @type {string} */ (pages.get(when));
}
