/**
 * `netlify/HOSTS.md`: each of its commands runs, each of its files is used. What only a host has (`docker`, `fly`, `aws`, …)
 * is a stand-in that notes what it was asked; the static program, Caddy and systemd's own checks are real.
 */

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { chmod, copyFile, mkdir, mkdtemp, readFile, readdir, rm, stat, symlink, writeFile } from "node:fs/promises";
import { request as plain } from "node:http";
import { request as tls } from "node:https";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { unzipSync } from "fflate";

import { REPOSITORY, deployed } from "./deploy.mjs";
import { startResponses } from "./doubles/responses.mjs";
import { startFunction } from "./harness/agent.mjs";
import { listen, readBody } from "./harness/http.mjs";
import { readPage } from "./harness/page.mjs";
import { binary } from "./harness/preview.mjs";
import { startProgram } from "./harness/program.mjs";
import { startRuntimeApi } from "./harness/runtime-api.mjs";
import { until } from "./harness/until.mjs";

const run = promisify(execFile);

/** Where `.ci/run` unpacks it; `CADDY` names another one. */
const CADDY = process.env.CADDY ?? fileURLToPath(new URL(".tmp/caddy/usr/bin/caddy", import.meta.url));

const HOST = "chat.example.com";
const API_KEY = "sk-proj-only-a-test-0123456789abcdef0123456789abcdef";

/** What only a host, an account or a whole machine has. */
const FOREIGN = ["aws", "docker", "fly", "gcloud", "railway", "systemctl"];
/** What a machine has anyway. */
const COMMON = ["bash", "cat", "cp", "grep", "install", "mkdir", "zip"];

/** A program that hangs would hang the test. */
const PATIENCE = { timeout: 60_000 };

/** Notes its arguments and what it is told, and fails if a file that it is to read is missing. */
const STAND_IN = `#!/bin/bash
set -eu
echo "\${0##*/} $*" >> "$NOTES/asked"
cat >> "$NOTES/\${0##*/}.in"
for argument; do
  case $argument in
    fileb://*) test -s "\${argument#fileb://}" ;;
    file://*) test -s "\${argument#file://}" ;;
  esac
done
`;

/** Installs into a folder instead of the machine, and notes everything else. */
const SUDO = `#!/bin/bash
set -eu
if [ "$1" != install ]; then exec "$@" < /dev/null; fi
exec "\${@:1:$#-1}" "$NOTES/machine\${!#}"
`;

/** @type {string} */
let folder;
/** The project that \`init\` wrote, with the files of the page. @type {string} */
let project;
/** @type {Awaited<ReturnType<typeof readPage>>} */
let page;
/** @type {Awaited<ReturnType<typeof startResponses>>} */
let model;

const path = (/** @type {string[]} */ ...names) => join(folder, ...names);
const read = (/** @type {string[]} */ ...names) => readFile(join(...names), "utf8");

/** @param {string} name @param {string} text */
async function command(name, text) {
  await writeFile(path("bin", name), text);
  await chmod(path("bin", name), 0o755);
}

/** Everything that the commands of the page may use. */
async function prepareCommands() {
  await mkdir(path("bin"));
  await mkdir(path("notes"));
  const { binary: static_ } = await deployed();
  await command("chatkit-embed", `#!/bin/bash\nexec ${await binary()} "$@" --program ${static_}\n`);
  await command("sudo", SUDO);
  await Promise.all(FOREIGN.map((name) => command(name, STAND_IN)));
  for (const name of COMMON) {
    const { stdout } = await run("which", [name]);
    await symlink(stdout.trim(), path("bin", name));
  }
}

