/**
 * Runs the real function binary in two ways. `coldFunction` is Netlify's own emulator, one process per request:
 * slow, and the judge. `warmFunction` keeps one process against the runtime API here, as production does.
 */

import { spawn } from "node:child_process";
import { tmpdir } from "node:os";

import { getBinaryPath } from "@netlify/local-functions-proxy";

import { parseReply } from "./event.mjs";
import { startRuntimeApi } from "./runtime-api.mjs";

/**
 * @typedef {import("./event.mjs").LambdaReply} LambdaReply
 * @typedef {object} FunctionOptions
 * @property {string} command absolute path of the binary
 * @property {Record<string, string>} [env] all of its environment but PATH; nothing is inherited
 * @property {string} [cwd]
 * @property {string} [name]
 * @property {number} [timeoutMs] how long one request may take
 *
 * @typedef {object} RunningFunction
 * @property {(event: unknown) => Promise<LambdaReply>} invoke
 * @property {() => string} logs everything that it wrote to stdout and stderr
 * @property {() => Promise<void>} close rejects when the function broke the protocol
 */

/** As on Netlify, by whose variables the function knows that the gateway vouches for `Host`.
 * @param {Record<string, string>} env @returns {Record<string, string>} */
const withPath = (env) => ({ PATH: process.env.PATH ?? "", SITE_ID: "00000000-0000-0000-0000-000000000000", ...env });

/** One process per request, through `local-functions-proxy`.
 * @param {FunctionOptions} options @returns {Promise<RunningFunction>} */
export async function coldFunction({ command, env = {}, cwd = tmpdir(), name = "session", timeoutMs = 10_000 }) {
  const proxy = await getBinaryPath();
  if (!proxy) {
    throw new Error("@netlify/local-functions-proxy has no binary for this platform");
  }
  let logs = "";
  return {
    async invoke(event) {
      const timeout = `${timeoutMs / 1000}s`;
      const args = [
        "--event",
        JSON.stringify(event),
        "--command",
        command,
        "--working-dir",
        cwd,
        "--name",
        name,
        "--timeout",
        timeout,
      ];
      const { stdout, stderr } = await run(proxy, args, withPath(env));
      logs += stderr;
      // The proxy prints nothing when the process crashes or its time is over: parseReply says so.
      return parseReply(stdout);
    },
    logs: () => logs,
    close: async () => {},
  };
}

/** @param {string} command @param {string[]} args @param {Record<string, string>} env
 * @returns {Promise<{ stdout: string, stderr: string }>} */
function run(command, args, env) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env, stdio: ["ignore", "pipe", "pipe"] });
    const output = { stdout: "", stderr: "" };
    child.stdout.setEncoding("utf8").on("data", (text) => (output.stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text) => (output.stderr += text));
    child.once("error", reject);
    child.once("close", () => resolve(output));
  });
}

/** One process for many requests, one after another. After a crash or a timeout the next request starts a new one.
 * @param {FunctionOptions} options @returns {Promise<RunningFunction & { starts: () => number }>} */
export async function warmFunction({ command, env = {}, cwd = tmpdir(), name = "session", timeoutMs = 10_000 }) {
  const api = await startRuntimeApi();
  const runtime = {
    AWS_LAMBDA_RUNTIME_API: api.address,
    AWS_LAMBDA_FUNCTION_NAME: name,
    _HANDLER: "netlify",
    LAMBDA_TASK_ROOT: cwd,
  };
  /** @type {import("node:child_process").ChildProcess | null} */
  let child = null;
  let starts = 0;
  let logs = "";

  function start() {
    const started = spawn(command, [], {
      env: { ...withPath(env), ...runtime },
      cwd,
      stdio: ["ignore", "pipe", "pipe"],
    });
    starts += 1;
    child = started;
    started.stdout.setEncoding("utf8").on("data", (text) => (logs += text));
    started.stderr.setEncoding("utf8").on("data", (text) => (logs += text));
    /** @param {Error} error */
    const gone = (error) => {
      // The successor of a process that was killed for its slowness may run already.
      if (child !== started) {
        return;
      }
      child = null;
      api.settleAll(error);
    };
    started.once("error", gone);
    started.once("close", (code, signal) =>
      gone(new Error(`the function exited with ${code ?? signal}:\n${logs.slice(-2000)}`)),
    );
  }

  /** Resolves when the process is gone.
   * @param {string} reason */
  async function stop(reason) {
    const stopped = child;
    child = null;
    api.settleAll(new Error(reason));
    if (!stopped) {
      return;
    }
    const closed = new Promise((resolve) => stopped.once("close", resolve));
    stopped.kill("SIGKILL");
    await closed;
  }

  return {
    async invoke(event) {
      if (!child) {
        start();
      }
      const reply = api.invoke(event, timeoutMs);
      const timer = setTimeout(() => void stop(`the function took longer than ${timeoutMs} ms`), timeoutMs);
      try {
        return parseReply(await reply);
      } finally {
        clearTimeout(timer);
      }
    },
    logs: () => logs,
    /** How many processes it took. */
    starts: () => starts,
    async close() {
      await stop("the function was closed");
      await api.close();
      if (api.faults.length > 0) {
        throw new Error(`the function broke the runtime API's protocol:\n${api.faults.join("\n")}`);
      }
    },
  };
}
