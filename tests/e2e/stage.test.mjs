/**
 * What is looked at in the preview: the chat that stands in for ChatKit, pages that change while they are open, and the
 * host page that a widget is tried on.
 */

import assert from "node:assert/strict";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { fileURLToPath } from "node:url";

import { maximalCustom, maximalHosted } from "./doubles/maximal-options.mjs";
import { findViolations } from "./harness/axe.mjs";
import { openBrowser } from "./harness/browser.mjs";
import { send } from "./harness/demo.mjs";
import { serveHostPages } from "./harness/host-page.mjs";
import { startPreview } from "./harness/stage-preview.mjs";
import { until } from "./harness/until.mjs";

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {import("playwright-core").Frame} Frame */

const PICTURES = fileURLToPath(new URL(".tmp/screenshots/", import.meta.url));
const DRAFT = "abcd1234";

/** @type {import("./harness/stage-preview.mjs").Preview} */
let preview;
/** @type {Awaited<ReturnType<typeof openBrowser>>} */
let browser;
/** @type {import("./harness/browser.mjs").Visitor} */
let visitor;

before(
  async () => {
    preview = await startPreview();
    browser = await openBrowser();
    await mkdir(PICTURES, { recursive: true });
  },
  { timeout: 1_200_000 },
);
after(async () => {
  await browser?.close();
  await preview?.close();
});
beforeEach(async () => {
  await preview.render((site) => site);
  preview.sessions.length = 0;
  visitor = await browser.visitor({ viewport: { width: 1200, height: 800 } });
});
afterEach(async () => {
  preview.setDown(false);
  await visitor.close();
});

const hosted = (widget = "support", prefix = "") => `${preview.main.url}${prefix}/w/${widget}/`;

/** @param {Page} page */
const launcher = (page) => page.getByRole("button", { name: "Chat with us" });

/** The frame of the hosted page. @param {Page} page @param {RegExp} [address] @returns {Promise<Frame>} */
async function chatOf(page, address = /\/w\/support\/$/) {
  await page.frameLocator("iframe").getByRole("textbox").waitFor();
  const frame = page.frames().find((each) => address.test(each.url()));
  assert.ok(frame);
  return frame;
}

/** @param {Page | Frame | import("playwright-core").FrameLocator} chat @param {string} text */
async function ask(chat, text) {
  await send(chat, text);
  await chat.getByText(`You wrote: “${text}”`).waitFor();
  await chat.getByRole("button", { name: "Send" }).waitFor();
  await chat.getByRole("button", { name: "Copy" }).last().waitFor();
}

/** Changes that were painted, in milliseconds from the event. @param {Page | Frame} where @returns {Promise<number[]>} */
const measured = (where) =>
  where.evaluate(() => performance.getEntriesByName("preview: change painted").map(({ duration }) => duration));

/** @param {Page | Frame} where @param {number} count */
async function painted(where, count) {
  await until(async () => (await measured(where)).length >= count, `${count} changes were painted`);
}

/** Says how long changes took. The fastest is what the page needs; the others are what else the machine has to do.
 * @param {string} what @param {number[]} values */
function report(what, values) {
  const sorted = [...values].sort((one, other) => one - other);
  const at = (/** @type {number} */ share) =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))].toFixed(0);
  console.log(`# ${what}, from the event to the picture: at best ${at(0)} ms, p50 ${at(0.5)} ms, p95 ${at(0.95)} ms`);
}

test("the demo greets, says that it is one, answers word by word, and remembers", async () => {
  const page = await visitor.open(hosted());
  await page.getByText("How can we help?").waitFor();
  await page.getByText("Demo — Nobody answers here").waitFor();
  await page.locator("#skeleton").waitFor({ state: "hidden" });
  assert.deepEqual(preview.sessions, [{ widget: "support", visitor: null }]);
  await page.getByRole("button", { name: "Where is my order?" }).click();
  // The thread has its title from it, in ChatKit's header.
  await page.getByRole("heading", { name: "I would like to know where my order is." }).waitFor();
  await page
    .getByRole("group", { name: "Chat" })
    .getByText("I would like to know where my order is.")
    .first()
    .waitFor();
  assert.ok(await page.getByRole("button", { name: "Stop" }).isVisible());
  await page.getByText("You wrote: “I would like to know where my order is.”").waitFor();
  await page.getByRole("button", { name: "Copy" }).waitFor();

  await page.getByRole("textbox").fill("half a thou");
  await page.reload();
  await page.getByText("You wrote: “I would like to know where my order is.”").waitFor();
  assert.equal(await page.getByRole("textbox").inputValue(), "half a thou");
  await page.getByRole("button", { name: "New chat" }).click();
  await page.getByText("How can we help?").waitFor();
  assert.equal(preview.sessions.length, 1, "a reload keeps the session");
});

