/**
 * Every option and every method argument of ChatKit 1.9.0, as one table. Names, enums and required
 * members are those of the published types; a test compares the two, so a newer ChatKit shows up there.
 */

import { InvalidFrameParamsError, is, validate } from "./validate.mjs";

/** @param {string} words */
const list = (words) => words.trim().split(/\s+/);

export const ICONS = list(`
  agent analytics atom batch bolt book-open book-closed book-clock bug calendar chart check check-circle
  check-circle-filled chevron-left chevron-right circle-question clock compass confetti cube desktop document
  dots-horizontal dots-vertical empty-circle external-link globe keys lab images info lifesaver lightbulb mail
  map-pin maps mobile name notebook notebook-pencil page-blank phone play plus profile profile-card reload star
  star-filled search sparkle sparkle-double square-code square-image square-text suitcase settings-slider user
  wreath write write-alt write-alt2`);

export const HEADER_ICONS = list(`
  sidebar-left sidebar-right sidebar-open-left sidebar-open-right sidebar-open-left-alt sidebar-open-right-alt
  sidebar-floating-left sidebar-floating-right sidebar-floating-open-left sidebar-floating-open-right
  sidebar-collapse-left sidebar-collapse-right collapse-left collapse-right open-left open-right
  double-chevron-left double-chevron-right home home-alt back-small back-large expand-large collapse-large
  expand-small collapse-small star star-filled bug chat-temporary settings-cog grid dots-horizontal dots-vertical
  dots-horizontal-circle dots-vertical-circle menu menu-inverted hamburger history book-open compose share
  light-mode dark-mode close`);

export const LOCALES = list(`
  am ar bg-BG bn-BD bs-BA ca-ES cs-CZ da-DK de-DE el-GR es-419 es-ES et-EE fi-FI fr-CA fr-FR gu-IN hi-IN hr-HR hu-HU
  hy-AM id-ID is-IS it-IT ja-JP ka-GE kk kn-IN ko-KR lt lv-LV mk-MK ml mn mr-IN ms-MY my-MM nb-NO nl-NL pa pl-PL
  pt-BR pt-PT ro-RO ru-RU sk-SK sl-SI so-SO sq-AL sr-RS sv-SE sw-TZ ta-IN te-IN th-TH tl tr-TR uk-UA ur vi-VN zh-CN
  zh-HK zh-TW
  bg bn bs ca cs da de el es et fi fr gu hi hr hu hy id is it ja ka kn ko lv mk mr ms my nb nl pl pt ro ru sk sl so
  sq sr sv sw ta te th tr uk vi zh zh-Hant en`);

const text = is.string();
const flag = is.a("boolean");
const callback = is.a("function");
const scheme = is.oneOf("light", "dark");
const icon = is.either(is.oneOf(...ICONS), is.string({ pattern: /^lucide:[a-z0-9]+(-[a-z0-9]+)*$/ }));
const headerAction = is.object({ "icon!": is.oneOf(...HEADER_ICONS), "onClick!": callback });
const openRecord = is.record(is.a("unknown"));

const messageContent = is.variants("type", {
  input_text: is.object({ "type!": text, "text!": text }),
  input_tag: is.object({ "type!": text, "text!": text, "id!": text, group: text, data: openRecord, interactive: flag }),
});

const attachment = is.variants("type", {
  file: is.object({ "type!": text, "id!": text, "name!": text, "mime_type!": text }),
  image: is.object({ "type!": text, "id!": text, "preview_url!": text, "name!": text, "mime_type!": text }),
});

const hostedApi = is.object({ "getClientSecret!": callback });

const customApi = is.object({
  "url!": is.string({ min: 1 }),
  "domainKey!": is.string({ min: 1 }),
  fetch: callback,
  uploadStrategy: is.variants("type", {
    two_phase: is.object({ "type!": text }),
    direct: is.object({ "type!": text, "uploadUrl!": text }),
  }),
});

