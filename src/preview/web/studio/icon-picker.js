/** Icons: those of the theme for the launcher, those of ChatKit inside of the chat, and Lucide's by name. */

import { fill, make } from "../shared/dom.js";
import { draw, loadDrawings, lucideNames } from "./chatkit-icons.js";
import { shownOf } from "./controls.js";
import { openDialog } from "./dialog.js";
import { parseDrawing } from "./drawing.js";
import { icon } from "./icons.js";
import { humanise } from "./schema.js";

/** @import { Control, Field, Surroundings } from "./types.js" */

const EMOJI = ["💬", "👋", "🙂", "🤖", "✨", "❓", "🛟", "🛒", "📦", "🎧", "📚", "🩺"];

/** Tiles that are shown at once: there are some thousands of Lucide's. */
const MOST = 240;

/** A button that shows the icon and opens a grid of all. @param {Field} field @returns {Control} */
export function iconControl(field) {
  const strings = field.node.kind === "union" ? field.node.variants.map(({ node }) => node) : [field.node];
  const names = strings.flatMap(({ options }) => options.map(({ value }) => value));
  const free = strings.find(({ pattern }) => pattern !== null) ?? null;
  return pickButton(field, {
    draw,
    ready: loadDrawings,
    open: (pick) => {
      const grid = namesGrid([...names, ...(free ? lucideNames() : [])], draw, pick, shownOf(field));
      const more =
        free && freeEntry("Any other icon of lucide.dev", "lucide:rocket", new RegExp(String(free.pattern)), pick);
      return [grid.search, grid.element, more];
    },
  });
}

/** The launcher's: drawings of the theme and of Lucide, an emoji, or the address of an image.
 * @param {Field} field @param {Surroundings} around @returns {Control} */
export function launcherIconControl(field, { icons }) {
  const own = new Map(icons.map((each) => [`lucide:${each.name}`, each.svg]));
  /** The theme's own drawing goes before Lucide's of the same name. @param {string} name */
  const drawing = (name) => {
    const svg = own.get(name);
    return svg === undefined ? draw(name) : parseDrawing(svg);
  };
  return pickButton(field, {
    draw: (value) => (value.startsWith("emoji:") ? value.slice(6) : drawing(value)),
    ready: loadDrawings,
    open: (pick) => {
      const chosen = shownOf(field);
      const grid = namesGrid([...new Set([...own.keys(), ...lucideNames()])], drawing, pick, chosen);
      const emoji = make("div", { class: "icon-grid emoji" });
      for (const each of EMOJI) {
        emoji.append(tile(`emoji:${each}`, each, each, pick, chosen));
      }
      return [
        grid.search,
        grid.element,
        make("h3", {}, "Emoji"),
        emoji,
        freeEntry("Another emoji", "🚀", /^\S+$/u, (value) => pick(`emoji:${value}`)),
        freeEntry("Address of an image", "https://www.example.com/icon.svg", /^https:\/\/\S+$/, pick),
      ];
    },
  });
}

/**
 * @typedef {object} Picker
 * @property {(value: string) => Node | string | null} draw
 * @property {() => Promise<void>} [ready] what has to be there before anything is drawn
 * @property {(pick: (value: string) => void) => import("../shared/dom.js").Child[]} open what the dialog shows
 */

/** @param {Field} field @param {Picker} picker @returns {Control} */
function pickButton(field, { draw: picture, ready = () => Promise.resolve(), open }) {
  const place = make("span", { class: "pick-picture", "aria-hidden": "true" });
  const name = make("span", { class: "pick-name" });
  const button = make(
    "button",
    {
      type: "button",
      class: "pick",
      id: field.id,
      "aria-haspopup": "dialog",
      "aria-describedby": field.describedBy,
      "data-field": true,
    },
    place,
    name,
    icon("chevron"),
  );
  button.addEventListener("click", async () => {
    await ready();
    const dialog = openDialog({ title: `Choose ${field.label.toLowerCase()}`, kind: "pick-dialog" });
    /** @param {string} value */
    const pick = (value) => {
      field.set(value);
      dialog.close();
    };
    dialog.body.append(
      ...open(pick)
        .filter((child) => !!child)
        .map((child) => /** @type {Node} */ (child)),
    );
  });
  /** @type {unknown} */
  let drawn;
  return {
    element: button,
    update() {
      const shown = shownOf(field);
      if (shown !== drawn) {
        drawn = shown;
        const value = typeof shown === "string" ? shown : "";
        fill(place, picture(value) ?? "");
        if (value) {
          void ready().then(() => drawn === shown && fill(place, picture(value) ?? ""));
        }
        name.textContent = value || "None";
      }
      button.classList.toggle("unset", field.own() === undefined);
    },
  };
}

/** @param {string[]} names @param {(name: string) => Node | null} picture @param {(value: string) => void} pick @param {unknown} chosen */
function namesGrid(names, picture, pick, chosen) {
  const count = make("p", { class: "sr", role: "status" });
  const search = make("input", {
    type: "search",
    placeholder: `Search ${names.length} icons`,
    "aria-label": "Search icons",
    autofocus: true,
    autocomplete: "off",
  });
  const grid = make("div", {});
  const show = () => {
    const words = search.value.toLowerCase().split(/\s+/);
    const found = names.filter((name) => words.every((word) => name.includes(word)));
    const tiles = found
      .slice(0, MOST)
      .map((name) => tile(name, humanise(name.replace(/^lucide:/, "")), picture(name), pick, chosen));
    grid.className = tiles.some((each) => each.querySelector("svg")) ? "icon-grid" : "icon-grid words";
    grid.replaceChildren(...tiles);
    if (search.value) {
      count.textContent = `${found.length} icons`;
    }
  };
  search.addEventListener("input", show);
  show();
  return { search: make("div", { class: "search" }, icon("search"), search, count), element: grid };
}

/** @param {string} value @param {string} label @param {Node | string | null} picture
 * @param {(value: string) => void} pick @param {unknown} chosen */
function tile(value, label, picture, pick, chosen) {
  return make(
    "button",
    {
      type: "button",
      class: "tile",
      title: label,
      "aria-label": label,
      "aria-pressed": String(value === chosen),
      onclick: () => pick(value),
    },
    picture ?? make("span", {}, label),
  );
}

let count = 0;

/** @param {string} label @param {string} example @param {RegExp} pattern @param {(value: string) => void} pick */
function freeEntry(label, example, pattern, pick) {
  const id = `free${(count += 1)}`;
  const input = make("input", {
    type: "text",
    id,
    placeholder: example,
    autocomplete: "off",
    spellcheck: "false",
    "aria-describedby": `${id}-error`,
  });
  const error = make("p", { class: "error", id: `${id}-error`, role: "status" });
  const form = make(
    "form",
    { class: "free", novalidate: true },
    make("label", { for: id }, label),
    make("div", { class: "free-line" }, input, make("button", { class: "button", type: "submit" }, "Use")),
    error,
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const value = input.value.trim();
    if (pattern.test(value)) {
      pick(value);
    } else {
      error.textContent = `Enter something like ${example}`;
    }
  });
  return form;
}
