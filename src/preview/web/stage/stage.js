/** The sample host page as the address wants it: light or dark, from left to right or from right to left. */

import { ARABIC } from "./stage-words.js";

const { documentElement: root } = document;
const wanted = new URLSearchParams(location.search);

/** @param {string} name @param {string[]} values The first is the default. */
const choice = (name, ...values) => {
  const value = wanted.get(name) ?? "";
  return values.includes(value) ? value : values[0];
};

root.dataset.scheme = choice("scheme", "auto", "light", "dark");
root.dataset.mode = choice("mode", "bubble", "inline", "popup", "iframe", "page");
root.dir = choice("dir", "ltr", "rtl");
if (root.dir === "rtl") {
  root.lang = "ar";
  for (const element of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-text]"))) {
    element.textContent = ARABIC[element.dataset.text ?? ""] ?? element.textContent;
  }
}
