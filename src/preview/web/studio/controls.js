/** Controls for single values: texts, numbers, switches, choices. */

import { make } from "../shared/dom.js";

/** @import { Control, Field, Json } from "./types.js" */

/** What a control shows when nothing is set here: what is inherited, or what the schema says. @param {Field} field */
export const shownOf = (field) => field.own() ?? field.inherited() ?? field.node.fallback;

/** What stands in an empty text field. @param {Field} field @returns {string} */
export function placeholderOf(field) {
  const value = field.inherited() ?? field.node.fallback ?? field.node.examples[0];
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

/** Changes the text only if it differs, so that the caret stays where it is.
 * @param {HTMLInputElement | HTMLTextAreaElement} input @param {Json | undefined} value */
export function showText(input, value) {
  const text = value === undefined || value === null ? "" : String(value);
  if (input.value !== text) {
    input.value = text;
  }
}

/** A line of text. An empty one is no value, unless a text is required here and may be empty.
 * @param {Field} field @returns {Control} */
export function textControl(field) {
  const input = make("input", {
    type: "text",
    id: field.id,
    "aria-describedby": field.describedBy,
    spellcheck: "false",
    autocomplete: "off",
    "data-field": true,
  });
  return typed(field, input);
}

/** Several lines, as high as the text. @param {Field} field @returns {Control} */
export function linesControl(field) {
  return typed(
    field,
    make("textarea", { rows: 2, id: field.id, "aria-describedby": field.describedBy, "data-field": true }),
  );
}

/** @param {Field} field @param {HTMLInputElement | HTMLTextAreaElement} input @returns {Control} */
function typed(field, input) {
  input.addEventListener("input", () => field.set(input.value === "" ? field.empty : input.value, { typing: true }));
  input.addEventListener("change", () => {
    if (input.value.trim() === "" && field.stead) {
      field.set(field.stead());
    }
  });
  return {
    element: input,
    update() {
      showText(input, field.own());
      input.placeholder = placeholderOf(field);
    },
  };
}

/** A number, with a slider where the range is one that a hand can feel. @param {Field} field @returns {Control} */
export function numberControl(field) {
  const { min, max, integer } = field.node;
  const limits = { min, max, step: integer ? 1 : "any" };
  const input = make("input", {
    type: "number",
    id: field.id,
    "aria-describedby": field.describedBy,
    "data-field": true,
    ...limits,
  });
  const slider =
    min !== null && max !== null && max - min <= 2000
      ? make("input", {
          type: "range",
          "aria-label": `${field.label}, slider`,
          tabindex: -1,
          "aria-hidden": "true",
          "data-field": true,
          ...limits,
          step: max - min > 10 ? 1 : limits.step,
        })
      : null;
  input.addEventListener("input", () => {
    // Half a number, such as “-”, is none yet, and no reason to take away what there is.
    if (input.value === "" && input.validity.badInput) {
      return;
    }
    field.set(input.value === "" ? undefined : Number(input.value), { typing: true });
  });
  slider?.addEventListener("input", () => field.set(Number(slider.value), { typing: true }));
  return {
    element: make("div", { class: "number" }, slider, input),
    update() {
      const own = field.own();
      // “07” and “7” are the same number: what is being typed stays as it is.
      if (typeof own !== "number" || input.value === "" || Number(input.value) !== own) {
        showText(input, own);
      }
      input.placeholder = placeholderOf(field);
      if (!slider) {
        return;
      }
      const shown = shownOf(field);
      const known = typeof shown === "number";
      slider.value = String(known ? shown : (Number(min) + Number(max)) / 2);
      const part = known ? (Number(slider.value) - Number(min)) / (Number(max) - Number(min)) : 0;
      slider.style.setProperty("--part", `${part * 100}%`);
      slider.classList.toggle("unset", own === undefined);
    },
  };
}

/** On or off. @param {Field} field @returns {Control} */
export function switchControl(field) {
  const input = make("input", {
    type: "checkbox",
    role: "switch",
    id: field.id,
    "aria-describedby": field.describedBy,
    class: "switch",
    "data-field": true,
  });
  const word = make("span", { class: "switch-word", "aria-hidden": "true" });
  input.addEventListener("change", () => field.set(input.checked));
  return {
    element: make("span", { class: "switch-line" }, input, word),
    update() {
      input.checked = shownOf(field) === true;
      input.classList.toggle("unset", field.own() === undefined);
      word.textContent = input.checked ? "On" : "Off";
    },
  };
}

/** One of some words: side by side while they are few and short, else a list. @param {Field} field @returns {Control} */
export function choiceControl(field) {
  const { options } = field.node;
  const length = options.reduce((sum, { label }) => sum + label.length + 3, 0);
  return options.length <= 5 && length <= 42 ? segments(field) : selectControl(field, options);
}

/** @param {Field} field @returns {Control} */
function segments(field) {
  const inputs = field.node.options.map(({ value, label, description }) => {
    const input = make("input", {
      type: "radio",
      name: field.id,
      value,
      "data-field": true,
      onchange: () => field.set(value),
    });
    return { input, label: make("label", { title: description || null }, input, make("span", {}, label)) };
  });
  return {
    group: true,
    element: make("div", { class: "segments" }, ...inputs.map(({ label }) => label)),
    update() {
      const own = field.own();
      const shown = shownOf(field);
      for (const { input, label } of inputs) {
        input.checked = input.value === shown;
        label.classList.toggle("unset", own === undefined);
      }
    },
  };
}

/** @param {Field} field @param {{ value: string, label: string, description?: string }[]} options @returns {Control} */
export function selectControl(field, options) {
  const none = make("option", { value: "" });
  const select = make("select", { id: field.id, "aria-describedby": field.describedBy, "data-field": true }, none);
  for (const { value, label, description } of options) {
    select.append(make("option", { value }, description ? `${label}: ${description}` : label));
  }
  // A value that is not among them is shown, and the generator says what is wrong with it.
  const other = make("option", { hidden: true });
  select.append(other);
  select.addEventListener("change", () => field.set(select.value === "" ? undefined : select.value));
  return {
    element: make("span", { class: "select" }, select),
    update() {
      const own = field.own();
      const inherited = field.inherited() ?? field.node.fallback;
      const word = options.find(({ value }) => value === inherited)?.label ?? inherited;
      none.textContent =
        typeof word === "string" ? `${word} (${field.inherited() === undefined ? "default" : "inherited"})` : "Not set";
      const unknown = own !== undefined && !options.some(({ value }) => value === own);
      other.value = other.textContent = unknown ? String(own) : "\u200b";
      select.value = own === undefined ? "" : String(own);
      select.classList.toggle("unset", own === undefined);
    },
  };
}

/** Anything at all, as JSON. @param {Field} field @returns {Control} */
export function jsonControl(field) {
  const mistake = make("p", { class: "error", role: "status" });
  const input = make("textarea", {
    rows: 3,
    id: field.id,
    "aria-describedby": field.describedBy,
    class: "mono",
    spellcheck: "false",
    "data-field": true,
  });
  input.addEventListener("input", () => {
    try {
      mistake.textContent = "";
      field.set(input.value.trim() === "" ? undefined : JSON.parse(input.value), { typing: true });
    } catch {
      mistake.textContent = 'Not valid JSON yet. Example: {"order": 42}.';
    }
  });
  return {
    element: make("div", {}, input, mistake),
    update() {
      const own = field.own();
      if (document.activeElement !== input) {
        showText(input, own === undefined ? "" : JSON.stringify(own, null, 2));
      }
      input.placeholder = '{"key": "value"}';
    },
  };
}
