/**
 * Sites to measure with: `node site.mjs N FOLDER` makes one of N widgets, each in a file of its own, as an agency has
 * them for its clients.
 */

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Markdown of the other generators' pages: about as long as a widget's file with the front matter around it. */
const PARAGRAPHS = `You can reach the shop by *phone* or by [letter](https://www.example.com/letter). It sells kettles and tea, and
it is open from Monday to Saturday.

- Opening hours: when are you open? From nine to five, and on Saturdays until noon.
- Returns: how do I return something? Send it back within thirty days, with the bill.

## Delivery

Each order leaves the shop within one day. Tea that is kept dry lasts for two years, and a kettle has a guarantee of
five. Ask for spare parts such as lids, filters and handles.
`;

/** The file of a widget. @param {number} i @param {string} greeting */
function widget(i, greeting) {
  const hex = (/** @type {number} */ value, /** @type {number} */ digits) => value.toString(16).padStart(digits, "0");
  return `# Shop number ${i}
backend:
  type: agent
  domain_key: domain_pk_${hex(i, 32)}
  instructions: |
    You answer customers of shop ${i}, which sells kettles and tea.
    Be brief and friendly; say so if you do not know.
launcher:
  label: Ask shop ${i}
  color: '#${hex((i * 7919) % 0xffffff, 6)}'
  icon: lucide:message-circle
page:
  title: Shop ${i}
panel:
  width: ${360 + (i % 80)}
chatkit:
  theme:
    colorScheme: ${i % 2 ? "light" : "dark"}
    radius: round
  startScreen:
    greeting: ${greeting}
    prompts:
      - label: Opening hours
        prompt: When are you open?
        icon: calendar
      - label: Returns
        prompt: How do I return something?
`;
}

/** @param {string} folder @param {number} i */
const widgetFile = (folder, i) => join(folder, "widgets", `shop-${String(i).padStart(5, "0")}.yaml`);

/** A site of `count` widgets. @param {string} folder @param {number} count */
export function writeWidgets(folder, count) {
  mkdirSync(join(folder, "widgets"), { recursive: true });
  writeFileSync(
    join(folder, "site.yaml"),
    "site:\n  url: https://chat.example.com\n  allowed_origins: [https://www.example.com, 'https://*.example.com']\n",
  );
  for (let i = 0; i < count; i++) {
    writeFileSync(widgetFile(folder, i), widget(i, `Welcome to shop ${i}!`));
  }
}

/** Gives one widget another greeting. @param {string} folder @param {string} greeting */
export function changeWidget(folder, greeting) {
  writeFileSync(widgetFile(folder, 0), widget(0, greeting));
}

/**
 * As many plain pages for another generator, each as long as a widget's file.
 *
 * @param {string} folder
 * @param {number} count
 * @param {string} layout the front matter that names a page's layout, if the generator needs it
 */
export function writePages(folder, count, layout) {
  mkdirSync(folder, { recursive: true });
  for (let i = 0; i < count; i++) {
    writeFileSync(
      join(folder, `shop-${String(i).padStart(5, "0")}.md`),
      `---\ntitle: Shop ${i}\n${layout}---\nWelcome to shop ${i}!\n\n${PARAGRAPHS}`,
    );
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [count, folder] = process.argv.slice(2);
  if (!(Number(count) > 0) || !folder) {
    console.error("usage: node site.mjs N FOLDER");
    process.exit(2);
  }
  writeWidgets(folder, Number(count));
}
