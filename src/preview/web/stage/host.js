/**
 * What the preview puts into a host page, the sample or somebody's own: its loaders stay up to date, the studio hears
 * what happens and has things done.
 */

import { eventsOf, prefixOf } from "../shared/address.js";
import { follow, oneAtATime } from "../shared/events.js";
import { obey } from "./host-commands.js";
import { tags, update, widgets } from "./loaders.js";
import { painted } from "../shared/painted.js";
import { dress } from "./scheme.js";
import { followScreen } from "./screen.js";

/** Events of a widget, as in `chat-widget.d.ts`. */
export const EVENTS = [
  "before-load",
  "before-open",
  "ready",
  "opened",
  "closed",
  "shown",
  "hidden",
  "teaser-shown",
  "response-start",
  "response-end",
  "unread",
  "thread-changed",
  "error",
  "destroyed",
];

/** Where the studio is, and everything that the widgets of this page are made of. */
const studio = new URL(
  /** @type {HTMLMetaElement | null} */ (document.querySelector('meta[name="studio"]'))?.content ?? location.href,
).origin;

const names = () => new Set(tags(studio).map(({ src }) => src.split("?")[0].replace(/^.*\/w\/|\.js$/g, "")));

const [first] = tags(studio);
const prefix = first ? prefixOf(new URL(first.src).pathname) : "";

/** Links of the snippet carry the widget's label: the sample takes the new ones from its own new version. */
async function relabel() {
  const place = document.querySelector(".snippet");
  const links = [...(place?.querySelectorAll("a") ?? [])];
  if (!place || links.length === 0) {
    return;
  }
  const reply = await fetch(location.href, { cache: "no-store" });
  const next = new DOMParser().parseFromString(await reply.text(), "text/html");
  const others = [...next.querySelectorAll(".snippet a")];
  links.forEach((link, index) => others[index] && link.replaceChildren(...others[index].childNodes));
}

/** @param {object} message */
const tell = (message) => {
  if (window.parent !== window) {
    window.parent.postMessage(message, studio);
  }
};

/** @param {string} name @param {unknown} detail */
const report = (name, detail) => tell({ preview: "event", name: `chat:${name}`, detail, time: Date.now() });

// Loaders may have been faster than we are.
widgets().forEach((widget) => widget.calls.get().shown && report("shown", { widget: widget.settings.name }));
for (const name of EVENTS) {
  addEventListener(`chat:${name}`, (event) => report(name, /** @type {CustomEvent} */ (event).detail));
}

// The scheme that the studio wants is that of the visitor's system.
const wanted = new URLSearchParams(location.search).get("scheme");
const dressAll = () => dress(widgets(), wanted);
dressAll();
tags(studio).forEach((tag) => tag.addEventListener("load", dressAll));

followScreen();

const refresh = oneAtATime(async (/** @type {{ since: number, changed: string[] }} */ { since, changed }) => {
  const seen = () => {
    dressAll();
    painted(since, tell);
  };
  await Promise.all([relabel(), ...changed.map((name) => update(studio, name, seen))]);
});

const commands = obey({ studio, tell });
follow(eventsOf(prefix), {
  opened: () => refresh({ since: performance.now(), changed: [...names()] }),
  change({ prefix: changedPrefix, stamps }) {
    if (changedPrefix !== prefix) {
      return;
    }
    const changed = [...names()].filter((name) => `w/${name}.js` in stamps);
    const isDirect = tags(studio).some(({ dataset }) => dataset.mode === "direct");
    if (isDirect && Object.keys(stamps).some((path) => path.endsWith("/settings.js"))) {
      location.reload();
    } else if (changed.length > 0) {
      refresh({ since: performance.now(), changed });
    }
  },
  mode: ({ down }) => commands.setDown(down),
});
tell({ preview: "ready" });
