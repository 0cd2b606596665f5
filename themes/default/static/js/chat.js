/** ChatKit in a page: fetched, given its options and its session, and watched. */

/** @import { HeaderAction, Stage } from "./types.js" */

import { nearest } from "./locales.js";
import { isAllowed } from "./origins.js";
import { refusalOf } from "./refusals.js";
import { Failure, createSessions, subjectOf } from "./session.js";
import { reasonFor, waitingFor } from "./words.js";

/** Serves ChatKit. It can be neither pinned nor hosted elsewhere. */
const CHATKIT = "https://cdn.platform.openai.com/deployments/chatkit/chatkit.js";

/** ChatKit says nothing when its domain is not allowed. After this many milliseconds, we do. */
const PATIENCE = 10_000;

/** Name of our policy, for pages that send `require-trusted-types-for 'script'`. */
const POLICY = "chatkit-embed";

/** What a host page may ask for. */
const SCHEMES = /** @type {const} */ (["light", "dark", "auto"]);

/** @type {any} Made once: a page may forbid a second of the same name. */
let policy;

/** @typedef {ReturnType<typeof createChat>} Chat */

/** @param {Stage} stage */
export function createChat(stage) {
  const { settings, container, store, look } = stage;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const sessions = createSessions({
    widget: settings.widget,
    url: settings.backend.sessionUrl,
    store,
    kept: stage.kept,
    exclusively: stage.exclusively,
    identity: () => look.identity,
    unreached: (error) => unreached(settings, error),
    onWait(seconds) {
      clearTimeout(patience);
      if (isReady) {
        stage.pause(waitingFor(settings, seconds, "goes_on"));
      } else {
        stage.wait(seconds);
      }
    },
  });

  /** @type {any} The `<openai-chatkit>`. */
  let element;
  /** @type {number | undefined} */
  let patience;
  let started = false;
  let isReady = false;
  /** @type {((error?: Error) => void)[]} Who waits for it to be ready, or gone. */
  const waiting = [];
  let isGone = false;
  /** @type {(() => void)[]} Conversations that wait for somebody to try again. */
  const paused = [];
  /** A secret that was there before ChatKit asked for it. */
  let next = "";
  /** Whether the visitor was the one who tried again, and has the focus on what is about to disappear. */
  let isAsked = false;
  const goOn = () => paused.splice(0).forEach((resume) => resume());

  /** @param {unknown} error */
  const fail = (error) => {
    clearTimeout(patience);
    console.error("chatkit-embed:", error);
    const code = error instanceof Failure ? error.code : "other";
    const failure = new Failure(navigator.onLine ? code : "offline", `${error}`);
    stage.on("error", { code: failure.code });
    if (isReady) {
      stage.pause(reasonFor(settings, failure.code), () => {
        isAsked = true;
        goOn();
      });
    } else {
      stage.fail(failure);
    }
  };

  /** Says so when ChatKit stays silent. */
  const expect = () => {
    clearTimeout(patience);
    patience = window.setTimeout(
      () =>
        fail(
          customElements.get("openai-chatkit") ? notReady() : new Failure("not_loaded", `${CHATKIT} takes too long`),
        ),
      PATIENCE,
    );
  };

  /** Begins, or begins anew. */
  const start = async () => {
    started = true;
    isReady = false;
    paused.splice(0);
    stage.resume();
    element?.remove();
    element = undefined;
    expect();
    try {
      await loadChatKit();
      if (element || isGone) {
        return;
      }
      element = document.createElement("openai-chatkit");
      listen();
      applyOptions();
      container.prepend(element);
    } catch (error) {
      fail(error);
    }
  };

  const listen = () => {
    const own = element;
    /** @param {string} type @param {(detail: any) => void} listener */
    const when = (type, listener) =>
      own.addEventListener(`chatkit.${type}`, (/** @type {any} */ event) => own === element && listener(event.detail));
    let loading = "";
    when("ready", () => {
      clearTimeout(patience);
      isReady = true;
      stage.ready();
      stage.on("ready");
      waiting.splice(0).forEach((end) => end());
    });
    when("thread.load.start", ({ threadId }) => (loading = threadId));
    when("thread.load.end", () => (loading = ""));
    when("thread.change", ({ threadId }) => {
      store.write({ thread: threadId });
      stage.on("thread-changed");
    });
    when("response.start", () => stage.on("response-start"));
    when("response.end", () => stage.on("response-end"));
    when("error", (detail) => {
      if (!isReady) {
        fail(detail?.error);
      } else if (loading && loading === store.read().thread) {
        // The thread was deleted: better a new one than none.
        store.write({ thread: null });
        own.setThreadId(null).catch(() => {});
      } else {
        // ChatKit shows its own errors.
        stage.on("error", { code: "chat" });
      }
    });
  };

  /** @returns {"light" | "dark" | undefined} `auto` is ours: ChatKit knows light and dark alone. */
  const scheme = () => {
    const wanted = SCHEMES.find((scheme) => scheme === look.theme) ?? settings.options.theme?.colorScheme;
    return wanted === "auto" ? (dark.matches ? "dark" : "light") : wanted;
  };

  /** @param {HeaderAction} action What a button in ChatKit's header does. */
  const act = (action) => {
    if (typeof action === "object") {
      window.open(action.href, "_blank", "noopener");
    } else if (action === "close") {
      stage.close();
    } else if (action === "new_thread") {
      element?.setThreadId(null).catch(() => {});
    } else {
      const theme = scheme() === "dark" ? "light" : "dark";
      look.theme = theme;
      stage.dress(theme);
      applyOptions();
    }
  };

  /** A file can not hold the functions that ChatKit takes for the buttons in its header. */
  const header = () => {
    const resolved = { ...settings.options.header };
    for (const side of ["leftAction", "rightAction"]) {
      const { icon, action } = resolved[side] ?? {};
      if (action === "close" && !stage.canClose()) {
        delete resolved[side];
      } else if (action) {
        resolved[side] = { icon, onClick: () => act(action) };
      }
    }
    return resolved;
  };

  /** ChatKit does not merge: each call gives it everything. */
  const applyOptions = () => {
    const { theme } = settings.options;
    const locale = nearest(look.locale) ?? settings.options.locale;
    const colorScheme = scheme();
    element?.setOptions({
      ...settings.options,
      ...(settings.options.header && { header: header() }),
      ...(colorScheme && { theme: { ...theme, colorScheme } }),
      ...(locale && { locale }),
      ...(store.read().thread && { initialThread: store.read().thread }),
      api: api(),
    });
  };

  /** ChatKit refuses a hosted `api` with anything but this one function in it. */
  const api = () => {
    const { backend } = settings;
    if (backend.type === "hosted") {
      return { getClientSecret: secret };
    }
    const { url, domainKey, uploadStrategy, session } = backend;
    return { url, domainKey, ...(uploadStrategy && { uploadStrategy }), ...(session && { fetch: signed }) };
  };

  /**
   * @param {string | null} current
   * @returns {Promise<string>}
   */
  const secret = async (current) => {
    if (next && !current) {
      const found = next;
      next = "";
      return found;
    }
    try {
      const found = await sessions.secret(current);
      stage.resume();
      if (isAsked) {
        isAsked = false;
        element?.focusComposer().catch(() => {});
      }
      return found;
    } catch (error) {
      // ChatKit may swallow it, and the visitor would look at an empty box.
      fail(error);
      if (!isReady) {
        throw error;
      }
      // A conversation is not lost: ChatKit waits, and goes on with what it was about to do.
      await new Promise((resolve) => paused.push(() => resolve(undefined)));
      return secret(current);
    }
  };

  /**
   * The same as `fetch`, with a token for the user's own server.
   *
   * @param {RequestInfo | URL} input
   * @param {RequestInit} [init]
   * @param {string | null} [refused] The token that the server did not take.
   * @returns {Promise<Response>}
   */
  const signed = async (input, init, refused = null) => {
    const token = await secret(refused);
    const headers = new Headers(init?.headers);
    headers.set("Authorization", `Bearer ${token}`);
    const response = await fetch(input, { ...init, headers });
    return response.status === 401 && !refused ? signed(input, init, token) : response;
  };

  const whenReady = async () => {
    if (!started) {
      start();
    }
    if (!isReady) {
      await new Promise((resolve, reject) => waiting.push((error) => (error ? reject(error) : resolve(undefined))));
    }
  };

  /** A laptop that slept may hold a secret that ended. ChatKit finds out with its next request. */
  const wake = () => {
    if (!isReady || document.visibilityState !== "visible") {
      return;
    }
    if (paused.length) {
      goOn();
    } else if (sessions.hasEnded()) {
      // It begins anew only once there is something to begin with: the conversation stays in view until then.
      element.fetchUpdates().catch(async () => {
        next = await secret("ended");
        start();
      });
    }
  };

  /** A preview has other options for the page as it stands: `document` hears of them. @param {any} event */
  const change = ({ detail }) => {
    if (detail.widget === settings.widget) {
      settings.options = detail.options;
      applyOptions();
    }
  };

  document.addEventListener("chatkit-embed:options", change);
  dark.addEventListener("change", applyOptions);
  const wakers = /** @type {const} */ ([
    [document, "visibilitychange"],
    [window, "pageshow"],
    [window, "online"],
  ]);
  wakers.forEach(([target, type]) => target.addEventListener(type, wake));

  return {
    look,
    start,
    /** @param {boolean} focus */
    open(focus) {
      if (!started) {
        start();
      }
      if (focus) {
        // Refused while a thread loads, and on some phones.
        element?.focusComposer?.()?.catch(() => {});
      }
    },
    /** Options of this page changed. */
    settle: applyOptions,
    /**
     * @param {string} method
     * @param {any} [argument]
     */
    async call(method, argument) {
      switch (method) {
        case "sendMessage":
          await whenReady();
          return element.sendUserMessage({ text: argument });
        case "setInput":
          await whenReady();
          return element.setComposerValue({ text: argument });
        case "newThread":
          await whenReady();
          return element.setThreadId(null);
        case "identify": {
          const isSame = subjectOf(argument) === subjectOf(look.identity);
          look.identity = argument;
          if (isSame) {
            return undefined;
          }
          // The open thread belongs to somebody else.
          if (started) {
            store.write({ thread: null });
          }
          break;
        }
        case "reset":
          look.identity = undefined;
          sessions.forget();
          store.clear();
          break;
        default:
          throw new TypeError(`no such method: ${method}`);
      }
      return started ? start() : undefined;
    },
    remove() {
      isGone = true;
      clearTimeout(patience);
      waiting.splice(0).forEach((end) => end(new Error("the chat is gone")));
      document.removeEventListener("chatkit-embed:options", change);
      dark.removeEventListener("change", applyOptions);
      wakers.forEach(([target, type]) => target.removeEventListener(type, wake));
      element?.remove();
      element = undefined;
    },
  };
}

