/** Which widget is edited: switch, add, rename, duplicate, remove. */

import { make } from "../shared/dom.js";
import { openDialog } from "./dialog.js";
import { announce, byId } from "./page.js";
import { icon, textButton } from "./icons.js";
import { aliasesOf, askName, askToRemove, freeName, nameField, renamed, withoutAliases } from "./naming.js";
import { hideNotice, notice, showFailure } from "./notices.js";
import { Rows } from "./rows.js";
import { starterFields } from "./starters.js";

/** @import { JsonObject, SchemaNode, Starters } from "./types.js" */
/** @import { Kinds } from "./kinds.js" */
/** @import { Model } from "./model.js" */
/** @import { Scope } from "./settings.js" */

/** Widgets up to which there is nothing to search, and up to which the menu itself scrolls, and not their list. */
const FEW = 12;
const MOST = 48;

/** The menu of widgets. */
export class Widgets {
  #menu = byId("widget-menu");
  #button = /** @type {HTMLButtonElement} */ (byId("widget-button"));
  /** @type {Scope} */
  #scope = ["site"];
  /** The list of many widgets. @type {Rows | null} */
  #rows = null;
  /** What widgets were called before somebody renamed them here. @type {Map<string, string>} */
  #earlier = new Map();
  /** The widget that the page says is gone. @type {string | null} */
  #removed = null;

