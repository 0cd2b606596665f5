/** The studio in a browser: every way to change a site, and everything that can come in between. */

import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { before, test } from "node:test";

import { parse } from "yaml";

import { findViolations } from "./harness/axe.mjs";
import { openBrowser } from "./harness/browser.mjs";
import { startPreview } from "./harness/studio-preview.mjs";
import { box, group, openStudio, stage, studioTests } from "./harness/studio.mjs";
import { withWorkflow } from "./harness/sample.mjs";
import { until } from "./harness/until.mjs";

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {Awaited<ReturnType<typeof startPreview>>} Preview */
/** @typedef {import("./harness/browser.mjs").Visitor} Visitor */

const SHOTS = new URL(".tmp/screenshots/", import.meta.url).pathname;

before(() => mkdir(SHOTS, { recursive: true }));

const studio = studioTests(startPreview, async (visitor, preview) => {
  const page = await openStudio(visitor, preview.url);
  if (await page.locator("#viewport").isVisible()) {
    await stage(page).getByRole("heading", { name: "A host page" }).waitFor();
  }
  return page;
});

/** The drafts that were sent. @param {Preview} preview */
const drafts = (preview) => preview.calls.filter(({ name }) => name === "draft").map(({ body }) => body);

/** The edits that the server was told last. @param {Preview} preview */
const lastEdits = (preview) =>
  drafts(preview)
    .at(-1)
    ?.edits.map((/** @type {any} */ edit) => [edit.path.join("."), edit.value]);

/** @param {Preview} preview @param {unknown} edits */
const edited = (preview, edits) =>
  until(
    () => JSON.stringify(lastEdits(preview)) === JSON.stringify(edits),
    `the edits are ${JSON.stringify(edits)}; they are ${JSON.stringify(lastEdits(preview))}`,
  );

studio(
  "each keystroke is on its way to the preview before the next frame, one draft at a time",
  async ({ page, preview }) => {
    await group(page, "Launcher");
    const label = box(page, "Label");
    await page.evaluate(() => {
      const fetched = window.fetch;
      const late = /** @type {number[]} */ ([]);
      Object.assign(window, { late });
      let frames = 0;
      let typed = 0;
      const count = () => ((frames += 1), requestAnimationFrame(count));
      count();
      window.fetch = (...all) => {
        if (String(all[0]).endsWith("/draft")) {
          late.push(frames - typed);
        }
        return fetched(...all);
      };
      document.addEventListener("input", () => (typed = frames), true);
    });
    for (const letter of " now") {
      const before = drafts(preview).length;
      await label.press("End");
      await label.press(letter === " " ? "Space" : letter);
      await until(() => drafts(preview).length > before, "a draft was sent");
    }
    await edited(preview, [["widgets.support.launcher.label", "Chat with us now"]]);
    const late = await page.evaluate(() => /** @type {number[]} */ (/** @type {any} */ (window).late));
    assert.equal(late.length, 4);
    assert(
      late.every((frames) => frames <= 1),
      `sent after ${late} frames`,
    );

    preview.setDelay(300);
    const before = drafts(preview).length;
    await label.fill("a");
    await label.pressSequentially("bcdefgh");
    await edited(preview, [["widgets.support.launcher.label", "abcdefgh"]]);
    assert(drafts(preview).length - before <= 4, `${drafts(preview).length - before} drafts for eight letters`);
  },
);

studio("what is inherited is shown as such, can be set, and set back", async ({ page, preview }) => {
  await group(page, "Looks");
  const round = page.getByRole("group", { name: "Radius" });
  await assert.doesNotReject(round.getByRole("radio", { name: "Round" }).and(page.locator(":checked")).waitFor());
  const field = page.locator('[data-path="widgets.support.chatkit.theme.radius"]');
  assert.equal(await field.locator(".mark").textContent(), "inherited");
  assert.equal(await field.getByRole("button", { name: "Reset" }).count(), 0);
  await round.getByRole("radio", { name: "Sharp" }).check();
  await edited(preview, [["widgets.support.chatkit.theme", { radius: "sharp" }]]);
  assert.equal(await field.locator(".mark").textContent(), "");
  await field.getByRole("button", { name: "Reset radius" }).click();
  await edited(preview, []);
  assert.equal(await field.locator(".mark").textContent(), "inherited");
});

studio("search finds settings of all groups by name and by description", async ({ page }) => {
  await page.keyboard.press("Control+k");
  await page.keyboard.type("seconds");
  const headings = page.locator(".found-group");
  assert.deepEqual(await headings.allTextContents(), ["Launcher", "Back end"]);
  await page.getByRole("spinbutton", { name: "Session › Expires after" }).waitFor();
  await page.getByRole("searchbox").fill("nothing like this");
  await page.getByRole("heading", { name: "Nothing found" }).waitFor();
  await page.keyboard.press("Escape");
  await page.locator("#group-title", { hasText: "Brand" }).waitFor();
});

studio("help is there on demand, and always for who cannot see it", async ({ page }) => {
  await group(page, "Launcher");
  const size = page.getByRole("spinbutton", { name: "Size" });
  const help = page.getByRole("button", { name: "Help on size" });
  const text = page.getByText(/^Width and height in CSS pixels, 40 to 96/);
  assert.equal(await text.isVisible(), false);
  const described = await size.evaluate(
    (input) => document.getElementById(String(input.getAttribute("aria-describedby")).split(" ")[0])?.textContent,
  );
  assert.match(String(described), /^Width and height in CSS pixels, 40 to 96/);
  await help.focus();
  await page.keyboard.press("Enter");
  await text.waitFor();
  assert.equal(await help.getAttribute("aria-expanded"), "true");
  assert.deepEqual(await findViolations(page), []);
  await page.keyboard.press("Enter");
  await text.waitFor({ state: "hidden" });
  // A sentence that says no more than the label has no button.
  assert.equal(await page.getByRole("button", { name: "Help on shape" }).count(), 0);
});

