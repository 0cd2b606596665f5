/**
 * Reduces OpenAI's specification to what the conformance tests need: the request for a response, and the events of its
 * stream, without descriptions.
 *
 *     node tests/e2e/conformance/openapi.mjs openapi.json > tests/e2e/conformance/openapi.json
 *
 * `openapi.json` is the specification as JSON, from https://github.com/openai/openai-openapi.
 */

import { readFile } from "node:fs/promises";

const ROOTS = ["CreateResponse", "ResponseStreamEvent"];
const PREFIX = "#/components/schemas/";
/** Texts for people, and what a validator has no use for. */
const LEFT_OUT = new Set(["description", "title", "default", "deprecated", "example", "examples", "discriminator"]);

/** @typedef {any} Json */

const [path] = process.argv.slice(2);
const { openapi, info, security, paths, components } = JSON.parse(await readFile(path, "utf8"));

/** A schema without what is left out. Members of `properties` are names, whatever they are called.
 * @param {Json} value @returns {Json} */
function reduced(value) {
  if (Array.isArray(value)) {
    return value.map(reduced);
  }
  if (typeof value !== "object" || value === null) {
    return value;
  }
  const kept = Object.entries(value).filter(([key]) => !LEFT_OUT.has(key) && !key.startsWith("x-"));
  return Object.fromEntries(kept.map(([key, member]) => [key, key === "properties" ? each(member) : reduced(member)]));
}

/** @param {Json} properties */
const each = (properties) =>
  Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, reduced(schema)]));

/** The names that a schema refers to. @param {Json} value @returns {string[]} */
function referred(value) {
  if (typeof value !== "object" || value === null) {
    return [];
  }
  const own = typeof value.$ref === "string" ? [value.$ref.slice(PREFIX.length)] : [];
  return [...own, ...Object.values(value).flatMap(referred)];
}

/** @type {Record<string, Json>} */
const schemas = {};
const wanted = [...ROOTS];
for (let name = wanted.pop(); name; name = wanted.pop()) {
  if (!(name in schemas)) {
    schemas[name] = reduced(components.schemas[name]);
    wanted.push(...referred(schemas[name]));
  }
}
const sorted = Object.fromEntries(Object.entries(schemas).sort(([one], [two]) => (one < two ? -1 : 1)));
const lines = Object.entries(sorted).map(([name, schema]) => `${JSON.stringify(name)}:${JSON.stringify(schema)}`);
const title = `https://github.com/openai/openai-openapi, version ${info.version}, reduced by openapi.mjs`;
const { operationId, requestBody } = paths["/responses"].post;
// Without a schema: what Prism would make up for one takes seconds, and nobody reads it.
const responses = { 200: { description: "OK" } };
const head = JSON.stringify({
  openapi,
  info: { title, version: info.version },
  security,
  paths: { "/responses": { post: { operationId, requestBody, responses } } },
});
const { ApiKeyAuth } = components.securitySchemes;
const schemes = JSON.stringify({ ApiKeyAuth });
process.stdout.write(
  `${head.slice(0, -1)},\n"components":{"securitySchemes":${schemes},"schemas":{\n${lines.join(",\n")}\n}}}\n`,
);
