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

/** One evaluation, because it is of one document: between two, a frame may go from `about:blank` to its page.
 * @param {import("playwright-core").Frame} frame @param {string[]} disable @returns {Promise<string[]>} */
function inFrame(frame, disable) {
  const rules = Object.fromEntries(disable.map((id) => [id, { enabled: false }]));
  // Evaluated from outside the page, so its Content-Security-Policy does not stop it.
  return frame.evaluate(`(async () => {
    if (location.href === ${JSON.stringify(FRAME_URL)}) {
      return [];
    }
    ${axe.source};
    const { violations } = await axe.run(document, { iframes: false, rules: ${JSON.stringify(rules)} });
    return violations.flatMap(({ id, help, nodes }) =>
      nodes.map((node) => id + ": " + help + ": " + node.target.join(" ") + " in " + location.href),
    );
  })()`);
}
