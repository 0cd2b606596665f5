/** What a new widget starts with: the fields for its template and language. */

import { make } from "../shared/dom.js";

/** @import { JsonObject, Starters } from "./types.js" */

/** A language as those who speak it write it. @param {string} tag */
export function languageName(tag) {
  const name = new Intl.DisplayNames([tag], { type: "language" }).of(tag) ?? tag;
  return name.charAt(0).toLocaleUpperCase(tag) + name.slice(1);
}

/**
 * The fields.
 *
 * @param {Starters} starters
 * @param {(widget: string) => void} named is told the usual name of a widget of the template
 */
export function starterFields(starters, named) {
  const language = make("select", { id: "new-language" });
  const cards = starters.templates.map(({ name, about }, index) => {
    const input = make("input", { type: "radio", name: "new-template", value: name });
    input.checked = index === 0;
    return make("label", { class: "card" }, input, make("span", {}, make("b", {}, capital(name)), " ", about));
  });
  const element = make(
    "div",
    {},
    make("fieldset", { class: "cards pairs" }, make("legend", { class: "label" }, "What it is for"), ...cards),
    make(
      "div",
      { class: "field" },
      make("div", { class: "field-head" }, make("label", { class: "label", for: "new-language" }, "Language")),
      make("span", { class: "select" }, language),
    ),
  );
  const chosen = () => {
    const input = element.querySelector("input:checked");
    const value = input instanceof HTMLInputElement ? input.value : "";
    return starters.templates.find(({ name }) => name === value) ?? starters.templates[0];
  };
  let wanted = starters.language;
  const draw = () => {
    const { languages, widget } = chosen();
    const tags = Object.keys(languages);
    language.replaceChildren(...tags.map((tag) => make("option", { value: tag }, languageName(tag))));
    language.value = wanted in languages ? wanted : tags[0];
    named(widget);
  };
  language.addEventListener("change", () => (wanted = language.value));
  element.addEventListener("change", (event) => event.target !== language && draw());
  draw();
  return {
    element,
    focus: () => element.querySelector("input")?.focus(),
    /** The widget with this back end, and the template's own words for it. @param {JsonObject} backend */
    read(backend) {
      const widget = structuredClone(chosen().languages[language.value]);
      const own = /** @type {JsonObject} */ (widget.backend);
      return own.type === backend.type ? widget : { ...widget, backend };
    },
  };
}

/** @param {string} name */
const capital = (name) => name.charAt(0).toUpperCase() + name.slice(1);
