/**
 * Writes the streams of a Responses API that the conformance tests play, one file each: a line per event. The shapes
 * are those of OpenAI's specification; the test checks them against it.
 *
 *     node tests/e2e/conformance/streams.mjs            # write them again
 *
 * The names of files that begin with `lenient-` are streams that the specification does not allow, or that the
 * reference answers differently on purpose: our answer has to be valid, but not equal.
 */

import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

export const FOLDER = fileURLToPath(new URL("streams/", import.meta.url));

/** @typedef {Record<string, any>} Json */
/** @typedef {{ deltas: string[], annotations?: Json[], refusal?: boolean }} Part */

/** The events of one response, numbered as they are added. */
class Stream {
  /** @type {Json[]} */
  events = [];
  /** Items so far. */
  count = 0;

  constructor() {
    this.add("response.created", { response: response("in_progress") });
    this.add("response.in_progress", { response: response("in_progress") });
  }

  /** @param {string} type @param {Json} members */
  add(type, members = {}) {
    this.events.push({ type, sequence_number: this.events.length, ...members });
    return this;
  }

  /** An item that is announced, told about, and done.
   * @param {Json} begun @param {Json} done @param {(at: Json) => void} [between] */
  item(begun, done, between = () => {}) {
    const output_index = this.count++;
    this.add("response.output_item.added", { output_index, item: begun });
    between({ item_id: begun.id, output_index });
    return this.add("response.output_item.done", { output_index, item: done });
  }

  /** A message. @param {Part[]} parts @param {Json} [members] such as `phase` */
  message(parts, members = {}) {
    const base = { id: `msg_${this.count}`, type: "message", role: "assistant", ...members };
    const content = parts.map((part) => contentOf(part, part.deltas.join("")));
    const begun = { ...base, status: "in_progress", content: [] };
    return this.item(begun, { ...base, status: "completed", content }, (at) => {
      for (const [content_index, part] of parts.entries()) {
        this.part({ ...at, content_index }, part);
      }
    });
  }

  /** A part of a message. @param {Json} at @param {Part} part */
  part(at, part) {
    const kind = part.refusal ? "refusal" : "output_text";
    const more = part.refusal ? {} : { logprobs: [] };
    const text = part.deltas.join("");
    this.add("response.content_part.added", { ...at, part: contentOf({ ...part, annotations: [] }, "") });
    for (const delta of part.deltas) {
      this.add(`response.${kind}.delta`, { ...at, delta, ...more });
    }
    for (const [annotation_index, annotation] of (part.annotations ?? []).entries()) {
      this.add("response.output_text.annotation.added", { ...at, annotation_index, annotation });
    }
    this.add(`response.${kind}.done`, { ...at, ...(part.refusal ? { refusal: text } : { text }), ...more });
    return this.add("response.content_part.done", { ...at, part: contentOf(part, text) });
  }

  /** What the model thought. @param {string[][]} summaries each in its deltas */
  reasoning(...summaries) {
    const base = { id: `rs_${this.count}`, type: "reasoning" };
    const summary = summaries.map((deltas) => ({ type: "summary_text", text: deltas.join("") }));
    return this.item({ ...base, summary: [] }, { ...base, summary }, (at) => {
      for (const [summary_index, deltas] of summaries.entries()) {
        const place = { ...at, summary_index };
        const text = deltas.join("");
        this.add("response.reasoning_summary_part.added", { ...place, part: { type: "summary_text", text: "" } });
        for (const delta of deltas) {
          this.add("response.reasoning_summary_text.delta", { ...place, delta });
        }
        this.add("response.reasoning_summary_text.done", { ...place, text });
        this.add("response.reasoning_summary_part.done", { ...place, part: { type: "summary_text", text } });
      }
    });
  }

  /** A call of a tool that OpenAI runs. @param {string} kind @param {string[]} steps @param {Json} begun @param {Json} done */
  call(kind, steps, begun, done) {
    const base = { id: `call_${this.count}`, type: kind };
    return this.item({ ...base, ...begun }, { ...base, ...begun, ...done }, (at) => {
      for (const step of steps) {
        this.add(`response.${kind}.${step}`, at);
      }
    });
  }

  webSearch(query = "kettle") {
    const action = { type: "search", query, queries: [query] };
    const steps = ["in_progress", "searching", "completed"];
    return this.call("web_search_call", steps, { status: "in_progress", action }, { status: "completed" });
  }

  fileSearch() {
    const steps = ["in_progress", "searching", "completed"];
    const begun = { status: "in_progress", queries: [] };
    return this.call("file_search_call", steps, begun, { status: "completed", queries: ["returns"] });
  }

