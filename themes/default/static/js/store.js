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
      // `threads.js` has keys of its own.
      const all = () => Object.keys(window[area]).filter((each) => each === key || each.startsWith(`${key} thread `));
      attempt(() => all().forEach((each) => window[area].removeItem(each)));
    },
  };
}

/**
 * One member of what is kept, as a store of its own.
 *
 * @param {Store<import("../../loader/types.js").Stored>} store
 * @param {"session"} name
 * @returns {Store<import("./types.js").Session>}
 */
export function part(store, name) {
  return {
    read: () => store.read()[name] ?? {},
    write: (change) => store.write({ [name]: { ...store.read()[name], ...change } }),
    clear: () => store.write({ [name]: null }),
  };
}
