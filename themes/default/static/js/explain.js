/** Tells the owner of a host page why a hosted page did not start. */

import { load } from "./import.js";
import { refusalOf } from "./refusals.js";

/**
 * Writes to the console, as soon as the cause is known.
 *
 * @param {string} page
 * @param {string} problem
 * @param {"frame-src" | "script-src"} directive of the host page's policy that could have kept it out
 */
export function explain(page, problem, directive) {
  load(CAUSE)
    .then(({ causeOf }) => causeOf(page, refusalOf(page, directive)))
    .catch(() =>
      navigator.onLine
        ? `nothing of ${new URL(page).origin} can be reached: is it up, and does an ad blocker know it?`
        : "the browser is offline",
    )
    .then((cause) => console.error(`chatkit-embed: ${page} ${problem}: ${cause}`));
}
