/** The studio's page *Brand*, the values of a theme, and what a search finds, in a browser. */

import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { before } from "node:test";

import { findViolations } from "./harness/axe.mjs";
import { startPreview } from "./harness/studio-preview.mjs";
import { group, openStudio, studioTests } from "./harness/studio.mjs";
import { until } from "./harness/until.mjs";

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {Awaited<ReturnType<typeof startPreview>>} Preview */

const SHOTS = new URL(".tmp/screenshots/", import.meta.url).pathname;

before(() => mkdir(SHOTS, { recursive: true }));

const studio = studioTests(startPreview, (visitor, preview) => openStudio(visitor, preview.url));

/** The edits that the server was told last. @param {Preview} preview */
const lastEdits = (preview) =>
  preview.calls
    .filter(({ name }) => name === "draft")
    .at(-1)
    ?.body.edits.map((/** @type {any} */ edit) => [edit.path.join("."), edit.value]);

/** @param {Preview} preview @param {unknown} edits */
const edited = (preview, edits) =>
  until(
    () => JSON.stringify(lastEdits(preview)) === JSON.stringify(edits),
    `the edits are ${JSON.stringify(edits)}; they are ${JSON.stringify(lastEdits(preview))}`,
  );

/** @param {Page} page @param {string} path of a setting */
const setting = (page, path) => page.locator(`[data-path="${path}"]`);

/** Opens the settings of the whole site. @param {Page} page */
async function openSite(page) {
  await page.getByRole("button", { name: /^Widget:/ }).click();
  await page.getByRole("button", { name: /^Site/ }).click();
}

studio("themes are chosen by pictures, which are drawn in the brand's colour", async ({ page, preview }) => {
  await page.locator("#group-title", { hasText: "Brand" }).waitFor();
  const gallery = page.getByRole("group", { name: "Theme", exact: true });
  assert.deepEqual(
    await gallery.getByRole("radio").evaluateAll((all) => all.map((each) => each.getAttribute("value"))),
    ["default", "midnight", "minimal", "playful"],
  );
  await gallery.getByRole("radio", { name: "default" }).and(page.locator(":checked")).waitFor();
  const launchers = () =>
    page.locator(".picture-launcher").evaluateAll((all) => all.map((each) => getComputedStyle(each).backgroundColor));
  await setting(page, "widgets.support.brand.color")
    .getByRole("textbox", { name: "Color", exact: true })
    .fill("#b3261e");
  assert.deepEqual(new Set(await launchers()), new Set(["rgb(179, 38, 30)"]));
  await gallery.getByRole("radio", { name: "default" }).focus();
  await page.keyboard.press("ArrowRight");
  await edited(preview, [
    ["widgets.support.brand", { color: "#b3261e" }],
    ["widgets.support.theme", "midnight"],
  ]);
  await page.getByRole("button", { name: "Reset theme" }).click();
  await gallery.getByRole("radio", { name: "default" }).and(page.locator(":checked")).waitFor();
});

studio("a brand's colour shows the contrast of the text on it", async ({ page, preview }) => {
  const color = setting(page, "widgets.support.brand.color");
  assert.equal(await color.locator(".mark").textContent(), "inherited");
  await color.getByText("6.6 : 1, white text on it (AA)").waitFor();
  await color.getByRole("textbox", { name: "Color", exact: true }).fill("#ffd84d");
  await color.getByText("15.1 : 1, black text on it (AA)").waitFor();
  await color.getByRole("checkbox", { name: "Another one in dark" }).check();
  await color.getByRole("textbox", { name: "Color, dark" }).fill("navy");
  await color.getByText("16.0 : 1, white text on it in dark (AA)").waitFor();
  await edited(preview, [["widgets.support.brand", { color: { light: "#ffd84d", dark: "navy" } }]]);
});

