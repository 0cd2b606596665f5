import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";

import { startOpenAI } from "./openai.mjs";

const KEY = "key-of-the-test";
const MINIMAL = { workflow: { id: "wf_1" }, user: "visitor_1" };
const HEADERS = {
  Authorization: `Bearer ${KEY}`,
  "Content-Type": "application/json",
  "OpenAI-Beta": "chatkit_beta=v1",
};

/** @type {Awaited<ReturnType<typeof startOpenAI>>} */
let openai;
before(async () => {
  openai = await startOpenAI({ apiKey: KEY, workflows: ["wf_1"], now: () => 1_800_000_000 });
});
beforeEach(() => void openai.requests.splice(0));
after(() => openai.close());

/** @param {unknown} body @param {RequestInit & { path?: string }} [rest]
 * @returns {Promise<{ status: number, headers: Headers, body: any }>} */
async function post(body, { path = "/chatkit/sessions", ...rest } = {}) {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const response = await fetch(openai.baseUrl + path, { method: "POST", headers: HEADERS, body: text, ...rest });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

test("the smallest request mints a session with every default", async () => {
  const { status, body } = await post(MINIMAL);
  assert.equal(status, 200);
  const { id, client_secret: secret, ...rest } = body;
  assert.match(id, /^cksess_\w+$/);
  assert.match(secret, /^ek_\w+$/);
  assert.deepEqual(rest, {
    object: "chatkit.session",
    expires_at: 1_800_000_600,
    workflow: { id: "wf_1", version: null, state_variables: null, tracing: { enabled: true } },
    user: "visitor_1",
    rate_limits: { max_requests_per_1_minute: 10 },
    max_requests_per_1_minute: 10,
    status: "active",
    chatkit_configuration: {
      automatic_thread_titling: { enabled: true },
      file_upload: { enabled: false, max_file_size: null, max_files: null },
      history: { enabled: true, recent_threads: null },
    },
  });
  assert.equal(openai.requests[0].mistake, null);
});

test("the largest request mints a session with what it asks for", async () => {
  const { status, body } = await post({
    workflow: {
      id: "wf_1",
      version: "3",
      state_variables: { a: "x", b: 1, c: true, d: 0.5 },
      tracing: { enabled: false },
    },
    user: "visitor_1",
    expires_after: { anchor: "created_at", seconds: 60 },
    rate_limits: { max_requests_per_1_minute: 3 },
    chatkit_configuration: {
      automatic_thread_titling: { enabled: false },
      file_upload: { enabled: true, max_file_size: 512, max_files: 1 },
      history: { enabled: true, recent_threads: 5 },
    },
  });
  assert.equal(status, 200);
  assert.equal(body.expires_at, 1_800_000_060);
  assert.equal(body.max_requests_per_1_minute, 3);
  assert.deepEqual(body.chatkit_configuration.file_upload, { enabled: true, max_file_size: 512, max_files: 1 });
});

/** Bodies that the API refuses, and the parameter that it names. */
const REFUSED = /** @type {[body: object | string, param: string | null][]} */ ([
  ["{", null],
  ["[]", null],
  [{ workflow: { id: "wf_1" } }, "user"],
  [{ user: "u" }, "workflow"],
  [{ ...MINIMAL, workflow: {} }, "workflow.id"],
  [{ ...MINIMAL, workflow: "wf_1" }, "workflow"],
  [{ ...MINIMAL, user: "" }, "user"],
  [{ ...MINIMAL, scope: {} }, "scope"],
  [{ ...MINIMAL, workflow: { id: "wf_1", input: 1 } }, "workflow.input"],
  [{ ...MINIMAL, workflow: { id: "wf_1", version: null } }, "workflow.version"],
  [{ ...MINIMAL, workflow: { id: "wf_1", tracing: true } }, "workflow.tracing"],
  [{ ...MINIMAL, workflow: { id: "wf_1", state_variables: { a: null } } }, "workflow.state_variables.a"],
  [{ ...MINIMAL, workflow: { id: "wf_1", state_variables: { ["k".repeat(65)]: 1 } } }, "workflow.state_variables"],
  [
    {
      ...MINIMAL,
      workflow: { id: "wf_1", state_variables: Object.fromEntries(Array.from({ length: 65 }, (_, i) => [i, 1])) },
    },
    "workflow.state_variables",
  ],
  [{ ...MINIMAL, expires_after: 60 }, "expires_after"],
  [{ ...MINIMAL, expires_after: { seconds: 60 } }, "expires_after.anchor"],
  [{ ...MINIMAL, expires_after: { anchor: "now", seconds: 60 } }, "expires_after.anchor"],
  [{ ...MINIMAL, expires_after: { anchor: "created_at" } }, "expires_after.seconds"],
  [{ ...MINIMAL, expires_after: { anchor: "created_at", seconds: 0 } }, "expires_after.seconds"],
  [{ ...MINIMAL, expires_after: { anchor: "created_at", seconds: 601 } }, "expires_after.seconds"],
  [{ ...MINIMAL, expires_after: { anchor: "created_at", seconds: 1.5 } }, "expires_after.seconds"],
  [{ ...MINIMAL, max_requests_per_1_minute: 1 }, "max_requests_per_1_minute"],
  [{ ...MINIMAL, rate_limits: { max_requests_per_1_minute: 0 } }, "rate_limits.max_requests_per_1_minute"],
  [{ ...MINIMAL, rate_limits: { max_requests_per_session: 1 } }, "rate_limits.max_requests_per_session"],
  [{ ...MINIMAL, chatkit_configuration: { theme: {} } }, "chatkit_configuration.theme"],
  [
    { ...MINIMAL, chatkit_configuration: { automatic_thread_titling: false } },
    "chatkit_configuration.automatic_thread_titling",
  ],
  [
    { ...MINIMAL, chatkit_configuration: { file_upload: { enabled: true, max_file_size: 513 } } },
    "chatkit_configuration.file_upload.max_file_size",
  ],
  [
    { ...MINIMAL, chatkit_configuration: { file_upload: { max_files: 0 } } },
    "chatkit_configuration.file_upload.max_files",
  ],
  [
    { ...MINIMAL, chatkit_configuration: { history: { recent_threads: 0 } } },
    "chatkit_configuration.history.recent_threads",
  ],
  [{ ...MINIMAL, chatkit_configuration: { history: { enabled: "yes" } } }, "chatkit_configuration.history.enabled"],
]);

for (const [body, param] of REFUSED) {
  test(`refused: ${JSON.stringify(body).slice(0, 120)}`, async () => {
    const { status, body: reply } = await post(body);
    assert.equal(status, 400);
    assert.deepEqual(Object.keys(reply.error).sort(), ["code", "message", "param", "type"]);
    assert.equal(reply.error.param, param);
    assert.equal(openai.requests[0].mistake, reply.error.message);
  });
}

/** Requests that are wrong before their body is read. */
const MISADDRESSED = /** @type {[what: string, status: number, rest: Parameters<typeof post>[1]][]} */ ([
  ["another path", 404, { path: "/chatkit/session" }],
  ["another method", 405, { method: "PUT" }],
  ["another key", 401, { headers: { ...HEADERS, Authorization: "Bearer key-of-another" } }],
  ["another scheme", 401, { headers: { ...HEADERS, Authorization: `Basic ${KEY}` } }],
  ["no key", 401, { headers: { "Content-Type": "application/json", "OpenAI-Beta": "chatkit_beta=v1" } }],
  ["no beta header", 400, { headers: { Authorization: `Bearer ${KEY}`, "Content-Type": "application/json" } }],
  ["another beta", 400, { headers: { ...HEADERS, "OpenAI-Beta": "assistants=v2" } }],
  ["another content type", 400, { headers: { ...HEADERS, "Content-Type": "text/plain" } }],
]);

for (const [what, status, rest] of MISADDRESSED) {
  test(`refused: ${what}`, async () => {
    const reply = await post(MINIMAL, rest);
    assert.equal(reply.status, status);
    assert.equal(typeof reply.body.error.message, "string");
    assert.notEqual(openai.requests[0].mistake, null);
  });
}

test("a workflow of another project is not found", async () => {
  const { status, body } = await post({ ...MINIMAL, workflow: { id: "wf_2" } });
  assert.equal(status, 404);
  assert.deepEqual(body.error, {
    message: "Workflow with id 'wf_2' not found.",
    type: "invalid_request_error",
    param: null,
    code: null,
  });
});

test('the version "latest" is accepted with a warning, as no chat works with it', async () => {
  const { status } = await post({ ...MINIMAL, workflow: { id: "wf_1", version: "latest" } });
  assert.equal(status, 200);
  assert.equal(openai.requests[0].warnings.length, 1);
});

test("answers follow the script, then the API again", async () => {
  openai.next({ status: 429, headers: { "Retry-After": "7" } });
  openai.next({ status: 503 });
  openai.next({ raw: "<html>", headers: { "Content-Type": "text/html" } });
  openai.next({ delayMs: 50 });
  const limited = await post(MINIMAL);
  assert.equal(limited.status, 429);
  assert.equal(limited.headers.get("retry-after"), "7");
  assert.equal(limited.body.error.code, "rate_limit_exceeded");
  assert.equal((await post(MINIMAL)).status, 503);
  await assert.rejects(post(MINIMAL), SyntaxError);
  const started = performance.now();
  assert.equal((await post(MINIMAL)).status, 200);
  assert.ok(performance.now() - started >= 45);
  assert.deepEqual(
    openai.requests.map((request) => request.status),
    [429, 503, 200, 200],
  );
});

test("a project and an organization have to be named when the key has them", async (t) => {
  const strict = await startOpenAI({ apiKey: KEY, workflows: ["wf_1"], organization: "org_1", project: "proj_1" });
  t.after(strict.close);
  const mint = async (/** @type {Record<string, string>} */ extra) => {
    const headers = { ...HEADERS, ...extra };
    const response = await fetch(`${strict.baseUrl}/chatkit/sessions`, {
      method: "POST",
      headers,
      body: JSON.stringify(MINIMAL),
    });
    return response.status;
  };
  assert.equal(await mint({}), 401);
  assert.equal(await mint({ "OpenAI-Organization": "org_1", "OpenAI-Project": "proj_2" }), 401);
  assert.equal(await mint({ "OpenAI-Organization": "org_1", "OpenAI-Project": "proj_1" }), 200);
});
