/**
 * How long a build of many widgets takes, next to other static site generators with as many plain pages, and to programs
 * that only write or compare the same files:
 *
 *     node tests/bench/widgets/compare.mjs [--program PATH] [--rounds 5] [N…]
 *
 * Prints a Markdown table. All contenders take turns in each round, and the first of a round is another each time. Needs
 * a C compiler, and npm and pip for the peers.
 */

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, release, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { install, TOOLS } from "./peers.mjs";
import { changeWidget, writeWidgets } from "./site.mjs";

/** @typedef {import("./peers.mjs").Peer} Peer */
/** @typedef {{ seconds: number, bytes: number }} Took */
/** @typedef {Map<string, Took[]>} Results what each contender took, by its name and what it did */

/** What a build writes, the list of its files included. */
const OUTPUTS = ["dist", "snippets", ".chatkit-embed"];
const COLD = "cold";
const SAME = "nothing changed";
const ONE = "one widget changed";
const THREADS = availableParallelism();
/** The limits, by their threads. */
const LIMITS = THREADS > 1 ? [1, THREADS] : [1];

const { values, positionals } = parseArgs({
  options: { program: { type: "string" }, rounds: { type: "string", default: "5" } },
  allowPositionals: true,
});
const rounds = Number(values.rounds);
const sizes = (positionals.length ? positionals : ["1", "100", "1000", "10000"]).map(Number);
const program = resolve(
  values.program ?? fileURLToPath(new URL("../../../target/release/chatkit-embed", import.meta.url)),
);
if (![rounds, ...sizes].every((number) => Number.isInteger(number) && number > 0)) {
  stop("usage: node compare.mjs [--program PATH] [--rounds 5] [N…]");
}
if (!existsSync(program)) {
  stop(
    `\`${program}\` does not exist\nhint: run \`cargo build --release\`, or name the generator with \`--program PATH\``,
  );
}

const { peers, missing } = install();
const [run, limit] = ["run", "limit"].map(compile);
const work = mkdtempSync(join(tmpdir(), "bench-widgets-"));
process.on("exit", () => rmSync(work, { recursive: true, force: true }));
const tables = sizes.map((count) => {
  const results = measure(count);
  console.error(`${count} widgets: measured`);
  return { count, results };
});
printMachine();
printTable(tables);

/** @param {string} message @returns {never} */
function stop(message) {
  console.error(message);
  process.exit(2);
}

/** @param {string} name of a C program next to this script */
function compile(name) {
  const made = join(TOOLS, name);
  const source = fileURLToPath(new URL(`${name}.c`, import.meta.url));
  execFileSync("cc", ["-O2", "-pthread", "-o", made, source], { stdio: "inherit" });
  return made;
}

/** Measures all contenders at one size. @param {number} count @returns {Results} */
function measure(count) {
  const folder = join(work, String(count));
  const own = join(folder, "own");
  writeWidgets(own, count);
  for (const [i, peer] of peers.entries()) {
    peer.make(join(folder, String(i)), count);
  }
  const list = join(folder, "list");
  timed(own, [program, "build"]);
  /** @type {Results} */
  const results = new Map();
  for (let round = 0; round < rounds; round++) {
    for (const what of [COLD, SAME]) {
      const turns = [
        { name: key("ours", what), take: () => build(own, [program, "build"], what === COLD ? OUTPUTS : []) },
        ...peers.map((peer, i) => ({
          name: key(peer.name, what),
          take: () => build(join(folder, String(i)), peer.command, what === COLD ? [peer.output] : []),
        })),
        ...LIMITS.map((threads) => ({
          name: key(`limit ${threads}`, what),
          take: () => bound(what, list, own, threads),
        })),
      ];
      for (let turn = 0; turn < turns.length; turn++) {
        const { name, take } = turns[(turn + round) % turns.length];
        results.set(name, [...(results.get(name) ?? []), take()]);
      }
    }
    changeWidget(own, `Welcome, round ${round}!`);
    const name = key("ours", ONE);
    results.set(name, [...(results.get(name) ?? []), build(own, [program, "build"], [])]);
  }
  rmSync(folder, { recursive: true });
  return results;
}

/** @param {string} name @param {string} what */
function key(name, what) {
  return `${name}: ${what}`;
}

/** @param {string} folder @param {string[]} command @param {string[]} outputs removed before @returns {Took} */
function build(folder, command, outputs) {
  for (const output of outputs) {
    rmSync(join(folder, output), { recursive: true, force: true });
  }
  return timed(folder, command);
}

/** @param {string} cwd @param {string[]} command @returns {Took} */
function timed(cwd, command) {
  const line = execFileSync(run, command, { cwd, encoding: "utf8" });
  const [seconds, kilobytes] = line.split(" ").map(Number);
  return { seconds, bytes: kilobytes * 1024 };
}

