/** A logo: its file or address, and a place to drop a file, which the preview checks and puts next to site.yaml. */

import { make } from "../shared/dom.js";
import { textControl } from "./controls.js";
import { textButton } from "./icons.js";

/** @import { Control, Field, Surroundings } from "./types.js" */

/** Largest file that the preview takes, in bytes. */
const LARGEST = 5 * 1024 * 1024;

/** @param {Field} field @param {Surroundings} around @returns {Control} */
export function logoControl(field, around) {
  return around.upload ? withFile(field, around.upload, around.announce) : textControl(field);
}

/** @param {Field} field @param {(file: File) => Promise<string>} upload @param {(text: string) => void} announce @returns {Control} */
function withFile(field, upload, announce) {
  const text = textControl(field);
  const said = make("p", { class: "error", role: "status" });
  const file = make("input", {
    type: "file",
    accept: ".svg,.png,.webp,.jpg,.jpeg",
    class: "sr",
    tabindex: -1,
    "aria-hidden": "true",
    onchange: () => file.files?.[0] && void take(file.files[0]),
  });
  const choose = textButton("add", "Choose a file", () => file.click(), { class: "button quiet" });
  const zone = make(
    "div",
    { class: "drop logo" },
    text.element,
    make("div", { class: "logo-ways" }, choose, make("span", { class: "drop-hint" }, "or drop one here")),
    file,
    said,
  );

  /** @param {File} chosen */
  async function take(chosen) {
    said.textContent = "";
    file.value = "";
    if (chosen.size > LARGEST) {
      said.textContent = `${chosen.name} has ${(chosen.size / 1e6).toFixed(1)} MB, and at most 5 MB are allowed.`;
      return;
    }
    choose.disabled = true;
    try {
      field.set(await upload(chosen));
      announce(`${chosen.name} is the logo now`);
    } catch (error) {
      said.textContent = `${chosen.name}: ${/** @type {Error} */ (error).message}.`;
    }
    choose.disabled = false;
  }

  zone.addEventListener("dragover", (event) => {
    event.preventDefault();
    zone.classList.add("over");
  });
  zone.addEventListener("dragleave", () => zone.classList.remove("over"));
  zone.addEventListener("drop", (event) => {
    zone.classList.remove("over");
    const [dropped] = event.dataTransfer?.files ?? [];
    if (dropped) {
      event.preventDefault();
      void take(dropped);
    }
  });
  return { element: zone, update: text.update };
}
