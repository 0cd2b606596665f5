/** The gallery of themes: each is a card with a picture of the widget, drawn from the theme's own values. */

import { make } from "../shared/dom.js";
import { shownOf } from "./controls.js";
import { toCss, valuesOf } from "./look.js";

/** @import { Control, Field, Look, Surroundings, Theme } from "./types.js" */

/** The themes that there are. @param {Field} field @param {Surroundings} around @returns {Control} */
export function themeControl(field, { themes, look }) {
  const cards = themes.map((theme) => {
    const input = make("input", {
      type: "radio",
      name: field.id,
      value: theme.name,
      "aria-describedby": `${field.id}-${theme.name}`,
      "data-field": true,
      onchange: () => field.set(theme.name),
    });
    const picture = pictureOf();
    const card = make(
      "label",
      { class: "theme-card" },
      input,
      picture.element,
      make("span", { class: "theme-name" }, theme.name),
    );
    const about = make("span", { class: "theme-about", id: `${field.id}-${theme.name}` }, theme.description);
    return { theme, input, picture, element: make("div", { class: "theme-choice" }, card, about) };
  });
  // A theme that is not among them is shown, and the generator says what is wrong with it.
  const unknown = make("p", { class: "theme-unknown" });
  return {
    group: true,
    element: make("div", { class: "themes" }, ...cards.map(({ element }) => element), unknown),
    update() {
      const shown = shownOf(field) ?? "default";
      const now = look(field.path);
      for (const { theme, input, picture } of cards) {
        input.checked = theme.name === shown;
        input.classList.toggle("unset", field.own() === undefined);
        picture.draw(theme, now);
      }
      const isUnknown = !cards.some(({ theme }) => theme.name === shown);
      unknown.textContent = isUnknown ? `Now: ${shown}` : "";
    },
  };
}

/** A small page with a panel and a launcher. */
function pictureOf() {
  const name = make("span", { class: "picture-name" });
  const bar = make("span", { class: "picture-bar" }, make("i", { class: "picture-mark" }), name);
  const element = make(
    "span",
    { class: "theme-picture", "aria-hidden": "true" },
    make(
      "span",
      { class: "picture-panel" },
      bar,
      make("i", { class: "picture-answer" }),
      make("i", { class: "picture-question" }),
      make("i", { class: "picture-composer" }),
    ),
    make("i", { class: "picture-launcher" }),
  );
  return {
    element,
    /** @param {Theme} theme @param {Look} look */
    draw(theme, look) {
      // Values that are set belong to the theme that is chosen.
      const isChosen = look.theme?.name === theme.name;
      const values = valuesOf(theme, look.brand, isChosen ? look.variables : {});
      const header = look.panel.header ?? /** @type {any} */ (theme.defaults)?.panel?.header;
      const isTinted = header === "tinted" || (header === undefined && look.brand.color !== undefined);
      const size = Number(/** @type {any} */ (theme.defaults)?.launcher?.size ?? 56);
      const drawn = {
        ground: values.ground,
        surface: values.surface,
        ink: values.ink,
        shape: values.shape,
        line: values.edge ?? values.line,
        accent: values.accent,
        "on-accent": values["on-accent"],
        bar: isTinted ? values.accent : (values.bar ?? values.surface),
        "on-bar": isTinted ? values["on-accent"] : (values["on-bar"] ?? values.ink),
        corner: values.corner,
        font: values.heading ?? values.font,
        edge: values.edge ? "2px" : "1px",
        size: `${size / 2.6}px`,
      };
      for (const [key, value] of Object.entries(drawn)) {
        element.style.setProperty(`--of-${key}`, toCss(value));
      }
      name.textContent = typeof look.brand.name === "string" && look.brand.name ? look.brand.name : "Chat";
    },
  };
}