before(
  async () => {
    folder = await mkdtemp(join(tmpdir(), "hosts-"));
    project = path("chat");
    page = await readPage(join(REPOSITORY, "netlify/HOSTS.md"));
    model = await startResponses({ apiKey: API_KEY });
    await prepareCommands();
    const hosts = ["container", "fly", "github"].flatMap((host) => ["--for", host]);
    const answers = ["--name", "Chat", "--website", "www.example.com", "--backend", "agent", "--yes"];
    await run(await binary(), ["init", project, ...answers, ...hosts]);
    const own = await read(project, ".env.example");
    await writeFile(join(project, ".env"), own.replace("OPENAI_API_KEY=", `OPENAI_API_KEY=${API_KEY}`));
  },
  { timeout: 1_200_000 },
);

after(async () => {
  await model?.close();
  await rm(folder, { recursive: true });
});

/** What an agent's program needs here. @returns {Record<string, string>} */
const variables = () => ({ OPENAI_API_KEY: API_KEY, OPENAI_BASE_URL: model.baseUrl });

/** The lines of a file that do something. @param {string} text */
const lines = (text) => text.split("\n").filter((line) => line.trim() && !line.trim().startsWith("#"));

/** The commands in the comments of a file, for somebody without npm. @param {string} text */
const advice = (text) => [...text.matchAll(/^# {3}(.*)$/gm)].map(([, line]) => line);

test("what init writes is what the page shows", async () => {
  for (const name of ["Dockerfile", "fly.toml"]) {
    const written = await read(project, name);
    assert.deepEqual(lines(written), lines(page.file(name)), name);
    assert.ok(advice(written).length > 0);
    const shown = page.scripts.flatMap(lines);
    assert.deepEqual(
      advice(written).filter((line) => !shown.includes(line)),
      [],
      name,
    );
  }
  const [deploy] = /npx --yes netlify-cli.*/.exec(await read(project, ".github/workflows/deploy.yml")) ?? [];
  assert.ok(deploy && (await read(REPOSITORY, "netlify/HOSTS.md")).includes(`\`${deploy}\``), deploy);
});

test("every command of the page runs, with the files of the page", PATIENCE, async (t) => {
  for (const { name, text } of page.blocks) {
    if (name) {
      await mkdir(dirname(join(project, name)), { recursive: true });
      await writeFile(join(project, name), text);
    }
  }
  const env = { PATH: path("bin"), NOTES: path("notes"), OPENAI_API_KEY: API_KEY };
  for (const script of page.scripts) {
    await run("bash", ["-euo", "pipefail", "-c", `exec < /dev/null\n${script}`], { cwd: project, env });
  }
  const asked = (await read(folder, "notes/asked")).trim().split("\n");
  t.diagnostic(`asked of stand-ins: ${asked.length} of ${page.scripts.flatMap(lines).length} commands`);
  assert.deepEqual([...new Set(asked.map((line) => line.split(" ")[0]))].sort(), FOREIGN);
  assert.deepEqual((await readdir(join(project, "image"))).sort(), ["Dockerfile", "chat", "railway.toml"]);
  // An empty variable would hide the port of the image.
  const secrets = `OPENAI_API_KEY=${API_KEY}\n`;
  assert.equal(await read(folder, "notes/fly.in"), secrets);
  assert.equal(await read(folder, "notes/machine/etc/chat.env"), secrets);
  assert.equal(await read(folder, "notes/gcloud.in"), API_KEY);
  assert.equal((await stat(path("notes/machine/etc/chat.env"))).mode & 0o777, 0o600);
  assert.deepEqual(await readFile(path("notes/machine/opt/chat/chat")), await readFile(join(project, "chat")));
  JSON.parse(page.file("environment.json"));
  const zip = unzipSync(await readFile(join(project, "lambda.zip")));
  assert.deepEqual(Object.keys(zip), ["bootstrap"]);
  assert.deepEqual(Buffer.from(zip.bootstrap), await readFile(join(project, "bootstrap")));
});

/**
 * @typedef {object} Way how a request gets there
 * @property {number} port
 * @property {Buffer} [ca] over TLS, with a certificate of this authority
 * @property {string} [from] an address of this machine
 * @property {Record<string, string>} [headers]
 */

/** @param {Way} way @param {string} path @param {unknown} [json] a body, for POST
 * @returns {Promise<import("node:http").IncomingMessage>} */
function ask({ port, ca, from, headers }, path, json) {
  const own = { host: HOST, origin: `https://${HOST}`, "content-type": "application/json", ...headers };
  const method = json ? "POST" : "GET";
  const options = { host: "127.0.0.1", port, path, method, headers: own, localAddress: from, agent: false };
  return new Promise((resolve, reject) => {
    const request = ca ? tls({ ...options, ca, servername: HOST }, resolve) : plain(options, resolve);
    request.once("error", reject).end(json ? JSON.stringify(json) : undefined);
  });
}

/** The status of a reply that is read to its end. @param {Parameters<typeof ask>} question */
async function statusOf(...question) {
  const reply = await ask(...question);
  await readBody(reply);
  return reply.statusCode;
}

/** @param {Way} way */
const session = (way) => ask(way, "/api/chatkit/session", { widget: "support" });

/** @param {string} secret */
const message = (secret) => {
  const content = [{ type: "input_text", text: "Hello?" }];
  const input = { content, attachments: [], quoted_text: "", inference_options: {} };
  return { headers: { authorization: `Bearer ${secret}` }, body: { type: "threads.create", params: { input } } };
};

/** Starts a conversation, and fails unless its first words come while the model still waits with the others. @param {Way} way */
async function converse(way) {
  /** @type {() => void} */
  let seen = () => {};
  const arrived = new Promise((resolve) => (seen = () => resolve(undefined)));
  model.script.push(async (answer) => {
    answer.say("First words. ");
    await arrived;
    answer.say("Last words.").end();
  });
  const { client_secret } = JSON.parse(String(await readBody(await session(way))));
  const { headers, body } = message(client_secret);
  const reply = await ask({ ...way, headers: { ...way.headers, ...headers } }, "/api/chatkit/chat", body);
  assert.equal(reply.statusCode, 200);
  let text = "";
  for await (const piece of reply) {
    text += piece;
    if (text.includes("First words.")) {
      seen();
    }
  }
  assert.ok(text.includes("Last words."), text);
}

const portOf = (/** @type {{ url: string }} */ { url }) => Number(new URL(url).port);

/** What the Dockerfile makes: files from the project to paths of the image, and how it runs. */
function image() {
  /** @type {{ files: string[][], user: string, env: Record<string, string>, entrypoint: string[] }} */
  const made = { files: [], user: "", env: {}, entrypoint: [] };
  for (const line of lines(page.file("Dockerfile"))) {
    const [, instruction, rest] = /^(\w+) (.*)$/.exec(line) ?? [];
    switch (instruction) {
      case "COPY":
        made.files.push(rest.split(" "));
        break;
      case "USER":
        made.user = rest;
        break;
      case "ENV":
        made.env = { ...made.env, ...Object.fromEntries([rest.split("=")]) };
        break;
      case "ENTRYPOINT":
        made.entrypoint = JSON.parse(rest);
        break;
      default:
        assert.ok(["FROM scratch", "EXPOSE 8080"].includes(line), line);
    }
  }
  return made;
}

test("the image needs nothing but its one file", PATIENCE, async (t) => {
  const { files, user, env, entrypoint } = image();
  assert.deepEqual(env, { PORT: "8080" });
  const root = path("root");
  await mkdir(root, { mode: 0o755 });
  for (const [from, to] of files) {
    await copyFile(join(project, from), join(root, to));
  }
  const all = { ...env, ...variables(), PORT: "0" };
  const settings = Object.entries(all).map(([name, value]) => `${name}=${value}`);
  const [first, ...rest] = ["env", "-i", ...settings, "/usr/sbin/chroot", `--userspec=${user}`, root, ...entrypoint];
  const [command, args] = process.getuid?.() === 0 ? [first, rest] : ["sudo", [first, ...rest]];
  const host = { PATH: process.env.PATH ?? "" };
  const chat = await startProgram(command, args, { env: host, ready: /listening on .*:(\d+)/ });
  t.after(chat.close);
  const way = { port: portOf(chat) };
  for (const path of ["/healthz", "/w/support/", "/w/support.js"]) {
    assert.equal(await statusOf(way, path), 200, path);
  }
  await converse(way);
  await chat.close();
  assert.match(chat.log(), /"detail":"stopped"/);
  assert.deepEqual(await readdir(root), ["chat"]);
});

test("the proxies of each host are counted so that the visitor's address counts", PATIENCE, async (t) => {
  const hosts = page.rows.filter(([, list, number]) => list?.includes("visitor") && /^\d$/.test(number));
  assert.equal(hosts.length, 6);
  for (const [host, list, number] of hosts) {
    const env = { ...variables(), TRUSTED_PROXIES: number, LIMIT_SESSIONS_PER_ADDRESS: "1" };
    const chat = await startFunction(join(project, "chat"), env);
    t.after(chat.close);
    /** @param {string} visitor @param {string} claim */
    const status = async (visitor, claim) => {
      const places = list.replaceAll("`", "").split(", ");
      const named = places.map((place) => (place === "visitor" ? visitor : "203.0.113.9"));
      const headers = { "x-forwarded-for": [claim, ...named].join(", ") };
      const reply = await session({ port: portOf(chat), headers });
      await readBody(reply);
      return reply.statusCode;
    };
    assert.equal(await status("192.0.2.1", "198.51.100.1"), 200, host);
    assert.equal(await status("192.0.2.1", "198.51.100.2"), 429, host);
    assert.equal(await status("192.0.2.2", "198.51.100.1"), 200, host);
  }
  const count = (/** @type {string} */ host) => hosts.find(([name]) => name === host)?.[2];
  assert.ok(page.file("fly.toml").includes(`TRUSTED_PROXIES = "${count("Fly")}"`));
  assert.ok(page.file("render.yaml").includes(`key: TRUSTED_PROXIES, value: "${count("Render")}"`));
  assert.ok(page.file("chat.service").includes(` TRUSTED_PROXIES=${count("Caddy")}\n`));
  const scripts = page.scripts.join("");
  assert.ok(scripts.includes(`--set-env-vars TRUSTED_PROXIES=${count("Cloud Run")} `));
});

test("systemd takes the unit, and finds it well shut", PATIENCE, async () => {
  const text = page.file("chat.service");
  const unit = path("chat.service");
  assert.ok(text.includes("\nExecStart=/opt/chat/chat\n"));
  await writeFile(unit, text.replace("=/opt/chat/chat", `=${join(project, "chat")}`));
  const { stdout, stderr } = await run("systemd-analyze", ["verify", unit]);
  assert.equal(stdout + stderr, "");
  // The exposure is below 2 of 10.
  await run("systemd-analyze", ["security", "--offline=true", "--threshold=20", unit]);
});

/** The variables that the unit sets. */
function unitVariables() {
  const [, set] = /^Environment=(.*)$/m.exec(page.file("chat.service")) ?? [];
  return Object.fromEntries(set.split(" ").map((pair) => pair.split("=")));
}

/** Caddy with the page's file: on another port, with certificates of its own. @param {number} port of the program */
async function startCaddy(port) {
  const free = await listen(() => {});
  await free.close();
  const options = `{
	admin off
	local_certs
	skip_install_trust
	auto_https disable_redirects
	https_port ${free.port}
	debug
}
`;
  const file = path("Caddyfile");
  await writeFile(file, options + page.file("Caddyfile").replace(":8080", `:${port}`));
  const env = { HOME: folder, XDG_DATA_HOME: path("caddy") };
  await run(CADDY, ["validate", "--adapter", "caddyfile", "--config", file], { env });
  const args = ["run", "--adapter", "caddyfile", "--config", file];
  const caddy = await startProgram(CADDY, args, { env, ready: /(serving) initial configuration/ });
  const ca = await readFile(path("caddy/caddy/pki/authorities/local/root.crt"));
  const way = { port: free.port, ca };
  // It listens before it has its certificate.
  await until(() => statusOf(way, "/healthz").catch(() => 0), "Caddy has a certificate");
  return { ...caddy, way };
}

test("behind Caddy, answers come as they are made, and each visitor has an own address", PATIENCE, async (t) => {
  const { LISTEN_ADDRESS, TRUSTED_PROXIES } = unitVariables();
  const env = { ...variables(), LISTEN_ADDRESS, TRUSTED_PROXIES, LIMIT_SESSIONS_PER_ADDRESS: "2" };
  const chat = await startFunction(join(project, "chat"), env);
  t.after(chat.close);
  const PORT = String(portOf(chat));
  const caddy = await startCaddy(Number(PORT));
  t.after(caddy.close);
  assert.equal(await statusOf(caddy.way, "/w/support/"), 200);
  await converse({ ...caddy.way, from: "127.0.0.2" });
  const status = async (/** @type {string} */ from, /** @type {string} */ claim) => {
    const reply = await session({ ...caddy.way, from, headers: { "x-forwarded-for": claim } });
    await readBody(reply);
    return reply.statusCode;
  };
  // One session of the conversation, and one more.
  assert.equal(await status("127.0.0.2", "198.51.100.1"), 200);
  assert.equal(await status("127.0.0.2", "198.51.100.2"), 429);
  assert.equal(await status("127.0.0.3", "127.0.0.2"), 200);

  // A restart costs nobody an error.
  await chat.close();
  const waiting = statusOf(caddy.way, "/w/support/");
  await until(() => caddy.log().includes("connection refused"), "Caddy finds nobody");
  const next = await startFunction(join(project, "chat"), { ...env, PORT });
  t.after(next.close);
  assert.equal(await waiting, 200);
});

test("nobody reaches the program without Caddy", PATIENCE, async (t) => {
  const { LISTEN_ADDRESS } = unitVariables();
  const chat = await startFunction(join(project, "chat"), { ...variables(), LISTEN_ADDRESS });
  t.after(chat.close);
  assert.match(chat.log(), /listening on 127\.0\.0\.1:/);
});

/** An event of a function URL. @param {string} path @param {unknown} body @param {Record<string, string>} [headers] */
const event = (path, body, headers) => ({
  version: "2.0",
  rawPath: path,
  rawQueryString: "",
  headers: { host: HOST, origin: `https://${HOST}`, "content-type": "application/json", ...headers },
  requestContext: { http: { method: "POST", path, sourceIp: "192.0.2.1" } },
  body: Buffer.from(JSON.stringify(body)).toString("base64"),
  isBase64Encoded: true,
});

test("on AWS Lambda, the function answers a function URL in one piece", PATIENCE, async (t) => {
  const runtime = await startRuntimeApi();
  t.after(runtime.close);
  const env = { ...JSON.parse(page.file("environment.json")).Variables, ...variables() };
  const child = spawn(join(project, "bootstrap"), { env: { ...env, AWS_LAMBDA_RUNTIME_API: runtime.address } });
  t.after(() => child.kill());
  const invoke = async (/** @type {ReturnType<typeof event>} */ asked) =>
    JSON.parse(await runtime.invoke(asked, 10_000));
  const minted = await invoke(event("/api/chatkit/session", { widget: "support" }));
  assert.equal(minted.statusCode, 200);
  const { headers, body } = message(JSON.parse(minted.body).client_secret);
  const answer = await invoke(event("/api/chatkit/chat", body, headers));
  assert.equal(answer.statusCode, 200);
  assert.match(answer.body, /You said: /);
  assert.deepEqual(runtime.faults, []);
});
