/** Which origins may talk to a hosted page. */

/**
 * Whether an origin is the one of the pattern, or has one or more labels where its `*` is.
 *
 * @param {string} pattern `https://www.example.com` or `https://*.example.com:8080`
 * @param {string} origin
 */
export function matches(pattern, origin) {
  const [start, end] = pattern.toLowerCase().split("*");
  if (end === undefined) {
    return origin === start;
  }
  const label = origin.slice(start.length, -end.length);
  return origin.startsWith(start) && origin.endsWith(end) && /^[a-z0-9-]+(\.[a-z0-9-]+)*$/.test(label);
}

/**
 * Whether pages of an origin may have the chat.
 *
 * @param {string} origin
 * @param {string} own Origin of the hosted page.
 * @param {string[]} embedders
 */
export const isAllowed = (origin, own, embedders) =>
  origin === own || embedders.some((pattern) => matches(pattern, origin));
