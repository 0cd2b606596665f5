/**
 * The upstream of an agent: a Responses API on this machine, whose answers a test plays piece by piece. Without a script
 * it repeats the question.
 */

import { listen, readBody, sendJson } from "../harness/http.mjs";

/** @typedef {Awaited<ReturnType<typeof startResponses>>} Responses */
/** @typedef {(answer: Answer, question: string) => void | Promise<void>} Play */

/** @param {{ apiKey: string }} settings */
export async function startResponses({ apiKey }) {
  /** @type {any[]} */
  const requests = [];
  /** @type {Play[]} */
  const script = [];

  const server = await listen(async (request, response) => {
    const json = JSON.parse(String(await readBody(request)));
    if (request.method !== "POST" || request.url !== "/v1/responses") {
      return sendJson(response, 404, { error: { message: "Invalid URL", type: "invalid_request_error" } });
    }
    if (request.headers.authorization !== `Bearer ${apiKey}`) {
      return sendJson(response, 401, { error: { message: "Incorrect API key provided.", code: "invalid_api_key" } });
    }
    requests.push(json);
    const question = textOf(json.input.findLast((/** @type {any} */ item) => item.role === "user"));
    const play = script.shift() ?? ((answer, text) => answer.say("You said: ", text).end());
    await play(new Answer(response), question);
  });

  return {
    baseUrl: `${server.url}/v1`,
    /** Bodies, in the order of their arrival. */
    requests,
    /** What is played for the next requests. */
    script,
    /** What the model was told last: the texts of the conversation. */
    conversation: () => requests.at(-1).input.map(textOf),
    close: server.close,
  };
}

/** @param {{ content: string | { text: string }[] }} item */
function textOf({ content }) {
  return typeof content === "string" ? content : content.map(({ text }) => text).join("");
}

/** One answer, as events of the API. */
class Answer {
  #response;
  #text = "";
  #hasMessage = false;

  /** @param {import("../harness/http.mjs").ServerResponse} response */
  constructor(response) {
    this.#response = response.writeHead(200, { "Content-Type": "text/event-stream" });
    this.#send({ type: "response.created", response: { id: "resp_1", instructions: "only for the model" } });
  }

  /** Whether whoever asked is gone. */
  get isGone() {
    return this.#response.destroyed;
  }

  /** Looks something up. */
  search() {
    const item = { id: "ws_1", type: "web_search_call", status: "in_progress" };
    return this.#send({ type: "response.output_item.added", output_index: 0, item });
  }

  /** @param {string[]} pieces */
  say(...pieces) {
    if (!this.#hasMessage) {
      this.#hasMessage = true;
      const item = { id: "msg_1", type: "message", role: "assistant", content: [] };
      this.#send({ type: "response.output_item.added", output_index: 1, item });
      this.#send({ type: "response.content_part.added", ...PLACE, part: part("") });
    }
    for (const delta of pieces) {
      this.#text += delta;
      this.#send({ type: "response.output_text.delta", ...PLACE, delta });
    }
    return this;
  }

  /** Calls a tool of the agent's own. @param {string} name */
  call(name) {
    const item = { id: "fc_1", type: "function_call", call_id: "call_1", name, arguments: "{}" };
    return this.#send({ type: "response.output_item.done", output_index: 2, item });
  }

  end() {
    const text = this.#text;
    const item = { id: "msg_1", type: "message", role: "assistant", content: [part(text)] };
    this.#send({ type: "response.output_text.done", ...PLACE, text });
    this.#send({ type: "response.content_part.done", ...PLACE, part: part(text) });
    this.#send({ type: "response.output_item.done", output_index: 1, item });
    this.#send({ type: "response.completed", response: { usage: { input_tokens: 9, output_tokens: 9 } } });
    this.#response.end();
  }

  /** The connection breaks. */
  cut() {
    this.#response.destroy();
  }

  /** @param {{ type: string, [member: string]: unknown }} event */
  #send(event) {
    this.#response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
    return this;
  }
}

const PLACE = { item_id: "msg_1", output_index: 1, content_index: 0 };

/** @param {string} text */
const part = (text) => ({ type: "output_text", text, annotations: [] });
