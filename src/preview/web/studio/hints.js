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
    id: "brand",
    title: "Brand",
    icon: "brand",
    about: "Theme, colour, logo and font. Launcher, panel and chat follow them.",
    paths: ["theme", "brand", "panel.header", "panel.line"],
  },
  {
    id: "looks",
    title: "Looks",
    icon: "palette",
    about: "Colours, corners, spacing and fonts, one by one.",
    paths: ["chatkit.theme", "variables"],
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

/** Those of the whole site. @type {Group[]} */
export const SITE_GROUPS = [
  {
    id: "brand",
    title: "Brand",
    icon: "brand",
    about: "Theme, colour, logo and font of every widget without its own.",
    paths: ["theme", "brand"],
  },
  { id: "looks", title: "Looks", icon: "palette", about: "The theme’s values, one by one.", paths: ["variables"] },
  { id: "site", title: "Site", icon: "globe", about: "Settings of the whole site.", paths: [] },
];

/** The groups of a scope. The last one has what no other group mentions. @param {Path} scope */
export const groupsOf = ([kind]) => (kind === "site" ? SITE_GROUPS : GROUPS);

/** The group that a setting is in. @param {Path} path below its scope @param {Group[]} [groups] */
export function groupOf(path, groups = GROUPS) {
  const way = path.join(".");
  const covers = (/** @type {string} */ each) => way === each || way.startsWith(`${each}.`);
  return groups.find(({ paths }) => paths.some(covers)) ?? groups[groups.length - 1];
}

/** Other words that people look for, by path below a scope. @type {Record<string, string>} */
const SYNONYMS = {
  theme: "design template gallery look style",
  "brand.color": "main primary",
  "brand.logo": "avatar picture image icon",
  "brand.name": "company title",
  "brand.corner": "radius rounded roundness",
  "brand.font": "typeface family text",
  "brand.tone": "dark mode light",
  "panel.line": "subtitle tagline hours",
  "chatkit.startScreen.greeting": "welcome hello title message",
  "chatkit.startScreen.prompts": "questions suggestions starters",
  "launcher.icon": "logo avatar bubble",
  "launcher.position": "corner place left right",
  "launcher.offset_x": "position",
  "launcher.offset_y": "position",
  "launcher.teaser": "welcome invitation",
  allowed_origins: "websites domains embed where",
  "backend.api_key_env": "api key openai secret",
  "backend.domain_key": "api key",
};

/** The words by which a setting is found. British and American spelling are the same.
 * @param {string} text @param {Path} [path] below a scope */
export function wordsOf(text, path = []) {
  const others = path.map((_, index) => SYNONYMS[path.slice(0, index + 1).join(".")] ?? "");
  return [text, ...others].join(" ").toLowerCase().replaceAll("colour", "color").replaceAll("_", " ");
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
  BrandSection: ["color", "logo", "name", "font", "corner", "tone"],
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

/** Maps whose keys make no sense without each other. */
export const WHOLE = ["EachColor"];

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
