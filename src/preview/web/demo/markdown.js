/**
 * The little Markdown that a disclaimer holds: links, strong and emphasised text, code. Nothing here touches the page.
 */

/** @typedef {{ kind: "text" | "strong" | "em" | "code", text: string } | { kind: "link", text: string, href: string }} Piece */

const PIECE = /\[([^\]]+)\]\(([^)\s]+)\)|\*\*([^*]+)\*\*|__([^_]+)__|\*([^*]+)\*|_([^_]+)_|`([^`]+)`/g;

/** What a link may lead to. Everything else stays text. */
const SAFE = /^(https?:|mailto:|tel:)/i;

/**
 * @param {string} source
 * @returns {Piece[]}
 */
export function pieces(source) {
  /** @type {Piece[]} */
  const found = [];
  let end = 0;
  for (const match of source.matchAll(PIECE)) {
    const [all, label, href, strong, strong2, em, em2, code] = match;
    if (match.index > end) {
      found.push({ kind: "text", text: source.slice(end, match.index) });
    }
    end = match.index + all.length;
    if (label) {
      found.push(SAFE.test(href) ? { kind: "link", text: label, href } : { kind: "text", text: label });
    } else if (strong ?? strong2) {
      found.push({ kind: "strong", text: strong ?? strong2 });
    } else if (em ?? em2) {
      found.push({ kind: "em", text: em ?? em2 });
    } else {
      found.push({ kind: "code", text: code });
    }
  }
  return end < source.length ? [...found, { kind: "text", text: source.slice(end) }] : found;
}
