/** Settings on the page: label, help, whether they are set, what is wrong with them, and the control between. */

import { make } from "../shared/dom.js";
import * as branding from "./branding.js";
import * as composite from "./composite.js";
import * as controls from "./controls.js";
import { prose } from "./page.js";
import { isAdvanced, ordered } from "./hints.js";
import { iconControl, launcherIconControl } from "./icon-picker.js";
import { iconButton } from "./icons.js";
import { equal } from "./json.js";
import { logoControl } from "./logo.js";
import * as pickers from "./pickers.js";
import { themeControl } from "./themes.js";

/** @import { Control, Field, Json, Part, Problem, Surroundings } from "./types.js" */

/**
 * @typedef {object} Place a setting on the page, to which problems can be tied
 * @property {Field} field
 * @property {HTMLElement} element
 * @property {(problems: Problem[]) => void} show
 */

/** @type {Record<string, (field: Field, around: Surroundings) => Control>} */
const CONTROLS = {
  string: controls.textControl,
  number: controls.numberControl,
  boolean: controls.switchControl,
  choice: controls.choiceControl,
  list: composite.listControl,
  map: composite.mapControl,
  free: controls.jsonControl,
  union: composite.unionControl,
  lines: controls.linesControl,
  color: pickers.colorControl,
  "color-pair": pickers.colorPairControl,
  corner: pickers.cornerControl,
  locale: pickers.localeControl,
  theme: themeControl,
  "brand-color": branding.brandColorControl,
  logo: logoControl,
  length: branding.lengthControl,
  fonts: branding.fontsControl,
  duration: branding.durationControl,
  amount: branding.amountControl,
  variables: branding.variablesControl,
  several: pickers.severalControl,
  icon: iconControl,
  "launcher-icon": launcherIconControl,
};

/**
 * Makes the parts of fields, and knows which places are on the page. One function of over 60 lines: a section and a
 * setting build each other, and none of its functions has 50.
 *
 * @param {object} options
 * @param {Pick<Surroundings, 'icons' | 'themes' | 'look' | 'upload' | 'announce'>} options.around
 * @param {(field: Field) => Json | undefined} options.saved what the files on disk say at a field
 * @param {() => string | null} options.backend kind of the widget that is edited
 */
export function fieldFactory({ around, saved, backend }) {
  /** @type {Set<Place>} */
  const places = new Set();
  /** @type {Surroundings} */
  const surroundings = { ...around, build };

  /** @param {Field} field @returns {Part} */
  function build(field) {
    return field.node.kind === "object" ? section(field) : setting(field);
  }

  /** Keeps a place for as long as it is on the page. @param {Place} place */
  function remember(place) {
    for (const each of places) {
      if (!each.element.isConnected) {
        places.delete(each);
      }
    }
    // Not yet on the page while it is made, so it is added once it is.
    queueMicrotask(() => places.add(place));
  }

  /** A setting with a control. @param {Field} field @returns {Part} */
  function setting(field) {
    const { node } = field;
    const control = CONTROLS[node.control ?? node.kind](field, surroundings);
    const labelId = `${field.id}-label`;
    const label = control.group
      ? make("span", { class: "label", id: labelId }, field.label)
      : make("label", { class: "label", id: labelId, for: field.id }, field.label);
    if (control.group) {
      for (const [name, value] of Object.entries({
        role: "group",
        "aria-labelledby": labelId,
        "aria-describedby": field.describedBy,
      })) {
        control.element.setAttribute(name, value);
      }
    }
    const reset = resetButton(field);
    const help = helpFor(field);
    const mark = make("span", { class: "mark" });
    const error = make("div", { class: "error", id: `${field.id}-error` });
    const element = make(
      "div",
      { class: `field kind-${node.kind}`, "data-path": field.path.join(".") },
      make("div", { class: "field-head" }, label, help.button, mark, reset),
      control.element,
      help.element,
      error,
    );
    remember({ field, element, show: (problems) => showProblems(element, error, problems) });
    return {
      element,
      update() {
        const own = field.own();
        mark.textContent = own === undefined && field.inherited() !== undefined ? "inherited" : "";
        reset.hidden = own === undefined || field.empty === "";
        element.classList.toggle("changed", !equal(own, saved(field)));
        element.hidden = !applies(field, own, backend());
        control.update();
      },
    };
  }

  /** A section of settings. @param {Field} field @returns {Part} */
  function section(field) {
    const labelId = `${field.id}-label`;
    const error = make("div", { class: "error", id: `${field.id}-error` });
    const reset = resetButton(field);
    const help = helpFor(field);
    const children = ordered(field.node).map(([key, node]) => withSiblings(field, key, node));
    const parts = children.filter(({ path }) => !isAdvanced(path)).map(build);
    // What holds nothing but sections needs no heading: theirs say enough.
    const plain = field.node.properties.every(([, node]) => node.kind === "object");
    const element = make(
      "section",
      {
        class: plain ? "section plain" : "section",
        role: "group",
        "aria-labelledby": labelId,
        "data-path": field.path.join("."),
      },
      make("div", { class: "section-head" }, make("h3", { id: labelId }, field.label), help.button, reset),
      help.element,
      error,
      make("div", { class: "section-fields" }, ...parts.map((part) => part.element)),
    );
    remember({ field, element, show: (problems) => showProblems(element, error, problems) });
    return {
      element,
      update() {
        reset.hidden = field.own() === undefined || field.empty === "";
        element.hidden = !applies(field, field.own(), backend());
        for (const part of parts) {
          part.update();
        }
      },
    };
  }

  return { build, places: () => [...places].filter(({ element }) => element.isConnected) };
}

