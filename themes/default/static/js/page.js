/**
 * The hosted page: gives ChatKit its options and its session, and says in words what goes wrong.
 *
 * The page's settings stand in a block of JSON, so that no script is inline.
 */

/**
 * @typedef {object} Settings
 * @property {string} widget Name of the widget.
 * @property {HostedBackend | ServerBackend} backend
 * @property {Record<string, any>} options ChatKit's options without `api`; `colorScheme` may be `auto`.
 * @property {{label: string, url: string} | null} fallback Another way to get in touch.
 * @property {string[]} embedders Origins of host pages, `https://*.example.com` among them.
 */

/**
 * @typedef {object} HostedBackend
 * @property {"hosted"} type
 * @property {string} sessionUrl Where sessions come from.
 */

/**
 * @typedef {object} ServerBackend
 * @property {"server"} type
 * @property {string} url Address of the ChatKit server.
 * @property {string} domainKey
 * @property {string | null} sessionUrl Where signed sessions for it come from, if it wants them.
 * @property {object} [uploadStrategy]
 */

/** Serves ChatKit. It can be neither pinned nor hosted elsewhere. */
const CHATKIT = "https://cdn.platform.openai.com/deployments/chatkit/chatkit.js";

/** ChatKit says nothing when its domain is not allowed. After this many milliseconds, we do. */
const PATIENCE = 10_000;

/** Value of `source` in every message between this page and the loader. */
const MESSAGE = "chatkit-embed";

/** Name of the frame in a loader's panel. */
const PANEL = "chatkit-embed-panel";

/** What a visitor reads, by the code of the failure. The owner finds the cause in console and log. */
const REASONS = /** @type {Record<string, string>} */ ({
  offline: "There seems to be no connection to the internet.",
  rate_limited: "Too many people are asking right now. Please wait a minute.",
  upstream_timeout: "The answer took too long. Please try again.",
  other: "Something is wrong on our side. Please try again in a moment.",
});

