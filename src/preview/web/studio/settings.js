/** The form: one group of settings at a time, or what a search finds in all of them. */

import { fill, make } from "../shared/dom.js";
import { bind } from "./binding.js";
import { isFonts } from "./branding.js";
import { ending } from "./ending.js";
import { byId } from "./page.js";
import { withSiblings } from "./fields.js";
import { GROUPS, advancedOf, groupOf, groupsOf, isAdvanced, ordered, wordsOf } from "./hints.js";
import { icon } from "./icons.js";
import { equal, get } from "./json.js";
import { Knowing } from "./knowing.js";
import { more } from "./more.js";
import { humanise, leaves } from "./schema.js";
import { website } from "./website.js";

/** @import { Field, Json, JsonObject, KnowledgeReply, Part, Path, SchemaNode, WebsiteReply } from "./types.js" */
/** @import { Group } from "./hints.js" */
/** @import { Model } from "./model.js" */

/** Where the settings on the page belong: `["widgets", "support"]`, `["defaults"]`, `["site"]`. @typedef {Path} Scope */

/** The form and the list of its groups. */
export class Settings {
  #form = byId("form");
  #groups = byId("groups");
  #search = /** @type {HTMLInputElement} */ (byId("search"));
  /** @type {Part[]} */
  #parts = [];
  /** Above the settings of an agent. @type {Knowing | null} */
  #knowing = null;
  /** @type {Scope} */
  scope = ["site"];
  /** The widget that was edited last, or `defaults`. @type {Scope | null} */
  #widget = null;
  /** @type {Group} */
  group = GROUPS[0];