studio("settings that few need are folded until one is set, wrong or looked for", async ({ page, preview }) => {
  const more = page.locator("details.more");
  const layer = page.getByRole("textbox", { name: "Z index" }).or(page.getByRole("spinbutton", { name: "Z index" }));
  await group(page, "Launcher");
  assert.equal(await more.locator("summary").innerText(), "More\nIcon color, Phone, Z index");
  assert.equal(await layer.isVisible(), false);
  await more.locator("summary").click();
  await layer.fill("7");
  await edited(preview, [["widgets.support.launcher.z_index", 7]]);
  await page.screenshot({ path: `${SHOTS}studio-more.png` });
  assert.deepEqual(await findViolations(page), []);
  await group(page, "Panel");
  assert.equal(
    await more.evaluate((details) => /** @type {HTMLDetailsElement} */ (details).open),
    true,
    "inline is set",
  );
  await group(page, "Launcher");
  await layer.waitFor();
  await page.keyboard.press("Control+z");
  await edited(preview, []);
  await group(page, "Looks");
  await group(page, "Launcher");
  assert.equal(await layer.isVisible(), false, "folded again");
  await page.keyboard.press("Control+y");
  await layer.waitFor();
  await page.getByRole("searchbox", { name: "Search settings" }).fill("stacking");
  await page.getByRole("spinbutton", { name: "Z index" }).waitFor();
});

studio("undo and redo go through all settings, and leave other fields to the browser", async ({ page, preview }) => {
  await group(page, "Launcher");
  await box(page, "Label").fill("One");
  await page.getByRole("spinbutton", { name: "Size" }).fill("72");
  await edited(preview, [
    ["widgets.support.launcher.label", "One"],
    ["widgets.support.launcher.size", 72],
  ]);
  await page.keyboard.press("Control+z");
  await edited(preview, [["widgets.support.launcher.label", "One"]]);
  await group(page, "Looks");
  await page.getByRole("button", { name: "Undo" }).click();
  await edited(preview, []);
  await page.getByRole("heading", { name: "Launcher", exact: true }).waitFor();
  assert.equal(await box(page, "Label").inputValue(), "Chat with us");
  await page.keyboard.press("Control+Shift+z");
  await page.keyboard.press("Control+y");
  await edited(preview, [
    ["widgets.support.launcher.label", "One"],
    ["widgets.support.launcher.size", 72],
  ]);
  await page.getByRole("searchbox").pressSequentially("x");
  await page.keyboard.press("Control+z");
  assert.equal(await page.getByRole("searchbox").inputValue(), "");
  await edited(preview, [
    ["widgets.support.launcher.label", "One"],
    ["widgets.support.launcher.size", 72],
  ]);
});

studio("what is wrong stands beside its setting, and a list leads there", async ({ page, preview }) => {
  await group(page, "Launcher");
  const size = page.getByRole("spinbutton", { name: "Size" });
  await size.fill("7");
  const summary = page.getByRole("group", { name: "One setting needs a look" });
  await summary.waitFor();
  await page.locator("#form").getByText("must be >= 40").waitFor();
  assert.equal(await size.getAttribute("aria-invalid"), "true");
  const described = await size.evaluate((input) =>
    (input.getAttribute("aria-describedby") ?? "")
      .split(" ")
      .map((id) => document.getElementById(id)?.textContent)
      .join(" "),
  );
  assert.match(described, /40 to 96.*must be >= 40/s);
  await group(page, "Looks");
  await page.getByRole("button", { name: "Launcher needs a look" }).waitFor();
  await summary.getByRole("button", { name: "support › Launcher › Size" }).click();
  await until(() => size.evaluate((input) => input === document.activeElement), "the setting has the focus");
  await page.keyboard.press("Control+s");
  assert.equal(await page.getByRole("dialog").count(), 0, "what is wrong can not be saved");
  await size.fill("72");
  await summary.waitFor({ state: "hidden" });
  assert.equal(await size.getAttribute("aria-invalid"), null);
  await edited(preview, [["widgets.support.launcher.size", 72]]);
});

studio("saving shows what changes in the files, and changes nothing else", async ({ page, preview }) => {
  await group(page, "Launcher");
  await box(page, "Label").fill("Talk to us");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "Save these changes?" });
  await dialog.getByText("label: Talk to us").waitFor();
  assert.deepEqual(await dialog.locator(".added, .removed").count(), 2);
  await page.screenshot({ path: `${SHOTS}studio-save.png` });
  assert.deepEqual(await findViolations(page), []);
  const before = preview.text();
  await dialog.getByRole("button", { name: "Save", exact: true }).click();
  await dialog.waitFor({ state: "hidden" });
  await page.getByText("All saved").waitFor();
  assert.equal(preview.text(), before.replace("label: Chat with us", "label: Talk to us"));
  assert.equal(await page.locator(".field.changed").count(), 0);
  await page.getByRole("button", { name: "Undo" }).click();
  await edited(preview, [["widgets.support.launcher.label", "Chat with us"]]);
});

for (const [choice, text, edits] of /** @type {[string, RegExp, unknown][]} */ ([
  ["Keep mine on top of theirs", /position: bottom-left[\s\S]*label: Mine/, []],
  ["Take theirs", /label: Chat with us/, []],
  ["Go back", /label: Chat with us/, [["widgets.support.launcher.label", "Mine"]]],
])) {
  studio(`files that changed before a save: ${choice}`, async ({ page, preview, visitor }) => {
    visitor.expectError(/409/);
    await group(page, "Launcher");
    await box(page, "Label").fill("Mine");
    await edited(preview, [["widgets.support.launcher.label", "Mine"]]);
    preview.setQuiet(true);
    await preview.change("position: bottom-right", "position: bottom-left");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Save", exact: true }).click();
    const dialog = page.getByRole("dialog", { name: "The files have changed in the meantime" });
    await dialog.getByRole("region", { name: "In the files" }).getByText("position: bottom-left").waitFor();
    await dialog.getByRole("region", { name: "Yours" }).getByText("label: Mine").waitFor();
    if (choice === "Go back") {
      await page.screenshot({ path: `${SHOTS}studio-both.png` });
    }
    preview.setQuiet(false);
    await dialog.getByRole("button", { name: choice }).click();
    await dialog.waitFor({ state: "hidden" });
    if (choice.startsWith("Keep")) {
      await page
        .getByRole("dialog", { name: "Save these changes?" })
        .getByRole("button", { name: "Save", exact: true })
        .click();
    }
    await edited(preview, edits);
    assert.match(preview.text(), text);
    assert.equal(await box(page, "Label").inputValue(), choice === "Take theirs" ? "Chat with us" : "Mine");
  });
}

studio(
  "saving that is switched off says why",
  async ({ page }) => {
    await group(page, "Launcher");
    await box(page, "Label").fill("Mine");
    await page.getByText("the network can reach this preview").waitFor();
    assert.equal(await page.getByRole("button", { name: "Save", exact: true }).isDisabled(), true);
  },
  { preview: { saving: { allowed: false, why: "the network can reach this preview" } } },
);

