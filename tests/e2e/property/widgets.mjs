/** Random widgets, valid and nearly valid, as the JSON Schema of `site.yaml` describes them. */

import fc from "fast-check";

/**
 * @typedef {any} Schema
 * @typedef {import("fast-check").Arbitrary<any>} Arbitrary
 */

/** One value in so many is something else than what its key takes. A widget has a few dozen of them. */
const SLIP = 150;

/** What people write by mistake, and what breaks pages that are made carelessly. */
const SLIPS = fc.constantFrom(
  "",
  " ",
  "auto",
  "true",
  "12",
  "lucide:",
  "lucide:a--b",
  "lucide:a-",
  "</script><script>alert(1)</script>",
  "\u2028\u0000",
  "{{ x }}",
  "javascript:alert(1)",
  "__proto__",
  0,
  -1,
  0.5,
  15.5,
  1e21,
  2 ** 53,
  true,
  false,
  null,
  [],
  {},
  [[]],
  { type: "input_text" },
  ["a", 1],
);

const TEXT = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.string({ unit: "grapheme", maxLength: 12 }),
  fc.constantFrom(
    "How can we help?",
    "</script>",
    "<!--",
    "&quot;",
    'it\'s "quoted"',
    "a\nb",
    "\u2028",
    "🙂",
    "שלום",
    "$${NAME}",
    "null",
    "~",
    "# no",
  ),
);

/** Keys whose texts have a form that the schema does not know. @type {Record<string, Arbitrary>} */
const FORMS = {
  href: fc.constantFrom(
    "https://www.example.com/help?a=1&b=2#c",
    "mailto:help@example.com",
    "tel:+4930123456",
    "HTTPS://EXAMPLE.COM",
  ),
  // Of the page; those of ChatKit have a pattern.
  icon: fc.constantFrom("lucide:message-circle", "emoji:💬", "emoji:👩‍💻"),
};

/** Tags have members that texts have not, which the schema does not know either. */
const PARTS = fc.array(
  fc.oneof(
    fc.record({ type: fc.constant("input_text"), text: TEXT }),
    fc.record(
      {
        type: fc.constant("input_tag"),
        text: TEXT,
        id: TEXT,
        group: TEXT,
        data: fc.dictionary(TEXT, fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 }),
        interactive: fc.boolean(),
      },
      { requiredKeys: ["type", "text", "id"] },
    ),
  ),
  { minLength: 1, maxLength: 3 },
);

/** What the rest of a widget needs, as it is written; ChatKit never sees most of it. */
const BACKENDS = fc.oneof(
  fc.constantFrom(
    { type: "hosted" },
    { type: "hosted", workflow: "wf_0123456789abcdef" },
    { type: "hosted", workflow_env: "OTHER" },
  ),
  fc.record(
    {
      type: fc.constant("server"),
      url: fc.constantFrom(
        "https://agent.example.com/chatkit",
        "http://localhost:8000/chatkit?a=b",
        "https://127.0.0.1:8443/",
      ),
      domain_key: fc.constantFrom("domain_pk_0123", "x", '"></script>'),
      upload: fc.constantFrom({ type: "two_phase" }, { type: "direct", url: "https://files.example.com/up" }),
      signed: fc.boolean(),
    },
    { requiredKeys: ["type", "url", "domain_key", "upload"] },
  ),
);

/** Widgets of the site that this schema describes.
 * @param {Schema} root @returns {Arbitrary} */
export function widgets(root) {
  const { properties } = root.$defs.WidgetSection;
  const chatkit = valuesOf(root, properties.chatkit);
  return fc
    .record(
      { backend: BACKENDS, chatkit, page: valuesOf(root, properties.page), panel: valuesOf(root, properties.panel) },
      { requiredKeys: ["backend", "chatkit"] },
    )
    .map(withoutWhatTheBackendRefuses);
}

/** A hosted workflow takes no tools, models and entities, which the schema can not tell. Most widgets are to get
 * further than that; some keep them.
 * @param {any} widget */
function withoutWhatTheBackendRefuses(widget) {
  const { backend, chatkit } = widget;
  if (backend.type !== "hosted" || !isMap(chatkit) || chatkit.locale === "en") {
    return widget;
  }
  const composer = isMap(chatkit.composer) ? without(chatkit.composer, ["tools", "models"]) : chatkit.composer;
  return {
    ...widget,
    chatkit: without({ ...chatkit, composer }, ["entities", ...(composer === undefined ? ["composer"] : [])]),
  };
}

