/**
 * Passes answers of agents on as they come, which a function in Rust cannot do on Netlify: starts `session`, which lies
 * next to this file, as a web server on this machine, and keeps it for later requests.
 */

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** @type {Promise<string> | undefined} Address of the server. */
let server;

/** @returns {Promise<string>} */
function start() {
  const env = { ...process.env, PORT: "0", GATEWAY: "netlify" };
  // With it, the program would take the events of this function.
  delete env.AWS_LAMBDA_RUNTIME_API;
  const child = spawn(fileURLToPath(new URL("session", import.meta.url)), {
    env,
    stdio: ["ignore", "ignore", "pipe"],
  });
  process.once("exit", () => child.kill());
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      server = undefined;
      reject(new Error(`it ended with ${code ?? signal}`));
    });
    createInterface({ input: child.stderr }).on("line", (line) => {
      console.log(line);
      const port = /listening on \S*:(\d+)/.exec(line)?.[1];
      if (port) {
        // It must not keep this process alive.
        child.unref();
        child.stderr.unref();
        resolve(`http://127.0.0.1:${port}`);
      }
    });
  });
}

/** @param {Request} request */
export default async function chat(request) {
  const { method, headers, signal } = request;
  const { pathname, origin, host, protocol } = new URL(request.url);
  const body = method === "POST" ? await request.arrayBuffer() : undefined;
  /** @param {string} address @param {Record<string, string>} extra */
  const ask = async (address, extra) => {
    const asked = { method, body, signal, headers: { ...Object.fromEntries(headers), ...extra } };
    const reply = await fetch(address, asked);
    const kept = [...reply.headers].filter(([name]) => name !== "connection" && name !== "transfer-encoding");
    return new Response(reply.body, { status: reply.status, headers: kept });
  };
  try {
    const own = await (server ??= start());
    return await ask(own + pathname, { host, "x-forwarded-proto": protocol.slice(0, -1) });
  } catch (error) {
    console.error(`failed to start \`session\`, so answers come in one piece: ${error}`);
    return ask(`${origin}/api/chatkit/chat/buffered`, {});
  }
}
