/** Light or dark as the page behind the launcher. Only loaders of brands that ask for it fetch this. */

/** @import { Widget } from "../../loader/widget.js" */

/** Paint with more transparency than this shows what lies behind it; colours that are lighter than this are light. */
const HALF = 0.5;

/** CSS pixels from the edges of the window to where the launcher is. */
const INSET = 40;

/**
 * Lets a widget follow the page from now on.
 *
 * @param {Widget} widget
 */
export function follow(widget) {
  const { documentElement, body } = document;
  widget.tone = () => toneAt(widget);
  // The switches of dark modes are on one of them.
  const observer = new MutationObserver(widget.settle);
  [documentElement, body].forEach((node) => observer.observe(node, { attributes: true }));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", widget.settle);
  widget.settle();
}

/**
 * @param {Widget} widget
 * @returns {"light" | "dark"}
 */
function toneAt({ host, box }) {
  const { position = "" } = box.dataset;
  const x = position.endsWith("left") ? INSET : innerWidth - INSET;
  const y = position.startsWith("top") ? INSET : innerHeight - INSET;
  const layers = [];
  /** @type {Element | null | undefined} */
  let layer = document.elementsFromPoint(x, y).find((element) => element !== host);
  for (; layer; layer = layer.parentElement) {
    layers.push(layer);
  }
  // Where the body ends, its paint goes on.
  for (const element of [...layers, document.body]) {
    const light = lightness(getComputedStyle(element).backgroundColor);
    if (light !== undefined) {
      return light < HALF ? "dark" : "light";
    }
  }
  return getComputedStyle(document.documentElement).colorScheme === "dark" ? "dark" : "light";
}

/**
 * How light a computed colour looks, 0 to 1, or `undefined` if it is transparent.
 *
 * @param {string} color `rgb(0, 0, 0)`, `color(srgb 0 0 0)`, `oklch(0 0 0)`, `lab(0 0 0)`, each with or without an alpha.
 */
function lightness(color) {
  const [one = 0, two = 0, three = 0, alpha = 1] = (color.match(/[\d.]+(e-\d+)?/g) ?? []).map(Number);
  if (alpha < HALF) {
    return undefined;
  }
  if (/^(rgb|color)/.test(color)) {
    return (0.3 * one + 0.59 * two + 0.11 * three) / (color[0] === "r" ? 255 : 1);
  }
  return one / (color.startsWith("ok") ? 1 : 100);
}
