import assert from "node:assert/strict";

/** Asks again until it is true, for at most ten seconds.
 * @param {() => unknown | Promise<unknown>} holds
 * @param {string} [what] is waited for, when that does not show in the test */
export async function until(holds, what = "it holds") {
  for (const deadline = Date.now() + 10_000; Date.now() < deadline;) {
    if (await holds()) {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.fail(`it never came to be that ${what}`);
}
