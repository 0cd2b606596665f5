/** What is wrong with the draft: beside the settings, and as a list that leads to them. */

import { fill, make } from "../shared/dom.js";
import { byId, prose } from "./page.js";
import { icon } from "./icons.js";
import { humanise } from "./schema.js";
import { nearest } from "./settings.js";

/** @import { Path, Problem } from "./types.js" */
/** @import { Place } from "./fields.js" */

/** `widgets.support.rules.hide[0]` as keys. @param {string | null} path @returns {Path} */
export const wayOf = (path) =>
  (path ?? "")
    .replaceAll(/\[(\d+)\]/g, ".$1")
    .split(".")
    .filter((key) => key !== "");

/** The problems of a draft. */
export class Problems {
  #summary = byId("problems");
  /** @type {Problem[]} */
  all = [];
  #drawn = "";

  /**
   * @param {object} options
   * @param {() => Place[]} options.places
   * @param {(path: Path) => void} options.reveal
   * @param {(text: string) => void} options.announce
   */
  constructor({ places, reveal, announce }) {
    this.places = places;
    this.reveal = reveal;
    this.announce = announce;
  }

  /** @param {Problem[]} problems */
  set(problems) {
    const before = this.all.length;
    this.all = problems;
    this.mark();
    this.#summarise();
    if (problems.length > before) {
      this.announce(
        `${problems.length === 1 ? "One setting needs" : `${problems.length} settings need`} a look: ${problems[0].message}`,
      );
    }
    if (before > 0 && problems.length === 0) {
      this.announce("All settings are valid.");
    }
  }

  /** Shows each problem beside its setting, if that is on the page. */
  mark() {
    const places = this.places();
    /** @type {Map<Place, Problem[]>} */
    const shown = new Map(places.map((place) => [place, []]));
    for (const problem of this.all) {
      const place = nearest(places, wayOf(problem.path));
      if (place) {
        shown.get(place)?.push(problem);
      }
    }
    for (const [place, problems] of shown) {
      place.show(problems);
    }
  }

  #summarise() {
    const key = JSON.stringify(this.all.map(({ path, message }) => [path, message]));
    if (key === this.#drawn) {
      return;
    }
    this.#drawn = key;
    this.#summary.hidden = this.all.length === 0;
    fill(
      this.#summary,
      make(
        "h2",
        { id: "problems-title" },
        icon("warning"),
        this.all.length === 1 ? "One setting needs a look" : `${this.all.length} settings need a look`,
      ),
      make("p", {}, "The preview shows the last state without errors."),
      make("ul", {}, ...this.all.map((problem) => make("li", {}, this.#link(problem)))),
    );
  }

  /** @param {Problem} problem */
  #link({ path, message }) {
    const way = wayOf(path);
    if (way.length === 0) {
      return make("span", {}, ...prose(message));
    }
    const name = way
      .slice(way[0] === "widgets" ? 1 : 0)
      .filter((key) => key !== "chatkit")
      .map((key, index) => (index === 0 && way[0] === "widgets" ? key : humanise(key)))
      .join(" › ");
    const link = make("button", { type: "button", class: "link" }, name);
    link.addEventListener("click", () => this.reveal(way));
    return make("span", {}, link, ": ", ...prose(message));
  }
}
