/** Chats in the page: `<chatkit-widget>` elements, beside the panel. */

/** @import { Chat, Place, Widget } from "../../loader/types.js" */

import { make } from "../../loader/dom.js";
import { begin, content } from "./content.js";

/**
 * @param {Widget} widget
 * @param {Place} place The panel's, whose store they share.
 * @param {() => boolean} mayLoad
 * @param {CSSStyleSheet[]} sheets
 */
export function createInline(widget, place, mayLoad, sheets) {
  const { settings } = widget;
  /** @type {Map<HTMLElement, Chat | undefined>} */
  const chats = new Map();
  /** @type {Set<HTMLElement>} Elements whose chat may not load yet. */
  const held = new Set();

  /** An element without a name is for the first widget. @param {HTMLElement} element */
  const isOurs = (element) => (element.getAttribute("name") || settings.name) === settings.name;

  /** @param {HTMLElement} element */
  const empty = (element) => {
    chats.get(element)?.remove();
    chats.delete(element);
    // Its shadow root stays forever, and shows what is in the element itself.
    const root = /** @type {ShadowRoot} */ (element.shadowRoot);
    root.adoptedStyleSheets = [];
    root.replaceChildren(make("slot", {}));
  };

  /** Chats go whose elements are no longer in the page, as after a navigation without a load, or have another name. */
  const tidy = () => [...chats.keys()].filter((element) => !element.isConnected || !isOurs(element)).forEach(empty);

  /** @param {HTMLElement} element */
  const mount = (element) => {
    tidy();
    if (chats.has(element) || !isOurs(element)) {
      return;
    }
    if (!mayLoad()) {
      held.add(element);
      return;
    }
    chats.set(element, undefined);
    fill(chats, element, place, boxIn(element, widget, sheets));
  };

  return {
    tidy,
    mount,
    /** Fills what was held. Elements that may still not load are held again. */
    load() {
      const all = [...held];
      held.clear();
      all.filter(({ isConnected }) => isConnected).forEach(mount);
    },
    all: () => [...chats.values()],
    clear: () => [...chats.keys()].forEach(empty),
  };
}

/**
 * @param {HTMLElement} element
 * @param {Widget} widget
 * @param {CSSStyleSheet[]} sheets
 */
function boxIn(element, { looks, options, settings, rest }, sheets) {
  const box = make("div", { class: "box" });
  // One that was destroyed has a root already.
  const root = element.shadowRoot ?? element.attachShadow({ mode: "open" });
  root.adoptedStyleSheets = [looks, ...sheets];
  root.replaceChildren(box);
  box.dataset.scheme = options.theme ?? settings.scheme;
  box.lang = rest.language;
  return box;
}

/**
 * @param {Map<HTMLElement, Chat | undefined>} chats
 * @param {HTMLElement} element
 * @param {Place} place
 * @param {HTMLElement} box
 */
function fill(chats, element, place, box) {
  const start = async () => {
    const made = await begin(own);
    if (chats.has(element)) {
      chats.set(element, made);
    } else {
      made?.remove();
    }
  };
  const inside = content(place.widget, start);
  box.append(inside.body);
  /** @type {Place} */
  const own = {
    ...place,
    body: inside.body,
    isOpen: () => true,
    close: undefined,
    answered() {},
    fail(problem, words) {
      chats.get(element)?.remove();
      chats.set(element, undefined);
      inside.fail(problem, words);
    },
    filled: inside.filled,
  };
  start();
}
