/**
 * The JSON Schema of site.yaml as a form sees it: the kind of each value, its default, and when it has an effect.
 *
 * Descriptions are texts to show. Everything that a form goes by has a keyword: `src/config/annotation.rs` lists ours.
 */

import { isObject } from "./json.js";

/** @import { Json, JsonObject, Option, SchemaNode } from "./types.js" */

/** Reads the schema. @param {JsonObject} root */
export function readSchema(root) {
  const { properties } = /** @type {{ properties: Record<string, JsonObject> }} */ (/** @type {unknown} */ (root));
  return {
    site: nodeOf(root, properties.site),
    /** Of `defaults` as well: both have the same keys. */
    widget: nodeOf(root, properties.defaults),
    /** A widget's name has to look like this. */
    name: new RegExp(String(/** @type {any} */ (properties.widgets).propertyNames.pattern)),
    /** The back end of a new widget, by kind. */
    starters: /** @type {Record<string, JsonObject>} */ (root["x-starters"]),
  };
}

/** @param {JsonObject} root @param {JsonObject} raw @returns {SchemaNode} */
function nodeOf(root, raw) {
  const { schema, def } = deref(root, withoutNull(raw));
  const members = /** @type {JsonObject[]} */ (schema.oneOf ?? schema.anyOf ?? []);
  const description = text(schema.description);
  const options = optionsOf(schema, members);
  const node = {
    kind: kindOf(schema, options),
    def,
    description,
    integer: schema.type === "integer",
    min: number(schema.minimum),
    max: number(schema.maximum),
    minLength: number(schema.minLength),
    pattern: typeof schema.pattern === "string" ? schema.pattern : null,
    examples: /** @type {string[]} */ (schema.examples ?? []),
    options,
    required: /** @type {string[]} */ (schema.required ?? []),
    fallback: fallbackOf(schema, options),
    /** A default that no control can show, such as “the theme's”. */
    words: text(/** @type {any} */ (schema["x-default"])?.text),
    types: /** @type {string[] | null} */ (schema["x-type"] ?? null),
    backends: /** @type {string[] | null} */ (schema["x-backend"] ?? null),
    control: /** @type {string | null} */ (schema["x-control"] ?? null),
    shorthand: null,
    // Looked at when they are needed, because a schema may refer to itself.
    get properties() {
      const entries = Object.entries(/** @type {Record<string, JsonObject>} */ (schema.properties ?? {}));
      return entries.map(([key, each]) => /** @type {[string, SchemaNode]} */ ([key, nodeOf(root, each)]));
    },
    get items() {
      return nodeOf(root, /** @type {JsonObject} */ (schema.items ?? schema.additionalProperties));
    },
    get variants() {
      return members.map((member) => {
        const variant = nodeOf(root, member);
        return { label: text(member.title) || humanise(variant.def ?? variant.kind), node: variant };
      });
    },
  };
  return node.kind === "union" ? (shorthandOf(node) ?? node) : node;
}

/** What says `null` as well is set by leaving it out. @param {JsonObject} raw @returns {JsonObject} */
function withoutNull({ anyOf, ...beside }) {
  if (!Array.isArray(anyOf)) {
    return { ...beside };
  }
  const others = /** @type {JsonObject[]} */ (anyOf).filter((choice) => choice.const !== null);
  return others.length === 1 ? { ...others[0], ...beside } : { ...beside, anyOf: others };
}

/** A union of a word and a map with a key for that word: the map, which can say the same and more.
 * @param {SchemaNode} union @returns {SchemaNode | null} */
function shorthandOf({ variants, def, description, words, types, backends }) {
  const nodes = variants.map(({ node }) => node);
  const map = nodes.find(({ kind }) => kind === "object");
  const word = nodes.find(({ kind }) => kind === "choice");
  const [key] = map?.properties.find(([, node]) => word?.def && node.def === word.def) ?? [];
  if (nodes.length !== 2 || !map || !key) {
    return null;
  }
  const own = { def, description, words, types, backends, shorthand: key };
  return Object.create(map, Object.fromEntries(Object.entries(own).map(([name, value]) => [name, { value }])));
}

/** Follows references. What is said beside a reference goes before what is said at its target.
 * @param {JsonObject} root @param {JsonObject} raw @returns {{ schema: JsonObject, def: string | null }} */
