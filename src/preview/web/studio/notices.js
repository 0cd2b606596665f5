/** What the page says by itself: errors in the files over the preview, and news at the top. */

import { byId, h } from "./dom.js";
import { icon, iconButton } from "./icons.js";

/** @import { Problem } from "./types.js" */

/** Lays the files' errors over the last good preview; without any, they go away. @param {Problem[]} problems */
export function showFileErrors(problems) {
  const overlay = byId("overlay");
  overlay.hidden = problems.length === 0;
  if (problems.length === 0) {
    return overlay.replaceChildren();
  }
  const files = [...new Set(problems.map(({ file }) => file))].join(", ");
  overlay.replaceChildren(
    h(
      "header",
      {},
      icon("warning"),
      h("h2", {}, problems.length === 1 ? `An error in ${files}` : `${problems.length} errors in ${files}`),
      iconButton("close", "Look at the preview", () => (overlay.hidden = true)),
    ),
    h("p", {}, "Below is the last state that was fine. This goes away when the file is."),
    ...problems.map(({ rendered, message }) => h("pre", { class: "mono", tabindex: 0 }, rendered || message)),
  );
}

/** One piece of news, until it is closed or replaced by another one.
 * @param {string} title @param {{ lists?: { title: string, items: string[] }[], action?: HTMLElement, kind?: string }} [more] */
export function notice(title, { lists = [], action, kind = "" } = {}) {
  const place = byId("notice");
  place.className = `notice ${kind}`;
  place.replaceChildren(
    h(
      "div",
      {},
      h("p", { class: "notice-title" }, title),
      ...lists
        .filter(({ items }) => items.length > 0)
        .flatMap((list) => [
          h("p", {}, list.title),
          h("ul", { class: "mono" }, ...list.items.map((item) => h("li", {}, item))),
        ]),
    ),
    action ?? "",
    iconButton("close", "Close", () => hideNotice()),
  );
  place.hidden = false;
}

/** Takes the news away. */
export function hideNotice() {
  const place = byId("notice");
  place.hidden = true;
  place.replaceChildren();
}