studio(
  "code of the playground becomes settings in one step, and says what it left out",
  async ({ page, preview, visitor }) => {
    visitor.expectError(/422/);
    await page.getByRole("button", { name: "Paste from the playground" }).click();
    const dialog = page.getByRole("dialog", { name: "Paste from the playground" });
    await dialog.getByLabel("Code, or drop a file here").fill("nothing");
    await dialog.getByRole("button", { name: "Read" }).click();
    await dialog.getByText("error: no options in there").waitFor();
    await dialog.getByLabel("Code, or drop a file here").fill("const options = { theme: {} };");
    await dialog.getByRole("button", { name: "Read" }).click();
    await dialog.getByText("api is left out").waitFor();
    assert.deepEqual(await findViolations(page), []);
    await page.screenshot({ path: `${SHOTS}studio-paste.png` });
    await dialog.getByRole("button", { name: "Use them" }).click();
    await edited(preview, [
      ["widgets.support.chatkit.startScreen.greeting", "Pasted greeting"],
      ["widgets.support.chatkit.theme", { density: "compact" }],
    ]);
    await page.getByRole("button", { name: "Undo" }).click();
    await edited(preview, []);

    await page.getByRole("button", { name: "Paste from the playground" }).click();
    await dialog.getByLabel("Code, or drop a file here").fill("{}");
    await dialog.getByLabel("Into").selectOption("A new widget");
    await dialog.getByLabel("Name").fill("fresh");
    await dialog.getByRole("button", { name: "Read" }).click();
    await dialog.getByRole("button", { name: "Use them" }).click();
    await until(
      () => lastEdits(preview)?.some((/** @type {any} */ [path]) => path === "widgets.fresh"),
      "the widget is new",
    );
    await stage(page).getByText("widget=fresh").waitFor();
  },
);

studio("an error in the files lies over the preview until it is gone", async ({ page, preview }) => {
  await preview.change("    disclaimer:", "    theme: { radius: rund }\n    disclaimer:");
  const overlay = page.getByRole("alert");
  await overlay.getByText("--> site.yaml").first().waitFor();
  await overlay.getByRole("heading", { name: "errors in site.yaml" }).waitFor();
  await page.screenshot({ path: `${SHOTS}studio-error.png` });
  assert.deepEqual(await findViolations(page), []);
  await preview.change("radius: rund", "radius: soft");
  await overlay.waitFor({ state: "hidden" });
  await group(page, "Looks");
  await page.getByRole("radio", { name: "Soft" }).and(page.locator(":checked")).waitFor();
});

studio("files that can not be read leave everything as it was, until they can", async ({ page, preview }) => {
  await group(page, "Launcher");
  await box(page, "Label").fill("Mine");
  await edited(preview, [["widgets.support.launcher.label", "Mine"]]);
  const sent = drafts(preview).length;
  await preview.change("site:\n", "site: [\n");
  await page.getByRole("alert").getByRole("heading", { name: "An error in site.yaml" }).waitFor();
  await box(page, "Label").fill("Still mine");
  await page.getByText("1 unsaved change").waitFor();
  assert.equal(drafts(preview).length, sent);
  await preview.change("site: [\n", "site:\n");
  await page.getByRole("alert").waitFor({ state: "hidden" });
  await edited(preview, [["widgets.support.launcher.label", "Still mine"]]);
});

/** Adds widgets in front of those of a site. @param {number} count */
const manyWidgets = (count) => (/** @type {string} */ text) =>
  text.replace(
    "widgets:\n",
    `widgets:\n${Array.from({ length: count }, (_, index) => `  shop-${index}: { backend: { type: hosted } }\n`).join("")}`,
  );

studio(
  "of many widgets, one is found by its name",
  async ({ page, preview }) => {
    await page.getByRole("button", { name: /^Widget:/ }).click();
    await page.getByRole("searchbox", { name: "Search widgets" }).fill("77");
    await page.getByRole("button", { name: /^shop-77/ }).click();
    await stage(page).getByText("widget=shop-77").waitFor();
    await group(page, "Launcher");
    await box(page, "Label").fill("One of many");
    await edited(preview, [["widgets.shop-77.launcher", { label: "One of many" }]]);
  },
  { preview: { change: manyWidgets(300) } },
);

studio(
  "of a long list of widgets, only the rows in sight are in the page, and keys go through all",
  async ({ page }) => {
    await page.getByRole("button", { name: /^Widget:/ }).click();
    const rows = page.getByRole("list", { name: "Widgets" }).getByRole("listitem");
    const row = (/** @type {number} */ place) => page.locator(`[aria-posinset="${place}"]`).getByRole("button");
    await rows.first().waitFor();
    const count = Number(await rows.first().getAttribute("aria-setsize"));
    assert.ok(count > 600);
    const few = async () => assert.ok((await rows.count()) < 40, `${await rows.count()} rows`);
    const isFocused = (/** @type {number} */ place) => row(place).and(page.locator(":focus")).waitFor();
    await few();
    await isFocused(1);
    assert.deepEqual(await findViolations(page), []);
    await page.keyboard.press("ArrowDown");
    await isFocused(2);
    await page.keyboard.press("PageDown");
    await page.keyboard.press("ArrowUp");
    await few();
    await page.keyboard.press("End");
    await isFocused(count);
    await few();
    assert.deepEqual(await findViolations(page), []);
    await page.keyboard.press("ArrowDown");
    await page.getByRole("button", { name: "Add a widget" }).and(page.locator(":focus")).waitFor();
    await page.keyboard.press("ArrowUp");
    await isFocused(count);
    await page.keyboard.press("Home");
    await isFocused(1);
    await page.locator(".menu-rows").evaluate((list) => (list.scrollTop = list.scrollHeight / 2));
    await row(Math.round(count / 2)).waitFor();
    await isFocused(1);
    await page.keyboard.type("599");
    await page.getByRole("searchbox", { name: "Search widgets" }).and(page.locator(":focus")).waitFor();
    await page.getByRole("status").getByText("1 widget", { exact: true }).waitFor();
    assert.equal(await rows.count(), 1);
    await page.keyboard.press("ArrowDown");
    await isFocused(1);
    await page.keyboard.press("Enter");
    await stage(page).getByText("widget=shop-599").waitFor();
    await page.getByRole("button", { name: /^Widget: shop-599/ }).click();
    await isFocused(600);
    await few();
  },
  { preview: { change: manyWidgets(600) } },
);

