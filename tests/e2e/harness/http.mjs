/** The one way in which every server here listens: on the loopback address, on a free port, and gone on close. */

import { createServer } from "node:http";

/**
 * @typedef {import("node:http").IncomingMessage} IncomingMessage
 * @typedef {import("node:http").ServerResponse} ServerResponse
 * @typedef {object} Listener
 * @property {number} port
 * @property {string} url `http://127.0.0.1:<port>`, without a slash at the end
 * @property {() => void} cut breaks all connections, and takes new ones
 * @property {() => Promise<void>} close ends open connections too; a second call is none
 */

/** Starts a server. A handler that throws answers 500 with its message, so that the cause shows in the test.
 * @param {(request: IncomingMessage, response: ServerResponse) => unknown} handler
 * @param {{ port?: number }} [options] @returns {Promise<Listener>} */
export async function listen(handler, { port = 0 } = {}) {
  const server = createServer(async (request, response) => {
    try {
      await handler(request, response);
    } catch (error) {
      if (!response.headersSent) {
        response.writeHead(500, { "Content-Type": "text/plain" });
      }
      response.end(`test server: ${error instanceof Error ? error.stack : error}`);
    }
  });
  // A long poll of the Lambda runtime API may stay open for as long as a test runs.
  server.requestTimeout = 0;
  await new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve(undefined));
  });
  /** @type {Promise<void> | undefined} */
  let closed;
  const address = /** @type {import("node:net").AddressInfo} */ (server.address());
  return {
    port: address.port,
    url: `http://127.0.0.1:${address.port}`,
    cut: () => server.closeAllConnections(),
    close: () =>
      (closed ??= new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeAllConnections();
      })),
  };
}

/** @param {IncomingMessage} request @returns {Promise<Buffer>} */
export async function readBody(request) {
  const chunks = [];
  for await (const chunk of request) {
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** @param {ServerResponse} response @param {number} status @param {unknown} body
 * @param {Record<string, string>} [headers] */
export function sendJson(response, status, body, headers = {}) {
  response.writeHead(status, { "Content-Type": "application/json", ...headers });
  response.end(JSON.stringify(body));
}
