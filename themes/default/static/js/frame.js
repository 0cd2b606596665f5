/** The hosted page in a frame, as a chat. */

/** @import { Chat, Place, Stored, Widget } from "../../loader/types.js" */
/** @import { ToHost, ToPage } from "./protocol.js" */
/** @import { ThreadsOperation } from "./types.js" */

import { make } from "../../loader/dom.js";
import { explain } from "./explain.js";
import { load } from "./import.js";
import { exclusively } from "./lock.js";
import { FRAME, MESSAGE } from "./protocol.js";
import { watchRefusals } from "./refusals.js";

/** What the hosted page may use, with the visitor's consent where browsers ask for it. */
const PERMISSIONS = "clipboard-read; clipboard-write; microphone";

/** A page that has loaded and does not answer within this many milliseconds was refused, or is another. */
const PATIENCE = 5_000;

/** Milliseconds for the page to load while somebody waits. */
const LOAD_PATIENCE = 20_000;

/** Milliseconds after which another tab need not wait for this one any longer. */
const LONGEST_LOCK = 15_000;

/** Milliseconds until a script that could not be had is asked for again. */
const PAUSE = 1_000;

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
  const element = elementOf(widget);
  const link = createLink(element, new URL(page).origin);
  const calls = createCalls(link.say);
  /** @param {number} id @param {ThreadsOperation} operation */
  const threads = async (id, operation) => {
    const again = () => new Promise((resolve) => setTimeout(resolve, PAUSE)).then(() => load(THREADS));
    const { threads } = await load(THREADS)
      .catch(again)
      .catch(() => ({}));
    link.post({ type: "threads", id, value: threads?.(widget.key, operation) });
  };
  const lock = createLock(widget.key, () => link.post({ type: "locked", stored: keptIn(place) }));
  /** @type {ReturnType<typeof setTimeout>} */
  let patience;
  /** @param {number} ms @param {string} problem */
  const expect = (ms, problem) => {
    clearTimeout(patience);
    patience = setTimeout(fail, ms, place, problem);
  };

  element.onload = () => {
    if (link.hasBegun()) {
      calls.end();
    }
    lock.unlock();
    link.begin(place);
    expect(PATIENCE, "does not answer");
  };
  const begun = () => {
    clearTimeout(patience);
    place.filled();
    refocus(place, element);
  };
  const forget = link.hear((message) => answer(message, place, { begun, threads, ...calls, ...lock }));
  body.append(element);

  return {
    opened(focus) {
      if (!link.hasBegun()) {
        expect(LOAD_PATIENCE, "does not load");
      }
      if (focus) {
        element.focus();
      }
      link.say({ type: "open", focus });
    },
    settle: () => link.say({ type: "look", look: lookOf(place) }),
    call: calls.call,
    remove() {
      clearTimeout(patience);
      lock.unlock();
      forget();
      element.remove();
      calls.end();
    },
  };
}

/** @param {Widget} widget */
const elementOf = ({ settings: { page }, rest }) =>
  make("iframe", {
    class: "frame",
    name: FRAME,
    title: rest.panel.title,
    allow: PERMISSIONS,
    // Chromium lets no other frame into such a page but those that comply with its policy, which ChatKit's does not.
    // What is to be kept, this page keeps.
    ...(self.crossOriginIsolated && { credentialless: "" }),
    src: page,
  });

/** @param {Place} place */
function lookOf({ widget: { theme, options } }) {
  return { theme, locale: options.locale };
}

/** @param {Partial<Stored>} stored */
const known = (stored) => Object.fromEntries(Object.entries(stored).filter(([key]) => KEPT.includes(key)));

/** Values kept here that the page may know. @param {Place} place */
const keptIn = ({ store }) => known(store.read());

/**
 * The visitor reads at once that there is no chat, and the owner as soon as the cause is known.
 *
 * @param {Place} place
 * @param {string} problem
 */
function fail(place, problem) {
  const { widget } = place;
  const { page } = widget.settings;
  place.fail(problem, widget.rest.texts.other);
  widget.emit("error", { code: "not_loaded" });
  explain(page, problem, "frame-src");
}

