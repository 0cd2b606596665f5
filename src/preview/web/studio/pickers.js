/** Controls for what is better picked than typed: colours, a corner, a language. */

import { make } from "../shared/dom.js";
import { toHex } from "./color.js";
import { placeholderOf, selectControl, showText, shownOf } from "./controls.js";
import { isObject } from "./json.js";

/** @import { Control, Field, Json, Surroundings } from "./types.js" */

/** A colour: the system's picker, and its text. @param {Field} field @returns {Control} */
export function colorControl(field) {
  const text = make("input", {
    type: "text",
    id: field.id,
    "aria-describedby": field.describedBy,
    spellcheck: "false",
    autocomplete: "off",
    class: "mono",
    "data-field": true,
  });
  const swatch = make("input", { type: "color", "aria-label": `${field.label}: pick`, "data-field": true });
  const box = make("span", { class: "color" }, swatch, text);
  text.addEventListener("input", () =>
    field.set(text.value.trim() === "" ? undefined : text.value.trim(), { typing: true }),
  );
  swatch.addEventListener("input", () => field.set(swatch.value, { typing: true }));
  return {
    element: box,
    update() {
      showText(text, field.own());
      text.placeholder = placeholderOf(field) || "Not set";
      const shown = shownOf(field);
      const hex = typeof shown === "string" ? toHex(shown) : null;
      box.classList.toggle("none", hex === null);
      if (hex && swatch.value !== hex) {
        swatch.value = hex;
      }
    },
  };
}

/** One colour, or one for light and one for dark. @param {Field} field @param {Surroundings} around @returns {Control} */
export function colorPairControl(field, around) {
  const [one, each] = field.node.variants.map(({ node }) => node);
  const both = make("input", { type: "checkbox", id: `${field.id}-both`, "data-field": true });
  const single = colorControl(field.as(one));
  const pair = field.as(each);
  const parts = each.properties.map(([key, node]) => {
    const part = colorControl(pair.child(key, node));
    return {
      ...part,
      line: make(
        "div",
        { class: "pair-line" },
        make("span", { class: "pair-name" }, key === "dark" ? "Dark" : "Light"),
        part.element,
      ),
    };
  });
  for (const { line } of parts) {
    line
      .querySelector("[type=text]")
      ?.setAttribute("aria-label", `${field.label}, ${line.querySelector(".pair-name")?.textContent?.toLowerCase()}`);
  }
  single.element.querySelector("[type=text]")?.setAttribute("aria-label", field.label);
  const isPair = () => isObject(field.own() ?? field.inherited());
  both.addEventListener("change", () => {
    const shown = field.own() ?? field.inherited();
    const color = typeof shown === "string" ? shown : "#1f4fd8";
    field.set(both.checked ? { light: color, dark: color } : isObject(shown) ? shown.light : shown);
    around.announce(both.checked ? "One colour for light, another for dark" : "The same colour for light and dark");
  });
  return {
    group: true,
    element: make(
      "div",
      { class: "pair" },
      single.element,
      ...parts.map(({ line }) => line),
      make("label", { class: "check", for: both.id }, both, make("span", {}, "Another one in dark")),
    ),
    update() {
      const now = isPair();
      both.checked = now;
      single.element.hidden = now;
      for (const part of parts) {
        part.line.hidden = !now;
      }
      if (now) {
        for (const part of parts) {
          part.update();
        }
      } else {
        single.update();
      }
    },
  };
}

/** A corner of a little window. @param {Field} field @returns {Control} */
export function cornerControl(field) {
  const inputs = field.node.options.map(({ value, label }) => {
    const input = make("input", {
      type: "radio",
      name: field.id,
      value,
      "aria-label": label,
      title: label,
      class: value,
      "data-field": true,
    });
    input.addEventListener("change", () => field.set(value));
    return input;
  });
  const word = make("span", { class: "corner-word", "aria-hidden": "true" });
  return {
    group: true,
    element: make("div", { class: "corner-line" }, make("div", { class: "corners" }, ...inputs), word),
    update() {
      const shown = shownOf(field);
      for (const input of inputs) {
        input.checked = input.value === shown;
        input.classList.toggle("unset", field.own() === undefined);
      }
      word.textContent = field.node.options.find(({ value }) => value === shown)?.label ?? "";
    },
  };
}

/** Languages under their own names. @param {Field} field @returns {Control} */
export function localeControl(field) {
  const options = field.node.options.map(({ value }) => ({ value, label: `${languageOf(value)} — ${value}` }));
  return selectControl(
    field,
    options.sort((a, b) => a.label.localeCompare(b.label)),
  );
}

/** @param {string} locale */
function languageOf(locale) {
  try {
    return new Intl.DisplayNames(["en"], { type: "language" }).of(locale) ?? locale;
  } catch {
    return locale;
  }
}

/** Any of some words, such as kinds of device. @param {Field} field @returns {Control} */
export function severalControl(field) {
  const { options } = field.node.items;
  const inputs = options.map(({ value, label, description }) => {
    const input = make("input", { type: "checkbox", value, "data-field": true });
    return {
      input,
      label: make("label", { class: "check", title: description || null }, input, make("span", {}, label)),
    };
  });
  const chosen = () => /** @type {Json[]} */ (shownOf(field) ?? options.map(({ value }) => value));
  for (const { input } of inputs) {
    input.addEventListener("change", () => {
      field.set(inputs.filter((each) => each.input.checked).map((each) => each.input.value));
    });
  }
  return {
    group: true,
    element: make("div", { class: "checks" }, ...inputs.map(({ label }) => label)),
    update() {
      for (const { input } of inputs) {
        input.checked = chosen().includes(input.value);
      }
    },
  };
}
