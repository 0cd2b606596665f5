/** The preview's server: what it watches, what it tells, what it saves, and whom it refuses. */

import assert from "node:assert/strict";
import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  unlink,
  writeFile,
} from "node:fs/promises";
import { connect } from "node:net";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { REPOSITORY } from "./deploy.mjs";
import { listen, startPreview } from "./harness/preview.mjs";
import { withWorkflow } from "./harness/sample.mjs";
import { until } from "./harness/until.mjs";

/** @typedef {import("./harness/preview.mjs").Preview} Preview */

const WIDGET = "backend: {type: hosted}\n";

describe("changes of files", () => {
  /** @type {Preview} */
  let preview;
  /** @type {Awaited<ReturnType<Preview['events']>>} */
  let events;
  /** @type {string} */
  let sample;

  before(async () => {
    preview = await startPreview();
    events = await preview.events();
    sample = await preview.read("site.yaml");
    await visit("/w/support/");
  });
  after(async () => {
    events.close();
    await preview.close();
  });

  /** @param {string} path */
  const visit = async (path) => {
    const response = await fetch(preview.origin + path);
    return { status: response.status, text: await response.text() };
  };
  const well = () => events.next("site", (site) => site.ok);
  /** @param {string} greeting */
  const greets = async (greeting) => assert.match((await visit("/w/support/")).text, new RegExp(greeting));
  /** @param {string} greeting */
  const withGreeting = (greeting) => sample.replace("How can we help?", greeting);

  test("a file that is written is shown, and only what is different is told", async () => {
    await preview.write("site.yaml", withGreeting("First"));
    const { prefix, stamps } = await events.next("change");
    assert.equal(prefix, "");
    assert.deepEqual(Object.keys(stamps), ["w/support.js", "w/support/index.html", "w/support/settings.js"]);
    await greets("First");
    await well();
  });

  test("a file that is saved by renaming is shown, time after time", async () => {
    for (const greeting of ["Second", "Third", "Fourth"]) {
      await preview.write("site.yaml~", withGreeting(greeting));
      await rename(join(preview.folder, "site.yaml~"), join(preview.folder, "site.yaml"));
      await events.next("change");
      await greets(greeting);
    }
    await well();
  });

  test("an error keeps the last good pages, is told with its line, and goes away by itself", async () => {
    await preview.write("site.yaml", withGreeting("Broken").replace("size", "size").replace("panel:", "pannel:"));
    const { problems } = await events.next("site", (site) => !site.ok);
    assert.equal(problems[0].path, "widgets.support.pannel");
    assert.match(problems[0].message, /unknown key `pannel`/);
    assert.equal(problems[0].help, "did you mean `panel`?");
    assert.match(problems[0].rendered, /--> site\.yaml:\d+:\d+/);
    await greets("Fourth");
    await preview.write("site.yaml", withGreeting("Mended"));
    await well();
    await greets("Mended");
    assert.match(preview.output(), /unknown key `pannel`[^]*no more errors/);
  });

  test("a deleted site is an error, and one that comes back is fine", async () => {
    await unlink(join(preview.folder, "site.yaml"));
    const { problems } = await events.next("site", (site) => !site.ok);
    assert.match(problems[0].message, /`site\.yaml` not found/);
    await greets("Mended");
    await preview.write("site.yaml", withGreeting("Back"));
    await well();
    await greets("Back");
  });

  test("widgets in files of their own come, change and go, and so does their folder", async () => {
    await preview.write("widgets/extra.yaml", WIDGET);
    await until(async () => (await visit("/w/extra/")).status === 200);
    await preview.write("widgets/extra.yaml", `${WIDGET}page: {title: Another title}\n`);
    const { stamps } = await events.next("change", (change) => "w/extra/index.html" in change.stamps);
    assert.ok(!("w/support/index.html" in stamps));
    await rm(join(preview.folder, "widgets"), { recursive: true });
    await events.next("change", (change) => change.stamps["w/extra/index.html"] === "");
    assert.equal((await visit("/w/extra/")).status, 404);
    await preview.write("widgets/again.yaml", WIDGET);
    await until(async () => (await visit("/w/again/")).status === 200);
  });

  test("a checkout that touches hundreds of files is one change", async () => {
    events.seen.length = 0;
    await mkdir(join(preview.folder, "widgets"), { recursive: true });
    await Promise.all(
      Array.from({ length: 400 }, (_, index) => writeFile(join(preview.folder, `widgets/w${index}.yaml`), WIDGET)),
    );
    await until(async () => (await visit("/w/w399/")).status === 200);
    await well();
    const told = events.seen.filter((one) => one.event === "site").length;
    assert.ok(told < 40, `${told} checks for 400 files`);
    await rm(join(preview.folder, "widgets"), { recursive: true });
    await well();
  });

  test("a theme that is added, changed and broken is followed", async () => {
    await preview.write("themes/default/templates/404.html", "Nothing here");
    await until(async () => (await visit("/nowhere")).text === "Nothing here");
    await preview.write("themes/default/templates/page.html", "<title>{{ widget.titel }}</title>");
    const { problems } = await events.next("site", (site) => !site.ok);
    assert.match(problems[0].message, /titel/);
    await rm(join(preview.folder, "themes"), { recursive: true });
    await until(async () => (await visit("/nowhere")).text !== "Nothing here");
    await well();
  });

  test("variables of .env count at once", async () => {
    await preview.write("site.yaml", withGreeting("Hello from ${TOWN:-nowhere}"));
    await events.next("change");
    await greets("Hello from nowhere");
    await preview.write(".env", "TOWN=Utrecht\n");
    await events.next("change");
    await greets("Hello from Utrecht");
    await unlink(join(preview.folder, ".env"));
    await events.next("change");
    await greets("Hello from nowhere");
  });

  test("what changed while something else could not be read is not lost", async () => {
    await preview.write(".env", "this is no variable\n");
    await events.next("site", (site) => !site.ok);
    await preview.write("site.yaml", withGreeting("Changed meanwhile"));
    // Read in vain.
    await events.next("site", (site) => !site.ok);
    await preview.write(".env", "TOWN=Utrecht\n");
    await until(async () => (await visit("/w/support/")).text.includes("Changed meanwhile"));
    await unlink(join(preview.folder, ".env"));
    await well();
  });

  test("files that do not count cause nothing, and nothing is written", async () => {
    await well().catch(() => {});
    events.seen.length = 0;
    await preview.write("notes.txt", "x");
    await preview.write("widgets/.hidden.yaml", "x: [");
    await preview.write("widgets/readme.md", "x");
    // Files are noticed in the order in which they are written. In one step, because an empty file may be noticed, too.
    await preview.write("site.yaml~", withGreeting("Written last"));
    await rename(join(preview.folder, "site.yaml~"), join(preview.folder, "site.yaml"));
    await until(() => events.seen.some(({ event }) => event === "change"));
    const told = events.seen.filter(({ event, data }) => event !== "site" || !data.ok);
    assert.deepEqual(
      told.map(({ event }) => event),
      ["change"],
    );
    await assert.rejects(preview.read("dist/404.html"));
  });
});

