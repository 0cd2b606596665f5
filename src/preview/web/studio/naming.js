/** The names of widgets: what one may be, another one that keeps the earlier, and the end of one. */

import { make } from "../shared/dom.js";
import { openDialog } from "./dialog.js";
import { textButton } from "./icons.js";

/** @import { Json, JsonObject } from "./types.js" */

/** @typedef {{ name: RegExp }} Rules */

/** Rules for the name of a widget. */
const NAME_HELP = "1 to 64 lower-case letters, digits and hyphens. The name becomes part of the addresses.";

/** Most characters of a name. */
const LONGEST = 64;

/** @param {JsonObject} widget @returns {Json[]} its earlier names */
export const aliasesOf = ({ aliases }) => (Array.isArray(aliases) ? aliases : []);

/** A copy without its earlier names, of which each leads to one widget. @param {JsonObject} widget @returns {JsonObject} */
export function withoutAliases(widget) {
  const copy = { ...widget };
  delete copy.aliases;
  return copy;
}

/** A widget under another name, where pages that have the snippet of an earlier one find it.
 * @param {JsonObject} widget
 * @param {{ from: string | null, to: string }} names `from`: null if no page can have that snippet
 * @returns {JsonObject} */
export function renamed(widget, { from, to }) {
  const earlier = [...aliasesOf(widget), from].filter((name) => name !== null && name !== to);
  return earlier.length > 0 ? { ...widget, aliases: earlier } : withoutAliases(widget);
}

/** The name, with a number if it is taken. @param {string} name @param {string[]} taken */
export function freeName(name, taken) {
  let free = name;
  for (let number = 2; taken.includes(free); number += 1) {
    const end = `-${number}`;
    free = `${name.slice(0, LONGEST - end.length)}${end}`;
  }
  return free;
}

/** A field for the name of a widget. @param {{ schema: Rules, names: string[] }} widgets */
export function nameField({ schema, names }) {
  const input = make("input", {
    type: "text",
    id: "new-name",
    "aria-describedby": "new-name-help new-name-error",
    autocomplete: "off",
    spellcheck: "false",
    autocapitalize: "none",
    placeholder: "support",
  });
  const error = make("p", { class: "error", id: "new-name-error", role: "status" });
  const element = make(
    "div",
    { class: "field" },
    make("div", { class: "field-head" }, make("label", { class: "label", for: "new-name" }, "Name")),
    input,
    make("p", { class: "help", id: "new-name-help" }, NAME_HELP),
    error,
  );
  return {
    element,
    input,
    /** @returns {string | null} null: what is wrong is said */
    read() {
      const value = input.value.trim();
      const mistake = !schema.name.test(value)
        ? "Use 1 to 64 lower-case letters, digits and hyphens."
        : names.includes(value)
          ? `${value} already exists.`
          : "";
      error.textContent = mistake;
      input.removeAttribute("aria-invalid");
      if (mistake) {
        input.setAttribute("aria-invalid", "true");
        input.focus();
        return null;
      }
      return value;
    },
  };
}

/** Asks for another name of a widget.
 * @param {{ name: string, schema: Rules, names: string[], isSaved: boolean }} widget
 * @param {(next: string) => void} rename */
export function askName({ name, schema, names, isSaved }, rename) {
  const dialog = openDialog({
    title: `Rename ${name}`,
    about: isSaved
      ? `Pages that have its snippet keep their chat: the widget remembers that it was called ${name}.`
      : "",
  });
  const field = nameField({ schema, names: names.filter((each) => each !== name) });
  field.input.value = name;
  const form = make("form", { id: "rename-widget", novalidate: true }, field.element);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const next = field.read();
    if (next === null) {
      return;
    }
    dialog.close();
    if (next !== name) {
      rename(next);
    }
  });
  dialog.body.append(form);
  dialog.actions.append(
    textButton("close", "Cancel", dialog.close, { class: "button quiet" }),
    make("button", { type: "submit", class: "button primary", form: "rename-widget" }, "Rename"),
  );
  field.input.focus();
  field.input.select();
}

/** Asks whether a widget is to go, and says what that does to pages that have its snippet.
 * @param {string} name @param {boolean} isSaved @param {() => void} remove */
export function askToRemove(name, isSaved, remove) {
  const dialog = openDialog({
    title: `Remove ${name}?`,
    about: isSaved
      ? "Once you save and deploy, pages that still have its snippet show no chat: the button is gone, and links to it lead nowhere. If the chat only gets another name, rename it instead."
      : "It was never saved, so no page has its snippet.",
  });
  const keep = textButton("undo", "Keep it", dialog.close, { class: "button quiet" });
  const yes = textButton("trash", "Remove", () => {
    dialog.close();
    remove();
  });
  yes.classList.add("button", "danger");
  dialog.actions.append(keep, yes);
  keep.focus();
}
