/**
 * Keeps the page where it is while something modal lies over it: a swipe that begins there must not scroll the page.
 */

const style = new CSSStyleSheet();

/** @param {Element} element */
const scrolls = (element) => getComputedStyle(element).overflow !== "visible";

/** @param {boolean} isStill */
export function still(isStill) {
  const others = document.adoptedStyleSheets.filter((each) => each !== style);
  document.adoptedStyleSheets = others;
  if (isStill) {
    const { documentElement: root, body } = document;
    // What the body says counts for the window, unless the root says something itself. To say more than that would cut
    // off a body that is as high as the window.
    const selectors = [...(scrolls(root) ? ["html"] : []), ...(scrolls(root) && !scrolls(body) ? [] : ["body"])];
    const gutter = innerWidth > root.clientWidth ? "html{scrollbar-gutter:stable!important}" : "";
    style.replaceSync(`${selectors}{overflow:hidden!important}${gutter}`);
    document.adoptedStyleSheets = [...others, style];
  }
}
