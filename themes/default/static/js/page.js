/**
 * The hosted page: the chat as a page of its own, in somebody's iframe, or in a loader's panel.
 *
 * The page names a module with its settings before this script, so that both are fetched at the same time.
 */

/** @import { PageSettings } from "./types.js" */
/** @import { ToHost, ToPage } from "./protocol.js" */
/** @import { Store, Stored } from "../../loader/types.js" */

import { createChat } from "./chat.js";
import { loadChatKit } from "./chatkit.js";
import { load } from "./import.js";
import { exclusively } from "./lock.js";
import { createNotice } from "./notice.js";
import { isAllowed } from "./origins.js";
import { FRAME, MESSAGE } from "./protocol.js";
import { watchRefusals } from "./refusals.js";
import { keep, part } from "./store.js";
import { reasonFor, waitingFor } from "./words.js";

/** Milliseconds for the host page to answer. */
const PATIENCE = 5_000;

watchRefusals();

const container = byId("chat");
const skeleton = byId("skeleton");
const failure = byId("failure");
const waiting = byId("waiting");
const isFramed = window.parent !== window;
/** A loader's frame begins with the loader's first message. */
const isLoaders = isFramed && window.name === FRAME;
document.documentElement.toggleAttribute("data-framed", isFramed);

/** @type {PageSettings} */
let settings;
/** @type {ReturnType<typeof createChat>} */
let chat;

/** @type {string | undefined} Origin of the loader's page. */
let host;
/** Whether it is in a panel. */
let closable = false;
/** @type {Stored} What the host page keeps for us. */
let stored = {};

let locked = () => {};

/** What waits for answers of the host page. @type {((value: unknown) => void)[]} */
const questions = [];

/** @type {Store<Stored>} */
const relay = {
  read: () => stored,
  write(change) {
    stored = { ...stored, ...change };
    tell({ type: "store", change });
  },
  clear: () => void (stored = {}),
};

const key = `chatkit-embed ${location.pathname}`;
/** @type {Store<Stored>} */
const store = isLoaders ? relay : keep("localStorage", key);
const { src } = /** @type {HTMLScriptElement} */ (byId("settings"));
const started = load(src)
  .catch(() => load(src))
  .then((module) => start(module.default));
started.catch(giveUp);
if (isLoaders) {
  // The first message comes when the page has loaded, which may be before its settings are here.
  addEventListener("message", (event) => void started.then(() => hear(event)).catch(() => {}));
}

/** @param {PageSettings} given */
function start(given) {
  settings = given;
  const notice = createNotice(container, settings);
  chat = createChat({
    settings,
    container,
    store,
    kept: part(store, "session"),
    key,
    ...(isLoaders && { relay: askHost }),
    exclusively: isLoaders ? exclusivelyByHost : (work) => exclusively(key, work),
    look: {},
    on: (name, detail = {}) => tell({ type: "event", name, detail }),
    ready() {
      skeleton.hidden = failure.hidden = true;
      container.hidden = false;
      container.setAttribute("aria-busy", "false");
    },
    canClose: () => closable,
    close: () => tell({ type: "close" }),
    dress: (theme) => dress({ theme }),
    wait: (seconds) => void (waiting.textContent = waitingFor(settings, seconds, "starts")),
    pause: notice.show,
    resume: notice.hide,
    fail({ code }) {
      byId("reason").textContent = reasonFor(settings, code);
      waiting.textContent = "";
      container.hidden = true;
      failure.hidden = false;
    },
  });

  byId("retry").addEventListener("click", () => {
    begin();
    chat.start();
  });
  if (settings.fallback) {
    const link = /** @type {HTMLAnchorElement} */ (byId("fallback"));
    link.href = settings.fallback.url;
    link.textContent = settings.fallback.label;
    link.hidden = false;
  }
  if (isLoaders) {
    addEventListener("keydown", ({ key }) => {
      if (key === "Escape") {
        tell({ type: "close" });
      }
    });
  } else {
    begin();
    chat.start();
  }
}

/** The host page holds the lock: a frame of another site may have none. @type {import("./types.js").Exclusively} */
async function exclusivelyByHost(work) {
  await new Promise((resolve) => {
    locked = () => resolve(undefined);
    tell({ type: "lock" });
  });
  return work().finally(() => tell({ type: "unlock" }));
}

/** @param {import("./types.js").ThreadsOperation} operation @returns {Promise<unknown>} */
function askHost(operation) {
  return new Promise((resolve, reject) => {
    const id = questions.push(resolve) - 1;
    tell({ type: "threads", id, operation });
    setTimeout(reject, PATIENCE, new Error("the page around this one does not answer"));
  });
}

/** Without its settings, the page can only be loaded again. @param {unknown} error */
function giveUp(error) {
  byId("retry").onclick = () => location.reload();
  skeleton.hidden = true;
  failure.hidden = false;
  console.error("chatkit-embed:", error);
}

/** Back to the outline. */
function begin() {
  failure.hidden = true;
  skeleton.hidden = container.hidden = false;
  waiting.textContent = "";
  container.setAttribute("aria-busy", "true");
}

/** @param {ToHost} message */
function tell(message) {
  if (host) {
    window.parent.postMessage({ source: MESSAGE, ...message }, host);
  }
}

/**
 * Does what the loader asks for, if it is in a page that the site allows.
 *
 * @param {MessageEvent} event
 */
function hear({ origin, source, data }) {
  if (source !== window.parent || data?.source !== MESSAGE || !isAllowed(origin, location.origin, settings.embedders)) {
    return;
  }
  const message = /** @type {ToPage} */ (data);
  if (message.type === "begin") {
    host = origin;
    ({ stored, closable } = message);
    dress(message.look);
    tell({ type: "begun" });
    if (message.open) {
      chat.open(false);
    } else {
      // A panel that nobody has opened yet must not cost a session.
      loadChatKit(settings.chatkit).catch(() => {});
    }
  } else if (origin !== host) {
    return;
  } else if (message.type === "open") {
    chat.open(message.focus);
  } else if (message.type === "locked") {
    stored = message.stored;
    locked();
  } else if (message.type === "threads") {
    questions[message.id]?.(message.value);
  } else if (message.type === "look") {
    dress(message.look);
    chat.settle();
  } else if (message.type === "call") {
    const { id, method, argument } = message;
    chat.call(method, argument).then(
      () => tell({ type: "result", id }),
      (/** @type {unknown} */ error) => tell({ type: "result", id, error: `${error}` }),
    );
  }
}

/** @param {import("./types.js").Look} look */
function dress(look) {
  Object.assign(chat.look, look);
  if (look.theme) {
    document.documentElement.dataset.scheme = look.theme;
  }
}

/**
 * @param {string} id
 * @returns {HTMLElement}
 */
function byId(id) {
  const found = document.getElementById(id);
  if (!found) {
    throw new Error(`the page has no #${id}: the theme's page.html must keep it`);
  }
  return found;
}
