/**
 * What the visitor sees: the start screen, the messages and the composer, drawn from a state.
 * No inline style and no inline handler, so that it also works under a strict Content-Security-Policy.
 */

import { drawWidget } from "./widget.mjs";

/**
 * @typedef {{ title: string, url?: string }} Source
 * @typedef {{ from: 'visitor' | 'assistant', text: string, sources?: Source[], item?: import("./widget.mjs").Item }} Message
 *   an item is a widget
 * @typedef {object} ViewState
 * @property {import("@openai/chatkit").ChatKitOptions} options
 * @property {Message[]} messages
 * @property {'loading' | 'ready' | 'failed'} phase
 * @property {(text: string) => void} onSend
 * @property {import("./conversation.mjs").Conversation | null} conversation with an agent
 * @property {() => void} onHistory
 * @property {(id: string) => void} onThread
 */

/** Every option has its default from the documentation, so that a page without options shows them. */
const DEFAULTS = { greeting: "What can I help with today?", placeholder: "Message the AI", frameTitle: "Chat" };

const CSS = `
  /* No automatic height: like the real one, it is as large as the page makes it, or not there at all. */
  :host { display: block; position: relative; overflow: hidden; }
  :host([hidden]) { display: none; }
  .chat { position: absolute; inset: 0; display: flex; flex-direction: column; gap: 12px; padding: 12px 16px;
    box-sizing: border-box; overflow: auto; font: 16px/1.45 system-ui, sans-serif; --line: #d9d9df;
    color: #16161a; background: #fff; color-scheme: light; }
  .chat[data-color-scheme='dark'] { color: #f3f3f5; background: #212121; color-scheme: dark; --line: #4a4a50; }
  .header { display: flex; gap: 8px; align-items: center; min-block-size: 24px; }
  .messages { flex: 1; display: flex; flex-direction: column; gap: 10px; }
  .messages p { margin: 0; }
  .messages p[data-from='visitor'] { align-self: end; padding: 8px 14px; border-radius: 18px; background: rgb(128 128 140 / 18%); }
  .messages .greeting { margin-block: auto 8px; font-size: 24px; font-weight: 600; line-height: 1.25; }
  .prompts { display: flex; flex-direction: column; padding: 0; margin: 0; list-style: none; }
  .prompts button { inline-size: 100%; text-align: start; border-width: 0 0 1px; padding: 12px 0; border-radius: 0; }
  button, textarea { font: inherit; color: inherit; background: none; border: 1px solid var(--line); border-radius: 20px; }
  button { min-block-size: 36px; padding: 0 16px; }
  form { display: flex; gap: 8px; }
  .widget { padding: 12px; border: 1px solid var(--line); border-radius: 12px; }
  .widget form { flex-direction: column; }
  textarea { flex: 1; resize: none; padding: 6px 14px; min-inline-size: 0; }
  textarea::placeholder { color: inherit; opacity: 0.75; }
  small { text-align: center; font-size: 13px; }
`;

/**
 * @param {string} tag
 * @param {Record<string, string | boolean | (() => void)>} attributes a function is a click listener
 * @param {(Node | string | null)[]} children
 */
function node(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") {
      element.addEventListener("click", value);
    } else if (value !== false) {
      element.setAttribute(name, value === true ? "" : value);
    }
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** Makes the shadow root, once. The composer lives as long as it, so that a redraw keeps what was typed.
 * @param {HTMLElement} host */
export function createView(host) {
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(CSS);
  root.adoptedStyleSheets = [sheet];
  // The real chat is a frame of another origin: what happens in it never reaches the page's listeners.
  for (const type of ["keydown", "keypress", "keyup", "input", "click", "pointerdown", "pointerup", "mousedown"]) {
    root.addEventListener(type, (event) => event.stopPropagation());
  }
  const composer = /** @type {HTMLTextAreaElement} */ (node("textarea", { rows: "1" }));
  const chat = node("section");
  root.append(chat);
  return { root, chat, composer };
}

/** @param {ReturnType<typeof createView>} view @param {ViewState} state */
export function draw(view, state) {
  const { options, phase } = state;
  const scheme = typeof options.theme === "string" ? options.theme : options.theme?.colorScheme;
  const placeholder = options.composer?.placeholder ?? DEFAULTS.placeholder;
  const attributes = {
    class: "chat",
    "aria-label": options.frameTitle ?? DEFAULTS.frameTitle,
    "aria-busy": String(phase === "loading"),
    "data-color-scheme": scheme ?? "light",
    "data-phase": phase,
    ...(options.locale && { lang: options.locale }),
  };
  view.chat.removeAttribute("lang");
  for (const [name, value] of Object.entries(attributes)) {
    view.chat.setAttribute(name, value);
  }
  view.composer.setAttribute("placeholder", placeholder);
  view.composer.setAttribute("aria-label", placeholder);

  const focused = view.root.activeElement === view.composer;
  view.chat.replaceChildren(
    ...[
      header(options.header, state),
      history(state),
      messages(state),
      ...turn(state),
      phase === "failed" ? node("p", { class: "error" }, "Something went wrong.") : null,
      composerForm(view.composer, state),
      options.disclaimer ? node("small", {}, options.disclaimer.text) : null,
    ].filter((child) => child !== null),
  );
  // Moving the composer in the document takes its focus away.
  if (focused) {
    view.composer.focus();
  }
}

