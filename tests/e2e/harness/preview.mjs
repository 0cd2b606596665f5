/** The preview, started as a person starts it: `watch` in a folder of its own with a site. */

import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { request as httpRequest } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

import { REPOSITORY } from "../deploy.mjs";

const run = promisify(execFile);

/** @typedef {Awaited<ReturnType<typeof startPreview>>} Preview */

/** Programs, each built once. @type {Record<string, Promise<string>>} */
const built = {};

/** The generator. `PREVIEW_BINARY` names another one, such as a release build. */
export const binary = async () => process.env.PREVIEW_BINARY ?? program("chatkit-embed");

/** A crate's program, for this machine. @param {"chatkit-embed" | "session"} name @returns {Promise<string>} its path */
export const program = (name) => (built[name] ??= build(name));

/** @param {string} name */
async function build(name) {
  const args = ["build", "--quiet", "--package", name, "--bins", "--message-format=json"];
  const { stdout } = await run("cargo", args, { cwd: REPOSITORY, maxBuffer: 1 << 28 });
  const messages = stdout.split("\n").filter(Boolean);
  const executables = messages.map((line) => JSON.parse(line).executable).filter(Boolean);
  return executables.at(-1);
}

/** Variables that would change what is tried. */
const FOREIGN = ["OPENAI_API_KEY", "CHATKIT_WORKFLOW_ID", "BASE_URL", "URL", "CONTEXT", "DOMAIN_KEY", "BUILD_HOOK_URL"];

/** Starts `watch` and waits until it is ready.
 * @param {object} [options]
 * @param {Record<string, string>} [options.files] beside or instead of the sample `site.yaml`
 * @param {Record<string, string>} [options.links] from a name to what it leads to
 * @param {Record<string, string>} [options.env]
 * @param {string[]} [options.args]
 * @param {boolean} [options.empty] without the sample */
export async function startPreview({ files = {}, links = {}, env = {}, args = [], empty = false } = {}) {
  const folder = await mkdtemp(join(tmpdir(), "preview-"));
  if (!empty) {
    await cp(join(REPOSITORY, "site.yaml"), join(folder, "site.yaml"));
  }
  /** @param {string} name @param {string} text */
  const write = async (name, text) => {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  };
  for (const [name, text] of Object.entries(files)) {
    await write(name, text);
  }
  for (const [name, target] of Object.entries(links)) {
    await symlink(target, join(folder, name));
  }
  const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !FOREIGN.includes(name)));
  const port = args.includes("--port") ? [] : ["--port", "0"];
  const child = spawn(await binary(), ["watch", "--no-open", ...port, ...args], {
    cwd: folder,
    env: { ...clean, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const ready = new Promise((resolve, reject) => {
    /** @param {Buffer} part */
    const read = (part) => {
      output += part;
      if (/^ +ready in/m.test(output)) {
        resolve(undefined);
      }
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    child.once("exit", (code) => reject(new Error(`watch ended with ${code}:\n${output}`)));
  });
  const ended = once(child, "exit");
  await ready;
  const origin = /preview (\S+)\/\n/.exec(output)?.[1] ?? "";
  const page = await (await fetch(origin)).text();
  const token = /name="preview-token" content="([^"]+)"/.exec(page)?.[1] ?? "";

  /** Calls the API as the preview's own page does. @param {string} call @param {unknown} [body] @param {Record<string, string>} [headers] */
  const api = async (call, body, headers = {}) => {
    const response = await fetch(`${origin}/_/api/${call}`, {
      method: body === undefined ? "GET" : "POST",
      headers: { "X-Preview-Token": token, "Content-Type": "application/json", ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    return { status: response.status, json: text && JSON.parse(text) };
  };

  return {
    folder,
    origin,
    token,
    pid: child.pid,
    api,
    write,
    /** @param {string} name */
    read: (name) => readFile(join(folder, name), "utf8"),
    output: () => output,
    events: () => listen(origin),
    /** Sends a request with any header, as no browser would. */
    forge: (/** @type {ForgedRequest} */ request) => forge(origin, request),
    /** Ends it as Ctrl-C does; says with which code. */
    async stop() {
      child.kill("SIGINT");
      const [code] = await ended;
      return code;
    },
    async close() {
      child.kill("SIGINT");
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** @typedef {{ method?: string, path?: string, headers?: Record<string, string | string[]>, body?: string }} ForgedRequest */

/** @param {string} origin @param {ForgedRequest} asked
 * @returns {Promise<{ status: number, headers: import("node:http").IncomingHttpHeaders, text: string }>} */
function forge(origin, { method = "GET", path = "/", headers = {}, body }) {
  const { hostname, port, host } = new URL(origin);
  return new Promise((resolve, reject) => {
    const options = { hostname, port, method, path, headers: { host, ...headers }, agent: false };
    const request = httpRequest(options, (response) => {
      let text = "";
      response.on("data", (part) => (text += part));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
    });
    request.on("error", reject);
    request.end(body);
  });
}

/** Listens to the preview's events. @param {string} origin */
export async function listen(origin) {
  const controller = new AbortController();
  const response = await fetch(`${origin}/_/events`, { signal: controller.signal });
  /** @type {{ event: string, data: any }[]} */
  const seen = [];
  /** @type {(() => void)[]} */
  let waiting = [];
  const read = async () => {
    let text = "";
    const decoder = new TextDecoder();
    for await (const part of /** @type {AsyncIterable<Uint8Array>} */ (response.body)) {
      text += decoder.decode(part, { stream: true });
      const blocks = text.split("\n\n");
      text = blocks.pop() ?? "";
      for (const block of blocks) {
        const event = /^event: (.*)$/m.exec(block)?.[1];
        const data = /^data: (.*)$/m.exec(block)?.[1];
        if (event && data) {
          seen.push({ event, data: JSON.parse(data) });
        }
      }
      waiting.forEach((wake) => wake());
      waiting = [];
    }
  };
  read().catch(() => {});
  return {
    seen,
    /** Waits for an event, one that was told before included.
     * @param {string} event @param {(data: any) => boolean} [fits] @param {number} [patience] milliseconds */
    async next(event, fits = () => true, patience = 5_000) {
      const end = Date.now() + patience;
      for (;;) {
        const at = seen.findIndex((one) => one.event === event && fits(one.data));
        if (at >= 0) {
          return seen.splice(0, at + 1)[at].data;
        }
        const left = end - Date.now();
        if (left <= 0) {
          throw new Error(`no such event: ${event}; there were ${JSON.stringify(seen.map((one) => one.event))}`);
        }
        await Promise.race([
          new Promise((resolve) => waiting.push(() => resolve(undefined))),
          new Promise((resolve) => setTimeout(resolve, left)),
        ]);
      }
    },
    close: () => controller.abort(),
  };
}
