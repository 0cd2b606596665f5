/** Rules for every script of the project, and for the styles of the themes. */

import css from "@eslint/css";
import js from "@eslint/js";
import baseline from "eslint-plugin-baseline-js";
import compat from "eslint-plugin-compat";
import globals from "globals";

/** Visitors come with browsers of the last three years. */
const BROWSERS = ["chrome 119", "edge 119", "firefox 119", "safari 17.1", "ios_saf 17.1"];
/** The year by whose end all browsers had what the themes use. */
const YEAR = 2023;

/** Features that the scripts do without where they are missing, by their names at webstatus.dev. */
const OPTIONAL_FEATURES = [
  // An early load of the chat: a timer is as good.
  "requestidlecallback",
  // Tells of `pushState`.
  "navigation",
];
/** The same, by what stands in the script. */
const OPTIONAL_MEMBERS = [
  // Names the pages around a frame, in a message to its owner.
  "location.ancestorOrigins",
];

export default [
  // What is imported is other people's code, some of it wrong on purpose.
  {
    ignores: [
      "**/node_modules/**",
      "**/.tmp/**",
      "**/.peers/**",
      "target/**",
      "dist/**",
      "**/templates/**",
      "**/*.ts",
      "tests/fixtures/**",
    ],
  },
  {
    files: ["**/*.{js,mjs}"],
    rules: {
      ...js.configs.recommended.rules,
      "no-empty": ["error", { allowEmptyCatch: true }],
      "no-var": "error",
      "prefer-const": "error",
      eqeqeq: ["error", "always", { null: "ignore" }],
      curly: ["error", "all"],
    },
  },
  {
    files: ["themes/**/*.js"],
    languageOptions: {
      globals: {
        ...globals.browser,
        SETTINGS: "readonly",
        LAUNCHER_CSS: "readonly",
        PANEL_CSS: "readonly",
        DIRECT: "readonly",
        CAUSE: "readonly",
        THREADS: "readonly",
      },
    },
    // Each knows some that the other does not; methods of objects that only have a type, neither.
    plugins: { baseline, compat },
    settings: { browsers: BROWSERS, lintAllEsApis: true, polyfills: OPTIONAL_MEMBERS },
    rules: {
      "baseline/use-baseline": [
        "error",
        {
          available: YEAR,
          includeWebApis: { preset: "auto" },
          includeJsBuiltins: { preset: "auto" },
          ignoreFeatures: OPTIONAL_FEATURES,
        },
      ],
      "compat/compat": "error",
    },
  },
  {
    files: ["themes/**/*.css"],
    plugins: { css },
    language: "css/css",
    rules: { "css/use-baseline": ["error", { available: YEAR }] },
  },
  { files: ["src/preview/**"], languageOptions: { globals: globals.browser } },
  { files: ["netlify/**", ".ci/**"], languageOptions: { globals: globals.nodeBuiltin } },
  // Tests hold functions that run in pages.
  { files: ["tests/**"], languageOptions: { globals: { ...globals.node, ...globals.browser } } },
];
