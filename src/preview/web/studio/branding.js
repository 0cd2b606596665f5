/** Controls for what a brand is made of, and for the values of a theme's variables. None can set what is not valid. */

import { make } from "../shared/dom.js";
import { contrast, ratioText, readableOn, toHex } from "./color.js";
import { placeholderOf, showText, shownOf } from "./controls.js";
import { isObject } from "./json.js";
import { colorPairControl } from "./pickers.js";

/** @import { Control, Field, Json, Part, SchemaNode, Surroundings, ThemeVariable } from "./types.js" */

/** The contrast that WCAG 2.2 AA requires of text. */
const AA = 4.5;

/** The widest corner of a slider, in CSS pixels. Wider ones can be typed. */
const WIDEST = 40;

/** The words that a value of a kind is made of, as src/site/value.rs has them, and an example. */
const KINDS = {
  length: { pattern: /^(0|\d{1,4}(\.\d{1,4})?(px|rem|em|ch|vw|vh|%))$/, example: "12px, 1.5rem or 50%" },
  duration: { pattern: /^\d{1,5}(\.\d{1,4})?m?s$/, example: "180ms or 0.2s" },
  number: { pattern: /^\d{1,5}(\.\d{1,4})?$/, example: "600 or 1.4" },
  fonts: {
    pattern: /^("[\w .+-]+"|'[\w .+-]+'|-?[A-Za-z][\w -]*)( *, *("[\w .+-]+"|'[\w .+-]+'|-?[A-Za-z][\w -]*))*$/,
    example: 'Inter, or "Source Sans 3", sans-serif',
  },
};

/** Fonts that nearly every machine has, or has one like it. */
const FONTS = [
  { label: "The visitor’s system", value: "system-ui, sans-serif" },
  { label: "Arial", value: "Arial, Helvetica, sans-serif" },
  { label: "Verdana", value: "Verdana, Geneva, sans-serif" },
  { label: "Trebuchet MS", value: '"Trebuchet MS", "Segoe UI", sans-serif' },
  { label: "Georgia", value: "Georgia, serif" },
  { label: "Times New Roman", value: '"Times New Roman", Times, serif' },
  { label: "Palatino", value: 'Palatino, "Palatino Linotype", serif' },
  { label: "Courier New", value: '"Courier New", Courier, monospace' },
];

/** Whether a text is a list of fonts. @param {string} text */
export const isFonts = (text) => KINDS.fonts.pattern.test(text);

/** The value of the choice that opens a text field. It is no list of fonts. */
const OWN = "…";

/**
 * A line of text that is set only while it is valid, and else says what it should be.
 *
 * @param {Field} field
 * @param {object} rules
 * @param {(text: string) => boolean} rules.accepts
 * @param {(text: string) => string} [rules.form] how it is written
 * @param {string} rules.example
 * @param {Record<string, unknown>} [rules.attributes]
 */
function checkedText(field, { accepts, form = (text) => text, example, attributes = {} }) {
  const mistake = make("p", { class: "error", role: "status" });
  const input = make("input", {
    type: "text",
    id: field.id,
    "aria-describedby": field.describedBy,
    spellcheck: "false",
    autocomplete: "off",
    "data-field": true,
    ...attributes,
  });
  input.addEventListener("input", () => {
    const text = form(input.value.trim());
    const isValid = text === "" || accepts(text);
    mistake.textContent = isValid ? "" : `Not set yet. Write ${example}.`;
    if (isValid) {
      field.set(text === "" ? undefined : text, { typing: true });
    }
  });
  input.addEventListener("change", () => {
    mistake.textContent = "";
    showText(input, field.own());
  });
  return {
    input,
    mistake,
    update() {
      // What is being typed stays as it is.
      if (document.activeElement !== input || form(input.value.trim()) !== (field.own() ?? "")) {
        if (mistake.textContent === "") {
          showText(input, field.own());
        }
      }
      input.placeholder = placeholderOf(field) || "Not set";
    },
  };
}

