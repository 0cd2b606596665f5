/** What loader and hosted page say to each other, over `postMessage`, with exact origins. */

/** Value of `source` in every message. */
export const MESSAGE = "chatkit-embed";

/** Name of the frames that a loader makes. It tells the hosted page to wait for the first message. */
export const FRAME = "chatkit-embed-frame";

/**
 * An answer of type `threads` without a value says that the host page can keep no conversations.
 *
 * @typedef {object} Begin What the page begins with.
 * @property {"begin"} type
 * @property {boolean} open Whether somebody looks at it.
 * @property {boolean} closable Whether it is in a panel.
 * @property {import("../../loader/types.js").Stored} stored What is kept in the host page's storage.
 * @property {import("./types.js").Look} look
 *
 * @typedef {Begin
 *   | { type: "open", focus: boolean }
 *   | { type: "look", look: import("./types.js").Look }
 *   | { type: "locked", stored: import("../../loader/types.js").Stored }
 *   | { type: "threads", id: number, value?: unknown }
 *   | { type: "call", id: number, method: string, argument?: unknown }} ToPage
 *
 * @typedef {{ type: "begun" }
 *   | { type: "store", change: Partial<import("../../loader/types.js").Stored> }
 *   | { type: "threads", id: number, operation: import("./types.js").ThreadsOperation }
 *   | { type: "event", name: string, detail: Record<string, unknown> }
 *   | { type: "result", id: number, error?: string }
 *   | { type: "lock" | "unlock" | "close" }} ToHost
 */
