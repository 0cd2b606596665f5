/** What the page says by itself: errors in the files over the preview, and news at the top. */

import { make } from "../shared/dom.js";
import { ApiError } from "./api.js";
import { announce, byId } from "./page.js";
import { icon, iconButton, textButton } from "./icons.js";
import { edited } from "./saving.js";

/** @import { Edit, Problem } from "./types.js" */

/** Lays the files' errors over the last good preview; without any, they go away. @param {Problem[]} problems */
export function showFileErrors(problems) {
  const overlay = byId("overlay");
  overlay.hidden = problems.length === 0;
  if (problems.length === 0) {
    return overlay.replaceChildren();
  }
  const files = [...new Set(problems.map(({ file }) => file))].join(", ");
  overlay.replaceChildren(
    make(
      "header",
      {},
      icon("warning"),
      make("h2", {}, problems.length === 1 ? `An error in ${files}` : `${problems.length} errors in ${files}`),
      iconButton("close", "Show the preview", () => (overlay.hidden = true)),
    ),
    make("p", {}, "The preview below is from before the error. This message goes when the file is fixed."),
    ...problems.map(({ rendered, message }) => make("pre", { class: "mono", tabindex: 0 }, rendered || message)),
  );
}

/** One piece of news, until it is closed or replaced by another one.
 * @param {string} title @param {{ lists?: { title: string, items: string[] }[], action?: HTMLElement, kind?: string }} [more] */
export function notice(title, { lists = [], action, kind = "" } = {}) {
  const place = byId("notice");
  place.className = `notice ${kind}`;
  place.replaceChildren(
    make(
      "div",
      {},
      make("p", { class: "notice-title" }, title),
      ...lists
        .filter(({ items }) => items.length > 0)
        .flatMap((list) => [
          make("p", {}, list.title),
          make("ul", { class: "mono" }, ...list.items.map((item) => make("li", {}, item))),
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

/** @param {unknown} error */
export function showFailure(error) {
  const status = error instanceof ApiError ? error.status : undefined;
  const message = error instanceof Error ? error.message : String(error);
  if (status === 0) {
    notice("The preview has stopped. Start it again with chatkit-embed watch; your changes stay in this tab.", {
      kind: "bad",
    });
  } else if (status === 401 || status === 403) {
    const reload = textButton("reset", "Reload", () => location.reload(), { class: "button small" });
    notice(`${message} Reload the page to go on; your changes stay.`, { kind: "bad", action: reload });
  } else {
    notice(message, { kind: "bad" });
  }
}

/**
 * The files changed on disk.
 *
 * @param {boolean} dirty
 * @param {Edit[]} lost
 * @param {Edit[]} both
 */
export function showMoved(dirty, lost, both) {
  if (!dirty) {
    announce("The files changed on disk. This page now shows the new state.");
    return;
  }
  notice("The files changed on disk. Your changes are on top of them.", {
    kind: lost.length > 0 ? "bad" : "",
    lists: rebased(lost, both),
  });
}

/** Edits from before a reload are back. @param {Edit[]} lost @param {Edit[]} both */
export function showRestored(lost, both) {
  notice("Your unsaved changes are back.", { lists: rebased(lost, both) });
}

/** @param {Edit[]} lost @param {Edit[]} both */
const rebased = (lost, both) => [
  { title: "No longer possible, so dropped:", items: edited(lost) },
  { title: "Also changed in the files; your value is shown:", items: edited(both) },
];