function deref(root, raw) {
  let schema = raw;
  /** @type {string | null} */
  let def = null;
  while (typeof schema.$ref === "string") {
    const { $ref, ...beside } = schema;
    def = String($ref).split("/").pop() ?? null;
    schema = { .../** @type {Record<string, JsonObject>} */ (root.$defs)[String(def)], ...beside };
  }
  return { schema, def };
}

/** @param {JsonObject} schema @param {Option[]} options @returns {SchemaNode['kind']} */
function kindOf(schema, options) {
  if (options.length > 0) {
    return "choice";
  }
  if (schema.oneOf || schema.anyOf) {
    return "union";
  }
  switch (schema.type) {
    case "boolean":
      return "boolean";
    case "integer":
    case "number":
      return "number";
    case "array":
      return "list";
    case "object":
      if (schema.properties) {
        return "object";
      }
      return isObject(schema.additionalProperties) ? "map" : "free";
    default:
      return schema.type === "string" ? "string" : "free";
  }
}

/** @param {JsonObject} schema @param {JsonObject[]} members @returns {Option[]} */
function optionsOf(schema, members) {
  const values =
    /** @type {string[] | undefined} */ (schema.enum) ?? (typeof schema.const === "string" ? [schema.const] : []);
  if (values.length > 0) {
    return values.map((value) => ({ value, label: humanise(value), description: "" }));
  }
  if (members.length === 0 || !members.every((member) => typeof member.const === "string")) {
    return [];
  }
  return members.map((member) => ({
    value: String(member.const),
    label: humanise(String(member.const)),
    description: text(member.description),
  }));
}

/** The value that counts when nothing is set, if a control can show it.
 * @param {JsonObject} schema @param {Option[]} options @returns {Json | undefined} */
function fallbackOf(schema, options) {
  const value = /** @type {any} */ (schema["x-default"])?.value;
  return ["boolean", "number", "string", "choice", "list"].includes(kindOf(schema, options)) ? value : undefined;
}

/** Whether a value is of this kind; how deep it is right is for the generator to say.
 * @param {SchemaNode} node @param {Json | undefined} value */
export function fits(node, value) {
  switch (node.kind) {
    case "string":
    case "choice":
      return typeof value === "string";
    case "number":
      return typeof value === "number" && (!node.integer || Number.isInteger(value));
    case "boolean":
      return typeof value === "boolean";
    case "list":
      return Array.isArray(value);
    case "union":
      return true;
    default:
      return isObject(value);
  }
}

/** A value to begin with. @param {SchemaNode} node @returns {Json} */
export function blank(node) {
  switch (node.kind) {
    case "string":
      return "";
    case "choice":
      return node.options[0].value;
    case "number":
      return Math.max(node.min ?? 0, Math.min(node.max ?? 0, 0));
    case "boolean":
      return false;
    case "list":
      return [];
    case "union":
      return blank(node.variants[0].node);
    default:
      return Object.fromEntries(
        node.properties.filter(([key]) => node.required.includes(key)).map(([key, each]) => [key, blank(each)]),
      );
  }
}

/** @typedef {{ path: string[], node: SchemaNode }} Leaf */

/** Every setting below, down to where a control begins. @param {SchemaNode} node @param {string[]} [path] @returns {Leaf[]} */
export function leaves(node, path = []) {
  if (node.kind !== "object") {
    return [{ path, node }];
  }
  return node.properties.flatMap(([key, each]) => leaves(each, [...path, key]));
}

/** Words that are written in capitals. */
const CAPITALS = new Map([
  ["url", "URL"],
  ["id", "ID"],
  ["css", "CSS"],
  ["href", "Address"],
]);

/** `offset_x` → `Offset x`, `startScreen` → `Start screen`. @param {string} key */
export function humanise(key) {
  const words = key
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .split(/[\s_-]+/)
    .map((word) => word.toLowerCase());
  const said = words.map((word) => CAPITALS.get(word) ?? word).join(" ");
  return said.charAt(0).toUpperCase() + said.slice(1);
}

/** @param {Json | undefined} value */
const text = (value) =>
  typeof value === "string" ? value.replaceAll(/\s*\n\s*/g, " ").replaceAll(/\[(`[^`]+`)\]/g, "$1") : "";

/** @param {Json | undefined} value */
const number = (value) => (typeof value === "number" ? value : null);
