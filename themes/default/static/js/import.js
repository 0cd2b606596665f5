/** Scripts that are fetched when they are needed. */

/** How often each could not be had. @type {Map<string, number>} */
const failures = new Map();

/**
 * Imports a script. Browsers remember a failure by its address, so the next try has another.
 *
 * Imported, not fetched: what wraps a host page's `fetch` may add headers, about which a browser asks the server first,
 * and servers of files do not answer that.
 *
 * @param {string} address
 * @returns {Promise<any>}
 */
export async function load(address) {
  const count = failures.get(address);
  try {
    return await import(count ? `${address}?${count}` : address);
  } catch (error) {
    failures.set(address, (count ?? 0) + 1);
    throw error;
  }
}
