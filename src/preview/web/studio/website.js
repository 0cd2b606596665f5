/** *Take from my website*: asks the preview what an address looks like, and sets what it found. */

import { make } from "../shared/dom.js";
import { textButton } from "./icons.js";

/** @import { Json, Part, WebsiteReply } from "./types.js" */

/** How people read what was taken. */
const WORDS = { color: "colour", logo: "logo", font: "font", name: "name", language: "language" };

/**
 * The part above the settings of a brand.
 *
 * @param {object} options
 * @param {(address: string) => Promise<WebsiteReply>} options.look
 * @param {(found: Record<string, Json>) => void} options.set takes what was found, in one step
 * @param {string} options.address to begin with
 * @returns {Part}
 */
export function website({ look, set, address }) {
  const said = make("p", { class: "help", role: "status" });
  const input = make("input", {
    type: "text",
    id: "website-address",
    inputmode: "url",
    autocomplete: "url",
    spellcheck: "false",
    placeholder: "www.example.com",
    value: address,
  });
  const take = textButton("add", "Take", () => void run(), { class: "button quiet" });

  async function run() {
    if (input.value.trim() === "") {
      input.focus();
      return;
    }
    take.disabled = true;
    said.className = "help";
    said.textContent = "Looking at it …";
    try {
      const found = Object.fromEntries(Object.entries(await look(input.value)).filter(([, value]) => value !== null));
      const names = Object.keys(WORDS).filter((key) => key in found);
      if (names.length > 0) {
        set(/** @type {Record<string, Json>} */ (found));
      }
      said.textContent =
        names.length > 0
          ? `Took ${list(names.map((key) => WORDS[/** @type {keyof typeof WORDS} */ (key)]))}. Undo takes it back.`
          : "Found nothing there that a brand can take.";
    } catch (error) {
      said.className = "error";
      said.textContent = /** @type {Error} */ (error).message;
    }
    take.disabled = false;
  }

  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") {
      event.preventDefault();
      void run();
    }
  });
  return {
    element: make(
      "section",
      { class: "website", "aria-label": "Take from my website" },
      make("label", { for: "website-address" }, "Take from my website"),
      make("div", { class: "website-ways" }, input, take),
      said,
    ),
    update() {},
  };
}

/** “a, b and c”. @param {string[]} words */
const list = (words) =>
  words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words[words.length - 1]}`;
