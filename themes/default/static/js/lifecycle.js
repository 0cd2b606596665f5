/**
 * Phases of a chat, and what its stage shows in each.
 *
 *     idle      nothing is loaded and no session is asked for
 *     starting  ChatKit loads; the stage shows the outline, or a failure
 *     ready     ChatKit answers; a failure is a notice above the conversation
 *     gone      removed from the page
 *
 * | from     | event    | to       |                                                    |
 * |----------|----------|----------|----------------------------------------------------|
 * | not gone | `begin`  | starting | the clock starts: after `CHATKIT_PATIENCE`, `fail` |
 * | starting | `ready`  | ready    | the clock stops; calls that wait go on             |
 * | starting | `wait`   | starting | the clock stops; the stage says for how long       |
 * | starting | `fail`   | starting | the clock stops; the stage offers to start again   |
 * | ready    | `wait`   | ready    | the stage pauses and says for how long             |
 * | ready    | `fail`   | ready    | the stage pauses and offers `retry`                |
 * | any      | `remove` | gone     | the clock stops; calls that wait fail              |
 *
 * Requests that a ready chat holds while it is paused are in `secrets.js`.
 */

/** @import { Stage } from "./types.js" */

import { CHATKIT_PATIENCE, silent } from "./chatkit.js";
import { Failure } from "./session.js";
import { reasonFor, waitingFor } from "./words.js";

/** @typedef {"idle" | "starting" | "ready" | "gone"} Phase */
/** @typedef {ReturnType<typeof createLifecycle>} Lifecycle */

/**
 * @param {Stage} stage
 * @param {() => void} retry The visitor tries again what paused the chat.
 */
export function createLifecycle(stage, retry) {
  let phase = /** @type {Phase} */ ("idle");
  /** @type {number | undefined} */
  let clock;
  /** @type {((error?: Error) => void)[]} Calls that wait for the chat to be ready, or gone. */
  const waiting = [];
  /** @param {Phase} next @param {Error} [error] */
  const leave = (next, error) => {
    clearTimeout(clock);
    phase = next;
    waiting.splice(0).forEach((tell) => tell(error));
  };
  /** @param {unknown} error */
  const fail = (error) => {
    clearTimeout(clock);
    console.error("chatkit-embed:", error);
    const code = error instanceof Failure ? error.code : "other";
    const failure = new Failure(navigator.onLine ? code : "offline", `${error}`);
    stage.on("error", { code: failure.code });
    if (phase === "ready") {
      stage.pause(reasonFor(stage.settings, failure.code), retry);
    } else if (phase !== "gone") {
      stage.fail(failure);
    }
  };

  return {
    /** @param {Phase} asked */
    is: (asked) => phase === asked,
    begin() {
      if (phase !== "gone") {
        clearTimeout(clock);
        phase = "starting";
        stage.resume();
        clock = window.setTimeout(() => fail(silent(stage.settings.chatkit)), CHATKIT_PATIENCE);
      }
    },
    ready() {
      leave("ready");
      stage.ready();
      stage.on("ready");
    },
    fail,
    remove: () => leave("gone", new Error("the chat is gone")),
    async whenReady() {
      if (phase !== "ready") {
        await new Promise((resolve, reject) => waiting.push((error) => (error ? reject(error) : resolve(undefined))));
      }
    },
    /** The function, and not ChatKit, is what a visitor waits for: the clock stops. @param {number} seconds */
    wait(seconds) {
      clearTimeout(clock);
      if (phase === "ready") {
        stage.pause(waitingFor(stage.settings, seconds, "goes_on"));
      } else {
        stage.wait(seconds);
      }
    },
  };
}
