/** A page of the documentation, as far as a test needs it: its blocks of code and its tables. */

import { readFile } from "node:fs/promises";

/**
 * @typedef {object} Block
 * @property {string} language
 * @property {string} name of the file, if the fence names one
 * @property {string} text
 */

const FENCE = /^```(\S+) ?(.*)\n([^]*?)^```$/gm;

/** @param {string} path */
export async function readPage(path) {
  const text = await readFile(path, "utf8");
  /** @type {Block[]} */
  const blocks = [...text.matchAll(FENCE)].map(([, language, name, text]) => ({ language, name, text }));
  return {
    blocks,
    /** The text of the file that a block is. @param {string} name */
    file(name) {
      const found = blocks.find((block) => block.name === name);
      if (!found) {
        throw new Error(`${path} has no block for ${name}`);
      }
      return found.text;
    },
    /** Commands, a block of lines each. */
    scripts: blocks.filter(({ language }) => language === "sh").map(({ text }) => text),
    /** The cells of all rows whose first cell is not empty. */
    rows: text
      .split("\n")
      .filter((line) => /^\| *[^-| ]/.test(line))
      .map((line) =>
        line
          .split("|")
          .slice(1, -1)
          .map((cell) => cell.trim()),
      ),
  };
}
