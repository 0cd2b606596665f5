/**
 * A site whose widgets an agent answers, at work: what `build` wrote, the function as a program of its own, which passes
 * answers on as they come, a Responses API behind it, and a host page on another origin.
 *
 * The function has the site compiled in. So it is built apart, for a site whose addresses are always the same; the pages
 * are built for those of this run.
 */

import { execFile } from "node:child_process";
import { createHmac } from "node:crypto";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { REPOSITORY } from "../deploy.mjs";
import { startResponses } from "../doubles/responses.mjs";
import { serveHostPages } from "./host-page.mjs";
import { listen, readBody } from "./http.mjs";
import { binary } from "./preview.mjs";
import { startProgram } from "./program.mjs";
import { serveSite } from "./site-server.mjs";

const run = promisify(execFile);

const API_KEY = "sk-proj-only-a-test-0123456789abcdef0123456789abcdef";

const IDENTITY_SECRET = "only-a-test-0123456789abcdef0123456789";

/** The host page that the function was built for. In direct mode it is the one who asks. */
const KNOWN_HOST = "https://www.example.com";

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
`;

/** A statement of the host page's own back end about who the visitor is. @param {string} name */
function identityOf(name) {
  const part = (/** @type {unknown} */ value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const said = `${part({ alg: "HS256" })}.${part({ sub: name, exp: Math.floor(Date.now() / 1000) + 600 })}`;
  return `${said}.${createHmac("sha256", IDENTITY_SECRET).update(said).digest("base64url")}`;
}

/**
 * Builds the function for a site, in a folder that stays: a second run only compiles what has changed.
 * @param {string} name of the folder, one for each test file, because they run beside each other
 * @param {string} siteYaml
 * @returns {Promise<string>} the path of the binary
 */
export async function buildFunction(name, siteYaml) {
  const workspace = fileURLToPath(new URL(`../.tmp/${name}`, import.meta.url));
  const crate = join(workspace, "netlify/functions/session");
  await mkdir(crate, { recursive: true });
  for (const entry of ["Cargo.toml", "Cargo.lock", "src", "tests", "themes"]) {
    await symlink(join(REPOSITORY, entry), join(workspace, entry)).catch((error) => {
      if (error.code !== "EEXIST") {
        throw error;
      }
    });
  }
  const source = join(REPOSITORY, "netlify/functions/session");
  for (const entry of ["Cargo.toml", "build.rs", "src"]) {
    await rm(join(crate, entry), { recursive: true, force: true });
    await cp(join(source, entry), join(crate, entry), { recursive: true, preserveTimestamps: true });
  }
  await writeFile(join(workspace, "site.yaml"), siteYaml);
  await run(await binary(), ["build", "--function", crate], { cwd: workspace });
  const target = join(workspace, "target");
  const args = ["build", "--quiet", "--locked", "--package", "session", "--bins", "--target-dir", target];
  await run("cargo", args, { cwd: workspace });
  return join(target, "debug/session");
}

/** Starts the function on a free port. @param {string} command @param {Record<string, string>} env */
export const startFunction = (command, env) =>
  startProgram(command, [], { env: { PORT: "0", ...env }, ready: /listening on .*:(\d+)/ });

/** @typedef {Awaited<ReturnType<typeof startAgent>>} AgentSite */

/** Whoever gets what visitors write in the contact form. */
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

/** @param {{ name?: string, yaml?: (host: string) => string }} [options] the folder in which the function is built, and
 * the site for a host page */
export async function startAgent({ name = "agent", yaml = siteYaml } = {}) {
  const folder = await mkdtemp(join(tmpdir(), "agent-"));
  const dist = join(folder, "dist");
  await mkdir(dist);
  const command = await buildFunction(name, yaml(KNOWN_HOST));
  const upstream = await startResponses({ apiKey: API_KEY });
  const webhook = await startWebhook();
  const host = await serveHostPages({});
  // The function has to know the address of the site, and the site that of the function.
  const pass = { to: "", origin: (/** @type {string} */ origin) => (origin === host.origin ? KNOWN_HOST : origin) };
  const site = await serveSite({ dist, pass });
  await writeFile(join(folder, "site.yaml"), yaml(host.origin));
  await run(await binary(), ["build", "--base-url", site.url], { cwd: folder });
  const agent = await startFunction(command, {
    BASE_URL: site.url,
    DIST_DIR: dist,
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
    identityOf,
    /** A host page with one of the snippets. @param {string} kind @param {string} [more] HTML */
    async paste(kind, more = "") {
      const snippet = await readFile(join(folder, `snippets/support/${kind}.html`), "utf8");
      const path = `/${kind}`;
      host.pages[path] = `<!doctype html><html lang="en"><title>Host</title><h1>Host</h1>${more}${snippet}</html>`;
      return host.url(path);
    },
    async close() {
      await Promise.all([agent.close(), upstream.close(), webhook.close(), host.close(), site.close()]);
      await rm(folder, { recursive: true });
    },
  };
}
