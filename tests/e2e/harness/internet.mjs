/**
 * The internet for a browser whose requests nobody intercepts: a proxy that leads to ChatKit's double, and nowhere else.
 * Interception changes what a browser does: playwright, for one, answers preflights itself as soon as there is a route.
 */

import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { promisify } from "node:util";

import { CHATKIT_URL, FRAME_URL, chatkitScript, frameDocument } from "../doubles/chatkit.mjs";

const { hostname: CHATKIT_HOST } = new URL(CHATKIT_URL);

/** @typedef {Awaited<ReturnType<typeof startInternet>>} Internet */

/** Starts the proxy. Browsers must be told to take a certificate that nobody vouches for. */
export async function startInternet() {
  const pem = await selfSigned();
  const chatkit = createSecureServer({ key: pem, cert: pem }, (request, response) => {
    const url = `https://${request.headers.host}${request.url}`;
    return answer(url, response).catch((error) => response.destroy(error));
  });
  /** @type {string[]} */
  const refused = [];
  const proxy = createServer((request, response) => {
    refused.push(request.url ?? "");
    response.writeHead(403).end();
  });
  proxy.on("connect", ({ url }, socket) => {
    socket.on("error", () => {});
    if (url === `${CHATKIT_HOST}:443`) {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      chatkit.emit("connection", socket);
    } else {
      refused.push(url ?? "");
      socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
    }
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (proxy.address());
  return {
    /** Host and port of the proxy. */
    address: `127.0.0.1:${port}`,
    /** Whom browsers asked for besides, as `host:port` or as an address. */
    refused,
    async close() {
      const closed = once(proxy, "close");
      chatkit.closeAllConnections();
      proxy.close();
      proxy.closeAllConnections();
      await closed;
    },
  };
}

/** @param {string} url @param {import("node:http").ServerResponse} response */
async function answer(url, response) {
  if (url === FRAME_URL) {
    return response.writeHead(200, { "Content-Type": "text/html" }).end(await frameDocument());
  }
  if (url === CHATKIT_URL) {
    return response.writeHead(200, { "Content-Type": "text/javascript" }).end(await chatkitScript());
  }
  return response.writeHead(404).end();
}

/** A key and a certificate for ChatKit's host. */
async function selfSigned() {
  const args = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
  const { stdout } = await promisify(execFile)("openssl", [
    ...args,
    "-subj",
    `/CN=${CHATKIT_HOST}`,
    "-keyout",
    "-",
    "-out",
    "-",
  ]);
  return stdout;
}
