/** The bar above the messages. */

/** @import { View } from "./view.js" */

import { make, redraw } from "../shared/dom.js";
import { icon } from "./icon.js";

/**
 * @param {string} label
 * @param {string} name of the icon
 * @param {() => void} onclick
 * @param {Record<string, unknown>} [more]
 */
export function iconButton(label, name, onclick, more = {}) {
  return make(
    "button",
    { class: "tool", type: "button", "aria-label": label, title: label, "data-key": name, onclick, ...more },
    icon(name),
  );
}

/** @param {View} view */
export function createHeader(view) {
  const bar = make("header", { class: "header" });
  /** @param {"leftAction" | "rightAction"} side */
  const action = (side) => {
    const name = view.options.header?.[side]?.icon;
    // Asked for at the click: the page may have given another function since.
    return (
      name &&
      iconButton(name.replaceAll("-", " "), name, () => view.options.header?.[side]?.onClick(), { "data-key": side })
    );
  };

  return {
    bar,
    draw() {
      const { options, words, conversation, isHistoryOpen } = view;
      const {
        enabled = true,
        title: { enabled: titled = true, text } = {},
        leftAction,
        rightAction,
      } = options.header ?? {};
      const hasHistory = options.history?.enabled !== false;
      const title = titled ? (text ?? conversation.thread?.title ?? words.newChat) : "";
      const isNew = !conversation.thread;
      bar.classList.toggle("bare", !enabled);
      redraw(
        bar,
        [enabled, title, leftAction?.icon, rightAction?.icon, hasHistory, isNew, isHistoryOpen, words],
        () => {
          const badge = make(
            "span",
            { class: "badge", title: words.demoNote },
            words.demo,
            make("span", { class: "hidden" }, ` — ${words.demoNote}`),
          );
          if (!enabled) {
            return [badge];
          }
          return [
            action("leftAction"),
            title && make("h2", { class: "title" }, make("bdi", {}, title)),
            badge,
            make("span", { class: "space" }),
            !isNew && iconButton(words.newChat, "compose", view.newThread),
            hasHistory &&
              iconButton(words.history, "history", view.toggleHistory, { "aria-expanded": `${isHistoryOpen}` }),
            action("rightAction"),
          ];
        },
      );
    },
  };
}
