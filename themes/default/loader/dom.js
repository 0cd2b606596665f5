/** Elements without HTML in strings: a host page's policy may forbid it. */

/** @import { Drawing } from "./types.js" */

/**
 * @template {string} Tag
 * @this {unknown} whether it is a shape
 * @param {Tag} tag
 * @param {Record<string, string>} attributes
 * @param {(Node | Drawing | string)[]} children
 * @returns {Tag extends keyof HTMLElementTagNameMap ? HTMLElementTagNameMap[Tag] : HTMLElement}
 */
export function make(tag, attributes, ...children) {
  const isShape = this || tag === "svg";
  const element = document.createElementNS(`http://www.w3.org/${isShape ? "2000/svg" : "1999/xhtml"}`, tag);
  for (const name in attributes) {
    element.setAttribute(name, attributes[name]);
  }
  element.append(...children.map((child) => (Array.isArray(child) ? make.apply(isShape, child) : child)));
  return /** @type {any} */ (element);
}

/**
 * Gives an element a shadow root with one box in it that carries the looks.
 *
 * @param {HTMLElement} element
 * @param {CSSStyleSheet[]} sheets Constructed ones, because a host page's policy may forbid inline styles.
 */
export function shadow(element, ...sheets) {
  const box = make("div", { class: "box" });
  const root = element.attachShadow({ mode: "open" });
  root.adoptedStyleSheets = sheets;
  root.append(box);
  return box;
}

/** @param {string} css */
export function sheet(css) {
  const made = new CSSStyleSheet();
  made.replaceSync(css);
  return made;
}
