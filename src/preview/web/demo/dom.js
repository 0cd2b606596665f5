/** Elements without HTML in strings. */

/** @typedef {Node | string | false | null | undefined} Child */

/**
 * An attribute that is false or absent is left out; a function listens, as `onclick` does.
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, unknown>} attributes
 * @param {Child[]} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") {
      /** @type {any} */ (element)[name] = value;
    } else if (value !== false && value != null) {
      element.setAttribute(name, value === true ? "" : `${value}`);
    }
  }
  element.append(...children.filter((child) => child !== false && child != null));
  return element;
}

/**
 * Fills a place anew, if what it shows has changed, and leaves the focus at the same button.
 *
 * @param {HTMLElement} place
 * @param {unknown} shows Everything that the children depend on.
 * @param {() => Child[]} children
 */
export function fill(place, shows, children) {
  const key = JSON.stringify(shows);
  if (keys.get(place) === key) {
    return;
  }
  keys.set(place, key);
  const root = /** @type {ShadowRoot} */ (place.getRootNode());
  const focused =
    root.activeElement instanceof HTMLElement && place.contains(root.activeElement) ? root.activeElement : null;
  place.replaceChildren(...children().filter((child) => child !== false && child != null));
  if (focused?.dataset.key) {
    /** @type {HTMLElement | null} */ (place.querySelector(`[data-key="${CSS.escape(focused.dataset.key)}"]`))?.focus();
  }
}

/** @type {WeakMap<HTMLElement, string>} What each place shows. */
const keys = new WeakMap();
