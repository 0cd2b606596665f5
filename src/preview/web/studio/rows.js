/** A long list of which only the rows in sight are in the page: as quick with fifty thousand rows as with fifty. */

import { make } from "../shared/dom.js";

/** Rows above and below those in sight, so that the next step of the wheel finds them. */
const SPARE = 6;

/** A list that scrolls. All rows have the same height; each holds one button. */
export class Rows {
  /** @type {readonly string[]} */
  #items = [];
  /** Rows in the page, by their place. @type {Map<number, HTMLElement>} */
  #shown = new Map();
  /** Height of a row in CSS pixels, 0 until there is one. */
  #height = 0;
  #list;

  /**
   * @param {object} options
   * @param {string} options.label
   * @param {(item: string) => HTMLButtonElement} options.button what a row holds
   */
  constructor({ label, button }) {
    this.button = button;
    this.#list = make("div", { role: "list", "aria-label": label, class: "menu-rows-all" });
    this.element = make("div", { class: "menu-rows" }, this.#list);
    this.element.addEventListener("scroll", () => this.#draw());
  }

  get count() {
    return this.#items.length;
  }

  /** The place of the row that has the focus, or -1. */
  get focused() {
    const at = [...this.#shown].find(([, row]) => row.contains(document.activeElement));
    return at ? at[0] : -1;
  }

  /** Rows that fit into sight. */
  get page() {
    return Math.max(1, Math.floor(this.element.clientHeight / (this.#height || 1)));
  }

  /** Shows other items, from the first one on. @param {readonly string[]} items */
  show(items) {
    this.#items = items;
    this.#shown.forEach((row) => row.remove());
    this.#shown.clear();
    this.element.scrollTop = 0;
    this.#draw();
  }

  /** Brings a row into sight and focuses it. @param {number} place */
  focus(place) {
    const top = place * this.#height;
    const { scrollTop, clientHeight } = this.element;
    if (top < scrollTop) {
      this.element.scrollTop = top;
    } else if (top + this.#height > scrollTop + clientHeight) {
      this.element.scrollTop = top + this.#height - clientHeight;
    }
    this.#draw(place);
    this.#shown.get(place)?.querySelector("button")?.focus({ preventScroll: true });
  }

  /** Brings a row into the middle, as if it had been looked for. @param {number} place */
  center(place) {
    this.element.scrollTop = (place + 0.5) * this.#height - this.element.clientHeight / 2;
    this.focus(place);
  }

  /** Puts the rows in sight into the page, and takes out the others. @param {number} [wanted] a row to keep */
  #draw(wanted = this.focused) {
    if (this.#height === 0 && this.count > 0) {
      this.#height = this.#row(0).getBoundingClientRect().height;
    }
    this.#list.style.height = `${this.count * this.#height}px`;
    const first = Math.floor(this.element.scrollTop / (this.#height || 1)) - SPARE;
    const last = first + this.page + 2 * SPARE;
    for (const [place, row] of this.#shown) {
      // Without the row that has it, the focus would be nowhere.
      if ((place < first || place > last) && place !== wanted) {
        row.remove();
        this.#shown.delete(place);
      }
    }
    for (let place = Math.max(0, first); place <= Math.min(last, this.count - 1); place++) {
      this.#row(place);
    }
    if (wanted >= 0 && wanted < this.count) {
      this.#row(wanted);
    }
  }

  /** The row at a place, in the order of the list. @param {number} place */
  #row(place) {
    const known = this.#shown.get(place);
    if (known) {
      return known;
    }
    const row = make(
      "div",
      { role: "listitem", class: "menu-row", "aria-setsize": this.count, "aria-posinset": place + 1 },
      this.button(this.#items[place]),
    );
    row.style.top = `${place * this.#height}px`;
    const after = [...this.#shown.keys()].filter((other) => other > place);
    const next = after.length > 0 ? this.#shown.get(Math.min(...after)) : undefined;
    this.#list.insertBefore(row, next ?? null);
    this.#shown.set(place, row);
    return row;
  }
}