test("earlier threads are listed, opened, renamed and deleted with the keyboard", async () => {
  const page = await visitor.open(hosted());
  await ask(page, "The first");
  await page.getByRole("button", { name: "New chat" }).click();
  await ask(page, "The second");
  const history = page.getByRole("button", { name: "Chat history" });
  await history.focus();
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "The second", exact: true }).and(page.locator(":focus")).waitFor();
  await page.getByRole("button", { name: "Rename: The first" }).press("Enter");
  await page.getByRole("textbox", { name: "Rename" }).and(page.locator(":focus")).waitFor();
  await page.keyboard.type("Renamed");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Renamed", exact: true }).waitFor();
  await page.getByRole("button", { name: "Delete: The second" }).press("Enter");
  await page.getByRole("listitem").filter({ hasText: "The second" }).waitFor({ state: "detached" });
  assert.deepEqual(await findViolations(page), []);
  await page.getByRole("button", { name: "Renamed", exact: true }).press("Enter");
  await page.getByText("You wrote: “The first”").waitFor();
  await page.getByRole("button", { name: "Chat history" }).and(page.locator(":focus")).waitFor();
});

test("an answer can be stopped, and for visitors who want no motion it is there at once", async () => {
  const page = await visitor.open(hosted());
  await send(page, "One two three ".repeat(60));
  await page.getByText("You wrote: “One").waitFor();
  await page.getByRole("button", { name: "Stop" }).click();
  await page.getByRole("button", { name: "Send" }).waitFor();
  assert.equal(await page.getByText("This is a demo.").count(), 0);
  await page.emulateMedia({ reducedMotion: "reduce" });
  await page.evaluate(() => {
    const log = document.querySelector("openai-chatkit")?.shadowRoot?.querySelector(".log");
    const lengths = new Set();
    Object.assign(window, { lengths });
    new MutationObserver(() => lengths.add(log?.lastElementChild?.querySelector(".text")?.textContent?.length)).observe(
      /** @type {Node} */ (log),
      { subtree: true, childList: true },
    );
  });
  await ask(page, "At once");
  const lengths = await page.evaluate(() => [.../** @type {any} */ (window).lengths]);
  assert.ok(lengths.length <= 3, `${lengths}`);
});

test("a session that has ended is followed by another with the next message", async () => {
  const page = await visitor.open(hosted());
  await ask(page, "Hello");
  assert.equal(preview.sessions.length, 1);
  await page.evaluate(() => /** @type {any} */ (document.querySelector("openai-chatkit")).expire());
  await ask(page, "Still here?");
  assert.deepEqual(preview.sessions, [
    { widget: "support", visitor: null },
    { widget: "support", visitor: "v1.1" },
  ]);
});

test("without a connection the chat says so, and the next try answers", async () => {
  const page = await visitor.open(hosted());
  await page.getByText("How can we help?").waitFor();
  preview.tell("mode", { demo: true, down: true });
  await page.waitForFunction(() => !navigator.onLine);
  await send(page, "Hello");
  await page.getByText("There is no connection").waitFor();
  preview.tell("mode", { demo: true, down: false });
  await page.waitForFunction(() => navigator.onLine);
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByText("You wrote: “Hello”").waitFor();
});

