/** ChatKit's icons, and Lucide's by `lucide:<name>`. */

import { shape } from "../shared/dom.js";
import { ICONS } from "./icons.js";

/** @typedef {(string | [string, Record<string, string>])[]} Drawing */

/** @type {Promise<Record<string, Drawing>> | undefined} All of Lucide's, once one of them is asked for. */
let lucide;

/**
 * The icon of a name. One that does not exist is a dashed circle.
 *
 * @param {string} name
 * @returns {SVGSVGElement}
 */
export function icon(name) {
  const svg = shape("svg", { viewBox: "0 0 24 24", "aria-hidden": "true", class: "icon" });
  const [, wanted] = name.split("lucide:");
  if (wanted) {
    svg.dataset.lucide = wanted;
    all().then((drawings) => draw(svg, drawings[wanted] ?? drawings["circle-dashed"] ?? []));
  } else {
    // A filled one is the outline of the same name.
    svg.classList.toggle("filled", name.endsWith("-filled"));
    draw(svg, ICONS[name.replace(/-filled$/, "")] ?? []);
  }
  return svg;
}

function all() {
  lucide ??= fetch(new URL("../shared/lucide.json", import.meta.url))
    .then((reply) => reply.json())
    .catch(() => ((lucide = undefined), {}));
  return lucide;
}

/** @param {SVGSVGElement} svg @param {Drawing} drawing */
function draw(svg, drawing) {
  svg.replaceChildren(
    ...drawing.map((each) => {
      const [tag, attributes] = typeof each === "string" ? ["path", { d: each }] : each;
      return shape(/** @type {"path"} */ (tag), attributes);
    }),
  );
}
