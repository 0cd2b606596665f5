/** Settings that few people need, folded: open by itself if one of them is set, wrong, or looked for. */

import { make } from "../shared/dom.js";

/** @import { Field, Part } from "./types.js" */

/**
 * @param {Field[]} fields
 * @param {(field: Field) => Part} build
 * @param {() => boolean} isWrong whether a problem is in here
 * @returns {Part}
 */
export function more(fields, build, isWrong) {
  const parts = fields.map(build);
  const about = make("span", { class: "more-about" });
  const element = make(
    "details",
    { class: "more" },
    make("summary", {}, make("span", { class: "more-word" }, "More"), about),
    ...parts.map((part) => part.element),
  );
  element.open = fields.some((field) => field.own() !== undefined);
  return {
    element,
    update() {
      parts.forEach((part) => part.update());
      const shown = fields.filter((_, index) => !parts[index].element.hidden);
      element.hidden = shown.length === 0;
      about.textContent = shown.map(({ label }) => label).join(", ");
      element.open ||= isWrong();
    },
  };
}
