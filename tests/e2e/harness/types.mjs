/**
 * Options that a page really handed to ChatKit, checked against OpenAI's published types by the real compiler. They
 * become object literals, because only in a literal an unknown key is an error.
 */

import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Inside the package, so that `@openai/chatkit` resolves. */
const TEMPORARY = fileURLToPath(new URL("../.tmp/", import.meta.url));

/** The compiler's start file, whichever version is installed. */
const TSC = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");

/**
 * @typedef {object} Diagnostic
 * @property {string} name of the case
 * @property {string} code as in `TS2353`
 * @property {string} message
 * @property {string} source the line that it is about
 */

/** Makes every member required, at any depth: what satisfies it leaves no option out. */
const COMPLETE = `
type Complete<T> = T extends (...args: never[]) => unknown ? T
  : T extends readonly (infer Item)[] ? Complete<Item>[]
  : T extends object ? { [Key in keyof T]-?: Complete<T[Key]> }
  : T;
`;

/** Type-checks options against `ChatKitOptions`.
 *
 * What types can not say is the double's part: that a hosted `api` takes no `domainKey` (a literal may mix the
 * members of a union), and the ranges of numbers.
 * @param {Record<string, unknown>} cases by name; a function, or `{ $function }` for it, becomes a stub
 * @param {{ complete?: boolean }} [options] `complete` also reports every option that a case leaves out
 * @returns {Promise<Diagnostic[]>} none when all are valid */
export async function checkOptions(cases, { complete = false } = {}) {
  await mkdir(TEMPORARY, { recursive: true });
  const folder = await mkdtemp(join(TEMPORARY, "types-"));
  try {
    const names = Object.keys(cases);
    const type = complete ? "Complete<ChatKitOptions>" : "ChatKitOptions";
    const sources = names.map((name) =>
      [
        "import type { ChatKitOptions } from '@openai/chatkit';",
        complete ? COMPLETE : "",
        `export const options: ${type} = ${toLiteral(cases[name])};\n`,
      ].join("\n"),
    );
    await Promise.all(sources.map((source, index) => writeFile(join(folder, `case-${index}.ts`), source)));
    return parseDiagnostics(await compile(folder), names, sources);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const COMPILER_OPTIONS = {
  target: "ES2023",
  lib: ["ES2023", "DOM"],
  // The published types import each other without file extensions, which only bundlers resolve.
  module: "ESNext",
  moduleResolution: "bundler",
  types: [],
  noEmit: true,
  strict: true,
  exactOptionalPropertyTypes: true,
};

/** @param {unknown} value @param {string} [indent] @returns {string} one member per line, so that a line names its key */
function toLiteral(value, indent = "") {
  const inner = `${indent}  `;
  if (isFunction(value)) {
    return "(...args: any[]): any => args";
  }
  if (Array.isArray(value)) {
    return `[${value.map((each) => `\n${inner}${toLiteral(each, inner)},`).join("")}\n${indent}]`;
  }
  if (typeof value !== "object" || value === null) {
    return value === undefined ? "undefined" : JSON.stringify(value);
  }
  const members = Object.entries(value).map(
    ([key, each]) => `\n${inner}${JSON.stringify(key)}: ${toLiteral(each, inner)},`,
  );
  return `{${members.join("")}\n${indent}}`;
}

/** @param {unknown} value */
function isFunction(value) {
  return typeof value === "function" || (typeof value === "object" && value !== null && "$function" in value);
}

/** Compiles one text against the published types. @param {string} source @returns {Promise<string>} what is wrong with it */
export async function checkSource(source) {
  await mkdir(TEMPORARY, { recursive: true });
  const folder = await mkdtemp(join(TEMPORARY, "types-"));
  try {
    await writeFile(join(folder, "source.ts"), source);
    return await compile(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** @param {string} folder @returns {Promise<string>} what the compiler printed; it exits with 2 when it found something */
async function compile(folder) {
  await writeFile(
    join(folder, "tsconfig.json"),
    JSON.stringify({ compilerOptions: COMPILER_OPTIONS, include: ["*.ts"] }),
  );
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [TSC, "-p", folder, "--pretty", "false"], { cwd: folder }, (error, stdout, stderr) => {
      if (error && !/error TS\d+/.test(stdout)) {
        reject(new Error(`tsc failed: ${stderr || stdout || error.message}`));
      } else {
        resolve(stdout);
      }
    });
  });
}

/** @param {string} output @param {string[]} names @param {string[]} sources @returns {Diagnostic[]} */
function parseDiagnostics(output, names, sources) {
  // The lines after the first are indented, and say more about the same mistake.
  return output
    .split(/\n(?=\S)/)
    .filter((text) => text.includes("error TS"))
    .map((text) => {
      const match = /case-(\d+)\.ts\((\d+),\d+\): error (TS\d+): ([\s\S]*)/.exec(text);
      if (!match) {
        throw new Error(`the compiler could not check the options: ${text}`);
      }
      const [, index, line, code, message] = match;
      const source = sources[Number(index)].split("\n")[Number(line) - 1].trim();
      return { name: names[Number(index)], code, message: message.trim(), source };
    });
}