  /** @param {boolean} fails */
  mcp(fails = false) {
    const tools = [{ name: "find_order", input_schema: { type: "object" } }];
    const list = { server_label: "shop", tools: [] };
    this.call("mcp_list_tools", ["in_progress", "completed"], list, { tools });
    const base = { id: `call_${this.count}`, type: "mcp_call", server_label: "shop", name: "find_order" };
    const begun = { ...base, arguments: "", status: "in_progress" };
    const result = fails ? { status: "failed" } : { status: "completed", output: "CANARY: sent yesterday" };
    return this.item(begun, { ...base, arguments: '{"id":7}', ...result }, (at) => {
      this.add("response.mcp_call.in_progress", at);
      this.add("response.mcp_call_arguments.delta", { ...at, delta: '{"id":' });
      this.add("response.mcp_call_arguments.done", { ...at, arguments: '{"id":7}' });
      this.add(`response.mcp_call.${fails ? "failed" : "completed"}`, at);
    });
  }

  completed() {
    return this.add("response.completed", { response: response("completed", { usage: USAGE }) });
  }

  /** @param {"max_output_tokens" | "content_filter"} reason */
  incomplete(reason) {
    const incomplete_details = { reason };
    return this.add("response.incomplete", { response: response("incomplete", { incomplete_details, usage: USAGE }) });
  }

  /** @param {string} code */
  failed(code) {
    const error = { code, message: "CANARY: something went wrong" };
    return this.add("response.failed", { response: response("failed", { error }) });
  }
}

const USAGE = {
  input_tokens: 40,
  input_tokens_details: { cached_tokens: 30, cache_write_tokens: 0 },
  output_tokens: 5,
  output_tokens_details: { reasoning_tokens: 0 },
  total_tokens: 45,
};

/** @param {string} status @param {Json} [members] */
function response(status, members = {}) {
  return {
    id: "resp_1",
    object: "response",
    created_at: 1790000000,
    status,
    error: null,
    incomplete_details: null,
    instructions: "CANARY-instructions",
    model: "gpt-6-luna",
    output: [],
    parallel_tool_calls: true,
    temperature: 1,
    top_p: 1,
    tool_choice: "auto",
    tools: [],
    metadata: {},
    ...members,
  };
}

/** @param {Part} part @param {string} text */
function contentOf(part, text) {
  return part.refusal
    ? { type: "refusal", refusal: text }
    : { type: "output_text", text, annotations: part.annotations ?? [], logprobs: [] };
}

/** A part with this text. @param {string[]} deltas @param {Json[]} [annotations] @returns {Part} */
const said = (deltas, annotations = []) => ({ deltas, annotations });
/** @param {string[]} deltas @returns {Part} */
const refused = (...deltas) => ({ deltas, refusal: true });

const page = (end_index = 5, url = "https://www.example.com/a", title = "A page") => ({
  type: "url_citation",
  url,
  title,
  start_index: 0,
  end_index,
});
const file = (index = 3, filename = "returns.pdf") => ({ type: "file_citation", file_id: "file_1", index, filename });
const contained = (filename = "table.csv") => ({
  type: "container_file_citation",
  container_id: "cntr_1",
  file_id: "cfile_1",
  filename,
  start_index: 0,
  end_index: 4,
});
const path = { type: "file_path", file_id: "file_2", index: 1 };

const hello = () => said(["Hello", " there", "."]);

