/** Elements without HTML in strings, so that Trusted Types and a strict policy have nothing to refuse. */

const SVG = "http://www.w3.org/2000/svg";

/** @typedef {Node | string | false | null | undefined} Child A child that is not there is left out. */
/** @typedef {{ [name: string]: unknown, class?: string }} Props */

/**
 * An attribute that is false or absent is left out; a function listens, as `onclick` does.
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Props} [props]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function make(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (typeof value === "function") {
      /** @type {any} */ (element)[name] = value;
    } else if (value !== false && value != null) {
      element.setAttribute(name, value === true ? "" : String(value));
    }
  }
  element.append(...present(children));
  return element;
}

/**
 * An element of a drawing.
 *
 * @template {keyof SVGElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, string>} attributes
 * @param {...Node} children
 * @returns {SVGElementTagNameMap[Tag]}
 */
export function shape(tag, attributes, ...children) {
  const element = document.createElementNS(SVG, tag);
  Object.entries(attributes).forEach(([name, value]) => element.setAttribute(name, value));
  element.append(...children);
  return element;
}

/**
 * Puts other children into an element, and leaves it alone if it has them already.
 *
 * @param {Element} element
 * @param {...Child} children
 */
export function fill(element, ...children) {
  const next = present(children);
  const now = [...element.childNodes];
  if (now.length !== next.length || now.some((node, index) => node !== next[index])) {
    element.replaceChildren(...next);
  }
}

/** @type {WeakMap<HTMLElement, string>} What each place shows. */
const keys = new WeakMap();

/**
 * Draws the children of an element again if what they show has changed, and leaves the focus at the same button.
 *
 * @param {HTMLElement} place
 * @param {unknown} shows Everything that the children depend on.
 * @param {() => Child[]} children
 */
export function redraw(place, shows, children) {
  const key = JSON.stringify(shows);
  if (keys.get(place) === key) {
    return;
  }
  keys.set(place, key);
  const { activeElement } = /** @type {ShadowRoot} */ (place.getRootNode());
  const focused =
    activeElement instanceof HTMLElement && place.contains(activeElement) ? activeElement.dataset.key : "";
  place.replaceChildren(...present(children()));
  if (focused) {
    /** @type {HTMLElement | null} */ (place.querySelector(`[data-key="${CSS.escape(focused)}"]`))?.focus();
  }
}

/** @param {Child[]} children @returns {(Node | string)[]} */
const present = (children) =>
  /** @type {(Node | string)[]} */ (children.filter((child) => child !== false && child != null));
