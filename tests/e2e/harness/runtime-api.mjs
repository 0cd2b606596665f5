/**
 * The Lambda runtime API, the part that a custom runtime speaks: next, response, error and init error.
 * A function that does not keep to it is an entry in `faults`.
 */

import { randomUUID } from "node:crypto";

import { listen, readBody, sendJson } from "./http.mjs";

const PREFIX = "/2018-06-01/runtime";

/** What Lambda takes as a buffered reply. */
const MAX_REPLY_BYTES = 6 * 1024 * 1024;

/**
 * @typedef {object} Invocation
 * @property {string} id
 * @property {string} event JSON
 * @property {number} deadline unix milliseconds
 * @property {(body: string) => void} resolve with what the function posted
 * @property {(error: Error) => void} reject
 */

export async function startRuntimeApi() {
  /** @type {Invocation[]} */
  const waiting = [];
  /** @type {Invocation | null} Lambda gives a process one invocation at a time. */
  let current = null;
  /** @type {import("./http.mjs").ServerResponse | null} */
  let poll = null;
  /** @type {string[]} */
  const faults = [];

  function deliver() {
    if (!poll || current || waiting.length === 0) {
      return;
    }
    current = /** @type {Invocation} */ (waiting.shift());
    poll.writeHead(200, {
      "Content-Type": "application/json",
      "Lambda-Runtime-Aws-Request-Id": current.id,
      "Lambda-Runtime-Deadline-Ms": String(current.deadline),
      "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:us-east-1:000000000000:function:session",
    });
    poll.end(current.event);
    poll = null;
  }

  /** @param {import("./http.mjs").ServerResponse} response @param {number} status @param {string} problem */
  function refuse(response, status, problem) {
    faults.push(problem);
    sendJson(response, status, { errorType: "InvalidRequest", errorMessage: problem });
  }

  const server = await listen(async (request, response) => {
    const { method = "", url = "" } = request;
    const body = (await readBody(request)).toString();
    if (method === "GET" && url === `${PREFIX}/invocation/next`) {
      if (current) {
        return refuse(response, 403, `asked for the next event while ${current.id} is open`);
      }
      poll = response;
      response.on("close", () => {
        if (poll === response) {
          poll = null;
        }
      });
      return deliver();
    }
    if (method === "POST" && url === `${PREFIX}/init/error`) {
      settleAll(new Error(`the function failed to start: ${body}`));
      return sendJson(response, 202, { status: "OK" });
    }
    const [, id, kind] = /^\/2018-06-01\/runtime\/invocation\/([^/]+)\/(response|error)$/.exec(url) ?? [];
    if (method !== "POST" || !id) {
      return refuse(response, 404, `no such call: ${method} ${url}`);
    }
    if (id !== current?.id) {
      return refuse(response, 400, `${kind} for an event that is not open: ${id}`);
    }
    const { resolve, reject } = current;
    current = null;
    if (kind === "error") {
      reject(new Error(`the function failed: ${body}`));
    } else if (Buffer.byteLength(body) > MAX_REPLY_BYTES) {
      reject(new Error("the reply is larger than 6 MB"));
    } else {
      resolve(body);
    }
    sendJson(response, 202, { status: "OK" });
  });

  /** @param {Error} error */
  function settleAll(error) {
    for (const invocation of [current, ...waiting.splice(0)]) {
      invocation?.reject(error);
    }
    current = null;
  }

  return {
    /** The value of `AWS_LAMBDA_RUNTIME_API`: no scheme. */
    address: `127.0.0.1:${server.port}`,
    faults,
    /** Queues an event; resolves to the body that the function posts as its response.
     * @param {unknown} event @param {number} timeoutMs @returns {Promise<string>} */
    invoke: (event, timeoutMs) =>
      new Promise((resolve, reject) => {
        const deadline = Date.now() + timeoutMs;
        waiting.push({ id: randomUUID(), event: JSON.stringify(event), deadline, resolve, reject });
        deliver();
      }),
    /** Gives up on every event: the process is gone. */
    settleAll,
    close: server.close,
  };
}
