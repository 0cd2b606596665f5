/**
 * The double of OpenAI's chatkit.js. Its parts are ES modules, so that they are type-checked and tested
 * without a browser; a page gets them as what the real one is: one classic script.
 */

import { readFile } from "node:fs/promises";

import { CHATKIT_ORIGIN } from "./chatkit/frame.mjs";

export { CHATKIT_ORIGIN };

/** Where every page loads ChatKit from. */
export const CHATKIT_URL = `${CHATKIT_ORIGIN}/deployments/chatkit/chatkit.js`;

/** What ChatKit puts into its frame. */
export const FRAME_URL = `${CHATKIT_ORIGIN}/deployments/chatkit/frame.html`;

/** In the order of their imports. */
const PARTS = ["validate.mjs", "options.mjs", "widget.mjs", "view.mjs", "frame.mjs", "conversation.mjs", "element.mjs"];

/** @param {string} name */
const part = (name) => readFile(new URL(`chatkit/${name}`, import.meta.url), "utf8");

/** The script that stands in for `CHATKIT_URL`. */
export async function chatkitScript() {
  const parts = await Promise.all(PARTS.map(part));
  return `(() => {\n'use strict';\n${parts.map(withoutModuleSyntax).join("\n")}\ninstall();\n})();\n`;
}

/** The document that stands in for `FRAME_URL`. */
export function frameDocument() {
  return part("frame.html");
}

/** Leaves declarations alone. Imports stand on one line each, exports in front of what they export.
 * @param {string} source */
function withoutModuleSyntax(source) {
  return source.replace(/^import .*\n/gm, "").replace(/^export /gm, "");
}
