/**
 * The agent beside OpenAI's own ChatKit server: both turn the same recorded streams of a Responses API into ChatKit's
 * events, and `conformance/reference.py` compares them.
 */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { Ajv2020 } from "ajv/dist/2020.js";

import { FOLDER, linesOf, streams } from "./conformance/streams.mjs";
import { REPOSITORY } from "./deploy.mjs";
import { startProgram } from "./harness/program.mjs";

const run = promisify(execFile);

const REFERENCE = fileURLToPath(new URL("conformance/reference.py", import.meta.url));
/** Where `.ci/run` installs `conformance/requirements.txt`; `PYTHON` names another one. */
const VENV = fileURLToPath(new URL(".tmp/venv/bin/python", import.meta.url));

/** OpenAI's specification, as far as responses need it. */
const SPECIFICATION_FILE = fileURLToPath(new URL("conformance/openapi.json", import.meta.url));
const SPECIFICATION = JSON.parse(await readFile(SPECIFICATION_FILE, "utf8"));

/** @typedef {{ stream: string, length?: number, turns: { sent: any, events: any[] }[], replies: any[] }} Thread */

/** @type {string} */
let folder;
/** What our agent made of the streams. @type {Thread[]} */
let threads;
/** Turns with a contact form. @type {Thread} */
let contact;

before(
  async () => {
    folder = await mkdtemp(join(tmpdir(), "conformance-"));
    const path = join(folder, "ours.jsonl");
    const args = ["test", "--quiet", "--locked", "--package", "session", "--test", "function", "conformance"];
    await run("cargo", args, { cwd: REPOSITORY, env: { ...process.env, CONFORMANCE: path } });
    threads = parsed(await readFile(path, "utf8"));
    [contact] = parsed(await readFile(`${path}.contact`, "utf8"));
  },
  { timeout: 1_200_000 },
);
after(() => rm(folder, { recursive: true }));

/** @param {string} lines */
const parsed = (lines) =>
  lines
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));

/** What the reference has to say about them. @param {Thread[]} threads @returns {Promise<string[][]>} */
async function judged(threads) {
  const python = process.env.PYTHON ?? VENV;
  assert.ok(existsSync(python), `no ${python}: install conformance/requirements.txt there, as .ci/run does`);
  const path = join(folder, "asked.jsonl");
  await writeFile(path, threads.map((thread) => `${JSON.stringify(thread)}\n`).join(""));
  const { stdout } = await run(python, [REFERENCE, path], { maxBuffer: 1 << 28 });
  return parsed(stdout).map(({ thread, faults }) => faults.map((/** @type {string} */ fault) => `${thread}: ${fault}`));
}

test("the recorded streams are those of the script", async () => {
  const files = (await readdir(FOLDER)).sort();
  const written = Object.entries(streams()).map(([name, events]) => [`${name}.jsonl`, linesOf(events)]);
  assert.deepEqual(files, written.map(([name]) => name).sort());
  for (const [name, text] of written) {
    assert.equal(await readFile(join(FOLDER, name), "utf8"), text, `${name}: run conformance/streams.mjs`);
  }
});

test("events and replies are those of OpenAI's own server, wherever the stream is cut", async () => {
  const whole = threads.filter(({ length }) => length === undefined);
  assert.deepEqual(whole.map(({ stream }) => stream).sort(), Object.keys(streams()).sort());
  const faults = await judged(threads);
  assert.equal(faults.length, threads.length);
  assert.deepEqual(faults.flat().slice(0, 10), []);
});

test("the contact form is made of ChatKit's components, when it appears, fails and is sent", async () => {
  const widgets = contact.turns.flatMap(({ events }) => events.filter(({ item }) => item?.type === "widget"));
  assert.equal(widgets.length, 3);
  /** @type {((card: any) => unknown)[]} */
  const changes = [
    (card) => (card.children[0].children[1].extra = 1),
    (card) => (card.children[0].children[1].type = "Labels"),
    (card) => delete card.children[0].children[2].name,
    (card) => (card.children[0].onSubmitAction.handler = "nobody"),
    (card) => (card.size = "huge"),
  ];
  const changed = changes.map((change) => {
    const thread = structuredClone(contact);
    change(thread.turns[0].events.find(({ item }) => item?.type === "widget").item.widget);
    return thread;
  });
  const [faults, ...found] = await judged([contact, ...changed]);
  assert.deepEqual(faults, []);
  for (const [number, change] of changes.entries()) {
    assert.ok(found[number].length > 0, `${change}`);
  }
});

test("the judge finds whatever is wrong with an event or a reply", async () => {
  const good = threads.find(({ stream, length }) => stream === "url-citations" && length === undefined);
  assert.ok(good);
  const at = good.turns[0].events.findIndex(({ update }) => update?.delta);
  /** @type {((thread: Thread) => unknown)[]} */
  const changes = [
    ({ turns }) => turns[0].events.splice(at, 1),
    ({ turns }) => turns[0].events.reverse(),
    ({ turns }) => (turns[0].events[at].update.delta += " "),
    ({ turns }) => (turns[0].events[at].update.extra = 1),
    ({ turns }) => (turns[0].events[at].item_id = "msg_other"),
    ({ turns }) => delete turns[0].events[0].thread.metadata,
    ({ turns }) => (turns[1].events[0].item.created_at = 5e9),
    ({ replies }) => (replies[0].reply.status = { type: "open" }),
    ({ replies }) => replies[0].reply.items.data.pop(),
    ({ replies }) => (replies[3].reply.has_more = false),
  ];
  const changed = changes.map((change) => {
    const thread = structuredClone(good);
    change(thread);
    return thread;
  });
  const faults = await judged([good, ...changed]);
  assert.deepEqual(faults[0], []);
  for (const [number, change] of changes.entries()) {
    assert.ok(faults[number + 1].length > 0, `${change}`);
  }
});

