// Rules for every script of the project.

import js from '@eslint/js';
import globals from 'globals';

export default [
  // What is imported is other people's code, some of it wrong on purpose.
  { ignores: ['**/node_modules/**', '**/.tmp/**', 'target/**', 'dist/**', '**/templates/**', '**/*.ts', 'tests/fixtures/**'] },
  js.configs.recommended,
  { rules: { 'no-empty': ['error', { allowEmptyCatch: true }], 'no-var': 'error', 'prefer-const': 'error', eqeqeq: ['error', 'always', { null: 'ignore' }] } },
  {
    files: ['themes/**'],
    languageOptions: {
      globals: { ...globals.browser, SETTINGS: 'readonly', LAUNCHER_CSS: 'readonly', PANEL_CSS: 'readonly', PANEL: 'readonly', DIRECT: 'readonly', CAUSE: 'readonly' },
    },
  },
  { files: ['src/watch/**'], languageOptions: { globals: globals.browser } },
  // Tests hold functions that run in pages.
  { files: ['tests/**'], languageOptions: { globals: { ...globals.node, ...globals.browser } } },
];