const theme = is.object({
  colorScheme: scheme,
  radius: is.oneOf("pill", "round", "soft", "sharp"),
  density: is.oneOf("compact", "normal", "spacious"),
  typography: is.object({
    baseSize: is.oneOf(14, 15, 16, 17, 18),
    fontFamily: text,
    fontFamilyMono: text,
    fontSources: is.array(
      is.object({
        "family!": text,
        "src!": text,
        weight: is.either(text, is.number()),
        style: is.oneOf("normal", "italic", "oblique"),
        display: is.oneOf("auto", "block", "swap", "fallback", "optional"),
        unicodeRange: text,
      }),
    ),
  }),
  color: is.object({
    grayscale: is.object({
      "hue!": is.number({ min: 0, max: 360 }),
      "tint!": is.oneOf(0, 1, 2, 3, 4, 5, 6, 7, 8, 9),
      shade: is.oneOf(-4, -3, -2, -1, 0, 1, 2, 3, 4),
    }),
    accent: is.object({ "primary!": text, "level!": is.oneOf(0, 1, 2, 3) }),
    surface: is.object({ "background!": text, "foreground!": text }),
  }),
});

const composer = is.object({
  placeholder: text,
  attachments: is.object({
    "enabled!": flag,
    maxSize: is.either(is.number(), is.record(is.number())),
    maxCount: is.number(),
    accept: is.record(is.array(text)),
  }),
  tools: is.array(
    is.object({
      "id!": text,
      "label!": text,
      "icon!": icon,
      shortLabel: text,
      placeholderOverride: text,
      pinned: flag,
      persistent: flag,
    }),
  ),
  models: is.array(is.object({ "id!": text, "label!": text, description: text, disabled: flag, default: flag })),
  dictation: is.object({ "enabled!": flag }),
});

export const OPTIONS = is.object({
  "api!": is.eitherOpaque(hostedApi, customApi),
  locale: is.oneOf(...LOCALES),
  theme: is.either(scheme, theme),
  frameTitle: text,
  initialThread: is.either(text, is.a("null")),
  onClientTool: callback,
  header: is.object({
    enabled: flag,
    title: is.object({ enabled: flag, text }),
    leftAction: headerAction,
    rightAction: headerAction,
  }),
  history: is.object({ enabled: flag, showDelete: flag, showRename: flag }),
  startScreen: is.object({
    greeting: text,
    prompts: is.array(is.object({ "label!": text, "prompt!": is.either(text, is.array(messageContent)), icon })),
  }),
  threadItemActions: is.object({ feedback: flag, retry: flag }),
  composer,
  disclaimer: is.object({ "text!": text, highContrast: flag }),
  entities: is.object({ onTagSearch: callback, onClick: callback, onRequestPreview: callback, showComposerMenu: flag }),
  commands: is.object({ "enabled!": flag, onSearch: callback, onSelect: callback }),
  widgets: is.object({ onAction: callback }),
  thread: is.object({ autoScroll: flag }),
});

const message = { text, content: is.array(messageContent), reply: text, attachments: is.array(attachment) };

/** The first argument of each method that takes one. */
export const ARGUMENTS = {
  setThreadId: is.either(text, is.a("null")),
  sendUserMessage: is.object({ ...message, newThread: flag, toolChoice: is.object({ "id!": text }), model: text }),
  setComposerValue: is.object({
    ...message,
    files: is.array(is.a("file")),
    selectedToolId: is.either(text, is.a("null")),
    selectedModelId: text,
  }),
  sendCustomAction: is.object({ "type!": text, payload: openRecord }),
};

/** Throws what ChatKit throws for options that it would not start with.
 * @param {any} options checked here, so any value is welcome */
export function assertOptions(options) {
  const issues = validate(OPTIONS, options);
  const { api, composer: { attachments = undefined } = {} } = options ?? {};
  // The one rule across two options: a server of one's own has to say where uploads go.
  if (issues.length === 0 && attachments?.enabled && "url" in api && !api.uploadStrategy) {
    issues.push({ path: "api.uploadStrategy", message: "Invalid input: expected object, received undefined" });
  }
  if (issues.length > 0) {
    throw new InvalidFrameParamsError("ChatKit.create()", issues);
  }
}
