/** Differences of two texts, line by line. */

/** @typedef {{ tag: ' ' | '+' | '-' | '@', text: string }} DiffLine */

/** Changed lines with some around them. @param {string} before @param {string} after @param {number} [context] @returns {DiffLine[]} */
export function lineDiff(before, after, context = 3) {
  const [a, b] = [before, after].map((text) => text.split("\n"));
  // Length of the longest common subsequence of the rests.
  const common = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      common[i][j] = a[i] === b[j] ? common[i + 1][j + 1] + 1 : Math.max(common[i + 1][j], common[i][j + 1]);
    }
  }
  /** @type {DiffLine[]} */
  const all = [];
  for (let i = 0, j = 0; i < a.length || j < b.length;) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      (all.push({ tag: " ", text: a[i++] }), (j += 1));
    } else if (i < a.length && (j === b.length || common[i + 1][j] >= common[i][j + 1])) {
      all.push({ tag: "-", text: a[i++] });
    } else {
      all.push({ tag: "+", text: b[j++] });
    }
  }
  const near = all.map((_, index) =>
    all.slice(Math.max(0, index - context), index + context + 1).some(({ tag }) => tag !== " "),
  );
  return all.flatMap((line, index) =>
    !near[index]
      ? []
      : near[index - 1] || index === 0
        ? [line]
        : [{ tag: /** @type {const} */ ("@"), text: `line ${index + 1}` }, line],
  );
}
