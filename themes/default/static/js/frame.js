/** The hosted page in a frame, as a chat. */

/** @import { Chat, Place } from "../../loader/types.js" */
/** @import { ToHost, ToPage } from "./protocol.js" */

import { make } from "../../loader/dom.js";
import { load } from "./import.js";
import { exclusively } from "./lock.js";
import { FRAME, MESSAGE } from "./protocol.js";
import { refusalOf, watchRefusals } from "./refusals.js";

/** What the hosted page may use, with the visitor's consent where browsers ask for it. */
const PERMISSIONS = "clipboard-read; clipboard-write; microphone";

/** A page that has loaded and does not answer within this many milliseconds was refused, or is another. */
const PATIENCE = 5_000;

/** Milliseconds for the page to load while somebody waits. */
const LOAD_PATIENCE = 20_000;

/** Milliseconds after which another tab need not wait for this one any longer. */
const LONGEST_LOCK = 15_000;

/** What the page may have kept here: browsers refuse storage to frames of other sites. */
const KEPT = ["visitor", "thread", "session"];

watchRefusals();

/**
 * @param {Place} place
 * @returns {Chat}
 */
export function frame(place) {
  const { widget, body } = place;
  const { page } = widget.settings;
  const { origin } = new URL(page);
  const element = make("iframe", {
    class: "frame",
    name: FRAME,
    title: PANEL.title,
    allow: PERMISSIONS,
    // Chromium lets no other frame into such a page but those that comply with its policy, which ChatKit's does not.
    // What is to be kept, this page keeps.
    ...(self.crossOriginIsolated && { credentialless: "" }),
    src: page,
  });
  let begun = false;
  let calls = 0;
  /** @type {ReturnType<typeof setTimeout>} */
  let patience;
  /** @type {ToPage[]} What is said once the page has begun. */
  const unsaid = [];
  let unlock = () => {};
  /** @type {Map<number, (error?: string) => void>} */
  const results = new Map();

  /** @param {ToPage} message */
  const post = (message) => element.contentWindow?.postMessage({ source: MESSAGE, ...message }, origin);
  /** @param {ToPage} message */
  const say = (message) => (begun ? post(message) : unsaid.push(message));
  const look = () => {
    const { theme, locale } = widget.options;
    return { theme, locale };
  };
  /** What the page may know of what is kept here. */
  const kept = () => Object.fromEntries(Object.entries(place.store.read()).filter(([key]) => KEPT.includes(key)));
  /** The visitor reads at once that there is no chat, and the owner as soon as it is known why. @param {string} problem */
  const fail = (problem) => {
    place.fail(problem, PANEL.texts.other);
    widget.emit("error", { code: "not_loaded" });
    load(CAUSE)
      .then(({ causeOf }) => causeOf(page, refusalOf(page, "frame-src")))
      .catch(() =>
        navigator.onLine
          ? `nothing of ${origin} can be reached: is it up, and does an ad blocker know it?`
          : "the browser is offline",
      )
      .then((cause) => console.error(`chatkit-embed: ${page} ${problem}: ${cause}`));
  };
  /** @param {number} ms @param {string} problem */
  const expect = (ms, problem) => {
    clearTimeout(patience);
    patience = setTimeout(fail, ms, problem);
  };

  /** What was asked of a page that is gone gets no answer from it. */
  const end = () => {
    results.forEach((tell) => tell("the chat is gone"));
    results.clear();
  };

  element.onload = () => {
    if (begun) {
      end();
    }
    begun = false;
    unlock();
    post({
      type: "begin",
      open: place.isOpen(),
      closable: Boolean(place.close),
      stored: kept(),
      look: { ...look(), identity: widget.identity },
    });
    expect(PATIENCE, "does not answer");
  };

  /** What was focused before its page had loaded may have lost the focus to nobody. */
  const refocus = () => {
    const root = /** @type {ShadowRoot} */ (element.getRootNode());
    if (place.isOpen() && root.activeElement === element) {
      element.blur();
      element.focus();
    }
  };

  /** @param {MessageEvent} event */
  const hear = ({ origin: from, source, data }) => {
    if (from !== origin || source !== element.contentWindow || data?.source !== MESSAGE) {
      return;
    }
    const message = /** @type {ToHost} */ (data);
    switch (message.type) {
      case "begun":
        begun = true;
        clearTimeout(patience);
        place.filled();
        refocus();
        unsaid.splice(0).forEach(post);
        break;
      case "store":
        place.store.write(Object.fromEntries(Object.entries(message.change).filter(([key]) => KEPT.includes(key))));
        break;
      case "lock":
        exclusively(widget.key, () => {
          post({ type: "locked", stored: kept() });
          return new Promise((resolve) => {
            unlock = () => resolve(undefined);
            setTimeout(unlock, LONGEST_LOCK);
          });
        });
        break;
      case "unlock":
        unlock();
        break;
      case "event":
        widget.emit(message.name, message.detail);
        if (message.name === "response-end") {
          place.answered();
        }
        break;
      case "result":
        results.get(message.id)?.(message.error);
        results.delete(message.id);
        break;
      case "close":
        place.close?.();
    }
  };
  addEventListener("message", hear);
  body.append(element);

  return {
    opened(focus) {
      if (!begun) {
        expect(LOAD_PATIENCE, "does not load");
      }
      if (focus) {
        element.focus();
      }
      say({ type: "open", focus });
    },
    settle: () => say({ type: "look", look: look() }),
    call(method, argument) {
      const id = ++calls;
      say({ type: "call", id, method, argument });
      return new Promise((resolve, reject) => {
        results.set(id, (error) => (error ? reject(new Error(error)) : resolve(undefined)));
      });
    },
    remove() {
      clearTimeout(patience);
      unlock();
      removeEventListener("message", hear);
      element.remove();
      end();
    },
  };
}
