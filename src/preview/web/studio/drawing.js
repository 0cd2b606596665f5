/** Drawings: the studio's own, a theme's and ChatKit's. */

import { shape } from "../shared/dom.js";

/** A drawing on a square of 24 by 24. @param {string} d @returns {SVGElement} */
export function drawing(d) {
  return square("icon", [shape("path", { d })]);
}

/** What may be in a drawing that comes as text: shapes that draw, and do nothing else. */
const SHAPES = new Set(["circle", "ellipse", "line", "path", "polygon", "polyline", "rect"]);
const ATTRIBUTES = new Set(
  "cx cy d fill fill-rule height opacity points r rx ry stroke stroke-linecap stroke-linejoin stroke-width transform width x x1 x2 y y1 y2".split(
    " ",
  ),
);

/** A theme's icon, made again from its text shape by shape; what is no shape is left out.
 * @param {string} text @returns {SVGElement} */
export function parseDrawing(text) {
  const svg = square("icon", []);
  for (const [, name, rest] of text.matchAll(/<([a-z]+)\b([^>]*)>/g)) {
    if (!SHAPES.has(name)) {
      continue;
    }
    const attributes = [...rest.matchAll(/([\w-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g)].map(([, key, a, b]) => [
      key,
      a ?? b,
    ]);
    svg.append(
      shape(
        /** @type {"path"} */ (name),
        Object.fromEntries(attributes.filter(([key, value]) => ATTRIBUTES.has(key) && !value.includes("url("))),
      ),
    );
  }
  return svg;
}

/**
 * A drawing of shapes.
 *
 * @param {[name: string, attributes: Record<string, string>][]} shapes
 * @param {boolean} [filled]
 * @returns {SVGElement}
 */
export function drawn(shapes, filled = false) {
  const known = shapes.filter(([name]) => SHAPES.has(name));
  return square(
    filled ? "icon filled" : "icon",
    known.map(([name, attributes]) => shape(/** @type {"path"} */ (name), attributes)),
  );
}

/** @param {string} name of the class @param {Node[]} shapes */
const square = (name, shapes) => shape("svg", { viewBox: "0 0 24 24", "aria-hidden": "true", class: name }, ...shapes);
