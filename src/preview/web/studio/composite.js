/** Controls for what holds other values: lists, maps, values of several kinds. */

import { make } from "../shared/dom.js";
import { shownOf } from "./controls.js";
import { SEEDS } from "./hints.js";
import { iconButton, textButton } from "./icons.js";
import { isObject } from "./json.js";
import { blank, fits } from "./schema.js";
import { sortable } from "./sortable.js";

/** @import { Control, Field, Json, JsonObject, Part, Surroundings } from "./types.js" */

/** @param {Field} field @returns {Json[]} */
function itemsOf(field) {
  const value = shownOf(field) ?? [];
  return Array.isArray(value) ? value : [];
}

/**
 * A list: its items can be added, removed, and put in another order. One function of over 60 lines: a component, whose
 * short functions share its rows.
 *
 * @param {Field} field
 * @param {Surroundings} around
 * @returns {Control}
 */
export function listControl(field, around) {
  const { items: node } = field.node;
  const rows = make("ol", { class: node.kind === "string" ? "rows lines" : "rows" });
  const noun = singular(field.label);
  /** @type {Part[]} */
  let parts = [];

  /** @param {Json[]} next @param {number} focus index of the item to go to */
  function replace(next, focus) {
    field.set(next);
    const row = rows.children[Math.min(focus, next.length - 1)];
    const target = /** @type {HTMLElement | null} */ (
      row?.querySelector('input:not([tabindex="-1"]), textarea, select') ?? add
    );
    target?.focus();
  }

  /** @param {number} from @param {number} to */
  function move(from, to) {
    const items = [...itemsOf(field)];
    if (to < 0 || to >= items.length) {
      return;
    }
    items.splice(to, 0, ...items.splice(from, 1));
    field.set(items);
    around.announce(`${noun} ${from + 1} is now ${to + 1} of ${items.length}`);
    focusMover(rows.children[to], to < from);
  }

  const add = textButton(
    "add",
    `Add ${noun.toLowerCase()}`,
    () => {
      const items = itemsOf(field);
      replace([...items, SEEDS[node.def ?? ""] ?? blank(node)], items.length);
    },
    { class: "button quiet", "data-add": true },
  );

  /** @param {number} index */
  function row(index) {
    const part = around.build(field.child(String(index), node, `${noun} ${index + 1}`));
    parts.push(part);
    const remove = () => {
      around.announce(`${noun} ${index + 1} removed`);
      const others = itemsOf(field).filter((_, each) => each !== index);
      replace(others, Math.max(0, index - 1));
    };
    const isLast = index === itemsOf(field).length - 1;
    const tools = rowTools(`${noun.toLowerCase()} ${index + 1}`, {
      up: index === 0 ? null : () => move(index, index - 1),
      down: isLast ? null : () => move(index, index + 1),
      remove,
    });
    return make("li", { class: "row" }, tools, part.element);
  }

  sortable(rows, move);
  let drawn = -1;
  return {
    group: true,
    element: make("div", { class: "list" }, rows, add),
    update() {
      const { length } = itemsOf(field);
      if (length !== drawn) {
        drawn = length;
        parts = [];
        rows.replaceChildren(...Array.from({ length }, (_, index) => row(index)));
      }
      for (const part of parts) {
        part.update();
      }
      rows.hidden = length === 0;
    },
  };
}

/**
 * Buttons of a row. One without a function is disabled.
 *
 * @param {string} name
 * @param {{ up: (() => void) | null, down: (() => void) | null, remove: () => void }} does
 */
function rowTools(name, { up, down, remove }) {
  const hidden = { tabindex: -1, "aria-hidden": "true", "aria-label": null, title: null, class: "handle" };
  const nothing = () => {};
  return make(
    "div",
    { class: "row-tools" },
    make("span", { class: "grip", title: "Drag to move" }, iconButton("grip", "", nothing, hidden)),
    iconButton("up", `Move ${name} up`, up ?? nothing, { class: "move-up", disabled: !up }),
    iconButton("down", `Move ${name} down`, down ?? nothing, { class: "move-down", disabled: !down }),
    iconButton("trash", `Remove ${name}`, remove, { class: "remove" }),
  );
}

/** Keeps the button that was pressed under the finger. @param {Element} row @param {boolean} isUp */
function focusMover(row, isUp) {
  const button = /** @type {HTMLButtonElement | null} */ (row.querySelector(isUp ? ".move-up" : ".move-down"));
  const other = /** @type {HTMLButtonElement | null} */ (row.querySelector(isUp ? ".move-down" : ".move-up"));
  (button?.disabled ? other : button)?.focus();
}

