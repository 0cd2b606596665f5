/** Teaser: words beside the launcher that invite to the chat. */

/** @import { Store, Stored, Widget } from "../../loader/types.js" */

import { make } from "../../loader/dom.js";
import { CROSS, button } from "./button.js";

/**
 * @param {Widget} widget
 * @param {Store<Stored>} store
 * @param {() => void} open
 */
export function createTeaser(widget, store, open) {
  const {
    panel: { teaser },
    texts,
  } = widget.rest;
  const bubble = make("div", { class: "teaser", role: "status", dir: "auto" });
  const dismiss = () => {
    bubble.replaceChildren();
    if (teaser) {
      store.write({ dismissed: true });
    }
  };
  return {
    bubble,
    dismiss,
    invite() {
      if (!teaser || store.read().dismissed) {
        return;
      }
      const text = make("button", { class: "text", type: "button" }, teaser);
      text.onclick = open;
      const no = button(texts.dismiss, CROSS, () => {
        dismiss();
        widget.launcher.focus();
      });
      bubble.replaceChildren(text, no);
      widget.emit("teaser-shown");
    },
  };
}
