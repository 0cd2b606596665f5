/** Accessibility rules of axe-core over a page and all its frames. */

import axe from "axe-core";

import { FRAME_URL } from "../doubles/chatkit.mjs";

/** Violations of WCAG A and AA and of axe's best practices, one line per element.
 *
 * Each frame is judged on its own and as a page, because axe can not look from one origin into another, and because
 * a hosted page in a panel is a page as well. ChatKit's own frame is not judged.
 * @param {import("playwright-core").Page} page
 * @param {{ disable?: string[] }} [options] rules that the host page, and not the product, would break
 * @returns {Promise<string[]>} */
export async function findViolations(page, { disable = [] } = {}) {
  const lines = await Promise.all(page.frames().map((frame) => settled(frame, disable)));
  return lines.flat();
}

/** A frame that goes from `about:blank` to its page while it is asked is asked again, on its page.
 * @param {import("playwright-core").Frame} frame @param {string[]} disable */
async function settled(frame, disable) {
  try {
    return await inFrame(frame, disable);
  } catch (error) {
    if (!/Execution context was destroyed/.test(String(error))) {
      throw error;
    }
    await frame.waitForLoadState();
    return inFrame(frame, disable);
  }
}

/** @param {import("playwright-core").Frame} frame @param {string[]} disable */
async function inFrame(frame, disable) {
  // Asked of the frame itself: playwright may not have heard yet that it has left `about:blank`.
  if ((await frame.evaluate(() => location.href)) === FRAME_URL) {
    return [];
  }
  // Evaluated from outside the page, so its Content-Security-Policy does not stop it.
  await frame.evaluate(axe.source);
  const { violations } = await frame.evaluate(async (rules) => {
    const runner = /** @type {{ axe: typeof import("axe-core") }} */ (/** @type {unknown} */ (window)).axe;
    return runner.run(document, {
      iframes: false,
      rules: Object.fromEntries(rules.map((id) => [id, { enabled: false }])),
    });
  }, disable);
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map((node) => `${id}: ${help}: ${node.target.join(" ")} in ${frame.url()}`),
  );
}
