/** ChatKit's requests to an agent, which keeps nothing: each is sent with what this browser keeps. Fetched for agents. */

/** @import { Stage, ThreadsOperation } from "./types.js" */

import { secondsToWait, subjectOf } from "./session.js";
import { threads } from "./threads.js";

/** The name of the effect that brings a thread's new state. */
const EFFECT = "chatkit-embed.state";

/** Requests whose reply brings new states. */
const TURN = /^threads\.(add|retry|custom)_/;

/** The most of a thread in one request, in bytes. What does not fit is part of a later one. */
const MOST_BYTES = 192 * 1024;

/** Most seconds to wait unseen. Whoever stops an answer and asks again may be faster than the agent. */
const SHORT = 2;

/** How often a request is sent before a refusal is passed on. */
const MOST_REQUESTS = 4;

/** @typedef {ReturnType<typeof createAgent>} Agent */

/**
 * One function of over 60 lines: its short functions share whose threads they are and where threads are kept.
 *
 * @param {Pick<Stage, "key" | "relay">} stage
 * @param {(input: any, init: any, change: (token: string) => Promise<RequestInit>) => Promise<Response>} signed
 */
export function createAgent({ key, relay }, signed) {
  /** Whose threads they are. */
  let owner = "";
  /** Heads that the answer in each thread is based on. @type {Map<string, string[]>} */
  const bases = new Map();

  /**
   * Keeps and finds threads. Fails if the page around this one does not answer twice.
   *
   * @param {ThreadsOperation} operation
   * @returns {Promise<any>}
   */
  const keep = async (operation) => {
    const answer = await relay?.(operation).catch(() => relay?.(operation));
    if (answer !== undefined) {
      return answer;
    }
    relay = undefined;
    return threads(key, operation);
  };

  /** @param {any} request @returns {Promise<string>} */
  const complete = async ({ type, params = {}, metadata, ...rest }) => {
    const { thread_id: thread } = params;
    /** @type {object | undefined} */
    let known;
    if (type === "threads.list") {
      known = { threads: await keep({ do: "list", owner }) };
    } else if (thread) {
      const { title, states } = (await keep({ do: "read", owner, thread })) ?? { states: [] };
      const base = fitting(states);
      if (TURN.test(type)) {
        bases.set(thread, base);
      }
      known = { states: base, title };
    }
    return JSON.stringify({ ...rest, type, params, metadata: { ...metadata, ...known } });
  };

  /** What the agent did with a thread, this browser does as well. @param {any} request */
  const follow = async ({ type, params: { thread_id: thread, title } = {} }) => {
    if (type === "threads.delete") {
      await keep({ do: "remove", owner, thread });
    } else if (type === "threads.update") {
      await keep({ do: "rename", owner, thread, title });
    }
  };

  return {
    /** ChatKit's `fetch`. @param {RequestInfo | URL} input @param {RequestInit} [init] */
    async fetch(input, init) {
      const request = parsed(init?.body);
      for (let sent = 1; ; sent++) {
        const response = await signed(input, init, async (token) => {
          owner = subjectOf(token) ?? "";
          return request ? { body: await complete(request) } : {};
        });
        const wait = response.status === 429 ? secondsToWait(response.headers.get("Retry-After"), null) : null;
        if (wait === null || wait > SHORT || sent === MOST_REQUESTS) {
          if (request && response.ok) {
            await follow(request);
          }
          return response;
        }
        await new Promise((resolve) => setTimeout(resolve, wait * 1000));
      }
    },
    /** Keeps what an effect brings. @param {{ name: string, data?: any }} effect */
    effect({ name, data }) {
      if (name === EFFECT) {
        const { thread_id: thread, created_at, title, state } = data;
        const base = bases.get(thread) ?? [];
        // Who is slow to answer has still been told.
        keep({ do: "write", owner, thread, created_at, title, state, base }).catch(() => {});
        bases.set(thread, [state]);
      }
    },
    forget: () => keep({ do: "clear" }),
  };
}

/** The newest heads that a request has room for. @param {string[]} states */
function fitting(states) {
  let room = MOST_BYTES;
  const sizeOf = (/** @type {string} */ state) => new TextEncoder().encode(JSON.stringify(state)).length;
  return states.toReversed().filter((state, at) => (room -= sizeOf(state)) >= 0 || at === 0);
}

/** A request of ChatKit's; `undefined` for anything else. @param {unknown} body */
function parsed(body) {
  try {
    const request = JSON.parse(/** @type {string} */ (body));
    return typeof request?.type === "string" ? request : undefined;
  } catch {
    return undefined;
  }
}