studio(
  "files that change meanwhile lie below the edits, and what has no place is listed",
  async ({ page, preview }) => {
    await group(page, "Launcher");
    await box(page, "Label").fill("Mine");
    await page.getByRole("button", { name: /^Widget:/ }).click();
    await page.getByRole("button", { name: /^docs/ }).click();
    await box(page, "Label").fill("Of docs");
    await edited(preview, [
      ["widgets.support.launcher.label", "Mine"],
      ["widgets.docs.launcher.label", "Of docs"],
    ]);
    await preview.change("label: Chat with us", "label: Theirs");
    await page.getByText("Your changes are on top of them.").waitFor();
    await page.getByText("widgets.support.launcher.label").waitFor();
    const [{ revision }] = drafts(preview);
    await until(() => drafts(preview).at(-1).revision !== revision, "the draft is one of the new files");
    const text = preview.text();
    await preview.change(text.slice(text.indexOf("  docs:\n")), "");
    await page.getByText("No longer possible, so dropped:").waitFor();
    await page.getByRole("status").getByText("widgets.docs.launcher.label").waitFor();
    await edited(preview, [["widgets.support.launcher.label", "Mine"]]);
    assert.equal(await box(page, "Label").inputValue(), "Mine", "what is edited is a widget that there is");
  },
);

studio("unsaved edits survive a reload, with all steps, and leaving warns", async ({ page, preview }) => {
  await group(page, "Launcher");
  await box(page, "Label").fill("Kept");
  await edited(preview, [["widgets.support.launcher.label", "Kept"]]);
  const [{ id }] = drafts(preview);
  assert.match(id, /^[0-9a-f]{32}$/, "nobody guesses it");
  /** @type {string[]} */
  const asked = [];
  page.on("dialog", (dialog) => {
    asked.push(dialog.type());
    void dialog.accept();
  });
  await preview.change("      height: 680\n", "      height: 600\n");
  await page.reload();
  assert.deepEqual(asked, ["beforeunload"]);
  await page.getByText("Your unsaved changes are back.").waitFor();
  await edited(preview, [["widgets.support.launcher.label", "Kept"]]);
  assert.equal(drafts(preview).at(-1).id, id);
  await page.getByRole("button", { name: "Undo" }).click();
  await edited(preview, []);
  await page.reload();
  assert.equal(asked.length, 1, "without a change, nothing is asked");
});

studio("a tab that is duplicated goes on by itself, with the same edits", async ({ page, preview, visitor }) => {
  await group(page, "Launcher");
  await box(page, "Label").fill("First");
  await edited(preview, [["widgets.support.launcher.label", "First"]]);
  const [{ id }] = drafts(preview);
  // What browsers do when somebody duplicates a tab: storage is copied.
  await until(
    () => page.evaluate(() => sessionStorage.getItem("chatkit-embed:studio")?.includes("First")),
    "it is kept",
  );
  const stored = await page.evaluate(() => ({ ...sessionStorage }));
  const twin = await visitor.context.newPage();
  await twin.addInitScript(
    (all) => Object.entries(all).forEach(([key, value]) => sessionStorage.setItem(key, value)),
    stored,
  );
  await openStudio(visitor, preview.url, twin);
  await until(() => drafts(preview).at(-1).id !== id, "the twin has a draft of its own");
  assert.deepEqual(lastEdits(preview), [["widgets.support.launcher.label", "First"]]);
  await twin.close({ runBeforeUnload: false });
});

studio(
  "in the background no connection is held, and whoever comes back sees what the files are by now",
  async ({ page, preview }) => {
    await group(page, "Launcher");
    const hide = (/** @type {boolean} */ hidden) =>
      page.evaluate(
        (state) => {
          Object.defineProperty(document, "visibilityState", { configurable: true, value: state });
          document.dispatchEvent(new Event("visibilitychange"));
        },
        hidden ? "hidden" : "visible",
      );
    assert.equal(preview.listeners(), 1);
    await hide(true);
    await until(() => preview.listeners() === 0, "it has hung up");
    await preview.change("label: Chat with us", "label: Written meanwhile");
    await hide(false);
    await until(async () => (await box(page, "Label").inputValue()) === "Written meanwhile", "it is shown");
  },
);

studio(
  "the stage shows each snippet, in each size, scheme and direction, without a step of the Back button",
  async ({ page }) => {
    const before = await page.evaluate(() => history.length);
    for (const [label, said] of [
      ["Inline", "mode=inline"],
      ["Popup", "mode=popup"],
      ["Page", "mode=page"],
      ["Dark", "scheme=dark"],
      ["Right to left", "dir=rtl"],
    ]) {
      await page.locator("#tools").getByTitle(label, { exact: true }).click();
      await stage(page).getByText(said).waitFor();
    }
    for (const [label, width] of /** @type {[string, number][]} */ ([
      ["Phone", 390],
      ["Tablet", 820],
    ])) {
      await page.locator("#tools").getByTitle(label, { exact: true }).click();
      assert.equal(
        await stage(page)
          .locator("html")
          .evaluate(() => innerWidth),
        width,
      );
    }
    assert.equal(await page.evaluate(() => history.length), before);
    await page.reload();
    await stage(page).getByText("mode=page dir=rtl scheme=dark").waitFor();
  },
);

studio("the code of each snippet is copied with a word to who can not see it", async ({ page, visitor, preview }) => {
  await visitor.context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: preview.url });
  await page.getByRole("button", { name: "Copy the code of Popup" }).click();
  await page.getByRole("status").getByText("Popup: code copied").waitFor();
  assert.match(await page.evaluate(() => navigator.clipboard.readText()), /data-chat-open="support"/);
});

studio("the drawer is as high as people want it, and shows whole cards", async ({ page }) => {
  const edge = page.getByRole("separator", { name: "Height of the code" });
  const height = () => page.locator(".drawer").evaluate((drawer) => /** @type {HTMLElement} */ (drawer).offsetHeight);
  const usual = await height();
  assert.equal(await edge.getAttribute("aria-valuenow"), String(usual));
  const cut = await page.locator("#snippets").evaluate((list) => {
    const { right } = list.getBoundingClientRect();
    const edges = [...list.children].map((card) => card.getBoundingClientRect());
    return edges.filter((card) => card.left < right - 17 && card.right > right).length;
  });
  assert.equal(cut, 0, "no card is cut at the edge");
  await edge.focus();
  await page.keyboard.press("ArrowUp");
  assert.equal(await height(), usual + 24);
  assert.equal(await edge.getAttribute("aria-valuenow"), String(usual + 24));
  assert.deepEqual(await findViolations(page), []);
  const place = await edge.boundingBox();
  assert(place);
  await page.mouse.move(place.x + 200, place.y + 4);
  await page.mouse.down();
  await page.mouse.move(place.x + 200, place.y - 96, { steps: 4 });
  await page.mouse.up();
  assert.equal(await height(), usual + 124);
  await page.reload();
  await page.locator(".bench:not(.starting)").waitFor();
  assert.equal(await height(), usual + 124, "as it was left");
  await page.keyboard.press("Tab");
  await edge.focus();
  await page.keyboard.press("Home");
  assert.equal(await height(), Number(await edge.getAttribute("aria-valuemin")));
  await page.keyboard.press("End");
  assert.equal(await height(), Number(await edge.getAttribute("aria-valuemax")));
  await edge.dblclick();
  assert.equal(await height(), usual);
});

