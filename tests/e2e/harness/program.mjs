/** Programs that a test starts, and that say when they are ready. */

import { spawn } from "node:child_process";

/** @typedef {Awaited<ReturnType<typeof startProgram>>} Program */

/** Starts a program, and waits until it prints what `ready` finds.
 * @param {string} command @param {string[]} args
 * @param {{ env: Record<string, string>, ready: RegExp }} options all of its environment; the first group is its port */
export async function startProgram(command, args, { env, ready }) {
  const child = spawn(command, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  const closed = new Promise((resolve) => child.once("close", resolve));
  let log = "";
  /** @type {Promise<string>} */
  const port = new Promise((resolve, reject) => {
    /** @param {string} text */
    const read = (text) => {
      log += text;
      const [, found] = ready.exec(log) ?? [];
      if (found) {
        resolve(found);
      }
    };
    child.stdout.setEncoding("utf8").on("data", read);
    child.stderr.setEncoding("utf8").on("data", read);
    child.once("error", reject);
    child.once("close", () => reject(new Error(`${command} did not start:\n${log}`)));
  });
  return {
    url: `http://127.0.0.1:${await port}`,
    log: () => log,
    close: () => {
      child.kill();
      return closed;
    },
  };
}
