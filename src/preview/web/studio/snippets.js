/** What a person copies: the code of each snippet, and when to take which. */

import { make } from "../shared/dom.js";
import { announce, byId } from "./page.js";
import { SNIPPETS } from "./hints.js";
import { icon, textButton } from "./icons.js";
import { humanise } from "./schema.js";

/** @import { Snippet } from "./types.js" */

let drawn = "";

/** @param {string} widget @param {Snippet[]} snippets */
export function showSnippets(widget, snippets) {
  const key = JSON.stringify([widget, snippets]);
  if (key === drawn) {
    return;
  }
  drawn = key;
  const place = byId("snippets");
  if (snippets.length === 0) {
    place.replaceChildren(make("p", { class: "empty" }, "The code appears here once the widget has no errors."));
    return;
  }
  place.replaceChildren(...snippets.map(snippetCard));
}

/** The code of a snippet, with a button that copies it. @param {Snippet} snippet */
export function snippetCard({ kind, code }) {
  const { title, about } = SNIPPETS[kind] ?? { title: humanise(kind), about: "" };
  const button = textButton("copy", "Copy", () => void copy(), { class: "button small" });
  button.setAttribute("aria-label", `Copy the code of ${title}`);
  const text = make(
    "pre",
    { class: "mono", tabindex: 0, role: "group", "aria-label": `Code of ${title}` },
    code.trim(),
  );

  async function copy() {
    try {
      await navigator.clipboard.writeText(code);
      announce(`${title}: code copied`);
      button.replaceChildren(icon("check"), make("span", {}, "Copied"));
      setTimeout(() => button.replaceChildren(icon("copy"), make("span", {}, "Copy")), 1600);
    } catch {
      // Without leave for the clipboard, the code is selected, so that a key copies it.
      const selection = getSelection();
      selection?.selectAllChildren(text);
      announce("Press Ctrl+C to copy the selected code.");
    }
  }
  return make(
    "article",
    { class: "snippet" },
    make("header", {}, make("h3", {}, title), make("p", {}, about), button),
    text,
  );
}
