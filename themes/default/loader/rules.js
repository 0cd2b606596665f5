/** Where the launcher shows: by path and by device. Nothing here touches the page. */

/** @import { Rules } from "./types.js" */

/**
 * @param {Rules} rules
 * @param {string} hideOn more globs of paths to hide on, with spaces or commas between them
 * @param {string} path as in `location.pathname`
 * @param {number} width of the window, in CSS pixels
 */
export function allows({ show, hide = [], widths }, hideOn, path, width) {
  const covered = (/** @type {string} */ glob) => covers(glob, path);
  return (
    ![...hide, ...hideOn.split(/[\s,]+/)].some(covered) &&
    (!show || show.some(covered)) &&
    (!widths || widths.some(([from, to]) => from <= width && width < to))
  );
}

/**
 * Whether a glob covers a path: `*` stands for a part of one segment, `**` for anything, and the slash at
 * the end of a path does not count. `/docs/**` covers `/docs` as well, and the empty glob nothing.
 *
 * @param {string} glob
 * @param {string} path
 */
export function covers(glob, path) {
  const pattern = glob
    .replace(/(.)\/$/, "$1")
    .replace(/[.+?^${}()|[\]\\]/g, "\\$&")
    .replace(/(\/?)(\*+)/g, (_, slash, stars) => (stars[1] ? `(${slash}.*)?` : `${slash}[^/]*`));
  return glob !== "" && new RegExp(`^${pattern}/?$`).test(path);
}
