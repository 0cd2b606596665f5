/** Where the panel lives in a host page. */

/**
 * Moves it out of the body, beside which it outlives those who put in another body: a frame that is taken out of the page
 * loads again. React's document bears nothing there while it hydrates, and replaces no body either, so there it stays.
 *
 * @param {HTMLElement & { parentNode: any }} host
 */
export function leaveBody(host) {
  const { documentElement: root, readyState } = document;
  if (readyState !== "complete") {
    addEventListener("load", () => leaveBody(host), { once: true });
  } else if (
    "moveBefore" in root &&
    host.isConnected &&
    host.parentNode !== root &&
    !Object.keys(document).some((key) => /^__react/.test(key))
  ) {
    // Keeps the focus, a click that has begun, and frames.
    /** @type {any} */ (root).moveBefore(host, null);
  }
}
