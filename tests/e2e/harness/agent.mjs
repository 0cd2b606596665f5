/**
 * A site whose widgets an agent answers, at work: what `build` wrote, the function as a program of its own, which passes
 * answers on as they come, a Responses API behind it, and a host page on another origin.
 */

import { execFile } from "node:child_process";
import { createHmac } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { startResponses } from "../doubles/responses.mjs";
import { serveHostPages } from "./host-page.mjs";
import { listen, readBody } from "./http.mjs";
import { binary, program } from "./preview.mjs";
import { startProgram } from "./program.mjs";
import { serveSite } from "./site-server.mjs";

const run = promisify(execFile);

const API_KEY = "sk-proj-only-a-test-0123456789abcdef0123456789abcdef";

const IDENTITY_SECRET = "only-a-test-0123456789abcdef0123456789";

/** @param {string} host */
const siteYaml = (host) => `site:
  url: https://chat.example.com
  allowed_origins: [${host}]
widgets:
  support:
    backend: { type: agent, domain_key: domain_pk_1, instructions: Answer briefly., web_search: true, contact: { to: { webhook_env: CONTACT } } }
    identity: optional
    launcher: { label: Chat with us }
    chatkit: { startScreen: { greeting: How can we help? } }
  open:
    backend: { type: agent, domain_key: domain_pk_1, instructions: Answer briefly., events: { webhook_env: CONTACT, transcripts: true } }
    launcher: { label: Chat with us }
    chatkit: { disclaimer: { text: Answers may be wrong. } }
`;

/** A statement of the host page's own back end about who the visitor is. @param {string} name */
function identityOf(name) {
  const part = (/** @type {unknown} */ value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const said = `${part({ alg: "HS256" })}.${part({ sub: name, exp: Math.floor(Date.now() / 1000) + 600 })}`;
  return `${said}.${createHmac("sha256", IDENTITY_SECRET).update(said).digest("base64url")}`;
}

/** Builds the site in a folder, with its function. @param {string} folder with `site.yaml` @param {string[]} [args]
 * @returns {Promise<string>} the path of the function */
export async function buildSite(folder, args = []) {
  const path = join(folder, "session");
  const flags = ["--program", await program("session"), "--function", path];
  await run(await binary(), ["build", ...flags, ...args], { cwd: folder });
  return path;
}

/** Starts the function on a free port. @param {string} command @param {Record<string, string>} env */
export const startFunction = (command, env) =>
  startProgram(command, [], { env: { PORT: "0", ...env }, ready: /listening on .*:(\d+)/ });

/** @typedef {Awaited<ReturnType<typeof startAgent>>} AgentSite */

/** Whoever gets what visitors write in the contact form, or in the widget `open`. */
async function startWebhook() {
  /** @type {any[]} Bodies, in the order of their arrival. */
  const received = [];
  const webhook = { received, status: 200, url: "", close: () => server.close() };
  const server = await listen(async (request, response) => {
    received.push(JSON.parse(String(await readBody(request))));
    response.writeHead(webhook.status).end();
  });
  webhook.url = server.url;
  return webhook;
}

/** @param {{ yaml?: (host: string) => string }} [options] the site for a host page */
export async function startAgent({ yaml = siteYaml } = {}) {
  const folder = await mkdtemp(join(tmpdir(), "agent-"));
  const dist = join(folder, "dist");
  await mkdir(dist);
  const upstream = await startResponses({ apiKey: API_KEY });
  const webhook = await startWebhook();
  const host = await serveHostPages({});
  // The function has to know the address of the site, and the site that of the function.
  const pass = { to: "" };
  const site = await serveSite({ dist, pass });
  await writeFile(join(folder, "site.yaml"), yaml(host.origin));
  const command = await buildSite(folder, ["--base-url", site.url]);
  const agent = await startFunction(command, {
    OPENAI_API_KEY: API_KEY,
    OPENAI_BASE_URL: upstream.baseUrl,
    IDENTITY_SECRET,
    CONTACT: webhook.url,
    CONTACT_SECRET: IDENTITY_SECRET,
    // All visitors of a test have one address.
    LIMIT_SESSIONS_PER_ADDRESS: "0",
    LIMIT_NEW_VISITORS_PER_ADDRESS: "0",
    LIMIT_MESSAGES_PER_ADDRESS: "0",
  });
  pass.to = agent.url;
  return {
    upstream,
    webhook,
    host,
    site,
    agent,
    page: `${site.url}/w/support/`,
    /** The page of the widget whose owner gets all conversations. */
    open: `${site.url}/w/open/`,
    identityOf,
    /** A host page with one of the snippets. @param {string} kind @param {string} [more] HTML @param {string} [widget] */
    async paste(kind, more = "", widget = "support") {
      const snippet = await readFile(join(folder, `snippets/${widget}/${kind}.html`), "utf8");
      const path = `/${widget}-${kind}`;
      host.pages[path] = `<!doctype html><html lang="en"><title>Host</title><h1>Host</h1>${more}${snippet}</html>`;
      return host.url(path);
    },
    async close() {
      await Promise.all([agent.close(), upstream.close(), webhook.close(), host.close(), site.close()]);
      await rm(folder, { recursive: true });
    },
  };
}
