/** What ChatKit's double sends to a server, what it shows of the reply, and what it does not let pass. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { Conversation, shown } from "./chatkit/conversation.mjs";

const TIME = "2026-11-27T12:00:00Z";
const THREAD = { id: "thr_1", title: "Hi", created_at: TIME, status: { type: "active" }, metadata: {} };

/** @param {string} id @param {string} type @param {string} text */
const item = (id, type, text, rest = {}) => {
  const content = text ? [{ type: "output_text", text, annotations: [] }] : [];
  return { id, thread_id: "thr_1", created_at: TIME, type, content, ...rest };
};
const CREATED = { type: "thread.created", thread: { ...THREAD, items: { data: [], has_more: false } } };
const ASKED = { type: "thread.item.done", item: item("msg_1", "user_message", "Hi") };
const ADDED = { type: "thread.item.added", item: item("msg_2", "assistant_message", "") };
/** @param {string} type @param {object} rest */
const updated = (type, rest) => ({
  type: "thread.item.updated",
  item_id: "msg_2",
  update: { type: `assistant_message.content_part.${type}`, content_index: 0, ...rest },
});
const ANSWERED = [
  ADDED,
  updated("added", { content: { type: "output_text", text: "", annotations: [] } }),
  updated("text_delta", { delta: "Hel" }),
  updated("text_delta", { delta: "lo" }),
  updated("done", { content: { type: "output_text", text: "Hello", annotations: [] } }),
  { type: "thread.item.done", item: item("msg_2", "assistant_message", "Hello") },
];

/** @param {object[]} events */
const stream = (events) =>
  new Response(events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join(""), {
    headers: { "Content-Type": "text/event-stream" },
  });

/** A conversation whose requests get these replies. @param {...Response} replies */
function conversation(...replies) {
  /** @type {any[]} */
  const requests = [];
  /** @type {string[]} */
  const events = [];
  /** @type {string[][]} */
  const drawn = [];
  /** @type {Conversation} */
  const own = new Conversation({
    send: async (request) => {
      requests.push(request);
      return replies.shift() ?? new Response("", { status: 500 });
    },
    emit: (type, /** @type {any} */ detail) => events.push(`${type} ${detail?.error?.message ?? ""}`.trim()),
    draw: () => drawn.push(shown(own).map(({ text }) => text)),
  });
  return { own, requests, events, drawn };
}

test("a message is shown once the server has it, and the answer as it comes", async () => {
  const { own, requests, events, drawn } = conversation(stream([CREATED, ASKED, ...ANSWERED]));
  await own.say("Hi");
  const input = {
    content: [{ type: "input_text", text: "Hi" }],
    attachments: [],
    quoted_text: "",
    inference_options: {},
  };
  assert.deepEqual(requests, [{ type: "threads.create", params: { input }, metadata: {} }]);
  assert.deepEqual(events, ["chatkit.response.start", "chatkit.thread.change", "chatkit.response.end"]);
  assert.deepEqual(
    drawn.map((texts) => texts.join(" ").trim()).filter((text, at, all) => text !== all[at - 1]),
    [...["", "Hi", "Hi Hel", "Hi Hello"]],
  );
});

test("what the real one ignores is ignored: other events, and items of another shape", async () => {
  const rest = item("msg_3", "assistant_message", "Numbers are no times", { created_at: 1 });
  const { own, events } = conversation(
    stream([
      CREATED,
      ASKED,
      { type: "response.output_text.delta", delta: "x" },
      { type: "thread.item.done", item: rest },
    ]),
  );
  await own.say("Hi");
  assert.deepEqual(shown(own), [{ from: "visitor", text: "Hi" }]);
  assert.ok(!events.some((event) => event.startsWith("chatkit.error")));
});

test("an item with the id of another takes its place", async () => {
  const { own } = conversation(
    stream([CREATED, ASKED, { type: "thread.item.done", item: item("msg_1", "assistant_message", "Hello") }]),
  );
  await own.say("Hi");
  assert.deepEqual(shown(own), [{ from: "assistant", text: "Hello" }]);
});

test("an error with a retry asks the last question again, and what followed it goes", async () => {
  const error = { type: "error", code: "custom", message: "Too busy.", allow_retry: true };
  const { own, requests } = conversation(stream([CREATED, ASKED, ADDED, error]), stream(ANSWERED));
  await own.say("Hi");
  assert.deepEqual(own.error, { message: "Too busy.", allowRetry: true });
  await own.retry();
  assert.deepEqual(requests[1].params, { thread_id: "thr_1", item_id: "msg_1" });
  assert.deepEqual([own.error, shown(own).map(({ text }) => text)], [null, ["Hi", "Hello"]]);
});

test("a thread is loaded part by part", async () => {
  const page = (/** @type {object[]} */ data, /** @type {object} */ rest) => ({ data, has_more: false, ...rest });
  const first = page([item("msg_1", "user_message", "Hi")], { has_more: true, after: "msg_1" });
  const { own, requests } = conversation(
    Response.json({ ...THREAD, items: first }),
    Response.json(page([item("msg_2", "assistant_message", "Hello")], {})),
  );
  await own.load("thr_1");
  assert.deepEqual(requests[1].params, { thread_id: "thr_1", limit: 20, order: "asc", after: "msg_1" });
  assert.deepEqual(
    shown(own).map(({ text }) => text),
    ["Hi", "Hello"],
  );
});

const asJson = Response.json({});
for (const [mistake, reply, problem] of /** @type {[string, Response, RegExp][]} */ ([
  ["ends with another text", stream([CREATED, ASKED, ...ANSWERED.slice(0, 3), ANSWERED[5]]), /another text/],
  ["changes an item that was never added", stream([CREATED, ASKED, ANSWERED[2]]), /was added/],
  ["begins without a thread", stream([ASKED]), /is in the open thread/],
  ["is no stream", asJson, /is answered with a stream/],
  ["ends in the middle of an event", streamOf('data: {"type":"x"}'), /middle of an event/],
  ["has more than data", streamOf('event: x\ndata: {"type":"x"}\n\n'), /one line of data/],
])) {
  test(`an answer that ${mistake} is an error`, async () => {
    const { own, events } = conversation(reply);
    await own.say("Hi");
    assert.match(events.find((event) => event.startsWith("chatkit.error")) ?? "", problem);
    assert.equal(own.error?.allowRetry, true);
    assert.equal(events.at(-1), "chatkit.response.end");
  });
}

/** @param {string} text */
function streamOf(text) {
  return new Response(text, { headers: { "Content-Type": "text/event-stream" } });
}

test("a widget takes its place among the messages, and what it sends names it", async () => {
  const widget = item("form_1", "widget", "", { widget: { type: "Card", children: [] } });
  const sent = { type: "thread.item.replaced", item: item("form_1", "widget", "", { widget: { type: "Card" } }) };
  const shownFirst = stream([CREATED, ASKED, ...ANSWERED, { type: "thread.item.done", item: widget }]);
  const { own, requests } = conversation(shownFirst, stream([sent]));
  await own.say("Hi");
  assert.deepEqual(
    shown(own).map(({ item }) => item?.id),
    [undefined, undefined, "form_1"],
  );
  await own.act(widget, { type: "contact", payload: { name: "Ada" } });
  const action = { type: "contact", payload: { name: "Ada" } };
  const params = { thread_id: "thr_1", item_id: "form_1", action };
  assert.deepEqual(requests[1], { type: "threads.custom_action", params, metadata: {} });
  assert.deepEqual(own.items.get("form_1"), sent.item);
});
