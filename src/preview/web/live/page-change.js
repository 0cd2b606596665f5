/** What differs between two versions of a hosted page. Works on documents, and touches none of them. */

/**
 * @typedef {object} Page
 * @property {Record<string, any>} settings What the page's script is told.
 * @property {Record<string, string>} attributes Of the root element.
 * @property {string} title
 * @property {string} heading
 * @property {Record<string, string>} head What browsers and robots read, by its selector.
 * @property {string[]} styles Addresses of style sheets.
 * @property {string} rest Everything else.
 *
 * @typedef {object} Change
 * @property {boolean} reload Something changed that can not be brought into a page that is open.
 * @property {Record<string, any> | null} options ChatKit's options, if they are others now.
 * @property {Partial<Pick<Page, "attributes" | "title" | "heading" | "head" | "styles">>} looks
 */

/**
 * Elements of the head, by their selectors, and the attribute that counts. A foreign icon needs another policy as well.
 *
 * @type {Record<string, string>}
 */
const HEAD = {
  'link[rel="icon"][href^="/"]': "href",
  'meta[name="description"]': "content",
  'meta[name="robots"]': "content",
};

/**
 * Sets what is in the head of a page.
 *
 * @param {Document} document
 * @param {Record<string, string>} head
 */
export function setHead(document, head) {
  for (const [selector, value] of Object.entries(head)) {
    document.querySelector(selector)?.setAttribute(HEAD[selector], value);
  }
}

/**
 * @param {Document} document as it was sent
 * @returns {Page}
 */
export function read(document) {
  const copy = /** @type {Document} */ (document.cloneNode(true));
  const settings = copy.querySelector("#preview-settings");
  const heading = copy.querySelector("h1");
  const styles = [...copy.querySelectorAll('link[rel="stylesheet"]')];
  const told = JSON.parse(settings?.textContent || "{}");
  // What is meant for panels, no page reads.
  delete told.panel;
  const page = {
    settings: told,
    attributes: Object.fromEntries([...copy.documentElement.attributes].map(({ name, value }) => [name, value])),
    title: copy.title,
    heading: heading?.textContent ?? "",
    head: Object.fromEntries(
      Object.entries(HEAD).flatMap(([selector, attribute]) => {
        const value = copy.querySelector(selector)?.getAttribute(attribute);
        return value ? [[selector, value]] : [];
      }),
    ),
    styles: styles.map((link) => link.getAttribute("href") ?? ""),
    rest: "",
  };
  [settings, heading, copy.querySelector("title")].forEach((element) => element?.replaceChildren());
  styles.forEach((link) => link.removeAttribute("href"));
  copy.querySelector("#settings")?.removeAttribute("src");
  Object.entries(HEAD).forEach(([selector, attribute]) => copy.querySelector(selector)?.setAttribute(attribute, "/"));
  page.rest = `${copy.head.innerHTML}${copy.body.outerHTML}`;
  return page;
}

/**
 * @param {Page} before
 * @param {Page} after
 * @returns {Change}
 */
export function compare(before, after) {
  const { options: old, ...rest } = before.settings;
  const { options, ...others } = after.settings;
  /** @type {Change["looks"]} */
  const looks = {};
  for (const name of /** @type {const} */ (["attributes", "title", "heading", "head", "styles"])) {
    if (!same(before[name], after[name])) {
      Object.assign(looks, { [name]: after[name] });
    }
  }
  return {
    reload: before.rest !== after.rest || !same(rest, others) || before.styles.length !== after.styles.length,
    options: same(old, options) ? null : options,
    looks,
  };
}

/** @param {unknown} one @param {unknown} other */
const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);
