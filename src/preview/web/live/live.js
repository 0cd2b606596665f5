/**
 * Keeps a hosted page up to date while its site is edited. Options of ChatKit, titles and styles change in place,
 * so that a conversation goes on; for anything else the page is loaded again.
 */

/** @import { Page, Change } from "./page-change.js" */

import { eventsOf, prefixOf, widgetOf } from "../shared/address.js";
import { follow, oneAtATime } from "../shared/events.js";
import { obey } from "./page-commands.js";
import { compare, read, setHead } from "./page-change.js";
import { painted } from "../shared/painted.js";

/** By this event on `document`, the page's chat takes other options. */
const OPTIONS = "chatkit-embed:options";

const prefix = prefixOf(location.pathname);
const widget = widgetOf(location.pathname);

/** @type {Page | undefined} As the server sent it last. */
let known;

/** Whoever frames the page hears no more than that something happened. @param {object} message */
const tell = (message) => {
  if (window.parent !== window) {
    window.parent.postMessage(message, "*");
  }
};

const refresh = oneAtATime(async (/** @type {number} */ since) => {
  const reply = await fetch(location.pathname + location.search, { cache: "no-store" });
  if (!reply.ok) {
    return;
  }
  const next = read(new DOMParser().parseFromString(await reply.text(), "text/html"));
  const before = known ?? asShown(next);
  known = next;
  const change = compare(before, next);
  if (change.reload) {
    location.reload();
  } else if (change.options || Object.keys(change.looks).length > 0) {
    await apply(change, before);
    painted(since, tell);
  }
});

/**
 * The page that is open, for the first comparison: its scripts have changed it, so only what they leave alone is taken
 * from it.
 *
 * @param {Page} next
 * @returns {Page}
 */
function asShown(next) {
  const { settings, title, head, styles } = read(document);
  return { ...next, settings, title, head, styles };
}

/** @param {Change} change @param {Page} before */
async function apply({ options, looks }, before) {
  const { attributes, title, heading, head, styles } = looks;
  await Promise.all((styles ?? []).map((href, index) => restyle(before.styles[index], href)));
  const root = document.documentElement;
  for (const [name, value] of Object.entries(attributes ?? {})) {
    // What the visitor chose, such as dark, stays.
    if (root.getAttribute(name) === (before.attributes[name] ?? null)) {
      root.setAttribute(name, value);
    }
  }
  if (title !== undefined) {
    document.title = title;
  }
  if (heading !== undefined) {
    document.querySelector("h1")?.replaceChildren(heading);
  }
  setHead(document, head ?? {});
  if (options) {
    document.dispatchEvent(new CustomEvent(OPTIONS, { detail: { widget, options } }));
  }
}

/** The old style goes when the new one is there. @param {string} old @param {string} href */
function restyle(old, href) {
  const link = /** @type {HTMLLinkElement | null} */ (
    document.querySelector(`link[rel="stylesheet"][href="${CSS.escape(old)}"]`)
  );
  if (!link || old === href) {
    return undefined;
  }
  const next = /** @type {HTMLLinkElement} */ (link.cloneNode());
  next.href = href;
  return new Promise((resolve) => {
    next.onload = next.onerror = () => (link.remove(), resolve(undefined));
    link.after(next);
  });
}

/** @type {boolean | undefined} What the server said last: whether pages get the demo. */
let isDemo;

/** Which ChatKit this page has loaded, if any. */
const loadedDemo = () =>
  customElements.get("openai-chatkit") && document.querySelector('script[src$="/_/demo/chatkit.js"]') !== null;

const commands = obey(tell);
follow(eventsOf(prefix), {
  opened: () => refresh(performance.now()),
  change({ prefix: changed, stamps }) {
    // The page holds its settings.
    if (changed === prefix && `w/${widget}/index.html` in stamps) {
      refresh(performance.now());
    }
  },
  mode({ demo, down }) {
    commands.setDown(down);
    // Another ChatKit comes with another page.
    const before = isDemo ?? loadedDemo();
    isDemo = demo;
    if (before !== undefined && before !== demo) {
      location.reload();
    }
  },
});
