/**
 * The product at work, all of it on this machine: the site that `build` wrote, the function that Netlify would run,
 * OpenAI's double behind it, and a host page on another origin.
 */

import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";

import { REPOSITORY, deployed } from "./deploy.mjs";
import { startOpenAI } from "./doubles/openai.mjs";
import { warmFunction } from "./harness/function.mjs";
import { serveHostPages } from "./harness/host-page.mjs";
import { listen, readBody } from "./harness/http.mjs";
import { withWorkflow } from "./harness/sample.mjs";
import { serveSite } from "./harness/site-server.mjs";

const run = promisify(execFile);

export const API_KEY = "sk-proj-only-a-test-0123456789";
export const WORKFLOW = "wf_0123456789abcdef";
export const SERVER_SECRET = "only-a-test-0123456789abcdef0123456789";

/** @typedef {Awaited<ReturnType<typeof startProduct>>} Product */

/**
 * @typedef {import("./harness/event.mjs").LambdaEvent} LambdaEvent
 * @typedef {import("./harness/event.mjs").LambdaReply} LambdaReply
 * @typedef {(event: LambdaEvent, next: (event: LambdaEvent) => Promise<LambdaReply>) => Promise<LambdaReply>} Answer
 */

/** Starts everything.
 * @param {object} [options]
 * @param {(site: string) => string} [options.change] alters the sample site before it is built
 * @param {(folder: string) => Promise<void>} [options.prepare] adds files beside the site, such as a theme's
 * @param {Answer} [options.answer] stands between the site and the function
 * @param {{ url: string, close: () => Promise<void> }} [options.server] answers for the widget `docs` */
export async function startProduct({
  change = (site) => site,
  prepare = async () => {},
  answer = (event, next) => next(event),
  server: given,
} = {}) {
  const folder = await mkdtemp(join(tmpdir(), "product-"));
  const dist = join(folder, "dist");
  await mkdir(dist);

  const openai = await startOpenAI({ apiKey: API_KEY, workflows: [WORKFLOW] });
  const session = await warmFunction({
    command: (await deployed()).binary,
    env: {
      OPENAI_API_KEY: API_KEY,
      CHATKIT_WORKFLOW_ID: WORKFLOW,
      OPENAI_BASE_URL: openai.baseUrl,
      CHATKIT_SERVER_SECRET: SERVER_SECRET,
    },
  });
  const site = await serveSite({ dist, invoke: (event) => answer(event, session.invoke) });
  const host = await serveHostPages({});
  const server = /** @type {Awaited<ReturnType<typeof startChatKitServer>>} */ (given ?? (await startChatKitServer()));

  const sample = await readFile(join(REPOSITORY, "site.yaml"), "utf8");
  const changed = change(
    withWorkflow(sample)
      .replace("https://www.example.com", host.origin)
      .replace("https://agent.example.com/chatkit", `${server.url}/chatkit`),
  );
  await writeFile(join(folder, "site.yaml"), changed);
  await prepare(folder);
  const args = ["run", "--quiet", "--package", "chatkit-embed", "--", "build"];
  await run("cargo", [...args, "--config", join(folder, "site.yaml"), "--base-url", site.url], { cwd: REPOSITORY });

  return {
    openai,
    session,
    site,
    host,
    server,
    /** Folder of what is served. */
    dist,
    /** Address of a hosted page. @param {string} widget */
    page: (widget) => `${site.url}/w/${widget}/`,
    /** The text that a person copies. @param {string} widget @param {string} kind */
    snippet: (widget, kind) => readFile(join(folder, "snippets", widget, `${kind}.html`), "utf8"),
    /** Address of the page with all snippets, as it is opened from disk. */
    copies: pathToFileURL(join(folder, "snippets/index.html")).href,
    /** Puts HTML into a host page. @param {string} body @param {Record<string, string>} [headers] @param {string} [path] */
    paste(body, headers = {}, path = "/") {
      host.pages[path] = { html: hostPage(body), headers };
      return host.url(path);
    },
    async close() {
      await Promise.all([openai.close(), session.close(), site.close(), host.close(), server.close()]);
      await rm(folder, { recursive: true });
    },
  };
}

/** A page of somebody who knows nothing of us. @param {string} body */
function hostPage(body) {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Field Notes</title></head>
<body><main><h1>Field Notes</h1><p>Paper, pencils and patience, sent to your door.</p>
${body}
</main></body></html>`;
}

/** A ChatKit server of somebody's own: takes what the page sends, and keeps it. */
async function startChatKitServer() {
  /** @type {any[]} */
  const requests = [];
  const server = await listen(async (request, response) => {
    const headers = {
      "Access-Control-Allow-Origin": request.headers.origin ?? "",
      "Access-Control-Allow-Headers": "authorization, content-type, *",
      "Content-Type": "application/json",
    };
    if (request.method === "POST") {
      requests.push({ headers: request.headers, json: JSON.parse(String(await readBody(request))) });
    }
    response.writeHead(200, headers).end(JSON.stringify({ data: [], has_more: false }));
  });
  return { ...server, requests };
}