studio("the visitor’s side: sessions, events, and what can go wrong on purpose", async ({ page, preview }) => {
  await page.getByRole("tab", { name: "Try it like a visitor" }).click();
  await page.getByText("Answers are made up, because OPENAI_API_KEY is not set.").waitFor();
  assert.equal(await page.getByRole("switch", { name: "Demo mode" }).isDisabled(), true);
  preview.send("session", {
    time: 1_763_000_000,
    widget: "support",
    status: 200,
    code: null,
    ms: 12.4,
    visitor_known: true,
    known_visitor: true,
  });
  preview.send("session", {
    time: 1_763_000_001,
    widget: "support",
    status: 502,
    code: "upstream_error",
    ms: 800,
    visitor_known: false,
  });
  const log = page.getByRole("log");
  await log.getByText("session of support: 200 · 12 ms · known visitor").waitFor();
  await log.locator(".failed").getByText("502 · upstream_error").waitFor();
  await page.getByRole("button", { name: "Expire the secret" }).click();
  await stage(page).getByText("expire").waitFor();
  await log.getByText("chat:thread-changed · support").waitFor();
  await page.getByRole("button", { name: "New visitor" }).click();
  await stage(page).getByText("new-visitor").waitFor();
  await page.getByRole("button", { name: "Drop the network" }).click();
  await page.getByRole("button", { name: "Restore the network", pressed: true }).click();
  await page.getByRole("button", { name: "Drop the network", pressed: false }).waitFor();
  assert.deepEqual(
    preview.calls.filter(({ name }) => name === "network").map(({ body }) => body.down),
    [true, false],
  );
  await page.screenshot({ path: `${SHOTS}studio-visitor.png` });
  assert.deepEqual(await findViolations(page), []);
});

studio(
  "demo mode is a switch where there is a key",
  async ({ page, preview }) => {
    await page.getByRole("tab", { name: "Try it like a visitor" }).click();
    const demo = page.getByRole("switch", { name: "Demo mode" });
    await demo.click();
    await page.getByText("Messages reach your back end").waitFor();
    assert.deepEqual(preview.calls.at(-1), { name: "mode", body: { demo: false } });
    await demo.click();
    await page.getByText("Nothing reaches OpenAI").waitFor();
  },
  { preview: { mode: { real: true, why: null } } },
);

studio(
  "a widget with a hosted workflow is offered an agent in its place",
  async ({ page, preview }) => {
    await group(page, "Back end");
    await page.getByText("OpenAI closes Agent Builder on 2026-11-30.").waitFor();
    await page.getByRole("button", { name: "Use an agent" }).click();
    await page.getByRole("button", { name: "Use an agent" }).waitFor({ state: "hidden" });
    const has = (/** @type {unknown[]} */ edit) => JSON.stringify(lastEdits(preview)).includes(JSON.stringify(edit));
    await until(() => has(["widgets.support.backend.type", "agent"]), "it is an agent");
    assert.deepEqual(await findViolations(page), []);
  },
  { preview: { change: withWorkflow } },
);

studio("what an agent's answer took is listed", async ({ page, preview }) => {
  await page.getByRole("tab", { name: "Try it like a visitor" }).click();
  preview.send("session", {
    time: 1_763_000_000,
    widget: "support",
    status: 200,
    code: null,
    ms: 1900.2,
    visitor_known: false,
    model: "gpt-6-luna",
    first_word_ms: 320.4,
    input_tokens: 410,
    output_tokens: 62,
    tools: 1,
    passages: 12,
    sources: ["Returns › Refunds"],
    cost: 0.0000712,
  });
  const words =
    "answer of support: gpt-6-luna · first word after 320 ms · 1900 ms · 410 + 62 tokens · 1 tool · " +
    "12 passages · cites Returns › Refunds";
  await page.getByRole("log").getByText(`${words} · 0.000071 dollars`).waitFor();
});

studio("a widget can be added and removed, and both can be undone", async ({ page, preview }) => {
  await page.getByRole("button", { name: /^Widget:/ }).click();
  await page.getByRole("button", { name: "Add a widget" }).click();
  const dialog = page.getByRole("dialog", { name: "Add a widget" });
  await dialog.getByLabel("Name").fill("Sales Team");
  await dialog.getByRole("button", { name: "Add" }).click();
  await dialog.getByText("Use 1 to 64 lower-case letters").waitFor();
  await dialog.getByLabel("Name").fill("support");
  await dialog.getByRole("button", { name: "Add" }).click();
  await dialog.getByText("support already exists.").waitFor();
  assert.deepEqual(await findViolations(page), []);
  await dialog.getByLabel("Name").fill("sales");
  // What needs nothing else is chosen beforehand, and what ends says until when it answers.
  assert.ok(await dialog.getByRole("radio", { name: /^Agent/ }).isChecked());
  await dialog.getByText("until OpenAI closes Agent Builder on 2026-11-30").waitFor();
  await dialog.getByRole("button", { name: "Add" }).click();
  await stage(page).getByText("widget=sales").waitFor();
  await page.getByRole("button", { name: /^Widget: sales agent/ }).click();
  await page.getByRole("button", { name: "Remove sales" }).click();
  const question = page.getByRole("dialog", { name: "Remove sales?" });
  await question.getByText("It was never saved, so no page has its snippet.").waitFor();
  await question.getByRole("button", { name: "Keep it" }).and(page.locator(":focus")).waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: /^Widget: sales agent/ }).click();
  await page.getByRole("button", { name: "Remove sales" }).click();
  await question.getByRole("button", { name: "Remove" }).click();
  await edited(preview, []);
  await page.getByRole("button", { name: /^Widget: support/ }).click();
  await page.getByRole("button", { name: "Remove support" }).click();
  const remove = page.getByRole("dialog", { name: "Remove support?" });
  await remove.getByText("pages that still have its snippet show no chat").waitFor();
  assert.deepEqual(await findViolations(page), []);
  await page.screenshot({ path: `${SHOTS}studio-remove.png` });
  await remove.getByRole("button", { name: "Remove" }).click();
  await edited(preview, [["widgets.support", undefined]]);
  await stage(page).getByText("widget=docs").waitFor();
  // Of a widget that was saved, pages may hold the snippet; of the other one, none can.
  const notice = page.getByText("Without support, pages that still have its snippet show no chat.");
  await notice.waitFor();
  assert.deepEqual(await findViolations(page), []);
  await page.keyboard.press("Control+z");
  await edited(preview, []);
  await notice.waitFor({ state: "hidden" });
  await page.getByRole("button", { name: /^Widget:/ }).click();
  await page.getByRole("button", { name: /^support/ }).click();
  await page.getByRole("button", { name: /^Widget: support/ }).click();
  await page.getByRole("button", { name: "Remove support" }).click();
  await remove.getByRole("button", { name: "Remove" }).click();
  await page.locator("#notice").getByRole("button", { name: "Undo" }).click();
  await edited(preview, []);
  await notice.waitFor({ state: "hidden" });
});

