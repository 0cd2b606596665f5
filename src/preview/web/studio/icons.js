/** The studio's own icons: lines on a square of 24 by 24. */

import { make } from "../shared/dom.js";
import { drawing } from "./drawing.js";

/** @type {Record<string, string>} */
const PATHS = {
  add: "M12 5v14M5 12h14",
  brand: "M3.5 3.5h8l9 9-8 8-9-9zM7.500 7.500h.01",
  bubble: "M12 3.5a8.5 8.5 0 1 1-4.1 15.9L3.5 20.5l1.1-4.4A8.5 8.5 0 0 1 12 3.5z",
  check: "M4.5 12.5l5 5 10-11",
  circle: "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17z",
  chevron: "M7 10l5 5 5-5",
  close: "M6 6l12 12M18 6L6 18",
  code: "M8.5 7L3.5 12l5 5M15.5 7l5 5-5 5",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  dark: "M20 14.5A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.5z",
  desktop: "M3 4.5h18v12H3zM9 20.5h6M12 16.5v4",
  down: "M12 5v14M6 13l6 6 6-6",
  filter: "M3.5 5h17l-6.5 8v6l-4-2v-4z",
  frame: "M4 5h16v14H4zM4 15h16",
  globe: "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM3.5 12h17M12 3.5c5 5 5 12 0 17M12 3.5c-5 5-5 12 0 17",
  grip: "M9 6h.01M15 6h.01M9 12h.01M15 12h.01M9 18h.01M15 18h.01",
  header: "M4 4.5h16v15H4zM4 9.5h16",
  inline: "M4 5h16M4 19h16M4 9h16v6H4z",
  light:
    "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4",
  ltr: "M4 6h16M4 12h10M4 18h13",
  minus: "M5 12h14",
  page: "M6 3.5h8l4.5 4.5v12.5H6zM13.5 3.5V8.5h5",
  palette:
    "M12 3.5a8.5 8.5 0 1 0 0 17c1.6 0 2-1.2 1.4-2.3-.8-1.5.2-2.7 1.9-2.7h2.2c1.8 0 3-1.4 3-3.3 0-4.8-3.8-8.7-8.5-8.7zM7.5 11.5h.01M11 7.5h.01M15.5 8.5h.01",
  panel: "M4 4.5h16v15H4zM14 4.5v15",
  paste: "M8.5 4.5H5v16h14v-16h-3.5M9 3h6v4H9zM12 11v6M9.5 14.5L12 17l2.5-2.5",
  pen: "M4 20l1-4.5L16.5 4l3.5 3.5L8.5 19z",
  phone: "M7 2.5h10v19H7zM11 18.5h2",
  popup: "M3.5 4.5h17v15h-17zM8 9h8v6H8z",
  redo: "M15 14l5-5-5-5M20 9H9.5a5.5 5.5 0 0 0 0 11H13",
  reset: "M4 5v5h5M4.5 10A8 8 0 1 1 4 14",
  rtl: "M4 6h16M10 12h10M7 18h13",
  auto: "M12 3.5a8.5 8.5 0 1 0 0 17zM12 3.5a8.5 8.5 0 0 1 0 17",
  save: "M12 4v11M7 10.5l5 5 5-5M4.5 20h15",
  search: "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM15.5 15.5L20.5 20.5",
  server: "M4 4.5h16v6H4zM4 13.5h16v6H4zM7.5 7.5h.01M7.5 16.5h.01",
  sliders: "M4 7h9M17 7h3M4 17h3M11 17h9M15 5v4M9 15v4",
  sparkle: "M12 3.5l2 6.5 6.5 2-6.5 2-2 6.5-2-6.5L3.5 12l6.5-2z",
  stack: "M12 3.5l8.5 4.5-8.5 4.5L3.5 8zM3.5 12l8.5 4.5 8.5-4.5M3.5 16l8.5 4.5 8.5-4.5",
  tablet: "M5 3h14v18H5zM11 18h2",
  thread: "M4 5h16M4 10h11M4 15h16M4 20h8",
  trash: "M4 6.5h16M9 6V4h6v2M6 6.5l1 14h10l1-14M10 10.5v6M14 10.5v6",
  undo: "M9 14L4 9l5-5M4 9h10.5a5.5 5.5 0 0 1 0 11H11",
  up: "M12 19V5M6 11l6-6 6 6",
  visitor: "M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM4.5 20.5c.5-4 3.5-6 7.5-6s7 2 7.5 6",
  warning: "M12 4L2.5 20h19zM12 10v4.5M12 17.200h.01",
};

/** @param {string} name @returns {SVGElement} */
export const icon = (name) => drawing(PATHS[name] ?? PATHS.sliders);

/** A button with an icon; its label is there for everybody who can not see it, and as a tooltip.
 * @param {string} name @param {string} label @param {(event: MouseEvent) => void} onClick
 * @param {import("../shared/dom.js").Props} [props] */
export function iconButton(name, label, onClick, props = {}) {
  const { class: more, ...rest } = props;
  const button = make(
    "button",
    { type: "button", class: `icon-button ${more ?? ""}`, "aria-label": label, title: label, ...rest },
    icon(name),
  );
  button.addEventListener("click", onClick);
  return button;
}

/** A button with an icon and words. @param {string} name @param {string} label @param {(event: MouseEvent) => void} onClick
 * @param {import("../shared/dom.js").Props} [props] */
export function textButton(name, label, onClick, props = {}) {
  const button = make("button", { type: "button", class: "button", ...props }, icon(name), make("span", {}, label));
  button.addEventListener("click", onClick);
  return button;
}
