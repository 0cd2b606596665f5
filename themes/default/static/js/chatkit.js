/** OpenAI's ChatKit: how it gets into a page, and why it did not. */

import { refusalOf } from "./refusals.js";
import { Failure } from "./session.js";

/** ChatKit says nothing when its domain is not allowed. After this many milliseconds, we do. */
export const CHATKIT_PATIENCE = 10_000;

/** Name of our policy, for pages that send `require-trusted-types-for 'script'`. */
const POLICY = "chatkit-embed";

/** @type {any} Made once: a page may forbid a second of the same name. */
let policy;

/**
 * Fetches ChatKit once; after a failure, once more.
 *
 * @param {string} address The script's.
 * @returns {Promise<void>}
 */
export function loadChatKit(address) {
  if (customElements.get("openai-chatkit")) {
    return Promise.resolve();
  }
  document.querySelectorAll(`script[src="${address}"][data-failed]`).forEach((tag) => tag.remove());
  let script = /** @type {HTMLScriptElement | null} */ (document.querySelector(`script[src="${address}"]`));
  if (!script) {
    script = document.createElement("script");
    policy ??= /** @type {any} */ (window).trustedTypes?.createPolicy(POLICY, { createScriptURL: () => address });
    script.src = policy?.createScriptURL("") ?? address;
    document.head.append(script);
  }
  const tag = script;
  return new Promise((resolve, reject) => {
    customElements.whenDefined("openai-chatkit").then(() => resolve());
    tag.addEventListener("error", () => {
      tag.dataset.failed = "";
      reject(notLoaded(address));
    });
  });
}

/** @param {string} address */
function notLoaded(address) {
  const refusal = refusalOf(address, "script-src");
  const cause = refusal
    ? `this page keeps it out by ${refusal}`
    : "the network, or an ad blocker or another extension, keeps it out";
  return new Failure("not_loaded", `failed to load ${address}: ${cause}`);
}

/** The failure of a ChatKit that stays silent. @param {string} address The script's. */
export function silent(address) {
  if (!customElements.get("openai-chatkit")) {
    return new Failure("not_loaded", `${address} takes too long`);
  }
  const refusal = refusalOf(address, "frame-src");
  const advice = refusal
    ? `This page keeps its frame out by ${refusal}`
    : self.crossOriginIsolated
      ? "Its frame does not comply with this page's Cross-Origin-Embedder-Policy"
      : `Add ${location.hostname} at https://platform.openai.com/settings/organization/security/domain-allowlist`;
  return new Failure("not_ready", `ChatKit did not get ready in ${CHATKIT_PATIENCE / 1000} s. ${advice}`);
}
