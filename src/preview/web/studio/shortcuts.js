/**
 * Keys. Undo and redo are the studio's own in every setting, because each keystroke there is a step of it; in other
 * fields, such as the search, they stay the browser's.
 */

/** @param {{ undo: () => void, redo: () => void, save: () => void, search: () => void }} does */
export function shortcuts({ undo, redo, save, search }) {
  /** @param {EventTarget | null} target whether undo in there is the browser's */
  const isForeign = (target) =>
    target instanceof Element &&
    (target.closest("dialog") !== null ||
      (target.matches("input:not([type=checkbox], [type=radio], [type=range], [type=color]), textarea") &&
        !target.hasAttribute("data-field")));

  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey) {
      return;
    }
    const key = event.key.toLowerCase();
    const does = key === "z" ? (event.shiftKey ? redo : undo) : key === "y" && !event.shiftKey ? redo : null;
    if (does) {
      if (isForeign(event.target)) {
        return;
      }
      event.preventDefault();
      does();
    } else if (key === "s" && !event.shiftKey) {
      event.preventDefault();
      save();
    } else if (key === "k" && !event.shiftKey && !document.querySelector("dialog[open]")) {
      event.preventDefault();
      search();
    }
  });
  // The same from the browser's menus, or from a shake of a phone.
  document.addEventListener("beforeinput", (event) => {
    if (!(event.inputType === "historyUndo" || event.inputType === "historyRedo") || isForeign(event.target)) {
      return;
    }
    event.preventDefault();
    if (event.inputType === "historyUndo") {
      undo();
    } else {
      redo();
    }
  });
}
