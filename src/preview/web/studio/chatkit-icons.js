/** Drawings of ChatKit's icons and of Lucide's, which the preview's stand-in for ChatKit brings along. */

import { drawn } from "./drawing.js";

/** @typedef {(string | [name: string, attributes: Record<string, string>])[]} Shapes a text is the `d` of a path */

const HOME = "/_/demo/";

/** @type {Record<string, Shapes>} */
let chatkit = {};

/** @type {Record<string, Shapes>} */
let lucide = {};

/** @type {Promise<void> | undefined} */
let asked;

/** Fetches the drawings, once. Without them, icons are shown by their names. */
export function loadDrawings() {
  asked ??= Promise.all([
    import(`${HOME}icons.js`).then(({ ICONS }) => (chatkit = ICONS)).catch(() => {}),
    fetch("/_/shared/lucide.json")
      .then((reply) => (reply.ok ? reply.json() : {}))
      .then((all) => (lucide = all))
      .catch(() => {}),
  ]).then(() => {});
  return asked;
}

/** The drawing of an icon, if there is one. @param {string} name as ChatKit knows it, such as `lucide:rocket` */
export function draw(name) {
  const [all, key] = name.startsWith("lucide:") ? [lucide, name.slice(7)] : [chatkit, name.replace(/-filled$/, "")];
  const shapes = Object.hasOwn(all, key) ? all[key] : null;
  return shapes
    ? drawn(
        shapes.map((shape) => (typeof shape === "string" ? ["path", { d: shape }] : shape)),
        name.endsWith("-filled"),
      )
    : null;
}

/** Names of all of Lucide's icons that have a drawing. */
export const lucideNames = () => Object.keys(lucide).map((name) => `lucide:${name}`);
