/** The preview as a whole: the page at / and the host page in a browser, with the server that `watch` starts. */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { copyFile, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { findViolations } from "./harness/axe.mjs";
import { send } from "./harness/demo.mjs";
import { binary, startPreview } from "./harness/preview.mjs";
import { smallPng } from "./harness/small-png.mjs";
import { box, browser, group, openStudio, stage, studioTests } from "./harness/studio.mjs";
import { until } from "./harness/until.mjs";

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {import("playwright-core").Frame} Frame */
/** @typedef {Awaited<ReturnType<typeof startPreview>>} Preview */
/** @typedef {import("./harness/browser.mjs").Visitor} Visitor */

const FIXTURES = fileURLToPath(new URL("../fixtures/import/good/", import.meta.url));
const PICTURES = fileURLToPath(new URL(".tmp/screenshots/", import.meta.url));

/** Those that `src/README.md` shows. `npm run pictures` takes them again. */
const SHOWN = fileURLToPath(new URL("screenshots/", import.meta.url));

/** Bytes of a picture that people load with `src/README.md`. */
const LARGEST = 80 * 1024;

/** Changes of the soak. `SOAK=4000` is one of five minutes. */
const SOAK = Number(process.env.SOAK ?? 500);

before(
  async () => {
    await mkdir(PICTURES, { recursive: true });
    await binary();
  },
  { timeout: 1_200_000 },
);

const trial = studioTests(startPreview, (visitor, preview) => openStudio(visitor, preview.origin));

/** @param {Page} page */
const chat = (page) => stage(page).frameLocator("iframe");

/** @param {Page} page */
const launcher = (page) => stage(page).getByRole("button", { name: "Chat with us" });

/** @param {Page} page @param {string} title */
const tool = (page, title) => page.locator("#tools").getByTitle(title, { exact: true }).click();

/** Opens the chat. @param {Page} page */
async function open(page) {
  await launcher(page).click();
  await chat(page).getByText("How can we help?").waitFor();
}

/** @param {Page} page @param {string} text */
const ask = (page, text) => send(chat(page), text);

/** @param {Page} page @param {string} text */
async function answered(page, text) {
  await chat(page).getByText(`You wrote: “${text}”`).waitFor();
  await chat(page).getByRole("button", { name: "Copy" }).last().waitFor();
}

/** Saves, after a look at what changes. @param {Page} page @returns {Promise<string[]>} the lines that change */
async function save(page) {
  await page.getByRole("button", { name: "Save", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "Save these changes?" });
  await dialog.locator(".added, .removed").first().waitFor();
  const lines = await dialog.locator(".added, .removed").allTextContents();
  await dialog.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByText("All saved").waitFor();
  return lines.map((line) => line.trim());
}

/** What `check` says of the folder. @param {Preview} preview */
const check = async (preview) => promisify(execFile)(await binary(), ["check"], { cwd: preview.folder });

/** @param {string} name */
const reformatted = (name) =>
  readFileSync(new URL(`../fixtures/reformatted/templates/${name}`, import.meta.url), "utf8");

/** A site whose agent knows two pages, and has its instructions in a file. */
const KNOWING = {
  "site.yaml": `site: { url: https://chat.example.com, allowed_origins: [https://www.example.com] }
widgets:
  support:
    backend:
      type: agent
      domain_key: domain_pk_1
      instructions_file: support.md
      knowledge: { files: [pages/*.md], base_url: https://www.example.com }
`,
  "support.md": "You answer customers of Morrow.",
  "pages/returns.md": "# Returns\n\nSend kettles back within 30 days.\n",
  "pages/shipping.md": "# Shipping\n\nA parcel to Norway takes seven days.\n",
};

trial(
  "what an agent knows is shown, and what a question finds",
  async ({ page }) => {
    await group(page, "Back end");
    // The file has the instructions, and the form shows them.
    assert.equal(await box(page, "Instructions file").inputValue(), "support.md");
    assert.equal(await box(page, "Instructions").getAttribute("placeholder"), "You answer customers of Morrow.");
    await page.getByText("2 pages, 2 passages").waitFor();
    await page.getByText("Rules before the instructions").click();
    await page.getByText("You answer visitors of a website").waitFor();
    await page.getByLabel("Passages that a question finds").fill("How long does it take to Norway?");
    await page.locator(".found summary").click();
    assert.equal(await page.locator(".found a").getAttribute("href"), "https://www.example.com/shipping#shipping");
    assert.deepEqual(await findViolations(page), []);
    // What is typed in the form counts before it is saved.
    await page.locator(".more > summary").click();
    await box(page, "Preamble").fill("Rules of our own.");
    await page.locator(".rules pre").getByText("Rules of our own.").waitFor();
  },
  { preview: { files: KNOWING } },
);

trial(
  "a theme that writes its templates in another way has the demo, and changes without a reload",
  async ({ page, preview }) => {
    const sample = await preview.read("site.yaml");
    await open(page);
    await ask(page, "Hello");
    await answered(page, "Hello");
    const frames = page.frames().slice(1);
    await Promise.all(frames.map((frame) => frame.evaluate(() => void Object.assign(window, { same: true }))));
    await preview.write("site.yaml", sample.replace("Ask us anything", "Go ahead"));
    await chat(page).getByRole("textbox", { name: "Go ahead" }).waitFor();
    await preview.write("site.yaml", sample.replace("label: Chat with us", "label: Talk to us"));
    await stage(page).getByRole("button", { name: "Talk to us" }).waitFor();
    assert.deepEqual(
      await Promise.all(
        page
          .frames()
          .slice(1)
          .map((frame) => frame.evaluate(() => "same" in window)),
      ),
      frames.map(() => true),
    );
  },
  {
    preview: {
      files: {
        "themes/default/templates/page.html": reformatted("page.html"),
        "themes/default/templates/loader.js": reformatted("loader.js"),
      },
    },
  },
);

/** A site with many widgets in files of their own. @type {Record<string, string>} */
const SHOPS = Object.fromEntries(
  Array.from({ length: 300 }, (_, index) => [
    `widgets/shop-${index}.yaml`,
    `# Shop ${index}\nbackend: {type: agent, domain_key: domain_pk_example, instructions: Sell tea.}\nlauncher:\n  label: Ask shop ${index}\n`,
  ]),
);

trial(
  "of hundreds of widgets, one is fetched when it is opened, and can be edited, saved and undone",
  async ({ page, preview }) => {
    /** @type {Promise<string>[]} */
    const replies = [];
    page.on("response", (response) => void (response.url().includes("/_/api/") && replies.push(response.text())));
    await page.reload();
    await page.locator(".bench:not(.starting)").waitFor();
    const [state] = await Promise.all(replies);
    assert.ok(JSON.parse(state).widgets.includes("shop-299"));
    for (const reply of await Promise.all(replies)) {
      assert.doesNotMatch(reply, /Ask shop/, "nobody has opened any shop");
    }
    await page.getByRole("button", { name: /^Widget:/ }).click();
    await page.getByRole("searchbox", { name: "Search widgets" }).fill("299");
    await page.getByRole("button", { name: "shop-299 agent" }).click();
    await page.getByRole("button", { name: /^Widget: shop-299 agent/ }).waitFor();
    await group(page, "Launcher");
    assert.equal(await box(page, "Label").inputValue(), "Ask shop 299");
    await box(page, "Label").fill("Help");
    await stage(page).getByRole("button", { name: "Help" }).waitFor();
    const save = async () => {
      await page.getByRole("button", { name: "Save", exact: true }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Save", exact: true }).click();
      await page.getByText("All saved").waitFor();
      return preview.read("widgets/shop-299.yaml");
    };
    const before = SHOPS["widgets/shop-299.yaml"];
    assert.equal(await save(), before.replace("Ask shop 299", "Help"));
    await page.getByRole("button", { name: "Undo" }).click();
    await page.getByText("1 unsaved change").waitFor();
    assert.equal(await box(page, "Label").inputValue(), "Ask shop 299");
    assert.equal(await save(), before);
    assert.ok((await Promise.all(replies)).every((reply) => !reply.includes("Ask shop 150")));
  },
  { preview: { files: SHOPS } },
);

test("connections that come at once are all answered, while others stay open", async () => {
  const preview = await startPreview();
  try {
    const { hostname, port } = new URL(preview.origin);
    for (let round = 0; round < 20; round += 1) {
      const sockets = Array.from({ length: 12 }, () => connect(Number(port), hostname));
      const answers = sockets.map((socket) => new Promise((resolve) => socket.once("data", resolve)));
      // Each stays open for a next request, as those of browsers do.
      for (const socket of sockets) {
        socket.write(`GET /_/studio/mark.svg HTTP/1.1\r\nHost: ${hostname}:${port}\r\n\r\n`);
      }
      const late = new Promise((_, reject) =>
        setTimeout(() => reject(new Error(`round ${round}: not all are answered`)), 5_000).unref(),
      );
      await Promise.race([Promise.all(answers), late]);
      sockets.forEach((socket) => socket.destroy());
    }
  } finally {
    await preview.close();
  }
});

test("events begin with how things are, a loader has one address whatever follows it, and the demo gets its fonts", async () => {
  const preview = await startPreview();
  try {
    await preview.api("network", { down: true });
    const events = await preview.events();
    assert.deepEqual(await events.next("mode"), { demo: true, down: true });
    events.close();
    const loader = await (await fetch(`${preview.origin}/w/support.js`)).text();
    assert.equal(await (await fetch(`${preview.origin}/w/support.js?1763000000000`)).text(), loader);
    const page = await (await fetch(`${preview.origin}/w/support/`)).text();
    assert.match(page, /<meta http-equiv="Content-Security-Policy" content="[^"]*; font-src 'self' https: data:;/);
  } finally {
    await preview.close();
  }
});

trial(
  "a greeting that is typed is in the open chat at once, in no file before it is saved, and then in one line",
  async ({ page, preview }) => {
    const text = await preview.read("site.yaml");
    await open(page);
    await page.evaluate(() => {
      const times = /** @type {number[]} */ ([]);
      Object.assign(window, { times });
      let pressed = 0;
      addEventListener("keydown", ({ timeStamp }) => (pressed = timeStamp), true);
      addEventListener("message", ({ data }) => data?.preview === "painted" && times.push(performance.now() - pressed));
    });
    const frames = page.frames().slice(1);
    assert.equal(frames.length, 2);
    await Promise.all(frames.map((frame) => frame.evaluate(() => void Object.assign(window, { same: true }))));
    await group(page, "Start screen");
    await box(page, "Greeting").press("End");
    let greeting = "How can we help?";
    for (const letter of " Ask away") {
      const count = await page.evaluate(() => /** @type {any} */ (window).times.length);
      await page.keyboard.press(letter === " " ? "Space" : letter);
      greeting += letter;
      await page.waitForFunction((before) => /** @type {any} */ (window).times.length > before, count);
      await chat(page).getByText(greeting.trim(), { exact: true }).waitFor();
    }
    const times = (await page.evaluate(() => /** @type {number[]} */ (/** @type {any} */ (window).times))).sort(
      (one, other) => one - other,
    );
    console.log(
      `# from the key to the picture: at best ${times[0].toFixed(0)} ms, median ${times[times.length >> 1].toFixed(0)} ms, at worst ${times.at(-1)?.toFixed(0)} ms`,
    );
    assert.deepEqual(
      await Promise.all(frames.map((frame) => frame.evaluate(() => /** @type {any} */ (window).same))),
      [true, true],
      "nothing was loaded anew",
    );
    assert.equal(await preview.read("site.yaml"), text);
    const lines = await save(page);
    assert.equal(lines.length, 2, `${lines}`);
    assert.equal(
      await preview.read("site.yaml"),
      text.replace("greeting: How can we help?", "greeting: How can we help? Ask away"),
    );
  },
);

trial(
  "what somebody else writes meanwhile lies below, and what is refused can go on top",
  async ({ page, preview, visitor }) => {
    await group(page, "Launcher");
    await box(page, "Label").fill("Mine");
    await page.getByText("1 unsaved change").waitFor();
    await preview.write(
      "site.yaml",
      (await preview.read("site.yaml")).replace("position: bottom-right", "position: top-right"),
    );
    await page.getByText("Your changes are on top of them.").waitFor();
    await page.getByRole("radio", { name: "Top right" }).and(page.locator(":checked")).waitFor();

    visitor.expectError(/409/);
    await page.getByRole("button", { name: "Save", exact: true }).click();
    const dialog = page.getByRole("dialog", { name: "Save these changes?" });
    await dialog.locator(".added").first().waitFor();
    // Another tab saves while this one does.
    const { json } = await preview.api("state");
    await page.route(
      "**/_/api/save",
      async (route) => {
        const edits = [{ path: ["widgets", "docs", "launcher", "label"], value: "Theirs" }];
        assert.equal((await preview.api("save", { revision: json.revision, edits })).status, 200);
        await route.continue();
      },
      { times: 1 },
    );
    await dialog.getByRole("button", { name: "Save", exact: true }).click();
    const both = page.getByRole("dialog", { name: "The files have changed in the meantime" });
    await both.getByRole("region", { name: "In the files" }).getByText("label: Theirs").waitFor();
    await both.getByRole("region", { name: "Yours" }).getByText("label: Mine").waitFor();
    await both.getByRole("button", { name: "Keep mine on top of theirs" }).click();
    await dialog.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByText("All saved").waitFor();
    const text = await preview.read("site.yaml");
    assert.match(text, /position: top-right # or bottom-left[^]*label: Mine # for screen readers[^]*label: Theirs/);
    await check(preview);
  },
);

trial(
  "code of the playground becomes settings of a widget that there is, and of a new one",
  async ({ page, preview }) => {
    const text = await preview.read("site.yaml");
    const dialog = page.getByRole("dialog", { name: "Paste from the playground" });
    const unsaved = page.locator("#unsaved");
    /** @param {string} fixture @param {string} [name] of a new widget */
    const paste = async (fixture, name) => {
      await page.getByRole("button", { name: "Paste from the playground" }).click();
      await dialog.getByLabel("Code, or drop a file here").fill(await readFile(join(FIXTURES, fixture), "utf8"));
      if (name) {
        await dialog.getByLabel("Into").selectOption("A new widget");
        await dialog.getByLabel("Name").fill(name);
      }
      await dialog.getByRole("button", { name: "Read" }).click();
      await dialog.getByRole("button", { name: "Use them" }).waitFor();
      const notes = await dialog.locator(".notes").allTextContents();
      await dialog.getByRole("button", { name: "Use them" }).click();
      return notes.join();
    };
    assert.match(await paste("n-themed.tsx"), /line 8.*has its light value/);
    await launcher(page).click();
    await chat(page)
      .getByRole("textbox", { name: "Ask away" })
      .or(chat(page).getByPlaceholder("Ask away"))
      .first()
      .waitFor();
    await page.getByRole("button", { name: "Undo" }).click();
    await unsaved.getByText("All saved").waitFor();
    await chat(page).getByPlaceholder("Ask us anything").waitFor();
    await page.getByRole("button", { name: "Redo" }).click();
    await paste("b-partial.ts", "fresh");
    await page.getByRole("button", { name: /^Widget: fresh/ }).waitFor();
    const lines = await save(page);
    assert.ok(
      lines.some((line) => line.includes("placeholder: Ask away")),
      `${lines}`,
    );
    const saved = await preview.read("site.yaml");
    assert.match(saved, /^ {2}fresh:$/m);
    for (const [comment] of text.matchAll(/# .*/g)) {
      assert.ok(saved.includes(comment), comment);
    }
    await check(preview);
  },
);

trial(
  "a broken site and a broken theme lie over the last good preview, and go away when they are mended",
  async ({ page, preview }) => {
    const text = await preview.read("site.yaml");
    await open(page);
    const overlay = page.getByRole("alert");
    await preview.write("site.yaml", text.replace("panel:", "pannel:"));
    await overlay.getByText(/unknown key `pannel`[^]*--> site\.yaml/).waitFor();
    await page.screenshot({ path: join(PICTURES, "preview-broken.png") });
    assert.ok(await chat(page).getByText("How can we help?").isVisible());
    await preview.write("site.yaml", text);
    await overlay.waitFor({ state: "hidden" });
    await preview.write("themes/default/templates/page.html", "<title>{{ widget.titel }}</title>");
    await overlay.getByText(/titel/).first().waitFor();
    assert.ok(await chat(page).getByText("How can we help?").isVisible());
    await rm(join(preview.folder, "themes"), { recursive: true });
    await overlay.waitFor({ state: "hidden" });
    assert.ok(await chat(page).getByText("How can we help?").isVisible());
  },
);

trial(
  "tried like a visitor: sessions, a secret that expires, a network that is gone, another visitor",
  async ({ page, preview }) => {
    /** @type {{ visitor: string | null, given: string }[]} */
    const sessions = [];
    page.on("response", async (response) => {
      if (!response.url().endsWith("/api/chatkit/session") || response.status() !== 200) {
        return;
      }
      sessions.push({
        visitor: response.request().postDataJSON().visitor ?? null,
        given: (await response.json()).visitor,
      });
    });
    await page.getByRole("tab", { name: "Try it like a visitor" }).click();
    const log = page.getByRole("log");
    const minted = log.locator(".session");
    await open(page);
    await log.getByText("chat:opened · support").waitFor();
    await log.getByText("session of support: 200").waitFor();
    await ask(page, "First");
    await answered(page, "First");
    await log.getByText("chat:response-end · support").waitFor();
    assert.equal(await minted.count(), 1);

    await page.getByRole("button", { name: "Expire the secret" }).click();
    await ask(page, "Second");
    await answered(page, "Second");
    await until(async () => (await minted.count()) === 2, "another session was minted");
    assert.match(await minted.last().innerText(), /known visitor/);

    await page.getByRole("button", { name: "Drop the network" }).click();
    await page.getByRole("button", { name: "Restore the network" }).waitFor();
    await ask(page, "Third");
    await chat(page)
      .getByText(/no connection/)
      .first()
      .waitFor();
    await page.getByRole("button", { name: "Restore the network" }).click();
    await page.getByRole("button", { name: "Drop the network" }).waitFor();
    await chat(page).getByRole("button", { name: "Try again" }).first().click();
    await answered(page, "Third");

    await page.getByRole("button", { name: "New visitor" }).click();
    await stage(page).locator("dialog").waitFor({ state: "detached" });
    await open(page);
    await until(() => sessions.length > 2 && sessions.at(-1)?.visitor === null, "a visitor is new");
    const [first, second] = sessions;
    assert.equal(second.visitor, first.given);
    assert.notEqual(sessions.at(-1)?.given, first.given);
    assert.match(await minted.last().innerText(), /new visitor/);
    assert.ok(!preview.output().includes(first.given));
  },
);

trial("each snippet is seen on each screen, in light and dark, and in both directions", async ({ page }) => {
  /** The chat of a snippet, opened as visitors do. @type {Record<string, () => Promise<void>>} */
  const shows = {
    Bubble: async () => {
      await launcher(page).waitFor();
      if (!(await stage(page).getByRole("dialog").isVisible())) {
        await launcher(page).click();
      }
    },
    Inline: async () => {},
    // A popup that is open already lies over the link.
    Popup: () => stage(page).getByRole("link", { name: "Chat with us" }).dispatchEvent("click"),
    Page: async () => {},
  };
  for (const [mode, show] of Object.entries(shows)) {
    await tool(page, mode);
    for (const [screen, scheme, dir] of [
      ["Phone", "Dark", "Right to left"],
      ["Tablet", "Light", "Left to right"],
      ["Desktop", "Dark", "Left to right"],
    ]) {
      for (const title of [screen, scheme, dir]) {
        await tool(page, title);
      }
      const wanted = new URLSearchParams({
        mode: mode.toLowerCase(),
        dir: dir.startsWith("R") ? "rtl" : "ltr",
        scheme: scheme.toLowerCase(),
      });
      await until(
        () =>
          page
            .locator("iframe.loaded")
            .count()
            .then(
              async (count) =>
                count === 1 && (await page.locator("iframe.loaded").getAttribute("src"))?.includes(String(wanted)),
            ),
        `${wanted} is shown`,
      );
      await show();
      const shown = stage(page).frameLocator("iframe >> nth=0");
      await shown.getByText("How can we help?").waitFor();
      const section = shown.locator("openai-chatkit section.chat");
      // A page of its own has no loader that tells it: it follows the visitor's system, which is light here.
      const colours = mode === "Page" ? "light" : scheme.toLowerCase();
      await until(async () => (await section.getAttribute("data-scheme")) === colours, `${mode} is ${colours}`);
      await page.screenshot({ path: join(PICTURES, `preview-${mode}-${screen}.png`) });
    }
  }
});

trial(
  "an open bubble is closed where the widget is shown in another way, and a popup lies over the page in other colours too",
  async ({ page }) => {
    /** Waits for the page of a snippet. @param {string} mode @param {string} [scheme] */
    const loaded = (mode, scheme = "auto") =>
      until(async () => {
        const sources = await page
          .locator("#screen iframe")
          .evaluateAll((frames) => frames.map((frame) => frame.getAttribute("src")));
        return (
          sources.length === 1 &&
          sources[0]?.includes(`mode=${mode}`) === true &&
          sources[0].includes(`scheme=${scheme}`)
        );
      }, `${mode} in ${scheme} is loaded`);
    const dialog = stage(page).locator("dialog");
    await open(page);
    await tool(page, "Inline");
    await loaded("inline");
    await stage(page).frameLocator("chatkit-widget iframe").getByText("How can we help?").waitFor();
    assert.equal(await dialog.isVisible(), false);
    await tool(page, "Bubble");
    await loaded("bubble");
    await open(page);
    await tool(page, "Popup");
    await loaded("popup");
    const link = stage(page).getByRole("link", { name: "Chat with us" });
    await link.click();
    await chat(page).getByText("How can we help?").waitFor();
    const isOver = () => dialog.evaluate((element) => element.matches(":modal"));
    assert.ok(await isOver());
    await tool(page, "Dark");
    await loaded("popup", "dark");
    await chat(page).getByText("How can we help?").waitFor();
    await until(isOver, "it has its backdrop");
  },
);

const OWN = `<!doctype html>
<html lang="en"><head><title>Mine</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; base-uri https://shop.test">
<base href="https://shop.test/deep/">
<style>h1 { color: rebeccapurple }</style>
</head><body><h1>My website</h1>
<script>
document.querySelector('h1').textContent = 'My website, with a script';
window.reached = [() => parent.document.title, () => frames[0]?.document.title, () => parent.localStorage.length].map((reach) => { try { return String(reach()); } catch (error) { return error.name; } });
</script></body></html>`;

trial(
  "somebody’s own page, with scripts, a base and a policy, shows the widget, and reaches nothing of the studio",
  async ({ page, preview, visitor }) => {
    await stage(page).getByRole("heading", { name: "My website, with a script" }).waitFor();
    await open(page);
    const host = page.frames().find((frame) => frame.url().includes("host=own"));
    const reached = await host?.evaluate(() => /** @type {any} */ (window).reached);
    assert.equal(reached[0], "SecurityError");
    assert.equal(reached[2], "SecurityError");
    // What the page might try with the studio's server.
    for (const refusal of [/blocked by CORS policy/, /ERR_FAILED/, /404/]) {
      visitor.expectError(refusal);
    }
    const { json } = await preview.api("state");
    const replies = await host
      ?.evaluate(
        async ([origin, own]) => {
          const tries = [
            fetch(`${origin}/`),
            fetch(`${origin}/_/api/state`),
            fetch(`${own}/_/api/state`).then(({ status }) => assertNone(status)),
          ];
          /** @param {number} status */
          function assertNone(status) {
            if (status !== 200) {
              throw new TypeError(String(status));
            }
          }
          return (await Promise.allSettled(tries)).map(({ status }) => status);
        },
        [preview.origin, json.stage],
      )
      .catch((error) => error);
    assert.deepEqual(replies, ["rejected", "rejected", "rejected"]);
    await group(page, "Start screen");
    await box(page, "Greeting").fill("Hello from here");
    await chat(page).getByText("Hello from here").waitFor();
    await group(page, "Launcher");
    await box(page, "Label").fill("Talk");
    await stage(page).getByRole("button", { name: "Talk" }).waitFor();
  },
  { preview: { files: { "mine.html": OWN }, args: ["--host-page", "mine.html"] } },
);

trial(
  "a page of one’s own has its files beside it, and nothing else of its folder has an address",
  async ({ page, preview }) => {
    await stage(page).getByRole("heading", { name: "Mine" }).waitFor();
    const looks = await stage(page)
      .getByRole("heading", { name: "Mine" })
      .evaluate((heading) => getComputedStyle(heading).color);
    assert.equal(looks, "rgb(102, 51, 153)");
    await stage(page).getByText("said by a module").waitFor();
    await open(page);
    const { json } = await preview.api("state");
    const status = async (/** @type {string} */ path) => (await fetch(json.stage + path)).status;
    assert.deepEqual(
      await Promise.all(
        ["/css/a%20b.css", "/js/say.js", "/css/%61 b.css", "/LOGO%28%C3%A4%29.PNG", "/LOGO(%c3%a4).PNG"].map(status),
      ),
      Array(5).fill(200),
    );
    assert.equal((await fetch(`${json.stage}/js/say.js`, { headers: { "Service-Worker": "script" } })).status, 404);
    for (const path of [
      "/mine.html",
      "/notes.txt",
      "/site.yaml",
      "/.hidden/a.css",
      "/css/../css/a%20b.css/..",
      "/..%2fout.css",
      "/css%2fa%20b.css",
      "/linked.css",
      "/css",
      "//css/a%20b.css",
    ]) {
      assert.equal(await status(path), 404, path);
    }
  },
  {
    preview: {
      files: {
        "mine.html":
          '<!doctype html><html lang="en"><title>Mine</title><link rel="stylesheet" href="css/a b.css"><body><h1>Mine</h1><p></p><script type="module" src="/js/say.js"></script></body></html>',
        "css/a b.css": "h1 { color: rebeccapurple }",
        "js/say.js": "import { words } from './words.js';\ndocument.querySelector('p').textContent = words;\n",
        "js/words.js": "export const words = 'said by a module';\n",
        "LOGO(ä).PNG": "no picture",
        "notes.txt": "mine alone",
        ".hidden/a.css": "h1 { color: red }",
      },
      links: { "linked.css": "/etc/hostname" },
      args: ["--host-page", "mine.html"],
    },
  },
);

test("the page at / is accessible with all that its server says, in light and dark, on three screens", async () => {
  const preview = await startPreview();
  try {
    for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
      for (const [screen, viewport] of Object.entries({
        desktop: { width: 1440, height: 900 },
        tablet: { width: 820, height: 1100 },
        phone: { width: 390, height: 780 },
      })) {
        const visitor = await browser.visitor({ viewport, colorScheme });
        try {
          const page = await visitor.open(preview.origin);
          await page.locator(".bench:not(.starting)").waitFor();
          assert.deepEqual(await findViolations(page), [], `${screen}, ${colorScheme}`);
          await visitor.close();
        } finally {
          await visitor.context.close();
        }
      }
    }
  } finally {
    await preview.close();
  }
});

for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
  for (const [screen, viewport] of Object.entries({
    desktop: { width: 1200, height: 760 },
    tablet: { width: 820, height: 1000 },
    phone: { width: 390, height: 780 },
  })) {
    trial(
      `how it looks in ${colorScheme} on a ${screen}`,
      async ({ page, visitor }) => {
        if (screen === "phone") {
          await group(page, "Launcher");
        } else {
          await open(page);
        }
        await page.mouse.move(1, 1);
        await stage(page)
          .locator("body")
          .evaluate(async (body) => {
            const root = body.ownerDocument.querySelector("chatkit-launcher")?.shadowRoot;
            await Promise.allSettled((root?.getAnimations() ?? []).map((animation) => animation.finished));
          });
        const path = join(PICTURES, `studio-${screen}-${colorScheme}.png`);
        const picture = await smallPng(await visitor.open(), await page.screenshot());
        await writeFile(path, picture);
        assert.ok(picture.length <= LARGEST, `${path} has ${picture.length} bytes: too many for src/README.md`);
        if (process.env.SCREENSHOTS === "keep") {
          await copyFile(path, join(SHOWN, `studio-${screen}-${colorScheme}.png`));
        }
      },
      { visitor: { viewport, colorScheme } },
    );
  }
}

test(
  `${SOAK} changes of a file end in what was written last, and cost nothing that stays`,
  { skip: process.platform !== "linux" && "what a process costs is read from /proc" },
  async () => {
    const preview = await startPreview();
    const visitor = await browser.visitor();
    try {
      const sample = await preview.read("site.yaml");
      const page = await visitor.open(`${preview.origin}/w/support/`);
      await page.getByText("How can we help?").waitFor();
      /** @param {number} number */
      const change = (number) =>
        preview.write(
          "site.yaml",
          sample
            .replace("How can we help?", `Change ${number}`)
            .replace('# color: "#b3261e"', `color: "#${number.toString(16).padStart(6, "0")}"`),
        );
      const cost = async () => ({
        threads: (await readdir(`/proc/${preview.pid}/task`)).length,
        files: (await readdir(`/proc/${preview.pid}/fd`)).length,
        memory: Number(/VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${preview.pid}/status`, "utf8"))?.[1]) / 1024,
      });
      /** @param {number} from @param {number} to */
      const changes = async (from, to) => {
        for (let number = from; number <= to; number += 1) {
          await change(number);
          await page.getByText(`Change ${number}`, { exact: true }).waitFor();
        }
        return cost();
      };
      // What is made once is there after some changes.
      const warm = Math.floor(SOAK / 5);
      const first = await changes(1, warm);
      let last = await changes(warm + 1, SOAK);
      const [threads, files] = [first.threads + 4, first.files + 4];
      // Threads that have nothing to do end after five seconds.
      await until(async () => {
        last = await cost();
        return last.threads <= threads && last.files <= files;
      }, `there are at most ${threads} threads and ${files} open files`);
      const words = (/** @type {typeof first} */ one) =>
        `${one.threads} threads, ${one.files} files, ${one.memory.toFixed(1)} MB`;
      console.log(`# after ${warm} changes: ${words(first)}; after ${SOAK}: ${words(last)}`);
      assert.ok(last.memory <= first.memory * 1.25 + 8, `${first.memory} MB became ${last.memory} MB`);
      await page.getByRole("textbox").waitFor();
      await visitor.close();
    } finally {
      await visitor.context.close();
      await preview.close();
    }
  },
);
