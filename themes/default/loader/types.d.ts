/** Types of the loader and the panel. */

import type { PageSettings, Session } from "../static/js/types.js";
import type { Widget as Bare } from "./widget.js";

/** A widget as the panel's script sees it: with all of its settings. */
export type Widget = Bare & { rest: PageSettings };

/** An element: `["svg", {"viewBox": "0 0 24 24"}, ["path", {"d": "…"}]]`. */
export type Drawing = [string, Record<string, string>, ...(Drawing | string)[]];

/** What the build tells one loader. All of it is public. */
export interface Settings {
  name: string;
  /** Address of the hosted page. */
  page: string;
  /** Address of the script with the panel, fetched with the first sign of intent. All widgets share it. */
  panel: string;
  /** Version of the page's `settings.js`, which the panel fetches. */
  rest: string;
  version: string;
  /** What the launcher does. */
  label: string;
  /** A drawing, an emoji, or an image. */
  icon: Drawing;
  scheme: Scheme;
  /** A corner, such as `bottom-right`; left and right change places in right-to-left pages. */
  position: string;
  /** What a visitor reads when the panel cannot be fetched. */
  failed: string;
  /** Milliseconds until the teaser shows, if there is one. */
  teaser?: number;
  /** Opens with the page. */
  open?: boolean;
  rules?: Rules;
  /** Address of `tone.js`, if the widget is as light or dark as the page. */
  tone?: string;
}

export type Scheme = "light" | "dark" | "auto";

/** Where the launcher shows. */
export interface Rules {
  show?: string[];
  hide?: string[];
  /** Widths of windows in CSS pixels, each from one to less than another. */
  widths?: [number, number][];
}

/** What is kept for one widget in this browser. */
export interface Stored {
  session?: Session | null;
  visitor?: string | null;
  thread?: string | null;
  /** The teaser was closed, or led to the chat. */
  dismissed?: boolean;
  /** The panel was made larger. */
  large?: boolean;
  /** The panel is open; kept for the tab alone. */
  open?: boolean;
}

export interface Store<Value> {
  read(): Value;
  write(change: Partial<Value>): void;
  clear(): void;
}

/** What the script tag, or `update`, says about this page alone. */
export interface Options {
  /** `popup`, `direct`, or the bubble. */
  mode?: string;
  /** `none` shows no launcher. */
  launcher?: string;
  open?: string;
  position?: string;
  /** CSS pixels. */
  offsetX?: string;
  /** CSS pixels. */
  offsetY?: string;
  /** CSS pixels, in a narrow window. */
  phoneOffsetX?: string;
  /** CSS pixels, in a narrow window. */
  phoneOffsetY?: string;
  theme?: string;
  locale?: string;
  zIndex?: string;
  hideOn?: string;
  load?: string;
  /** `send` sends the prompts of triggers, which otherwise the visitor does. */
  prompts?: string;
}

/** What comes with the first sign of intent. */
export interface Panel {
  /** Lets the chat load, unseen. */
  prewarm(): void;
  open(source?: string, quietly?: boolean): void;
  close(): void;
  toggle(source?: string): void;
  sendMessage(text: string): Promise<unknown>;
  setInput(text: string): Promise<unknown>;
  newThread(): Promise<unknown>;
  identify(identity: string): void;
  reset(): Promise<unknown>;
  /** Options or rules may have changed. */
  settle(): void;
  /** Loads the chat, unseen, and those in the page that were held back. */
  load(): void;
  /** Fills a `<chatkit-widget>`. */
  mount(element: HTMLElement): void;
  /** Shows the teaser. */
  invite(): void;
  destroy(): void;
}

/** Where a chat is put, and what it may do there. */
export interface Place {
  widget: Widget;
  store: Store<Stored>;
  body: HTMLElement;
  isOpen(): boolean;
  /** Closes the panel, where the chat is in one. */
  close?: (() => void) | undefined;
  /** A response ended. */
  answered(): void;
  /** Says in words that there is no chat. */
  fail(problem: unknown, words?: string): void;
  /** There is something better to look at than the outline. */
  filled(): void;
}

/** A chat in its place: the hosted page in a frame, or ChatKit itself. */
export interface Chat {
  opened(focus: boolean): void;
  closed?(): void;
  settle(): void;
  call(method: string, argument?: unknown): Promise<unknown>;
  remove(): void;
}

declare global {
  /** Settings of the widget, which the build puts around the loader. */
  const SETTINGS: Settings;
  /** Style of the launcher, which the build puts around the loader. */
  const LAUNCHER_CSS: string;
  /** Style of the panel, which the build puts before the panel's script. */
  const PANEL_CSS: string;
  /** Address of the script for direct mode, likewise. */
  const DIRECT: string;
  /** Address of the script that finds out why there is no chat, likewise. */
  const CAUSE: string;
  /** Address of the script that keeps conversations with an agent, likewise. */
  const THREADS: string;
}