for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
  test(`all that the chat can show is accessible, ${colorScheme}`, async () => {
    const options = { ...maximalHosted, api: undefined, initialThread: undefined };
    const guest = await browser.visitor({ colorScheme, viewport: { width: 420, height: 760 }, deviceScaleFactor: 2 });
    guest.expectError(/font|fonts\.example/i);
    try {
      const page = await guest.open(hosted());
      await page.getByText("How can we help?").waitFor();
      await page.screenshot({ path: `${PICTURES}demo-start-${colorScheme}.png` });
      assert.deepEqual(await findViolations(page), []);
      await page.evaluate(
        ({ given, scheme }) => {
          /** @type {any} */
          const chat = document.querySelector("openai-chatkit");
          const noop = () => {};
          const header = {
            ...given.header,
            leftAction: { icon: "menu", onClick: () => (document.title = "left") },
            rightAction: { icon: "close", onClick: noop },
          };
          chat.setOptions({
            ...given,
            locale: "en",
            header,
            theme: { ...given.theme, colorScheme: scheme, color: { accent: { primary: "#2457e6", level: 3 } } },
            api: { getClientSecret: async () => "ek" },
          });
        },
        { given: JSON.parse(JSON.stringify(options)), scheme: colorScheme },
      );
      await page.getByRole("button", { name: "menu", exact: true }).click();
      assert.equal(await page.title(), "left");
      await ask(page, "What does it cost?");
      await page.getByRole("button", { name: "Good answer" }).click();
      await page.getByRole("button", { name: "Good answer", pressed: true }).waitFor();
      assert.deepEqual(await findViolations(page), []);
      await page.getByRole("button", { name: "Fast" }).click();
      await page.getByRole("menuitemradio", { name: "Fast" }).waitFor();
      assert.deepEqual(await findViolations(page), []);
      await page.keyboard.press("Escape");
      await page.getByRole("button", { name: "Fast" }).and(page.locator(":focus")).waitFor();
      await page.getByRole("button", { name: "Find" }).click();
      await page.getByPlaceholder("Find…").waitFor();
      await page.screenshot({ path: `${PICTURES}demo-full-${colorScheme}.png` });
      await page.getByRole("button", { name: "Chat history" }).click();
      assert.deepEqual(await findViolations(page), []);
    } finally {
      await guest.close();
    }
  });
}

test("the chat speaks the language that it is told, and in the direction of that", async () => {
  await preview.render((site) =>
    site
      .replace("tone: auto", "tone: light")
      .replace("    disclaimer:", "    theme: { radius: pill }\n    disclaimer:")
      .replace("    chatkit:\n", "    chatkit:\n      locale: ar\n"),
  );
  const page = await visitor.open(hosted());
  await page.getByRole("button", { name: "إرسال" }).waitFor();
  const chat = page.locator("openai-chatkit section.chat");
  assert.equal(await chat.getAttribute("dir"), "rtl");
  assert.equal(await chat.getAttribute("lang"), "ar");
  await page.screenshot({ path: `${PICTURES}demo-rtl.png` });
});

test("a widget with a server of its own asks for no session until that server is asked", async () => {
  const page = await visitor.open(hosted("docs"));
  await page.getByText("What are you looking for in the docs?").waitFor();
  await ask(page, "How?");
  assert.deepEqual(preview.sessions, []);
  assert.ok("url" in maximalCustom.api);
});

test("the bar of the panel has the buttons of ChatKit's header, which is not there", async () => {
  const page = await visitor.open(preview.page({ widget: "support" }));
  await launcher(page).click();
  const chat = await chatOf(page);
  await ask(chat, "Hello");
  assert.equal(await chat.getByRole("button", { name: "Chat history" }).count(), 0);
  const bar = page.getByRole("dialog");
  const history = bar.getByRole("button", { name: "Earlier conversations" });
  await history.click();
  await chat.getByRole("heading", { name: "Chat history" }).waitFor();
  await history.click();
  await chat.getByRole("heading", { name: "Chat history" }).waitFor({ state: "hidden" });
  await bar.getByRole("button", { name: "New conversation" }).click();
  await chat.getByText("How can we help?").waitFor();

  await preview.render((site) =>
    site.replace("      startScreen:\n", "      header: { title: { text: Ours } }\n      startScreen:\n"),
  );
  await chat.getByRole("heading", { name: "Ours" }).waitFor();
  await bar.getByRole("button", { name: "Earlier conversations" }).waitFor({ state: "hidden" });
});

test("new options reach a page that is open, in its panel as well, and the conversation goes on", async () => {
  const page = await visitor.open(preview.page({ widget: "support" }));
  await launcher(page).click();
  const chat = await chatOf(page);
  await ask(chat, "Hello");
  await chat.evaluate(() => void Object.assign(window, { isTheSame: true }));
  for (let round = 1; round <= 20; round += 1) {
    await preview.render((site) =>
      site
        .replace("placeholder: Ask us anything", `placeholder: Ask ${round}`)
        .replace("    disclaimer:", `    theme: { radius: ${round % 2 ? "sharp" : "pill"} }\n    disclaimer:`),
    );
    await chat.getByPlaceholder(`Ask ${round}`).waitFor();
    await painted(chat, round);
  }
  assert.ok(await chat.getByText("You wrote: “Hello”").isVisible());
  assert.equal(await chat.evaluate(() => /** @type {any} */ (window).isTheSame), true);
  assert.equal(preview.sessions.length, 1);
  report("options", await measured(chat));
});