studio("a widget gets another name, and pages that have the earlier one find it", async ({ page, preview }) => {
  const rename = async (/** @type {string} */ from, /** @type {string} */ to) => {
    await page.getByRole("button", { name: new RegExp(`^Widget: ${from} `) }).click();
    await page.getByRole("button", { name: `Rename ${from}` }).click();
    const dialog = page.getByRole("dialog", { name: `Rename ${from}` });
    const name = dialog.getByRole("textbox", { name: "Name" });
    await name.and(page.locator(":focus")).waitFor();
    assert.equal(await name.inputValue(), from);
    await page.keyboard.type(to);
    await page.keyboard.press("Enter");
    return dialog;
  };
  const names = () => lastEdits(preview)?.map((/** @type {any} */ [path, value]) => [path, value?.aliases]);
  const named = (/** @type {unknown} */ expected) =>
    until(() => JSON.stringify(names()) === JSON.stringify(expected), `named ${JSON.stringify(expected)}`);
  const dialog = await rename("support", "docs");
  await dialog.getByText("docs already exists.").waitFor();
  await dialog.getByText("Pages that have its snippet keep their chat").waitFor();
  assert.deepEqual(await findViolations(page), []);
  await page.screenshot({ path: `${SHOTS}studio-rename.png` });
  await page.keyboard.press("Control+a");
  await page.keyboard.type("help");
  await page.keyboard.press("Enter");
  await named([
    ["widgets.support", undefined],
    ["widgets.help", ["support"]],
  ]);
  await stage(page).getByText("widget=help").waitFor();
  // Under a name that was never saved, no page can have it.
  await rename("help", "desk");
  await named([
    ["widgets.support", undefined],
    ["widgets.desk", ["support"]],
  ]);
  await page.keyboard.press("Control+z");
  await page.getByRole("button", { name: /^Widget: help/ }).waitFor();
  await page.keyboard.press("Control+z");
  await edited(preview, []);
  await page.getByRole("button", { name: /^Widget: support/ }).waitFor();
  await stage(page).getByText("widget=support").waitFor();
  await page.keyboard.press("Control+y");
  await page.getByRole("button", { name: /^Widget: help/ }).waitFor();
  await page.keyboard.press("Control+s");
  await page.getByRole("dialog", { name: "Save these changes?" }).getByRole("button", { name: "Save" }).click();
  await page.getByText("All saved").waitFor();
  // Back again, the earlier name is the name, and the other one is remembered.
  await rename("help", "support");
  await named([
    ["widgets.help", undefined],
    ["widgets.support", ["help"]],
  ]);
});

studio("a copy of a widget has all of its settings but its earlier names", async ({ page, preview }) => {
  await preview.change("  support:\n", "  support:\n    aliases: [old]\n");
  const { length } = drafts(preview);
  await page.getByRole("button", { name: /^Widget: support/ }).click();
  await page.getByRole("button", { name: "Duplicate support" }).click();
  await page.getByRole("button", { name: /^Widget: support-2 agent/ }).waitFor();
  await until(() => drafts(preview).length > length && lastEdits(preview)?.length === 1, "the copy is shown");
  const [[path, copy]] = /** @type {any} */ (lastEdits(preview));
  assert.equal(path, "widgets.support-2");
  const { aliases, ...own } = parse(preview.text()).widgets.support;
  assert.deepEqual(aliases, ["old"]);
  assert.deepEqual(copy, own);
  await page.getByRole("button", { name: /^Widget: support-2/ }).click();
  await page.getByRole("button", { name: "Duplicate support-2" }).click();
  await page.getByRole("button", { name: /^Widget: support-2-2/ }).waitFor();
});

studio("a new widget starts with the texts of a template in the language of the site", async ({ page, preview }) => {
  await page.getByRole("button", { name: /^Widget:/ }).click();
  await page.getByRole("button", { name: "Add a widget" }).click();
  const dialog = page.getByRole("dialog", { name: "Add a widget" });
  const templates = dialog.getByRole("group", { name: "What it is for" });
  const language = dialog.getByRole("combobox", { name: "Language" });
  const name = dialog.getByRole("textbox", { name: "Name" });
  // The first is chosen, and its usual name is taken.
  await templates.getByRole("radio", { name: "Support About support" }).and(page.locator(":focus")).waitFor();
  assert.equal(await language.inputValue(), "de");
  assert.deepEqual(await language.getByRole("option").allTextContents(), ["Deutsch", "English"]);
  assert.equal(await name.inputValue(), "support-2");
  assert.deepEqual(await findViolations(page), []);
  await page.screenshot({ path: `${SHOTS}studio-add.png` });
  // A template that does not speak the language speaks its own, and the name follows until somebody has chosen one.
  await page.keyboard.press("ArrowDown");
  assert.equal(await language.inputValue(), "en");
  assert.equal(await name.inputValue(), "help");
  await name.fill("hilfe");
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("ArrowUp");
  assert.equal(await language.inputValue(), "de");
  assert.equal(await name.inputValue(), "hilfe");
  await dialog.getByRole("button", { name: "Add" }).click();
  const texts = { chatkit: { startScreen: { greeting: "Guten Tag" } }, page: { title: "Guten Tag", language: "de" } };
  const agent = { type: "agent", domain_key: "domain_pk_example", instructions: "Guten Tag" };
  await edited(preview, [["widgets.hilfe", { backend: agent, ...texts }]]);
  await page.keyboard.press("Control+z");
  await edited(preview, []);
  // Another back end has no use for the instructions.
  await page.getByRole("button", { name: /^Widget:/ }).click();
  await page.getByRole("button", { name: "Add a widget" }).click();
  await dialog.getByRole("radio", { name: /^Hosted/ }).check();
  await dialog.getByRole("button", { name: "Add" }).click();
  await edited(preview, [["widgets.support-2", { backend: { type: "hosted" }, ...texts }]]);
});

