/** The loaders of a host page, kept up to date while their site is edited. */

/** @import { Widget } from "../../../../themes/default/loader/types.js" */
/** @import { Loader } from "./loader-parts.js" */

import { adopt } from "./adopt.js";
import { widgetOf } from "../shared/address.js";
import { isAdoptable } from "./loader-parts.js";
import { replace } from "./replace.js";

/** Where the loaders of a page keep their widgets. */
const WIDGETS = Symbol.for("chatkit-embed.widgets");

/** @returns {Map<string, Widget>} */
export function widgets() {
  return /** @type {any} */ (window)[WIDGETS] ?? new Map();
}

/** Script tags of loaders that one server serves. @param {string} origin */
export function tags(origin) {
  return [...document.scripts].filter(
    ({ src }) => src.startsWith(`${origin}/`) && src.split("?")[0].endsWith(".js") && widgetOf(new URL(src).pathname),
  );
}

/** @param {HTMLScriptElement} tag */
const nameOf = ({ src }) => widgetOf(new URL(src).pathname);

/** @type {Map<string, { text: string, loader: Loader }>} What runs, by the widget's name. */
const running = new Map();

/**
 * Brings one widget up to date.
 *
 * @param {string} origin of what serves it
 * @param {string} name
 * @param {() => void} seen The visitor sees what has changed.
 */
export async function update(origin, name, seen) {
  const own = tags(origin).filter((tag) => nameOf(tag) === name);
  const widget = widgets().get(name);
  if (own.length === 0) {
    return;
  }
  const [address] = own[0].src.split("?");
  const reply = await fetch(address.replace(/\.js$/, "/loader.json"), { cache: "no-store" });
  if (!reply.ok) {
    return;
  }
  const text = await reply.text();
  /** @type {Loader} */
  const loader = JSON.parse(text);
  const before = running.get(name);
  running.set(name, { text, loader });
  if (text === before?.text || (!before && same(loader.settings, widget?.settings))) {
    return;
  }
  // The first time, the loader that runs is known by its settings alone.
  const isPanelKnown = widget?.settings.rest === loader.settings.rest;
  if (
    widget &&
    (before || isPanelKnown) &&
    isAdoptable(before?.loader ?? { ...loader, settings: widget.settings }, loader)
  ) {
    adopt(widget, loader);
    seen();
  } else {
    await replace(widgets(), name, () => run(own), seen);
  }
}

/** Runs loaders anew, in the order of the page. @param {HTMLScriptElement[]} own */
async function run(own) {
  for (const tag of own) {
    const next = document.createElement("script");
    for (const { name, value } of tag.attributes) {
      next.setAttribute(name, value);
    }
    // A browser may run the old one from its memory.
    next.src = `${tag.src.split("?")[0]}?${Date.now()}`;
    // It would open as the visitor left it; whoever replaces it does so in time.
    const { open } = next.dataset;
    next.dataset.open = "false";
    await new Promise((resolve, reject) => {
      next.onload = resolve;
      next.onerror = reject;
      tag.replaceWith(next);
    });
    delete next.dataset.open;
    if (open !== undefined) {
      next.dataset.open = open;
    }
  }
}

/** @param {unknown} one @param {unknown} other */
const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);
