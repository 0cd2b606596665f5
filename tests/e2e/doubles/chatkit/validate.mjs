/**
 * A schema as plain data and the one function that walks it. ChatKit validates with Zod, so the
 * vocabulary (strict objects, records, discriminated unions) and the wording of the issues follow
 * Zod's; a test then reads the same text that a site owner finds in the console.
 */

/**
 * @typedef {{ path: string, message: string }} Issue
 * @typedef {{ kind: 'string', min?: number, pattern?: RegExp }} StringNode
 * @typedef {{ kind: 'number', min?: number, max?: number }} NumberNode
 * @typedef {{ kind: 'boolean' | 'function' | 'file' | 'unknown' | 'null' }} PlainNode
 * @typedef {{ kind: 'literal', values: readonly (string | number)[] }} LiteralNode
 * @typedef {{ kind: 'object', keys: Record<string, SchemaNode>, required: Set<string> }} ObjectNode
 * @typedef {{ kind: 'array', item: SchemaNode }} ArrayNode
 * @typedef {{ kind: 'record', value: SchemaNode }} RecordNode
 * @typedef {{ kind: 'union', options: SchemaNode[], opaque: boolean }} UnionNode
 * @typedef {{ kind: 'variants', by: string, options: Record<string, ObjectNode> }} VariantsNode
 * @typedef {StringNode | NumberNode | PlainNode | LiteralNode | ObjectNode | ArrayNode | RecordNode | UnionNode | VariantsNode} SchemaNode
 */

/** What ChatKit throws when it is given options, or a method arguments, that it does not know. */
export class InvalidFrameParamsError extends Error {
  /**
   * @param {string} call the command that refused, as in `ChatKit.create()`
   * @param {Issue[]} issues
   */
  constructor(call, issues) {
    const lines = issues.map(({ path, message }) => `✖ ${message}${path && `\n  → at ${path}`}`);
    super(`Invalid frame params: ${call}: ${lines.join("\n")}`);
    this.name = "InvalidFrameParamsError";
    this.issues = issues;
  }
}

/** Builders of schema nodes. A key of `object` that ends in `!` is required. */
export const is = {
  /** @type {(limits?: Omit<StringNode, 'kind'>) => StringNode} */
  string: (limits) => ({ kind: "string", ...limits }),
  /** @type {(limits?: Omit<NumberNode, 'kind'>) => NumberNode} */
  number: (limits) => ({ kind: "number", ...limits }),
  /** @type {(kind: PlainNode['kind']) => PlainNode} */
  a: (kind) => ({ kind }),
  /** @type {(...values: (string | number)[]) => LiteralNode} */
  oneOf: (...values) => ({ kind: "literal", values }),
  /** @type {(item: SchemaNode) => ArrayNode} */
  array: (item) => ({ kind: "array", item }),
  /** @type {(value: SchemaNode) => RecordNode} */
  record: (value) => ({ kind: "record", value }),
  /** @type {(...options: SchemaNode[]) => UnionNode} */
  either: (...options) => ({ kind: "union", options, opaque: false }),
  /** A union that reports no more than that no branch fits, as ChatKit does for `api`.
   * @type {(...options: SchemaNode[]) => UnionNode} */
  eitherOpaque: (...options) => ({ kind: "union", options, opaque: true }),
  /** @type {(by: string, options: Record<string, ObjectNode>) => VariantsNode} */
  variants: (by, options) => ({ kind: "variants", by, options }),
  /** @type {(table: Record<string, SchemaNode>) => ObjectNode} */
  object: (table) => {
    const entries = Object.entries(table);
    return {
      kind: "object",
      keys: Object.fromEntries(entries.map(([key, node]) => [key.replace(/!$/, ""), node])),
      required: new Set(entries.filter(([key]) => key.endsWith("!")).map(([key]) => key.slice(0, -1))),
    };
  },
};

/** The word that Zod uses for a value's type.
 * @param {unknown} value */
function typeOf(value) {
  if (value === null) {
    return "null";
  }
  if (Array.isArray(value)) {
    return "array";
  }
  return Number.isNaN(value) ? "NaN" : typeof value;
}

