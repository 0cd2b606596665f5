/** A button that opens a menu above it. */

import { make } from "../shared/dom.js";
import { icon } from "./icon.js";

/**
 * @typedef {object} Item
 * @property {string} label
 * @property {string} [description]
 * @property {string} [icon]
 * @property {boolean} [checked] One of several.
 * @property {boolean} [disabled]
 * @property {() => void} choose
 */

/**
 * One function of over 60 lines: a component, whose short functions share the button and the list.
 *
 * @param {{ label: string, key: string, face: Node[], items: Item[], side?: "start" | "end" }} options
 *   `face` is what the button shows
 */
export function menu({ label, key, face, items, side = "start" }) {
  const list = make(
    "div",
    { class: `menu ${side}`, role: "menu", "aria-label": label, hidden: true },
    ...items.map(row),
  );
  const button = make(
    "button",
    {
      class: "tool",
      type: "button",
      title: label,
      "aria-label": face.some((node) => node instanceof HTMLElement) ? null : label,
      "aria-haspopup": "menu",
      "aria-expanded": "false",
      "data-key": key,
      onclick: () => toggle(!isOpen()),
    },
    ...face,
  );
  const around = make("div", { class: "with-menu" }, button, list);

  /** `hidden` may be a word as well. */
  const isOpen = () => list.hidden === false;

  /** @param {boolean} open */
  function toggle(open) {
    list.hidden = !open;
    button.ariaExpanded = `${open}`;
    if (open) {
      rows()[0]?.focus();
    }
  }

  /** @returns {HTMLElement[]} */
  function rows() {
    return [...list.querySelectorAll("button")];
  }

  /** @param {Item} item */
  function row({ label, description, icon: name, checked, disabled, choose }) {
    return make(
      "button",
      {
        type: "button",
        role: checked === undefined ? "menuitem" : "menuitemradio",
        "aria-checked": checked === undefined ? null : `${checked}`,
        "aria-disabled": disabled ? "true" : null,
        tabindex: "-1",
        onclick: () => {
          if (!disabled) {
            toggle(false);
            button.focus();
            choose();
          }
        },
      },
      name && icon(name),
      make("span", {}, label, description && make("small", {}, description)),
      checked && icon("check"),
    );
  }

  around.onkeydown = (event) => {
    const all = rows();
    const at = all.findIndex((each) => each === /** @type {ShadowRoot} */ (around.getRootNode()).activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at < 0 ? -1 : at - 1, Home: 0, End: -1 }[event.key];
    if (event.key === "Escape" && isOpen()) {
      toggle(false);
      button.focus();
    } else if (to === undefined) {
      return;
    } else if (!isOpen()) {
      toggle(true);
    } else {
      all.at(to % all.length)?.focus();
    }
    event.preventDefault();
  };
  around.addEventListener("focusout", ({ relatedTarget }) => {
    if (!(relatedTarget instanceof Node && around.contains(relatedTarget))) {
      toggle(false);
    }
  });
  return around;
}