studio(
  "a new question is never empty: what is sent follows what is read, until it is changed",
  async ({ page, preview }) => {
    await group(page, "Start screen");
    const last = () => drafts(preview).at(-1)?.edits[0]?.value.at(-1);
    const label = page.getByRole("textbox", { name: "Label" }).nth(2);
    const sent = page.locator('[data-path$="prompts.2.prompt"] textarea');
    await page.getByRole("button", { name: "Add prompt" }).click();
    await until(
      () => last()?.label === "New question" && last().prompt === "New question",
      "it has a text to begin with",
    );
    await label.fill("Opening hours");
    await until(() => last()?.prompt === "Opening hours", "what is sent follows");
    await sent.fill("When are you open?");
    await label.fill("Hours");
    await until(() => last().label === "Hours" && last().prompt === "When are you open?", "what was changed stays");
    await sent.fill("");
    await sent.blur();
    await until(() => last().prompt === "Hours", "left empty, it says what is read");
  },
);

studio("questions to begin with are put in order by buttons and by dragging", async ({ page, preview }) => {
  await group(page, "Start screen");
  const labels = () =>
    page
      .getByRole("textbox", { name: "Label" })
      .evaluateAll((all) => all.map((each) => /** @type {HTMLInputElement} */ (each).value));
  assert.deepEqual(await labels(), ["Where is my order?", "Return something"]);
  await page.getByRole("button", { name: "Move prompt 1 down" }).click();
  await until(async () => (await labels())[0] === "Return something", "they have changed places");
  assert.equal(
    await page.evaluate(() => document.activeElement?.getAttribute("aria-label")),
    "Move prompt 2 up",
    "the focus went along",
  );
  await page.getByRole("button", { name: "Add prompt" }).click();
  await page.keyboard.press("Tab");
  await page.getByRole("textbox", { name: "Label" }).nth(2).fill("Third");
  const handle = await page.locator(".handle").nth(2).boundingBox();
  const first = await page.locator(".row").nth(0).boundingBox();
  assert(handle && first);
  await page.mouse.move(handle.x + 5, handle.y + 5);
  await page.mouse.down();
  await page.mouse.move(handle.x + 5, first.y + 60, { steps: 5 });
  await page.mouse.move(handle.x + 5, first.y - 40, { steps: 5 });
  await page.mouse.up();
  await until(async () => (await labels())[0] === "Third", "it was dragged to the top");
  const drafted = () =>
    drafts(preview)
      .at(-1)
      .edits[0].value.map((/** @type {any} */ { label }) => label);
  await until(
    () => drafted().join() === "Third,Return something,Where is my order?",
    "the draft has the order that is shown",
  );
  await page.getByRole("button", { name: "Remove prompt 1" }).click();
  await until(async () => (await labels()).length === 2, "it is removed");
});

studio("pickers: icons, a corner, colours for light and dark, sizes", async ({ page, preview }) => {
  await group(page, "Launcher");
  await page.getByRole("radio", { name: "Top left" }).check();
  await page.getByRole("button", { name: "Icon", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "Choose icon" });
  assert.deepEqual(await findViolations(page), []);
  await page.screenshot({ path: `${SHOTS}studio-icons.png` });
  // Whoever types, searches; arrows go on from there.
  const headings = () => dialog.locator(".icon-sections h3").allTextContents();
  assert.deepEqual(await headings(), ["Often used", "Company"]);
  const active = () => page.evaluate(() => document.activeElement?.getAttribute("aria-label"));
  assert.equal(await active(), "Search icons");
  const walked = [];
  for (const key of ["ArrowDown", "ArrowRight", "ArrowLeft", "ArrowDown", "ArrowUp"]) {
    await page.keyboard.press(key);
    walked.push(await active());
  }
  assert.deepEqual(walked, ["Book open", "Circle help", "Book open", "Rocket", "Book open"]);
  await dialog.getByRole("button", { name: /^Show all \d+ icons$/ }).click();
  assert.deepEqual(await headings(), ["Often used", "Company", "All"]);
  await dialog.getByRole("searchbox").fill("package");
  await dialog.getByRole("button", { name: "Package", exact: true }).click();
  await until(
    () => JSON.stringify(lastEdits(preview)).includes("lucide:package"),
    "any of Lucide’s can be a launcher’s",
  );
  await page.getByRole("button", { name: "Icon", exact: true }).click();
  await dialog.getByLabel("Another emoji").fill("🚀");
  await page.keyboard.press("Enter");
  await page.getByRole("checkbox", { name: "Another one in dark" }).first().check();
  await page.getByRole("textbox", { name: "Color, dark" }).fill("#9db8ff");
  await page.locator('[data-path$="launcher.offset_y"] [type=range]').fill("80");
  await edited(preview, [
    ["widgets.support.launcher.position", "top-left"],
    ["widgets.support.launcher.icon", "emoji:🚀"],
    ["widgets.support.launcher.color", { light: "#1f4fd8", dark: "#9db8ff" }],
    ["widgets.support.launcher.offset_y", 80],
  ]);
  await group(page, "Start screen");
  await page.getByRole("button", { name: "Icon", exact: true }).first().click();
  await dialog.getByRole("searchbox").fill("rocket");
  await dialog.getByRole("button", { name: "Rocket", exact: true }).click();
  await until(() => JSON.stringify(lastEdits(preview)).includes("lucide:rocket"), "the icon is chosen");
});

studio(
  "values of several kinds, maps and lists of words",
  async ({ page, preview }) => {
    await group(page, "Back end");
    await page
      .locator('[data-path="widgets.support.session.state_variables"]')
      .getByRole("button", { name: "Add one" })
      .click();
    await page.getByRole("textbox", { name: "Name of name" }).fill("plan");
    await page.keyboard.press("Tab");
    await page.getByRole("radio", { name: "Text", exact: true }).check();
    await page.getByRole("textbox", { name: "Text", exact: true }).fill("gold");
    await edited(preview, [["widgets.support.session.state_variables", { plan: "gold" }]]);
    await page.getByRole("button", { name: "Undo" }).click();
    await group(page, "Where it shows");
    await page.locator('[data-path="widgets.support.rules.hide"]').getByRole("button", { name: "Add hide" }).click();
    await page.keyboard.type("/about");
    await until(() => JSON.stringify(lastEdits(preview)).includes('["/checkout/**","/about"]'), "a path is added");
    await page.getByRole("checkbox", { name: "Phone" }).uncheck();
    await until(() => JSON.stringify(lastEdits(preview)).includes('["tablet","desktop"]'), "a device is left out");
  },
  { preview: { change: withWorkflow } },
);

