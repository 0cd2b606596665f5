/** What a site or a widget looks like: its theme, its brand, and what the variables of the theme come to. */

import { readableOn, toHex } from "./color.js";
import { get, isObject, merge } from "./json.js";

/** @import { Doc, Json, JsonObject, Look, Path, Theme, ThemeVariable } from "./types.js" */

/** The theme where none is named. */
const DEFAULT = "default";

/** What decides the look. */
const KEYS = ["theme", "brand", "variables", "panel"];

/** @param {Json | undefined} value @returns {JsonObject} */
const map = (value) => (isObject(value) ? value : {});

/** @param {Json | undefined} value @returns {JsonObject} */
const picked = (value) => Object.fromEntries(Object.entries(map(value)).filter(([key]) => KEYS.includes(key)));

/**
 * The look of a scope.
 *
 * @param {Path} scope
 * @param {Doc} doc
 * @param {Json | undefined} below what a widget inherits from `defaults` and its theme
 * @param {Theme[]} themes
 * @returns {Look}
 */
export function lookOf(scope, doc, below, themes) {
  const isSite = scope[0] === "site";
  const { variables: ofSite, ...site } = picked(doc.site);
  const { variables: ofDefaults, ...lower } = picked(below);
  const { variables: ofOwn, ...own } = isSite ? {} : picked(get(/** @type {any} */ (doc), scope));
  const inherited = isSite ? {} : map(merge(site, lower));
  const merged = isSite ? site : map(merge(inherited, own));
  const name = String(merged.theme ?? DEFAULT);
  const theme = themes.find((each) => each.name === name) ?? null;
  // Those of the site belong to its theme.
  const shared = name === (site.theme ?? DEFAULT) && !isSite ? map(ofSite) : {};
  const variables = { ...shared, ...map(ofDefaults) };
  return {
    theme,
    brand: map(merged.brand),
    panel: map(merged.panel),
    inherited: {
      ...inherited,
      brand: { ...ofTheme(theme), ...map(inherited.brand) },
      variables: theme ? valuesOf(theme, map(merged.brand), variables) : variables,
    },
    variables: { ...variables, ...map(isSite ? ofSite : ofOwn) },
  };
}

/** What a brand without them has from the theme. A colour is not among them: the theme has one for light and one for dark.
 * @param {Theme | null} theme @returns {JsonObject} */
function ofTheme(theme) {
  const parts = theme?.variables.filter(({ name, brand }) => name === brand && brand !== "color") ?? [];
  return Object.fromEntries(parts.map(({ name, value }) => [name, value]));
}

/** The values of a theme's variables, by name, as the generator works them out: src/site/variables.rs.
 * @param {Theme} theme @param {JsonObject} brand @param {JsonObject} set @returns {JsonObject} */
export function valuesOf(theme, brand, set) {
  const changed = new Set(Object.keys(set));
  /** @type {JsonObject} */
  const values = {};
  for (const variable of theme.variables) {
    const ofBrand = brandValue(variable, brand);
    if (set[variable.name] === undefined && ofBrand !== undefined) {
      changed.add(variable.name);
    }
    values[variable.name] = set[variable.name] ?? ofBrand ?? variable.value;
  }
  for (const { name, on } of theme.variables) {
    if (on && changed.has(on) && !changed.has(name)) {
      values[name] = readable(values[on]) ?? values[name];
    }
  }
  return values;
}

/** @param {ThemeVariable} variable @param {JsonObject} brand @returns {Json | undefined} */
function brandValue({ brand: part }, brand) {
  return part ? brand[part === "visible-color" ? "color" : part] : undefined;
}

/** Text on a colour, or on each of two. @param {Json | undefined} ground @returns {Json | undefined} */
function readable(ground) {
  const on = (/** @type {Json} */ color) => {
    const hex = typeof color === "string" ? toHex(color) : null;
    return hex ? readableOn(hex) : null;
  };
  if (!isObject(ground)) {
    return ground === undefined ? undefined : (on(ground) ?? undefined);
  }
  const [light, dark] = [on(ground.light), on(ground.dark)];
  return light && dark ? { light, dark } : undefined;
}

/** As a value in a style, which follows the scheme of the page. @param {Json | undefined} value */
export const toCss = (value) => (isObject(value) ? `light-dark(${value.light}, ${value.dark})` : String(value ?? ""));