/** A length: a slider for pixels, and its text, which can have other units. @param {Field} field @returns {Control} */
export function lengthControl(field) {
  const own = field.node.pattern ? new RegExp(field.node.pattern) : KINDS.length.pattern;
  const text = checkedText(field, {
    accepts: (value) => own.test(value),
    form: (value) => (/^[1-9]\d*$/.test(value) ? `${value}px` : value === "0px" ? "0" : value),
    example: field.node.pattern ? "pixels, such as 12px" : KINDS.length.example,
    attributes: { inputmode: "text" },
  });
  const slider = make("input", {
    type: "range",
    min: 0,
    max: WIDEST,
    step: 1,
    tabindex: -1,
    "aria-hidden": "true",
    "data-field": true,
  });
  slider.addEventListener("input", () => field.set(slider.value === "0" ? "0" : `${slider.value}px`, { typing: true }));
  return {
    element: make("div", {}, make("div", { class: "number" }, slider, text.input), text.mistake),
    update() {
      text.update();
      const shown = shownOf(field);
      const pixels = /^(\d+)(px)?$/.exec(typeof shown === "string" ? shown : "");
      // A slider that knows no value would look as if it had one.
      slider.classList.toggle("unknown", pixels === null);
      slider.value = pixels ? pixels[1] : "0";
      slider.style.setProperty("--part", `${pixels ? Math.min(100, (Number(pixels[1]) / WIDEST) * 100) : 0}%`);
      slider.classList.toggle("unset", field.own() === undefined);
    },
  };
}

/** A duration or a number. @param {"duration" | "number"} kind @returns {(field: Field) => Control} */
const plainControl = (kind) => (field) => {
  const { pattern, example } = KINDS[kind];
  const text = checkedText(field, { accepts: (value) => pattern.test(value), example });
  return { element: make("div", {}, text.input, text.mistake), update: text.update };
};

export const durationControl = plainControl("duration");
export const amountControl = plainControl("number");

/** Fonts that are everywhere, and those of the author's website. @param {Field} field @returns {Control} */
export function fontsControl(field) {
  const none = make("option", { value: "" });
  const select = make(
    "select",
    { id: field.id, "aria-describedby": field.describedBy, "data-field": true },
    none,
    ...FONTS.map(({ label, value }) => make("option", { value }, label)),
    make("option", { value: OWN }, "Your website’s …"),
  );
  const text = checkedText(field, {
    accepts: (value) => KINDS.fonts.pattern.test(value),
    example: `names such as ${KINDS.fonts.example}`,
    attributes: { id: `${field.id}-own`, "aria-label": `${field.label}: of your website` },
  });
  const sample = make("span", { class: "font-sample", "aria-hidden": "true" }, "Hello, how can we help? 0123");
  let isOwn = false;
  const isListed = (/** @type {Json | undefined} */ value) => FONTS.some((font) => font.value === value);
  select.addEventListener("change", () => {
    isOwn = select.value === OWN;
    if (isOwn) {
      text.input.hidden = false;
      text.input.focus();
    } else {
      field.set(select.value === "" ? undefined : select.value);
    }
  });
  return {
    element: make(
      "div",
      { class: "fonts" },
      make("span", { class: "select" }, select),
      text.input,
      text.mistake,
      sample,
    ),
    update() {
      const own = field.own();
      const inherited = field.inherited();
      isOwn = own === undefined ? isOwn && document.activeElement === text.input : !isListed(own);
      none.textContent = typeof inherited === "string" ? `${nameOf(inherited)} (inherited)` : "The theme’s";
      select.value = isOwn ? OWN : typeof own === "string" ? own : "";
      select.classList.toggle("unset", own === undefined);
      text.input.hidden = !isOwn;
      text.update();
      sample.style.fontFamily = String(shownOf(field) ?? "");
    },
  };
}

