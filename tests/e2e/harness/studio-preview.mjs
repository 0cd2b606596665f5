/** The preview that the studio's tests look at: the one place that says which server that is. */

import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";

import { REPOSITORY } from "../deploy.mjs";
import { startPreviewDouble } from "../doubles/preview.mjs";

const run = promisify(execFile);

/** @type {Promise<any> | undefined} */
let schema;

/** Starts a preview of the sample site.
 * @param {Partial<Parameters<typeof startPreviewDouble>[0]> & { change?: (text: string) => string }} [options] */
export async function startPreview({ change = (text) => text, ...options } = {}) {
  schema ??= siteSchema();
  const sample = await readFile(`${REPOSITORY}/site.yaml`, "utf8");
  return startPreviewDouble({ text: change(sample), schema: await schema, ...options });
}

/** The JSON Schema that the generator prints. */
export async function siteSchema() {
  const { stdout } = await run("cargo", ["run", "--quiet", "--package", "chatkit-embed", "--", "schema"], {
    cwd: REPOSITORY,
    maxBuffer: 1 << 24,
  });
  return withoutNull(JSON.parse(stdout));
}

/** As `watch` sends it: only editors of the file need to know that a section may be `null`, and read defaults in
 * descriptions. @param {any} node @returns {any} */
function withoutNull(node) {
  if (Array.isArray(node)) {
    return node.map(withoutNull);
  }
  if (node === null || typeof node !== "object") {
    return node;
  }
  const { anyOf, ...rest } = node;
  if (typeof rest.description === "string" && (rest["x-default"] || rest["x-type"] || rest["x-backend"])) {
    rest.description = rest.description.replace(/ (Only with `(backend\.)?type: |Default: |\w+'s default: )[^]*$/, "");
  }
  const choices = anyOf?.filter((/** @type {any} */ choice) => choice.type !== "null");
  const own = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, withoutNull(value)]));
  if (!choices) {
    return own;
  }
  return choices.length === 1 && choices.length < anyOf.length
    ? { ...withoutNull(choices[0]), ...own }
    : { ...own, anyOf: withoutNull(choices) };
}
