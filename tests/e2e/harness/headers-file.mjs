/**
 * Netlify's `_headers` file: its rules, and what they add to the reply for one path. Netlify drops a line that it
 * does not understand, so a mistake deploys without a word; here every such line is an error.
 */

/**
 * @typedef {object} HeaderRule
 * @property {string} pattern the path as written
 * @property {RegExp} regExp
 * @property {[name: string, value: string][]} headers
 */

/** @param {string} text @returns {HeaderRule[]} */
export function parseHeadersFile(text) {
  /** @type {HeaderRule[]} */
  const rules = [];
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) {
      continue;
    }
    /** @param {string} problem */
    const fail = (problem) => new SyntaxError(`_headers:${index + 1}: ${problem}: ${raw}`);
    if (line.startsWith("/")) {
      rules.push({ pattern: line, regExp: patternToRegExp(line), headers: [] });
      continue;
    }
    const match = /^([!#$%&'*+.^_`|~\w-]+)\s*:\s*(\S.*)$/.exec(line);
    if (!match) {
      throw fail("neither a path nor `Name: value`");
    }
    const rule = rules.at(-1);
    if (!rule) {
      throw fail("a header before the first path");
    }
    rule.headers.push([match[1], match[2]]);
  }
  const empty = rules.find((rule) => rule.headers.length === 0);
  if (empty) {
    throw new SyntaxError(`_headers: no header for ${empty.pattern}`);
  }
  return rules;
}

/** `:name` at the start of a segment is one segment, `*` is anything; case and a slash at the end do not matter.
 * Netlify makes the slash before a segment of `*` optional, and so does this: `/w/docs/*` is for `/w/docs`, but for
 * `/w/docs-eu/` and `/w/docs.js` as well, and what both rules say is then joined.
 * @param {string} pattern */
function patternToRegExp(pattern) {
  const segments = pattern.split("/").filter(Boolean);
  const source = segments.map((segment) => {
    if (segment.startsWith(":")) {
      return "/[^/]+";
    }
    return segment === "*" ? "/?.*" : `/${segment.split("*").map(escapeRegExp).join(".*")}`;
  });
  return new RegExp(`^${source.join("")}/?$`, "i");
}

/** @param {string} text */
function escapeRegExp(text) {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/** What all rules for a path say together. A header that several rules set is one header with all values.
 * @param {HeaderRule[]} rules @param {string} path as the browser asked for it
 * @returns {Record<string, string>} by lower-case name */
export function headersFor(rules, path) {
  /** @type {Record<string, string>} */
  const merged = {};
  for (const [name, value] of rules.filter((rule) => rule.regExp.test(path)).flatMap((rule) => rule.headers)) {
    const key = name.toLowerCase();
    merged[key] = key in merged ? `${merged[key]}, ${value}` : value;
  }
  return merged;
}
