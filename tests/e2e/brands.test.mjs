/** Three brands that are hard to dress, in every theme: what they look like, and that everybody can use them. */

import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

import { findViolations } from "./harness/axe.mjs";
import { openBrowser } from "./harness/browser.mjs";
import { startPreview } from "./harness/preview.mjs";
import { smallPng } from "./harness/small-png.mjs";

/** @typedef {import("playwright-core").Page} Page */

const THEMES = ["default", "minimal", "midnight", "playful"];

const BRANDS = { yellow: "#fff3b0", black: "#111111", red: "#e11d1d" };

/** A phone, and a window in which the panel has all of its height. */
const SCREENS = { desktop: { width: 500, height: 820 }, phone: { width: 390, height: 780 } };

/** Pictures of the run, to look at. */
const PICTURES = fileURLToPath(new URL(".tmp/screenshots/", import.meta.url));

/** The one that the README shows. `npm run pictures` takes it again. */
const SHOWN = fileURLToPath(new URL("screenshots/brands.png", import.meta.url));

/** Bytes of a picture that people load with the README. */
const LARGEST = 120 * 1024;

const LOGO =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48"><circle cx="24" cy="24" r="24" fill="#14532d"/>' +
  '<path d="M14 32V16l10 9 10-9v16" fill="none" stroke="#fff" stroke-width="5"/></svg>';

/** @param {string} theme @param {string} color */
const widget = (theme, color) => `
    theme: ${theme}
    brand: { name: Morrow, color: "${color}", logo: logo.svg, tone: auto }
    launcher: { teaser: { text: "Questions? We are here.", delay: 0 } }`;

const names = THEMES.flatMap((theme) => Object.keys(BRANDS).map((brand) => `${theme}-${brand}`));

const SITE = `site: { url: https://chat.example.com }
defaults:
  backend: { type: agent, domain_key: domain_pk_example, instructions: Answer briefly. }
  chatkit:
    startScreen:
      greeting: How can we help?
      prompts:
        - { label: Where is my order?, prompt: Where is my order?, icon: lucide:package }
        - { label: Return something, prompt: How do I return something?, icon: lucide:undo-2 }
widgets:
${THEMES.flatMap((theme) => Object.entries(BRANDS).map(([name, color]) => `  ${theme}-${name}:${widget(theme, color)}\n`)).join("")}`;

/** @type {Awaited<ReturnType<typeof openBrowser>>} */
let browser;
/** @type {import("./harness/preview.mjs").Preview} */
let preview;
/** Origin of the host pages. */
let stage = "";

before(
  async () => {
    await mkdir(PICTURES, { recursive: true });
    preview = await startPreview({ files: { "site.yaml": SITE, "logo.svg": LOGO } });
    browser = await openBrowser();
    const visitor = await browser.visitor();
    const page = await visitor.open(preview.origin);
    const source = await page.locator("iframe").first().getAttribute("src");
    stage = new URL(source ?? "").origin;
    await visitor.close();
  },
  { timeout: 1_200_000 },
);
after(async () => {
  await browser?.close();
  await preview?.close();
});

/** Nothing moves any more, as in a picture. @param {Page} page */
const rested = (page) =>
  page.evaluate(async () => {
    const root = document.querySelector("chatkit-launcher")?.shadowRoot;
    const running = root?.getAnimations() ?? [];
    const ending = running.filter((animation) => animation.effect?.getComputedTiming().iterations !== Infinity);
    await Promise.allSettled(ending.map((animation) => animation.finished));
  });

/** Opens the chat of a widget. @param {import("./harness/browser.mjs").Visitor} visitor @param {string} name */
async function opened(visitor, name) {
  const page = await visitor.open(`${stage}/?widget=${name}`);
  await page.getByText("Questions? We are here.").waitFor();
  await rested(page);
  assert.deepEqual(await findViolations(page), [], `${name}: launcher and teaser`);
  await page.getByRole("button", { name: "Chat with us" }).click();
  await page.frameLocator("iframe").getByText("How can we help?").waitFor();
  await page.mouse.move(1, 1);
  await rested(page);
  return page;
}

for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
  for (const [screen, viewport] of Object.entries(SCREENS)) {
    test(`axe finds nothing in ${colorScheme} on a ${screen}, whatever the colour`, async () => {
      const visitor = await browser.visitor({ colorScheme, viewport });
      for (const name of names) {
        const page = await opened(visitor, name);
        assert.deepEqual(await findViolations(page), [], name);
        await page.screenshot({ path: join(PICTURES, `brand-${name}-${screen}-${colorScheme}.png`) });
        await page.close();
      }
      await visitor.close();
    });
  }
}

test("how it looks: each brand in each theme", async () => {
  const visitor = await browser.visitor({ viewport: SCREENS.desktop });
  const pictures = [];
  for (const name of names) {
    const page = await opened(visitor, name);
    const picture = await page.screenshot({ clip: { x: 60, y: 20, width: 440, height: 800 } });
    pictures.push(`<img src="data:image/png;base64,${picture.toString("base64")}" width="172" alt="">`);
    await page.close();
  }
  const page = await visitor.open();
  await page.setViewportSize({ width: 6 * 172, height: 2 * 313 });
  await page.setContent(`<body style="margin:0;display:flex;flex-wrap:wrap">${pictures.join("")}</body>`);
  const picture = await smallPng(await visitor.open(), await page.screenshot());
  await writeFile(join(PICTURES, "brands.png"), picture);
  assert.ok(picture.length <= LARGEST, `${picture.length} bytes are too many for the README`);
  if (process.env.SCREENSHOTS === "keep") {
    await writeFile(SHOWN, picture);
  }
  await visitor.close();
});