  /**
   * @param {object} options
   * @param {Model} options.model
   * @param {{ site: SchemaNode, widget: SchemaNode, starters: Record<string, JsonObject> }} options.schema
   * @param {ReturnType<typeof import("./fields.js").fieldFactory>} options.fields
   * @param {(scope: Scope) => Json | undefined} options.inherited
   * @param {() => Path[]} options.wrong where the problems are
   * @param {(widget: string, question: string) => Promise<KnowledgeReply>} options.knowledge
   * @param {((address: string) => Promise<WebsiteReply>) | null} options.look at a website, where its logo can be kept
   */
  constructor({ model, schema, fields, inherited, wrong, knowledge, look }) {
    this.model = model;
    this.schema = schema;
    this.fields = fields;
    this.inherited = inherited;
    this.wrong = wrong;
    this.knowledge = knowledge;
    this.look = look;
    this.#search.addEventListener("input", () => this.#draw());
    this.#search.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || this.#search.value === "") {
        return;
      }
      event.preventDefault();
      this.#search.value = "";
      this.#draw();
    });
  }

  /** Shows a group of a widget, of `defaults` or of the site. @param {Scope} scope @param {Group} [group] */
  show(scope, group = this.group) {
    const groups = groupsOf(scope);
    this.scope = scope;
    this.#widget = scope[0] === "site" ? this.#widget : scope;
    this.group = groups.find(({ id }) => id === group.id) ?? groups[0];
    this.#search.value = "";
    this.#draw();
  }

  /** Brings the page up to date with the model. */
  update() {
    for (const part of this.#parts) {
      part.update();
    }
    this.#updateGroups();
  }

  /** The server has drawn what was edited. */
  drawn() {
    void this.#knowing?.refresh();
  }

  /** Goes to the setting at a path, or to the nearest one that there is.
   * @param {Path} path @param {{ focus?: boolean }} [options] */
  reveal(path, { focus = true } = {}) {
    const scope = path.slice(0, path[0] === "widgets" ? 2 : 1);
    if (scope.length === 0 || (scope[0] === "widgets" && !get(/** @type {any} */ (this.model.doc), scope))) {
      return;
    }
    const group = groupOf(path.slice(scope.length), groupsOf(scope));
    if (!equal([...scope], [...this.scope]) || group !== this.group || this.#search.value !== "") {
      this.show(scope, group);
    }
    // Places are known once what was drawn just now is on the page.
    queueMicrotask(() => {
      const place = nearest(this.fields.places(), path);
      if (!place) {
        return;
      }
      const folded = place.element.closest("details");
      if (folded) {
        folded.open = true;
      }
      place.element.scrollIntoView({ block: "nearest" });
      place.element.classList.remove("revealed");
      requestAnimationFrame(() => place.element.classList.add("revealed"));
      const find = (/** @type {string} */ what) =>
        /** @type {HTMLElement | null} */ (place.element.querySelector(what));
      const target = find('[data-field]:not([tabindex="-1"])') ?? find("[data-add]") ?? find("button");
      if (focus) {
        target?.focus({ preventScroll: true });
      }
    });
  }

  /** A field for a scope as a whole. */
  #root(scope = this.scope) {
    const node = scope[0] === "site" ? this.schema.site : this.schema.widget;
    return bind({ model: this.model, path: scope, node, inherited: () => this.inherited(scope) });
  }

  #draw() {
    const words = this.#search.value.trim().toLowerCase();
    const drawn = words === "" ? this.#drawGroup() : this.#drawFound(words.split(/\s+/));
    this.#parts = drawn.parts;
    this.#form.replaceChildren(...drawn.children);
    this.#form.parentElement?.scrollTo(0, 0);
    for (const part of this.#parts) {
      part.update();
    }
    this.#drawGroups();
    this.#form.dispatchEvent(new CustomEvent("drawn", { bubbles: true }));
  }

  #drawGroup() {
    const root = this.#root();
    const { title, about } = this.group;
    const fields = this.#fieldsOf(root, this.group);
    // A section that is the whole group needs no heading of its own.
    const flat =
      fields.length === 1 && fields[0].node.kind === "object"
        ? ordered(fields[0].node).map(([key, node]) => withSiblings(fields[0], key, node))
        : fields;
    const built = flat.filter(({ path }) => !isAdvanced(path)).map((field) => this.fields.build(field));
    const parts = [...this.#above(root), ...built, ...this.#more(root)];
    // A section of the group's own name does not say it twice.
    for (const [index, part] of built.entries()) {
      part.element.classList.toggle("untitled", flat[index].label === title && flat[index].node.kind === "object");
    }
    const way = fields.length === 1 ? fields[0].path.slice(this.scope.length).join(".") : "";
    return {
      parts,
      children: [
        make(
          "div",
          { class: "group-head" },
          make("h2", { id: "group-title", tabindex: -1 }, title),
          way && make("code", {}, way),
          make("p", {}, about),
        ),
        ...parts.map((part) => part.element),
      ].filter((child) => !!child),
    };
  }

  /** What is about to end, and what takes its place; what an agent knows. @param {Field} root */
  #above(root) {
    this.#knowing = null;
    const [kind, name] = this.scope;
    if (this.group.id === "brand" && this.look) {
      return [website({ look: this.look, set: (found) => this.#take(found), address: this.#website() })];
    }
    if (kind !== "widgets" || this.group.id !== "backend") {
      return [];
    }
    const field = (/** @type {string} */ key) => /** @type {Field} */ (descend(root, [key]));
    this.#knowing = new Knowing((question) => this.knowledge(name, question));
    void this.#knowing.refresh();
    return [ending(field("backend"), field("session"), this.schema.starters.agent), this.#knowing];
  }

  /** The website that shows the chat, to begin with. */
  #website() {
    const origins = this.model.doc.site.allowed_origins;
    const all = Array.isArray(origins) ? origins.map(String) : [];
    return all.find((origin) => !/[*$]|example\.(com|org|net)$/.test(origin)) ?? "";
  }

  /** What a website looks like becomes the brand, in one step. @param {Record<string, Json>} found */
  #take({ language, ...brand }) {
    const page = this.scope[0] === "site" ? ["defaults"] : this.scope;
    const edits = Object.entries(brand)
      .filter(([key, value]) => key !== "font" || isFonts(String(value)))
      .map(([key, value]) => ({ path: [...this.scope, "brand", key], value }));
    this.model.change([...edits, ...(language ? [{ path: [...page, "page", "language"], value: language }] : [])]);
  }

  /** What few people need. @param {Field} root */
  #more(root) {
    const fields = advancedOf(this.group).map((path) => descend(root, path));
    const present = fields.filter((field) => field !== null);
    const isWrong = () => {
      const wrong = this.wrong();
      return present.some(({ path }) => wrong.some((way) => path.every((key, index) => way[index] === key)));
    };
    return present.length > 0 ? [more(present, this.fields.build, isWrong)] : [];
  }

  /** @param {Field} root @param {Group} group @returns {Field[]} */
  #fieldsOf(root, group) {
    const groups = groupsOf(this.scope);
    if (group.paths.length > 0) {
      const fields = group.paths.map((path) => descend(root, path.split(".")));
      return fields.filter((field) => field !== null).map((field) => this.#without(field, groups));
    }
    // What no other group mentions: a new setting shows by itself.
    return root.node.properties.flatMap(([key, node]) => {
      const field = root.child(key, node);
      const covered = groups.some(({ paths }) => paths.some((path) => path === key || path.startsWith(`${key}.`)));
      if (!covered) {
        return [field];
      }
      if (groupOf([key], groups) !== group || node.kind !== "object") {
        return [];
      }
      return node.properties
        .filter(([below]) => groupOf([key, below], groups) === group)
        .map(([below, each]) => field.child(below, each));
    });
  }

  /** A section without the settings that another group has. @param {Field} field @param {Group[]} groups @returns {Field} */
  #without(field, groups) {
    if (field.node.kind !== "object") {
      return field;
    }
    const way = field.path.slice(this.scope.length);
    const properties = field.node.properties.filter(([key]) => groupOf([...way, key], groups) === groupOf(way, groups));
    return { ...field, node: Object.create(field.node, { properties: { value: properties } }) };
  }

  /** What a search finds in a scope. @param {Scope} scope @param {string[]} words */
  #foundIn(scope, words) {
    const groups = groupsOf(scope);
    const root = this.#root(scope);
    const found = leaves(root.node).filter(({ path, node }) => {
      const names = [...path, ...path.map(humanise), node.description, ...node.options.map(({ label }) => label)];
      const text = wordsOf(names.join(" "), path);
      return words.every((word) => text.includes(wordsOf(word)));
    });
    // In the order of the groups; within one, as the schema has them.
    const rank = (/** @type {Path} */ path) => groups.indexOf(groupOf(path, groups));
    found.sort((a, b) => rank(a.path) - rank(b.path));
    return found.map(({ path }) => ({ path, scope, root, group: groupOf(path, groups) }));
  }

  /** Searches what is edited, and then what else there is: the site, or the widget that was edited last.
   * @param {string[]} words */
  #drawFound(words) {
    const others = this.scope[0] === "site" ? this.#widget : /** @type {Scope} */ (["site"]);
    const isThere = others && (others[0] !== "widgets" || Object.hasOwn(this.model.doc.widgets, others[1]));
    const found = [this.scope, ...(isThere ? [others] : [])].flatMap((scope) => this.#foundIn(scope, words));
    /** @type {Part[]} */
    const parts = [];
    const count = `${found.length} ${found.length === 1 ? "setting" : "settings"}`;
    const title = found.length === 0 ? "Nothing found" : count;
    /** @type {HTMLElement[]} */
    const children = [make("div", { class: "group-head" }, make("h2", { id: "group-title", tabindex: -1 }, title))];
    if (found.length === 0) {
      children.push(make("p", { class: "empty" }, "No setting mentions this. Try another word."));
    }
    let before = "";
    for (const { path, scope, root, group } of found) {
      const heading = scope === this.scope ? group.title : `${nameOf(scope)}: ${group.title}`;
      if (heading !== before) {
        children.push(make("h3", { class: "found-group" }, heading));
      }
      before = heading;
      const field = descend(root, path);
      if (!field) {
        continue;
      }
      const label = path.slice(path[0] === "chatkit" ? 1 : 0).map(humanise);
      const part = this.fields.build({ ...field, label: label.join(" › ") });
      parts.push(part);
      children.push(part.element);
    }
    return { parts, children };
  }

  #drawGroups() {
    const buttons = groupsOf(this.scope).map((group) => {
      const current = group === this.group && this.#search.value === "";
      const button = make(
        "button",
        { type: "button", class: "group", "data-group": group.id, "aria-current": current ? "true" : null },
        icon(group.icon),
        make("span", { class: "group-name" }, group.title),
        make("span", { class: "badge" }),
      );
      button.addEventListener("click", () => {
        this.show(this.scope, group);
        /** @type {HTMLElement | null} */ (this.#groups.querySelector(`[data-group=${group.id}]`))?.focus();
      });
      return make("li", {}, button);
    });
    this.#groups.replaceChildren(...buttons);
    this.#groups.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
    this.#updateGroups();
  }

  #updateGroups() {
    const { scope } = this;
    const isHere = (/** @type {Path} */ path) =>
      scope.every((key, index) => path[index] === key) && path.length > scope.length;
    const of = (/** @type {Path} */ path) => groupOf(path.slice(scope.length), groupsOf(scope)).id;
    const changed = this.model.edits
      .map(({ path }) => path)
      .filter(isHere)
      .map(of);
    const wrong = this.wrong().filter(isHere).map(of);
    for (const button of this.#groups.querySelectorAll("button")) {
      const id = String(button.dataset.group);
      const count = changed.filter((each) => each === id).length;
      const badge = /** @type {HTMLElement} */ (button.querySelector(".badge"));
      const bad = wrong.includes(id);
      badge.className = bad ? "badge bad" : "badge";
      badge.hidden = count === 0 && !bad;
      const said = bad ? "needs a look" : `${count} unsaved`;
      if (badge.dataset.said !== said) {
        badge.dataset.said = said;
        fill(
          badge,
          make("span", { "aria-hidden": "true" }, bad ? "!" : String(count)),
          make("span", { class: "sr" }, said),
        );
      }
    }
  }
}

/** @param {Scope} scope */
const nameOf = ([kind, name]) => (kind === "site" ? "Whole site" : (name ?? "All widgets"));

/** @param {Field} field @param {readonly string[]} path @returns {Field | null} */
function descend(field, [key, ...rest]) {
  if (key === undefined) {
    return field;
  }
  const found = field.node.properties.find(([name]) => name === key);
  return found ? descend(withSiblings(field, ...found), rest) : null;
}

/** The place whose path has most in common with a given one, from the root on.
 * @param {import("./fields.js").Place[]} places @param {Path} path */
export function nearest(places, path) {
  let best = null;
  let most = -1;
  for (const place of places) {
    const way = place.field.path;
    const common = way.findIndex((key, index) => key !== path[index]);
    if (common !== -1) {
      continue;
    }
    // The last one at the same place is what is inside of the others, such as the value of a union.
    if (way.length >= most) {
      [best, most] = [place, way.length];
    }
  }
  return best;
}
