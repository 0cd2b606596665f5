/** Dialogs: the browser's own, which keeps the focus inside and gives it back. */

import { make } from "../shared/dom.js";
import { iconButton } from "./icons.js";

/** Opens a dialog over everything.
 * @param {object} options
 * @param {string} options.title
 * @param {string} [options.about] a sentence below the title
 * @param {string} [options.kind] class of its size
 * @param {() => void} [options.onClose] */
export function openDialog({ title, about = "", kind = "", onClose = () => {} }) {
  const id = `dialog${(count += 1)}`;
  const body = make("div", { class: "dialog-body" });
  const actions = make("div", { class: "dialog-actions" });
  const close = () => element.close();
  const element = make(
    "dialog",
    { class: `dialog ${kind}`, "aria-labelledby": id },
    make("div", { class: "dialog-head" }, make("h2", { id }, title), iconButton("close", "Close", close)),
    about && make("p", { class: "dialog-about" }, about),
    body,
    actions,
  );
  const opener = document.activeElement;
  element.addEventListener("close", () => {
    element.remove();
    if (opener instanceof HTMLElement && opener.isConnected) {
      opener.focus();
    }
    onClose();
  });
  // A click on the backdrop is one on the dialog itself.
  element.addEventListener("mousedown", (event) => event.target === element && close());
  document.body.append(element);
  element.showModal();
  return { element, body, actions, close };
}

let count = 0;

/** Lines with their tags, as a code review shows them.
 * @param {import("./types.js").FileDiff[]} files @param {string} [empty] */
export function diffView(files, empty = "No differences.") {
  if (files.length === 0) {
    return make("p", { class: "empty" }, empty);
  }
  return make("div", { class: "diffs" }, ...files.map(fileView));
}

/** @type {Record<string, [kind: string, said: string]>} */
const TAGS = { "+": ["added", "added: "], "-": ["removed", "removed: "], "@": ["place", ""], " ": ["same", ""] };

/** @param {import("./types.js").FileDiff} file */
function fileView({ path, diff }) {
  const lines = diff.map(({ tag, text }) => {
    const [kind, said] = TAGS[tag] ?? TAGS[" "];
    const shown = text.replace(/\r?\n$/, "") || " ";
    return make(
      "div",
      { class: `diff-line ${kind}` },
      make("span", { class: "diff-tag", "aria-hidden": "true" }, tag === "@" ? "" : tag),
      said && make("span", { class: "sr" }, said),
      make("span", {}, shown),
    );
  });
  return make(
    "section",
    { class: "diff", "aria-label": `Changes in ${path}` },
    make("h3", { class: "mono" }, path),
    make("div", { class: "diff-lines mono", tabindex: 0, role: "group", "aria-label": `Lines of ${path}` }, ...lines),
  );
}
