/** ChatKit in a page: fetched, given its options and its session, and watched. */

/** @import { Agent } from "./agent.js" */
/** @import { HeaderAction, Stage } from "./types.js" */
/** @import { Lifecycle } from "./lifecycle.js" */
/** @import { Secrets } from "./secrets.js" */

import { loadChatKit } from "./chatkit.js";
import { load } from "./import.js";
import { createLifecycle } from "./lifecycle.js";
import { darkness, optionsOf, schemeOf } from "./options.js";
import { createSecrets, signed } from "./secrets.js";
import { subjectOf } from "./session.js";

/** @typedef {ReturnType<typeof createChat>} Chat */

/**
 * Phases are in `lifecycle.js`, requests for secrets in `secrets.js`. One function of over 60 lines: its short functions
 * share ChatKit's element.
 *
 * @param {Stage} stage
 */
export function createChat(stage) {
  /** @type {any} The `<openai-chatkit>`. */
  let element;
  /** @type {Agent | undefined} Its script is fetched for agents alone. */
  let agent;
  // Refused while a thread loads, and on some phones.
  const focus = () => element?.focusComposer?.()?.catch(() => {});
  const life = createLifecycle(stage, () => secrets.retry());
  const secrets = createSecrets(stage, life, focus);
  const settle = () =>
    element?.setOptions(optionsOf(stage, secrets.secret, agent, (action) => act(action, stage, element, settle)));
  const meetAgent = async () => {
    const { backend } = stage.settings;
    if (backend.type === "agent") {
      agent ??= (await load(backend.script)).createAgent(stage, signed.bind(undefined, secrets.secret));
    }
  };

  const remove = () => {
    element?.remove();
    element = undefined;
  };
  const start = async () => {
    secrets.clear();
    remove();
    life.begin();
    try {
      await Promise.all([loadChatKit(stage.settings.chatkit), meetAgent()]);
      if (!element && !life.is("gone")) {
        const own = (element = document.createElement("openai-chatkit"));
        listen(own, () => own === element, { stage, life, agent });
        settle();
        stage.container.prepend(own);
      }
    } catch (error) {
      life.fail(error);
    }
  };
  /** @param {boolean} focused */
  const open = (focused) => {
    if (life.is("idle")) {
      start();
    }
    if (focused) {
      focus();
    }
  };
  const ready = async () => {
    open(false);
    await life.whenReady();
    return element;
  };
  const unwatch = watch(stage, settle, () => wake(life, secrets, element, start));

  return {
    look: stage.look,
    start,
    open,
    settle,
    /** @param {string} method @param {unknown} [argument] */
    call: (method, argument) => call({ stage, life, secrets, agent, ready, start }, method, argument),
    remove() {
      life.remove();
      unwatch();
      remove();
    },
  };
}

/**
 * Does what a button in ChatKit's header is for.
 *
 * @param {HeaderAction} action
 * @param {Stage} stage
 * @param {any} element
 * @param {() => void} settle
 */
function act(action, stage, element, settle) {
  if (typeof action === "object") {
    window.open(action.href, "_blank", "noopener");
  } else if (action === "close") {
    stage.close();
  } else if (action === "new_thread") {
    element?.setThreadId(null).catch(() => {});
  } else {
    const theme = schemeOf(stage) === "dark" ? "light" : "dark";
    stage.look.theme = theme;
    stage.dress(theme);
    settle();
  }
}

/**
 * Calls a method of `ChatWidget`.
 *
 * @param {object} chat
 * @param {Stage} chat.stage
 * @param {Lifecycle} chat.life
 * @param {Secrets} chat.secrets
 * @param {Agent | undefined} chat.agent
 * @param {() => Promise<any>} chat.ready ChatKit's element, once it is ready.
 * @param {() => Promise<void>} chat.start
 * @param {string} method
 * @param {any} argument
 */
