/** The page of the studio: its places, and what it says. */

import { make } from "../shared/dom.js";

/** Text in which `words between backticks` are code. @param {string} text @returns {(Node | string)[]} */
export function prose(text) {
  return text.split(/`([^`]*)`/).map((part, index) => (index % 2 === 1 ? make("code", {}, part) : part));
}

/** The same, in which addresses are links. @param {string} text @returns {(Node | string)[]} */
export function linked(text) {
  return prose(text).flatMap((part) => (typeof part === "string" ? links(part) : [part]));
}

/** @param {string} text @returns {(Node | string)[]} */
const links = (text) =>
  text
    .split(/(https:\/\/[^\s,;)]*[^\s,;).:])/)
    .map((part, index) =>
      index % 2 === 1 ? make("a", { href: part, target: "_blank", rel: "noreferrer" }, part) : part,
    );

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
