/** Where the visitor types, and what can be chosen there. */

/** @import { View } from "./view.js" */

import { make, redraw } from "../shared/dom.js";
import { iconButton } from "./header.js";
import { icon } from "./icon.js";
import { pieces } from "./markdown.js";
import { menu } from "./menu.js";

/** @param {View} view */
export function createComposer(view) {
  // The text stays as it is, whatever is drawn around it.
  const text = make("textarea", { rows: 1, "data-key": "text", enterkeyhint: "send" });
  const before = make("div", { class: "side" });
  const after = make("div", { class: "side" });
  const form = make("form", { class: "composer" }, text, before, after);
  const note = make("p", { class: "note", role: "status" });
  const disclaimer = make("p", { class: "disclaimer" });
  const place = make("div", { class: "foot" }, note, form, disclaimer);

  form.onsubmit = (event) => {
    event.preventDefault();
    const typed = text.value.trim();
    if (typed && !view.conversation.busy && view.isReady) {
      text.value = "";
      view.typed("");
      view.send(typed);
    }
  };
  text.onkeydown = (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      form.requestSubmit();
    }
  };
  text.oninput = () => {
    text.dir = text.value ? "auto" : "";
    view.typed(text.value);
  };
  form.onclick = ({ target }) => {
    if (target === form) {
      text.focus();
    }
  };

  return {
    place,
    text,
    draw() {
      const { options, words, tool } = view;
      const placeholder =
        options.composer?.tools?.find(({ id }) => id === tool)?.placeholderOverride ??
        options.composer?.placeholder ??
        words.placeholder;
      text.placeholder = placeholder;
      text.setAttribute("aria-label", placeholder);
      drawBefore(view, before);
      drawAfter(view, after, text.value);
      form.classList.toggle("plain", before.children.length === 0 && after.children.length === 1);
      note.textContent = view.note;
      const { text: markdown = "", highContrast = false } = options.disclaimer ?? {};
      disclaimer.classList.toggle("strong", highContrast);
      disclaimer.hidden = markdown === "";
      redraw(disclaimer, markdown, () => pieces(markdown).map(drawPiece));
    },
  };
}

/** Draws the buttons before the text: what can be added. @param {View} view @param {HTMLElement} place */
function drawBefore(view, place) {
  const { words, tool, options } = view;
  const { tools = [], attachments } = options.composer ?? {};
  const hasFiles = attachments?.enabled === true;
  const mentions = Boolean(options.entities?.showComposerMenu && options.entities.onTagSearch);
  redraw(place, [tools, hasFiles, tool, words, mentions], () => {
    const listed = tools.filter(({ pinned }) => !pinned);
    const shown = [...tools.filter(({ pinned }) => pinned), ...listed.filter(({ id }) => id === tool)];
    const files = { label: words.attach, icon: "attach", choose: () => view.say(words.noFiles) };
    const items = [
      ...(hasFiles ? [files] : []),
      ...listed.map(({ id, label, icon: name }) => ({
        label,
        icon: name,
        checked: tool === id,
        choose: () => view.chooseTool(id),
      })),
    ];
    return [
      items.length > 0 &&
        (listed.length > 0
          ? menu({ label: words.add, key: "add", face: [icon("plus")], items })
          : iconButton(words.attach, "plus", items[0].choose)),
      ...shown.map((each) => chip(view, each)),
    ];
  });
}

/**
 * A tool that can be switched on and off.
 *
 * @param {View} view
 * @param {{ id: string, label: string, shortLabel?: string, icon: string }} tool
 */
function chip(view, { id, label, shortLabel, icon: name }) {
  const attributes = {
    class: "chip",
    type: "button",
    "data-key": `tool ${id}`,
    "aria-pressed": `${view.tool === id}`,
    title: label,
    onclick: () => view.chooseTool(id),
  };
  return make("button", attributes, icon(name), make("span", {}, shortLabel ?? label));
}

/** Draws the buttons after the text. @param {View} view @param {HTMLElement} place @param {string} text */
function drawAfter(view, place, text) {
  const { options, words, model, conversation, isReady } = view;
  const { models = [], dictation } = options.composer ?? {};
  const isBusy = conversation.busy !== "";
  const canSend = isReady && text.trim() !== "";
  redraw(place, [models, model, dictation?.enabled, isBusy, canSend, words], () => {
    const current = models.find(({ id }) => id === model) ?? models.find((each) => each.default) ?? models[0];
    const items = models.map((each) => ({
      ...each,
      checked: each === current,
      choose: () => view.chooseModel(each.id),
    }));
    const face = current && [make("span", {}, current.label), icon("chevron-down")];
    const send = { class: "send", "data-key": "send", "aria-label": words.send, title: words.send, disabled: !canSend };
    return [
      face && menu({ label: words.model, key: "model", side: "end", face, items }),
      dictation?.enabled && iconButton(words.dictate, "mic", () => view.say(words.noVoice)),
      isBusy
        ? iconButton(words.stop, "stop", view.stop, { class: "send", "data-key": "send" })
        : make("button", send, icon("send")),
    ];
  });
}

/** @param {ReturnType<typeof pieces>[number]} piece */
function drawPiece(piece) {
  switch (piece.kind) {
    case "text":
      return piece.text;
    case "link":
      return make("a", { href: piece.href, target: "_blank", rel: "noopener" }, piece.text);
    default:
      return make(piece.kind, {}, piece.text);
  }
}