/**
 * An element that was focused before its page had loaded may have lost the focus to nobody.
 *
 * @param {Place} place
 * @param {HTMLElement} element
 */
function refocus(place, element) {
  const root = /** @type {ShadowRoot} */ (element.getRootNode());
  if (place.isOpen() && root.activeElement === element) {
    element.blur();
    element.focus();
  }
}

/**
 * Messages between this page and the one in the frame. Those that are said before the other has begun wait.
 *
 * @param {HTMLIFrameElement} element
 * @param {string} origin
 */
function createLink(element, origin) {
  let begun = false;
  /** @type {ToPage[]} */
  const unsaid = [];
  /** @param {ToPage} message */
  const post = (message) => element.contentWindow?.postMessage({ source: MESSAGE, ...message }, origin);
  return {
    post,
    /** @param {ToPage} message */
    say: (message) => void (begun ? post(message) : unsaid.push(message)),
    hasBegun: () => begun,
    /** @param {Place} place */
    begin(place) {
      begun = false;
      const look = { ...lookOf(place), identity: place.widget.identity };
      post({ type: "begin", open: place.isOpen(), closable: Boolean(place.close), stored: keptIn(place), look });
    },
    /** @param {(message: ToHost) => void} listener @returns {() => void} Stops it. */
    hear(listener) {
      /** @param {MessageEvent} event */
      const hear = ({ origin: from, source, data }) => {
        if (from !== origin || source !== element.contentWindow || data?.source !== MESSAGE) {
          return;
        }
        begun ||= data.type === "begun";
        listener(data);
        if (data.type === "begun") {
          unsaid.splice(0).forEach(post);
        }
      };
      addEventListener("message", hear);
      return () => removeEventListener("message", hear);
    },
  };
}

/**
 * Calls of the page's methods, whose results come in messages.
 *
 * @param {(message: ToPage) => void} say
 */
function createCalls(say) {
  let count = 0;
  /** @type {Map<number, (error?: string) => void>} */
  const results = new Map();
  return {
    /** @param {string} method @param {unknown} [argument] */
    call(method, argument) {
      const id = ++count;
      say({ type: "call", id, method, argument });
      return new Promise((resolve, reject) => {
        results.set(id, (error) => (error ? reject(new Error(error)) : resolve(undefined)));
      });
    },
    /** @param {number} id @param {string} [error] */
    result(id, error) {
      results.get(id)?.(error);
      results.delete(id);
    },
    /** Calls of a page that is gone get no answer from it. */
    end() {
      results.forEach((tell) => tell("the chat is gone"));
      results.clear();
    },
  };
}

/**
 * A lock that this page holds for the other: a frame of another site may have none.
 *
 * @param {string} key
 * @param {() => void} locked
 */
function createLock(key, locked) {
  let unlock = () => {};
  return {
    lock: () =>
      void exclusively(key, () => {
        locked();
        return new Promise((resolve) => {
          unlock = () => resolve(undefined);
          setTimeout(unlock, LONGEST_LOCK);
        });
      }),
    unlock: () => unlock(),
  };
}

/**
 * Does what the page in the frame asks for.
 *
 * @param {ToHost} message
 * @param {Place} place
 * @param {object} parts
 * @param {() => void} parts.begun
 * @param {() => void} parts.lock
 * @param {() => void} parts.unlock
 * @param {(id: number, error?: string) => void} parts.result
 * @param {(id: number, operation: ThreadsOperation) => void} parts.threads
 */
function answer(message, place, parts) {
  switch (message.type) {
    case "begun":
    case "lock":
    case "unlock":
      parts[message.type]();
      break;
    case "store":
      place.store.write(known(message.change));
      break;
    case "event":
      place.widget.emit(message.name, message.detail);
      if (message.name === "response-end") {
        place.answered();
      }
      break;
    case "threads":
      parts.threads(message.id, message.operation);
      break;
    case "result":
      parts.result(message.id, message.error);
      break;
    case "close":
      place.close?.();
  }
}