test("a preview that looks through the folders sees changes too", async () => {
  const preview = await startPreview({ args: ["--poll"] });
  try {
    const events = await preview.events();
    await fetch(`${preview.origin}/w/support/`);
    const sample = await preview.read("site.yaml");
    await preview.write("site.yaml", sample.replace("How can we help?", "Polled"));
    await events.next("change");
    events.close();
  } finally {
    await preview.close();
  }
});

test("a port in use is said, and the next free one is taken; Ctrl-C ends with 0", async () => {
  const taken = createServer();
  await new Promise((resolve) => taken.listen(0, "127.0.0.1", () => resolve(undefined)));
  const { port } = /** @type {import("node:net").AddressInfo} */ (taken.address());
  const preview = await startPreview({ args: ["--port", String(port)] });
  assert.match(preview.output(), new RegExp(`${port} is in use`));
  assert.notEqual(new URL(preview.origin).port, String(port));
  const events = await preview.events();
  assert.equal(await preview.stop(), 0);
  events.close();
  taken.close();
  await rm(preview.folder, { recursive: true });
});

test("a site that is broken from the start is shown as such, and mended", async () => {
  const preview = await startPreview({ files: { "site.yaml": "site: [" } });
  try {
    const page = await fetch(`${preview.origin}/w/support/`);
    assert.equal(page.status, 500);
    assert.match(await page.text(), /not valid YAML/);
    const { json } = await preview.api("state");
    assert.equal(json.problems.length, 1);
    const events = await preview.events();
    await preview.write("site.yaml", `site: {url: 'https://a.example'}\nwidgets: {a: {${WIDGET.trim()}}}\n`);
    await events.next("site", (site) => site.ok);
    assert.equal((await fetch(`${preview.origin}/w/a/`)).status, 200);
    events.close();
  } finally {
    await preview.close();
  }
});

