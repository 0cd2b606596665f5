/** Why a hosted page did not start in its frame. Fetched only then, and read by the owner of the page. */

import { isAllowed } from "./origins.js";

/** Milliseconds for the page's settings to come. */
const PATIENCE = 5_000;

/**
 * The cause, if it can be found out, or else what it can be.
 *
 * @param {string} page
 * @param {string | undefined} refusal What the browser says that keeps the page out.
 * @returns {Promise<string>}
 */
export async function causeOf(page, refusal) {
  const { origin } = new URL(page);
  if (location.protocol === "file:") {
    return "this page was opened as a file, and files have no origin that could be allowed. Serve it, even from localhost";
  }
  if (self.origin === "null") {
    return "this page is in a sandbox, so it has no origin that could be allowed. Add allow-same-origin to the sandbox";
  }
  if (refusal) {
    return `this page keeps ${origin} out by ${refusal}`;
  }
  if (!navigator.onLine) {
    return "the browser is offline";
  }
  const embedders = await embeddersOf(page);
  if (!embedders) {
    return `${page}settings.js is out of reach as well. Was this widget deployed there?`;
  }
  const stranger = pages().find((each) => !isAllowed(each, origin, embedders));
  if (stranger) {
    return disallowed(stranger);
  }
  return [
    "its server answers and allows this page, so it is one of these, the likeliest first:",
    "- an ad blocker or another extension keeps the frame out: try without",
    ...(hasHiddenFrames() ? ["- one of the pages around this one is not in allowed_origins"] : []),
    `- ${page} is sent with other headers than those of dist/_headers, such as X-Frame-Options: see the network panel`,
    "- this page is sent with Cross-Origin-Embedder-Policy, with which ChatKit does not comply",
    "- a script in the frame failed: see the errors above",
  ].join("\n");
}

/** @param {string} page */
async function embeddersOf(page) {
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE));
  // Another address than before: browsers remember failures.
  const loaded = import(`${page}settings.js?${Date.now()}`).catch(() => undefined);
  /** @type {string[] | undefined} */
  const embedders = (await Promise.race([loaded, late]))?.default.embedders;
  return embedders;
}

/** Origins of this page and of those around it, as far as browsers tell: Firefox does not. */
const pages = () => [location.origin, ...(location.ancestorOrigins ?? [])];

const hasHiddenFrames = () => window.parent !== window && !location.ancestorOrigins;

/** @param {string} origin */
function disallowed(origin) {
  if (origin === "null") {
    return "one of the pages around this one is in a sandbox, so it has no origin that could be allowed";
  }
  const where = origin === location.origin ? "" : ", which this page is framed by,";
  return `add ${origin}${where} to allowed_origins and deploy again`;
}
