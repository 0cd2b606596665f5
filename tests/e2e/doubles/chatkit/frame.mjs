/**
 * OpenAI's frame. The double draws nothing in it: it is there because a page whose policy forbids the frame has
 * a blank chat, and a double without it would not notice.
 */

/** Origin of ChatKit's script and frame. */
export const CHATKIT_ORIGIN = "https://cdn.platform.openai.com";
/** Long enough for a loaded machine: only a frame that the page forbids takes this long. */
const FRAME_TIMEOUT_MS = 3000;

/** Resolves when the frame has said that it runs, and rejects when it stays silent.
 * @param {ShadowRoot} root @param {string} title @returns {Promise<void>} */
export function loadFrame(root, title) {
  const frame = document.createElement("iframe");
  frame.title = title;
  frame.hidden = true;
  frame.src = `${CHATKIT_ORIGIN}/deployments/chatkit/frame.html`;
  return new Promise((resolve, reject) => {
    /** @param {MessageEvent} event */
    const onMessage = (event) => {
      if (event.source !== frame.contentWindow || event.origin !== CHATKIT_ORIGIN) {
        return;
      }
      stop();
      resolve();
    };
    const timer = setTimeout(() => {
      stop();
      reject(new Error(`the frame of ${CHATKIT_ORIGIN} did not load`));
    }, FRAME_TIMEOUT_MS);
    const stop = () => {
      clearTimeout(timer);
      removeEventListener("message", onMessage);
    };
    addEventListener("message", onMessage);
    root.append(frame);
  });
}