test("a link to site.yaml is followed, and stays a link with its permissions when it is saved", async () => {
  const preview = await startPreview();
  const elsewhere = await mkdtemp(join(tmpdir(), "linked-"));
  try {
    const events = await preview.events();
    const real = join(elsewhere, "real.yaml");
    const link = join(preview.folder, "site.yaml");
    const text = await preview.read("site.yaml");
    await writeFile(real, text);
    await chmod(real, 0o600);
    await unlink(link);
    await symlink(real, link);
    await fetch(`${preview.origin}/w/support/`);
    await events.next("site", ({ ok }) => ok);
    await writeFile(real, text.replace("How can we help?", "From behind a link"));
    await until(async () =>
      (await (await fetch(`${preview.origin}/w/support/`)).text()).includes("From behind a link"),
    );
    const { json } = await preview.api("state");
    const edits = [{ path: ["widgets", "support", "launcher", "label"], value: "Saved" }];
    assert.equal((await preview.api("save", { revision: json.revision, edits })).status, 200);
    assert.ok((await lstat(link)).isSymbolicLink());
    assert.match(await readFile(real, "utf8"), /label: Saved/);
    assert.equal((await lstat(real)).mode & 0o777, 0o600);
    events.close();
  } finally {
    await preview.close();
    await rm(elsewhere, { recursive: true });
  }
});