test("title and scheme change in place; what the page is made of, such as its language, loads it again", async () => {
  const page = await visitor.open(hosted());
  await page.getByText("How can we help?").waitFor();
  await page.evaluate(() => void Object.assign(window, { isTheSame: true }));
  const icon = () => page.locator('link[rel="icon"]').getAttribute("href");
  const before = await icon();
  await preview.render((site) =>
    site
      .replace("title: Support", "title: Help desk")
      .replace("tone: auto", "tone: dark")
      .replace("lucide:message-circle", "emoji:👋"),
  );
  await page.getByRole("heading", { name: "Help desk" }).waitFor();
  assert.equal(await page.title(), "Help desk");
  assert.notEqual(await icon(), before);
  assert.deepEqual(
    await page.evaluate(() => ({ ...document.documentElement.dataset, lang: document.documentElement.lang })),
    { scheme: "dark", lang: "en" },
  );
  assert.equal(await page.locator("openai-chatkit section.chat").getAttribute("data-scheme"), "dark");
  assert.equal(await page.evaluate(() => /** @type {any} */ (window).isTheSame), true);
  for (const [old, changed] of [
    ["label: Write us an email", "label: Call us"],
    ["language: en", "language: de"],
  ]) {
    await page.evaluate(() => void Object.assign(window, { isTheSame: true }));
    await preview.render((site) => site.replace(old, changed));
    await page.waitForFunction(() => !(/** @type {any} */ (window).isTheSame));
  }
  assert.equal(await page.evaluate(() => document.documentElement.lang), "de");
  await page.getByText("How can we help?").waitFor();
});

test("a style that somebody edits is changed in the page that is open", async () => {
  const page = await visitor.open(hosted());
  await page.getByText("How can we help?").waitFor();
  await page.evaluate(() => void Object.assign(window, { isTheSame: true }));
  const css = join(preview.folder, "themes/default/static/css/page.css");
  await mkdir(dirname(css), { recursive: true });
  try {
    await writeFile(
      css,
      `${await readFile(join(import.meta.dirname, "../../themes/default/static/css/page.css"), "utf8")}\n.title { color: rgb(1, 2, 3) }\n`,
    );
    await preview.render((site) => site);
    await page.waitForFunction(
      () => getComputedStyle(/** @type {Element} */ (document.querySelector(".title"))).color === "rgb(1, 2, 3)",
    );
    await painted(page, 1);
    assert.equal(await page.evaluate(() => document.querySelectorAll('link[rel="stylesheet"]').length), 1);
    assert.equal(await page.evaluate(() => /** @type {any} */ (window).isTheSame), true);
  } finally {
    await rm(join(preview.folder, "themes"), { recursive: true });
  }
});

test("a page that has one ChatKit is loaded again for the other", async () => {
  const page = await visitor.open(hosted());
  await page.locator("#skeleton").waitFor({ state: "hidden" });
  await page.evaluate(() => void Object.assign(window, { isTheSame: true }));
  preview.tell("mode", { demo: true, down: true });
  await page.waitForFunction(() => !navigator.onLine);
  preview.tell("mode", { demo: false, down: false });
  await page.waitForFunction(() => !(/** @type {any} */ (window).isTheSame));
});

test("a page that nobody looks at does not listen, and finds out what it missed", async () => {
  const page = await visitor.open(hosted());
  await page.getByText("How can we help?").waitFor();
  assert.equal(preview.listeners.size, 1);
  /** @param {string} state */
  const become = (state) =>
    page.evaluate((next) => {
      Object.defineProperty(document, "visibilityState", { configurable: true, get: () => next });
      document.dispatchEvent(new Event("visibilitychange"));
    }, state);
  await become("hidden");
  await until(() => preview.listeners.size === 0);
  await preview.render((site) => site.replace("How can we help?", "Welcome back"));
  await become("visible");
  await page.getByText("Welcome back").waitFor();
  assert.equal(preview.listeners.size, 1);
});

