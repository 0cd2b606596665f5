/** Buttons of the panel, and the lines on them. */

/** @import { Drawing } from "../../loader/types.js" */

import { make } from "../../loader/dom.js";

export const CROSS = "M6 6l12 12M18 6L6 18";
export const LARGER = "M14 5h5v5M10 19H5v-5M19 5l-6 6M5 19l6-6";
export const SMALLER = "M19 10h-5V5M5 14h5v5M14 10l6-6M10 14l-6 6";
export const HISTORY = "M4 12a8 8 0 1 0 2.6-5.9L4 8.5M4 4v4.5h4.5M12 8v4l3 2";
export const NEW = "M12 5v14M5 12h14";

/** @param {string} d @param {string} [name] @returns {Drawing} */
export const lines = (d, name = "") => [
  "svg",
  { class: `icon ${name}`, viewBox: "0 0 24 24", "aria-hidden": "true" },
  ["path", { d }],
];

/** @param {string} label @param {string} d @param {() => void} onclick */
export function button(label, d, onclick) {
  const made = make("button", { class: "close", type: "button", "aria-label": label, title: label }, lines(d));
  made.onclick = onclick;
  return made;
}
