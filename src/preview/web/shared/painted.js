/** When a change can be seen. */

/** Name of the measurements that a page's own tools show: from the event to the picture. */
export const MEASURE = "preview: change painted";

let changes = 0;

/**
 * Tells once what has just been done is on the screen.
 *
 * @param {number} since `performance.now()` when the change was heard of
 * @param {(message: { preview: "painted", n: number }) => void} tell
 */
export function painted(since, tell) {
  const n = ++changes;
  requestAnimationFrame(() => {
    // The first task after a frame begins when that frame has been drawn.
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      performance.measure(MEASURE, { start: since });
      tell({ preview: "painted", n });
    };
    port2.postMessage(null);
  });
}
