#!/usr/bin/env node
/** Starts the program for this system, in the place of node as far as anybody can tell. */

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const system = `${process.platform}-${process.arch}`;
const name = process.platform === "win32" ? "chatkit-embed.exe" : "chatkit-embed";
const program = fileURLToPath(new URL(`programs/${system}/${name}`, import.meta.url));

if (!existsSync(program)) {
  console.error(`error: this package has no program for ${system}\nhint: install the one for your system`);
  process.exit(1);
}
const child = spawn(program, process.argv.slice(2), { stdio: "inherit" });
// The program ends by itself, and so does this one.
for (const signal of /** @type {NodeJS.Signals[]} */ (["SIGINT", "SIGTERM", "SIGHUP"])) {
  process.on(signal, () => child.kill(signal));
}
child.on("error", (error) => {
  console.error(`error: ${error.message}`);
  process.exit(1);
});
child.on("exit", (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
