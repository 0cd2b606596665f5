/** `watch` in a folder without a site: six questions, and then the studio. */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

import { findViolations } from "./harness/axe.mjs";
import { binary, startPreview } from "./harness/preview.mjs";
import { box, studioTests } from "./harness/studio.mjs";

const run = promisify(execFile);

const inAnEmptyFolder = studioTests(
  (options) => startPreview({ empty: true, ...options }),
  async (visitor, preview) => {
    const page = await visitor.open();
    await page.goto(preview.origin);
    await page.getByRole("heading", { name: "Start a site" }).waitFor();
    return page;
  },
);

/** @param {import("playwright-core").Page} page */
const create = (page) => page.getByRole("button", { name: "Create the site" });

for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
  inAnEmptyFolder(
    `axe finds nothing on the page, and nothing with errors on it, in ${colorScheme}`,
    async ({ page, visitor }) => {
      assert.deepEqual(await findViolations(page), []);
      visitor.expectError(/422/);
      await create(page).click();
      await page.getByText("write the address of your website").waitFor();
      assert.deepEqual(await findViolations(page), []);
      await page.screenshot({
        path: new URL(`.tmp/screenshots/start-${colorScheme}.png`, import.meta.url).pathname,
        fullPage: true,
      });
    },
    { visitor: { colorScheme, viewport: { width: 900, height: 1000 } } },
  );
}

inAnEmptyFolder("answers by the keyboard make a site, and the studio opens", async ({ page, preview }) => {
  await box(page, "Name").focus();
  await page.keyboard.press("Control+A");
  await page.keyboard.type("Morrow");
  await page.keyboard.press("Tab");
  await page.keyboard.type("morrow.example");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.keyboard.type("navy");
  await page.keyboard.press("Tab");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Tab");
  await page.keyboard.type("fra");
  await page.keyboard.press("Tab");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Enter");
  await page.locator(".bench:not(.starting)").waitFor();
  const site = await preview.read("site.yaml");
  for (const part of [
    "https://morrow.example",
    'color: "#000080"',
    "type: agent",
    "title: Rendez-vous – Morrow",
    "language: fr",
  ]) {
    assert.ok(site.includes(part), `${part} in ${site}`);
  }
  await preview.read("knowledge/about.md");
  // The widget itself is there, with the brand's colour.
  await page.frameLocator("iframe.loaded").getByRole("button", { name: "Questions sur les rendez-vous" }).waitFor();
  // The folder is one in which the commands work.
  await run(await binary(), ["build"], { cwd: preview.folder });
});

inAnEmptyFolder(
  "the texts are in the browser's language, if there are any",
  async ({ page, preview }) => {
    const language = page.getByRole("combobox", { name: "Language" });
    assert.equal(await language.inputValue(), "pt");
    const names = ["Deutsch", "English", "Español", "Français", "日本語", "Português"];
    assert.deepEqual(await language.getByRole("option").allTextContents(), names);
    await page.getByRole("textbox", { name: "Website" }).fill("morrow.example");
    await create(page).click();
    await page.locator(".bench:not(.starting)").waitFor();
    assert.match(await preview.read("site.yaml"), /greeting: Como podemos ajudar você\?/);
  },
  { visitor: { locale: "pt-BR" } },
);

inAnEmptyFolder(
  "the next widget goes on in the language of the first one, and can be saved as it is",
  async ({ page, preview }) => {
    await page.getByRole("textbox", { name: "Name" }).fill("Morrow");
    await page.getByRole("textbox", { name: "Website" }).fill("www.morrow.example");
    await page.getByRole("combobox", { name: "Language" }).selectOption("de");
    await create(page).click();
    await page.locator(".bench:not(.starting)").waitFor();
    await page.getByRole("button", { name: /^Widget:/ }).click();
    await page.getByRole("button", { name: "Add a widget" }).click();
    const dialog = page.getByRole("dialog", { name: "Add a widget" });
    await dialog.getByRole("radio", { name: "Internal" }).check();
    assert.equal(await dialog.getByRole("combobox", { name: "Language" }).inputValue(), "de");
    assert.deepEqual(await findViolations(page), []);
    await page.screenshot({ path: new URL(".tmp/screenshots/start-add.png", import.meta.url).pathname });
    await dialog.getByRole("button", { name: "Add" }).click();
    const launcher = { name: "Den Helpdesk fragen" };
    await page.frameLocator("iframe.loaded").getByRole("button", launcher).waitFor();
    await page.keyboard.press("Control+s");
    await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
    await page.getByText("All saved").waitFor();
    const site = await preview.read("site.yaml");
    for (const part of ["  help:\n", "title: Helpdesk von Morrow\n", "Beschäftigten von Morrow"]) {
      assert.ok(site.includes(part), `${part} in ${site}`);
    }
    await run(await binary(), ["build"], { cwd: preview.folder });
  },
);

inAnEmptyFolder("a wrong answer is told at its question, and typing it again helps", async ({ page, visitor }) => {
  visitor.expectError(/422/);
  const website = page.getByRole("textbox", { name: "Website" });
  await website.fill("http://morrow.example");
  await create(page).click();
  await page.getByText("must be https").waitFor();
  assert.equal(await website.getAttribute("aria-invalid"), "true");
  assert.equal(await website.evaluate((input) => input === document.activeElement), true);
  await website.fill("morrow.example");
  await create(page).click();
  await page.locator(".bench:not(.starting)").waitFor();
});

inAnEmptyFolder(
  "what stands in the way of the files is told in words, and the answers stay",
  async ({ page, preview, visitor }) => {
    visitor.expectError(/500/);
    await writeFile(join(preview.folder, "knowledge"), "a file");
    await page.getByRole("textbox", { name: "Website" }).fill("morrow.example");
    await create(page).click();
    await page.getByRole("alert").getByText("no file is in the place of a folder").waitFor();
    await rm(join(preview.folder, "knowledge"));
    await create(page).click();
    await page.locator(".bench:not(.starting)").waitFor();
  },
);

inAnEmptyFolder("a site that is made in a terminal opens the studio by itself", async ({ page, preview }) => {
  await run(await binary(), ["init", "--yes"], { cwd: preview.folder });
  await page.locator(".bench:not(.starting)").waitFor();
});
