/**
 * Conversations with an agent, which keeps none itself: they are here, as *heads*. A head is a state that the agent has
 * signed. It replaces those that it is based on, so a thread has one, or one for each tab that went on with it at the
 * same time; the agent makes one of them again.
 *
 * Everything has a key of its own. Tabs therefore never write the same value, and nothing has to be locked:
 *
 *     <widget> thread <owner> <thread>          title and times, as JSON
 *     <widget> thread <owner> <thread> <head>   a state
 */

/** @import { KnownThread, ThreadsOperation } from "./types.js" */

/** Most threads of a widget, whoever's they are. */
const MOST = 50;

/** Most characters of all states of a widget. */
const ROOM = 2 * 1024 * 1024;

/** Most characters of a title: all titles of an owner are part of one request. */
const TITLE = 200;

/** The texts that each operation comes with. */
const TEXTS = {
  list: ["owner"],
  read: ["owner", "thread"],
  write: ["owner", "thread", "created_at", "title", "state"],
  rename: ["owner", "thread", "title"],
  remove: ["owner", "thread"],
  clear: [],
};

/** What storage refuses, or has no room for: it lives as long as the page. @type {Map<string, string>} */
const memory = new Map();

/**
 * @typedef {object} Thread
 * @property {string} title
 * @property {string} created_at
 * @property {number} changed As in `Date.now()`.
 */

/**
 * Does what a page asks for. The answer to nonsense is `null`.
 *
 * @param {string} widget The key of the widget that the page shows.
 * @param {ThreadsOperation} operation
 */
export function threads(widget, operation) {
  if (!isWellFormed(operation)) {
    return null;
  }
  const all = `${widget} thread `;
  if (operation.do === "clear") {
    keysOf(all).forEach(remove);
    return true;
  }
  const owned = `${all}${encodeURIComponent(operation.owner)} `;
  if (operation.do === "list") {
    return list(owned);
  }
  const own = owned + operation.thread;
  switch (operation.do) {
    case "read":
      return { title: read(own)?.title, states: headsOf(own).map(get) };
    case "rename":
      return read(own) ? change(all, own, { title: cut(operation.title) }) : false;
    case "remove":
      [own, ...headsOf(own)].forEach(remove);
      return true;
    default:
      return write(all, own, operation);
  }
}

/** @param {any} operation */
const isWellFormed = (operation) =>
  Object.hasOwn(TEXTS, operation.do) &&
  TEXTS[/** @type {keyof typeof TEXTS} */ (operation.do)].every((name) => typeof operation[name] === "string") &&
  /^[\w-]{0,99}$/.test(operation.thread ?? "") &&
  Array.isArray(operation.base ?? []);

/**
 * @param {string} owned
 * @returns {KnownThread[]}
 */
function list(owned) {
  return keysOf(owned).flatMap((key) => {
    const [id, head] = key.slice(owned.length).split(" ");
    const thread = head ? undefined : read(key);
    return thread ? [{ id, title: thread.title, created_at: thread.created_at }] : [];
  });
}

/** Never in the middle of a character, which no server would read. @param {string} title */
const cut = (title) => [...title].slice(0, TITLE).join("");

/**
 * Keeps a head. Returns whether it did.
 *
 * @param {string} all
 * @param {string} own
 * @param {Extract<ThreadsOperation, { do: "write" }>} operation
 */
function write(all, own, { created_at, title, state, base }) {
  const thread = read(own);
  // A thread that goes on and is not here was deleted meanwhile.
  if (!thread && base.length) {
    return false;
  }
  const replaced = headsOf(own).filter((key) => [...base, state].includes(get(key)));
  // In the order of time, for as long as a time has as many digits as today.
  put(all, own, `${own} ${Date.now()}${Math.random()}`, state);
  replaced.forEach(remove);
  // The first title stays, or the one that the visitor gave.
  return change(all, own, { title: thread?.title || cut(title), created_at });
}

/**
 * @param {string} all
 * @param {string} own
 * @param {Partial<Thread>} values
 */
function change(all, own, values) {
  put(all, own, own, JSON.stringify({ ...read(own), ...values, changed: Date.now() }));
  let room = ROOM;
  for (const [at, thread] of recent(all).entries()) {
    const keys = [thread, ...headsOf(thread)];
    room -= keys.reduce((sum, key) => sum + get(key).length, 0);
    if (thread !== own && (at >= MOST || room < 0)) {
      keys.forEach(remove);
    }
  }
  return true;
}

/**
 * Keeps a value, in place of the threads that were not changed for longest if there is no other.
 *
 * @param {string} all
 * @param {string} own The thread that the value belongs to.
 * @param {string} key
 * @param {string} value
 */
function put(all, own, key, value) {
  const others = recent(all).filter((thread) => thread !== own && !memory.has(thread));
  for (;;) {
    try {
      localStorage.setItem(key, value);
      memory.delete(key);
      return;
    } catch {
      const oldest = others.pop();
      if (!oldest) {
        memory.set(key, value);
        return;
      }
      [oldest, ...headsOf(oldest)].forEach(remove);
    }
  }
}

/** Keys of threads, the one that was changed last first; heads without a thread count as one. @param {string} all */
function recent(all) {
  const keys = new Set(keysOf(all).map((key) => all + key.slice(all.length).split(" ", 2).join(" ")));
  const times = new Map([...keys].map((key) => [key, read(key)?.changed ?? 0]));
  return [...keys].sort((one, two) => (times.get(two) ?? 0) - (times.get(one) ?? 0));
}

/** The oldest first. @param {string} own */
const headsOf = (own) => keysOf(`${own} `).sort();

/** @param {string} prefix */
function keysOf(prefix) {
  /** @type {string[]} */
  let stored = [];
  try {
    stored = Object.keys(localStorage);
  } catch {}
  return [...new Set([...stored, ...memory.keys()])].filter((key) => key.startsWith(prefix));
}

/** @param {string} key @returns {Thread | undefined} */
function read(key) {
  try {
    return JSON.parse(get(key));
  } catch {
    return undefined;
  }
}

/** @param {string} key */
function get(key) {
  try {
    return memory.get(key) ?? localStorage.getItem(key) ?? "";
  } catch {
    return "";
  }
}

/** @param {string} key */
function remove(key) {
  memory.delete(key);
  try {
    localStorage.removeItem(key);
  } catch {}
}
