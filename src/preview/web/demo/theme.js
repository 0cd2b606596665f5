/** From ChatKit's `theme` to the custom properties of our style. Nothing here touches the page. */

/** @import { ThemeOption } from "@openai/chatkit" */

/** Corners in pixels: of bubbles, of the composer, of buttons. */
const RADIUS = /** @type {const} */ ({ pill: [22, 28, 999], round: [18, 20, 12], soft: [10, 12, 8], sharp: [2, 3, 2] });

const DENSITY = /** @type {const} */ ({ compact: 0.72, normal: 1, spacious: 1.3 });

const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';

const MONO = "ui-monospace, SFMono-Regular, Menlo, monospace";

/** Lightness of ground and ink, in each scheme. */
const GREYS = { light: { ground: 1, ink: 0.17 }, dark: { ground: 0.245, ink: 0.955 } };

/** What the widest tint adds to a grey's colour. */
const TINT = 0.035;

/** What one step of shade adds to a grey's lightness. */
const SHADE = 0.012;

/** @param {ThemeOption | "light" | "dark" | undefined} theme @returns {ThemeOption} */
export function written(theme) {
  return typeof theme === "string" ? { colorScheme: theme } : (theme ?? {});
}

/**
 * A declaration for each custom property.
 *
 * @param {ThemeOption} theme
 * @returns {Record<string, string>}
 */
export function properties({
  colorScheme = "light",
  radius = "pill",
  density = "normal",
  typography = {},
  color = {},
}) {
  const { ground, ink } = colours(colorScheme, color.grayscale);
  const [bubble, composer, button] = RADIUS[radius] ?? RADIUS.pill;
  return {
    "color-scheme": colorScheme === "dark" ? "dark" : "light",
    "--ground": color.surface?.background ?? ground,
    // What lies on the ground: composer and bubbles. ChatKit's types call it the text's colour; the values that OpenAI's own
    // samples give it (#1d222b on #0d1117, #f8fafc on #ffffff) could not be read as text.
    "--raised": color.surface?.foreground ?? "initial",
    "--ink": ink,
    "--accent": color.accent?.primary ?? ink,
    "--unit": `${(DENSITY[density] ?? 1) * 4}px`,
    "--bubble": `${bubble}px`,
    "--composer": `${composer}px`,
    "--button": `${button}px`,
    "--size": `${typography.baseSize ?? 16}px`,
    "--font": typography.fontFamily ?? FONT,
    "--mono": typography.fontFamilyMono ?? MONO,
  };
}

/** The greys of a scheme. Text keeps its grey whatever it stands on.
 * @param {"light" | "dark"} scheme @param {NonNullable<ThemeOption["color"]>["grayscale"]} grayscale */
function colours(scheme, grayscale) {
  const { hue = 0, tint = 0, shade = 0 } = grayscale ?? {};
  const chroma = (tint / 9) * TINT;
  const dark = scheme === "dark";
  const greys = GREYS[dark ? "dark" : "light"];
  // White has no colour: a tint needs a ground that is less than white.
  const lightness = Math.min(1, greys.ground + shade * SHADE - (dark ? 0 : tint * 0.004));
  return {
    ground: `oklch(${round(lightness)} ${round(dark ? chroma : chroma / 2)} ${hue})`,
    ink: `oklch(${greys.ink} ${round(chroma)} ${hue})`,
  };
}

/** @param {number} value */
const round = (value) => Number(value.toFixed(4));
