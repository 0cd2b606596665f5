/**
 * Makes the icons of the preview's chat from Lucide: `icons.js`, which is always there and has a drawing for every
 * name of ChatKit's but the filled ones, and `lucide.json`, which is fetched for a name that begins with `lucide:`.
 * `npm run icons -- --check` tells whether they are up to date.
 */

import { readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const SOURCES = fileURLToPath(new URL("../../src/", import.meta.url));

/** @typedef {[tag: string, attributes: Record<string, string>]} Node */

/** @type {Record<string, Node[]>} */
const nodes = createRequire(import.meta.url)("lucide-static/icon-nodes.json");

/** Names of ChatKit, of its header and of the chat's own buttons that Lucide has under another name. */
const OTHER_NAMES = {
  agent: "bot",
  analytics: "chart-no-axes-column",
  batch: "layers",
  bolt: "zap",
  "book-closed": "book",
  "book-clock": "book-copy",
  chart: "chart-line",
  "check-circle": "circle-check",
  "circle-question": "circle-question-mark",
  confetti: "party-popper",
  cube: "box",
  desktop: "monitor",
  document: "file-text",
  "dots-horizontal": "ellipsis",
  "dots-vertical": "ellipsis-vertical",
  "empty-circle": "circle",
  keys: "key-round",
  lab: "flask-conical",
  lifesaver: "life-buoy",
  maps: "map",
  mobile: "smartphone",
  name: "tag",
  "notebook-pencil": "notebook-pen",
  "page-blank": "file",
  profile: "circle-user",
  "profile-card": "id-card",
  reload: "rotate-cw",
  sparkle: "sparkle",
  "sparkle-double": "sparkles",
  "square-image": "image",
  "square-text": "square-pen",
  suitcase: "briefcase",
  "settings-slider": "sliders-horizontal",
  wreath: "award",
  write: "pencil",
  "write-alt": "pen",
  "write-alt2": "pen-line",
  "sidebar-left": "panel-left",
  "sidebar-right": "panel-right",
  "sidebar-open-left": "panel-left-open",
  "sidebar-open-right": "panel-right-open",
  "sidebar-open-left-alt": "panel-left-open",
  "sidebar-open-right-alt": "panel-right-open",
  "sidebar-floating-left": "panel-left-dashed",
  "sidebar-floating-right": "panel-right-dashed",
  "sidebar-floating-open-left": "panel-left-open",
  "sidebar-floating-open-right": "panel-right-open",
  "sidebar-collapse-left": "panel-left-close",
  "sidebar-collapse-right": "panel-right-close",
  "collapse-left": "arrow-left-to-line",
  "collapse-right": "arrow-right-to-line",
  "open-left": "arrow-left-from-line",
  "open-right": "arrow-right-from-line",
  "double-chevron-left": "chevrons-left",
  "double-chevron-right": "chevrons-right",
  home: "house",
  "home-alt": "house",
  "back-small": "chevron-left",
  "back-large": "arrow-left",
  "expand-large": "maximize-2",
  "collapse-large": "minimize-2",
  "expand-small": "expand",
  "collapse-small": "shrink",
  "chat-temporary": "message-circle-dashed",
  "settings-cog": "settings",
  grid: "layout-grid",
  "dots-horizontal-circle": "circle-ellipsis",
  "dots-vertical-circle": "circle-ellipsis",
  menu: "menu",
  "menu-inverted": "text-align-start",
  hamburger: "menu",
  history: "rotate-ccw-clock",
  compose: "square-pen",
  "light-mode": "sun",
  "dark-mode": "moon",
  close: "x",
  send: "arrow-up",
  stop: "square",
  attach: "paperclip",
  delete: "trash",
  up: "thumbs-up",
  down: "thumbs-down",
};

/** Names that Lucide has as they are. */
const SAME_NAMES = `atom book-open bug calendar check chevron-left chevron-right chevron-down clock compass external-link globe
  images info lightbulb mail map-pin notebook phone play plus star search square-code user share copy mic pencil`;

/** Names that Lucide had before, and that people still know. */
const FORMER = {
  "trash-2": "trash",
  history: "rotate-ccw-clock",
  home: "house",
  edit: "square-pen",
  "help-circle": "circle-question-mark",
  "circle-help": "circle-question-mark",
  "alert-circle": "circle-alert",
  "check-circle": "circle-check",
  "book-marked": "book-bookmark",
  "bar-chart": "chart-no-axes-column",
  "bar-chart-3": "chart-column",
  "line-chart": "chart-line",
  "align-left": "text-align-start",
  "more-horizontal": "ellipsis",
  "more-vertical": "ellipsis-vertical",
  "message-circle-question": "message-circle-question-mark",
  unlock: "lock-open",
  "user-circle": "circle-user",
  filter: "funnel",
  "x-circle": "circle-x",
  wand2: "wand-sparkles",
};

/** A drawing: a path is its `d`, any other shape its tag and attributes. @param {string} name */
function drawing(name) {
  const found = nodes[name];
  if (!found) {
    throw new Error(`Lucide has no icon ${name}`);
  }
  return found.map(([tag, attributes]) =>
    tag === "path" && Object.keys(attributes).length === 1 ? attributes.d : [tag, attributes],
  );
}

/** One line for each icon. @param {Record<string, unknown>} icons */
function lines(icons) {
  return Object.keys(icons)
    .sort()
    .map((name) => `  ${JSON.stringify(name)}: ${JSON.stringify(icons[name])}`)
    .join(",\n");
}

/** @param {Record<string, string>} names */
const drawings = (names) => Object.fromEntries(Object.entries(names).map(([name, lucide]) => [name, drawing(lucide)]));

const same = Object.fromEntries(SAME_NAMES.split(/\s+/).map((name) => [name, name]));
/** @type {Record<string, string>} */
const files = {
  "preview/web/demo/icons.js": `/** Drawings for the icons of ChatKit, derived from Lucide: see LICENSE-lucide.txt. Made by \`npm run icons\`. */

/** On a square of 24 by 24. A text is the \`d\` of a path. @type {Record<string, (string | [string, Record<string, string>])[]>} */
export const ICONS = {
${lines({ ...drawings(same), ...drawings(OTHER_NAMES) })},
};
`,
  "theme/LICENSE-lucide.txt": await readFile(createRequire(import.meta.url).resolve("lucide-static/LICENSE"), "utf8"),
  "theme/lucide.json": `{\n${lines({ ...drawings(Object.fromEntries(Object.keys(nodes).map((name) => [name, name]))), ...drawings(FORMER) })}\n}\n`,
};

for (const [name, text] of Object.entries(files)) {
  const path = join(SOURCES, name);
  if (!process.argv.includes("--check")) {
    await writeFile(path, text);
  } else if ((await readFile(path, "utf8").catch(() => "")) !== text) {
    throw new Error(`${path} is not up to date: npm run icons`);
  }
}
