/**
 * Secrets for ChatKit, and the requests that wait for one.
 *
 * A request of ChatKit's for a secret is in one of these states:
 *
 *     asking  the function is asked
 *     held    the function refused and the chat was ready: ChatKit waits, and the conversation stays in view
 *     done    ChatKit has its secret, or an error
 *
 * | from   | event                                        | to     |                                          |
 * |--------|----------------------------------------------|--------|------------------------------------------|
 * | asking | the function answers                         | done   | the stage resumes                        |
 * | asking | the function refuses while the chat starts   | done   | both ChatKit and the stage have an error |
 * | asking | the function refuses while the chat is ready | held   | the stage pauses                         |
 * | held   | `retry` by the visitor, `resume` by the chat | asking |                                          |
 * | held   | `clear`: the chat starts again               | none   | the ChatKit that waited is gone as well  |
 */

/** @import { Lifecycle } from "./lifecycle.js" */
/** @import { PageSettings, Stage } from "./types.js" */

import { isAllowed } from "./origins.js";
import { refusalOf } from "./refusals.js";
import { Failure, createSessions } from "./session.js";

/** @typedef {ReturnType<typeof createSecrets>} Secrets */

/**
 * @param {Stage} stage
 * @param {Lifecycle} life
 * @param {() => void} refocus What had the visitor's focus is about to disappear.
 */
export function createSecrets(stage, life, refocus) {
  const sessions = createSessions(stage, life.wait, (error) => unreached(stage.settings, error));
  /** @type {(() => void)[]} Requests that are held. */
  const held = [];
  /** A secret that is there before ChatKit asks for it. */
  let early = "";
  /** Set from the visitor's retry until it succeeds. */
  let isRetried = false;
  /** Asks again for what is held. @returns {number} of requests */
  const resume = () => held.splice(0).map((ask) => ask()).length;

  /**
   * @param {string | null} current
   * @returns {Promise<string>}
   */
  const secret = async (current) => {
    if (early && !current) {
      const found = early;
      early = "";
      return found;
    }
    try {
      const found = await sessions.secret(current);
      stage.resume();
      if (isRetried) {
        isRetried = false;
        refocus();
      }
      return found;
    } catch (error) {
      // ChatKit may swallow it, and the visitor would look at an empty box.
      life.fail(error);
      if (!life.is("ready")) {
        throw error;
      }
      await new Promise((ask) => held.push(() => ask(undefined)));
      return secret(current);
    }
  };

  return {
    ...sessions,
    secret,
    resume,
    retry() {
      isRetried = true;
      resume();
    },
    clear: () => void held.splice(0),
    /** Has a new secret ready for the ChatKit that is about to start. */
    async renew() {
      early = await secret("ended");
    },
  };
}

/**
 * `fetch` with a token for an agent, or for the user's own server.
 *
 * @param {(refused: string | null) => Promise<string>} secret
 * @param {RequestInfo | URL} input
 * @param {RequestInit} [init]
 * @param {(token: string) => Promise<RequestInit>} [change] What is different for the holder of a token.
 * @param {string | null} [refused] The token that the server did not take.
 * @returns {Promise<Response>}
 */
export async function signed(secret, input, init, change, refused = null) {
  const token = await secret(refused);
  const headers = new Headers(init?.headers);
  headers.set("Authorization", `Bearer ${token}`);
  const response = await fetch(input, { ...init, ...(await change?.(token)), headers });
  return response.status === 401 && !refused ? signed(secret, input, init, change, token) : response;
}

/**
 * The reason why the function did not even answer, as far as browsers tell: who may not read an answer gets none.
 *
 * @param {PageSettings} settings
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
    return new Failure("origin_not_allowed", `no session: add ${location.origin} to allowed_origins and deploy again`);
  }
  const refusal = refusalOf(href, "connect-src");
  return new Failure(
    "not_loaded",
    `no session: ${href} is out of reach: ${refusal ? `this page keeps it out by ${refusal}` : error}`,
  );
}
