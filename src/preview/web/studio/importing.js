/** Paste from the playground: code from chatkit.studio becomes settings. */

import { make } from "../shared/dom.js";
import { problemsOf } from "./api.js";
import { openDialog } from "./dialog.js";
import { announce, prose } from "./page.js";
import { textButton } from "./icons.js";
import { newWidgetForm } from "./widgets.js";

/** @import { Api } from "./api.js" */
/** @import { Edit, ImportReply } from "./types.js" */
/** @import { Model } from "./model.js" */
/** @import { Widgets } from "./widgets.js" */

/** @typedef {{ api: Api, model: Model, widgets: Widgets, current: string | null, go: (widget: string) => void }} Work */

/** @param {Work} work */
export function paste({ api, model, widgets, current, go }) {
  const dialog = openDialog({
    title: "Paste from the playground",
    about:
      "Copy the code at chatkit.studio, any code with ChatKit’s options, or a workflow of Agent Builder (Code, Agents " +
      "SDK, TypeScript), and paste it here. It is read, but never run.",
    kind: "wide",
  });
  const { code, error, target, fresh } = pasteForm(dialog.body, widgets, current);
  const read = textButton("paste", "Read", () => void readCode(), { class: "button primary" });
  dialog.actions.append(textButton("close", "Cancel", dialog.close, { class: "button quiet" }), read);
  fresh.element.addEventListener("submit", (event) => {
    event.preventDefault();
    void readCode();
  });
  code.focus();

  async function readCode() {
    error.replaceChildren();
    const made = target.value === "" ? fresh.read() : { name: target.value, backend: null };
    if (!made) {
      return;
    }
    read.disabled = true;
    try {
      const reply = await api.import({
        text: code.value,
        widget: made.name,
        ...(made.backend && { backend: made.backend }),
      });
      /** @type {Edit[]} */
      const edits = made.backend
        ? [{ path: ["widgets", made.name], value: { backend: made.backend } }, ...reply.edits]
        : reply.edits;
      review({ dialog, model, go }, made.name, edits, reply.notes);
    } catch (failure) {
      const problems = problemsOf(failure);
      const texts = problems
        ? problems.map(({ rendered, message }) => rendered || message)
        : [failure instanceof Error ? failure.message : String(failure)];
      error.replaceChildren(...texts.map((text) => make("pre", { class: "mono" }, text)));
      code.focus();
    } finally {
      read.disabled = false;
    }
  }
}

/**
 * The code, and the widget that it is for.
 *
 * @param {HTMLElement} place
 * @param {Widgets} widgets
 * @param {string | null} current
 */
function pasteForm(place, widgets, current) {
  const code = make("textarea", {
    id: "paste-code",
    class: "mono",
    rows: 10,
    spellcheck: "false",
    "aria-describedby": "paste-error",
    placeholder: 'const options: ChatKitOptions = {\n  theme: { colorScheme: "light", radius: "pill" },\n};',
  });
  const error = make("div", { class: "error", role: "status", id: "paste-error" });
  const target = make(
    "select",
    { id: "paste-target" },
    // Not all others, of which there may be thousands: whoever means another one opens it first.
    current !== null && make("option", { value: current }, current),
    make("option", { value: "" }, "A new widget"),
  );
  const fresh = newWidgetForm(widgets);
  const freshBox = make("div", { class: "fresh" }, fresh.element);
  const showFresh = () => (freshBox.hidden = target.value !== "");
  target.addEventListener("change", showFresh);
  showFresh();
  const label = make("label", { class: "label", for: "paste-code" }, "Code, or drop a file here");
  const zone = make("div", { class: "drop" }, label, code);
  takeFiles(zone, code);
  const into = make(
    "div",
    { class: "field" },
    make("label", { class: "label", for: "paste-target" }, "Into"),
    make("span", { class: "select" }, target),
  );
  place.append(zone, error, into, freshBox);
  return { code, error, target, fresh };
}

/**
 * Shows what was read, and uses it if the visitor agrees.
 *
 * @param {Pick<Work, "model" | "go"> & { dialog: ReturnType<typeof openDialog> }} work
 * @param {string} widget
 * @param {Edit[]} edits
 * @param {ImportReply["notes"]} notes
 */
function review({ dialog, model, go }, widget, edits, notes) {
  const said = notes.map(({ line, message }) =>
    make("li", {}, make("span", { class: "mono" }, `line ${line}`), make("span", {}, ...prose(message))),
  );
  dialog.body.replaceChildren(
    make(
      "p",
      {},
      edits.length === 0
        ? "Nothing in there is new for this widget."
        : `${edits.length} ${edits.length === 1 ? "setting" : "settings"} for ${widget}:`,
    ),
    make(
      "ul",
      { class: "paste-edits mono" },
      ...edits.map(({ path }) => make("li", {}, path.slice(2).join(".") || path.join("."))),
    ),
    ...(said.length > 0 ? [make("h3", {}, "Left out, or changed"), make("ul", { class: "notes" }, ...said)] : []),
  );
  const use = textButton(
    "check",
    "Use them",
    () => {
      dialog.close();
      model.change(edits);
      if (edits.length > 0) {
        go(widget);
      }
      announce(`${edits.length} settings pasted. Undo takes them back.`);
    },
    { class: "button primary", disabled: edits.length === 0 },
  );
  dialog.actions.replaceChildren(textButton("close", "Cancel", dialog.close, { class: "button quiet" }), use);
  use.focus();
}

/** Lets files be dropped. @param {HTMLElement} zone @param {HTMLTextAreaElement} code */
function takeFiles(zone, code) {
  zone.addEventListener("dragover", (event) => {
    event.preventDefault();
    zone.classList.add("over");
  });
  zone.addEventListener("dragleave", () => zone.classList.remove("over"));
  zone.addEventListener("drop", async (event) => {
    zone.classList.remove("over");
    const file = event.dataTransfer?.files[0];
    if (!file) {
      return;
    }
    event.preventDefault();
    code.value = await file.text();
    announce(`${file.name} read`);
  });
}
