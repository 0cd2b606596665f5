/** An agent with a Responses API that is not OpenAI's: the real LiteLLM, and behind it a model that a test plays. */

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, test } from "node:test";
import { fileURLToPath } from "node:url";

import { startModel } from "./doubles/model.mjs";
import { buildSite, startFunction } from "./harness/agent.mjs";
import { startProgram } from "./harness/program.mjs";
import { until } from "./harness/until.mjs";

/** @typedef {import("./harness/program.mjs").Program} Program */

/** Where `.ci/run` installs `responses-server/requirements.txt`; `LITELLM` names another one. */
const VENV = fileURLToPath(new URL(".tmp/litellm/bin/litellm", import.meta.url));

const SITE = "https://chat.example.com";
/** Of LiteLLM, which the function knows. */
const API_KEY = "sk-only-a-test-0123456789abcdef0123456789abcdef";
/** Of the model, which LiteLLM knows. */
const MODEL_KEY = "only-a-test-0123456789abcdef";

const SITE_YAML = `site: { url: "${SITE}" }
widgets:
  plain:
    backend: { type: agent, domain_key: domain_pk_1, preamble: "", instructions: Answer briefly., model: tiny }
  strict:
    backend: { type: agent, domain_key: domain_pk_1, instructions: Answer briefly., model: strict, reasoning: low, verbosity: low }
  locked:
    backend: { type: agent, domain_key: domain_pk_1, instructions: Answer briefly., model: locked }
`;

/** LiteLLM's settings: one model as it is, as one that takes few members, and with a wrong key. @param {string} baseUrl */
function litellmYaml(baseUrl) {
  const entry = (/** @type {string} */ name, /** @type {string} */ model, /** @type {string} */ key) =>
    `  - model_name: ${name}
    litellm_params: { model: ${model}, use_chat_completions_api: true, api_base: "${baseUrl}", api_key: ${key} }`;
  return `model_list:
${entry("tiny", "openai/tiny", MODEL_KEY)}
${entry("strict", "mistral/tiny", MODEL_KEY)}
${entry("locked", "openai/tiny", "another")}
general_settings: { master_key: ${API_KEY} }
`;
}

/** @type {string} */
let folder;
/** @type {Awaited<ReturnType<typeof startModel>>} */
let model;
/** @type {Program} */
let litellm;
/** @type {string} */
let binary;
/** The function. @type {Program} */
let agent;

before(
  async () => {
    folder = await mkdtemp(join(tmpdir(), "responses-server-"));
    model = await startModel({ apiKey: MODEL_KEY });
    litellm = await startLiteLLM();
    await writeFile(join(folder, "site.yaml"), SITE_YAML);
    binary = await buildSite(folder);
    agent = await startAgent(API_KEY);
  },
  { timeout: 1_200_000 },
);
beforeEach(() => {
  model.requests.length = 0;
});
after(async () => {
  await Promise.all([agent?.close(), litellm?.close(), model?.close()]);
  await rm(folder, { recursive: true });
});

async function startLiteLLM() {
  const command = process.env.LITELLM ?? VENV;
  assert.ok(existsSync(command), `no ${command}: install responses-server/requirements.txt there, as .ci/run does`);
  const config = join(folder, "litellm.yaml");
  await writeFile(config, litellmYaml(model.baseUrl));
  const env = {
    PATH: process.env.PATH ?? "",
    HOME: folder,
    // Else it fetches prices. Statistics go nowhere, unless a variable says where.
    LITELLM_LOCAL_MODEL_COST_MAP: "True",
  };
  const args = ["--config", config, "--host", "127.0.0.1", "--port", "0"];
  return startProgram(command, args, { env, ready: /running on http:\/\/127\.0\.0\.1:(\d+)/ });
}

/** Starts the function, with LiteLLM behind it. @param {string} apiKey */
const startAgent = (apiKey) =>
  startFunction(binary, { BASE_URL: SITE, OPENAI_API_KEY: apiKey, OPENAI_BASE_URL: `${litellm.url}/v1` });

