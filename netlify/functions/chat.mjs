/**
 * Passes answers of agents on as they come, which a function in Rust cannot do on Netlify: starts `session`, which is
 * next to this file, as a web server on this machine, and keeps it for later requests.
 */

import { spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { request as connect } from "node:http";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";

/** @type {Promise<string> | undefined} Port of the server. */
let server;

/** @returns {Promise<string>} */
function start() {
  const env = { ...process.env, PORT: "0", GATEWAY: "netlify" };
  // With it, the program would take the events of this function.
  delete env.AWS_LAMBDA_RUNTIME_API;
  const child = spawn(fileURLToPath(new URL("session", import.meta.url)), { env, stdio: ["ignore", "ignore", "pipe"] });
  const stop = () => child.kill("SIGKILL");
  process.once("exit", stop);
  /** @type {Promise<string>} */
  const port = new Promise((resolve, reject) => {
    /** @param {unknown} reason */
    const end = (reason) => {
      clearTimeout(late);
      process.off("exit", stop);
      stop();
      // The next request starts another one.
      server = server === port ? undefined : server;
      reject(reason);
    };
    const late = setTimeout(end, 5000, "it was not ready within 5 s");
    child.once("error", end).once("exit", (code, signal) => end(`it ended with ${code ?? signal}`));
    createInterface({ input: child.stderr }).on("line", (line) => {
      console.log(line);
      const [, found] = /listening on \S*:(\d+)/.exec(line) ?? [];
      if (found) {
        clearTimeout(late);
        // It must not keep this process alive.
        child.unref();
        child.stderr.unref();
        resolve(found);
      }
    });
  });
  return port;
}

/** Without those about one connection, or about how it encodes a body. @param {Iterable<[string, any]>} headers */
function passed(headers) {
  const dropped = ["connection", "content-encoding", "content-length", "transfer-encoding"];
  return Object.fromEntries([...headers].filter(([name]) => !dropped.includes(name)));
}

/** @param {Request} request */
export default async function chat(request) {
  const { method, signal } = request;
  const { origin, host, pathname: path, protocol } = new URL(request.url);
  const headers = { ...passed(request.headers), host, "x-forwarded-proto": protocol.slice(0, -1) };
  const body = Buffer.from(await request.arrayBuffer());
  let port;
  try {
    port = await (server ??= start());
    // Not `fetch`, which replaces `host`. And no connection from before, which may have died in the meantime.
    const asked = connect({ host: "127.0.0.1", port, path, method, headers, signal, agent: false });
    asked.on("error", () => {}).end(body);
    const [reply] = await once(asked, "response");
    const pieces = reply.statusCode === 204 ? null : Readable.toWeb(reply);
    return new Response(pieces, { status: reply.statusCode, headers: passed(Object.entries(reply.headers)) });
  } catch (/** @type {any} */ error) {
    // What the server has begun is not repeated: it costs money.
    if (port && error.code !== "ECONNREFUSED") {
      throw error;
    }
    console.error(`\`session\` does not run, so the answer comes in one piece: ${error}`);
  }
  // Nobody has counted a direct call.
  if (path !== "/api/chatkit/chat") {
    return new Response(null, { status: 404 });
  }
  const key = process.env.OPENAI_API_KEY?.trim() || process.env.VISITOR_SECRET?.trim() || "";
  headers["x-chat-fallback"] = createHmac("sha256", key).update("chatkit-embed chat fallback v1").digest("hex");
  const asked = { method, headers, signal, body: body.length > 0 ? body : null };
  const reply = await fetch(`${origin}/api/chatkit/chat/buffered`, asked);
  return new Response(reply.body, { status: reply.status, headers: passed(reply.headers) });
}
