/** What an agent knows, above the settings of the back end: the rules before its instructions, its pages, and the
 * passages that a question finds. */

import { make, redraw } from "../shared/dom.js";

/** @import { Known, KnowledgeReply, Passage } from "./types.js" */

/** Milliseconds without a keystroke before a question is asked. */
const PAUSE = 200;

/** The part of the form. `ask` asks the server; it fails where nobody may see pages. */
export class Knowing {
  #rules = make("details", { class: "rules" }, make("summary", {}, "Rules before the instructions"));
  #preamble = make("pre", { tabindex: 0 });
  #summary = make("p", {});
  #notes = make("ul", { class: "known-notes" });
  #question = make("input", { type: "search", id: "known-question", placeholder: "Type a visitor’s question" });
  #found = make("ol", { class: "found" });
  #pages = make("div", { class: "known" });
  element = make("section", { class: "knowing", "aria-label": "What the agent knows", hidden: true });
  /** The last request, so that an answer that is late is not shown. */
  #asked = 0;
  /** @type {number | undefined} */
  #timer;

  /** @param {(question: string) => Promise<KnowledgeReply>} ask */
  constructor(ask) {
    this.ask = ask;
    this.#rules.append(this.#preamble);
    this.#pages.append(
      this.#summary,
      this.#notes,
      make("label", { for: "known-question" }, "Passages that a question finds"),
      this.#question,
      this.#found,
    );
    this.element.append(this.#rules, this.#pages);
    this.#question.addEventListener("input", () => {
      clearTimeout(this.#timer);
      this.#timer = window.setTimeout(() => void this.refresh(), PAUSE);
    });
  }

  /** The server knows more: asks it again. */
  async refresh() {
    const asked = ++this.#asked;
    const reply = await this.ask(this.#question.value).catch(() => ({}));
    if (asked === this.#asked) {
      this.#draw(reply);
    }
  }

  /** Nothing here depends on the model alone. */
  update() {}

  /** @param {KnowledgeReply} reply */
  #draw({ preamble, known, found }) {
    this.element.hidden = preamble === undefined;
    this.#rules.hidden = !preamble;
    this.#preamble.textContent = preamble ?? "";
    this.#pages.hidden = !known;
    if (!known) {
      return;
    }
    this.#summary.textContent = said(known);
    const more = known.more_notes > 0 ? [`${known.more_notes} more; check lists all`] : [];
    redraw(this.#notes, [known.notes, more], () => [...known.notes, ...more].map((note) => make("li", {}, note)));
    const passages = found ?? [];
    redraw(this.#found, passages, () => passages.map(row));
    this.#found.hidden = passages.length === 0;
  }
}

/** @param {Known} known */
function said({ pages, passages, tokens, is_whole: isWhole, most, dollars }) {
  const many = (/** @type {number} */ count, /** @type {string} */ what) =>
    `${count.toLocaleString("en")} ${what}${count === 1 ? "" : "s"}`;
  const brings = isWhole ? "A message brings all of them" : `A message brings the best ${most}`;
  const sum = dollars !== null && (dollars < 0.0001 ? "less than 0.0001" : dollars.toPrecision(2));
  const cost = sum === false ? "" : `, for ${sum} dollars`;
  return `${many(pages, "page")}, ${many(passages, "passage")}, about ${many(tokens, "token")}. ${brings}${cost}.`;
}

/** @param {Passage} passage */
function row({ title, heading, url, text, score }) {
  const name = [title, heading].filter(Boolean).join(" › ");
  return make(
    "li",
    {},
    make(
      "details",
      {},
      make("summary", {}, make("span", {}, name), make("span", { class: "score" }, score.toFixed(1))),
      url && make("a", { href: url, target: "_blank", rel: "noreferrer" }, url),
      make("pre", { tabindex: 0 }, text),
    ),
  );
}
