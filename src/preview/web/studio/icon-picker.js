/** Icons: those of the theme for the launcher, those of ChatKit inside of the chat, and Lucide's by name. */

import { fill, make } from "../shared/dom.js";
import { draw, loadDrawings, lucideNames } from "./chatkit-icons.js";
import { shownOf } from "./controls.js";
import { openDialog } from "./dialog.js";
import { parseDrawing } from "./drawing.js";
import { CATEGORIES, OFTEN } from "./icon-names.js";
import { icon, textButton } from "./icons.js";
import { humanise } from "./schema.js";

/** @import { Control, Field, Surroundings } from "./types.js" */

const EMOJI = ["💬", "👋", "🙂", "🤖", "✨", "❓", "🛟", "🛒", "📦", "🎧", "📚", "🩺"];

/** Tiles of what a search finds: one letter finds hundreds. */
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
      const all = [...names, ...(free ? lucideNames() : [])];
      const others = [{ title: "ChatKit’s own", names }];
      const grid = namesGrid({ names: all, often: [], others, picture: draw, pick, chosen: shownOf(field) });
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
      const names = [...new Set([...own.keys(), ...lucideNames()])];
      const grid = namesGrid({ names, often: [...own.keys()], picture: drawing, pick, chosen });
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
    followArrows(dialog.body);
    dialog.body.querySelector("input")?.focus();
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
        name.textContent = value.replace(/^lucide:/, "") || "None";
        name.title = value;
      }
      button.classList.toggle("unset", field.own() === undefined);
    },
  };
}

/**
 * The search, and what it finds: before anything is typed, good icons first, then the others by what they are about.
 *
 * @param {object} icons
 * @param {string[]} icons.names of all
 * @param {string[]} icons.often those of our own that are often used
 * @param {Section[]} [icons.others] sections before those by category
 * @param {(name: string) => Node | null} icons.picture
 * @param {(value: string) => void} icons.pick
 * @param {unknown} icons.chosen
 */
function namesGrid({ names, often, others = [], picture, pick, chosen }) {
  const count = make("p", { class: "sr", role: "status" });
  const search = make("input", {
    type: "search",
    placeholder: `Search ${names.length} icons`,
    "aria-label": "Search icons",
    autofocus: true,
    autocomplete: "off",
  });
  const found = make("div", { class: "icon-sections" });
  /** @param {string[]} some */
  const grid = (some) => {
    const tiles = some.map((name) => tile(name, labelOf(name), picture(name), pick, chosen));
    const words = tiles.some((each) => each.querySelector("svg")) ? "" : "words";
    return make("div", { class: `icon-grid ${words}` }, ...tiles);
  };
  const sections = sectionsOf(names, often, others);
  const all = textButton(
    "down",
    `Show all ${names.length} icons`,
    () => {
      const every = grid(names);
      all.replaceWith(make("h3", {}, "All"), every);
      /** @type {HTMLElement | null} */ (every.querySelector(".tile"))?.focus();
    },
    { class: "button quiet" },
  );
  const show = () => {
    const words = search.value.toLowerCase().split(/\s+/);
    if (search.value.trim() === "" && sections.length > 0) {
      found.replaceChildren(...sections.flatMap(({ title, names: some }) => [make("h3", {}, title), grid(some)]), all);
      return;
    }
    const matching = names.filter((name) => words.every((word) => name.includes(word)));
    found.replaceChildren(grid(matching.slice(0, MOST)));
    count.textContent = `${matching.length} icons`;
  };
  search.addEventListener("input", show);
  show();
  return { search: make("div", { class: "search" }, icon("search"), search, count), element: found };
}

/** @param {string} name */
const labelOf = (name) => humanise(name.replace(/^lucide:/, ""));

/** @typedef {{ title: string, names: string[] }} Section */

/** Without any of Lucide's, there is nothing to divide.
 * @param {string[]} names @param {string[]} often @param {Section[]} others @returns {Section[]} */
function sectionsOf(names, often, others) {
  const known = new Set(names);
  const lucide = (/** @type {string[]} */ some) =>
    some.map((name) => `lucide:${name}`).filter((name) => known.has(name));
  const first = { title: "Often used", names: [...new Set([...often, ...lucide(OFTEN)])] };
  const byCategory = CATEGORIES.map(([title, some]) => ({ title, names: lucide(some) }));
  const sections = [first, ...others, ...byCategory].filter((each) => each.names.length > 0);
  return names.some((name) => name.startsWith("lucide:")) ? sections : [];
}

/** Arrow keys go from tile to tile, and down from the search. @param {HTMLElement} body of the dialog */
function followArrows(body) {
  body.addEventListener("keydown", (event) => {
    const from = document.activeElement;
    const tiles = /** @type {HTMLElement[]} */ ([...body.querySelectorAll(".tile")]);
    const at = tiles.indexOf(/** @type {HTMLElement} */ (from));
    const isSearch = from instanceof HTMLInputElement && from.type === "search";
    if (at < 0 && !(isSearch && event.key === "ArrowDown")) {
      return;
    }
    const to = at < 0 ? tiles[0] : neighbour(tiles, at, event.key);
    if (to === undefined) {
      return;
    }
    event.preventDefault();
    to?.focus();
  });
}

/** The tile that a key leads to; undefined for another key.
 * @param {HTMLElement[]} tiles @param {number} at @param {string} key @returns {HTMLElement | null | undefined} */
function neighbour(tiles, at, key) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
  if (step !== undefined) {
    return tiles[at + step] ?? null;
  }
  const isDown = key === "ArrowDown";
  if (!isDown && key !== "ArrowUp") {
    return undefined;
  }
  const own = tiles[at].getBoundingClientRect();
  const others = (isDown ? tiles.slice(at + 1) : tiles.slice(0, at).reverse()).map((each) => ({
    each,
    box: each.getBoundingClientRect(),
  }));
  const next = others.find(({ box }) => (isDown ? box.top >= own.bottom : box.bottom <= own.top))?.box.top;
  const row = others.filter(({ box }) => box.top === next);
  row.sort((a, b) => Math.abs(a.box.left - own.left) - Math.abs(b.box.left - own.left));
  return row[0]?.each ?? null;
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
