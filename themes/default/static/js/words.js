/** What a visitor reads when there is no chat. The owner finds the cause in console and log. */

/** @import { Words } from "./types.js" */

/**
 * @param {Words} words
 * @param {string} code
 */
export function reasonFor({ texts }, code) {
  // Whoever was signed out is told the same as whoever has not signed in.
  return texts[code === "invalid_identity" ? "identity_required" : code] ?? texts.other;
}

/**
 * @param {Words} words
 * @param {number} seconds
 * @param {"starts" | "goes_on"} what
 */
export function waitingFor({ language, texts }, seconds, what) {
  const time = seconds.toLocaleString(language, { style: "unit", unit: "second", unitDisplay: "long" });
  return texts[what].replace("{time}", time);
}