test("a launcher changes where it stands, and the chat in its panel is not touched", async () => {
  const page = await visitor.open(preview.page({ widget: "support" }));
  await launcher(page).click();
  const chat = await chatOf(page);
  await ask(chat, "Hello");
  await page.evaluate(() => scrollTo(0, 500));
  for (let round = 1; round <= 20; round += 1) {
    const color = `#${String(100000 + round * 1000)}`;
    await preview.render((site) =>
      site
        .replace('# color: "#b3261e"', `color: "${color}"`)
        .replace("lucide:message-circle", round % 2 ? "emoji:👋" : "lucide:sparkles")
        .replace("width: 400", `width: ${400 + round}`),
    );
    await painted(page, round);
  }
  report("loader", await measured(page));
  assert.equal(await launcher(page).evaluate((element) => getComputedStyle(element).backgroundColor), "rgb(18, 0, 0)");
  assert.equal((await page.getByRole("dialog").boundingBox())?.width, 420);
  assert.ok(await chat.getByText("You wrote: “Hello”").isVisible());
  assert.equal(await page.evaluate(() => scrollY), 500);
  await preview.render((site) =>
    site
      .replace("label: Chat with us", "label: Talk to us")
      .replace("position: bottom-right", "position: top-left")
      .replace("lucide:message-circle", "emoji:👋"),
  );
  const button = page.getByRole("button", { name: "Talk to us" });
  await button.waitFor();
  await button.getByText("👋").waitFor({ state: "attached" });
  const box = await button.boundingBox();
  assert.ok(box && box.x < 40 && box.y < 40, JSON.stringify(box));
  assert.ok(await page.getByRole("dialog").isVisible());
});

test("a link of the snippet says what the widget's label says", async () => {
  const page = await visitor.open(preview.page({ widget: "support", mode: "popup" }));
  await page.getByRole("link", { name: "Chat with us" }).waitFor();
  await preview.render((site) => site.replace("label: Chat with us", "label: Talk to us"));
  await page.getByRole("link", { name: "Talk to us" }).click();
  await page.getByRole("dialog").waitFor();
});

for (const mode of ["bubble", "popup", "inline"]) {
  test(`${mode}: what the panel is made of changes without a flicker, as open as it was`, async () => {
    const page = await visitor.open(preview.page({ widget: "support", mode }));
    if (mode === "bubble") {
      await launcher(page).click();
    }
    if (mode === "popup") {
      await page.getByRole("link", { name: "Chat with us" }).click();
    }
    await ask(await chatOf(page), "Hello");
    /** @type {string[]} */
    const events = [];
    await page.exposeFunction("heard", (/** @type {string} */ name) => events.push(name));
    await page.evaluate(() => {
      const seen = /** @type {any} */ (window);
      for (const name of ["opened", "closed", "shown", "hidden", "destroyed", "before-open"]) {
        addEventListener(`chat:${name}`, () => seen.heard(name));
      }
      seen.frames = [];
      const look = () => {
        const roots = [...document.querySelectorAll("chatkit-launcher, chatkit-widget")].map(
          (element) => element.shadowRoot,
        );
        const frames = roots
          .flatMap((root) => [...(root?.querySelectorAll("iframe") ?? [])])
          .filter(
            (frame) =>
              frame.checkVisibility({ visibilityProperty: true }) && frame.getBoundingClientRect().height > 200,
          );
        seen.frames.push(frames.length);
        requestAnimationFrame(look);
      };
      look();
    });
    await preview.render((site) =>
      site
        .replace("title: Support", "title: Support desk")
        .replace("inline: { height: 680 }", "inline: { height: 600 }")
        .replace("popup: { width: 480", "popup: { width: 520"),
    );
    if (mode === "inline") {
      await page.waitForFunction(() => document.querySelector("chatkit-widget")?.clientHeight === 600);
    } else {
      await page.getByRole("heading", { name: "Support desk" }).waitFor();
    }
    await page.waitForFunction(
      () =>
        document.querySelectorAll("chatkit-launcher").length === 1 &&
        document.querySelectorAll("chatkit-widget").length < 2,
    );
    await page.frameLocator("iframe").getByText("You wrote: “Hello”").waitFor();
    const frames = await page.evaluate(() => /** @type {any} */ (window).frames);
    assert.equal(Math.min(...frames), 1, "a chat is seen in each frame");
    if (mode === "popup") {
      assert.ok(
        await page
          .getByRole("dialog")
          .evaluate((element) => element.matches(":modal") && /** @type {HTMLElement} */ (element).offsetWidth === 520),
      );
    }
    assert.deepEqual(events, []);
    const [first] = await measured(page);
    console.log(`# panel, ${mode}, from the event to the picture: ${first?.toFixed(0)} ms`);
  });
}

