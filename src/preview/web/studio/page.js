/** The page of the studio: its places, and what it says. */

import { make } from "../shared/dom.js";

/** Text in which `words between backticks` are code. @param {string} text @returns {(Node | string)[]} */
export function prose(text) {
  return text.split(/`([^`]*)`/).map((part, index) => (index % 2 === 1 ? make("code", {}, part) : part));
}

/** Finds what index.html has. @param {string} id @returns {HTMLElement} */
export function byId(id) {
  const element = document.getElementById(id);
  if (!element) {
    throw new Error(`index.html has no #${id}`);
  }
  return element;
}

/** Says something to those who cannot see it. @param {string} text */
export function announce(text) {
  const status = byId("status");
  // The same words twice are said twice only if they were gone in between.
  status.textContent = "";
  requestAnimationFrame(() => (status.textContent = text));
}
