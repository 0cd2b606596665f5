/** What is kept in this browser. */

/** @import { Store } from "../../loader/types.js" */

/**
 * One object under one key. Browsers refuse storage in private windows, in frames, or when it is full:
 * then it is kept for as long as the page lives.
 *
 * @template {object} Value
 * @param {"localStorage" | "sessionStorage"} area
 * @param {string} key
 * @returns {Store<Value>}
 */
export function keep(area, key) {
  /** @type {any} */
  let memory = {};
  let works = true;
  /** @param {() => void} work */
  const attempt = (work) => {
    try {
      if (works) {
        work();
      }
    } catch {
      works = false;
    }
  };
  return {
    read() {
      attempt(() => (memory = JSON.parse(window[area].getItem(key) || "{}")));
      return memory;
    },
    write(change) {
      memory = { ...this.read(), ...change };
      attempt(() => window[area].setItem(key, JSON.stringify(memory)));
    },
    clear() {
      memory = {};
      attempt(() => window[area].removeItem(key));
    },
  };
}
