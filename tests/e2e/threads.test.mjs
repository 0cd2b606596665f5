/** What a browser keeps of conversations with an agent, and what it sends along: without a browser. */

import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import fc from "fast-check";

import { createAgent } from "../../themes/default/static/js/agent.js";

const SEED = Number(process.env.PROPERTY_SEED ?? 20261127);
const WIDGET = "chatkit-embed /w/support/";
const ANN = "user_ann@example.com";

/** @typedef {typeof import("../../themes/default/static/js/threads.js").threads} Ask */

/** Texts by key, as in a browser: own members are what is kept. */
class FakeStorage {
  /** @param {number} quota characters of keys and values @returns {any} */
  static of(quota = 5 * 1024 * 1024) {
    /** @type {Record<string, string>} */
    const kept = Object.create({
      getItem: (/** @type {string} */ key) => kept[key] ?? null,
      removeItem: (/** @type {string} */ key) => delete kept[key],
      setItem(/** @type {string} */ key, /** @type {string} */ value) {
        const others = Object.entries(kept).filter(([name]) => name !== key);
        if ([...others, [key, value]].flat().join("").length > quota) {
          throw new Error("QuotaExceededError");
        }
        kept[key] = value;
      },
    });
    return kept;
  }
}

let tabs = 0;
/** Each tab has a memory of its own, and the storage in common. @returns {Promise<Ask>} */
const tab = async () => (await import(`../../themes/default/static/js/threads.js?tab=${++tabs}`)).threads;

/** @type {Ask} */
let threads;

beforeEach(async () => {
  Object.assign(globalThis, { localStorage: FakeStorage.of() });
  threads = await tab();
});
afterEach(() => {
  Reflect.deleteProperty(globalThis, "localStorage");
});

/** @param {string} thread @param {Partial<Extract<Parameters<Ask>[1], { do: "write" }>>} [rest] */
const writing = (thread, rest = {}) => ({
  ...{ do: /** @type {const} */ ("write"), owner: ANN, thread, title: `About ${thread}` },
  ...{ created_at: "2026-11-27T12:00:00.000Z", state: `v1.${thread}`, base: [] },
  ...rest,
});
/** @param {string} thread @param {Ask} [ask] */
const heads = (thread, ask = threads) =>
  /** @type {any} */ (ask(WIDGET, { do: "read", owner: ANN, thread })).states.sort();
/** Ids of the threads, in alphabetical order. @param {string} [owner] @param {string} [widget] */
const ids = (owner = ANN, widget = WIDGET) =>
  /** @type {any[]} */ (threads(widget, { do: "list", owner })).map(({ id }) => id).sort();

test("a new head replaces those that it is based on, and no other", async () => {
  const other = await tab();
  threads(WIDGET, writing("thr_1", { state: "a" }));
  threads(WIDGET, writing("thr_1", { state: "b", base: ["a"] }));
  other(WIDGET, writing("thr_1", { state: "c", base: ["a"] }));
  assert.deepEqual(heads("thr_1"), ["b", "c"]);
  threads(WIDGET, writing("thr_1", { state: "d", base: ["b", "c"] }));
  assert.deepEqual([heads("thr_1"), heads("thr_1", other)], [["d"], ["d"]]);
});

test("threads have the title and the time of their first head", () => {
  threads(WIDGET, writing("thr_1"));
  threads(WIDGET, writing("thr_1", { state: "b", base: ["v1.thr_1"], title: "Later words" }));
  const created_at = "2026-11-27T12:00:00.000Z";
  assert.deepEqual(threads(WIDGET, { do: "list", owner: ANN }), [{ id: "thr_1", title: "About thr_1", created_at }]);
});

test("a title that the visitor gave stays", () => {
  threads(WIDGET, writing("thr_1"));
  threads(WIDGET, { do: "rename", owner: ANN, thread: "thr_1", title: "Mine" });
  threads(WIDGET, writing("thr_1", { state: "b", base: ["v1.thr_1"] }));
  assert.deepEqual(threads(WIDGET, { do: "read", owner: ANN, thread: "thr_1" }), { title: "Mine", states: ["b"] });
  assert.equal(threads(WIDGET, { do: "rename", owner: ANN, thread: "thr_2", title: "Nobody's" }), false);
});

test("long titles are cut, and not in the middle of a character", () => {
  threads(WIDGET, writing("thr_1", { title: `x${"🙂".repeat(300)}` }));
  const [{ title }] = /** @type {any} */ (threads(WIDGET, { do: "list", owner: ANN }));
  assert.equal(title, `x${"🙂".repeat(199)}`);
});

