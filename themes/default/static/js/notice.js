/** What is said over a conversation that can not go on just now. The conversation stays in view. */

/** @import { PageSettings } from "./types.js" */

/**
 * @param {HTMLElement} above What it is put before.
 * @param {PageSettings} settings
 */
export function createNotice(above, { fallback, texts }) {
  // Four plain elements: the loader's builder, which also draws, would be most of this file in the hosted page.
  const reason = document.createElement("p");
  const again = Object.assign(document.createElement("button"), {
    className: "again",
    type: "button",
    textContent: texts.retry,
  });
  const others = fallback
    ? [Object.assign(document.createElement("a"), { href: fallback.url, textContent: fallback.label })]
    : [];
  const element = Object.assign(document.createElement("div"), { className: "notice" });
  element.setAttribute("role", "alert");
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