/** A child that knows what the `type` beside it says. @type {WeakMap<Field, () => Json | undefined>} */
const kinds = new WeakMap();

/** @param {Field} parent @param {string} key @param {import("./types.js").SchemaNode} node */
export function withSiblings(parent, key, node) {
  const field = parent.child(key, node);
  const type = parent.node.properties.find(([name]) => name === "type");
  if (type) {
    const kind = parent.child(...type);
    kinds.set(field, () => kind.own() ?? kind.inherited());
  }
  return field;
}

/** Whether a setting has a meaning beside what is chosen elsewhere. One that is set is always shown.
 * @param {Field} field @param {Json | undefined} own @param {string | null} backend */
function applies(field, own, backend) {
  if (own !== undefined) {
    return true;
  }
  const { types, backends } = field.node;
  const type = kinds.get(field)?.();
  if (types && typeof type === "string" && !types.includes(type)) {
    return false;
  }
  return !(backends && backend && !backends.includes(backend));
}

/** Words up to which a sentence says no more than a label and its control. */
const NEEDLESS = 4;

/** The text of a setting, and a button that shows it. Screen readers read it with the control, shown or not.
 * @param {Field} field */
function helpFor({ id, label, node }) {
  const text = helpOf(node);
  const element = make("p", { class: "help", id: `${id}-help`, hidden: true }, ...prose(text));
  if (text.split(" ").length <= NEEDLESS) {
    return { element, button: null };
  }
  const button = make(
    "button",
    {
      type: "button",
      class: "help-button",
      "aria-label": `Help on ${label.toLowerCase()}`,
      "aria-expanded": "false",
      "aria-controls": element.id,
      title: element.textContent,
    },
    make("span", { "aria-hidden": "true" }, "?"),
  );
  button.addEventListener("click", () => {
    element.hidden = !element.hidden;
    button.setAttribute("aria-expanded", String(!element.hidden));
  });
  return { element, button };
}

/** The text about a setting: a default that its control shows is not repeated.
 * @param {import("./types.js").SchemaNode} node */
const helpOf = ({ description, words }) => (words ? `${description} Default: ${words}.` : description);

/** @param {Field} field */
function resetButton(field) {
  return iconButton(
    "reset",
    `Reset ${field.label.toLowerCase()}`,
    () => {
      field.set(undefined);
      document.getElementById(field.id)?.focus();
    },
    { class: "reset" },
  );
}

/** @param {HTMLElement} element @param {HTMLElement} error @param {Problem[]} problems */
function showProblems(element, error, problems) {
  const texts = problems.map(({ message, help }) => (help ? `${message}. ${sentence(help)}` : message));
  if (error.dataset.said === texts.join("\n")) {
    return;
  }
  error.dataset.said = texts.join("\n");
  error.replaceChildren(...texts.map((text) => make("p", {}, ...prose(sentence(text)))));
  element.classList.toggle("invalid", texts.length > 0);
  for (const input of element.querySelectorAll(":scope > [data-field], :scope > :not(.section-fields) [data-field]")) {
    if (texts.length > 0) {
      input.setAttribute("aria-invalid", "true");
    } else {
      input.removeAttribute("aria-invalid");
    }
  }
}

/** @param {string} text */
const sentence = (text) => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
