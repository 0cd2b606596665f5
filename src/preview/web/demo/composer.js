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

  const tools = () => {
    const { tools = [], attachments } = view.options.composer ?? {};
    return {
      all: tools,
      listed: tools.filter(({ pinned }) => !pinned),
      pinned: tools.filter(({ pinned }) => pinned),
      files: attachments?.enabled === true,
    };
  };

  const drawBefore = () => {
    const { words, tool, options } = view;
    const { all, listed, pinned, files } = tools();
    const mentions = Boolean(options.entities?.showComposerMenu && options.entities.onTagSearch);
    redraw(before, [all, files, tool, words, mentions], () => {
      const items = [
        ...(files ? [{ label: words.attach, icon: "attach", choose: () => view.say(words.noFiles) }] : []),
        ...listed.map(({ id, label, icon: name }) => ({
          label,
          icon: name,
          checked: tool === id,
          choose: () => view.chooseTool(id),
        })),
      ];
      const chosen = listed.filter(({ id }) => id === tool);
      return [
        items.length > 0 &&
          (listed.length > 0
            ? menu({ label: words.add, key: "add", face: [icon("plus")], items })
            : iconButton(words.attach, "plus", items[0].choose)),
        ...[...pinned, ...chosen].map(({ id, label, shortLabel, icon: name }) =>
          make(
            "button",
            {
              class: "chip",
              type: "button",
              "data-key": `tool ${id}`,
              "aria-pressed": `${tool === id}`,
              title: label,
              onclick: () => view.chooseTool(id),
            },
            icon(name),
            make("span", {}, shortLabel ?? label),
          ),
        ),
      ];
    });
  };

  const drawAfter = () => {
    const { options, words, model, conversation, isReady } = view;
    const { models = [], dictation } = options.composer ?? {};
    const isBusy = conversation.busy !== "";
    const canSend = isReady && text.value.trim() !== "";
    redraw(after, [models, model, dictation?.enabled, isBusy, canSend, words], () => {
      const current = models.find(({ id }) => id === model) ?? models.find((each) => each.default) ?? models[0];
      const items = models.map((each) => ({
        ...each,
        checked: each === current,
        choose: () => view.chooseModel(each.id),
      }));
      return [
        current &&
          menu({
            label: words.model,
            key: "model",
            side: "end",
            face: [make("span", {}, current.label), icon("chevron-down")],
            items,
          }),
        dictation?.enabled && iconButton(words.dictate, "mic", () => view.say(words.noVoice)),
        isBusy
          ? iconButton(words.stop, "stop", view.stop, { class: "send", "data-key": "send" })
          : make(
              "button",
              { class: "send", "data-key": "send", "aria-label": words.send, title: words.send, disabled: !canSend },
              icon("send"),
            ),
      ];
    });
  };

  return {
    place,
    text,
    draw() {
      const { options, words, tool } = view;
      const placeholder =
        tools().all.find(({ id }) => id === tool)?.placeholderOverride ??
        options.composer?.placeholder ??
        words.placeholder;
      text.placeholder = placeholder;
      text.setAttribute("aria-label", placeholder);
      drawBefore();
      drawAfter();
      form.classList.toggle("plain", before.children.length === 0 && after.children.length === 1);
      note.textContent = view.note;
      const { text: markdown = "", highContrast = false } = options.disclaimer ?? {};
      disclaimer.classList.toggle("strong", highContrast);
      disclaimer.hidden = markdown === "";
      redraw(disclaimer, markdown, () =>
        pieces(markdown).map((piece) => {
          switch (piece.kind) {
            case "text":
              return piece.text;
            case "link":
              return make("a", { href: piece.href, target: "_blank", rel: "noopener" }, piece.text);
            default:
              return make(piece.kind, {}, piece.text);
          }
        }),
      );
    },
  };
}
