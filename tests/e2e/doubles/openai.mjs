/**
 * The upstream: OpenAI's API as far as minting a ChatKit session goes, on this machine. It refuses whatever
 * the real one refuses, and a test can script what it says next.
 */

import { setTimeout as delay } from "node:timers/promises";

import { listen, readBody, sendJson } from "../harness/http.mjs";
import { createSession, findMistake } from "./openai-session.mjs";

const PATH = "/v1/chatkit/sessions";

/**
 * @typedef {object} RecordedRequest
 * @property {string} method
 * @property {string} path
 * @property {import("node:http").IncomingHttpHeaders} headers
 * @property {string} text the body as it came
 * @property {any} json the body parsed, or undefined
 * @property {string | null} mistake why the API refuses it, if it does; also set when the answer was scripted
 * @property {string[]} warnings what the API accepts although no chat works with it
 * @property {number} status what was answered
 *
 * @typedef {object} ScriptedAnswer what is absent is as the API would have it
 * @property {number} [status]
 * @property {unknown} [body] sent as JSON
 * @property {string} [raw] sent as it is, instead of `body`
 * @property {Record<string, string>} [headers]
 * @property {number} [delayMs]
 *
 * @typedef {{ status: number, body: unknown }} Answer
 */

/** @param {number} status @param {string} message @param {{ type?: string, param?: string | null, code?: string | null }} [rest] */
function failure(status, message, { type = "invalid_request_error", param = null, code = null } = {}) {
  return { status, body: { error: { message, type, param, code } } };
}

/** The error that the API would send with a status that a test scripts without a body.
 * @param {number} status */
function failureOf(status) {
  if (status === 401) {
    return failure(status, "Incorrect API key provided.", { code: "invalid_api_key" });
  }
  if (status === 429) {
    return failure(status, "Rate limit reached.", { type: "requests", code: "rate_limit_exceeded" });
  }
  if (status >= 500) {
    return failure(status, "The server had an error.", { type: "server_error" });
  }
  return failure(status, "The request was refused.");
}

/** Starts the double.
 * @param {object} settings
 * @param {string} settings.apiKey the one key that is valid
 * @param {string[]} settings.workflows the ids that this key may use
 * @param {string} [settings.organization] when set, the request has to name it
 * @param {string} [settings.project] when set, the request has to name it
 * @param {() => number} [settings.now] unix seconds */
export async function startOpenAI({
  apiKey,
  workflows,
  organization,
  project,
  now = () => Math.floor(Date.now() / 1000),
}) {
  /** @type {RecordedRequest[]} */
  const requests = [];
  /** @type {ScriptedAnswer[]} */
  const script = [];

  /** The API's own answer, decided in its order: where, who, how, what.
   * @param {Omit<RecordedRequest, 'mistake' | 'warnings' | 'status'>} request @returns {Answer} */
  function decide({ method, path, headers, json }) {
    if (path !== PATH) {
      return failure(404, `Invalid URL (${method} ${path})`);
    }
    if (method !== "POST") {
      return failure(405, `Method not allowed (${method} ${path})`);
    }
    if (headers.authorization !== `Bearer ${apiKey}`) {
      // The real API repeats the key that it refuses: nothing of this message may reach a visitor.
      const given = headers.authorization?.replace(/^Bearer /, "") ?? "(none)";
      return failure(401, `Incorrect API key provided: ${given}.`, { code: "invalid_api_key" });
    }
    if (organization && headers["openai-organization"] !== organization) {
      return failure(401, "The OpenAI-Organization header does not match the API key.", {
        code: "mismatched_organization",
      });
    }
    if (project && headers["openai-project"] !== project) {
      return failure(401, "The OpenAI-Project header does not match the API key.", { code: "mismatched_project" });
    }
    if (headers["openai-beta"] !== "chatkit_beta=v1") {
      return failure(400, "The request needs the header 'OpenAI-Beta: chatkit_beta=v1'.", { code: "invalid_beta" });
    }
    if (!/^application\/json(;\s*charset=utf-8)?$/i.test(headers["content-type"] ?? "")) {
      return failure(400, "The Content-Type header has to be application/json.");
    }
    if (json === undefined) {
      return failure(400, "The body is not valid JSON.");
    }
    const mistake = findMistake(json);
    if (mistake) {
      return failure(400, mistake.message, { param: mistake.param });
    }
    if (!workflows.includes(json.workflow.id)) {
      return failure(404, `Workflow with id '${json.workflow.id}' not found.`);
    }
    return { status: 200, body: createSession(json, now()) };
  }

  const server = await listen(async (request, response) => {
    const text = (await readBody(request)).toString();
    const received = {
      method: request.method ?? "",
      path: request.url ?? "",
      headers: request.headers,
      text,
      json: parseJson(text),
    };
    const own = decide(received);
    const scripted = script.shift() ?? {};
    const answer = choose(own, scripted);
    requests.push({
      ...received,
      mistake: own.status === 200 ? null : /** @type {any} */ (own.body).error.message,
      warnings:
        received.json?.workflow?.version === "latest"
          ? ['workflow.version "latest" mints sessions that no chat can use']
          : [],
      status: answer.status,
    });
    if (scripted.delayMs) {
      await delay(scripted.delayMs);
    }
    const headers = { "x-request-id": `req_${requests.length}`, ...scripted.headers };
    if (scripted.raw === undefined) {
      return sendJson(response, answer.status, answer.body, headers);
    }
    response.writeHead(answer.status, { "Content-Type": "application/json", ...headers }).end(scripted.raw);
  });

  return {
    /** The origin; `baseUrl` is what `OPENAI_BASE_URL` is set to. */
    url: server.url,
    baseUrl: `${server.url}/v1`,
    requests,
    /** Scripts the next answer that is not scripted yet. @param {ScriptedAnswer} answer */
    next: (answer) => void script.push(answer),
    close: server.close,
  };
}

/** @param {Answer} own @param {ScriptedAnswer} scripted @returns {Answer} */
function choose(own, { status, body, raw }) {
  if (body !== undefined) {
    return { status: status ?? 200, body };
  }
  if (raw !== undefined) {
    return { status: status ?? 200, body: null };
  }
  if (status === undefined || status === own.status) {
    return own;
  }
  return status >= 400 ? failureOf(status) : { status, body: own.body };
}

/** @param {string} text */
function parseJson(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