/** A program that only writes or compares files. @param {string} what @param {string} list @param {string} own @param {number} threads @returns {Took} */
function bound(what, list, own, threads) {
  // Each time, because a build leaves out its record of what is unchanged where files are too new for it.
  writeFileSync(list, listed(own));
  if (what === SAME) {
    return { seconds: Number(execFileSync(limit, ["compare", list, own, String(threads)])), bytes: 0 };
  }
  const copy = join(work, "copy");
  mkdirSync(copy);
  const seconds = Number(execFileSync(limit, ["write", list, own, copy, String(threads)]));
  rmSync(copy, { recursive: true });
  return { seconds, bytes: 0 };
}

/** The folders that a build made, by their depth, and then its files. @param {string} own */
function listed(own) {
  /** @type {string[]} */
  const folders = [];
  /** @type {string[]} */
  const files = [];
  let level = OUTPUTS.filter((output) => existsSync(join(own, output)));
  while (level.length) {
    folders.push(...level.map((folder) => `${folder}/`));
    const entries = level.flatMap((folder) =>
      readdirSync(join(own, folder), { withFileTypes: true }).map((entry) => ({
        entry,
        path: join(folder, entry.name),
      })),
    );
    files.push(...entries.filter(({ entry }) => entry.isFile()).map(({ path }) => path));
    level = entries.filter(({ entry }) => entry.isDirectory()).map(({ path }) => path);
  }
  return [...folders, ...files, ""].join("\n");
}

function printMachine() {
  const version = execFileSync(program, ["--version"], { encoding: "utf8" }).trim();
  const megabytes = Math.round(statSync(program).size / 1e6);
  console.log(`${cpus()[0].model.trim()}, ${THREADS} cores, Linux ${release()}, node ${process.version}.`);
  console.log(
    `${version} (${megabytes} MB), ${peers.map((peer) => peer.name).join(", ")}. ${rounds === 1 ? "1 round" : `Medians of ${rounds} rounds`}.`,
  );
  for (const { name, reason } of missing) {
    console.log(`Not measured: ${name}, because ${reason}.`);
  }
}

/** @param {{ count: number, results: Results }[]} tables */
function printTable(tables) {
  const limits = LIMITS.map((threads) => `limit, ${threads} thread${threads > 1 ? "s" : ""}`);
  const heads = [
    "widgets",
    "",
    "ours",
    ...limits,
    "ours / limit",
    ...peers.map((peer) => peer.name),
    "fastest peer / ours",
  ];
  console.log(`\n${cells(heads)}\n${cells(heads.map(() => "---"))}`);
  for (const { count, results } of tables) {
    const name = count.toLocaleString("en");
    const ours = (/** @type {string} */ what) => seconds(results, "ours", what);
    for (const what of [COLD, SAME]) {
      const bounds = LIMITS.map((threads) => seconds(results, `limit ${threads}`, what));
      const others = peers.map((peer) => seconds(results, peer.name, what));
      const ratios = [ours(what) / Math.min(...bounds), Math.min(...others) / ours(what)];
      const [toLimit, toPeer] = ratios.map((ratio) =>
        Number.isFinite(ratio) ? ratio.toFixed(ratio < 10 ? 2 : 0) : "–",
      );
      console.log(cells([name, what, time(ours(what)), ...bounds.map(time), toLimit, ...others.map(time), toPeer]));
    }
    const toSame = `${(ours(ONE) / ours(SAME)).toFixed(2)} of “${SAME}”`;
    const empty = limits.map(() => "");
    console.log(cells([name, ONE, time(ours(ONE)), ...empty, toSame, ...peers.map(() => ""), ""]));
    const memory = peers.map((peer) => size(peak(results, peer.name)));
    console.log(cells([name, "peak memory", size(peak(results, "ours")), ...empty, "", ...memory, ""]));
  }
}

/** @param {string[]} row */
function cells(row) {
  return `| ${row.join(" | ")} |`;
}

/** The median. @param {Results} results @param {string} name @param {string} what */
function seconds(results, name, what) {
  const times = (results.get(key(name, what)) ?? []).map((took) => took.seconds).sort((a, b) => a - b);
  const middle = times.length / 2;
  return (times[Math.floor(middle)] + times[Math.ceil(middle) - 1]) / 2;
}

/** The median of a cold build's peak memory. @param {Results} results @param {string} name */
function peak(results, name) {
  const peaks = (results.get(key(name, COLD)) ?? []).map((took) => took.bytes).sort((a, b) => a - b);
  return peaks[Math.floor(peaks.length / 2)];
}

/** @param {number} seconds */
function time(seconds) {
  const [value, unit] = seconds < 1 ? [seconds * 1e3, "ms"] : [seconds, "s"];
  return `${value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)} ${unit}`;
}

/** @param {number} bytes */
function size(bytes) {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}