studio("a corner and a font cannot be set to what is neither", async ({ page, preview }) => {
  const corner = setting(page, "widgets.support.brand.corner");
  await corner.getByRole("textbox").fill("round");
  await corner.getByText("Not set yet. Write pixels, such as 12px.").waitFor();
  assert.deepEqual(lastEdits(preview), []);
  await corner.getByRole("textbox").fill("8");
  await edited(preview, [["widgets.support.brand", { corner: "8px" }]]);
  await corner.locator("[type=range]").fill("0");
  await edited(preview, [["widgets.support.brand", { corner: "0" }]]);
  const font = setting(page, "widgets.support.brand.font");
  await font.getByRole("combobox").selectOption("Georgia");
  await edited(preview, [["widgets.support.brand", { corner: "0", font: "Georgia, serif" }]]);
  await font.getByRole("combobox").selectOption("Your website’s …");
  const own = font.getByRole("textbox", { name: "Font: of your website" });
  assert.equal(await own.evaluate((each) => each === document.activeElement), true);
  await own.fill("url(https://a.example)");
  await font.getByText(/^Not set yet\. Write names/).waitFor();
  await own.fill("Inter, sans-serif");
  await edited(preview, [["widgets.support.brand", { corner: "0", font: "Inter, sans-serif" }]]);
  await page.reload();
  await own.waitFor();
  assert.equal(await own.inputValue(), "Inter, sans-serif", "one that is not in the list is the website's");
});

studio("a logo is dropped or chosen, and one that is none is refused in words", async ({ page, preview, visitor }) => {
  visitor.expectError(/400/);
  const logo = setting(page, "widgets.support.brand.logo");
  const chooser = page.waitForEvent("filechooser");
  await logo.getByRole("button", { name: "Choose a file" }).click();
  await (await chooser).setFiles({ name: "notes.txt", mimeType: "text/plain", buffer: Buffer.from("hello") });
  await logo.getByText("notes.txt: this file is not a picture.").waitFor();
  assert.deepEqual(lastEdits(preview), []);
  const dropped = await page.evaluateHandle(() => {
    const data = new DataTransfer();
    data.items.add(new File(["<svg/>"], "ours.svg", { type: "image/svg+xml" }));
    return data;
  });
  await logo.locator(".drop").dispatchEvent("drop", { dataTransfer: dropped });
  await edited(preview, [["widgets.support.brand", { logo: "logo.svg" }]]);
  assert.equal(await logo.getByRole("textbox").inputValue(), "logo.svg");
  assert.deepEqual(await findViolations(page), []);
});

studio("a website's looks become the brand in one step", async ({ page, preview, visitor }) => {
  visitor.expectError(/400/);
  const part = page.getByRole("region", { name: "Take from my website" });
  const address = part.getByRole("textbox", { name: "Take from my website" });
  await address.fill("nowhere.example");
  await page.keyboard.press("Enter");
  await part.getByText("failed to read it: the site cannot be reached").waitFor();
  assert.deepEqual(lastEdits(preview), []);
  await address.fill("morrow.example");
  await part.getByRole("button", { name: "Take" }).click();
  await part.getByText("Took colour, font, name and language. Undo takes it back.").waitFor();
  await edited(preview, [
    ["widgets.support.page.language", "de"],
    ["widgets.support.brand", { name: "Morrow", color: "#0a7d55", font: "Inter, sans-serif" }],
  ]);
  assert.deepEqual(await findViolations(page), []);
  await page.screenshot({ path: `${SHOTS}studio-website.png` });
  await page.getByRole("button", { name: "Undo" }).click();
  await edited(preview, []);
});

studio(
  "nobody is offered to give a logo where nothing can be saved",
  async ({ page }) => {
    await setting(page, "widgets.support.brand.logo").waitFor();
    assert.equal(await page.getByRole("button", { name: "Choose a file" }).count(), 0);
    assert.equal(await page.getByRole("region", { name: "Take from my website" }).count(), 0);
  },
  { preview: { saving: { allowed: false, why: "Saving is off" } } },
);

