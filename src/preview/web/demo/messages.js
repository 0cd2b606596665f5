/** The start screen, or the messages of the open thread. */

/** @import { View } from "./view.js" */
/** @import { Message } from "./threads.js" */

import { make, redraw } from "../shared/dom.js";
import { iconButton } from "./header.js";
import { icon } from "./icon.js";

/** Pixels from the end that still count as its end. */
const NEAR = 80;

/**
 * One function of over 60 lines: a component, whose short functions share its elements and what is drawn.
 *
 * @param {View} view
 */
export function createMessages(view) {
  const start = make("div", { class: "start" });
  const log = make("div", { class: "log", role: "log", hidden: true });
  // Scrolls, so the keyboard must reach it.
  const place = make("div", { class: "messages", tabindex: "0", role: "group" }, start, log);
  /** @type {Map<string, HTMLElement>} By the message's id. */
  const drawn = new Map();

  const drawStart = () => {
    const { options, words, isReady } = view;
    const { greeting = words.greeting, prompts = [] } = options.startScreen ?? {};
    redraw(start, [greeting, prompts, isReady], () => [
      greeting && make("p", { class: "greeting" }, make("bdi", {}, greeting)),
      prompts.length > 0 &&
        make(
          "ul",
          { class: "prompts" },
          ...prompts.map(({ label, prompt, icon: name }, index) => {
            const text = typeof prompt === "string" ? prompt : prompt.map((part) => part.text).join("");
            const button = make("button", {
              type: "button",
              "data-key": `prompt ${index}`,
              disabled: !isReady,
              onclick: () => view.send(text),
            });
            button.append(...(name ? [icon(name)] : []), make("bdi", {}, label));
            return make("li", {}, button);
          }),
        ),
    ]);
  };

  /** @param {Message} message @param {boolean} isLast */
  const drawMessage = (message, isLast) => {
    const { options, words, conversation } = view;
    let element = drawn.get(message.id);
    if (!element) {
      element = make(
        "div",
        { class: `message ${message.from}` },
        make("div", { class: "text" }),
        make("div", { class: "actions" }),
      );
      drawn.set(message.id, element);
    }
    const [text, actions] = /** @type {HTMLElement[]} */ ([...element.children]);
    const isArriving = conversation.arriving === message;
    element.classList.toggle("failed", Boolean(message.failed));
    // Read out once it is whole.
    element.ariaBusy = `${isArriving}`;
    redraw(text, [message.text, isArriving], () =>
      message.text
        ? message.text.split(/\n{2,}/).map((part) => make("p", { dir: "auto" }, part))
        : [make("span", { class: "dots" }, make("i", {}), make("i", {}), make("i", {}))],
    );
    const { feedback = false, retry = false } = options.threadItemActions ?? {};
    const has = message.from === "assistant" && !isArriving;
    redraw(actions, [has, message.failed, message.rating, feedback, retry, isLast, words], () => {
      if (!has) {
        return [];
      }
      /** @param {"good" | "bad"} rating */
      const rate = (rating) =>
        iconButton(words[rating], rating === "good" ? "up" : "down", () => view.rate(message, rating), {
          "aria-pressed": `${message.rating === rating}`,
        });
      return [
        !message.failed && iconButton(words.copy, "copy", () => view.copy(message.text)),
        feedback && !message.failed && rate("good"),
        feedback && !message.failed && rate("bad"),
        isLast && (retry || message.failed) && iconButton(words.retry, "reload", view.retry),
      ];
    });
    return element;
  };

  return {
    place,
    draw() {
      const { thread } = view.conversation;
      const wasAtEnd = place.scrollHeight - place.scrollTop - place.clientHeight < NEAR;
      place.setAttribute("aria-label", view.options.frameTitle ?? "Chat");
      log.setAttribute("aria-label", thread?.title || view.words.newChat);
      start.hidden = Boolean(thread);
      log.hidden = !thread;
      drawStart();
      const messages = thread?.messages ?? [];
      const elements = messages.map((message, index) => drawMessage(message, index === messages.length - 1));
      const isNew =
        elements.length !== log.children.length || elements.some((element, index) => log.children[index] !== element);
      if (isNew) {
        log.replaceChildren(...elements);
      }
      [...drawn.keys()]
        .filter((id) => !messages.some((message) => message.id === id))
        .forEach((id) => drawn.delete(id));
      // An answer that arrives is followed if the page wants that; what was just sent always shows.
      if (isNew || (wasAtEnd && view.options.thread?.autoScroll)) {
        place.scrollTop = place.scrollHeight;
      }
    },
  };
}