/** All streams by name. @returns {Record<string, Json[]>} */
export function streams() {
  const begin = () => new Stream();
  /** @type {Record<string, Stream>} */
  const all = {
    text: begin().message([hello()]).completed(),
    "text-in-one-delta": begin()
      .message([said(["Hello there."])])
      .completed(),
    "text-many-deltas": begin()
      .message([said(Array.from({ length: 120 }, (_, n) => `word${n} `))])
      .completed(),
    "text-markdown": begin()
      .message([said(["# Title\n\n", "| a | b |\n|---|---|\n", '```js\nlet a = "</script>";\n```\n', "$x^2$ \\(y\\)"])])
      .completed(),
    "text-emoji": begin()
      .message([said(["👍", "🏽", " 👩", "\u200d👩", "\u200d👧 🇩🇪"])])
      .completed(),
    "text-cjk": begin()
      .message([said(["営業時間は", "9時から", "17時です。", "𠮷野家"])])
      .completed(),
    "text-rtl": begin()
      .message([said(["שעות ", "הפתיחה: 9–17", " \u200fمرحبا", " بكم"])])
      .completed(),
    "text-controls": begin()
      .message([said(["a\u0000b", "\t\r\n", "\u2028\u2029", "\u007f\ufeff"])])
      .completed(),
    "text-empty-deltas": begin()
      .message([said(["", "Hello", "", ""])])
      .completed(),
    "text-data-lines": begin()
      .message([said(["data: {}\n\n", "event: x\n\ndata: [DONE]\n\n"])])
      .completed(),
    "parts-two": begin()
      .message([hello(), said(["Bye", "."])])
      .completed(),
    "parts-three-with-sources": begin()
      .message([said(["One"], [page(3)]), said(["Two"]), said(["Three"], [file(2), page(5)])])
      .completed(),
    "parts-empty-and-full": begin()
      .message([said([]), hello()])
      .completed(),
    "messages-two-phases": begin()
      .message([said(["Let me look", "…"])], { phase: "commentary" })
      .message([hello()], { phase: "final_answer" })
      .completed(),
    "messages-three-phases-and-search": begin()
      .message([said(["Looking."])], { phase: "commentary" })
      .webSearch()
      .message([said(["Looking again."])], { phase: "commentary" })
      .webSearch("kettle 1.7 l")
      .message([hello()], { phase: "final_answer" })
      .completed(),
    "reasoning-without-summary": begin().reasoning().message([hello()]).completed(),
    "reasoning-one-summary": begin().reasoning(["**Look", "ing** at", " it"]).message([hello()]).completed(),
    "reasoning-one-delta": begin().reasoning(["Looking"]).message([hello()]).completed(),
    "reasoning-three-summaries": begin()
      .reasoning(["First", " one"], ["Second", " one"], ["Third"])
      .message([hello()])
      .completed(),
    "reasoning-two-items": begin()
      .reasoning(["First", " one"])
      .reasoning(["Second", " one"], ["Third"])
      .message([hello()])
      .completed(),
    "reasoning-first-item-without-summary": begin()
      .reasoning()
      .reasoning(["Late", " thought"])
      .message([hello()])
      .completed(),
    "reasoning-between-messages": begin()
      .reasoning(["Before"])
      .message([said(["Looking."])], { phase: "commentary" })
      .reasoning(["Between", "."])
      .message([hello()], { phase: "final_answer" })
      .completed(),
    "reasoning-after-message": begin().message([hello()]).reasoning(["After", "wards"]).completed(),
    "reasoning-and-nothing": begin().reasoning(["Only", " thoughts"]).completed(),
    "reasoning-around-search": begin()
      .reasoning(["I search"])
      .webSearch()
      .reasoning(["I read"])
      .message([hello()])
      .completed(),
    "reasoning-cjk": begin()
      .reasoning(["考え", "中"])
      .message([said(["はい"])])
      .completed(),
    "web-search": begin()
      .webSearch()
      .message([said(["See", " here."], [page(9)])])
      .completed(),
    "web-search-twice": begin().webSearch().webSearch("tea").message([hello()]).completed(),
    "file-search": begin()
      .fileSearch()
      .message([said(["Within 30 days."], [file(14)])])
      .completed(),
    "mcp-call": begin().mcp().message([hello()]).completed(),
    "mcp-call-fails": begin()
      .mcp(true)
      .message([said(["I could not find it."])])
      .completed(),
    "all-tools": begin().reasoning(["Hm"]).webSearch().fileSearch().mcp().message([hello()]).completed(),
    "url-citations": begin()
      .message([
        said(["One", " two", " three"], [page(3), page(7, "http://www.example.com/b?c=d&e=f#g", "Ä 🙂"), page(13)]),
      ])
      .completed(),
    "file-citations": begin()
      .message([said(["One two"], [file(3), file(7, "Größe.pdf"), contained()])])
      .completed(),
    "file-paths-and-nameless-files": begin()
      .message([said(["One two"], [path, page(3), file(3, ""), contained(""), file(7)])])
      .completed(),
    "citations-same-twice": begin()
      .message([said(["One two"], [page(3), page(3)])])
      .completed(),
    "refusal-part": begin()
      .message([said(["Well, "]), refused("I can't", " do that.")])
      .completed(),
    "refusal-whole": begin()
      .message([refused("I'm sorry, ", "no.")])
      .completed(),
    "refusal-after-reasoning": begin()
      .reasoning(["Hm"])
      .message([refused("No.")])
      .completed(),
    "incomplete-tokens": begin()
      .message([said(["This is a long", " sto"])])
      .incomplete("max_output_tokens"),
    "incomplete-tokens-while-thinking": begin().reasoning(["So"]).incomplete("max_output_tokens"),
    "incomplete-filter": begin()
      .message([said(["This is"])])
      .incomplete("content_filter"),
    "failed-at-once": begin().failed("server_error"),
    "failed-after-text": begin().message([hello()]).failed("rate_limit_exceeded"),
    "failed-prompt": begin().failed("invalid_prompt"),
    "error-flat": begin().message([hello()]).add("error", { code: "server_error", message: "CANARY", param: null }),
    "empty-answer": begin().completed(),
    "empty-message": begin().message([]).completed(),
    // The reference takes the second thought for the first, because they are equal.
    "lenient-same-thought-twice": begin().reasoning(["Same"], ["Same"], ["Same"]).message([hello()]).completed(),
    "lenient-code-interpreter": begin()
      .call(
        "code_interpreter_call",
        ["in_progress", "interpreting", "completed"],
        { status: "in_progress", container_id: "cntr_1", code: "1 + 1", outputs: null },
        { status: "completed" },
      )
      .message([hello()])
      .completed(),
    "lenient-script-address": begin()
      .message([said(["One"], [page(1, "javascript:alert(1)"), page(2, "data:text/html,x"), page(3)])])
      .completed(),
    "lenient-untitled-page": begin()
      .message([said(["One"], [page(3, "https://www.example.com/a", "")])])
      .completed(),
    "lenient-error-nested": begin()
      .add("error", {
        error: { type: "invalid_request_error", code: "insufficient_quota", message: "CANARY", param: null },
      })
      .failed("server_error"),
    "lenient-keepalive": begin().add("keepalive").message([hello()]).add("keepalive").completed(),
    "lenient-unknown-events": begin()
      .add("response.unheard_of", { delta: "CANARY" })
      .message([hello()])
      .add("response.output_text.unheard_of", { text: "CANARY" })
      .completed(),
  };
  const events = Object.entries(all).map(([name, stream]) => [name, stream.events]);
  return { ...Object.fromEntries(events), ...entangled(), ...broken() };
}

