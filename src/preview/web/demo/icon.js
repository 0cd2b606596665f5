/** ChatKit's icons, and Lucide's by `lucide:<name>`. */

import { ICONS } from "./icons.js";

const SVG = "http://www.w3.org/2000/svg";

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
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.classList.add("icon");
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
    ...drawing.map((shape) => {
      const [tag, attributes] = typeof shape === "string" ? ["path", { d: shape }] : shape;
      const element = document.createElementNS(SVG, tag);
      Object.entries(attributes).forEach(([name, value]) => element.setAttribute(name, value));
      return element;
    }),
  );
}
