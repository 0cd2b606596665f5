/**
 * What the schema cannot say: the groups and the order of settings, and values to begin with. A setting that is not
 * mentioned here still has its place.
 */

/** @import { JsonObject, Path, SchemaNode } from "./types.js" */

/**
 * @typedef {object} Group
 * @property {string} id
 * @property {string} title
 * @property {string} icon
 * @property {string} about
 * @property {string[]} paths sections of a widget, with dots
 */

/** @type {Group[]} */
export const GROUPS = [
  {
    id: "looks",
    title: "Looks",
    icon: "palette",
    about: "Colours, corners, spacing and fonts of the chat.",
    paths: ["theme", "variables", "chatkit.theme"],
  },
  {
    id: "start",
    title: "Start screen",
    icon: "sparkle",
    about: "What visitors see before their first message.",
    paths: ["chatkit.startScreen"],
  },
  { id: "launcher", title: "Launcher", icon: "bubble", about: "The button on your website.", paths: ["launcher"] },
  {
    id: "panel",
    title: "Panel",
    icon: "panel",
    about: "Sizes, and when the chat opens.",
    paths: ["panel", "popup", "inline"],
  },
  { id: "header", title: "Header", icon: "header", about: "The bar above the messages.", paths: ["chatkit.header"] },
  {
    id: "composer",
    title: "Composer",
    icon: "pen",
    about: "Where the visitor types.",
    paths: ["chatkit.composer", "chatkit.disclaimer"],
  },
  {
    id: "conversation",
    title: "Conversation",
    icon: "thread",
    about: "Messages and earlier threads.",
    paths: ["chatkit.threadItemActions", "chatkit.history", "chatkit.thread"],
  },
  {
    id: "rules",
    title: "Where it shows",
    icon: "filter",
    about: "Websites, pages and devices.",
    paths: ["allowed_origins", "rules"],
  },
  {
    id: "page",
    title: "Page",
    icon: "page",
    about: "The chat’s own page, its language, and another contact if the chat fails.",
    paths: ["page", "fallback", "chatkit.locale"],
  },
  {
    id: "backend",
    title: "Back end",
    icon: "server",
    about: "What answers visitors, and the limits of a session.",
    paths: ["backend", "session", "identity", "identity_secret_env"],
  },
  { id: "advanced", title: "Advanced", icon: "sliders", about: "Everything else.", paths: [] },
];

/** The group that a setting of a widget is in. @param {Path} path below the widget */
export function groupOf(path) {
  const way = path.join(".");
  const covers = (/** @type {string} */ each) => way === each || way.startsWith(`${each}.`);
  return GROUPS.find(({ paths }) => paths.some(covers)) ?? GROUPS[GROUPS.length - 1];
}

/** Settings that few people need: below *More* in their group, until one of them is set. */
const ADVANCED = [
  "chatkit.theme.color.grayscale",
  "chatkit.theme.typography.fontFamilyMono",
  "chatkit.theme.typography.fontSources",
  "launcher.icon_color",
  "launcher.phone",
  "launcher.z_index",
  "popup",
  "inline",
  "chatkit.composer.attachments.maxSize",
  "chatkit.composer.attachments.maxCount",
  "chatkit.composer.attachments.accept",
  "chatkit.disclaimer.highContrast",
  "page.robots",
  "backend.api_key_env",
  "backend.preamble",
  "backend.reasoning",
  "backend.verbosity",
  "backend.knowledge.prompt_tokens",
  "backend.file_search",
  "backend.mcp",
  "backend.events",
  "backend.store",
  "backend.signed",
  "backend.secret_env",
  "backend.workflow_env",
  "backend.workflow_version",
  "session",
  "identity",
  "identity_secret_env",
];

/** Those of a group, below the widget. @param {Group} group @returns {Path[]} */
export const advancedOf = (group) =>
  ADVANCED.map((way) => way.split(".")).filter((path) => group.id !== "site" && groupOf(path) === group);

/** @param {Path} path from the root of the site */
export function isAdvanced(path) {
  const below = { widgets: 2, defaults: 1 }[path[0]];
  return below !== undefined && ADVANCED.includes(path.slice(below).join("."));
}

/** What people look for comes first, by definition; the rest follows as the schema has it. @type {Record<string, string[]>} */
const ORDER = {
  Theme: ["colorScheme", "color", "radius", "density"],
  SchemeOrTheme: ["colorScheme", "color", "radius", "density"],
  Color: ["accent", "surface"],
  LauncherSection: [
    "icon",
    "color",
    "icon_color",
    "shape",
    "size",
    "position",
    "offset_x",
    "offset_y",
    "phone",
    "label",
    "teaser",
  ],
  Prompt: ["icon", "label", "prompt"],
};

/** The settings of a map in the order of a form. @param {SchemaNode} node @returns {[string, SchemaNode][]} */
export function ordered({ def, properties }) {
  const first = ORDER[def ?? ""] ?? [];
  const rank = (/** @type {string} */ key) => (first.includes(key) ? first.indexOf(key) : first.length);
  return [...properties].sort(([a], [b]) => rank(a) - rank(b));
}

/** Values for required keys of a map that begins with another one, by definition. @type {Record<string, JsonObject>} */
export const SEEDS = {
  Accent: { primary: "#1f4fd8", level: 1 },
  Surface: { background: "#ffffff", foreground: "#f8fafc" },
  Grayscale: { hue: 220, tint: 3 },
  EachColor: { light: "#1f4fd8", dark: "#9db8ff" },
  Prompt: { label: "New question", prompt: "New question" },
};

/** Texts that say the same as another one until they are changed themselves, by definition: from the key that leads to
 * the one that follows. @type {Record<string, { leader: string, follower: string }>} */
export const FOLLOWERS = {
  Prompt: { leader: "label", follower: "prompt" },
};

/** One sentence on when to take which snippet. @type {Record<string, { title: string, about: string }>} */
export const SNIPPETS = {
  bubble: { title: "Bubble", about: "A button in a corner of every page. Right for most websites." },
  popup: { title: "Popup", about: "Your own link or button opens the chat in the middle of the window." },
  inline: { title: "Inline", about: "The chat as part of a page, such as “Contact”." },
  iframe: { title: "Iframe", about: "For websites that allow frames but no scripts." },
  link: { title: "Link", about: "For emails, social networks and other apps." },
  direct: { title: "Direct", about: "ChatKit in your own page. OpenAI’s domain list must name your website as well." },
};
