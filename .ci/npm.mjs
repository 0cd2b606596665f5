/**
 * Packs an npm package with the program of each archive in a folder: `node npm.mjs VERSION FOLDER`. npm puts
 * `chatkit-embed` on the path, which starts the one for the system.
 */

import { execFileSync } from "node:child_process";
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** What node calls the systems of Rust's targets. */
const SYSTEMS = {
  "x86_64-unknown-linux-musl": "linux-x64",
  "aarch64-unknown-linux-musl": "linux-arm64",
  "x86_64-apple-darwin": "darwin-x64",
  "aarch64-apple-darwin": "darwin-arm64",
  "x86_64-pc-windows-msvc": "win32-x64",
};

const [version, artifacts] = process.argv.slice(2);
const here = (/** @type {string} */ path) => fileURLToPath(new URL(path, import.meta.url));
const work = mkdtempSync(join(tmpdir(), "npm-"));
const folder = join(work, "package");
mkdirSync(folder);

const systems = [];
for (const [target, system] of Object.entries(SYSTEMS)) {
  const name = `chatkit-embed-${version}-${target}`;
  if (!readdirSync(artifacts).includes(`${name}.tar.gz`)) {
    continue;
  }
  execFileSync("tar", ["-xzf", join(artifacts, `${name}.tar.gz`), "-C", work]);
  const program = system.startsWith("win32") ? "chatkit-embed.exe" : "chatkit-embed";
  mkdirSync(join(folder, "programs", system), { recursive: true });
  for (const file of [program, "THIRD-PARTY.txt"]) {
    cpSync(join(work, name, file), join(folder, "programs", system, file));
  }
  systems.push(system.split("-"));
}
if (systems.length === 0) {
  throw new Error(`no archive of version ${version} in ${artifacts}`);
}

copyFileSync(here("npm-start.mjs"), join(folder, "start.mjs"));
copyFileSync(here("../README.md"), join(folder, "README.md"));
copyFileSync(here("../LICENSE"), join(folder, "LICENSE"));
const about = {
  name: "chatkit-embed",
  version,
  description: "Turns one YAML file into OpenAI ChatKit widgets for any website",
  license: "MIT",
  type: "module",
  bin: { "chatkit-embed": "start.mjs" },
  os: [...new Set(systems.map(([os]) => os))],
  cpu: [...new Set(systems.map(([, cpu]) => cpu))],
  engines: { node: ">=18" },
};
writeFileSync(join(folder, "package.json"), `${JSON.stringify(about, null, 2)}\n`);
execFileSync("tar", ["-czf", join(artifacts, `chatkit-embed-${version}.tgz`), "-C", work, "package"]);
rmSync(work, { recursive: true });