/** Why the chat did not start. */
class Failure extends Error {
  /**
   * @param {string} code
   * @param {string} message For the owner of the site.
   */
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

const settings = /** @type {Settings} */ (JSON.parse(byId("settings").textContent ?? ""));
const chat = byId("chat");
const skeleton = byId("skeleton");
const failure = byId("failure");
const dark = matchMedia("(prefers-color-scheme: dark)");

/** @type {any} The `<openai-chatkit>` of this page. */
let element;

/** @type {number | undefined} */
let patience;

/** What the visitor chose in the header, instead of what is written. @type {"light" | "dark" | undefined} */
let chosenScheme;

/** Asks the loader to close its panel. Without one there is nothing to close. */
let close = () => {};

const isFramed = window.parent !== window;
document.documentElement.toggleAttribute("data-framed", isFramed);
byId("retry").addEventListener("click", startChat);
dark.addEventListener("change", applyOptions);
if (settings.fallback) {
  const link = /** @type {HTMLAnchorElement} */ (byId("fallback"));
  link.href = settings.fallback.url;
  link.textContent = settings.fallback.label;
  link.hidden = false;
}
if (isFramed) {
  listenToLoader();
}
// A panel that nobody has opened yet must not cost a session.
if (isFramed && window.name === PANEL) {
  loadChatKit().catch(() => {});
} else {
  startChat();
}

/** Shows the chat, or why there is none. */
async function startChat() {
  failure.hidden = true;
  skeleton.hidden = false;
  chat.hidden = false;
  chat.setAttribute("aria-busy", "true");
  clearTimeout(patience);
  patience = window.setTimeout(
    () =>
      fail(
        new Failure(
          "not_ready",
          `ChatKit did not get ready in ${PATIENCE / 1000} s. Add ${location.hostname} at ` +
            "https://platform.openai.com/settings/organization/security/domain-allowlist",
        ),
      ),
    PATIENCE,
  );
  try {
    await loadChatKit();
    element?.remove();
    element = document.createElement("openai-chatkit");
    element.addEventListener("chatkit.ready", ready);
    element.addEventListener("chatkit.error", (/** @type {any} */ event) => fail(event.detail?.error));
    applyOptions();
    chat.prepend(element);
  } catch (error) {
    fail(error);
  }
}

function ready() {
  clearTimeout(patience);
  skeleton.hidden = true;
  failure.hidden = true;
  chat.hidden = false;
  chat.setAttribute("aria-busy", "false");
}

/** @param {unknown} error */
function fail(error) {
  clearTimeout(patience);
  console.error("chatkit-embed:", error);
  const code = navigator.onLine ? (error instanceof Failure ? error.code : "other") : "offline";
  byId("reason").textContent = REASONS[code] ?? REASONS.other;
  chat.hidden = true;
  failure.hidden = false;
}

/** Fetches ChatKit once; after a failure, once more. @returns {Promise<void>} */
function loadChatKit() {
  if (customElements.get("openai-chatkit")) {
    return Promise.resolve();
  }
  document.querySelectorAll(`script[src="${CHATKIT}"][data-failed]`).forEach((tag) => tag.remove());
  let script = /** @type {HTMLScriptElement | null} */ (document.querySelector(`script[src="${CHATKIT}"]`));
  if (!script) {
    script = document.createElement("script");
    script.src = CHATKIT;
    document.head.append(script);
  }
  const tag = script;
  return new Promise((resolve, reject) => {
    customElements.whenDefined("openai-chatkit").then(() => resolve());
    tag.addEventListener("error", () => {
      tag.dataset.failed = "";
      reject(new Failure("not_loaded", `failed to load ${CHATKIT}`));
    });
  });
}

/** ChatKit does not merge: each call gives it everything. */
function applyOptions() {
  element?.setOptions({ ...settings.options, ...resolvedTheme(), ...resolvedHeader(), api: api() });
}

/** A file can not hold the functions that ChatKit takes for the buttons in its header. */
function resolvedHeader() {
  const { header } = settings.options;
  if (!header) {
    return {};
  }
  const resolved = { ...header };
  for (const side of ["leftAction", "rightAction"]) {
    if (header[side]) {
      const { icon, action } = header[side];
      resolved[side] = { icon, onClick: () => act(action) };
    }
  }
  return { header: resolved };
}

/** @param {"close" | "new_thread" | "toggle_theme" | {href: string}} action */
function act(action) {
  if (typeof action === "object") {
    window.open(action.href, "_blank", "noopener");
  } else if (action === "close") {
    close();
  } else if (action === "new_thread") {
    element?.setThreadId(null)?.catch(() => {});
  } else {
    chosenScheme = scheme() === "dark" ? "light" : "dark";
    document.documentElement.dataset.scheme = chosenScheme;
    applyOptions();
  }
}

/** `auto` is ours: ChatKit knows light and dark alone. */
function resolvedTheme() {
  const { theme } = settings.options;
  if (theme?.colorScheme !== "auto" && !chosenScheme) {
    return {};
  }
  return { theme: { ...theme, colorScheme: scheme() } };
}

/** @returns {"light" | "dark"} */
function scheme() {
  const written = chosenScheme ?? settings.options.theme?.colorScheme ?? "light";
  return written === "auto" ? (dark.matches ? "dark" : "light") : written;
}

/** ChatKit refuses a hosted `api` with anything but this one function in it. */
function api() {
  const { backend } = settings;
  if (backend.type === "server") {
    const { url, domainKey, uploadStrategy, sessionUrl } = backend;
    return {
      url,
      domainKey,
      ...(uploadStrategy && { uploadStrategy }),
      ...(sessionUrl && { fetch: signedFetch(sessionUrl) }),
    };
  }
  return { getClientSecret: async () => (await mintSession(backend.sessionUrl)).client_secret };
}

/**
 * A `fetch` that tells the user's own server who asks. Kept until a minute before the session ends.
 *
 * @param {string} sessionUrl
 * @returns {typeof fetch}
 */
function signedFetch(sessionUrl) {
  /** @type {Promise<Session> | undefined} */
  let session;
  let expiresAt = 0;
  return async (input, init) => {
    if (!session || Date.now() / 1000 > expiresAt - 60) {
      session = mintSession(sessionUrl);
      session.catch(() => (session = undefined));
    }
    const { client_secret, expires_at } = await session;
    expiresAt = expires_at;
    const headers = new Headers(init?.headers);
    headers.set("Authorization", `Bearer ${client_secret}`);
    return fetch(input, { ...init, headers });
  };
}

/**
 * @typedef {object} Session
 * @property {string} client_secret
 * @property {number} expires_at Unix seconds.
 */

/**
 * Asks for a session. There is none to refresh: a session that ends is followed by a new one.
 *
 * @param {string} url
 * @returns {Promise<Session>}
 */
async function mintSession(url) {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ widget: settings.widget }),
    });
    const reply = await response.json().catch(() => null);
    if (response.ok && typeof reply?.client_secret === "string") {
      return reply;
    }
    const { code = "other", message = `HTTP ${response.status}` } = reply?.error ?? {};
    throw new Failure(code, `no session: ${message}`);
  } catch (error) {
    // ChatKit may swallow it, and the visitor would look at an empty box.
    fail(error);
    throw error;
  }
}

/** Does what the loader's panel asks for, if it is one of the host pages that the site allows. */
function listenToLoader() {
  let started = window.name !== PANEL;
  addEventListener("message", ({ origin, source, data }) => {
    if (source !== window.parent || data?.source !== MESSAGE || !isAllowed(origin)) {
      return;
    }
    close = () => window.parent.postMessage({ source: MESSAGE, type: "close" }, origin);
    if (data.type === "open") {
      if (!started) {
        started = true;
        startChat();
      }
      element?.focusComposer?.()?.catch(() => {});
    }
  });
  addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      close();
    }
  });
}

/** @param {string} origin */
function isAllowed(origin) {
  return origin === location.origin || settings.embedders.some((pattern) => matches(pattern, origin));
}

/**
 * Whether an origin is the one of the pattern, or has one or more labels where its `*` is.
 *
 * @param {string} pattern `https://www.example.com` or `https://*.example.com:8080`
 * @param {string} origin
 */
function matches(pattern, origin) {
  const [start, end] = pattern.toLowerCase().split("*");
  if (end === undefined) {
    return origin === start;
  }
  const label = origin.slice(start.length, -end.length);
  return (
    origin.startsWith(start) && origin.endsWith(end) && /^[a-z0-9-]+(\.[a-z0-9-]+)*$/.test(label)
  );
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

// A module, for the type checker too.
export {};
