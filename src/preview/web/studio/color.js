/** Colours and their contrast, as the generator works them out: src/site/color.rs. */

/** `#rrggbb` of any CSS colour that the browser can name so. @param {string} color */
export function toHex(color) {
  if (/^#[0-9a-f]{6}$/i.test(color)) {
    return color.toLowerCase();
  }
  const context = document.createElement("canvas").getContext("2d");
  if (!context || !CSS.supports("color", color)) {
    return null;
  }
  context.fillStyle = color;
  return /^#[0-9a-f]{6}$/.test(String(context.fillStyle)) ? String(context.fillStyle) : null;
}

/** Contrast by WCAG 2.2, 1 to 21. @param {string} one `#rrggbb` @param {string} two */
export function contrast(one, two) {
  const [low, high] = [luminance(one), luminance(two)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

/** Black or white, whichever is easier to read. @param {string} ground `#rrggbb` */
export const readableOn = (ground) => (luminance(ground) > 0.179 ? "#000000" : "#ffffff");

/** @param {string} hex */
function luminance(hex) {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const part = parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** “7.2 : 1”, never better than it is. @param {number} ratio */
export const ratioText = (ratio) => `${(Math.floor(ratio * 10) / 10).toFixed(1)} : 1`;