describe("drafts and saving", () => {
  /** @type {Preview} */
  let preview;
  before(async () => {
    preview = await startPreview();
  });
  after(() => preview.close());

  const state = async () => (await preview.api("state")).json;
  const LABEL = ["widgets", "support", "launcher", "label"];

  test("a draft has an address of its own, and what is on the disk stays", async () => {
    const { revision } = await state();
    const edits = [{ path: ["widgets", "support", "page", "title"], value: "Draft title" }];
    const { status, json } = await preview.api("draft", { id: "draft0001", revision, edits });
    assert.equal(status, 200);
    assert.equal(json.ok, true);
    const page = await (await fetch(`${preview.origin}${json.prefix}/w/support/`)).text();
    assert.match(page, /<title>Draft title</);
    const disk = await (await fetch(`${preview.origin}/w/support/`)).text();
    assert.doesNotMatch(disk, /Draft title/);
    const loader = await (await fetch(`${preview.origin}${json.prefix}/w/support.js`)).text();
    assert.ok(loader.includes(`${preview.origin}${json.prefix}/w/support/`));
    const bubble = json.snippets.support.find((/** @type {any} */ one) => one.kind === "bubble");
    assert.match(bubble.code, /https:\/\/chat\.example\.com\/w\/support\.js/);
  });

  test("a draft with a mistake says where, and keeps what was good", async () => {
    const { revision } = await state();
    const good = [{ path: LABEL, value: "Good" }];
    await preview.api("draft", { id: "draft0002", revision, edits: good });
    const bad = [{ path: ["widgets", "support", "panel", "width"], value: 3 }];
    const { json } = await preview.api("draft", { id: "draft0002", revision, edits: bad });
    assert.equal(json.ok, false);
    assert.equal(json.problems[0].path, "widgets.support.panel.width");
    const loader = await (await fetch(`${preview.origin}/~draft0002/w/support.js`)).text();
    assert.match(loader, /Good/);
  });

  test("texts that are wrong are told with their line, even if nobody looks at their page", async () => {
    await preview.write("themes/default/texts/en.yaml", "clsoe: Shut\n");
    await until(async () => (await state()).problems.length > 0);
    const [problem] = (await state()).problems;
    assert.match(problem.rendered, /unknown text `clsoe`[^]*en\.yaml:1:1[^]*did you mean `close`/);
    await rm(join(preview.folder, "themes"), { recursive: true });
    await until(async () => (await state()).problems.length === 0);
  });

  test("a draft that meets a broken theme says so, and keeps what was good", async () => {
    const greets = async (/** @type {string} */ greeting) => {
      const page = await fetch(`${preview.origin}/~draft0004/w/support/`);
      return page.status === 200 && (await page.text()).includes(greeting);
    };
    const draft = async (/** @type {string} */ greeting) => {
      const { revision } = await state();
      const edits = [{ path: ["widgets", "support", "chatkit", "startScreen", "greeting"], value: greeting }];
      return (await preview.api("draft", { id: "draft0004", revision, edits })).json;
    };
    await draft("Good");
    assert.ok(await greets("Good"));
    await preview.write("themes/default/templates/page.html", "{{ widget.titel }}");
    await until(async () => (await state()).problems.length > 0);
    const { ok, problems } = await draft("Too early");
    assert.equal(ok, false);
    assert.match(problems[0].message, /page\.html/);
    assert.ok(await greets("Good"));
    await rm(join(preview.folder, "themes"), { recursive: true });
    await until(async () => (await state()).problems.length === 0);
    assert.equal((await draft("Better")).ok, true);
    assert.ok(await greets("Better"));
  });

  test("saving changes what was edited and nothing else, after the difference was shown", async () => {
    const before = await preview.read("site.yaml");
    const { revision } = await state();
    const edits = [{ path: LABEL, value: "Talk to us" }];
    const { json } = await preview.api("diff", { revision, edits });
    const lines = json.files[0].diff.filter((/** @type {any} */ line) => "+-".includes(line.tag));
    assert.deepEqual(
      lines.map((/** @type {any} */ line) => [line.tag, line.text.trim()]),
      [
        ["-", "label: Chat with us # for screen readers, and as a tooltip"],
        ["+", "label: Talk to us # for screen readers, and as a tooltip"],
      ],
    );
    const saved = await preview.api("save", { revision, edits });
    assert.equal(saved.status, 200);
    assert.equal(await preview.read("site.yaml"), before.replace("label: Chat with us", "label: Talk to us"));
    assert.equal((await state()).revision, saved.json.revision);
  });

  test("of two who save, the second is shown both and can go on from there", async () => {
    const { revision } = await state();
    const mine = [{ path: ["widgets", "docs", "launcher", "label"], value: "Mine" }];
    await preview.api("save", { revision, edits: [{ path: LABEL, value: "Theirs" }] });
    const refused = await preview.api("save", { revision, edits: mine });
    assert.equal(refused.status, 409);
    assert.equal(refused.json.error.code, "changed_on_disk");
    assert.ok(JSON.stringify(refused.json.theirs).includes("Theirs"));
    assert.ok(JSON.stringify(refused.json.mine).includes("Mine"));
    assert.equal(refused.json.merges, true);
    const again = await preview.api("save", { revision: refused.json.revision, edits: mine });
    assert.equal(again.status, 200);
    const text = await preview.read("site.yaml");
    assert.match(text, /label: Theirs/);
    assert.match(text, /label: Mine/);
  });

  test("a change on the disk that nobody noticed yet is not overwritten", async () => {
    const { revision } = await state();
    const [saved] = await Promise.all([
      (async () => {
        await preview.write("site.yaml", `${await preview.read("site.yaml")}# by hand\n`);
        return preview.api("save", { revision, edits: [{ path: LABEL, value: "Lost" }] });
      })(),
    ]);
    assert.equal(saved.status, 409);
    assert.match(await preview.read("site.yaml"), /# by hand\n$/);
    await until(async () => (await state()).revision === saved.json.revision);
  });

  test("what would break the site is not saved", async () => {
    const { revision } = await state();
    const edits = [{ path: ["widgets", "support", "panel", "width"], value: 3 }];
    const { status, json } = await preview.api("save", { revision, edits });
    assert.equal(status, 422);
    assert.equal(json.problems[0].path, "widgets.support.panel.width");
  });

  test("a new widget and one that is removed", async () => {
    const { revision } = await state();
    const edits = [
      { path: ["widgets", "sales"], value: { backend: { type: "hosted" } } },
      { path: ["widgets", "docs"] },
    ];
    assert.equal((await preview.api("save", { revision, edits })).status, 200);
    const { widgets } = await state();
    assert.deepEqual(widgets.sort(), ["sales", "support"]);
  });

  test("requests that make no sense are refused with what is wrong", async () => {
    const { revision } = await state();
    for (const [call, body, status] of /** @type {[string, unknown, number][]} */ ([
      ["draft", { id: "../x", revision, edits: [] }, 400],
      ["draft", { id: "draft0003", revision: "x", edits: [] }, 409],
      ["draft", { id: "draft0003", revision, edits: [{ path: 1 }] }, 400],
      ["draft", { id: "draft0003", revision, edits: [{ path: [], value: 1 }] }, 422],
      ["diff", { revision: "x", edits: [] }, 409],
      ["save", {}, 400],
      ["mode", { demo: false }, 409],
      ["nothing", {}, 404],
    ])) {
      assert.equal((await preview.api(call, body)).status, status, `${call} ${JSON.stringify(body)}`);
    }
  });
});

/** The sample site with a workflow, as OpenAI mints its sessions. */
const workflowSite = async () => withWorkflow(await readFile(join(REPOSITORY, "site.yaml"), "utf8"));

describe("sessions", () => {
  test("in demo mode the deployed code mints sessions for the stand-in, and they are told", async () => {
    const preview = await startPreview({ files: { "site.yaml": await workflowSite() } });
    try {
      const events = await preview.events();
      const headers = { Origin: preview.origin, "Content-Type": "application/json" };
      const mint = () =>
        fetch(`${preview.origin}/api/chatkit/session`, { method: "POST", headers, body: '{"widget":"support"}' });
      const reply = await mint();
      assert.equal(reply.status, 200);
      assert.match((await reply.json()).client_secret, /^demo_/);
      const told = await events.next("session");
      assert.deepEqual([told.widget, told.status], ["support", 200]);
      await preview.api("network", { down: true });
      assert.equal((await mint()).status, 503);
      await preview.api("network", { down: false });
      assert.equal((await mint()).status, 200);
      const page = await (await fetch(`${preview.origin}/w/support/`)).text();
      assert.doesNotMatch(page, /<link[^>]*cdn\.platform\.openai\.com/);
      events.close();
    } finally {
      await preview.close();
    }
  });

  test("with a key the real session code asks the real upstream, and the key is nowhere", async () => {
    const key = "sk-proj-only-a-test-0123456789";
    const preview = await startPreview({
      files: { "site.yaml": await workflowSite() },
      env: { OPENAI_API_KEY: key, CHATKIT_WORKFLOW_ID: "wf_1", OPENAI_BASE_URL: "http://127.0.0.1:9/v1" },
    });
    try {
      const { json } = await preview.api("state");
      assert.deepEqual([json.mode.demo, json.mode.real], [false, true]);
      const headers = { Origin: preview.origin, "Content-Type": "application/json" };
      const body = '{"widget":"support"}';
      const mint = async () =>
        (await fetch(`${preview.origin}/api/chatkit/session`, { method: "POST", headers, body })).status;
      assert.equal(await mint(), 502);
      assert.equal((await preview.api("mode", { demo: true })).status, 200);
      assert.equal(await mint(), 200);
      assert.ok(!JSON.stringify(json).includes(key) && !preview.output().includes(key));
    } finally {
      await preview.close();
    }
  });
});

describe("strangers", () => {
  /** @type {Preview} */
  let preview;
  before(async () => {
    preview = await startPreview();
  });
  after(() => preview.close());

  const JSON_BODY = { "content-type": "application/json" };

  test("a name that was made to lead here gets nothing", async () => {
    for (const host of [
      "evil.example",
      "evil.example:3000",
      `127.0.0.1.evil.example:${new URL(preview.origin).port}`,
    ]) {
      const { status, text } = await preview.forge({ headers: { host } });
      assert.ok([400, 403].includes(status), `${host}: ${status}`);
      assert.ok(!text.includes(preview.token));
    }
  });

  test("a foreign page can neither load, read, frame nor write", async () => {
    const foreign = { origin: "https://evil.example", "sec-fetch-site": "cross-site" };
    for (const path of ["/w/support.js", "/w/support/settings.js", "/_/api/state", "/_/events", "/assets/x.js"]) {
      assert.equal((await preview.forge({ path, headers: foreign })).status, 403, path);
    }
    const frame = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe" };
    assert.equal((await preview.forge({ headers: frame })).status, 403);
    const page = await preview.forge({});
    assert.match(String(page.headers["content-security-policy"]), /frame-ancestors 'none'/);
    // A browser that does not say where a request comes from.
    const old = await preview.forge({ path: "/w/support/settings.js", headers: { origin: "https://evil.example" } });
    assert.equal(old.headers["access-control-allow-origin"], undefined);
    const configured = await preview.forge({
      path: "/w/support/settings.js",
      headers: { origin: "https://www.example.com" },
    });
    assert.equal(configured.headers["access-control-allow-origin"], undefined);
  });

  test("calls without the token of this run, or from another origin, change nothing", async () => {
    const { json } = await preview.api("state");
    const body = JSON.stringify({ revision: json.revision, edits: [{ path: ["widgets", "docs"] }] });
    const before = await preview.read("site.yaml");
    const post = { method: "POST", path: "/_/api/save", body };
    const token = { "x-preview-token": preview.token };
    for (const headers of [
      JSON_BODY,
      { ...JSON_BODY, "x-preview-token": "x".repeat(32) },
      { ...JSON_BODY, ...token, origin: "https://evil.example" },
      { ...JSON_BODY, ...token, origin: "null" },
      { ...JSON_BODY, ...token, origin: json.stage },
    ]) {
      assert.equal((await preview.forge({ ...post, headers })).status, 403, JSON.stringify(headers));
    }
    const plain = await preview.forge({ ...post, headers: { ...token, "content-type": "text/plain" } });
    assert.equal(plain.status, 415);
    assert.equal((await preview.forge({ path: "/_/api/save", headers: token })).status, 405);
    assert.equal(
      (await preview.forge({ method: "OPTIONS", path: "/_/api/save", headers: { origin: "https://evil.example" } }))
        .status,
      403,
    );
    assert.equal(await preview.read("site.yaml"), before);
  });

  test("the host page can not reach what the page at / can", async () => {
    const { json } = await preview.api("state");
    assert.notEqual(new URL(json.stage).port, new URL(preview.origin).port);
    for (const path of ["/_/api/state", "/w/support/", "/_/studio/index.html"]) {
      const reply = await fetch(json.stage + path, { headers: { "X-Preview-Token": preview.token } });
      assert.equal(reply.status, 404, path);
    }
  });

  test("no path of a request reaches the disk", async () => {
    await symlink("/etc", join(preview.folder, "etc"));
    for (const path of [
      "/../site.yaml",
      "/site.yaml",
      "/.env",
      "/w/../../site.yaml",
      "/w/%2e%2e/%2e%2e/site.yaml",
      "/w/..%2f..%2fsite.yaml",
      "/_/studio/../../mod.rs",
      "/_/stage/..%5c..%5c..%5cmod.rs",
      "/assets/../site.yaml",
      "/assets/%00",
      "/~x/../site.yaml",
      "/etc/passwd",
      "//etc/passwd",
      "/w/support/%00",
      "/w//",
      "/w/support/settings.js/",
    ]) {
      const { status, text } = await preview.forge({ path });
      assert.ok([400, 404].includes(status), `${path}: ${status}`);
      assert.ok(!text.includes("widgets:") && !text.includes("root:"), path);
    }
  });

  test("a head or a body without an end, and lengths that lie, are refused", async () => {
    assert.equal((await preview.forge({ path: `/${"a".repeat(8_000)}` })).status, 400);
    assert.equal((await preview.forge({ headers: { "x-big": "a".repeat(60_000) } })).status, 400);
    const { host } = new URL(preview.origin);
    for (const [head, expected] of [
      ["Content-Length: 30000000000", /^HTTP\/1\.1 413/],
      ["Content-Length: 18446744073709551615", /^HTTP\/1\.1 4|^$/],
      ["Content-Length: 3\r\nTransfer-Encoding: chunked", /^HTTP\/1\.1 400/],
      ["Content-Length: 3\r\nContent-Length: 4", /^HTTP\/1\.1 400/],
      ["Transfer-Encoding: nonsense", /^HTTP\/1\.1 4|^HTTP\/1\.1 5|^$/],
    ]) {
      const reply = await raw(`POST /_/api/save HTTP/1.1\r\nHost: ${host}\r\n${head}\r\n\r\nabc`);
      assert.match(reply, /** @type {RegExp} */ (expected), String(head));
    }
    assert.equal((await fetch(preview.origin)).status, 200);
  });

  test("bodies that are refused, whole or cut off, leave nothing behind", async () => {
    const costs = async () => ({
      threads: (await readdir(`/proc/${preview.pid}/task`)).length,
      files: (await readdir(`/proc/${preview.pid}/fd`)).length,
    });
    const { host } = new URL(preview.origin);
    const large = `POST /_/api/import HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\nContent-Length: 9000000\r\n\r\n`;
    assert.match(await raw(large + "x".repeat(9_000_000)), /^HTTP\/1\.1 413 [^]*too_large/);
    assert.match(
      await raw(`GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`),
      /^HTTP\/1\.1 400/,
    );
    const before = await costs();
    await Promise.all(Array.from({ length: 20 }, () => raw(`${large}cut off`)));
    await until(async () => {
      const { threads, files } = await costs();
      return threads <= before.threads + 4 && files <= before.files + 2;
    });
  });

  test("a paste of 5 MB is refused with a line", async () => {
    const { status, json } = await preview.api("import", {
      text: `const options = {\n${"x".repeat(5_000_000)}`,
      widget: "support",
    });
    assert.equal(status, 422);
    assert.match(json.problems[0].message, /too long: at most 1 MiB is read/);
    assert.ok(json.problems[0].line >= 1);
  });

  test("an edit that leads nowhere is refused, however deep", async () => {
    const { json } = await preview.api("state");
    const edits = [{ path: Array.from({ length: 100_000 }, () => "a"), value: 1 }];
    const { status, json: reply } = await preview.api("diff", { revision: json.revision, edits });
    assert.equal(status, 422);
    assert.match(reply.problems[0].message, /100000 keys deep/);
  });

  test("host pages hear that something changed, and nothing of what is in the files", async () => {
    const { json } = await preview.api("state");
    const stage = await listen(json.stage);
    await preview.write("site.yaml", `${await preview.read("site.yaml")}\nunknown: 1\n`);
    const own = await preview.events();
    await own.next("mode");
    await preview.api("network", { down: true });
    await stage.next("mode", (mode) => mode.down);
    await preview.api("network", { down: false });
    await stage.next("mode", (mode) => !mode.down);
    assert.ok(stage.seen.every(({ event }) => ["mode", "change"].includes(event)));
    stage.close();
    own.close();
  });

  test("connections that say nothing do not keep others from being answered", async () => {
    const { hostname, port } = new URL(preview.origin);
    const idle = Array.from({ length: 200 }, () => connect(Number(port), hostname));
    await Promise.all(idle.map((socket) => new Promise((resolve) => socket.once("connect", resolve))));
    assert.equal((await fetch(preview.origin, { signal: AbortSignal.timeout(10_000) })).status, 200);
    idle.forEach((socket) => socket.destroy());
  });

  /** Sends bytes as they are, and says what comes back. @param {string} text @returns {Promise<string>} */
  const raw = (text) =>
    new Promise((resolve) => {
      const { hostname, port } = new URL(preview.origin);
      const socket = connect(Number(port), hostname, () => socket.write(text));
      let reply = "";
      socket.on("data", (part) => (reply += part));
      socket.on("close", () => resolve(reply));
      socket.on("error", () => resolve(reply));
      setTimeout(() => socket.destroy(), 1_500);
    });
});

test("what the network can reach saves nothing, and says so", async () => {
  const sample = await readFile(join(REPOSITORY, "site.yaml"), "utf8");
  const preview = await startPreview({
    args: ["--host", "0.0.0.0"],
    env: {
      SECRET_OF_THIS_MACHINE: "hidden",
      NAMED_IN_THE_FILE: "shown",
      OPENAI_API_KEY: "sk-proj-only-a-test-0123456789",
    },
    files: {
      "site.yaml": sample,
      "widgets/named.yaml": 'backend: {type: hosted}\npage: {title: "${NAMED_IN_THE_FILE}"}\n',
    },
  });
  try {
    assert.match(preview.output(), /saving is off/);
    const { json } = await preview.api("state");
    assert.equal(json.saving.allowed, false);
    const saved = await preview.api("save", { revision: json.revision, edits: [] });
    assert.deepEqual([saved.status, saved.json.error.code], [403, "saving_is_off"]);
    const draft = (/** @type {string} */ title) =>
      preview.api("draft", {
        id: "abcdefgh",
        revision: json.revision,
        edits: [{ path: ["widgets", "support", "page", "title"], value: title }],
      });
    const named = await draft("${SECRET_OF_THIS_MACHINE}");
    assert.equal(named.status, 200);
    assert.match(named.json.problems[0].message, /`SECRET_OF_THIS_MACHINE` is not set/);
    assert.deepEqual((await draft("${NAMED_IN_THE_FILE}")).json.problems, []);
    assert.match(json.mode.fixed, /start it without --host/);
    for (const [call, body] of /** @type {const} */ ([
      ["mode", { demo: false }],
      ["network", { down: true }],
    ])) {
      const refused = await preview.api(call, body);
      assert.deepEqual([refused.status, refused.json.error.code], [403, "mode_is_fixed"]);
    }
    const { port } = new URL(preview.origin);
    assert.equal((await preview.forge({ headers: { host: `evil.example:${port}` } })).status, 403);
  } finally {
    await preview.close();
  }
});

describe("a host page of one's own", () => {
  test("a file and an address are shown with the widget in them", async () => {
    const site = createServer((_, response) => {
      response.setHeader("Content-Type", "text/html");
      response.end("<!doctype html><html><head><title>Mine</title></head><body><p>My website</p></body></html>");
    });
    await new Promise((resolve) => site.listen(0, "127.0.0.1", () => resolve(undefined)));
    const { port } = /** @type {import("node:net").AddressInfo} */ (site.address());
    const files = { "mine.html": "<title>File</title><p>My file</p>" };
    for (const [name, text] of [
      [`http://127.0.0.1:${port}/`, "My website"],
      ["mine.html", "My file"],
    ]) {
      const preview = await startPreview({ files, args: ["--host-page", name] });
      try {
        const { json } = await preview.api("state");
        assert.equal(json.own_host_page, name);
        const page = await (await fetch(`${json.stage}/?widget=support&mode=bubble&host=own`)).text();
        assert.ok(page.includes(text) && page.includes(`${preview.origin}/w/support.js`), page);
      } finally {
        await preview.close();
      }
    }
    site.close();
  });

  test("one that can not be had says so, in its own words", async () => {
    const preview = await startPreview({ args: ["--host-page", "http://127.0.0.1:9/"] });
    try {
      const { json } = await preview.api("state");
      const reply = await fetch(`${json.stage}/?widget=support&mode=bubble&host=own`);
      assert.equal(reply.status, 502);
      const page = await reply.text();
      assert.match(page, /<h1>Your page could not be loaded<\/h1>[^]*127\.0\.0\.1:9/);
      const [, style] = /href="([^"]+\.css)"/.exec(page) ?? [];
      assert.equal((await fetch(json.stage + style)).status, 200);
    } finally {
      await preview.close();
    }
  });

  test("one that there is not is an error at once", async () => {
    await assert.rejects(startPreview({ args: ["--host-page", "none.html"] }), /no file `none\.html`/);
  });
});
