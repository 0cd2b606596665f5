/**
 * The model behind a server that is not OpenAI's: chat completions, which all such servers can ask for. It repeats the
 * question, or says what a test wants, piece by piece.
 */

import { listen, readBody, sendJson } from "../harness/http.mjs";

/** @param {{ apiKey: string }} settings */
export async function startModel({ apiKey }) {
  /** @type {any[]} */
  const requests = [];
  /** What it says, one piece after the other. @type {(question: string) => AsyncIterable<string> | Iterable<string>} */
  let say = (question) => ["You ", "said: ", question];

  const server = await listen(async (request, response) => {
    const body = String(await readBody(request));
    if (request.headers.authorization !== `Bearer ${apiKey}`) {
      return sendJson(response, 401, { error: { message: "Incorrect API key provided.", code: "invalid_api_key" } });
    }
    if (request.url !== "/v1/chat/completions") {
      return sendJson(response, 404, { error: { message: "Not Found" } });
    }
    const json = JSON.parse(body);
    requests.push(json);
    response.writeHead(200, { "Content-Type": "text/event-stream" });
    for await (const content of say(json.messages.at(-1).content)) {
      response.write(chunk({ delta: { role: "assistant", content }, finish_reason: null }));
    }
    response.end(`${chunk({ delta: {}, finish_reason: "stop" })}data: [DONE]\n\n`);
  });

  return {
    baseUrl: `${server.url}/v1`,
    /** Bodies, in the order of their arrival. */
    requests,
    /** @param {typeof say} words */
    says(words) {
      say = words;
    },
    close: server.close,
  };
}

/** @param {object} choice */
function chunk(choice) {
  const data = { id: "chatcmpl-1", object: "chat.completion.chunk", created: 1_790_000_000, model: "tiny" };
  return `data: ${JSON.stringify({ ...data, choices: [{ index: 0, ...choice }] })}\n\n`;
}
