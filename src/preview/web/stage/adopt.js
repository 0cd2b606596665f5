/** New settings for a widget as it stands: launcher, place and looks change, and the chat in its panel goes on. */

/** @import { Drawing, Widget } from "../../../../themes/default/loader/types.js" */
/** @import { Loader } from "./loader-parts.js" */

import { dressInline } from "./scheme.js";

const SHAPES = /^(svg|path|circle|ellipse|line|poly|rect)/;

/**
 * @param {Widget} widget
 * @param {Loader} loader
 */
export function adopt(widget, { settings, css }) {
  const { launcher, looks, box, unread } = widget;
  /** @type {any} The widget reads its settings from this very object. */
  const own = widget.settings;
  const hasNewIcon = JSON.stringify(own.icon) !== JSON.stringify(settings.icon);
  const opensNow = settings.open && !own.open;
  Object.keys(own)
    .filter((key) => !(key in settings))
    .forEach((key) => delete own[key]);
  Object.assign(own, settings);

  looks.replaceSync(css);
  launcher.title = launcher.ariaLabel = unread ? `${settings.label} (${unread} new)` : settings.label;
  if (hasNewIcon) {
    const old = launcher.querySelector(".icon:not(.opened)");
    const next = draw(settings.icon);
    next.classList.toggle("closed", old?.classList.contains("closed") ?? false);
    old?.replaceWith(next);
  }
  widget.settle();
  dressInline(settings.name, box.dataset.scheme ?? settings.scheme);
  if (opensNow) {
    widget.load().then((panel) => panel.open("load", true));
  }
}

/** @param {Drawing} drawing @returns {Element} */
function draw([tag, attributes, ...children]) {
  const element = document.createElementNS(`http://www.w3.org/${SHAPES.test(tag) ? "2000/svg" : "1999/xhtml"}`, tag);
  Object.entries(attributes).forEach(([name, value]) => element.setAttribute(name, value));
  element.append(...children.map((child) => (typeof child === "string" ? child : draw(child))));
  return element;
}