/** A validator of the specification, for a schema that refers to it. @param {object} schema */
function validator(schema) {
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  return ajv.addSchema(SPECIFICATION, "openai").compile(schema);
}

/** A schema of the specification that allows no members but those that it names. @param {string} name */
const closed = (name) => ({ $ref: `openai#/components/schemas/${name}`, unevaluatedProperties: false });

/** A request, closed at every place where the agent sends an object. */
const REQUEST = {
  ...closed("CreateResponse"),
  properties: {
    input: { items: closed("InputItem") },
    reasoning: closed("Reasoning"),
    text: closed("ResponseTextParam"),
    stream_options: closed("ResponseStreamOptions"),
    tools: { items: { ...closed("Tool"), properties: { filters: closed("WebSearchTool/properties/filters") } } },
  },
};

/** What the agent asked, without repetitions. @returns {any[]} */
function requests() {
  const sent = threads.flatMap(({ turns }) => turns.map((turn) => JSON.stringify(turn.sent)));
  return parsed([...new Set(sent)].join("\n"));
}

/** The request that has all members. */
function fullRequest() {
  const full = requests().find(({ tools }) => tools?.length === 4);
  assert.ok(full, "an agent with every tool was asked");
  return full;
}

test("each request is one that OpenAI's specification describes", () => {
  const validate = validator(REQUEST);
  for (const body of requests()) {
    assert.ok(validate(body), JSON.stringify([validate.errors, body]));
  }
  const full = fullRequest();
  /** @type {((body: any) => unknown)[]} */
  const changes = [
    (body) => (body.max_output_token = 5),
    (body) => (body.store = "no"),
    (body) => (body.input[0].name = "Ann"),
    (body) => (body.input[0].role = "visitor"),
    (body) => (body.reasoning.effort = "little"),
    (body) => (body.text.length = "low"),
    (body) => (body.stream_options.obfuscation = false),
    (body) => (body.tools[0].domains = []),
    (body) => (body.tools[0].filters.domains = []),
    (body) => delete body.tools[1].vector_store_ids,
    (body) => (body.tools[2].require_approval = "sometimes"),
  ];
  for (const change of changes) {
    const body = structuredClone(full);
    change(body);
    assert.ok(!validate(body), `${change}`);
  }
});

/** Prism in the place of the API: it refuses what the specification does not describe. */
async function startPrism() {
  const program = fileURLToPath(import.meta.resolve("@stoplight/prism-cli"));
  const args = [program, "mock", "--errors", "--host", "127.0.0.1", "--port", "0", SPECIFICATION_FILE];
  const prism = await startProgram(process.execPath, args, { env: {}, ready: /listening on http.*:(\d+)/ });
  return {
    close: prism.close,
    /** @param {any} body @param {Record<string, string>} [headers] */
    async refuses(body, headers = { Authorization: "Bearer sk-1" }) {
      const reply = await fetch(`${prism.url}/responses`, {
        method: "POST",
        headers: { "Content-Type": "application/json", ...headers },
        body: JSON.stringify(body),
      });
      const text = await reply.text();
      assert.ok([200, 401, 422].includes(reply.status), text);
      return reply.status !== 200 && text;
    },
  };
}

test("each request passes Prism, which refuses wrong ones", async (t) => {
  const prism = await startPrism();
  t.after(prism.close);
  for (const body of requests()) {
    assert.equal(await prism.refuses(body), false, JSON.stringify(body));
  }
  const full = fullRequest();
  // The members that a site may leave out, all of them in one request.
  const { reasoning, text, store, max_tool_calls, tools } = full;
  assert.ok(reasoning.effort && text.verbosity && store && max_tool_calls);
  assert.ok(tools[0].filters.allowed_domains && tools[1].vector_store_ids && tools[2].authorization);
  assert.match((await prism.refuses(full, {})) || "", /UNAUTHORIZED/);
  /** @type {((body: any) => unknown)[]} */
  const changes = [
    (body) => delete body.input[0].content,
    (body) => (body.store = "no"),
    (body) => (body.reasoning.effort = "little"),
    (body) => (body.text.verbosity = "some"),
    (body) => (body.stream_options.include_obfuscation = 0),
    (body) => (body.tools[0].filters.allowed_domains = "www.example.com"),
    (body) => delete body.tools[1].vector_store_ids,
    (body) => (body.tools[2].require_approval = "sometimes"),
  ];
  for (const change of changes) {
    const body = structuredClone(full);
    change(body);
    assert.match((await prism.refuses(body)) || "", /UNPROCESSABLE_ENTITY/, `${change}`);
  }
});

test("the recorded streams are ones that OpenAI's specification describes, but for the lenient ones", () => {
  const validate = validator(closed("ResponseStreamEvent"));
  for (const [name, events] of Object.entries(streams())) {
    for (const event of name.startsWith("lenient-") ? [] : events) {
      assert.ok(validate(event), `${name}: ${JSON.stringify(event)}`);
    }
  }
});
