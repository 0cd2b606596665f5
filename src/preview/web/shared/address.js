/** Where what is looked at comes from. Nothing here touches the page. */

/**
 * The prefix of the draft that an address belongs to; the state on disk has none.
 *
 * @param {string} pathname
 * @returns {string} `/~abc123de`, or the empty text
 */
export function prefixOf(pathname) {
  return /^\/~[a-z0-9]{8,32}(?=\/)/.exec(pathname)?.[0] ?? "";
}

/**
 * The widget that a loader or a hosted page is of.
 *
 * @param {string} pathname
 * @returns {string} its name, or the empty text
 */
export function widgetOf(pathname) {
  return /^(?:\/~[a-z0-9]{8,32})?\/w\/([a-z0-9-]+)(?:\.js$|\/|$)/.exec(pathname)?.[1] ?? "";
}

/**
 * Where a draft's events come from.
 *
 * @param {string} prefix
 */
export function eventsOf(prefix) {
  return `/_/events${prefix && `?draft=${prefix.slice(2)}`}`;
}
