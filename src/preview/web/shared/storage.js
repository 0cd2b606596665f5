/** Storage of the pages of a preview. */

/** Key of the visitor that this tab is. A hosted page that comes later asks for it. */
export const VISITOR = "chatkit-embed preview visitor";

/** Browsers refuse storage in private windows. @param {() => void} work */
export function attempt(work) {
  try {
    work();
  } catch {}
}

/**
 * The session that is kept ends: whoever asks next gets another one.
 *
 * @param {string} key
 */
export function expire(key) {
  const stored = JSON.parse(localStorage.getItem(key) ?? "{}");
  if (stored.session) {
    localStorage.setItem(key, JSON.stringify({ ...stored, session: { ...stored.session, lifetime: 0 } }));
  }
}