/** A visitor of a widget. @param {string} widget @param {Program} [to] */
async function visitor(widget, to = agent) {
  /** @param {string} path @param {unknown} body @param {Record<string, string>} [headers] */
  const post = (path, body, headers) =>
    fetch(`${to.url}/api/chatkit/${path}`, {
      method: "POST",
      headers: { "Content-Type": "application/json", Origin: SITE, ...headers },
      body: JSON.stringify(body),
    });
  const reply = await post("session", { widget });
  assert.equal(reply.status, 200, to.log());
  const { client_secret } = await reply.json();
  /** What the page keeps of the conversation. @type {any} */
  let kept;

  /** Asks, and returns the events of the answer.
   * @param {string} text @param {(event: any) => void} [see] gets each event when it comes */
  return async function ask(text, see = () => {}) {
    const content = [{ type: "input_text", text }];
    const input = { content, attachments: [], quoted_text: "", inference_options: {} };
    const request = kept
      ? { type: "threads.add_user_message", params: { input, thread_id: kept.thread_id } }
      : { type: "threads.create", params: { input } };
    const metadata = kept ? { states: [kept.state], title: kept.title } : {};
    const answer = await post("chat", { ...request, metadata }, { Authorization: `Bearer ${client_secret}` });
    assert.equal(answer.status, 200);
    /** @type {any[]} */
    const events = [];
    for await (const event of eventsOf(answer)) {
      events.push(event);
      see(event);
      kept = event.type === "client_effect" ? event.data : kept;
    }
    return events;
  };
}

/** Events as they come. @param {Response} reply */
async function* eventsOf(reply) {
  assert.ok(reply.body);
  let rest = "";
  for await (const piece of reply.body.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + piece).split("\n\n");
    rest = lines.pop() ?? "";
    yield* lines.map((line) => JSON.parse(line.slice("data: ".length)));
  }
  assert.equal(rest, "");
}

/** The piece of a text that an event brings. @param {any} event @returns {string} */
const delta = (event) => event.update?.delta ?? "";

/** @param {any[]} events */
const text = (events) => events.map(delta).join("");

/** @param {any[]} events */
const errors = (events) => events.filter(({ type }) => type === "error");

/** What the model was told last, in turns. */
const told = () => model.requests.at(-1).messages.map((/** @type {any} */ { role, content }) => [role, content]);

/** A word that does not arrive would keep the model waiting. */
const PATIENCE = { timeout: 60_000 };

test("an answer arrives word by word, and the next turn knows of it", PATIENCE, async () => {
  const ask = await visitor("plain");
  const words = ["Kettles ", "are ", "hot."];
  /** Tells the model that a word has arrived. @type {() => void} */
  let seen = () => {};
  model.says(async function* () {
    for (const word of words) {
      const arrived = new Promise((resolve) => (seen = () => resolve(undefined)));
      yield word;
      await arrived;
    }
  });
  const first = await ask("What are kettles?", (event) => delta(event) && seen());
  assert.deepEqual(errors(first), [], agent.log());
  assert.deepEqual(first.map(delta).filter(Boolean), words);
  assert.deepEqual(told(), [
    ["system", "Answer briefly."],
    ["user", "What are kettles?"],
  ]);

  model.says((question) => ["You said: ", question]);
  assert.equal(text(await ask("And cups?")), "You said: And cups?");
  assert.deepEqual(told(), [
    ["system", "Answer briefly."],
    ["user", "What are kettles?"],
    ["assistant", "Kettles are hot."],
    ["user", "And cups?"],
  ]);
});

test("members that a model does not take are left out from then on, and the log names them", async () => {
  model.says(() => ["Hi"]);
  for (const question of ["One", "Two"]) {
    const ask = await visitor("strict");
    assert.equal(text(await ask(question)), "Hi", agent.log());
  }
  /** @param {string} part */
  const logged = (part) =>
    agent
      .log()
      .split("\n")
      .filter((line) => line.includes(part));
  await until(() => logged('"model":"strict"').length === 2, "both answers are in the log");
  assert.deepEqual(
    logged('"model":"strict"').map((line) => JSON.parse(line).retries),
    [1, undefined],
  );
  const [note] = logged("does not accept");
  for (const member of ["reasoning", "text", "safety_identifier", "prompt_cache_key"]) {
    assert.ok(note.includes(`\`${member}\``), note);
  }
});

test("a wrong key, here or behind the server, is one error for the visitor, with its cause in the log", async (t) => {
  const other = await startAgent(`${API_KEY}-not`);
  t.after(other.close);
  for (const [widget, to, cause] of /** @type {[string, Program, string][]} */ ([
    ["locked", agent, "upstream status 401 `authentication_error`: the upstream refused the key"],
    // Without a database, LiteLLM has no other word for it.
    ["plain", other, "upstream status 400 `no_db_connection`: the upstream refused the request"],
  ])) {
    const ask = await visitor(widget, to);
    const events = await ask("Hello");
    const [error, ...more] = errors(events);
    assert.deepEqual([events.at(-1), more], [error, []]);
    assert.equal(error.allow_retry, false);
    await until(() => to.log().includes(cause), `the log has: ${cause}`);
    assert.deepEqual(model.requests, []);
  }
});