function notReady() {
  const refusal = refusalOf(CHATKIT, "frame-src");
  const advice = refusal
    ? `This page keeps its frame out by ${refusal}`
    : self.crossOriginIsolated
      ? "Its frame does not comply with this page's Cross-Origin-Embedder-Policy"
      : `Add ${location.hostname} at https://platform.openai.com/settings/organization/security/domain-allowlist`;
  return new Failure("not_ready", `ChatKit did not get ready in ${PATIENCE / 1000} s. ${advice}`);
}

function notLoaded() {
  const refusal = refusalOf(CHATKIT, "script-src");
  const cause = refusal
    ? `this page keeps it out by ${refusal}`
    : "the network, or an ad blocker or another extension, keeps it out";
  return new Failure("not_loaded", `failed to load ${CHATKIT}: ${cause}`);
}

/**
 * Why the function did not even answer, as far as browsers tell: who may not read an answer gets none.
 *
 * @param {import("./types.js").PageSettings} settings
 * @param {unknown} error
 */
async function unreached({ backend, embedders }, error) {
  // Browsers tell of a refusal after they refuse.
  await new Promise((resolve) => setTimeout(resolve));
  const { href, origin } = new URL(backend.sessionUrl, location.href);
  if (self.origin === "null") {
    return new Failure(
      "origin_not_allowed",
      "no session: this page is in a sandbox, so it has no origin. Add allow-same-origin to the sandbox",
    );
  }
  if (!isAllowed(location.origin, origin, embedders)) {
    return new Failure(
      "origin_not_allowed",
      `no session: add ${location.origin} to site.allowed_origins and deploy again`,
    );
  }
  const refusal = refusalOf(href, "connect-src");
  return new Failure(
    "not_loaded",
    `no session: ${href} is out of reach: ${refusal ? `this page keeps it out by ${refusal}` : error}`,
  );
}

/** Fetches ChatKit once; after a failure, once more. @returns {Promise<void>} */
export function loadChatKit() {
  if (customElements.get("openai-chatkit")) {
    return Promise.resolve();
  }
  document.querySelectorAll(`script[src="${CHATKIT}"][data-failed]`).forEach((tag) => tag.remove());
  let script = /** @type {HTMLScriptElement | null} */ (document.querySelector(`script[src="${CHATKIT}"]`));
  if (!script) {
    script = document.createElement("script");
    policy ??= /** @type {any} */ (window).trustedTypes?.createPolicy(POLICY, { createScriptURL: () => CHATKIT });
    script.src = policy?.createScriptURL("") ?? CHATKIT;
    document.head.append(script);
  }
  const tag = script;
  return new Promise((resolve, reject) => {
    customElements.whenDefined("openai-chatkit").then(() => resolve());
    tag.addEventListener("error", () => {
      tag.dataset.failed = "";
      reject(notLoaded());
    });
  });
}
