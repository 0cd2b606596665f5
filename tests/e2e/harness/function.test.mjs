import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { coldFunction, warmFunction } from "./function.mjs";

const command = fileURLToPath(new URL("fixtures/echo-function.mjs", import.meta.url));

/** @param {string | null} body */
const event = (body) => ({
  httpMethod: "POST",
  path: "/api/chatkit/session",
  headers: { host: "localhost" },
  multiValueHeaders: { host: ["localhost"], "x-nf-geo": [null] },
  body,
  isBase64Encoded: false,
});

for (const run of [coldFunction, warmFunction]) {
  test(`${run.name}: the function gets the event and nothing of the test's environment`, async (t) => {
    process.env.LEAK_OF_THE_TEST = "1";
    const fn = await run({ command, env: { OPENAI_API_KEY: "k" } });
    // A test that fails must not leave a process behind.
    t.after(() => fn.close().catch(() => {}));
    const reply = await fn.invoke(event("héllo"));
    assert.equal(reply.statusCode, 200);
    assert.deepEqual(reply.multiValueHeaders, { Vary: ["Origin"] });
    const { event: received, env } = JSON.parse(reply.body ?? "");
    assert.deepEqual(received, event("héllo"));
    assert.equal(env.OPENAI_API_KEY, "k");
    assert.equal(env.LEAK_OF_THE_TEST, undefined);
    assert.equal(env.HOME, undefined);
    assert.match(fn.logs(), /request 1/);
    await fn.close();
  });

  test(`${run.name}: every way to fail is an error that says so`, async (t) => {
    const fn = await run({ command, timeoutMs: 1500 });
    t.after(() => fn.close().catch(() => {}));
    await assert.rejects(fn.invoke(event("crash")), /exited with 3|\(nothing\)/);
    await assert.rejects(fn.invoke(event("error")), /the function failed: .*broken/);
    await assert.rejects(fn.invoke(event("malformed")), /malformed reply of the function/);
    await assert.rejects(fn.invoke(event("hang")), /longer than 1500 ms|\(nothing\)/);
    assert.equal((await fn.invoke(event("fine"))).statusCode, 200);
    await fn.close().catch((error) => assert.match(error.message, /not open/));
  });
}

test("warmFunction: one process serves many requests, also when they come at once", async (t) => {
  const fn = await warmFunction({ command });
  t.after(() => fn.close().catch(() => {}));
  const replies = await Promise.all([1, 2, 3, 4].map((number) => fn.invoke(event(String(number)))));
  assert.deepEqual(
    replies.map((reply) => reply.headers?.["X-Count"]),
    [1, 2, 3, 4],
  );
  assert.equal(fn.starts(), 1);
  await fn.close();
});

test("warmFunction: a binary that is not there, and one that can not start", async (t) => {
  const missing = await warmFunction({ command: "/nonexistent/session" });
  t.after(() => missing.close().catch(() => {}));
  await assert.rejects(missing.invoke(event(null)), /ENOENT/);
  await missing.close();
  const broken = await warmFunction({ command, env: { FAIL_INIT: "1" } });
  t.after(() => broken.close().catch(() => {}));
  await assert.rejects(broken.invoke(event(null)), /failed to start.*no settings/);
  await broken.close();
});

test("warmFunction: close tells of a function that breaks the protocol", async (t) => {
  const fn = await warmFunction({ command });
  t.after(() => fn.close().catch(() => {}));
  await fn.invoke(event("rude"));
  await assert.rejects(fn.close(), /asked for the next event while .* is open[\s\S]*not open: other/);
});
