/**
 * Ties settings to the model: a field knows what the file says at its place, what holds if it says nothing, and how
 * to change it.
 */

import { get, isObject, put } from "./json.js";
import { blank, humanise } from "./schema.js";
import { FOLLOWERS, SEEDS, WHOLE } from "./hints.js";

/** @import { Field, Json, JsonObject, Path, SchemaNode } from "./types.js" */
/** @import { Model } from "./model.js" */

/** @typedef {{ typing?: boolean, about?: Path }} Options */
/** @typedef {(path: Path, value: Json | undefined, options: Options) => void} Assign sets something below a field */

let count = 0;

/** The field of a whole section, such as a widget.
 * @param {object} section
 * @param {Model} section.model
 * @param {Path} section.path
 * @param {SchemaNode} section.node
 * @param {() => Json | undefined} section.inherited @returns {Field} */
export function bind({ model, path, node, inherited }) {
  return field({
    path,
    node,
    label: humanise(path[path.length - 1]),
    empty: undefined,
    own: () => get(/** @type {any} */ (model.doc), path),
    inherited,
    assign: (below, value, options) => model.set([...path, ...below], value, options),
  });
}

/** @param {Pick<Field, 'path' | 'node' | 'label' | 'empty' | 'stead' | 'own' | 'inherited'> & { assign: Assign }} given @returns {Field} */
function field({ assign, ...given }) {
  const { path, node, own, inherited } = given;
  const id = `f${(count += 1)}`;
  // Whoever changes an item of a list changes all of the list.
  const replaced = () => inherited() ?? (node.kind === "list" ? node.fallback : undefined);
  const follows = FOLLOWERS[node.def ?? ""];
  /** @type {Assign} */
  const below = (way, value, options) => {
    const mine = own();
    if (way.length === 1 && way[0] === follows?.leader && isObject(mine) && mine[way[0]] === mine[follows.follower]) {
      return assign([], { ...mine, [follows.leader]: value ?? "", [follows.follower]: value ?? "" }, options);
    }
    if (way.length > 0 && value !== undefined) {
      const whole = wholeOf(node, way[0], mine, inherited());
      if (whole !== undefined) {
        return assign([], /** @type {Json} */ (put(whole, way, value)), options);
      }
    }
    if (way.length > 0 && node.kind === "list" && mine === undefined) {
      return assign([], put(replaced() ?? [], way, value), options);
    }
    assign(way, value, options);
  };
  return {
    ...given,
    id,
    describedBy: `${id}-help ${id}-error`,
    set: (value, { typing = false } = {}) => below([], value, { typing, about: path }),
    child: (key, each, label = humanise(key)) =>
      field({
        path: [...path, key],
        node: each,
        label,
        empty: node.kind !== "object" || node.required.includes(key) ? "" : undefined,
        own: () => inside(node, own(), key),
        stead: key === follows?.follower ? () => inside(node, own(), follows.leader) : undefined,
        // A list of the file's own replaces the whole one below it.
        inherited: () => (node.kind === "list" && own() !== undefined ? undefined : inside(node, replaced(), key)),
        assign: (way, value, options) => below([key, ...way], value, options),
      }),
    as: (each) => field({ ...given, node: each, assign: below }),
  };
}

/** @param {SchemaNode} node @param {Json | undefined} value @param {string} key @returns {Json | undefined} */
function inside(node, value, key) {
  if (isObject(value) || Array.isArray(value)) {
    return get(value, [key]);
  }
  return node.shorthand === key ? value : undefined;
}

/** What has to stand at a field before something below it can be set, if that is not there yet: a shorthand spelled
 * out, or the keys that a new map can not be without.
 * @param {SchemaNode} node @param {string} key @param {Json | undefined} mine @param {Json | undefined} inherited
 * @returns {Json | undefined} */
function wholeOf(node, key, mine, inherited) {
  if (node.kind !== "object") {
    return undefined;
  }
  if (node.shorthand && mine !== undefined && !isObject(mine)) {
    return { [node.shorthand]: mine };
  }
  // Values of variables are not merged, so a colour for one scheme would be one without the other.
  if (mine === undefined && isObject(inherited) && WHOLE.includes(node.def ?? "")) {
    return inherited;
  }
  if (mine !== undefined || inherited !== undefined) {
    return undefined;
  }
  const seeds = seedsOf(node, key);
  return Object.keys(seeds).length > 0 ? seeds : undefined;
}

/** Values of the other required keys, where there is one that is as good as any. A text is for the author to write.
 * @param {SchemaNode} node @param {string} key @returns {JsonObject} */
function seedsOf(node, key) {
  const given = SEEDS[node.def ?? ""] ?? {};
  const others = node.properties.filter(
    ([name, { kind }]) =>
      name !== key && node.required.includes(name) && (name in given || kind === "boolean" || kind === "number"),
  );
  return Object.fromEntries(
    others.map(([name, each]) => [name, given[name] ?? (each.kind === "boolean" ? true : blank(each))]),
  );
}
