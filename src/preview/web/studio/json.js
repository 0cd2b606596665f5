/** JSON by path, without changing it: every function returns what is new and shares what is not. */

/** @import { Doc, Edit, Json, JsonObject, Path } from "./types.js" */

/** @param {unknown} value @returns {value is JsonObject} */
export const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

/** @param {Json | undefined} root @param {Path} path @returns {Json | undefined} */
export function get(root, path) {
  /** @type {Json | undefined} */
  let value = root;
  for (const key of path) {
    if (Array.isArray(value)) {
      value = value[Number(key)];
    } else if (isObject(value) && Object.hasOwn(value, key)) {
      value = value[key];
    } else {
      return undefined;
    }
  }
  return value;
}

/** With another value at the path; without one, the key is removed.
 * @param {Json | undefined} root @param {Path} path @param {Json | undefined} value @returns {Json | undefined} */
export function put(root, [key, ...rest], value) {
  if (key === undefined) {
    return value;
  }
  if (Array.isArray(root)) {
    const items = [...root];
    const item = put(items[Number(key)], rest, value);
    if (item === undefined) {
      items.splice(Number(key), 1);
    } else {
      items[Number(key)] = item;
    }
    return items;
  }
  if (!isObject(root)) {
    if (value === undefined) {
      return root;
    }
    return { [key]: /** @type {Json} */ (put(undefined, rest, value)) };
  }
  const next = put(Object.hasOwn(root, key) ? root[key] : undefined, rest, value);
  if (next !== undefined) {
    return { ...root, [key]: next };
  }
  const copy = { ...root };
  delete copy[key];
  return copy;
}

/** Removes a key, and then each map that has become empty, down to `keep` keys from the root.
 * @param {Json} root @param {Path} path @param {number} keep @returns {Json} */
export function prune(root, path, keep) {
  let next = /** @type {Json} */ (put(root, path, undefined));
  for (let length = path.length - 1; length > keep; length -= 1) {
    const parent = get(next, path.slice(0, length));
    if (!isObject(parent) || Object.keys(parent).length > 0) {
      break;
    }
    // An item of a list stays where it is: its neighbours have their places.
    if (Array.isArray(get(next, path.slice(0, length - 1)))) {
      break;
    }
    next = /** @type {Json} */ (put(next, path.slice(0, length), undefined));
  }
  return next;
}

/** @param {Json | undefined} a @param {Json | undefined} b @returns {boolean} */
export function equal(a, b) {
  if (a === b) {
    return true;
  }
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((each, index) => equal(each, b[index]));
  }
  if (!isObject(a) || !isObject(b)) {
    return false;
  }
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && equal(a[key], b[key]));
}

/** As the generator lays a widget over its defaults: maps merge, anything else is replaced.
 * @param {Json | undefined} under @param {Json | undefined} over @returns {Json | undefined} */
export function merge(under, over) {
  if (over === undefined) {
    return under;
  }
  if (!isObject(under) || !isObject(over)) {
    return over;
  }
  /** @type {JsonObject} */
  const merged = { ...under };
  for (const [key, value] of Object.entries(over)) {
    merged[key] = /** @type {Json} */ (merge(Object.hasOwn(under, key) ? under[key] : undefined, value));
  }
  return merged;
}

/** The edits that turn one document into the other, as small as they can be; a list is replaced as a whole.
 * @param {Json | undefined} from @param {Json | undefined} to @param {Path} [path] @returns {Edit[]} */
export function diff(from, to, path = []) {
  if (equal(from, to)) {
    return [];
  }
  if (to === undefined) {
    return [{ path }];
  }
  // A map that is new, or has become empty, is one edit: its keys alone would not say so.
  if (!isObject(from) || !isObject(to) || (Object.keys(to).length === 0 && path.length > 0)) {
    return [{ path, value: to }];
  }
  const keys = [...Object.keys(from), ...Object.keys(to).filter((key) => !Object.hasOwn(from, key))];
  return keys.flatMap((key) =>
    diff(Object.hasOwn(from, key) ? from[key] : undefined, Object.hasOwn(to, key) ? to[key] : undefined, [
      ...path,
      key,
    ]),
  );
}

/** The same for two states of a site. Never all widgets as one: those that nobody has opened are not in there.
 * @param {Doc} from @param {Doc} to @returns {Edit[]} */
export function changes({ widgets: before, ...from }, { widgets, ...to }) {
  const ofWidgets = diff(before, widgets).map((edit) => ({ ...edit, path: ["widgets", ...edit.path] }));
  return [...diff(from, to), ...ofWidgets];
}

/** @template {Json | Doc} Root @param {Root} root @param {readonly Edit[]} edits @returns {Root} */
export function apply(root, edits) {
  /** @type {Json} */
  let next = /** @type {any} */ (root);
  for (const { path, value } of edits) {
    next = /** @type {Json} */ (put(next, path, value));
  }
  return /** @type {Root} */ (next);
}