studio("each of a theme's variables has its own control, and no other can be added", async ({ page, preview }) => {
  await openSite(page);
  await group(page, "Looks");
  const variables = setting(page, "site.variables");
  const names = await variables
    .locator(".variables > .field")
    .evaluateAll((all) => all.map((each) => each.dataset.path));
  assert.equal(names.length, 13);
  assert.equal(await page.getByRole("button", { name: "Add one" }).count(), 0);
  const ground = setting(page, "site.variables.ground");
  await ground.getByText("What lies behind the card of the hosted page.").waitFor({ state: "attached" });
  // One scheme alone would be no colour.
  await ground.getByRole("textbox", { name: "Ground, dark" }).fill("#101010");
  await edited(preview, [["site.variables", { ground: { light: "#f4f4f7", dark: "#101010" } }]]);
  await page.getByRole("button", { name: "Reset ground" }).click();
  await edited(preview, []);
  await setting(page, "site.variables.corner").getByRole("textbox").fill("1.5rem");
  await edited(preview, [["site.variables", { corner: "1.5rem" }]]);
  assert.deepEqual(await findViolations(page), []);
});

studio("the colour of a text says how well it can be read", async ({ page, preview }) => {
  await group(page, "Looks");
  const text = setting(page, "widgets.support.variables.on-accent");
  await text.getByText("6.6 : 1 on accent (AA)").waitFor();
  await text.getByRole("textbox", { name: "On accent", exact: true }).fill("#808080");
  await text.getByText("1.6 : 1 on accent: hard to read").waitFor();
  await edited(preview, [["widgets.support.variables", { "on-accent": "#808080" }]]);
  await group(page, "Brand");
  await page.getByRole("radio", { name: "playful" }).check();
  await group(page, "Looks");
  await setting(page, "widgets.support.variables.edge").waitFor();
});

for (const [words, paths] of /** @type {[string, string[]][]} */ ([
  ["logo", ["widgets.support.brand.logo", "widgets.support.launcher.icon", "site.brand.logo"]],
  ["avatar", ["widgets.support.brand.logo", "widgets.support.launcher.icon", "site.brand.logo"]],
  ["brand", ["widgets.support.brand.color", "site.brand.color"]],
  ["colour", ["widgets.support.brand.color", "widgets.support.launcher.color", "site.brand.color"]],
  ["color", ["widgets.support.brand.color", "widgets.support.launcher.color", "site.brand.color"]],
  ["welcome", ["widgets.support.chatkit.startScreen.greeting"]],
  ["api key", ["widgets.support.backend.api_key_env"]],
  ["theme", ["widgets.support.theme", "site.theme"]],
  ["allowed origins", ["widgets.support.allowed_origins", "site.allowed_origins"]],
  ["font", ["widgets.support.brand.font", "site.brand.font"]],
  ["position", ["widgets.support.launcher.position"]],
])) {
  studio(`a search for “${words}” finds it in the widget and the site`, async ({ page }) => {
    await page.keyboard.press("Control+k");
    await page.keyboard.type(words);
    for (const path of paths) {
      await setting(page, path).first().waitFor();
    }
    assert.deepEqual(await findViolations(page), []);
  });
}

studio(
  "a setting of the site is found and changed from a widget, and the other way round",
  async ({ page, preview }) => {
    await page.keyboard.press("Control+k");
    await page.keyboard.type("address");
    await page.getByRole("heading", { name: "Whole site: Site" }).waitFor();
    await setting(page, "site.url").getByRole("textbox").fill("https://chat.shop.example");
    await edited(preview, [["site.url", "https://chat.shop.example"]]);
    await openSite(page);
    await page.keyboard.press("Control+k");
    await page.keyboard.type("welcome");
    await page.getByRole("heading", { name: "support: Start screen" }).waitFor();
  },
);

for (const colorScheme of /** @type {("light" | "dark")[]} */ (["light", "dark"])) {
  studio(
    `the site's own pages have nothing for axe in ${colorScheme}`,
    async ({ page }) => {
      await openSite(page);
      for (const name of ["Brand", "Looks", "Site"]) {
        await group(page, name);
        assert.deepEqual(await findViolations(page), [], name);
        await page.screenshot({ path: `${SHOTS}studio-site-${name}-${colorScheme}.png` });
      }
    },
    { visitor: { colorScheme } },
  );
}
