/** A loader as the build writes it: its code, and what is told to it. Nothing here touches the page. */

/** @import { Settings } from "../../../../themes/default/loader/types.js" */

/** @typedef {{ code: string, settings: Settings, css: string }} Loader */

/** Between the code and its two arguments, which are JSON. */
const CALL = "\n})(";

/**
 * @param {string} text
 * @returns {Loader | null} null for one that a theme writes in another way
 */
export function parse(text) {
  const at = text.lastIndexOf(CALL);
  const end = text.lastIndexOf(");");
  if (at < 0 || end < at) {
    return null;
  }
  try {
    const [settings, css] = JSON.parse(`[${text.slice(at + CALL.length, end)}]`);
    return typeof settings?.name === "string" && typeof css === "string"
      ? { code: text.slice(0, at), settings, css }
      : null;
  } catch {
    return null;
  }
}

/** What a widget reads once, when it is made. */
const FIXED = /** @type {const} */ (["name", "page", "panel", "teaser", "version"]);

/**
 * Whether a widget that one loader made can take what is told to the other.
 *
 * @param {Loader | null} before
 * @param {Loader | null} after
 * @returns {after is Loader}
 */
export function isAdoptable(before, after) {
  return Boolean(
    before && after && before.code === after.code && FIXED.every((key) => before.settings[key] === after.settings[key]),
  );
}