async function call({ stage, life, secrets, agent, ready, start }, method, argument) {
  const { look, store } = stage;
  switch (method) {
    case "sendMessage":
      return (await ready()).sendUserMessage({ text: argument });
    case "setInput":
      return (await ready()).setComposerValue({ text: argument });
    case "newThread":
      return (await ready()).setThreadId(null);
    case "history": {
      const element = await ready();
      return element.hasAttribute("data-history") ? element.hideHistory() : element.showHistory();
    }
    case "identify": {
      const isSame = subjectOf(argument) === subjectOf(look.identity);
      look.identity = argument;
      if (isSame || life.is("idle")) {
        return undefined;
      }
      // The open thread belongs to somebody else.
      store.write({ thread: null });
      break;
    }
    case "reset":
      look.identity = undefined;
      secrets.forget();
      store.clear();
      await agent?.forget();
      break;
    default:
      throw new TypeError(`no such method: ${method}`);
  }
  return life.is("idle") ? undefined : start();
}

/**
 * Tells the stage what ChatKit tells, for as long as the element is the chat's own.
 *
 * @param {any} element
 * @param {() => boolean} isOwn
 * @param {object} chat
 * @param {Stage} chat.stage
 * @param {Lifecycle} chat.life
 * @param {Agent | undefined} chat.agent
 */
function listen(element, isOwn, { stage, life, agent }) {
  const { store } = stage;
  /** @param {string} type @param {(detail: any) => void} listener */
  const when = (type, listener) =>
    element.addEventListener(`chatkit.${type}`, (/** @type {any} */ event) => isOwn() && listener(event.detail));
  let loading = "";
  when("ready", life.ready);
  when("thread.load.start", ({ threadId }) => (loading = threadId));
  when("thread.load.end", () => (loading = ""));
  when("thread.change", ({ threadId }) => {
    store.write({ thread: threadId });
    stage.on("thread-changed");
  });
  when("history.open", () => element.toggleAttribute("data-history", true));
  when("history.close", () => element.toggleAttribute("data-history", false));
  when("effect", (effect) => agent?.effect(effect));
  when("response.start", () => stage.on("response-start"));
  when("response.end", () => stage.on("response-end"));
  when("error", (detail) => {
    if (!life.is("ready")) {
      life.fail(detail?.error);
    } else if (loading && loading === store.read().thread) {
      // The thread was deleted: better a new one than none.
      store.write({ thread: null });
      element.setThreadId(null).catch(() => {});
    } else {
      // ChatKit shows its own errors.
      stage.on("error", { code: "chat" });
    }
  });
}

/**
 * A laptop that slept may hold a secret that ended. ChatKit finds out with its next request.
 *
 * @param {Lifecycle} life
 * @param {Secrets} secrets
 * @param {any} element
 * @param {() => void} start
 */
function wake(life, secrets, element, start) {
  if (life.is("ready") && document.visibilityState === "visible" && !secrets.resume() && secrets.hasEnded()) {
    // The conversation stays in view until there is a secret to start again with.
    element.fetchUpdates().catch(async () => {
      await secrets.renew();
      start();
    });
  }
}

/**
 * Follows the page and the visitor's system.
 *
 * @param {Stage} stage
 * @param {() => void} settle Options changed.
 * @param {() => void} wake The visitor, or the network, may be back.
 * @returns {() => void} Stops it.
 */
function watch({ settings }, settle, wake) {
  /** A preview has other options for the same page. @param {any} event */
  const change = ({ detail }) => {
    if (detail.widget === settings.widget) {
      settings.options = detail.options;
      settle();
    }
  };
  /** @type {[EventTarget, string, (event: any) => void][]} */
  const listeners = [
    [document, "chatkit-embed:options", change],
    [darkness(), "change", settle],
    [document, "visibilitychange", wake],
    [window, "pageshow", wake],
    [window, "online", wake],
  ];
  listeners.forEach(([target, type, listener]) => target.addEventListener(type, listener));
  return () => listeners.forEach(([target, type, listener]) => target.removeEventListener(type, listener));
}
