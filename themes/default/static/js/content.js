/** Place of a chat: the chat itself, an outline of it, or words for when there is none. */

/** @import { Chat, Place, Widget } from "../../loader/types.js" */

import { make } from "../../loader/dom.js";
import { frame } from "./frame.js";
import { load } from "./import.js";

/**
 * Puts a chat into its place.
 *
 * @param {Place} place
 * @returns {Promise<Chat | undefined>}
 */
export async function begin(place) {
  try {
    if (place.widget.options.mode === "direct") {
      return await (await load(DIRECT)).direct(place);
    }
    return frame(place);
  } catch (error) {
    place.fail(error);
    return undefined;
  }
}

/**
 * An outline of the chat, and the words for when there is none.
 *
 * @param {Widget} widget
 * @param {() => void} retry
 */
export function content({ settings: { page }, rest: { fallback, texts } }, retry) {
  const outline = make("div", { class: "skeleton", role: "status" }, make("span", { class: "hidden" }, texts.loading));
  outline.append(...["i", "i", "i", "b"].map((tag) => document.createElement(tag)));
  const reason = make("p", { dir: "auto" });
  const again = make("button", { class: "again", type: "button" }, texts.retry);
  const { label, url } = fallback ?? { label: texts.as_page, url: page };
  const heading = make("h3", { dir: "auto" }, texts.failed);
  const failure = make(
    "div",
    { class: "failure", role: "alert" },
    heading,
    reason,
    again,
    make("a", { href: url }, label),
  );
  const body = make("div", { class: "body" }, outline);
  again.onclick = () => {
    failure.replaceWith(outline);
    retry();
  };
  return {
    body,
    /**
     * @param {unknown} problem For the owner of the page.
     * @param {string} words For the visitor, if the owner has been told already.
     */
    fail(problem, words = "") {
      if (!words) {
        console.error("chatkit-embed:", problem);
      }
      reason.textContent = words || texts.other;
      outline.remove();
      body.append(failure);
    },
    filled() {
      outline.remove();
      failure.remove();
    },
  };
}
