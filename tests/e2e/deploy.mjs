/** Builds the site as Netlify does: from a fresh clone, by Netlify's own build, with the command of netlify.toml. */

import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { unzipSync } from "fflate";

import { withWorkflow } from "./harness/sample.mjs";

const run = promisify(execFile);

/** The checkout that is tested. */
export const REPOSITORY = fileURLToPath(new URL("../..", import.meta.url));

/** The clone that is built. It stays between two runs, so that the second need not compile everything. */
const CLONE = fileURLToPath(new URL(".tmp/clone", import.meta.url));

/** Where Netlify puts what it would upload. */
const FUNCTIONS = join(CLONE, ".netlify/functions");

/**
 * @typedef {object} Deploy
 * @property {string} clone folder of the clone
 * @property {string} log what the build printed
 * @property {{ functions: { name: string, runtime: string, path: string, invocationMode?: string }[] }} manifest of Netlify's bundler
 * @property {Record<string, Uint8Array>} zip files in the function's archive
 * @property {string} binary the function as it is in the archive, ready to run
 */

/** @type {Promise<Deploy> | undefined} */
let deploy;

/** The deploy of the last commit. All tests of one process share it.
 * @returns {Promise<Deploy>} */
export function deployed() {
  deploy ??= build();
  return deploy;
}

async function build() {
  const { stdout } = await run("git", ["rev-parse", "HEAD"], { cwd: REPOSITORY });
  const commit = stdout.trim();
  const done = join(CLONE, "..", "deployed");
  const built = existsSync(done) ? await readFile(done, "utf8") : "";
  let log = built.slice(commit.length);
  if (!built.startsWith(commit)) {
    await rm(done, { force: true });
    await checkOut(commit);
    log = await netlifyBuild(CLONE);
  }
  const manifest = JSON.parse(await readFile(join(FUNCTIONS, "manifest.json"), "utf8"));
  const zip = unzipSync(await readFile(join(FUNCTIONS, "session.zip")));
  const binary = join(CLONE, "..", "bootstrap");
  if (!existsSync(done)) {
    await rm(binary, { force: true });
    await writeFile(binary, zip.bootstrap);
    await chmod(binary, 0o755);
    await writeFile(done, commit + log);
  }
  return { clone: CLONE, log, manifest, zip, binary };
}

/** @param {string} commit */
async function checkOut(commit) {
  if (!existsSync(CLONE)) {
    await mkdir(CLONE, { recursive: true });
    await run("git", ["clone", "--quiet", "--no-checkout", REPOSITORY, CLONE]);
  }
  await run("git", ["fetch", "--quiet", "origin", "HEAD"], { cwd: CLONE });
  await run("git", ["checkout", "--quiet", "--force", "--detach", commit], { cwd: CLONE });
  // All that the build before left behind, but for the compiler's cache.
  await run("git", ["clean", "-dfxq", "--exclude=/target"], { cwd: CLONE });
  await rm(join(CLONE, "target/netlify"), { recursive: true, force: true });
  const site = join(CLONE, "site.yaml");
  await writeFile(site, withWorkflow(await readFile(site, "utf8")));
}

/** Runs Netlify's build without Netlify. Rejects if the build fails.
 * @param {string} folder @param {Record<string, string>} [env]
 * @returns {Promise<string>} what it printed */
export async function netlifyBuild(folder, env = {}) {
  const command = fileURLToPath(new URL("node_modules/.bin/netlify-build", import.meta.url));
  const args = ["--offline", "--telemetry=false", "--functionsDistDir=.netlify/functions"];
  const { stdout, stderr } = await run(command, args, {
    cwd: folder,
    env: { ...process.env, ...env },
    maxBuffer: 16 * 1024 * 1024,
  });
  return stdout + stderr;
}

// `npm test` builds it once, before files run beside each other.
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await deployed();
}