/** “Prompts” → “Prompt”. @param {string} label */
const singular = (label) => label.replace(/ies$/, "y").replace(/s$/, "");

/**
 * Values by names that the author chooses. One function of over 60 lines: a component, whose short
 * functions share its rows.
 *
 * @param {Field} field
 * @param {Surroundings} around
 * @returns {Control}
 */
export function mapControl(field, around) {
  const { items: node } = field.node;
  const rows = make("div", { class: "rows" });
  /** @type {Part[]} */
  let parts = [];
  const entries = () => {
    const value = field.own() ?? field.inherited() ?? {};
    return isObject(value) ? value : {};
  };
  /** @param {string} key @param {string} next */
  function rename(key, next) {
    if (next === "" || next === key || Object.hasOwn(entries(), next)) {
      return;
    }
    field.set(
      Object.fromEntries(Object.entries(entries()).map(([each, value]) => [each === key ? next : each, value])),
    );
  }
  /** @param {string} key */
  function row(key) {
    const part = around.build(field.child(key, node, "Value"));
    parts.push(part);
    const name = make("input", {
      type: "text",
      value: key,
      class: "mono",
      "aria-label": `Name of ${key}`,
      spellcheck: "false",
      autocomplete: "off",
      onchange: () => rename(key, name.value.trim()),
    });
    return make(
      "div",
      { class: "row map-row" },
      make(
        "div",
        { class: "row-tools" },
        name,
        iconButton("trash", `Remove ${key}`, () => field.child(key, node).set(undefined)),
      ),
      part.element,
    );
  }
  const add = textButton(
    "add",
    "Add one",
    () => {
      let name = "name";
      for (let count = 2; Object.hasOwn(entries(), name); count += 1) {
        name = `name_${count}`;
      }
      field.set({ ...entries(), [name]: blank(node) });
      const input = /** @type {HTMLInputElement | null} */ (rows.lastElementChild?.querySelector("input") ?? null);
      input?.focus();
      input?.select();
    },
    { class: "button quiet", "data-add": true },
  );
  let drawn = "";
  return {
    group: true,
    element: make("div", { class: "list" }, rows, add),
    update() {
      const keys = Object.keys(entries());
      if (keys.join("\0") !== drawn) {
        drawn = keys.join("\0");
        parts = [];
        rows.replaceChildren(...keys.map(row));
      }
      for (const part of parts) {
        part.update();
      }
    },
  };
}

/** A value of one of several kinds: which one, and then its control. @param {Field} field @param {Surroundings} around @returns {Control} */
export function unionControl(field, around) {
  const { variants } = field.node;
  const place = make("div", { class: "union-value" });
  const inputs = variants.map(({ label, node }, index) => {
    const input = make("input", { type: "radio", name: field.id, value: index, "data-field": true });
    input.addEventListener("change", () => field.set(converted(field.own() ?? field.inherited(), node)));
    return { input, label: make("label", {}, input, make("span", {}, label)) };
  });
  let drawn = -1;
  /** @type {Part | null} */
  let part = null;
  return {
    group: true,
    element: make(
      "div",
      { class: "union" },
      make("div", { class: "segments" }, ...inputs.map(({ label }) => label)),
      place,
    ),
    update() {
      const value = field.own() ?? field.inherited();
      const index =
        value === undefined
          ? Math.max(drawn, 0)
          : Math.max(
              0,
              variants.findIndex(({ node }) => fits(node, value)),
            );
      for (const [each, { input }] of inputs.entries()) {
        input.checked = each === index;
      }
      if (index !== drawn) {
        drawn = index;
        part = around.build({
          ...field.as(variants[index].node),
          label: variants[index].label,
          id: `${field.id}-${index}`,
        });
        place.replaceChildren(part.element);
      }
      part?.update();
    },
  };
}

/** What of a value can be kept in another kind. @param {Json | undefined} value @param {import("./types.js").SchemaNode} node @returns {Json} */
function converted(value, node) {
  if (value !== undefined && fits(node, value)) {
    return value;
  }
  if (node.kind === "string" && (typeof value === "number" || typeof value === "boolean")) {
    return String(value);
  }
  if (node.kind === "number" && typeof value === "string" && value.trim() !== "" && Number.isFinite(Number(value))) {
    return Number(value);
  }
  // A text becomes the first part of a message.
  if (node.kind === "list" && typeof value === "string" && node.items.kind === "object") {
    return [/** @type {JsonObject} */ ({ .../** @type {JsonObject} */ (blank(node.items)), text: value })];
  }
  if (node.kind === "string" && Array.isArray(value)) {
    return value.map((part) => (isObject(part) ? String(part.text ?? "") : "")).join("");
  }
  return blank(node);
}
