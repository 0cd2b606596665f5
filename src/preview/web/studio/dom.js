/** Elements without HTML in strings, so that Trusted Types and a strict policy have nothing to refuse. */

const SVG = "http://www.w3.org/2000/svg";

/**
 * @typedef {Node | string | null | undefined | false} Child
 * @typedef {{ [name: string]: unknown, class?: string, on?: Record<string, (event: any) => void> }} Props
 */

/** Makes an element. `on` holds listeners; a property that is null, undefined or false is left out.
 * @template {keyof HTMLElementTagNameMap} Tag @param {Tag} tag @param {Props} [props] @param {...Child} children
 * @returns {HTMLElementTagNameMap[Tag]} */
export function h(tag, { on = {}, ...props } = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) {
      continue;
    }
    element.setAttribute(name, value === true ? "" : String(value));
  }
  for (const [name, listener] of Object.entries(on)) {
    element.addEventListener(name, listener);
  }
  element.append(...present(children));
  return element;
}

/** @param {Child[]} children @returns {(Node | string)[]} */
const present = (children) =>
  /** @type {(Node | string)[]} */ (
    children.filter((child) => child !== null && child !== undefined && child !== false)
  );

/** Puts other children into an element, and leaves it alone if it has them already.
 * @param {Element} element @param {...Child} children */
export function fill(element, ...children) {
  const next = present(children);
  const now = [...element.childNodes];
  if (now.length === next.length && now.every((node, index) => node === next[index])) {
    return;
  }
  element.replaceChildren(...next);
}

/** Text in which `words between backticks` are code. @param {string} text @returns {(Node | string)[]} */
export function prose(text) {
  return text.split(/`([^`]*)`/).map((part, index) => (index % 2 === 1 ? h("code", {}, part) : part));
}

/** Finds what index.html has. @param {string} id @returns {HTMLElement} */
export function byId(id) {
  const element = document.getElementById(id);
  if (!element) {
    throw new Error(`index.html has no #${id}`);
  }
  return element;
}

/** A drawing on a square of 24 by 24. @param {string} d @returns {SVGElement} */
export function drawing(d) {
  const svg = shape("svg", { viewBox: "0 0 24 24", "aria-hidden": "true", class: "icon" });
  svg.append(shape("path", { d }));
  return svg;
}

/** What may be in a drawing that comes as text: shapes that draw, and do nothing else. */
const SHAPES = new Set(["circle", "ellipse", "line", "path", "polygon", "polyline", "rect"]);
const ATTRIBUTES = new Set(
  "cx cy d fill fill-rule height opacity points r rx ry stroke stroke-linecap stroke-linejoin stroke-width transform width x x1 x2 y y1 y2".split(
    " ",
  ),
);

/** A theme's icon, made anew from its text shape by shape; what is no shape is left out.
 * @param {string} text @returns {SVGElement} */
export function parseDrawing(text) {
  const svg = shape("svg", { viewBox: "0 0 24 24", "aria-hidden": "true", class: "icon" });
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
        name,
        Object.fromEntries(attributes.filter(([key, value]) => ATTRIBUTES.has(key) && !value.includes("url("))),
      ),
    );
  }
  return svg;
}

/** A drawing of shapes. @param {[name: string, attributes: Record<string, string>][]} shapes @param {boolean} [filled] @returns {SVGElement} */
export function drawn(shapes, filled = false) {
  const svg = shape("svg", { viewBox: "0 0 24 24", "aria-hidden": "true", class: filled ? "icon filled" : "icon" });
  svg.append(...shapes.filter(([name]) => SHAPES.has(name)).map(([name, attributes]) => shape(name, attributes)));
  return svg;
}

/** @param {string} name @param {Record<string, string>} attributes @returns {SVGElement} */
function shape(name, attributes) {
  const element = /** @type {SVGElement} */ (document.createElementNS(SVG, name));
  for (const [key, value] of Object.entries(attributes)) {
    element.setAttribute(key, value);
  }
  return element;
}

/** Says something to who can not see it. @param {string} text */
export function announce(text) {
  const status = byId("status");
  // The same words twice are said twice only if they were gone in between.
  status.textContent = "";
  requestAnimationFrame(() => (status.textContent = text));
}
