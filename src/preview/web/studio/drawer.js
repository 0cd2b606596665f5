/** The height of the drawer with the code: by pointer and by keyboard, and the same the next time. */

import { byId } from "./page.js";

const KEY = "chatkit-embed:drawer";

/** Least height in CSS pixels: its tabs, and a line. */
const LEAST = 96;

/** What stays for the preview. */
const REST = 220;

/** CSS pixels that an arrow key moves it. */
const STEP = 24;

/** Lets the edge above the drawer be moved. */
export function drawer() {
  const edge = byId("drawer-edge");
  const bench = byId("bench");
  const most = () => Math.max(LEAST, bench.clientHeight - REST);
  const now = () => /** @type {HTMLElement} */ (edge.parentElement).offsetHeight;

  /** @param {number} height */
  function resize(height) {
    const next = Math.round(Math.min(Math.max(height, LEAST), most()));
    bench.style.setProperty("--drawer", `${next}px`);
    tell();
    remember(next);
  }

  function tell() {
    const values = { min: LEAST, max: most(), now: now() };
    Object.entries(values).forEach(([name, value]) => edge.setAttribute(`aria-value${name}`, String(value)));
  }

  edge.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    edge.focus();
    const start = { y: event.clientY, height: now() };
    const move = (/** @type {PointerEvent} */ { clientY }) => resize(start.height + start.y - clientY);
    const end = () => edge.removeEventListener("pointermove", move);
    // The preview is a page of its own, which would take the moves.
    edge.setPointerCapture(event.pointerId);
    edge.addEventListener("pointermove", move);
    edge.addEventListener("lostpointercapture", end, { once: true });
  });
  edge.addEventListener("keydown", (event) => {
    const to = { ArrowUp: now() + STEP, ArrowDown: now() - STEP, Home: LEAST, End: most() }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      resize(to);
    }
  });
  edge.addEventListener("dblclick", () => {
    bench.style.removeProperty("--drawer");
    remember(null);
    tell();
  });
  new ResizeObserver(tell).observe(bench);
  const before = remembered();
  if (before > 0) {
    resize(before);
  }
}

/** @returns {number} 0 for none */
function remembered() {
  try {
    return Number(localStorage.getItem(KEY)) || 0;
  } catch {
    return 0;
  }
}

/** @param {number | null} height */
function remember(height) {
  try {
    if (height === null) {
      localStorage.removeItem(KEY);
    } else {
      localStorage.setItem(KEY, String(height));
    }
  } catch {}
}
