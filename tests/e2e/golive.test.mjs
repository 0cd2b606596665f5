/** Going live from the studio: from placeholders to a site that was deployed, in a browser and with the real server. */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { after, before } from "node:test";
import { promisify } from "node:util";

import { findViolations } from "./harness/axe.mjs";
import { listen } from "./harness/http.mjs";
import { binary, startPreview } from "./harness/preview.mjs";
import { serveSite } from "./harness/site-server.mjs";
import { box, group, openStudio, studioTests } from "./harness/studio.mjs";

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {Awaited<ReturnType<typeof startPreview>>} Preview */

const SHOTS = new URL(".tmp/screenshots/", import.meta.url).pathname;

/** @param {string} url */
const site = (url) => `site: { url: ${url}, allowed_origins: [https://www.acme.com] }
widgets:
  support:
    launcher: { label: Chat }
    backend: { type: agent, domain_key: domain_pk_1, instructions: Be brief. }
`;

before(
  async () => {
    await mkdir(SHOTS, { recursive: true });
    await binary();
  },
  { timeout: 600_000 },
);

const trial = studioTests(startPreview, (visitor, preview) => openStudio(visitor, preview.origin));

/** @param {Page} page */
const dialog = (page) => page.getByRole("dialog", { name: "Go live" });

/** The lines of the list in which a word says how it stands. @param {Page} page @param {string} word */
const lines = (page, word) =>
  dialog(page)
    .getByRole("listitem")
    .filter({ has: page.getByText(word, { exact: true }) });

/** What a build of the files now says to visitors. @param {Preview} preview */
const build = async (preview) => promisify(execFile)(await binary(), ["build"], { cwd: preview.folder });

/** @param {Page} page @param {string} text */
async function saveLabel(page, text) {
  await group(page, "Launcher");
  await box(page, "Label").fill(text);
  await page.getByRole("button", { name: "Save", exact: true }).click();
  const sure = page.getByRole("dialog", { name: "Save these changes?" });
  await sure.locator(".added").first().waitFor();
  await sure.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByText("All saved").waitFor();
}

trial(
  "an example of an address is said to be one, is not visited, and can be set from there",
  async ({ page }) => {
    await page.getByRole("button", { name: "Go live" }).focus();
    await page.keyboard.press("Enter");
    await dialog(page).getByText("This address is an example.").waitFor();
    assert.match((await lines(page, "To do").allTextContents()).join(), /chat\.example\.com.*is an example/);
    assert.deepEqual(await findViolations(page), []);
    await dialog(page).getByRole("button", { name: "Set the address" }).click();
    await page.locator('[data-path="site.url"] :focus').waitFor();
  },
  { preview: { files: { "site.yaml": site("https://chat.example.com") } } },
);

trial(
  "a change is saved, not deployed yet, and then what visitors see",
  async ({ page, preview }) => {
    const served = await serveSite({ dist: join(preview.folder, "dist") });
    try {
      await preview.write("site.yaml", site(served.url));
      await page.getByText("All saved").waitFor();
      await build(preview);
      await saveLabel(page, "Help");
      await page.getByRole("button", { name: "Not deployed yet" }).click();
      const status = dialog(page).getByRole("status");
      await status.getByText("Saved, not deployed yet").waitFor();
      assert.match((await lines(page, "Wrong").allTextContents()).join(), /w\/support\.js.* differ from this build/);
      assert.match(await dialog(page).locator("pre").innerText(), new RegExp(`${served.url}/w/support.js`));

      await build(preview);
      // The focus stays, so that the same key asks again.
      await page.keyboard.press("Enter");
      await status.getByText("Visitors see this version.").waitFor();
      assert.match((await lines(page, "Fine").allTextContents()).join(), /pages and loaders as in this build/);
      // This site has no function.
      await lines(page, "Wrong").first().waitFor();
      assert.deepEqual(await findViolations(page), []);
      for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
        await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
        await page.screenshot({ path: join(SHOTS, `golive-${colorScheme}.png`) });
      }
      assert.deepEqual(await findViolations(page), []);
      await page.keyboard.press("Escape");
      await page.getByText("All saved and deployed").waitFor();
      assert.equal(await page.getByRole("button", { name: "Not deployed yet" }).count(), 0);

      await served.close();
      await page.getByRole("button", { name: "Go live" }).click();
      await lines(page, "Wrong").first().waitFor();
      assert.match((await lines(page, "Wrong").allTextContents()).join(), /nothing listens there/);
    } finally {
      await served.close();
    }
  },
  { preview: { files: { "site.yaml": site("https://chat.example.com") } } },
);

/** The requests that a build hook gets. @type {string[]} */
const asked = [];
const hook = await listen((request, response) => {
  asked.push(`${request.method} ${request.url}`);
  response.end();
});
after(() => hook.close());

trial(
  "Publish asks the build hook once, and its address is nowhere in the page",
  async ({ page, visitor }) => {
    /** @type {string[]} */
    const seen = [];
    visitor.context.on("response", async (response) => seen.push(await response.text().catch(() => "")));
    await page.reload();
    await page.locator(".bench:not(.starting)").waitFor();
    await page.getByRole("button", { name: "Go live" }).click();
    await dialog(page).getByRole("button", { name: "Publish" }).click();
    await dialog(page).getByText("Your host has begun to build.").waitFor();
    assert.deepEqual(asked, ["POST /build_hooks/canary"]);
    assert(seen.length > 10 && !seen.join().includes("canary"));
    assert.deepEqual(await findViolations(page), []);
  },
  {
    preview: {
      files: { "site.yaml": site("https://chat.example.com") },
      env: { BUILD_HOOK_URL: `${hook.url}/build_hooks/canary` },
    },
  },
);

trial(
  "what would be committed is shown first",
  async ({ page, preview }) => {
    const git = async (/** @type {string[]} */ ...args) =>
      (await promisify(execFile)("git", ["-C", preview.folder, ...args])).stdout;
    await git("init", "--quiet", "--bare", "upstream.git");
    await git("init", "--quiet", "--initial-branch=main");
    for (const [name, value] of [
      ["user.name", "Kim"],
      ["user.email", "kim@acme.com"],
      ["commit.gpgsign", "false"],
    ]) {
      await git("config", name, value);
    }
    await git("remote", "add", "origin", join(preview.folder, "upstream.git"));
    await git("add", "site.yaml");
    await git("commit", "--quiet", "--message", "First");
    await git("push", "--quiet", "--set-upstream", "origin", "main");
    await saveLabel(page, "Help");
    await page.getByRole("button", { name: "Go live" }).click();
    await dialog(page).getByRole("button", { name: "Commit and push" }).click();
    const sure = page.getByRole("dialog", { name: "Commit and push?" });
    assert.match(await sure.innerText(), /To origin, branch main\.[^]*site\.yaml/);
    assert.deepEqual(await findViolations(page), []);
    await page.screenshot({ path: join(SHOTS, "golive-commit.png") });
    await page.keyboard.press("Escape");
    assert.equal(await git("log", "--format=%s"), "First\n");
    await dialog(page).getByRole("button", { name: "Commit and push" }).click();
    await page.keyboard.press("Enter");
    await dialog(page).getByText("Pushed.").waitFor();
    assert.equal(await git("log", "--format=%s", "origin/main"), "Change the chat widgets\nFirst\n");
  },
  { preview: { files: { "site.yaml": site("https://chat.example.com") } } },
);
