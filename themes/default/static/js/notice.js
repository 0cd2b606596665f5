/** What is said over a conversation that can not go on just now. The conversation stays in view. */

import { make } from "../../loader/dom.js";

/** @import { PageSettings } from "./types.js" */

/**
 * @param {HTMLElement} above What it is put before.
 * @param {PageSettings} settings
 */
export function createNotice(above, { fallback, texts }) {
  const reason = make("p", {});
  const again = make("button", { class: "again", type: "button" }, texts.retry);
  const others = fallback ? [make("a", { href: fallback.url }, fallback.label)] : [];
  const element = make("div", { class: "notice", role: "alert" });
  return {
    /**
     * @param {string} words
     * @param {() => void} [retry] Without it, there is nothing to do but to wait.
     */
    show(words, retry) {
      reason.textContent = words;
      again.onclick = retry ?? null;
      element.replaceChildren(reason, ...(retry ? [again] : []), ...others);
      above.before(element);
    },
    hide: () => element.remove(),
  };
}
