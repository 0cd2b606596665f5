// What the double leaves on `window` for tests. `harness/browser.mjs` and the tests read it.

import type { ChatKitOptions } from "@openai/chatkit";

export interface ChatKitCall {
  method: string;
  args: unknown[];
}

export interface ChatKitInstance {
  /** The `<openai-chatkit>` element. */
  element: HTMLElement;
  /** The options in force: those of the last `setOptions`. */
  options: ChatKitOptions;
  /** Every client secret it was given, oldest first. */
  secrets: string[];
  /** Every call in either direction: its methods, and the callbacks that it called. */
  calls: ChatKitCall[];
  /** The options as JSON; a function becomes `{ $function: name }`. */
  snapshot(): unknown;
}

export interface ChatKitHooks {
  /** How often the script ran in this page. */
  loads: number;
  instances: ChatKitInstance[];
  /** Threads that are not there, for this visitor: loading one fails. May be set before the script runs. */
  missingThreads: string[];
  /** Ends the current secret, as ten minutes would. Resolves to the next secret, or null after a failure. */
  expire(instance: ChatKitInstance): Promise<string | null>;
}

declare global {
  interface Window {
    __chatkit: ChatKitHooks;
  }
}