/** A studio with a stage in it. @param {Record<string, string>} query */
async function studio(query) {
  const page = await visitor.open(preview.main.url);
  await page.evaluate((src) => {
    const heard = /** @type {unknown[]} */ ([]);
    Object.assign(window, { heard });
    addEventListener("message", ({ data, origin, source }) =>
      heard.push({ ...data, origin, own: source === document.querySelector("iframe")?.contentWindow }),
    );
    const frame = document.createElement("iframe");
    frame.title = "Stage";
    frame.style.cssText = "inline-size: 1100px; block-size: 700px";
    frame.src = src;
    document.body.append(frame);
  }, preview.page(query));
  const stage = page.frameLocator("iframe");
  /** @returns {Promise<any[]>} */
  const heard = () => page.evaluate(() => /** @type {any} */ (window).heard);
  return {
    page,
    stage,
    heard,
    /** @param {string} what */
    act: (what) =>
      page.evaluate(
        (wanted) =>
          /** @type {any} */ (document.querySelector("iframe")).contentWindow.postMessage(
            { preview: "do", what: wanted },
            "*",
          ),
        what,
      ),
    /** @param {(message: any) => boolean} wanted */
    async hear(wanted) {
      for (const deadline = Date.now() + 10_000; Date.now() < deadline; await page.waitForTimeout(20)) {
        const found = (await heard()).find(wanted);
        if (found) {
          return found;
        }
      }
      return assert.fail(JSON.stringify(await heard()));
    },
  };
}

test("the studio hears what happens on its stage and has things done there", async () => {
  const { page, stage, heard, act, hear } = await studio({ widget: "support" });
  await hear(({ preview: kind }) => kind === "ready");
  await act("open");
  const { detail, time, origin, own } = await hear(({ name }) => name === "chat:opened");
  assert.deepEqual(
    { detail, origin, own },
    { detail: { widget: "support", source: "api" }, origin: preview.stage.url, own: true },
  );
  assert.ok(Math.abs(time - Date.now()) < 60_000);
  await hear(({ name }) => name === "chat:ready");
  const chat = stage.frameLocator("iframe");
  await ask(chat, "Hello");
  await hear(({ name }) => name === "chat:response-end");

  await preview.render((site) =>
    site
      .replace("How can we help?", "Yes?")
      .replace("    disclaimer:", "    theme: { radius: sharp }\n    disclaimer:"),
  );
  await hear(({ preview: kind, n }) => kind === "painted" && n === 1);

  await act("expire");
  await ask(chat, "Again");
  assert.deepEqual(
    preview.sessions.map(({ visitor: who }) => who),
    [null, "v1.1"],
  );

  await act("offline");
  await send(chat, "Anybody?");
  await chat.getByText("There is no connection").waitFor();
  await act("online");
  await act("close");
  await hear(({ name }) => name === "chat:closed");

  await act("new-visitor");
  await hear(({ preview: kind }) => kind === "ready");
  await page.waitForFunction(
    (count) =>
      /** @type {any} */ (window).heard.filter((/** @type {any} */ each) => each.preview === "ready").length === count,
    2,
  );
  await act("open");
  await chat.getByText("Yes?").waitFor();
  await stage.getByRole("button", { name: "Earlier conversations" }).click();
  await chat.getByText("No conversations yet").waitFor();
  assert.equal(preview.sessions.at(-1)?.visitor, null);

  await stage.getByRole("button", { name: "Earlier conversations" }).click();
  await ask(chat, "Hello");
  await act("reset");
  await chat.getByText("Yes?").waitFor();
  assert.equal(preview.sessions.at(-1)?.visitor, null);
  assert.ok((await heard()).every((each) => each.preview !== "event" || each.own));
});

