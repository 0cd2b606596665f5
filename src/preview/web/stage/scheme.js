/**
 * Light or dark as the studio wants it. A frame can not be given another system than the visitor's, so widgets that
 * follow that are told to follow the studio instead.
 */

/** @import { Widget } from "../../../../themes/default/loader/types.js" */

/** @type {Set<string>} Names of widgets that were told. */
const told = new Set();

/**
 * @param {Map<string, Widget>} widgets of the page
 * @param {string | null} wanted `light` or `dark`; anything else is the visitor's own
 */
export function dress(widgets, wanted) {
  for (const [name, { options, settings, settle }] of widgets) {
    if ((wanted === "light" || wanted === "dark") && settings.scheme === "auto") {
      options.theme = wanted;
      told.add(name);
    } else if (told.delete(name)) {
      delete options.theme;
    } else {
      continue;
    }
    settle();
    dressInline(settings.name, options.theme ?? settings.scheme);
  }
}

/**
 * Chats in the page took their scheme when they were made.
 *
 * @param {string} name
 * @param {string} scheme
 */
export function dressInline(name, scheme) {
  for (const element of document.querySelectorAll(`chatkit-widget[name="${name}"]`)) {
    element.shadowRoot?.querySelector(".box")?.setAttribute("data-scheme", scheme);
  }
}
