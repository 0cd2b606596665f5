/** Types of the hosted page and of direct mode. */

import type { Store, Stored } from "../../loader/types.js";
import type { Failure } from "./session.js";

/** What the build tells a hosted page, and the panels that show it: `settings.js`. All of it is public. */
export interface PageSettings extends Words {
  widget: string;
  /** Address of ChatKit's script. */
  chatkit: string;
  backend: HostedBackend | ServerBackend | AgentBackend;
  /** ChatKit's options without `api`; `colorScheme` may be `auto`, and the accent have a colour for each scheme. */
  options: Record<string, any>;
  fallback: { label: string; url: string } | null;
  /** Origins of host pages, `https://*.example.com` among them. */
  embedders: string[];
  panel: {
    title: string;
    /** Address of the logo, relative to the page. */
    logo?: string;
    /** The line below the title, if it is not the theme's text. */
    line?: string;
    /** Methods of ChatKit that the bar has buttons for. */
    buttons?: ("newThread" | "history")[];
    /** Whether the bar has the launcher's colour. */
    tinted?: boolean;
    teaser?: string;
    badge?: boolean;
    /** Its differences from the theme's style. */
    css?: string;
  };
}

/** What a visitor may have to read. */
export interface Words {
  /** BCP 47 tag. */
  language: string;
  /** By their names in the theme's `texts/en.yaml`. */
  texts: Record<string, string>;
}

export interface HostedBackend {
  type: "hosted";
  sessionUrl: string;
}

export interface ServerBackend {
  type: "server";
  url: string;
  domainKey: string;
  /** Whether the function signs who the visitor is for that server. */
  session: boolean;
  sessionUrl: string;
  uploadStrategy?: object;
}

/** The function itself answers. */
export interface AgentBackend {
  type: "agent";
  url: string;
  domainKey: string;
  sessionUrl: string;
  /** Address of `agent.js`, which other pages do not need, relative to the script that fetches it. */
  script: string;
}

/** A conversation with an agent, without what was said. */
export interface KnownThread {
  id: string;
  title: string;
  created_at: string;
}

/** What a page asks of `threads.js`. */
export type ThreadsOperation =
  | { do: "list"; owner: string }
  | { do: "read"; owner: string; thread: string }
  | {
      do: "write";
      owner: string;
      thread: string;
      created_at: string;
      title: string;
      /** The new head. */
      state: string;
      /** The heads that it replaces. */
      base: string[];
    }
  | { do: "rename"; owner: string; thread: string; title: string }
  | { do: "remove"; owner: string; thread: string }
  | { do: "clear" };

/** What a button in ChatKit's header does. */
export type HeaderAction = "close" | "new_thread" | "toggle_theme" | { href: string };

/** What may differ from page to page. */
export interface Look {
  theme?: string | undefined;
  locale?: string | undefined;
  /** Signed statement about the visitor. */
  identity?: string | undefined;
}

/** A client secret, and for whom it is. */
export interface Session {
  secret?: string;
  /** When it was asked for, by this browser's clock; as in `Date.now()`. */
  asked?: number;
  /** Seconds that it lives. */
  lifetime?: number;
  visitor?: string | null;
  /** Beginning of the signature of the identity that it was minted with, or the empty text. */
  proof?: string;
}

/** Does work that no other tab does at the same time. */
export type Exclusively = <Result>(work: () => Promise<Result>) => Promise<Result>;

/** Where ChatKit runs. */
export interface Stage {
  settings: PageSettings;
  /** Takes ChatKit's element. */
  container: HTMLElement;
  store: Store<Stored>;
  /** Where the tabs share the session. */
  kept: Store<Session>;
  /** Name of all that is kept in this browser. */
  key: string;
  /** Lets the page around this one keep conversations with an agent. `undefined` if it says that it keeps none. */
  relay?: (operation: ThreadsOperation) => Promise<unknown>;
  exclusively: Exclusively;
  look: Look;
  /** Something of `chat:<name>` happened. */
  on(name: string, detail?: Record<string, unknown>): void;
  ready(): void;
  /** Whether the chat is in something that can be closed. A page of its own is not. */
  canClose(): boolean;
  close(): void;
  /** The visitor chose light or dark. */
  dress(theme: "light" | "dark"): void;
  /** The chat begins in this many seconds, as the function is asked too often. */
  wait(seconds: number): void;
  /** The conversation can not go on just now. Without `retry`, it goes on by itself. */
  pause(words: string, retry?: () => void): void;
  /** It goes on. */
  resume(): void;
  fail(failure: Failure): void;
}
