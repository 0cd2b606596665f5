/** Light or dark as the page behind the launcher. Only loaders of brands that ask for it have this. */

/** Paint with more transparency than this shows what lies behind it. */
const OPAQUE = 0.5;

let isWatching = false;

/**
 * The scheme of the page at the launcher, or `undefined` until the launcher is in the page.
 *
 * @param {HTMLElement} host
 * @param {string} position as in the settings
 * @param {() => void} settle Asks again.
 * @returns {"light" | "dark" | undefined}
 */
SETTINGS.tone = (host, position, settle) => {
  if (!host.isConnected) {
    requestAnimationFrame(settle);
    return undefined;
  }
  if (!isWatching) {
    isWatching = true;
    const { documentElement, body } = document;
    // The switches of dark modes.
    const observer = new MutationObserver(settle);
    [documentElement, body].forEach((node) => observer.observe(node, { attributes: true }));
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", settle);
  }
  const x = /left$/.test(position) ? 40 : innerWidth - 40;
  const y = /^top/.test(position) ? 40 : innerHeight - 40;
  /** @type {Element | null | undefined} */
  let behind = document.elementsFromPoint(x, y).find((element) => element !== host);
  while (behind) {
    const light = lightness(getComputedStyle(behind).backgroundColor);
    if (light !== undefined) {
      return light < OPAQUE ? "dark" : "light";
    }
    behind = behind.parentElement;
  }
  return getComputedStyle(document.documentElement).colorScheme === "dark" ? "dark" : "light";
};

/**
 * How light a computed colour looks, 0 to 1, or `undefined` if it is transparent.
 *
 * @param {string} color `rgb(0, 0, 0)`, `color(srgb 0 0 0)`, `oklch(0 0 0)`, `lab(0 0 0)`, each with or without an alpha.
 */
function lightness(color) {
  const [one = 0, two = 0, three = 0, alpha = 1] = (color.match(/[\d.]+(e-\d+)?/g) ?? []).map(Number);
  if (alpha < OPAQUE) {
    return undefined;
  }
  if (/^(rgb|color)/.test(color)) {
    return (0.3 * one + 0.59 * two + 0.11 * three) / (color[0] === "r" ? 255 : 1);
  }
  return one / (color.startsWith("ok") ? 1 : 100);
}
