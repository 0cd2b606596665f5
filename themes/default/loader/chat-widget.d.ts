/** Types of `ChatWidget`, which a loader makes. Copy this file, or refer to it from where the widget is served. */

/** What may differ from page to page. */
export interface ChatWidgetOptions {
  /** A corner; left and right change places in right-to-left pages. */
  position?: "bottom-right" | "bottom-left" | "top-right" | "top-left";
  /** CSS pixels from the side of the window, such as `"24"`. */
  offsetX?: string;
  /** CSS pixels from the top or the bottom of the window. */
  offsetY?: string;
  /** CSS pixels, in windows narrower than 640. */
  phoneOffsetX?: string;
  /** CSS pixels, in windows narrower than 640. */
  phoneOffsetY?: string;
  theme?: "light" | "dark" | "auto";
  /** Language of the chat, such as `"de"`. */
  locale?: string;
  /** Level in the stack of the page. */
  zIndex?: string;
  /** Globs of paths to hide the launcher on, with spaces or commas between them. */
  hideOn?: string;
  /** `"send"` sends the prompts of triggers, which otherwise are put into the composer. */
  prompts?: "send" | "fill";
}

export interface ChatWidgetState {
  widget: string;
  /** Whether the panel is open. */
  open: boolean;
  /** Whether the launcher shows. */
  shown: boolean;
  /** Responses that came while the panel was closed. */
  unread: number;
}

/** Details of `chat:<name>` on `window`. None of them holds anything about the visitor. */
export interface ChatWidgetEvents {
  /** Cancelable: `preventDefault()` keeps the panel closed. */
  "before-open": { widget: string; source: ChatWidgetSource };
  /**
   * Cancelable: `preventDefault()` lets nothing of the chat load but the script of the panel. Asked again with each sign
   * of intent, and by `load`. Listen before the loader runs.
   */
  "before-load": { widget: string };
  ready: { widget: string };
  opened: { widget: string; source: ChatWidgetSource };
  closed: { widget: string };
  shown: { widget: string };
  hidden: { widget: string };
  "teaser-shown": { widget: string };
  "response-start": { widget: string };
  "response-end": { widget: string };
  unread: { widget: string; count: number };
  "thread-changed": { widget: string };
  error: { widget: string; code: string };
  destroyed: { widget: string };
}

/** What opened the panel. `load` is the page itself, or the page before it that left the panel open. */
export type ChatWidgetSource = "launcher" | "trigger" | "teaser" | "hash" | "api" | "load";

/** The name of the widget stands last; without it, the first one of the page is meant. */
export interface ChatWidgetMethods {
  open(widget?: string): Promise<void>;
  close(widget?: string): Promise<void>;
  toggle(widget?: string): Promise<void>;
  /** Shows the launcher, whatever the rules say. */
  show(widget?: string): void;
  /** Hides the launcher. */
  hide(widget?: string): void;
  update(options: ChatWidgetOptions, widget?: string): void;
  /** Says who the visitor is: a JWT that your own server signed. */
  identify(token: string, widget?: string): void;
  /** Rejects while the chat answers. Like `setInput` and `newThread`, rejects where there is no chat. */
  sendMessage(text: string, widget?: string): Promise<void>;
  /** Puts text into the composer. */
  setInput(text: string, widget?: string): Promise<void>;
  newThread(widget?: string): Promise<void>;
  /** Loads the chat, unseen, and those in the page that `chat:before-load` held back. */
  load(widget?: string): Promise<void>;
  /** Forgets the visitor, the conversation and everything else that is kept in this browser. */
  reset(widget?: string): Promise<void>;
  /** Removes the widget from the page. */
  destroy(widget?: string): void;
  /** Returns what removes the listener. */
  on<Name extends keyof ChatWidgetEvents>(
    name: Name,
    listener: (event: CustomEvent<ChatWidgetEvents[Name]>) => void,
  ): () => void;
  off<Name extends keyof ChatWidgetEvents>(
    name: Name,
    listener: (event: CustomEvent<ChatWidgetEvents[Name]>) => void,
  ): void;
  get(widget?: string): ChatWidgetState;
  /** Resolves once the widget is in the page. */
  ready(widget?: string): Promise<ChatWidgetState>;
}

/** `ChatWidget("open", "support")` and `ChatWidget.open("support")` are the same. */
export type ChatWidget = ChatWidgetMethods & {
  readonly version: string;
  <Method extends keyof ChatWidgetMethods>(
    method: Method,
    ...args: Parameters<ChatWidgetMethods[Method]>
  ): ReturnType<ChatWidgetMethods[Method]>;
};

type Events = { [Name in keyof ChatWidgetEvents as `chat:${Name}`]: CustomEvent<ChatWidgetEvents[Name]> };

declare global {
  interface Window {
    ChatWidget: ChatWidget;
  }
  interface WindowEventMap extends Events {}
}