  /**
   * @param {object} options
   * @param {Model} options.model
   * @param {{ widget: SchemaNode, name: RegExp, starters: Record<string, JsonObject> }} options.schema
   * @param {() => Set<string>} options.listed the names of those in the files
   * @param {Kinds} options.kinds
   * @param {() => Promise<Starters>} options.starters what a new one can start with
   * @param {(scope: Scope) => void} options.go
   */
  constructor({ model, schema, listed, kinds, starters, go }) {
    this.model = model;
    this.schema = schema;
    this.listed = listed;
    this.kinds = kinds;
    this.starters = starters;
    this.go = go;
    this.#menu.addEventListener(
      "beforetoggle",
      (event) => /** @type {ToggleEvent} */ (event).newState === "open" && this.#draw(),
    );
    this.#menu.addEventListener("toggle", () => {
      const open = this.#menu.matches(":popover-open");
      this.#button.setAttribute("aria-expanded", String(open));
      if (!open) {
        return;
      }
      const { left, bottom } = this.#button.getBoundingClientRect();
      this.#menu.style.left = `${Math.max(8, left)}px`;
      this.#menu.style.top = `${bottom + 6}px`;
      if (this.#menu.querySelector("input")?.value) {
        // Who types at once is quicker than this event.
        return;
      }
      const place = this.#scope[0] === "widgets" ? this.names.indexOf(this.#scope[1]) : -1;
      if (this.#rows && place >= 0) {
        this.#rows.show(this.names);
        this.#rows.center(place);
        return;
      }
      this.#rows?.show(this.names);
      /** @type {HTMLElement | null} */ (
        this.#menu.querySelector("[aria-current]") ?? this.#menu.querySelector("button")
      )?.focus();
    });
    this.#menu.addEventListener("keydown", (event) => (this.#rows ? this.#step(event, this.#rows) : this.#go(event)));
  }

  /** Keys of a menu with few widgets. @param {KeyboardEvent} event */
  #go(event) {
    const buttons = [...this.#menu.querySelectorAll("button")];
    const index = buttons.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement));
    const to = { ArrowDown: index + 1, ArrowUp: index - 1, Home: 0, End: -1 }[event.key];
    if (to === undefined) {
      return;
    }
    event.preventDefault();
    buttons.at(to % buttons.length)?.focus();
  }

  /**
   * Keys of a menu with many: through the search, the rows, of which most are not in the page, and the buttons below.
   *
   * @param {KeyboardEvent} event
   * @param {Rows} rows
   */
  #step(event, rows) {
    const search = this.#menu.querySelector("input");
    const below = [...this.#menu.querySelectorAll("button")].filter((button) => !rows.element.contains(button));
    const button = below.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement));
    const row = rows.focused;
    const last = rows.count + below.length - 1;
    const at = row >= 0 ? row : button >= 0 ? rows.count + button : -1;
    const [first, end] = row >= 0 ? [0, rows.count - 1] : [rows.count, last];
    const { key } = event;
    if (at < 0 && key !== "ArrowDown") {
      return;
    }
    /** @type {Record<string, number | undefined>} */
    const ways = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      Home: first,
      End: end,
      PageDown: row >= 0 ? Math.min(end, at + rows.page) : undefined,
      PageUp: row >= 0 ? Math.max(0, at - rows.page) : undefined,
    };
    const to = ways[key];
    if (to === undefined) {
      // What is typed is searched.
      if (key.length === 1 && key !== " " && !event.ctrlKey && !event.metaKey && !event.altKey) {
        search?.focus();
      }
      return;
    }
    event.preventDefault();
    if (to < 0) {
      search?.focus();
    } else if (to < rows.count) {
      rows.focus(to);
    } else {
      below[Math.min(to, last) - rows.count].focus();
    }
  }

  /** Names of all widgets, the new ones too. */
  get names() {
    const listed = this.listed();
    const fresh = Object.keys(this.model.doc.widgets).filter((name) => !listed.has(name));
    return [...[...listed].filter((name) => this.has(name)), ...fresh];
  }

  /** Whether there is a widget: a new one, or one in the files that was not removed. @param {string} name */
  has(name) {
    const { base, doc } = this.model;
    return Object.hasOwn(doc.widgets, name) || (this.listed().has(name) && !Object.hasOwn(base.widgets, name));
  }

  /** @param {Scope} scope what is edited now */
  update(scope) {
    this.#scope = scope;
    if (this.#removed !== null && this.has(this.#removed)) {
      this.#removed = null;
      hideNotice();
    }
    const [kind, name] = scope;
    const title = kind === "widgets" ? name : kind === "defaults" ? "All widgets" : "Site";
    this.#button.querySelector(".widget-name")?.replaceChildren(title);
    this.#button.querySelector(".widget-kind")?.replaceChildren(this.#about(scope));
  }

  #draw() {
    const scope = this.#scope;
    const [kind, name] = scope;
    const entry = (/** @type {Scope} */ to, /** @type {string} */ label, /** @type {string} */ picture) => {
      const current = to.join(".") === scope.join(".");
      const about = make("span", { class: "menu-about" }, this.#about(to));
      if (about.textContent === "") {
        this.kinds.ask(to[1]).then(() => about.replaceChildren(this.#about(to)), showFailure);
      }
      const button = make(
        "button",
        { type: "button", class: "menu-item", "aria-current": current ? "true" : null },
        icon(picture),
        make("span", { class: "menu-name" }, label),
        about,
      );
      button.addEventListener("click", () => {
        this.#menu.hidePopover();
        this.go(to);
      });
      return button;
    };
    const add = this.#item("add", "Add a widget", "", () => void this.add());
    const own = [
      this.#item("pen", `Rename ${name}`, "", () => this.#rename(name)),
      this.#item("copy", `Duplicate ${name}`, "", () => this.#duplicate(name)),
      this.#item("trash", `Remove ${name}`, "danger", () => this.#remove(name)),
    ];
    const { names } = this;
    this.#rows =
      names.length > MOST
        ? new Rows({ label: "Widgets", button: (each) => entry(["widgets", each], each, "bubble") })
        : null;
    const list = this.#rows?.element ?? make("div", { role: "group", "aria-labelledby": "menu-widgets" });
    const search = make("input", {
      type: "search",
      placeholder: `Search ${names.length} widgets`,
      "aria-label": "Search widgets",
      autocomplete: "off",
      spellcheck: "false",
    });
    const show = () => {
      const found = names.filter((each) => each.includes(search.value.trim().toLowerCase()));
      if (this.#rows) {
        this.#rows.show(found);
        announce(found.length === 1 ? "1 widget" : `${found.length} widgets`);
        return;
      }
      list.replaceChildren(...found.map((each) => entry(["widgets", each], each, "bubble")), add);
    };
    search.addEventListener("input", show);
    if (!this.#rows) {
      show();
    }
    this.#menu.replaceChildren(
      names.length > FEW ? make("div", { class: "search" }, icon("search"), search) : "",
      make("p", { class: "menu-title", id: "menu-widgets" }, "Widgets"),
      list,
      this.#rows ? add : "",
      make("p", { class: "menu-title", id: "menu-shared" }, "For all widgets"),
      make(
        "div",
        { role: "group", "aria-labelledby": "menu-shared" },
        entry(["defaults"], "Defaults", "stack"),
        entry(["site"], "Site", "globe"),
      ),
      kind === "widgets" ? make("div", { class: "menu-end" }, ...own) : "",
    );
  }

  /**
   * An entry that does something.
   *
   * @param {string} picture
   * @param {string} label
   * @param {string} kind
   * @param {() => void} act
   */
  #item(picture, label, kind, act) {
    const close = () => {
      this.#menu.hidePopover();
      act();
    };
    return textButton(picture, label, close, { class: `menu-item ${kind}` });
  }

  /** @param {Scope} scope */
  #about([kind, name]) {
    if (kind === "defaults") {
      return "what every widget inherits";
    }
    if (kind === "site") {
      return "address, origins, theme";
    }
    const told = this.kinds.of(name);
    const isNew = !this.listed().has(name);
    const backend = told === undefined && !isNew ? "" : (told ?? "no back end");
    return isNew ? `${backend} · not saved yet` : backend;
  }

  /** Asks for a template, a name and a back end, and adds the widget. */
  async add() {
    /** @type {Starters} */
    let starters;
    try {
      starters = await this.starters();
    } catch (error) {
      return showFailure(error);
    }
    const dialog = openDialog({
      title: "Add a widget",
      about: "A chat with its own name and its own settings.",
    });
    const form = newWidgetForm(this);
    const fields = starterFields(starters, form.suggest);
    form.element.prepend(fields.element);
    const add = make("button", { type: "submit", class: "button primary", form: "new-widget" }, "Add");
    form.element.addEventListener("submit", (event) => {
      event.preventDefault();
      const made = form.read();
      if (!made) {
        return;
      }
      dialog.close();
      this.model.set(["widgets", made.name], fields.read(made.backend));
      this.go(["widgets", made.name]);
      announce(`Widget ${made.name} added`);
    });
    dialog.body.append(form.element);
    dialog.actions.append(textButton("close", "Cancel", dialog.close, { class: "button quiet" }), add);
    fields.focus();
  }

  /** The widget that has taken the place of one that is gone, or that has its place again. @param {string} name */
  successor(name) {
    const { widgets } = this.model.doc;
    const names = Object.keys(widgets);
    const earlier = this.#earlier.get(name);
    return names.find((each) => aliasesOf(widgets[each]).includes(name)) ?? names.find((each) => each === earlier);
  }

  /** @param {string} name */
  #rename(name) {
    const isSaved = this.listed().has(name);
    askName({ name, schema: this.schema, names: this.names, isSaved }, (next) => {
      this.#earlier.set(next, name);
      const widget = renamed(this.model.doc.widgets[name], { from: isSaved ? name : null, to: next });
      this.model.change([{ path: ["widgets", name] }, { path: ["widgets", next], value: widget }]);
      this.go(["widgets", next]);
      byId("widget-button").focus();
      announce(`${name} is now ${next}`);
    });
  }

  /** @param {string} name */
  #duplicate(name) {
    const copy = freeName(name, this.names);
    this.model.set(["widgets", copy], withoutAliases(this.model.doc.widgets[name]));
    this.go(["widgets", copy]);
    byId("widget-button").focus();
    announce(`${copy} is a copy of ${name}`);
  }

  /** @param {string} name */
  #remove(name) {
    const isSaved = this.listed().has(name);
    askToRemove(name, isSaved, () => {
      this.model.set(["widgets", name], undefined);
      announce(`Widget ${name} removed. Undo brings it back.`);
      byId("widget-button").focus();
      // Of one that was never saved, no page can hold a snippet.
      if (!isSaved) {
        return;
      }
      this.#removed = name;
      const undo = textButton("undo", "Undo", () => this.model.undo(), { class: "button quiet" });
      const lost = `Without ${name}, pages that still have its snippet show no chat.`;
      notice(`${lost} Remove the snippet there, or undo this.`, { action: undo });
    });
  }
}