/** The first of several fonts. @param {string} fonts */
const nameOf = (fonts) =>
  FONTS.find(({ value }) => value === fonts)?.label ?? fonts.split(",")[0].replaceAll(/["']/g, "");

/** The colour of a brand, with the text that will be on it. @param {Field} field @param {Surroundings} around @returns {Control} */
export function brandColorControl(field, around) {
  const pair = colorPairControl(field, around);
  const note = make("div", { class: "contrasts" });
  return {
    ...pair,
    element: make("div", { class: "brand-color" }, pair.element, note),
    update() {
      pair.update();
      const shown = shownOf(field);
      const each = isObject(shown)
        ? [
            ["light", shown.light],
            ["dark", shown.dark],
          ]
        : [["", shown]];
      note.replaceChildren(
        ...each.map(([scheme, color]) => contrastLine(String(scheme), color)).filter((line) => !!line),
      );
    },
  };
}

/** “7.2 : 1, white text”. @param {string} scheme @param {Json | undefined} color */
function contrastLine(scheme, color) {
  const hex = typeof color === "string" ? toHex(color) : null;
  if (!hex) {
    return null;
  }
  const text = readableOn(hex);
  const sample = make("span", { class: "contrast-sample", "aria-hidden": "true" }, "Aa");
  sample.style.background = hex;
  sample.style.color = text;
  const ratio = contrast(hex, text);
  const word = text === "#ffffff" ? "white" : "black";
  const where = scheme ? ` in ${scheme}` : "";
  return make("p", { class: "contrast" }, sample, `${ratioText(ratio)}, ${word} text on it${where} (AA)`);
}

/** A variable of a theme: its value, and the contrast with what is behind it.
 * @param {Field} field @param {Surroundings} around @param {ThemeVariable} variable @returns {Part} */
function variableRow(field, around, { name, description, kind, on }) {
  const { items } = field.node;
  const control = { color: "color-pair", length: "length", fonts: "fonts", duration: "duration", number: "amount" }[
    kind
  ];
  const base = kind === "color" ? items : items.variants[0].node;
  /** @type {SchemaNode} */
  const node = Object.create(base, {
    control: { value: control },
    description: { value: description },
    examples: { value: [] },
  });
  // Without a value of its own, it has the theme's.
  const child = { ...field.child(name, node), empty: undefined };
  const part = around.build(child);
  if (!on) {
    return part;
  }
  const note = make("p", { class: "contrast" });
  part.element.append(note);
  return {
    element: part.element,
    update() {
      part.update();
      const ground = shownOf(field.child(on, node));
      const least = leastContrast(shownOf(child), ground);
      const isBad = least !== null && least < AA;
      note.textContent = least === null ? "" : `${ratioText(least)} on ${on}${isBad ? ": hard to read" : " (AA)"}`;
      note.classList.toggle("bad", isBad);
    },
  };
}

/** The contrast of two colours in the scheme where it is the lower one.
 * @param {Json | undefined} one @param {Json | undefined} two */
function leastContrast(one, two) {
  const all = ["light", "dark"].map((scheme) => {
    const [a, b] = [one, two].map((value) => toHex(String((isObject(value) ? value[scheme] : value) ?? "")));
    return a && b ? contrast(a, b) : null;
  });
  return all.includes(null) ? null : Math.min(.../** @type {number[]} */ (all));
}

/** A row for each of the theme's variables. @param {Field} field @param {Surroundings} around @returns {Control} */
export function variablesControl(field, around) {
  const element = make("div", { class: "variables" });
  let drawn = "";
  /** @type {Part[]} */
  let parts = [];
  return {
    group: true,
    element,
    update() {
      const { theme } = around.look(field.path);
      const known = theme?.variables ?? [];
      const own = field.own();
      const strangers = Object.keys(isObject(own) ? own : {}).filter((key) => !known.some(({ name }) => name === key));
      const key = JSON.stringify([theme?.name, strangers]);
      if (key !== drawn) {
        drawn = key;
        parts = known.map((variable) => variableRow(field, around, variable));
        // What the theme does not have can only be taken away.
        const others = strangers.map((name) =>
          around.build(
            field.child(name, { ...field.node.items.variants[0].node, description: "Not one of the theme’s." }),
          ),
        );
        parts.push(...others);
        element.replaceChildren(...parts.map((part) => part.element));
      }
      for (const part of parts) {
        part.update();
      }
    },
  };
}
