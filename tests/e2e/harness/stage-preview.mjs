/**
 * The preview without the preview's server: a site that `build` wrote, served as `watch` serves it, and a page of a
 * foreign origin to try it on. What is edited is built anew, and told to those who listen.
 */

import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { CHATKIT_URL } from "../doubles/chatkit.mjs";
import { headersFor, parseHeadersFile } from "./headers-file.mjs";
import { listen, readBody, sendJson } from "./http.mjs";
import { withWorkflow } from "./sample.mjs";

const run = promisify(execFile);
const REPOSITORY = fileURLToPath(new URL("../../..", import.meta.url));
const WEB = join(REPOSITORY, "src/preview/web");
const LUCIDE = join(REPOSITORY, "src/theme/lucide.json");

/** @type {Record<string, string>} */
const TYPES = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".json": "application/json",
  ".txt": "text/plain",
};

/**
 * @typedef {import("node:http").ServerResponse} ServerResponse
 * @typedef {Awaited<ReturnType<typeof startPreview>>} Preview
 * @typedef {{ prefix: string, response: ServerResponse }} Listener
 */

/** Events that somebody missed are not sent again: who comes back looks for himself.
 * @param {{ change?: (site: string) => string }} [options] changes the sample site */
export async function startPreview({ change = (site) => site } = {}) {
  const folder = await mkdtemp(join(tmpdir(), "preview-"));
  /** @type {Record<string, Map<string, Buffer>>} What is served, by the prefix of its draft. */
  const trees = {};
  /** @type {Record<string, string>} */
  const snippets = {};
  /** @type {Set<Listener>} */
  const listeners = new Set();
  /** @type {{ widget: string, visitor: string | null }[]} */
  const sessions = [];
  let down = false;

  const main = await listen(async (request, response) => {
    const url = new URL(request.url ?? "/", "http://main");
    if (url.pathname === "/") {
      return send(response, ".html", '<!doctype html><html lang="en"><title>Studio</title><main></main>');
    }
    if (url.pathname === "/_/events") {
      return subscribe(url, response);
    }
    if (/^\/_\/(stage|live|demo|shared)\//.test(url.pathname)) {
      return stageFile(url.pathname, response);
    }
    if (url.pathname === "/api/chatkit/session") {
      return mint(JSON.parse(String(await readBody(request))), response);
    }
    const [, prefix = "", path] = /** @type {RegExpExecArray} */ (/^(\/~[a-z0-9]{8,32})?(\/.*)$/.exec(url.pathname));
    const tree = trees[path.startsWith("/assets/") ? "" : prefix] ?? trees[""];
    const name = path.slice(1) + (path.endsWith("/") ? "index.html" : "");
    const loader = tree?.get(name.replace("/loader.json", ".js"));
    if (name.endsWith("/loader.json") && loader) {
      return sendJson(response, 200, partsOf(String(loader), moduleOf(tree, name)), {
        "access-control-allow-origin": "*",
      });
    }
    const bytes =
      tree?.get(name) ??
      Object.values(trees)
        .map((each) => each.get(name))
        .find(Boolean);
    if (!bytes) {
      return response.writeHead(404).end("no such file");
    }
    const rules = parseHeadersFile(String(tree.get("_headers")));
    const { "content-security-policy": policy, "access-control-allow-origin": cors } = headersFor(rules, path);
    let body = String(bytes).replaceAll(CHATKIT_URL, `${main.url}/_/demo/chatkit.js`);
    if (name.endsWith(".html")) {
      const settings = moduleOf(tree, name).replaceAll("<", "\\u003c");
      body += `<script id="preview-settings" type="application/json">${settings}</script>\n`;
      body += '<script type="module" src="/_/live/live.js"></script>\n';
    }
    return send(response, extname(name), body, {
      ...(policy && { "content-security-policy": policy }),
      ...(cors && { "access-control-allow-origin": cors }),
    });
  });

  const stage = await listen(async (request, response) => {
    const url = new URL(request.url ?? "/", "http://stage");
    if (url.pathname === "/_/events") {
      return subscribe(url, response);
    }
    if (/^\/_\/(stage|live|demo|shared)\//.test(url.pathname)) {
      return stageFile(url.pathname, response);
    }
    if (url.pathname !== "/") {
      return response.writeHead(204).end();
    }
    const prefix = url.searchParams.has("draft") ? `/~${url.searchParams.get("draft")}` : "";
    const kind = url.searchParams.get("mode") ?? "bubble";
    const snippet = snippets[kind === "page" ? "link" : kind].replaceAll(`${main.url}/w/`, `${main.url}${prefix}/w/`);
    const head = `<meta name="studio" content="${main.url}">`;
    const page = url.searchParams.get("host") === "own" ? OWN : await readFile(join(WEB, "stage/stage.html"), "utf8");
    const policy = `default-src 'none'; script-src 'self' ${main.url}; style-src 'self'; img-src 'self' data:; connect-src 'self' ${main.url}; frame-src ${main.url}`;
    return send(
      response,
      ".html",
      page.replace("{{ head }}", () => head).replace("{{ snippet }}", () => snippet),
      { "content-security-policy": policy },
    );
  });

  /** @param {string} pathname @param {ServerResponse} response */
  async function stageFile(pathname, response) {
    const path = pathname === "/_/shared/lucide.json" ? LUCIDE : join(WEB, pathname.slice("/_/".length));
    const bytes = path.startsWith(REPOSITORY) ? await readFile(path).catch(() => null) : null;
    return bytes
      ? send(response, extname(path), bytes, { "access-control-allow-origin": "*" })
      : response.writeHead(404).end();
  }

  /** @param {URL} url @param {ServerResponse} response */
  function subscribe(url, response) {
    const draft = url.searchParams.get("draft");
    const listener = { prefix: draft ? `/~${draft}` : "", response };
    listeners.add(listener);
    response.on("close", () => listeners.delete(listener));
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
    response.write(": hello\n\n");
  }

  /** @param {{ widget: string, visitor?: string | null }} asked @param {ServerResponse} response */
  function mint({ widget, visitor = null }, response) {
    sessions.push({ widget, visitor });
    if (down) {
      return sendJson(response, 502, { error: { code: "upstream_error", message: "the network is down" } });
    }
    const known = visitor ?? `v1.${sessions.length}`;
    return sendJson(response, 200, {
      client_secret: `demo_${sessions.length}`,
      expires_at: Date.now() / 1000 + 600,
      expires_in: 600,
      visitor: known,
    });
  }

  /** @param {string} event @param {unknown} data @param {string} [prefix] for whom */
  function tell(event, data, prefix) {
    for (const listener of listeners) {
      if (prefix === undefined || listener.prefix === prefix) {
        listener.response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
      }
    }
  }

  /** Builds and tells. @param {(site: string) => string} edit @param {string} [draft] @param {{ quietly?: boolean }} [options] */
  async function render(edit, draft, { quietly = false } = {}) {
    const prefix = draft ? `/~${draft}` : "";
    const config = join(folder, "site.yaml");
    await writeFile(
      config,
      edit(
        change(withWorkflow(await readFile(join(REPOSITORY, "site.yaml"), "utf8"))).replace(
          "https://www.example.com",
          stage.url,
        ),
      ),
    );
    const flags = [
      "--config",
      config,
      "--base-url",
      main.url,
      "--out",
      join(folder, "dist"),
      "--snippets",
      join(folder, "snippets"),
    ];
    await run("cargo", ["run", "--quiet", "--package", "chatkit-embed", "--", "build", ...flags], { cwd: REPOSITORY });
    const tree = await read(join(folder, "dist"));
    for (const [name, bytes] of tree) {
      if (/^w\/[^/]+\.js$/.test(name)) {
        tree.set(name, Buffer.from(String(bytes).replaceAll(`${main.url}/w/`, `${main.url}${prefix}/w/`)));
      }
      if (/^w\/[^/]+\/index\.html$/.test(name)) {
        tree.set(name, Buffer.from(String(bytes).replaceAll('src="/w/', `src="${prefix}/w/`)));
      }
    }
    for (const file of await readdir(join(folder, "snippets/support"))) {
      snippets[file.replace(".html", "")] = await readFile(join(folder, "snippets/support", file), "utf8");
    }
    const before = trees[prefix];
    trees[prefix] = tree;
    /** @type {Record<string, string>} */
    const stamps = {};
    for (const [name, bytes] of tree) {
      if (name.startsWith("w/") && !before?.get(name)?.equals(bytes)) {
        stamps[name] = createHash("sha256").update(bytes).digest("hex").slice(0, 16);
      }
    }
    if (before && !quietly && Object.keys(stamps).length > 0) {
      tell("change", { prefix, stamps }, prefix);
    }
    return stamps;
  }

  await render((site) => site);
  return {
    /** Where `site.yaml` is. */
    folder,
    main,
    stage,
    sessions,
    listeners,
    render,
    tell,
    /** @param {Record<string, string>} query */
    page: (query) => `${stage.url}/?${new URLSearchParams(query)}`,
    /** @param {boolean} isDown */
    setDown: (isDown) => void (down = isDown),
    async close() {
      await Promise.all([main.close(), stage.close()]);
      await rm(folder, { recursive: true });
    },
  };
}

