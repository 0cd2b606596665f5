/** All parts at once, with a page and a function as small as they can be: the way a test of the product starts. */

import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { CHATKIT_URL } from "../doubles/chatkit.mjs";
import { startOpenAI } from "../doubles/openai.mjs";
import { chatkitFrame, chatkitOptions, openBrowser } from "./browser.mjs";
import { serveHostPages } from "./host-page.mjs";
import { serveSite } from "./site-server.mjs";
import { checkOptions } from "./types.mjs";

const PAGE = `<!doctype html><html lang="en"><title>Chat</title>
<style>html, body, openai-chatkit { height: 100%; margin: 0 }</style>
<openai-chatkit></openai-chatkit><script src="${CHATKIT_URL}"></script><script>
  document.querySelector('openai-chatkit').setOptions({ api: { async getClientSecret() {
    const reply = await fetch('/api/chatkit/session', { method: 'POST', body: '{}', headers: { 'Content-Type': 'application/json' } });
    return (await reply.json()).client_secret;
  } } });
</script>`;

test("a visitor of a foreign page talks through a frame, a function and an upstream", async (t) => {
  const dist = await mkdtemp(join(tmpdir(), "together-"));
  t.after(() => rm(dist, { recursive: true }));
  await mkdir(join(dist, "w/docs"), { recursive: true });
  await writeFile(join(dist, "w/docs/index.html"), PAGE);

  const openai = await startOpenAI({ apiKey: "k", workflows: ["wf_1"] });
  t.after(openai.close);
  const site = await serveSite({
    dist,
    invoke: async () => {
      const headers = {
        Authorization: "Bearer k",
        "Content-Type": "application/json",
        "OpenAI-Beta": "chatkit_beta=v1",
      };
      const body = JSON.stringify({ workflow: { id: "wf_1" }, user: "visitor" });
      const reply = await fetch(`${openai.baseUrl}/chatkit/sessions`, { method: "POST", headers, body });
      return { statusCode: reply.status, headers: { "Content-Type": "application/json" }, body: await reply.text() };
    },
  });
  t.after(site.close);
  const host = await serveHostPages({
    "/": `<!doctype html><title>Host</title><iframe src="${site.url}/w/docs/" height="400"></iframe>`,
  });
  t.after(host.close);
  const browser = await openBrowser();
  t.after(browser.close);

  const visitor = await browser.visitor();
  const page = await visitor.open(host.url());
  const frame = await chatkitFrame(page);
  await frame.getByRole("textbox").fill("Hello");
  await frame.getByRole("button", { name: "Send" }).click();
  await frame.getByText("You said: Hello").waitFor();

  assert.equal(openai.requests.length, 1);
  assert.equal(openai.requests[0].mistake, null);
  assert.deepEqual(site.functionErrors, []);
  const [options] = await chatkitOptions(frame);
  assert.deepEqual(await checkOptions({ options }), []);
  await visitor.close();
});
