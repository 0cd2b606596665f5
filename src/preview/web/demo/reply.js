/** What the demo answers, and how fast. Nothing here touches the page. */

/** Milliseconds before the first word, and between two. */
const PACE = { first: 350, next: 32 };

/**
 * Pieces of an answer as they would arrive: words with what stands after them. Languages without spaces come in small
 * pieces, too.
 *
 * @param {string} text
 * @returns {string[]}
 */
export function words(text) {
  return text.match(/\s*(?:[^\s\u3000-\u9fff]+|[\u3000-\u9fff]{1,3})\s*/g) ?? [];
}

/**
 * Hands out a text bit by bit, or at once for visitors who want no motion.
 *
 * @param {string} text
 * @param {{ still: boolean, signal: AbortSignal }} how
 * @returns {AsyncGenerator<string>} All that has arrived so far.
 */
export async function* stream(text, { still, signal }) {
  await pause(PACE.first, signal);
  if (still) {
    yield text;
    return;
  }
  let arrived = "";
  for (const word of words(text)) {
    if (signal.aborted) {
      return;
    }
    arrived += word;
    yield arrived;
    await pause(PACE.next, signal);
  }
}

/** @param {number} ms @param {AbortSignal} signal */
function pause(ms, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => (clearTimeout(timer), resolve(undefined)), { once: true });
  });
}
