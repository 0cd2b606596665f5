/**
 * Prints the licences of what is compiled into the programs of a release: `node notices.mjs TARGET`. A text that several
 * crates share is printed once.
 */

import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** @typedef {{ name: string, version: string, license: string, repository: string | null, source: string | null, manifest_path: string }} Crate */

const PROGRAMS = ["--package=chatkit-embed", "--package=session"];
const ICONS = new URL("../src/theme/LICENSE-lucide.txt", import.meta.url);
const TEXTS = /^(licen[cs]e|copying|notice|unlicense)/i;

/** @param {...string} args */
const cargo = (...args) => execFileSync("cargo", [...args, "--locked"], { encoding: "utf8", maxBuffer: 2 ** 28 });

const target = process.argv[2];
const tree = cargo("tree", ...PROGRAMS, "--edges=normal", "--prefix=none", "--format={p}", `--target=${target}`);
const linked = new Set(tree.split("\n").map((line) => line.split(" ").slice(0, 2).join(" ")));
/** @type {{ packages: Crate[] }} */
const { packages } = JSON.parse(cargo("metadata", "--format-version=1"));

/** What is under each text. @type {Map<string, string[]>} */
const owners = new Map([[readFileSync(ICONS, "utf8").trim(), ["The icons of Lucide"]]]);
for (const crate of packages) {
  if (crate.source === null || !linked.has(`${crate.name} v${crate.version}`)) {
    continue;
  }
  for (const text of textsOf(crate)) {
    const title = `${crate.name} ${crate.version} (${crate.license})`;
    owners.set(text, [...(owners.get(text) ?? []), title]);
  }
}
for (const [text, titles] of owners) {
  console.log(`${titles.join("\n")}\n\n${text}\n\n${"-".repeat(80)}\n`);
}

/** @param {Crate} crate */
function textsOf({ manifest_path, repository }) {
  const folder = dirname(manifest_path);
  const files = readdirSync(folder).filter((file) => TEXTS.test(file));
  const texts = files.map((file) => readFileSync(join(folder, file), "utf8").trim());
  return texts.length > 0 ? texts : [`The text of the licence is at ${repository}.`];
}