test("a thread that was deleted does not come back with the rest of its answer", async () => {
  threads(WIDGET, writing("thr_1"));
  (await tab())(WIDGET, { do: "remove", owner: ANN, thread: "thr_1" });
  assert.equal(threads(WIDGET, writing("thr_1", { state: "b", base: ["v1.thr_1"] })), false);
  assert.deepEqual(Object.keys(localStorage), []);
});

test("owners and widgets do not see each other's threads, and clearing is for all owners of one widget", () => {
  threads(WIDGET, writing("thr_1"));
  threads(WIDGET, writing("thr_2", { owner: "user_ann@example.com thr_1" }));
  threads("chatkit-embed /w/docs/", writing("thr_3"));
  assert.deepEqual([ids(), ids("user_bob"), ids(ANN, "chatkit-embed /w/docs/")], [["thr_1"], [], ["thr_3"]]);
  threads(WIDGET, { do: "clear" });
  assert.deepEqual(
    Object.keys(localStorage).filter((key) => key.startsWith(WIDGET)),
    [],
  );
  assert.deepEqual(ids(ANN, "chatkit-embed /w/docs/"), ["thr_3"]);
});

test("of too many threads, those go that were not changed for longest", (context) => {
  context.mock.timers.enable({ apis: ["Date"], now: 1_800_000_000_000 });
  for (let at = 100; at < 151; at++) {
    context.mock.timers.tick(1);
    threads(WIDGET, writing(`thr_${at}`));
    if (at === 130) {
      threads(WIDGET, { do: "rename", owner: ANN, thread: "thr_100", title: "Still here" });
    }
  }
  assert.equal(ids().length, 50);
  assert.deepEqual(ids().slice(0, 2), ["thr_100", "thr_102"]);
  context.mock.timers.tick(1);
  threads(WIDGET, writing("thr_200", { state: "x".repeat(2 * 1024 * 1024) }));
  assert.deepEqual(ids(), ["thr_200"], "all of them have 2 MB");
});

test("in a full storage, older threads make room for newer ones", (context) => {
  context.mock.timers.enable({ apis: ["Date"], now: 1_800_000_000_000 });
  Object.assign(globalThis, { localStorage: FakeStorage.of(10_000) });
  for (const thread of ["thr_1", "thr_2", "thr_3"]) {
    context.mock.timers.tick(1);
    threads(WIDGET, writing(thread, { state: thread.repeat(700) }));
  }
  assert.deepEqual(ids(), ["thr_2", "thr_3"]);
  assert.ok(Object.keys(localStorage).some((key) => key.includes("thr_3")));
});

for (const [why, storage] of /** @type {const} */ ([
  ["is refused", undefined],
  ["has no room at all", FakeStorage.of(0)],
])) {
  test(`where storage ${why}, threads live as long as the page`, async () => {
    Object.assign(globalThis, { localStorage: storage });
    threads(WIDGET, writing("thr_1", { state: "a" }));
    threads(WIDGET, writing("thr_1", { state: "b", base: ["a"] }));
    threads(WIDGET, writing("thr_2"));
    assert.deepEqual([ids(), heads("thr_1"), heads("thr_1", await tab())], [["thr_1", "thr_2"], ["b"], []]);
    threads(WIDGET, { do: "clear" });
    assert.deepEqual(ids(), []);
  });
}

test("nonsense is neither kept nor answered", () => {
  for (const nonsense of [
    {},
    { do: "constructor" },
    { do: "list" },
    { do: "read", owner: ANN },
    { do: "read", owner: ANN, thread: "../thr 1" },
    writing("thr_1", { state: /** @type {any} */ (1) }),
    writing("thr_1", { base: /** @type {any} */ ("a") }),
  ]) {
    assert.equal(threads(WIDGET, /** @type {any} */ (nonsense)), null, JSON.stringify(nonsense));
  }
  localStorage.setItem(`${WIDGET} thread ${encodeURIComponent(ANN)} thr_9`, "{");
  assert.deepEqual(ids(), []);
  assert.deepEqual(Object.keys(localStorage).length, 1);
});

/** A token about this owner. @param {string} owner @param {number} [count] */
const token = (owner, count = 1) => `h.${btoa(JSON.stringify({ sub: owner, count }))}.s`;

/** The agent's script with a `fetch` that is answered here.
 * @param {(request: any, init: any) => { status?: number, headers?: Record<string, string> } | void} [answer]
 * @param {Ask} [ask] */
