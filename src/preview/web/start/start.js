/** The page for a folder without a site: sends the answers, and goes on to the studio once there is a site. */

import { Api, ApiError } from "../studio/api.js";
import { byId, prose } from "../studio/page.js";
import { languageName } from "../studio/starters.js";

const api = new Api(document.querySelector("meta[name=preview-token]")?.getAttribute("content") ?? "");
const form = /** @type {HTMLFormElement} */ (byId("answers"));
const create = /** @type {HTMLButtonElement} */ (byId("create"));
/** Their names here, in the call and in its reply. */
const QUESTIONS = ["name", "website", "color", "template", "language", "backend"];

const color = /** @type {HTMLInputElement} */ (byId("color"));
const picked = /** @type {HTMLInputElement} */ (byId("picked"));

picked.addEventListener("input", () => (color.value = picked.value));
color.addEventListener("input", () => {
  if (/^#[0-9a-f]{6}$/i.test(color.value)) {
    picked.value = color.value;
  }
});

const language = /** @type {HTMLSelectElement} */ (byId("language"));
for (const option of language.options) {
  option.textContent = languageName(option.value);
}
const offered = [...language.options].map(({ value }) => value);
const spoken = navigator.languages.flatMap((tag) => [tag, tag.split("-")[0]]);
language.value = spoken.find((tag) => offered.includes(tag)) ?? language.value;

form.addEventListener("submit", (event) => {
  event.preventDefault();
  void send();
});

async function send() {
  create.disabled = true;
  say({}, "");
  const answer = new FormData(form);
  /** @param {string} name */
  const text = (name) => String(answer.get(name) ?? "");
  try {
    await api.init(Object.fromEntries(QUESTIONS.map((name) => [name, text(name)])));
    location.reload();
  } catch (error) {
    create.disabled = false;
    const fields = error instanceof ApiError ? error.body?.fields : null;
    say(fields ?? {}, fields ? "" : gone(error));
  }
}

/** @param {unknown} error */
function gone(error) {
  return error instanceof ApiError && error.status === 0
    ? "The preview does not answer. Is chatkit-embed watch still running?"
    : String(error instanceof Error ? error.message : error);
}

/** Shows what is wrong with each answer, and with all of it. @param {Record<string, string>} fields @param {string} whole */
function say(fields, whole) {
  byId("failure").replaceChildren(...prose(whole));
  for (const name of QUESTIONS) {
    const said = byId(`${name}-error`);
    said.replaceChildren(...prose(fields[name] ?? ""));
    said.hidden = !fields[name];
    document.getElementById(name)?.setAttribute("aria-invalid", String(Boolean(fields[name])));
  }
  document.getElementById(Object.keys(fields)[0] ?? "")?.focus();
}

const events = new EventSource("/_/events");
// Somebody else may have written one: in a terminal, or in another tab.
events.addEventListener("site", (event) => {
  if (JSON.parse(event.data).revision) {
    location.reload();
  }
});
addEventListener("pagehide", () => events.close());
