/** Two clients on one site: the page of one shows its own widget, and gets nothing of the other's. */

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";

import { startAgent } from "./harness/agent.mjs";
import { chatkitFrame, openBrowser } from "./harness/browser.mjs";
import { until } from "./harness/until.mjs";

/** `support` belongs to the client with the host page, `other` to another one. @param {string} host */
const yaml = (host) => `site: { url: https://chat.example.com, allowed_origins: [https://www.agency.example] }
defaults:
  backend: { type: agent, domain_key: domain_pk_1, instructions: Answer briefly. }
  chatkit: { startScreen: { greeting: How can we help? } }
widgets:
  support: { allowed_origins: [${host}], launcher: { label: Chat with us } }
  other: { allowed_origins: [https://www.other.example], theme: midnight, variables: { accent: navy } }
`;

/** @type {import("./harness/agent.mjs").AgentSite} */
let site;
/** @type {Awaited<ReturnType<typeof openBrowser>>} */
let browser;
/** @type {import("./harness/browser.mjs").Visitor} */
let visitor;

before(
  async () => {
    site = await startAgent({ yaml });
    browser = await openBrowser();
  },
  { timeout: 1_200_000 },
);
beforeEach(async () => {
  visitor = await browser.visitor();
});
afterEach(() => visitor.close());
after(async () => {
  await browser?.close();
  await site?.close();
});

/** Asks for a session as a script of the page would. @param {import("playwright-core").Page} page @param {string} widget */
const mint = (page, widget) =>
  page.evaluate(
    async ([address, name]) => {
      const headers = { "Content-Type": "application/json" };
      const reply = await fetch(address, { method: "POST", headers, body: JSON.stringify({ widget: name }) });
      return [reply.status, (await reply.json()).error?.code];
    },
    [`${site.site.url}/api/chatkit/session`, widget],
  );

test("page of a client shows its widget, and can neither frame nor mint that of another", async () => {
  const other = `${site.site.url}/w/other/`;
  const page = await visitor.open(await site.paste("bubble", `<iframe src="${other}"></iframe>`));
  visitor.expectError(/frame-ancestors/);
  await until(() => visitor.errors.some((text) => text.includes("frame-ancestors")), "the frame is refused");
  const frames = page.frames().map((frame) => frame.url());
  assert.ok(frames.length > 1 && frames.every((url) => !url.startsWith(other)), String(frames));

  await page.getByRole("button", { name: "Chat with us" }).click();
  const chat = await chatkitFrame(page);
  await chat.getByText("How can we help?").waitFor();

  assert.deepEqual(await mint(page, "support"), [200, undefined]);
  visitor.expectError(/status of 403/);
  assert.deepEqual(await mint(page, "other"), [403, "origin_not_allowed"]);
});

test("each widget has its own look, and its own page works", async () => {
  const page = await visitor.open(`${site.site.url}/w/other/`);
  const chat = await chatkitFrame(page);
  await chat.getByText("How can we help?").waitFor();
  const accent = () => page.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue("--ground"));
  const others = await accent();
  await page.goto(`${site.site.url}/w/support/`);
  assert.notEqual(await accent(), others);
});
