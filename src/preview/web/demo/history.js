/** The list of earlier threads, over the messages. */

/** @import { View } from "./view.js" */
/** @import { Thread } from "./threads.js" */

import { make, redraw } from "../shared/dom.js";
import { iconButton } from "./header.js";

/**
 * One function of over 60 lines: a component, whose short functions share its elements and the thread that is renamed.
 *
 * @param {View} view
 */
export function createHistory(view) {
  const list = make("ul", { class: "threads" });
  const none = make("p", { class: "none" });
  const title = make("h2", { class: "title" });
  const place = make("section", { class: "history", hidden: true }, title, none, list);
  /** @type {string | null} The thread whose name is typed anew. */
  let renaming = null;

  place.onkeydown = (event) => {
    if (event.key === "Escape") {
      event.preventDefault();
      if (renaming) {
        renaming = null;
        view.draw();
      } else {
        view.toggleHistory();
      }
    }
  };

  /** @param {Thread} thread */
  const nameField = (thread) => {
    const field = make("input", {
      value: thread.title,
      "aria-label": view.words.rename,
      "data-key": `name ${thread.id}`,
    });
    const done = () => {
      if (renaming) {
        renaming = null;
        view.rename(thread, field.value.trim() || thread.title);
      }
    };
    field.onchange = field.onblur = done;
    queueMicrotask(() => {
      field.focus();
      field.select();
    });
    return field;
  };

  /** @param {Thread} thread */
  const row = (thread) => {
    const { words, options, conversation } = view;
    const { showDelete = true, showRename = true } = options.history ?? {};
    const rename = () => {
      renaming = thread.id;
      view.draw();
    };
    return make(
      "li",
      {},
      renaming === thread.id
        ? nameField(thread)
        : make(
            "button",
            {
              class: "thread",
              type: "button",
              "data-key": thread.id,
              "aria-current": conversation.thread?.id === thread.id ? "true" : null,
              onclick: () => view.openThread(thread.id),
            },
            make("bdi", {}, thread.title),
          ),
      showRename &&
        iconButton(`${words.rename}: ${thread.title}`, "pencil", rename, { "data-key": `rename ${thread.id}` }),
      showDelete &&
        iconButton(`${words.remove}: ${thread.title}`, "delete", () => view.remove(thread.id), {
          "data-key": `delete ${thread.id}`,
        }),
    );
  };

  return {
    place,
    focus: () => place.querySelector("button")?.focus(),
    draw() {
      const { words, options, isHistoryOpen, conversation, threads } = view;
      place.hidden = !isHistoryOpen;
      title.textContent = words.history;
      place.setAttribute("aria-label", words.history);
      none.textContent = words.noThreads;
      const all = threads.list();
      none.hidden = all.length > 0;
      const shown = isHistoryOpen ? all : [];
      redraw(
        list,
        [shown.map((thread) => [thread.id, thread.title]), conversation.thread?.id, renaming, options.history, words],
        () => shown.map(row),
      );
    },
  };
}
