/** Options of ChatKit: the widget's own, with what belongs to this page and this visitor. */

/** @import { Agent } from "./agent.js" */
/** @import { HeaderAction, PageSettings, Stage } from "./types.js" */

import { nearest } from "./locales.js";
import { signed } from "./secrets.js";

/** What a host page may ask for. */
const SCHEMES = /** @type {const} */ (["light", "dark", "auto"]);

/** Changes when the visitor's system does. */
export const darkness = () => matchMedia("(prefers-color-scheme: dark)");

/**
 * @param {Stage} stage
 * @returns {"light" | "dark" | undefined} `auto` is ours: ChatKit knows light and dark alone.
 */
export function schemeOf({ settings, look }) {
  const wanted = SCHEMES.find((scheme) => scheme === look.theme) ?? settings.options.theme?.colorScheme;
  return wanted === "auto" ? (darkness().matches ? "dark" : "light") : wanted;
}

/**
 * All of them: ChatKit does not merge.
 *
 * @param {Stage} stage
 * @param {(refused: string | null) => Promise<string>} secret
 * @param {Agent | undefined} agent The back end, if it is one.
 * @param {(action: HeaderAction) => void} act What a button in ChatKit's header does.
 */
export function optionsOf(stage, secret, agent, act) {
  const { options, backend } = stage.settings;
  const locale = nearest(stage.look.locale) ?? options.locale;
  const colorScheme = schemeOf(stage);
  const initialThread = stage.store.read().thread;
  // A file cannot hold the functions that ChatKit takes for the buttons in its header.
  // In a panel, its bar has ChatKit's buttons, unless the site says what ChatKit's own header holds.
  const header = { ...(options.header ?? (stage.canClose() && { enabled: false })) };
  for (const side of ["leftAction", "rightAction"]) {
    const { icon, action } = header[side] ?? {};
    if (action === "close" && !stage.canClose()) {
      delete header[side];
    } else if (action) {
      header[side] = { icon, onClick: () => act(action) };
    }
  }
  const theme = { ...options.theme, ...(colorScheme && { colorScheme }) };
  const { color } = theme;
  const primary = color?.accent?.primary;
  if (primary?.dark) {
    // A colour for each scheme is ours, too.
    theme.color = { ...color, accent: { ...color.accent, primary: primary[colorScheme ?? "light"] } };
  }
  return {
    ...options,
    header,
    theme,
    ...(locale && { locale }),
    ...(initialThread && { initialThread }),
    api: apiOf(backend, secret, agent),
  };
}

/**
 * ChatKit refuses a hosted `api` with anything but one function in it.
 *
 * @param {PageSettings["backend"]} backend
 * @param {(refused: string | null) => Promise<string>} secret
 * @param {Agent} [agent]
 */
function apiOf(backend, secret, agent) {
  if (backend.type === "hosted") {
    return { getClientSecret: secret };
  }
  const { url, domainKey } = backend;
  if (backend.type === "agent") {
    return { url, domainKey, fetch: agent?.fetch };
  }
  const { uploadStrategy, session } = backend;
  return {
    url,
    domainKey,
    ...(uploadStrategy && { uploadStrategy }),
    ...(session && {
      fetch: (/** @type {string} */ input, /** @type {RequestInit} */ init) => signed(secret, input, init),
    }),
  };
}
