/**
 * Options that leave nothing out, once for each kind of `api`. The double and the compiler both have to accept
 * them, and each finds out here when the other knows an option that it does not.
 */

/** @typedef {import("@openai/chatkit").ChatKitOptions} ChatKitOptions */

const tag = {
  type: /** @type {const} */ ("input_tag"),
  text: "@Ada",
  id: "user_1",
  group: "People",
  data: { a: 1 },
  interactive: true,
};

/** @type {Omit<ChatKitOptions, 'api'>} */
const rest = {
  locale: "zh-Hant",
  theme: {
    colorScheme: "dark",
    radius: "round",
    density: "compact",
    typography: {
      baseSize: 16,
      fontFamily: "Inter, sans-serif",
      fontFamilyMono: "ui-monospace",
      fontSources: [
        {
          family: "Inter",
          src: "https://fonts.example/i.woff2",
          weight: 400,
          style: "italic",
          display: "swap",
          unicodeRange: "U+0-FF",
        },
        {
          family: "Inter",
          src: "https://fonts.example/b.woff2",
          weight: "700",
          style: "normal",
          display: "optional",
          unicodeRange: "U+0-FF",
        },
      ],
    },
    color: {
      grayscale: { hue: 360, tint: 9, shade: -4 },
      accent: { primary: "hsl(210 50% 40%)", level: 3 },
      surface: { background: "#fff", foreground: "#111" },
    },
  },
  frameTitle: "Support chat",
  initialThread: "cthr_1",
  onClientTool: () => ({}),
  header: {
    enabled: true,
    title: { enabled: true, text: "Support" },
    leftAction: { icon: "menu", onClick: () => {} },
    rightAction: { icon: "close", onClick: () => {} },
  },
  history: { enabled: true, showDelete: false, showRename: true },
  startScreen: {
    greeting: "How can we help?",
    prompts: [
      { label: "Prices", prompt: "What does it cost?", icon: "lucide:badge-euro" },
      { label: "People", prompt: [{ type: "input_text", text: "Who is " }, tag], icon: "circle-question" },
    ],
  },
  threadItemActions: { feedback: true, retry: false },
  composer: {
    placeholder: "Write to us",
    attachments: { enabled: true, maxSize: { "image/*": 1024, "*": 10 }, maxCount: 2, accept: { "image/*": [".png"] } },
    tools: [
      {
        id: "search",
        label: "Search",
        icon: "search",
        shortLabel: "Find",
        placeholderOverride: "Find…",
        pinned: true,
        persistent: false,
      },
    ],
    models: [{ id: "fast", label: "Fast", description: "Answers at once", disabled: false, default: true }],
    dictation: { enabled: true },
  },
  disclaimer: { text: "Answers may be **wrong**.", highContrast: true },
  entities: {
    onTagSearch: async () => [],
    onClick: () => {},
    onRequestPreview: async () => ({ preview: null }),
    showComposerMenu: true,
  },
  commands: { enabled: true, onSearch: async () => [], onSelect: async () => {} },
  widgets: { onAction: async () => {} },
  thread: { autoScroll: true },
};

/** @type {ChatKitOptions} */
export const maximalHosted = { api: { getClientSecret: async () => "ek_1" }, ...rest };

/** @type {ChatKitOptions} */
export const maximalCustom = {
  api: {
    url: "/chatkit",
    domainKey: "domain_pk_1",
    fetch: (...args) => fetch(...args),
    uploadStrategy: { type: "direct", uploadUrl: "/uploads" },
  },
  ...rest,
};