studio(
  "defaults and the site have forms of their own, and a widget follows its defaults",
  async ({ page, preview }) => {
    await page.getByRole("button", { name: /^Widget:/ }).click();
    await page.getByRole("button", { name: /^Defaults/ }).click();
    await group(page, "Looks");
    await page.getByRole("radio", { name: "Sharp" }).check();
    await edited(preview, [["defaults.chatkit.theme", { radius: "sharp" }]]);
    await page.getByRole("button", { name: /^Widget:/ }).click();
    await page.getByRole("button", { name: /^support/ }).click();
    await page.getByRole("radio", { name: "Sharp" }).and(page.locator(":checked")).waitFor();
    await page.getByRole("button", { name: /^Widget:/ }).click();
    await page.getByRole("button", { name: /^Site/ }).click();
    await group(page, "Site");
    await page.getByRole("button", { name: "Add allowed origin" }).click();
    await page.keyboard.type("https://shop.example.com");
    await until(() => JSON.stringify(lastEdits(preview)).includes("https://shop.example.com"), "an origin is added");
    assert.deepEqual(await findViolations(page), []);
  },
);

studio("the keyboard alone: another widget, a setting, undo, save", async ({ page, preview }) => {
  const active = () =>
    page.evaluate(
      () =>
        /** @type {HTMLElement} */ (document.activeElement).innerText?.trim().replaceAll(/\s+/g, " ") ||
        document.activeElement?.getAttribute("aria-label") ||
        document.activeElement?.id,
    );
  await page.keyboard.press("Tab");
  assert.equal(await active(), "Skip to the settings");
  await page.keyboard.press("Tab");
  assert.match(String(await active()), /support agent/);
  await page.keyboard.press("Enter");
  await until(async () => /^support/.test(String(await active())), "the menu has the focus");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: /^Widget: docs/ }).waitFor();
  await page.keyboard.press("Control+k");
  await page.keyboard.press("Tab");
  for (let count = 0; count < 3; count += 1) {
    await page.keyboard.press("Tab");
  }
  assert.equal(await active(), "Launcher");
  await page.keyboard.press("Enter");
  assert.equal(await active(), "Launcher", "the focus stays");
  await box(page, "Label").focus();
  await page.keyboard.press("Control+a");
  await page.keyboard.type("Ask");
  await page.keyboard.press("Control+z");
  await edited(preview, []);
  await page.keyboard.press("Control+Shift+z");
  await edited(preview, [["widgets.docs.launcher.label", "Ask"]]);
  await page.keyboard.press("Control+s");
  await page.getByRole("dialog", { name: "Save these changes?" }).waitFor();
  await page.keyboard.press("Enter");
  await page.getByText("All saved").waitFor();
  assert.match(preview.text(), /label: Ask\n/);
  assert.equal(
    await box(page, "Label").evaluate((input) => input === document.activeElement),
    true,
    "the focus is back",
  );
});

for (const [way, options] of Object.entries(
  /** @type {Record<string, import("./harness/browser.mjs").VisitorOptions>} */ ({
    light: { colorScheme: "light" },
    dark: { colorScheme: "dark" },
    "forced colours": { forcedColors: "active" },
    phone: { viewport: { width: 375, height: 780 }, hasTouch: true },
  }),
)) {
  studio(
    `axe finds nothing in any group in ${way}`,
    async ({ page }) => {
      const groups = await page
        .locator("#groups button")
        .evaluateAll((all) => all.map((each) => /** @type {HTMLElement} */ (each).dataset.group));
      assert(groups.length > 9);
      for (const each of groups) {
        await page.locator(`[data-group=${each}]`).click();
        assert.deepEqual(await findViolations(page), [], each);
        await page.screenshot({ path: `${SHOTS}studio-${way.replace(" ", "-")}-${each}.png` });
      }
      await page.getByRole("button", { name: /^Widget:/ }).click();
      assert.deepEqual(await findViolations(page), [], "menu");
      await page.screenshot({ path: `${SHOTS}studio-${way.replace(" ", "-")}-menu.png` });
    },
    { visitor: options },
  );
}

studio(
  "on a phone, all parts are there one at a time, and nothing is wider than the screen",
  async ({ page, preview }) => {
    const wide = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    await group(page, "Launcher");
    await box(page, "Label").fill("Tapped");
    await edited(preview, [["widgets.support.launcher.label", "Tapped"]]);
    assert.equal(await wide(), 0);
    for (const [pane, seen] of [
      ["Preview", "#viewport"],
      ["Code & log", "#snippets"],
    ]) {
      await page.getByRole("button", { name: pane }).click();
      await page.locator(seen).waitFor();
      assert.equal(await wide(), 0, pane);
      assert.equal(await page.locator("#form").isVisible(), false);
      await page.screenshot({ path: `${SHOTS}studio-phone-${pane.slice(0, 4)}.png` });
    }
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Save", exact: true }).click();
    await until(() => preview.text().includes("label: Tapped"), "it is saved");
  },
  { visitor: { viewport: { width: 375, height: 780 }, hasTouch: true } },
);

test("text of twice the size is not cut off", async () => {
  const large = await openBrowser({ args: ["--blink-settings=defaultFontSize=32"] });
  const preview = await startPreview();
  const visitor = await large.visitor({ viewport: { width: 1280, height: 800 } });
  try {
    const page = await visitor.open(preview.url);
    await group(page, "Launcher");
    assert.equal(await page.evaluate(() => getComputedStyle(document.documentElement).fontSize), "32px");
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0);
    const cut = await page.evaluate(() =>
      [...document.querySelectorAll(".button span, .widget-name, .group-name, .label, .help")]
        .filter((each) => each.checkVisibility() && each.scrollWidth > each.clientWidth + 1 && each.clientWidth > 0)
        .map((each) => each.textContent),
    );
    assert.deepEqual(cut, []);
    assert.deepEqual(await findViolations(page), []);
    await page.screenshot({ path: `${SHOTS}studio-200.png` });
    await visitor.close();
  } finally {
    await large.close();
    await preview.close();
  }
});

studio("a site without a widget asks for the first one", async ({ page, preview }) => {
  const text = preview.text();
  assert.equal(text.includes("widgets"), true);
  await preview.change(text.slice(text.indexOf("widgets:\n")), "widgets: {}\n");
  await page.getByRole("button", { name: "Widget: Site" }).waitFor();
  await page.reload();
  await page.getByRole("dialog", { name: "Add a widget" }).waitFor();
});
