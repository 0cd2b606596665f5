/** Work that one tab does at a time. */

/** A lease that nobody gave back ends after this many milliseconds. */
const LEASE = 15_000;

/** Milliseconds that a lock outlasts its work: other tabs see what was stored a moment later. */
const SETTLING = 150;

/** Milliseconds until every other tab has surely seen a note, even on a busy machine. */
const NOTICED = 400;

/** @param {number} ms */
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Does work that no other tab does at the same time.
 *
 * @template Result
 * @param {string} name
 * @param {() => Promise<Result>} work
 * @returns {Promise<Result>}
 */
export function exclusively(name, work) {
  return new Promise((resolve, reject) => {
    let begun = false;
    const hold = async () => {
      begun = true;
      await work().then(resolve, reject);
      await pause(SETTLING);
    };
    /** Frames without storage have no locks either, and old browsers none at all. */
    const otherwise = () => void (begun || underLease(`${name} lease`, hold));
    try {
      navigator.locks.request(name, hold).catch(otherwise);
    } catch {
      otherwise();
    }
  });
}

/**
 * The same by a note in the storage that the tabs share; without storage, at once.
 *
 * @param {string} key
 * @param {() => Promise<unknown>} hold
 */
async function underLease(key, hold) {
  const mine = `${Math.random()}`;
  const note = () => localStorage.getItem(key)?.split(" ") ?? [];
  /** Longer than a lease can be, if the clock was set back since: then it holds nobody. */
  const left = () => Number(note()[1] ?? 0) - Date.now();
  try {
    while (note()[0] !== mine) {
      if (left() > 0 && left() <= LEASE) {
        await pause(100);
      } else {
        localStorage.setItem(key, `${mine} ${Date.now() + LEASE}`);
        // Long enough for another tab's note to be seen, which then wins.
        await pause(NOTICED);
      }
    }
  } catch {
    await hold();
    return;
  }
  await hold();
  localStorage.removeItem(key);
}
