/** A loader in parts, as the preview serves them next to the loader itself. Nothing here touches the page. */

/** @import { Settings } from "../../../../themes/default/loader/types.js" */

/**
 * @typedef {{ code: string, panel: string, settings: Settings, css: string }} Loader `code` is a hash of the script, `panel`
 *   one of the panel's own settings.
 */

/** What a widget reads once, when it is made. */
const FIXED = /** @type {const} */ (["name", "page", "panel", "teaser", "version"]);

/**
 * Whether a widget that one loader made can take what is told to the other.
 *
 * @param {Loader} before
 * @param {Loader} after
 */
export function isAdoptable(before, after) {
  const isSame = before.code === after.code && before.panel === after.panel;
  return isSame && FIXED.every((key) => before.settings[key] === after.settings[key]);
}
