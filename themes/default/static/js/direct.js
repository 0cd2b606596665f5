/** `<openai-chatkit>` in the host page itself. */

/** @import { Chat, Place, Widget } from "../../loader/types.js" */
/** @import { PageSettings } from "./types.js" */

import { make } from "../../loader/dom.js";
import { createChat } from "./chat.js";
import { exclusively } from "./lock.js";
import { createNotice } from "./notice.js";
import { watchRefusals } from "./refusals.js";
import { part } from "./store.js";
import { reasonFor, waitingFor } from "./words.js";

watchRefusals();

/**
 * The settings with whole addresses: those of the back end are meant for the hosted page.
 *
 * @param {Widget} widget
 * @returns {PageSettings}
 */
function settingsOf({ rest, settings: { page } }) {
  /** @type {any} */
  const backend = { ...rest.backend };
  for (const name of ["sessionUrl", "url"]) {
    if (backend[name]) {
      backend[name] = new URL(backend[name], page).href;
    }
  }
  return { ...rest, backend };
}

/**
 * @param {Place} place
 * @returns {Promise<Chat>}
 */
export async function direct(place) {
  const { widget, body, store } = place;
  const settings = settingsOf(widget);
  // Outside of the shadow root, where ChatKit's own looks would meet ours.
  const container = make("div", { class: "frame" });
  const status = make("p", { class: "status", role: "status" });
  body.append(container, status);
  const notice = createNotice(container, settings);
  const look = () => ({ theme: widget.theme, locale: widget.options.locale });
  const chat = createChat({
    settings,
    container,
    store,
    kept: part(store, "session"),
    key: widget.key,
    exclusively: (work) => exclusively(widget.key, work),
    look: { ...look(), identity: widget.identity },
    on(name, detail) {
      widget.emit(name, detail);
      if (name === "response-end") {
        place.answered();
      }
    },
    ready() {
      status.textContent = "";
      place.filled();
    },
    canClose: () => Boolean(place.close),
    close: () => place.close?.(),
    dress: () => {},
    wait: (seconds) => void (status.textContent = waitingFor(settings, seconds, "starts")),
    pause: notice.show,
    resume: notice.hide,
    fail: (failure) => place.fail(failure, reasonFor(settings, failure.code)),
  });
  if (place.isOpen()) {
    chat.open(false);
  }
  return {
    opened: (focus) => chat.open(focus),
    settle() {
      Object.assign(chat.look, look());
      chat.settle();
    },
    call: (method, argument) => chat.call(method, argument),
    remove() {
      chat.remove();
      notice.hide();
      container.remove();
      status.remove();
    },
  };
}