/** Streams whose items do not come one after another. @returns {Record<string, Json[]>} */
function entangled() {
  const message = (/** @type {string} */ id, /** @type {Json[]} */ content, status = "completed") => ({
    id,
    type: "message",
    role: "assistant",
    status,
    content,
  });
  const text = (/** @type {string} */ words) => contentOf(said([]), words);
  const thoughts = (/** @type {string[]} */ ...all) => ({
    id: "rs_1",
    type: "reasoning",
    summary: all.map((thought) => ({ type: "summary_text", text: thought })),
  });
  const [one, two] = [0, 1].map((output_index) => ({ item_id: `msg_${output_index}`, output_index, content_index: 0 }));
  const thinking = { item_id: "rs_1", output_index: 1, summary_index: 0 };
  const raw = { item_id: "rs_1", output_index: 0, content_index: 0 };
  /** @param {Stream} stream @param {Json} at @param {Json} item */
  const added = (stream, { output_index }, item) => stream.add("response.output_item.added", { output_index, item });
  /** @param {Stream} stream @param {Json} at @param {Json} item */
  const done = (stream, { output_index }, item) => stream.add("response.output_item.done", { output_index, item });
  /** @param {Stream} stream @param {Json} at @param {string} delta */
  const delta = (stream, at, delta) => stream.add("response.output_text.delta", { ...at, delta, logprobs: [] });

  /** Two messages that come at the same time. @param {[Json, string][]} ends */
  const interleaved = (...ends) => {
    const stream = new Stream();
    for (const at of [one, two]) {
      added(stream, at, message(at.item_id, [], "in_progress"));
      stream.add("response.content_part.added", { ...at, part: text("") });
    }
    delta(stream, one, "On");
    delta(stream, two, "Tw");
    delta(stream, one, "e");
    delta(stream, two, "o");
    for (const [at, words] of ends) {
      stream.add("response.output_text.done", { ...at, text: words, logprobs: [] });
      done(stream, at, message(at.item_id, [text(words)]));
    }
    return stream.completed().events;
  };

  const begun = new Stream();
  added(begun, one, message("msg_0", [text("Hel")], "in_progress"));
  begun.add("response.content_part.added", { ...one, part: text("Hel") });
  delta(begun, one, "lo");
  begun.add("response.output_text.done", { ...one, text: "Hello", logprobs: [] });
  done(begun, one, message("msg_0", [text("Hello")]));

  const changed = new Stream();
  added(changed, one, message("msg_0", [], "in_progress"));
  changed.add("response.content_part.added", { ...one, part: text("") });
  delta(changed, one, "Helo");
  changed.add("response.output_text.done", { ...one, text: "Hello", logprobs: [] });
  done(changed, one, message("msg_0", [contentOf(said([], [page(5)]), "Hello!")]));

  /** A source that comes before its text. @param {Json[]} known with the part itself */
  const early = (known) => {
    const stream = new Stream();
    added(stream, one, message("msg_0", [], "in_progress"));
    stream.add("response.content_part.added", { ...one, part: contentOf(said([], known), "") });
    const annotation = page(2);
    stream.add("response.output_text.annotation.added", { ...one, annotation_index: known.length, annotation });
    delta(stream, one, "Hi");
    stream.add("response.output_text.done", { ...one, text: "Hi", logprobs: [] });
    done(stream, one, message("msg_0", [contentOf(said([], [...known, annotation]), "Hi")]));
    return stream.completed().events;
  };

  const between = new Stream();
  added(between, one, message("msg_0", [], "in_progress"));
  between.add("response.content_part.added", { ...one, part: text("") });
  delta(between, one, "Hi");
  added(between, thinking, thoughts());
  between.add("response.reasoning_summary_text.delta", { ...thinking, delta: "Hm" });
  delta(between, one, "!");
  between.add("response.reasoning_summary_text.delta", { ...thinking, delta: "m" });
  between.add("response.output_text.done", { ...one, text: "Hi!", logprobs: [] });
  done(between, one, message("msg_0", [text("Hi!")]));
  between.add("response.reasoning_summary_text.done", { ...thinking, text: "Hmm" });
  done(between, thinking, thoughts("Hmm"));

  const mixed = new Stream();
  added(mixed, thinking, thoughts());
  for (const [summary_index, words] of /** @type {[number, string][]} */ ([
    [0, "A"],
    [1, "B"],
    [0, "a"],
    [1, "b"],
  ])) {
    mixed.add("response.reasoning_summary_text.delta", { ...thinking, summary_index, delta: words });
  }
  for (const [summary_index, words] of /** @type {[number, string][]} */ ([
    [1, "Bb"],
    [0, "Aa"],
  ])) {
    mixed.add("response.reasoning_summary_text.done", { ...thinking, summary_index, text: words });
  }
  done(mixed, thinking, thoughts("Aa", "Bb"));
  mixed.count = 2;

  const open = new Stream();
  added(open, raw, { id: "rs_1", type: "reasoning", summary: [] });
  open.add("response.content_part.added", { ...raw, part: { type: "reasoning_text", text: "" } });
  open.add("response.reasoning_text.delta", { ...raw, delta: "CANARY" });
  open.add("response.reasoning_text.done", { ...raw, text: "CANARY" });
  const content = [{ type: "reasoning_text", text: "CANARY" }];
  done(open, raw, { id: "rs_1", type: "reasoning", summary: [], content });
  open.count = 1;

  return {
    "messages-interleaved": interleaved([one, "One"], [two, "Two"]),
    // The reference keeps them in the order in which they end, and we in the one that the visitor saw.
    "lenient-messages-end-in-reverse": interleaved([two, "Two"], [one, "One"]),
    "message-begins-with-text": begun.completed().events,
    "message-differs-in-the-end": changed.completed().events,
    "citation-before-text": early([]),
    // The reference gives the second source the number of the first.
    "lenient-part-begins-with-citation": early([page(0)]),
    "reasoning-while-text-comes": between.completed().events,
    "reasoning-interleaved-summaries": mixed.message([hello()]).completed().events,
    "reasoning-in-full": open.message([hello()]).completed().events,
  };
}