/** @param {import("@openai/chatkit").HeaderOption | undefined} options @param {ViewState} state */
function header(options = {}, { conversation, onHistory }) {
  if (options.enabled === false) {
    return null;
  }
  const title = options.title?.enabled === false ? null : node("strong", {}, options.title?.text ?? "New chat");
  const actions = [options.leftAction, options.rightAction].map((action) =>
    action ? node("button", { type: "button", "aria-label": action.icon, click: () => action.onClick() }) : null,
  );
  const history = conversation ? node("button", { type: "button", click: onHistory }, "History") : null;
  return node("div", { class: "header" }, actions[0], title, history, actions[1]);
}

/** The threads, with what can be done to each. @param {ViewState} state */
function history({ conversation, onThread }) {
  if (!conversation?.history) {
    return null;
  }
  const entries = conversation.history.map(({ id, title = "New thread" }) => {
    const input = /** @type {HTMLInputElement} */ (node("input", { "aria-label": `New title of ${title}` }));
    const buttons = [
      node("button", { type: "button", click: () => onThread(id) }, title),
      input,
      node("button", { type: "button", click: () => conversation.rename(id, input.value) }, `Rename ${title}`),
      node("button", { type: "button", click: () => conversation.remove(id) }, `Delete ${title}`),
    ];
    return node("li", {}, ...buttons);
  });
  return node("ul", { class: "history", "aria-label": "History" }, ...entries);
}

/** What belongs to the answer that comes, or came last. @param {ViewState} state */
function turn({ conversation }) {
  if (!conversation) {
    return [];
  }
  const { progress, notices, error, items } = conversation;
  const canRetry = error?.allowRetry && [...items.values()].some(({ type }) => type === "user_message");
  const retry = canRetry ? node("button", { type: "button", click: () => conversation.retry() }, "Retry") : null;
  return [
    progress === null ? null : node("p", { role: "status", class: "progress" }, progress),
    ...notices.map((text) => node("p", { role: "status", class: "notice" }, text)),
    error ? node("p", { role: "alert" }, error.message, retry) : null,
  ];
}

/** @param {Source} source */
function source({ title, url }) {
  return node("li", {}, url ? node("a", { href: url, target: "_blank", rel: "noreferrer" }, title) : title);
}

/** @param {ViewState} state */
function messages({ options, messages, phase, onSend, conversation }) {
  const log = node("div", { role: "log", class: "messages", "aria-label": "Messages" });
  if (messages.length > 0) {
    const act = (/** @type {any} */ item, /** @type {any} */ action) =>
      conversation?.act(item, action) ?? Promise.resolve();
    for (const { from, text, item, sources = [] } of messages) {
      log.append(item ? drawWidget(item, act) : node("p", { "data-from": from }, text));
      if (sources.length > 0) {
        log.append(node("details", {}, node("summary", {}, "Sources"), node("ul", {}, ...sources.map(source))));
      }
    }
    return log;
  }
  const prompts = (options.startScreen?.prompts ?? []).map(({ label, prompt }) => {
    const text = typeof prompt === "string" ? prompt : prompt.map((part) => part.text).join(" ");
    const disabled = phase !== "ready";
    return node("li", {}, node("button", { type: "button", disabled, click: () => onSend(text) }, label));
  });
  log.append(node("p", { class: "greeting" }, options.startScreen?.greeting ?? DEFAULTS.greeting));
  if (prompts.length > 0) {
    log.append(node("ul", { class: "prompts" }, ...prompts));
  }
  return log;
}

/** @param {HTMLTextAreaElement} composer @param {ViewState} state */
function composerForm(composer, { phase, onSend, conversation }) {
  const status = conversation?.thread?.status;
  const isAnswering = Boolean(conversation?.answer);
  if (status?.type === "closed") {
    return node("p", { class: "closed" }, status.reason ?? "This thread is closed.");
  }
  const button =
    isAnswering && conversation?.canStop
      ? node("button", { type: "button", click: () => conversation?.stop() }, "Stop")
      : node("button", { disabled: phase !== "ready" || isAnswering }, "Send");
  const form = node("form", {}, composer, button);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const text = composer.value.trim();
    composer.value = "";
    if (text !== "") {
      onSend(text);
    }
  });
  return form;
}
