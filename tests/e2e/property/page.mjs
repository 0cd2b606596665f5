/** What the theme's script makes of a page's settings, without a browser: the very script, on a stage of cardboard. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { build } from "esbuild";

import { REPOSITORY } from "../deploy.mjs";

/** @type {(stage: any) => { start: () => Promise<void>, remove: () => void }} */
let createChat;

/** Stands in for the script that is fetched for agents. */
const AGENT = "data:text/javascript,export const createAgent = () => ({ fetch() {} })";

/** Loads the script of the default theme. */
export async function loadCreateChat() {
  const entry = join(REPOSITORY, "themes/default/static/js/chat.js");
  const { outputFiles } = await build({ entryPoints: [entry], bundle: true, format: "esm", write: false });
  ({ createChat } = await import(`data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`));
}

/** The settings of a hosted page, in the module that page and panel load.
 * @param {string} folder of the page @returns {Promise<any>} */
export async function settingsOf(folder) {
  const module = await readFile(join(folder, "settings.js"), "utf8");
  const [, json] = /^export default (.*);\n$/s.exec(module) ?? assert.fail(`no settings in ${folder}`);
  return JSON.parse(json);
}

/** The options that ChatKit is given in a page with these settings.
 * @param {any} settings @param {boolean} [canClose] whether it is in a panel @returns {Promise<any>} */
export async function optionsOf({ ...settings }, canClose = true) {
  if (settings.backend.type === "agent") {
    settings.backend = { ...settings.backend, script: AGENT };
  }
  /** @type {any} */
  let options;
  const element = { addEventListener() {}, setOptions: (/** @type {any} */ given) => (options = given), remove() {} };
  const listening = { addEventListener() {}, removeEventListener() {} };
  const restore = replaceGlobals({
    window: { ...listening, setTimeout: () => 0 },
    document: { ...listening, createElement: () => element },
    matchMedia: () => ({ ...listening, matches: false }),
    customElements: { get: () => element },
  });
  try {
    const store = { read: () => ({}), write() {}, clear() {} };
    const stage = {
      settings,
      store,
      canClose: () => canClose,
      resume() {},
      kept: store,
      container: { prepend() {} },
      look: {},
    };
    const chat = createChat({
      ...stage,
      fail: (/** @type {Error} */ error) => {
        throw error;
      },
      on() {},
    });
    await chat.start();
    chat.remove();
    return options;
  } finally {
    restore();
  }
}

/** @param {Record<string, unknown>} values @returns {() => void} puts back what was there */
function replaceGlobals(values) {
  const names = Object.keys(values);
  const before = names.map((name) => /** @type {const} */ ([name, Object.getOwnPropertyDescriptor(globalThis, name)]));
  for (const name of names) {
    Object.defineProperty(globalThis, name, { value: values[name], configurable: true, writable: true });
  }
  return () => {
    for (const [name, descriptor] of before) {
      if (descriptor) {
        Object.defineProperty(globalThis, name, descriptor);
      } else {
        Reflect.deleteProperty(globalThis, name);
      }
    }
  };
}