/** The fields of a new widget. @param {Pick<Widgets, 'schema' | 'names'>} widgets */
export function newWidgetForm({ schema, names }) {
  const field = nameField({ schema, names });
  const type = backendType(schema);
  const element = make(
    "form",
    { id: "new-widget", novalidate: true },
    field.element,
    make("fieldset", { class: "cards" }, make("legend", { class: "label" }, "What answers"), ...backendCards(type)),
  );
  let suggested = "";
  return {
    element,
    /** Names it, unless somebody has. @param {string} usual */
    suggest(usual) {
      if (field.input.value === suggested) {
        suggested = freeName(usual, names);
        field.input.value = suggested;
      }
    },
    /** @returns {{ name: string, backend: JsonObject } | null} null: what is wrong is said */
    read() {
      const name = field.read();
      if (name === null) {
        return null;
      }
      const chosen = element.querySelector("[name=new-backend]:checked");
      const kind = chosen instanceof HTMLInputElement ? chosen.value : Object.keys(schema.starters)[0];
      return { name, backend: structuredClone(schema.starters[kind]) };
    },
  };
}

/** @param {Widgets["schema"]} schema */
const backendType = ({ widget }) =>
  widget.properties.find(([key]) => key === "backend")?.[1].properties.find(([key]) => key === "type")?.[1];

/** Choices of a back end, the first one chosen. @param {SchemaNode | undefined} type */
function backendCards(type) {
  return (type?.options ?? []).map(({ value, label, description }, index) => {
    const input = make("input", { type: "radio", name: "new-backend", value });
    input.checked = index === 0;
    return make("label", { class: "card" }, input, make("span", {}, make("b", {}, label), " ", description));
  });
}