for (const mode of ["bubble", "popup"]) {
  test(`${mode}: who types in the studio keeps the focus while the stage changes`, async () => {
    const { page, stage, act, hear } = await studio({ widget: "support", mode });
    await hear(({ preview: kind }) => kind === "ready");
    await act("open");
    await hear(({ name }) => name === "chat:ready");
    await page.evaluate(() => {
      const field = document.createElement("input");
      field.ariaLabel = "Field";
      field.onblur = () => (field.dataset.lost = "");
      document.body.prepend(field);
    });
    const field = page.getByRole("textbox", { name: "Field" });
    await field.focus();
    await preview.render((site) =>
      site.replace("How can we help?", "Yes?").replace("title: Support", "title: Support desk"),
    );
    await stage.getByRole("heading", { name: "Support desk" }).waitFor();
    const frame = page.frames().find((each) => each.url().startsWith(preview.stage.url));
    await frame?.waitForFunction(() => document.querySelectorAll("chatkit-launcher").length === 1);
    await stage.frameLocator("iframe").getByText("Yes?").waitFor();
    await preview.render((site) =>
      site
        .replace("How can we help?", "What is it?")
        .replace("title: Support", "title: Support desk")
        .replace('# color: "#b3261e"', 'color: "#aa0000"'),
    );
    await stage.frameLocator("iframe").getByText("What is it?").waitFor();
    await page.keyboard.type("typed");
    assert.equal(await field.inputValue(), "typed");
    assert.equal(await field.getAttribute("data-lost"), null);
    assert.equal(await frame?.evaluate(() => document.querySelectorAll("chatkit-launcher").length), 1);
  });
}

test("a screen that becomes a phone has the open panel over everything, and the studio keeps the focus", async () => {
  const { page, stage, act, hear } = await studio({ widget: "support" });
  await hear(({ preview: kind }) => kind === "ready");
  await act("open");
  await hear(({ name }) => name === "chat:ready");
  await ask(stage.frameLocator("iframe"), "Hello");
  await page.evaluate(() => document.body.prepend(document.createElement("input")));
  const field = page.locator("input");
  await field.focus();
  const dialog = stage.getByRole("dialog");
  /** @param {number} width @param {boolean} isOver */
  const resize = async (width, isOver) => {
    await page.locator("iframe").evaluate((frame, value) => (frame.style.inlineSize = `${value}px`), width);
    await until(async () => (await dialog.evaluate((element) => element.matches(":modal"))) === isOver);
    assert.ok(await stage.frameLocator("iframe").getByText("You wrote: “Hello”").isVisible());
    assert.ok(await field.evaluate((element) => document.activeElement === element), `${width}`);
  };
  await resize(390, true);
  // What is at the place of the button that sends is the chat.
  const send = await stage.frameLocator("iframe").getByRole("textbox").boundingBox();
  const frame = page.frames().find((each) => each.url().startsWith(preview.stage.url));
  const offset = await page.locator("iframe").boundingBox();
  const onTop = await frame?.evaluate(
    ([x, y]) => document.elementFromPoint(x, y)?.shadowRoot?.elementFromPoint(x, y)?.className,
    [(send?.x ?? 0) + (send?.width ?? 0) - (offset?.x ?? 0), (send?.y ?? 0) + (send?.height ?? 0) - (offset?.y ?? 0)],
  );
  assert.equal(onTop, "frame");
  await resize(1100, false);
  await page.keyboard.type("typed");
  assert.equal(await field.inputValue(), "typed");
  const heard = await page.evaluate(() => /** @type {any} */ (window).heard.map((/** @type {any} */ { name }) => name));
  assert.ok(!heard.includes("chat:closed"));
  // The other way round: opened on a phone.
  await act("close");
  await hear(({ name }) => name === "chat:closed");
  await page.locator("iframe").evaluate((frame) => (frame.style.inlineSize = "390px"));
  await act("open");
  await dialog.and(stage.locator(":modal")).waitFor();
  await field.focus();
  await resize(1100, false);
  assert.equal(await frame?.evaluate(() => document.adoptedStyleSheets.length), 0, "nothing keeps the page still");
});

test("a stage obeys its studio alone, and tells nobody else", async () => {
  const stranger = await serveHostPages({
    "/": `<!doctype html><html lang="en"><title>Stranger</title><iframe title="Stage" src="${preview.page({ widget: "support" })}"></iframe>`,
  });
  try {
    const page = await visitor.open();
    await page.addInitScript(() => {
      const heard = /** @type {unknown[]} */ ([]);
      Object.assign(window, { heard });
      if (window === parent) {
        addEventListener("message", ({ data }) => heard.push(data));
      }
    });
    await page.goto(stranger.url());
    const stage = page.frameLocator("iframe");
    await stage.getByRole("button", { name: "Chat with us" }).waitFor();
    const frame = page.frames()[1];
    await frame.evaluate(() => addEventListener("message", ({ data }) => (document.title = data.what)));
    await page.evaluate(() => frames[0].postMessage({ preview: "do", what: "open" }, "*"));
    await frame.waitForFunction(() => document.title === "open");
    assert.equal((await frame.evaluate(() => window.ChatWidget.get("support"))).open, false);
    assert.deepEqual(await page.evaluate(() => /** @type {any} */ (window).heard), []);
  } finally {
    await stranger.close();
  }
});

