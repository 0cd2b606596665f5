/** What a visitor reads when there is no chat. The owner finds the cause in console and log. */

/** @type {Record<string, string>} By the code of the failure. */
const REASONS = {
  offline: "There seems to be no connection to the internet.",
  not_loaded: "A part of the chat could not be fetched. Something in the browser or the network may block it.",
  origin_not_allowed: "The chat is not set up for this website yet.",
  rate_limited: "Too many people are asking right now. Please wait a minute.",
  upstream_timeout: "The answer took too long. Please try again.",
};

/** @param {string} code */
export function reasonFor(code) {
  return REASONS[code] ?? "Something is wrong on our side. Please try again in a moment.";
}

/**
 * @param {number} seconds
 * @param {"starts" | "goes on"} what
 */
export function waitingFor(seconds, what) {
  return `Many people are asking right now. The chat ${what} in ${seconds} second${seconds === 1 ? "" : "s"}.`;
}
