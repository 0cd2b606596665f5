/** Rows that can be dragged to another place by their handle. The buttons beside it do the same without a pointer. */

/** @param {HTMLElement} list @param {(from: number, to: number) => void} move */
export function sortable(list, move) {
  list.addEventListener("pointerdown", (event) => {
    const handle = event.target instanceof Element ? event.target.closest(".handle") : null;
    const row = handle?.closest(".row");
    if (!handle || !row || row.parentElement !== list) {
      return;
    }
    event.preventDefault();
    const from = [...list.children].indexOf(row);
    drag(list, /** @type {HTMLElement} */ (row), event, (to) => to !== from && move(from, to));
  });
}

/** @param {HTMLElement} list @param {HTMLElement} row @param {PointerEvent} start @param {(to: number) => void} drop */
function drag(list, row, start, drop) {
  const others = [...list.children].filter((each) => each !== row);
  const middles = others.map((each) => each.getBoundingClientRect()).map(({ top, height }) => top + height / 2);
  const own = row.getBoundingClientRect();
  let to = [...list.children].indexOf(row);
  row.classList.add("dragged");
  row.setPointerCapture(start.pointerId);

  /** @param {PointerEvent} event */
  const onMove = (event) => {
    const by = event.clientY - start.clientY;
    row.style.translate = `0 ${by}px`;
    const middle = own.top + own.height / 2 + by;
    to = middles.filter((each) => each < middle).length;
    for (const [index, other] of others.entries()) {
      other.classList.toggle("before", index === to);
      other.classList.toggle("after", index === to - 1 && to === others.length);
    }
  };
  /** @param {PointerEvent} event */
  const onEnd = (event) => {
    row.removeEventListener("pointermove", onMove);
    row.removeEventListener("pointerup", onEnd);
    row.removeEventListener("pointercancel", onEnd);
    row.classList.remove("dragged");
    row.style.translate = "";
    for (const other of others) {
      other.classList.remove("before", "after");
    }
    if (event.type === "pointerup") {
      drop(to);
    }
  };
  row.addEventListener("pointermove", onMove);
  row.addEventListener("pointerup", onEnd);
  row.addEventListener("pointercancel", onEnd);
}