function agentIn(answer = () => {}, ask = threads) {
  /** @type {any[]} */
  const sent = [];
  const relay = async (/** @type {any} */ operation) => ask(WIDGET, operation);
  const agent = createAgent({ key: WIDGET, relay }, async (_, init, change) => {
    const { body = init?.body } = await change(token(ANN));
    sent.push(body);
    const { status = 200, headers } = answer(body, init) ?? {};
    return new Response("{}", { status, headers });
  });
  /** Sends a request, and returns what reached the agent beside it. @param {string} type @param {any} [params] */
  const send = async (type, params = {}) => {
    await agent.fetch("/api/chatkit/chat", { method: "POST", body: JSON.stringify({ type, params }) });
    return JSON.parse(sent.at(-1)).metadata;
  };
  return {
    agent,
    sent,
    send,
    /** @param {string} thread @param {string} state */
    async effect(thread, state) {
      if (sent.length === 0) {
        await send("threads.create");
      }
      const data = { thread_id: thread, created_at: "2026-11-27T12:00:00.000Z", title: "Hello", state };
      agent.effect({ name: "chatkit-embed.state", data });
      // Another page would be told in a message.
      await new Promise((resolve) => setTimeout(resolve));
    },
  };
}

test("a request about a thread has its heads and its title, and a list has all threads", async () => {
  const { send, effect } = agentIn();
  assert.deepEqual(await send("threads.create", { input: {} }), {});
  await effect("thr_1", "a");
  await effect("thr_1", "b");
  const known = { states: ["b"], title: "Hello" };
  assert.deepEqual(await send("threads.get_by_id", { thread_id: "thr_1" }), known);
  assert.deepEqual(await send("threads.add_user_message", { thread_id: "thr_1" }), known);
  assert.deepEqual(await send("items.list", { thread_id: "thr_2" }), { states: [] });
  const created_at = "2026-11-27T12:00:00.000Z";
  assert.deepEqual(await send("threads.list"), { threads: [{ id: "thr_1", title: "Hello", created_at }] });
});

test("a look at a thread while its answer comes does not count as what the answer is based on", async () => {
  const [one, two] = [agentIn(), agentIn()];
  await one.effect("thr_1", "a");
  await one.send("threads.add_user_message", { thread_id: "thr_1" });
  await two.send("threads.add_user_message", { thread_id: "thr_1" });
  await two.effect("thr_1", "b");
  await one.send("items.list", { thread_id: "thr_1" });
  await one.effect("thr_1", "c");
  assert.deepEqual(heads("thr_1"), ["b", "c"]);
});

test("what the agent renamed or deleted is renamed or deleted here, and nothing else", async () => {
  let status = 500;
  const { send, effect } = agentIn(() => ({ status }));
  await effect("thr_1", "a");
  await send("threads.list");
  await effect("thr_1", "b");
  await send("threads.update", { thread_id: "thr_1", title: "Mine" });
  await send("threads.delete", { thread_id: "thr_1" });
  assert.equal((await send("threads.get_by_id", { thread_id: "thr_1" })).title, "Hello");
  status = 200;
  await send("threads.update", { thread_id: "thr_1", title: "Mine" });
  assert.equal((await send("threads.get_by_id", { thread_id: "thr_1" })).title, "Mine");
  await send("threads.delete", { thread_id: "thr_1" });
  assert.deepEqual(ids(), []);
});

test("heads that are too large for one request stay for the next, and the newest is always sent", async (context) => {
  context.mock.timers.enable({ apis: ["Date"], now: 1_800_000_000_000 });
  for (const [at, size] of [100, 100, 10, 300].entries()) {
    context.mock.timers.tick(1);
    threads(WIDGET, writing("thr_1", { state: `${at}`.repeat(size * 1024) }));
    const { send } = agentIn();
    const { states } = await send("threads.get_by_id", { thread_id: "thr_1" });
    const sent = states.map((/** @type {string} */ state) => state[0]).join("");
    assert.equal(sent, ["0", "1", "21", "3"][at]);
  }
});

test("a short 429 is waited for, a longer one is passed on", async () => {
  const answers = [429, 429, 200];
  const short = agentIn(() => ({ status: answers.shift(), headers: { "Retry-After": "0" } }));
  await short.send("threads.create");
  assert.deepEqual([short.sent.length, answers], [3, []]);
  for (const seconds of ["3", ""]) {
    const long = agentIn(() => ({ status: 429, headers: { "Retry-After": seconds } }));
    await long.send("threads.create");
    assert.equal(long.sent.length, 1);
  }
  const always = agentIn(() => ({ status: 429, headers: { "Retry-After": "0" } }));
  await always.send("threads.create");
  assert.equal(always.sent.length, 4);
});

