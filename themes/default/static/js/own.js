/** The panel's own chat, and the responses in it that nobody has seen. */

/** @import { Chat, Place, Store, Stored, Widget } from "../../loader/types.js" */

import { begin, content } from "./content.js";

/** @typedef {ReturnType<typeof createOwn>} Own */

/**
 * @param {Widget} widget
 * @param {Store<Stored>} store
 * @param {() => boolean} mayLoad
 * @param {() => HTMLDialogElement} panel
 */
export function createOwn(widget, store, mayLoad, panel) {
  /** @type {Promise<Chat | undefined> | undefined} */
  let chat;
  const prewarm = async () => (mayLoad() ? (chat ??= begin(place)) : undefined);
  const shell = content(widget, prewarm);

  /** @param {number} unread */
  const count = (unread) => {
    const { box, launcher, settings, rest } = widget;
    if (unread !== widget.unread) {
      widget.unread = unread;
      widget.emit("unread", { count: unread });
      box.toggleAttribute("data-unread", Boolean(rest.panel.badge) && unread > 0);
      launcher.title = launcher.ariaLabel = unread
        ? `${settings.label} (${rest.texts.new.replace("{count}", `${unread}`)})`
        : settings.label;
    }
  };

  /** @type {Place} */
  const place = {
    widget,
    store,
    body: shell.body,
    isOpen: () => panel().open,
    close: () => panel().close(),
    answered() {
      if (!panel().open) {
        count(widget.unread + 1);
      }
    },
    fail(problem, words) {
      chat?.then((old) => old?.remove());
      chat = undefined;
      shell.fail(problem, words);
    },
    filled: shell.filled,
  };

  return {
    place,
    count,
    prewarm,
    /** The chat, if it has begun. */
    get: () => chat,
    /** @param {string} method @param {unknown} [argument] */
    async call(method, argument) {
      const filled = await prewarm();
      if (!filled) {
        throw new Error(`${method}: there is no chat`);
      }
      return filled.call(method, argument);
    },
  };
}