/** Streams of servers that leave events out. @returns {Record<string, Json[]>} */
function broken() {
  const whole = new Stream().message([said(["Hello", "."], [page(5)])]).completed().events;
  /** @param {...string} types */
  const without = (...types) => whole.filter(({ type }) => !types.some((left) => type.endsWith(left)));
  return {
    "lenient-unannounced-message": without("output_item.added", "content_part.added"),
    "lenient-unannounced-part": without("content_part.added"),
    "lenient-unfinished-message": without("output_item.done", "content_part.done", "output_text.done"),
    "lenient-only-deltas": without("output_item.added", "content_part.added", "done"),
    "lenient-no-deltas": without("delta"),
    "lenient-item-alone": without(
      "delta",
      "content_part.added",
      "output_text.done",
      "content_part.done",
      "annotation.added",
    ),
  };
}

/** The text of a file. @param {Json[]} events */
export const linesOf = (events) => events.map((event) => `${JSON.stringify(event)}\n`).join("");

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await mkdir(FOLDER, { recursive: true });
  for (const name of await readdir(FOLDER)) {
    await rm(`${FOLDER}${name}`);
  }
  for (const [name, events] of Object.entries(streams())) {
    await writeFile(`${FOLDER}${name}.jsonl`, linesOf(events));
  }
}