/** @param {unknown} value @returns {value is Record<string, unknown>} */
function isPlainObject(value) {
  return typeOf(value) === "object" && [Object.prototype, null].includes(Object.getPrototypeOf(value));
}

/** @param {SchemaNode} node @param {unknown} value */
function hasTypeOf(node, value) {
  const kind = typeOf(value);
  if (node.kind === "object" || node.kind === "record" || node.kind === "variants") {
    return kind === "object";
  }
  if (node.kind === "literal") {
    return node.values.some((each) => typeof each === kind);
  }
  return node.kind === kind;
}

/** Every way in which `value` is not what `node` describes; none means that it is valid.
 * @param {SchemaNode} node @param {unknown} value @param {string} [path] @returns {Issue[]} */
export function validate(node, value, path = "") {
  /** @param {string} message */
  const issue = (message) => [{ path, message }];
  /** @param {string} expected */
  const wrongType = (expected) => issue(`Invalid input: expected ${expected}, received ${typeOf(value)}`);

  switch (node.kind) {
    case "unknown":
      return [];
    case "boolean":
    case "function":
    case "null":
      return typeOf(value) === node.kind ? [] : wrongType(node.kind);
    case "file":
      return value instanceof File ? [] : wrongType("file");
    case "string":
      if (typeof value !== "string") {
        return wrongType("string");
      }
      if (value.length < (node.min ?? 0)) {
        return issue(`Too small: expected string to have >=${node.min} characters`);
      }
      return !node.pattern || node.pattern.test(value)
        ? []
        : issue(`Invalid string: must match pattern ${node.pattern}`);
    case "number":
      if (typeof value !== "number" || !Number.isFinite(value)) {
        return wrongType("number");
      }
      if (value < (node.min ?? -Infinity)) {
        return issue(`Too small: expected number to be >=${node.min}`);
      }
      return value <= (node.max ?? Infinity) ? [] : issue(`Too big: expected number to be <=${node.max}`);
    case "literal":
      if (node.values.some((each) => each === value)) {
        return [];
      }
      return issue(`Invalid option: expected one of ${node.values.map((each) => JSON.stringify(each)).join("|")}`);
    case "array":
      if (!Array.isArray(value)) {
        return wrongType("array");
      }
      return value.flatMap((item, index) => validate(node.item, item, `${path}[${index}]`));
    case "record":
      if (!isPlainObject(value)) {
        return wrongType("record");
      }
      return Object.entries(value).flatMap(([key, each]) => validate(node.value, each, join(path, key)));
    case "object":
      return isPlainObject(value) ? validateObject(node, value, path) : wrongType("object");
    case "union":
      return validateUnion(node, value, path);
    case "variants": {
      if (!isPlainObject(value)) {
        return wrongType("object");
      }
      const tag = value[node.by];
      const variant = typeof tag === "string" && Object.hasOwn(node.options, tag) ? node.options[tag] : undefined;
      return variant ? validateObject(variant, value, path) : [{ path: join(path, node.by), message: "Invalid input" }];
    }
  }
}

/** @param {ObjectNode} node @param {Record<string, unknown>} value @param {string} path */
function validateObject(node, value, path) {
  const known = Object.entries(node.keys).flatMap(([key, child]) =>
    // An optional key may be present and undefined: `{ locale: undefined }` is the same as `{}`.
    value[key] === undefined && !node.required.has(key) ? [] : validate(child, value[key], join(path, key)),
  );
  const unknown = Object.keys(value).filter((key) => !Object.hasOwn(node.keys, key));
  if (unknown.length === 0) {
    return known;
  }
  const names = unknown.map((key) => JSON.stringify(key)).join(", ");
  return [...known, { path, message: `Unrecognized key${unknown.length > 1 ? "s" : ""}: ${names}` }];
}

/** @param {UnionNode} node @param {unknown} value @param {string} path */
function validateUnion(node, value, path) {
  const results = node.options.map((option) => validate(option, value, path));
  if (results.some((issues) => issues.length === 0)) {
    return [];
  }
  const closest = node.options.findIndex((option) => hasTypeOf(option, value));
  return node.opaque || closest === -1 ? [{ path, message: "Invalid input" }] : results[closest];
}

/** @param {string} path @param {string} key */
function join(path, key) {
  return path === "" ? key : `${path}.${key}`;
}