test("a body that is no request of ChatKit's is passed on as it is", async () => {
  const { agent, sent } = agentIn();
  for (const body of ["hello", '"hello"', "null", undefined, new Blob(["{}"])]) {
    await agent.fetch("/api/chatkit/chat", { method: "POST", body });
    assert.equal(sent.at(-1), body);
  }
});

test("where the page around this one keeps nothing, this one does", async () => {
  const relay = async () => undefined;
  const answer = async () => Response.json({});
  const agent = createAgent({ key: WIDGET, relay }, async (_, __, change) => (await change(token(ANN)), answer()));
  await agent.fetch("/api/chatkit/chat", { body: '{"type":"threads.list"}' });
  const data = { thread_id: "thr_1", created_at: "", title: "Hello", state: "a" };
  agent.effect({ name: "chatkit-embed.state", data });
  agent.effect({ name: "something.else", data: { thread_id: "thr_2" } });
  await new Promise((resolve) => setTimeout(resolve));
  assert.deepEqual(ids(), ["thr_1"]);
  await agent.forget();
  assert.deepEqual(ids(), []);
});

test("a page around this one that does not answer is asked once again, and keeps the conversations all the same", async () => {
  let silent = 0;
  const asked = () => {
    if (silent-- > 0) {
      throw new Error("no answer");
    }
  };
  /** @type {Ask} */
  const host = (widget, operation) => (asked(), threads(widget, operation));
  const { agent, send, sent, effect } = agentIn(() => {}, host);
  await effect("thr_1", "a");
  const known = { states: ["a"], title: "Hello" };
  silent = 1;
  assert.deepEqual(await send("threads.get_by_id", { thread_id: "thr_1" }), known);
  silent = 2;
  const count = sent.length;
  await assert.rejects(send("threads.get_by_id", { thread_id: "thr_1" }), /no answer/);
  assert.equal(sent.length, count, "the agent must not take the thread for an empty one");
  assert.deepEqual(await send("threads.get_by_id", { thread_id: "thr_1" }), known);
  silent = 2;
  await effect("thr_1", "b");
  await effect("thr_1", "c");
  assert.deepEqual((await send("items.list", { thread_id: "thr_1" })).states, ["c", "a"]);
  silent = 2;
  await assert.rejects(agent.forget(), /no answer/);
});

/** Steps of tabs: each asks, looks at what was said, or gets the next state of its answer. */
const steps = fc.array(fc.record({ tab: fc.nat({ max: 1 }), step: fc.constantFrom("ask", "look", "state", "state") }), {
  maxLength: 40,
});

test("whatever two tabs do at the same time, no state is lost that no later one is based on", async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (all) => {
      Object.assign(globalThis, { localStorage: FakeStorage.of() });
      const asks = [await tab(), await tab()];
      const agents = asks.map((ask) => agentIn(() => {}, ask));
      /** What each state holds: itself, and all that it is based on. @type {Map<string, Set<string>>} */
      const holds = new Map([["s0", new Set(["s0"])]]);
      await agents[0].effect("thr_1", "s0");
      /** What each tab's answer goes on from. */
      const bases = [["s0"], []];
      for (const [at, { tab: own, step }] of all.entries()) {
        if (step === "ask") {
          bases[own] = (await agents[own].send("threads.add_user_message", { thread_id: "thr_1" })).states;
        } else if (step === "look") {
          await agents[own].send("items.list", { thread_id: "thr_1" });
        } else if (bases[own].length) {
          const state = `s${at + 1}`;
          holds.set(state, new Set([state, ...bases[own].flatMap((base) => [...(holds.get(base) ?? [])])]));
          await agents[own].effect("thr_1", state);
          bases[own] = [state];
        }
        const held = new Set(heads("thr_1").flatMap((/** @type {string} */ head) => [...(holds.get(head) ?? [])]));
        assert.deepEqual(
          [...holds.keys()].filter((state) => !held.has(state)),
          [],
          "lost",
        );
        assert.ok(heads("thr_1").length <= 2, "no more heads than tabs");
      }
    }),
    { seed: SEED, numRuns: Number(process.env.PROPERTY_CASES ?? 300) },
  );
});