/** A page that knows nothing of us, with what the preview puts into it. */
const OWN = `<!doctype html><html lang="en"><head>{{ head }}<title>Own</title></head>
<body><h1>Somebody's own page</h1>{{ snippet }}<script type="module" src="/_/stage/host.js"></script></body></html>`;

/** @param {ServerResponse} response @param {string} extension @param {string | Buffer} body @param {Record<string, string>} [headers] */
function send(response, extension, body, headers = {}) {
  response.writeHead(200, {
    "content-type": `${TYPES[extension] ?? "application/octet-stream"}; charset=utf-8`,
    "cache-control": "no-store",
    ...headers,
  });
  response.end(body);
}

/** What the preview tells of a loader, here from the text that the embedded theme makes.
 * @param {string} text @param {string} module its settings, as JSON */
function partsOf(text, module) {
  const { panel, fallback, language, texts } = JSON.parse(module);
  const at = text.lastIndexOf("\n})(");
  const [settings, css] = JSON.parse(`[${text.slice(at + "\n})(".length, text.lastIndexOf(");"))}]`);
  return {
    code: createHash("sha256").update(text.slice(0, at)).digest("hex"),
    panel: JSON.stringify({ panel, fallback, language, texts }),
    settings,
    css,
  };
}

/** The settings beside a file of a widget, as JSON. @param {Map<string, Buffer>} tree @param {string} name */
function moduleOf(tree, name) {
  const module = String(tree.get(name.replace(/[^/]+$/, "settings.js")));
  return module.replace(/^export default |;\n$/g, "");
}

/** Every file below a folder. @param {string} folder */
async function read(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  /** @type {Map<string, Buffer>} */
  const tree = new Map();
  for (const file of files) {
    tree.set(file.slice(folder.length + 1), await readFile(file));
  }
  return tree;
}
