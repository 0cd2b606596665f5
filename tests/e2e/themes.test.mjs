/** Every theme that is shipped: what it looks like, and that everybody can use it. */

import assert from "node:assert/strict";
import { copyFile, mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";

import { findViolations } from "./harness/axe.mjs";
import { chatkitFrame, openBrowser } from "./harness/browser.mjs";
import { startProduct } from "./product.mjs";

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {import("./harness/browser.mjs").VisitorOptions} VisitorOptions */

const THEMES = ["default", "minimal", "midnight", "playful"];

/** Pictures of the run, to look at. */
const PICTURES = fileURLToPath(new URL(".tmp/screenshots/", import.meta.url));

/** Those that `themes/README.md` shows. `npm run pictures` takes them again. */
const SHOWN = fileURLToPath(new URL("screenshots/", import.meta.url));

/** Bytes of a picture that people load with `themes/README.md`. */
const LARGEST = 60 * 1024;

/** Somebody's site, for the pictures. */
const HOST_STYLE = `
  :root { color-scheme: light dark; background: light-dark(#f6f2ea, #1b1a17); color: light-dark(#2b2620, #eee7da) }
  body { margin: 0; padding: 48px; font: 20px/1.6 Georgia, serif }
  h1 { font-size: 64px; line-height: 1; margin: 0 0 24px }
  p { max-width: 20ch; margin: 0 }
`;

/** @type {Awaited<ReturnType<typeof openBrowser>>} */
let browser;

before(async () => {
  browser = await openBrowser();
  await mkdir(PICTURES, { recursive: true });
});
after(() => browser?.close());

/** @param {Page} page */
const launcher = (page) => page.getByRole("button", { name: "Chat with us" });

/** @param {Page} page */
const dialog = (page) => page.getByRole("dialog", { name: "Support" });

/** @param {Page} page */
async function greeted(page) {
  await (await chatkitFrame(page)).getByText("How can we help?").waitFor();
}

/** Nothing moves any more, as in a picture. @param {Page} page */
async function rested(page) {
  await page.evaluate(async () => {
    const root = document.querySelector("chatkit-launcher")?.shadowRoot;
    const running = [...document.getAnimations(), ...(root?.getAnimations() ?? [])];
    const ending = running.filter((animation) => animation.effect?.getComputedTiming().iterations !== Infinity);
    await Promise.allSettled(ending.map((animation) => animation.finished));
  });
}

for (const theme of THEMES) {
  describe(theme, () => {
    /** @type {import("./product.mjs").Product} */
    let product;
    /** @type {Record<string, string>} */
    const snippets = {};

    before(
      async () => {
        product = await startProduct({
          // The theme's own launcher and chat, so what the sample site sets of them goes.
          change: (site) =>
            site
              .replace("theme: default", `theme: ${theme}`)
              .replace('    color: "#1f4fd8"', "    #")
              .replace("      icon: lucide:message-circle", "      #")
              .replace("      width: 400\n      height: 680\n", "")
              .replace("label: Ask the docs", "label: Ask the docs\n      teaser: { text: Lost in here?, delay: 0 }"),
        });
        for (const kind of ["bubble", "popup", "inline", "direct"]) {
          snippets[kind] = await product.snippet("support", kind);
        }
        snippets.docs = await product.snippet("docs", "bubble");
      },
      { timeout: 1_200_000 },
    );
    after(() => product?.close());

    /** Runs a test with a visitor of its own.
     * @param {string} name @param {VisitorOptions} options
     * @param {(visitor: import("./harness/browser.mjs").Visitor) => Promise<void>} body */
    const withVisitor = (name, options, body) =>
      test(name, async () => {
        const visitor = await browser.visitor(options);
        try {
          await body(visitor);
        } finally {
          await visitor.close();
        }
      });

    for (const [way, options] of Object.entries(
      /** @type {Record<string, VisitorOptions>} */ ({
        light: { colorScheme: "light" },
        dark: { colorScheme: "dark" },
        "forced colours": { forcedColors: "active" },
      }),
    )) {
      withVisitor(`axe finds nothing in ${way}`, options, async (visitor) => {
        const picture = (/** @type {Page} */ page, /** @type {string} */ what) =>
          page.screenshot({ path: join(PICTURES, `${theme}-${what}-${way.replace(" ", "-")}.png`) });
        const page = await visitor.open(product.paste(snippets.docs + snippets.bubble));
        await launcher(page).waitFor();
        await page.getByText("Lost in here?").waitFor();
        await launcher(page).focus(); // fetches the panel, and with it the dot
        await page.evaluate(() => {
          for (const host of document.querySelectorAll("chatkit-launcher")) {
            host.shadowRoot?.querySelector(".box")?.setAttribute("data-unread", "");
          }
        });
        await rested(page);
        assert.deepEqual(await findViolations(page), [], "launcher, teaser and dot");
        await picture(page, "closed");
        await launcher(page).click();
        await greeted(page);
        await rested(page);
        assert.deepEqual(await findViolations(page), [], "panel");
        // In tabs of their own, because this one remembers that its panel is open.
        for (const kind of ["popup", "inline"]) {
          const tab = await visitor.open(product.paste(snippets[kind]));
          if (kind === "popup") {
            await tab.getByRole("link", { name: "Chat with us" }).click();
          }
          await greeted(tab);
          await rested(tab);
          assert.deepEqual(await findViolations(tab), [], kind);
          await picture(tab, kind);
          await tab.close();
        }
        await page.goto(product.page("support"));
        await greeted(page);
        assert.deepEqual(await findViolations(page), [], "page");
        await picture(page, "page");

        visitor.setChatKit("held");
        await page.goto(product.page("support"), { waitUntil: "domcontentloaded" });
        await page.getByRole("status").first().waitFor({ state: "attached" });
        assert.deepEqual(await findViolations(page), [], "outline");
        await picture(page, "outline");

        visitor.setChatKit("blocked");
        visitor.expectError(/ERR_BLOCKED_BY_CLIENT/);
        visitor.expectError(/failed to load/);
        await page.goto(product.page("support"));
        await page.getByRole("alert").waitFor();
        assert.deepEqual(await findViolations(page), [], "failure of the page");
        await picture(page, "failure");
        const tab = await visitor.open(product.paste(snippets.direct));
        await launcher(tab).click();
        await tab.getByRole("alert").waitFor();
        await rested(tab);
        assert.deepEqual(await findViolations(tab), [], "failure in the panel");
        await picture(tab, "failure-panel");

        visitor.expectError(/404/);
        await page.goto(`${product.site.url}/nothing-here`);
        await page.getByRole("heading", { name: "Nothing here" }).waitFor();
        assert.deepEqual(await findViolations(page), [], "404");
        await picture(page, "404");
      });
    }

    withVisitor("nothing moves for those who asked for less motion", { reducedMotion: "reduce" }, async (visitor) => {
      const page = await visitor.open(product.paste(snippets.bubble));
      await launcher(page).click();
      await dialog(page).waitFor();
      const moves = () =>
        page.evaluate(() => {
          const root = document.querySelector("chatkit-launcher")?.shadowRoot ?? document;
          return [...root.getAnimations()].length;
        });
      assert.equal(await moves(), 0, "panel");
      await launcher(page).hover();
      assert.equal(await moves(), 0, "launcher");
      visitor.setChatKit("held");
      await page.goto(product.page("support"), { waitUntil: "domcontentloaded" });
      await page.getByRole("status").first().waitFor({ state: "attached" });
      assert.equal(await page.evaluate(() => document.getAnimations().length), 0, "outline");
      visitor.setChatKit("double");
      await greeted(page);
    });

    withVisitor("in a page that reads from right to left, everything is mirrored", {}, async (visitor) => {
      const edge = async (/** @type {string} */ direction) => {
        const page = await visitor.open(
          product.paste(`<script>document.documentElement.dir = '${direction}'</script>${snippets.bubble}`),
        );
        await launcher(page).click();
        await greeted(page);
        await rested(page);
        const { width } = page.viewportSize() ?? { width: 0 };
        const boxes = await Promise.all([
          launcher(page).boundingBox(),
          dialog(page).boundingBox(),
          dialog(page).getByRole("button", { name: "Close" }).boundingBox(),
        ]);
        if (direction === "rtl") {
          await page.screenshot({ path: join(PICTURES, `${theme}-rtl.png`) });
        }
        await page.close();
        return boxes.map((box) => {
          assert.ok(box);
          return Math.round(direction === "rtl" ? box.x : width - box.x - box.width);
        });
      };
      assert.deepEqual(await edge("rtl"), await edge("ltr"));
    });

    for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
      withVisitor(
        `how it looks in ${colorScheme}`,
        { colorScheme, viewport: { width: 600, height: 800 } },
        async (visitor) => {
          const page = await visitor.open(product.paste(snippets.bubble));
          await page.addStyleTag({ content: HOST_STYLE });
          await launcher(page).click();
          await greeted(page);
          await page.mouse.move(1, 1);
          await rested(page);
          const path = join(PICTURES, `theme-${theme}-${colorScheme}.png`);
          await page.screenshot({ path });
          assert.ok((await stat(path)).size <= LARGEST, `${path} is too large for themes/README.md`);
          if (process.env.SCREENSHOTS === "keep") {
            await copyFile(path, join(SHOWN, `theme-${theme}-${colorScheme}.png`));
          }
        },
      );
    }
  });
}