/** @param {Record<string, any>} map @param {string[]} keys */
const without = (map, keys) => Object.fromEntries(Object.entries(map).filter(([key]) => !keys.includes(key)));

/** @param {unknown} value @returns {value is Record<string, any>} */
const isMap = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

/** Values of a schema, and now and then something else.
 * @param {Schema} root @param {Schema} schema @param {string} [key] @returns {Arbitrary} */
function valuesOf(root, schema, key = "") {
  const resolved = schema.$ref ? root.$defs[schema.$ref.split("/").at(-1)] : schema;
  const right = rightValuesOf(root, resolved, key);
  const near = nearValuesOf(resolved);
  return fc.oneof({ weight: SLIP, arbitrary: right }, { weight: 1, arbitrary: near ? fc.oneof(near, SLIPS) : SLIPS });
}

/** Values just outside of what a schema takes. @param {Schema} schema @returns {Arbitrary | undefined} */
function nearValuesOf(schema) {
  if ("maximum" in schema) {
    return fc.constantFrom(schema.minimum - 1, schema.maximum + 1, schema.minimum + 0.5, String(schema.maximum));
  }
  const words = wordsOf(schema);
  if (words.length === 0) {
    return undefined;
  }
  return fc
    .tuple(fc.constantFrom(...words), fc.boolean())
    .map(([word, large]) => (large ? word.toUpperCase() : `${word}-x`));
}

/** The words of a schema that takes nothing else. @param {Schema} schema @returns {string[]} */
function wordsOf({ enum: words = [], oneOf = [], const: only }) {
  return [...words, ...oneOf.flatMap(wordsOf), ...(only === undefined || only === null ? [] : [only])];
}

/** @param {Schema} root @param {Schema} schema @param {string} key @returns {Arbitrary} */
function rightValuesOf(root, schema, key) {
  const words = wordsOf(schema);
  if (words.length > 0) {
    return fc.constantFrom(...words);
  }
  if (key === "prompt") {
    return fc.oneof(
      { weight: SLIP, arbitrary: fc.oneof(TEXT, PARTS) },
      { weight: 1, arbitrary: fc.array(valuesOf(root, schema.anyOf[1].items)) },
    );
  }
  if (schema.anyOf) {
    // A section that is `null` leaves little to try.
    const choices = schema.anyOf.map((/** @type {Schema} */ each) => ({
      weight: each.type === "null" ? 1 : 20,
      arbitrary: valuesOf(root, each, key),
    }));
    return fc.oneof(...choices);
  }
  if (schema.const === null) {
    return fc.constant(null);
  }
  if (schema.pattern) {
    return fc.stringMatching(new RegExp(schema.pattern), { size: "xsmall" });
  }
  switch (schema.type) {
    case "null":
      return fc.constant(null);
    case "boolean":
      return fc.boolean();
    case "integer": {
      const { minimum: min = -1000, maximum: max = 1_000_000 } = schema;
      return fc.oneof(fc.integer({ min, max: Math.min(max, 2 ** 40) }), fc.constantFrom(min, max));
    }
    case "number": {
      const { minimum: min, maximum: max } = schema;
      return fc.oneof(
        fc.double({ min, max, noNaN: true, noDefaultInfinity: true }),
        fc.constantFrom(min ?? 0, max ?? 1),
      );
    }
    case "array":
      return fc.array(valuesOf(root, schema.items, key), { maxLength: 3 });
    case "object":
      return schema.properties
        ? mapsOf(root, schema)
        : fc.dictionary(TEXT, valuesOf(root, schema.additionalProperties === true ? {} : schema.additionalProperties), {
            maxKeys: 3,
          });
    case "string":
      return key in FORMS ? FORMS[key] : schema.minLength ? TEXT.filter((text) => text !== "") : TEXT;
    default:
      return fc.jsonValue({ maxDepth: 2 });
  }
}

/** @param {Schema} root @param {Schema} schema */
function mapsOf(root, { properties, required = [] }) {
  const values = Object.entries(properties).map(([key, each]) => [key, valuesOf(root, each, key)]);
  const right = fc.record(Object.fromEntries(values), { requiredKeys: required });
  const unknown = fc.tuple(right, fc.constantFrom("api", "onClick", "x", "__proto__", "Icon"), SLIPS);
  const oneMore = unknown.map(([map, key, value]) => Object.fromEntries([...Object.entries(map), [key, value]]));
  const oneLess = right.map((map) => Object.fromEntries(Object.entries(map).slice(1)));
  return fc.oneof({ weight: SLIP, arbitrary: right }, { weight: 1, arbitrary: fc.oneof(oneMore, oneLess) });
}