test("widgets that follow the visitor from light to dark follow the studio here", async () => {
  const page = await visitor.open(preview.page({ widget: "support", scheme: "dark" }));
  await launcher(page).click();
  const chat = await chatOf(page);
  const scheme = () => chat.locator("openai-chatkit section.chat").getAttribute("data-scheme");
  assert.equal(await scheme(), "dark");
  await preview.render((site) => site.replace("tone: auto", "tone: light").replace("How can we help?", "In the light"));
  await chat.getByText("In the light").waitFor();
  await painted(page, 1);
  await chat.locator('section.chat[data-scheme="light"]').waitFor();
});

test("a draft is followed by its own pages alone", async () => {
  await preview.render((site) => site.replace("How can we help?", "A draft"), DRAFT);
  const page = await visitor.open(preview.page({ draft: DRAFT, widget: "support" }));
  const disk = await visitor.open(hosted());
  await disk.getByText("How can we help?").waitFor();
  await launcher(page).click();
  const chat = await chatOf(page);
  await chat.getByText("A draft").waitFor();
  assert.match(chat.url(), new RegExp(`/~${DRAFT}/w/support/$`));
  await preview.render(
    (site) => site.replace("How can we help?", "Another draft").replace('# color: "#b3261e"', 'color: "#aa0000"'),
    DRAFT,
  );
  await chat.getByText("Another draft").waitFor();
  await painted(page, 1);
  assert.equal(await launcher(page).evaluate((element) => getComputedStyle(element).backgroundColor), "rgb(170, 0, 0)");
  assert.ok(await disk.getByText("How can we help?").isVisible());
});

test("somebody's own page is live as well", async () => {
  const page = await visitor.open(preview.page({ widget: "support", host: "own" }));
  await page.getByRole("heading", { name: "Somebody's own page" }).waitFor();
  await launcher(page).waitFor();
  await preview.render((site) => site.replace("label: Chat with us", "label: Talk to us"));
  await page.getByRole("button", { name: "Talk to us" }).click();
  await chatOf(page);
});

test("the sample host page is accessible, light and dark, in both directions, on a desk and on a phone", async () => {
  for (const [scheme, dir, mode] of [
    ["light", "ltr", "bubble"],
    ["dark", "rtl", "inline"],
    ["light", "rtl", "popup"],
    ["dark", "ltr", "page"],
  ]) {
    for (const [device, viewport] of Object.entries({
      desk: { width: 1200, height: 800 },
      phone: { width: 390, height: 780 },
    })) {
      const page = await visitor.open();
      await page.setViewportSize(viewport);
      await page.goto(preview.page({ widget: "support", scheme, dir, mode }));
      if (mode === "inline") {
        await chatOf(page);
      } else if (mode === "bubble") {
        await launcher(page).waitFor();
      } else {
        await page.getByRole("link", { name: "Chat with us" }).waitFor();
      }
      assert.equal(await page.evaluate(() => getComputedStyle(document.documentElement).colorScheme), scheme);
      assert.equal(await page.evaluate(() => document.documentElement.lang), dir === "rtl" ? "ar" : "en");
      assert.ok(
        await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth),
        "it does not scroll to the side",
      );
      assert.deepEqual(await findViolations(page), []);
      await page.screenshot({ path: `${PICTURES}stage-${mode}-${device}.png`, fullPage: true });
      await page.close();
    }
  }
});

test("every event that a loader has is forwarded", async () => {
  const types = await readFile(join(import.meta.dirname, "../../themes/default/loader/chat-widget.d.ts"), "utf8");
  const declared = [
    ...(/interface ChatWidgetEvents \{(.*?)\n\}/s.exec(types)?.[1] ?? "").matchAll(/^ {2}"?([a-z-]+)"?: \{/gm),
  ].map(([, name]) => name);
  const host = await readFile(join(import.meta.dirname, "../../src/preview/web/stage/host.js"), "utf8");
  const forwarded = [...(/EVENTS = \[(.*?)\]/s.exec(host)?.[1] ?? "").matchAll(/"([^"]+)"/g)].map(([, name]) => name);
  assert.deepEqual(forwarded.sort(), declared.sort());
});
