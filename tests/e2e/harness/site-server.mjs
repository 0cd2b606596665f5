/**
 * Netlify, as far as a site with one function can tell: static files with the rules of `_headers`, `404.html`, and
 * the rewrite to the session function. Everything is read per request, so that a test may rebuild while it serves.
 */

import { createHash } from "node:crypto";
import { readFile, realpath, stat } from "node:fs/promises";
import { request as httpRequest } from "node:http";
import { extname, join, sep } from "node:path";

import { sendReply, toEvent } from "./event.mjs";
import { headersFor, parseHeadersFile } from "./headers-file.mjs";
import { listen, readBody } from "./http.mjs";

/** The rewritten path, the direct one, and what Netlify sends to the function besides. */
const FUNCTION_PATH = /^(\/api\/chatkit\/(session|chat)\/?|\/\.netlify\/functions\/session(\/.*)?)$/;

/** Read by Netlify, and served to nobody. */
const CONFIGURATION = new Set(["_headers", "_redirects", "netlify.toml"]);

/** What a file without a rule of its own gets. */
const DEFAULT_HEADERS = { "cache-control": "public,max-age=0,must-revalidate" };

/** @type {Record<string, string>} */
const CONTENT_TYPES = {
  ".html": "text/html; charset=UTF-8",
  ".js": "application/javascript; charset=UTF-8",
  ".mjs": "application/javascript; charset=UTF-8",
  ".css": "text/css; charset=UTF-8",
  ".json": "application/json; charset=UTF-8",
  ".webmanifest": "application/manifest+json; charset=UTF-8",
  ".txt": "text/plain; charset=UTF-8",
  ".xml": "application/xml; charset=UTF-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".jpg": "image/jpeg",
  ".webp": "image/webp",
  ".ico": "image/x-icon",
  ".woff2": "font/woff2",
};

/**
 * @typedef {import("./event.mjs").LambdaEvent} LambdaEvent
 * @typedef {import("./event.mjs").LambdaReply} LambdaReply
 * @typedef {{ method: string, path: string, status: number }} ServedRequest
 * @typedef {{ to: string }} Pass its address
 * @typedef {{ status: number, headers?: Record<string, string>, file?: Buffer }} StaticReply
 */

/** Serves a folder that `build` wrote.
 * @param {object} options
 * @param {string} options.dist
 * @param {(event: LambdaEvent) => Promise<LambdaReply>} [options.invoke] the function; without it, its path is not found
 * @param {Pass} [options.pass] the function as a web server, instead
 * @param {import("./event.mjs").EventOptions} [options.event]
 * @param {number} [options.port] */
export async function serveSite({ dist, invoke, pass, event, port }) {
  /** @type {ServedRequest[]} */
  const requests = [];
  /** @type {Error[]} */
  const functionErrors = [];

  const server = await listen(
    async (request, response) => {
      const path = new URL(request.url ?? "/", "http://site").pathname;
      response.on("finish", () => requests.push({ method: request.method ?? "", path, status: response.statusCode }));
      if (pass && FUNCTION_PATH.test(path)) {
        return passOn(request, response, pass);
      }
      if (invoke && FUNCTION_PATH.test(path)) {
        const body = await readBody(request);
        try {
          return sendReply(response, await invoke(toEvent(request, body, event)));
        } catch (error) {
          functionErrors.push(/** @type {Error} */ (error));
          return response.writeHead(502, { "Content-Type": "text/plain" }).end("error decoding lambda response");
        }
      }
      const { status, headers, file } = await answer(dist, path, request);
      response.writeHead(status, headers).end(request.method === "HEAD" ? undefined : file);
    },
    { port },
  );

  return {
    ...server,
    /** Everything that was served, in the order of the replies. */
    requests,
    /** Why the function gave no reply; the browser saw 502. */
    functionErrors,
  };
}

/** Bodies go through as they come, in both directions.
 * @param {import("node:http").IncomingMessage} request @param {import("node:http").ServerResponse} response
 * @param {Pass} pass */
function passOn(request, response, { to }) {
  const { url, method, headers } = request;
  const onward = httpRequest(to + url, { method, headers, agent: false }, (reply) => {
    response.writeHead(reply.statusCode ?? 502, reply.headers);
    response.flushHeaders();
    reply.pipe(response);
  });
  onward.on("error", () => response.destroy());
  response.on("close", () => onward.destroy());
  request.pipe(onward);
}

/** @param {string} dist @param {string} path @param {import("node:http").IncomingMessage} request
 * @returns {Promise<StaticReply>} */
async function answer(dist, path, { method, headers: asked }) {
  if (method !== "GET" && method !== "HEAD") {
    return { status: 405, headers: { allow: "GET, HEAD" } };
  }
  const rules = parseHeadersFile((await readOrNull(join(dist, "_headers")))?.toString() ?? "");
  const own = { ...DEFAULT_HEADERS, ...headersFor(rules, path) };

  const name = await resolveName(dist, path);
  if (name?.endsWith("/")) {
    return { status: 301, headers: { ...own, location: name } };
  }
  const file = name === null ? null : await readOrNull(join(dist, name));
  if (name === null || file === null) {
    const page = (await readOrNull(join(dist, "404.html"))) ?? Buffer.from("Not Found");
    return { status: 404, file: page, headers: { ...own, "content-type": CONTENT_TYPES[".html"] } };
  }
  const etag = `"${createHash("sha256").update(file).digest("hex").slice(0, 32)}"`;
  const type = CONTENT_TYPES[extname(name).toLowerCase()] ?? "application/octet-stream";
  const headers = { "content-type": type, ...own, etag };
  return asked["if-none-match"] === etag ? { status: 304, headers } : { status: 200, headers, file };
}

/** The file of a path: relative to `dist`, or with a slash at the end where to go first, or null when there is none.
 * @param {string} dist @param {string} path @returns {Promise<string | null>} */
async function resolveName(dist, path) {
  let name;
  try {
    name = decodeURIComponent(path).slice(1);
  } catch {
    return null;
  }
  if (name.split(/[/\\]/).includes("..") || name.includes("\0") || name.includes("\\")) {
    return null;
  }
  if (CONFIGURATION.has(name)) {
    return null;
  }
  if (name === "" || name.endsWith("/")) {
    return (await isInside(dist, `${name}index.html`)) ? `${name}index.html` : null;
  }
  if (await isInside(dist, name)) {
    return name;
  }
  if (await isInside(dist, `${name}/index.html`)) {
    return `${path}/`;
  }
  // Netlify finds a page without its extension as well.
  return (await isInside(dist, `${name}.html`)) ? `${name}.html` : null;
}

/** Whether a file is in the folder, and not only linked from it.
 * @param {string} dist @param {string} name */
async function isInside(dist, name) {
  try {
    const [root, file] = await Promise.all([realpath(dist), realpath(join(dist, name))]);
    return file.startsWith(root + sep) && (await stat(file)).isFile();
  } catch {
    return false;
  }
}

/** @param {string} path */
async function readOrNull(path) {
  return readFile(path).catch(() => null);
}
