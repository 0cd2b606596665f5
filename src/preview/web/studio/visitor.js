/** “Try it like a visitor”: what the page and the session endpoint do, and what can go wrong on purpose. */

import { make } from "../shared/dom.js";
import { announce, byId } from "./page.js";
import { textButton } from "./icons.js";

/** @import { Mode, SessionCall } from "./types.js" */

/** Lines that are kept. */
const LONGEST = 200;

/** The log and its buttons. */
export class Visitor {
  #log = byId("log");
  #down = false;

  /**
   * @param {object} options
   * @param {(what: string) => void} options.tell
   * @param {(demo: boolean) => Promise<unknown>} options.setDemo
   * @param {(down: boolean) => Promise<unknown>} options.setNetwork
   */
  constructor({ tell, setDemo, setNetwork }) {
    this.network = textButton("warning", "Drop the network", () => void setNetwork(!this.#down), {
      class: "button small",
      "aria-pressed": "false",
      "aria-describedby": "demo-why",
    });
    const does = (/** @type {string} */ what, /** @type {string} */ said) => () => {
      tell(what);
      this.add("you", said);
      announce(said);
    };
    byId("visitor-tools").replaceChildren(
      textButton(
        "reset",
        "Expire the secret",
        does("expire", "The secret has expired: the next message needs a new one"),
        { class: "button small" },
      ),
      this.network,
      textButton("visitor", "New visitor", does("new-visitor", "A visitor who has never been here"), {
        class: "button small",
      }),
      textButton("trash", "Clear", () => this.#clear(), { class: "button small quiet" }),
    );
    this.demo = /** @type {HTMLInputElement} */ (byId("demo"));
    this.demo.addEventListener("change", () => void setDemo(this.demo.checked));
    this.#clear();
  }

  /** @param {Mode & { down?: boolean }} mode */
  mode({ demo, real, why, down, fixed }) {
    this.demo.checked = demo;
    this.demo.disabled = demo && !real;
    this.network.disabled = Boolean(fixed);
    byId("demo-why").textContent = fixed
      ? `Answers are made up: ${fixed}.`
      : demo
        ? real
          ? "Answers are made up. Nothing reaches OpenAI."
          : `Answers are made up, because ${lower(why ?? "there is no key")}.`
        : "Messages reach your back end, and may cost money.";
    byId("demo-badge").textContent = demo ? "Demo" : "Real";
    byId("demo-badge").classList.toggle("real", !demo);
    if (down === undefined || down === this.#down) {
      return;
    }
    this.#down = down;
    this.network.setAttribute("aria-pressed", String(down));
    /** @type {HTMLElement} */ (this.network.lastElementChild).textContent = down
      ? "Restore the network"
      : "Drop the network";
    this.add("you", down ? "The network is gone" : "The network is back");
  }

  /** A request to the function: for a session, or from ChatKit to an agent. @param {SessionCall} call */
  session(call) {
    const { widget, status, code, ms, visitor_known: known, known_visitor: checked, time } = call;
    if (call.model) {
      this.add(code ? "failed" : "answer", answerOf(call), time);
      return;
    }
    if (checked === undefined && status < 400) {
      // ChatKit asks for lists and threads all the time.
      return;
    }
    const words = [
      `session of ${widget}: ${status}`,
      code,
      `${Math.round(ms)} ms`,
      known ? "known visitor" : "new visitor",
    ];
    this.add(status < 400 ? "session" : "failed", words.filter(Boolean).join(" · "), time);
  }

  /** An event of the host page. @param {{ name: string, detail?: any, time?: number }} event */
  event({ name, detail, time }) {
    const { widget, ...rest } = detail ?? {};
    const more = Object.entries(rest)
      .map(([key, value]) => `${key} ${value}`)
      .join(", ");
    this.add(name === "chat:error" ? "failed" : "event", [name, widget, more].filter(Boolean).join(" · "), time);
  }

  /** @param {string} kind @param {string} text @param {number | string} [time] */
  add(kind, text, time) {
    if (this.#log.querySelector(".empty")) {
      this.#log.replaceChildren();
    }
    const bottom = this.#log.scrollHeight - this.#log.scrollTop - this.#log.clientHeight < 40;
    this.#log.append(
      make(
        "p",
        { class: kind },
        make("time", {}, clock(time)),
        make("span", { class: "log-kind" }, kind),
        make("span", {}, text),
      ),
    );
    while (this.#log.children.length > LONGEST) {
      this.#log.firstElementChild?.remove();
    }
    if (bottom) {
      this.#log.scrollTop = this.#log.scrollHeight;
    }
  }

  #clear() {
    this.#log.replaceChildren(
      make(
        "p",
        { class: "empty" },
        "Open the chat in the preview and send a message. Sessions and events are listed here.",
      ),
    );
  }
}

/** What an answer took. @param {SessionCall} call */
function answerOf(call) {
  const { widget, model, code, ms, first_word_ms: first, input_tokens, output_tokens, tools, cost } = call;
  const { passages, sources, unanswered } = call;
  const words = [
    `answer of ${widget}: ${model}`,
    code,
    first ? `first word after ${Math.round(first)} ms` : "",
    `${Math.round(ms)} ms`,
    output_tokens ? `${input_tokens} + ${output_tokens} tokens` : "",
    tools ? `${tools} ${tools === 1 ? "tool" : "tools"}` : "",
    passages === undefined ? "" : `${passages} ${passages === 1 ? "passage" : "passages"}`,
    unanswered ? "no passage had the answer" : "",
    sources?.length ? `cites ${sources.join(", ")}` : "",
    cost ? `${cost.toPrecision(2)} dollars` : "",
  ];
  return words.filter(Boolean).join(" · ");
}

/** @param {string} text */
const lower = (text) =>
  (/^[A-Z][a-z]/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text).replace(/\.$/, "");

/** The time of day. Seconds and milliseconds since 1970 are told apart by their size.
 * @param {number | string} [time] */
function clock(time) {
  const date =
    typeof time === "number"
      ? time > 1e11
        ? new Date(time)
        : time > 1e9
          ? new Date(time * 1000)
          : new Date()
      : new Date(time ?? Date.now());
  return (Number.isNaN(date.getTime()) ? new Date() : date).toLocaleTimeString("en-GB");
}
