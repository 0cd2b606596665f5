/** What the studio has done in a hosted page: by the page that it is framed in, or by itself. */

import { VISITOR, attempt, expire } from "../shared/storage.js";

/** Name of the frames that a loader makes. What belongs to the visitor is then kept by the host page. */
const FRAME = "chatkit-embed-frame";

/** What the demo keeps in this tab begins with this. */
const DEMO = `chatkit-embed demo ${location.pathname}`;

/**
 * @param {(message: object) => void} tell
 * @returns {{ setDown(down: boolean): void }}
 */
export function obey(tell) {
  const isLoaders = window.parent !== window && window.name === FRAME;
  const key = `chatkit-embed ${location.pathname}`;
  let isDown = false;

  const setDown = (/** @type {boolean} */ down) => {
    if (down !== isDown) {
      isDown = down;
      // What the page's own script asks when something fails, and the demo before it answers.
      Object.defineProperty(navigator, "onLine", { configurable: true, get: () => !isDown });
      dispatchEvent(new Event(down ? "offline" : "online"));
    }
  };

  /** @param {string} what */
  const act = (what) => {
    switch (what) {
      case "expire":
        attempt(() => expire(key));
        if (chat()?.expire) {
          chat().expire();
        } else if (chat()) {
          // The real one cannot be told. A new one finds no session that serves it.
          location.reload();
        }
        break;
      case "new-visitor":
      case "reset":
        forget();
        if (!isLoaders) {
          attempt(() => localStorage.removeItem(key));
          location.reload();
        }
        break;
      case "offline":
      case "online":
        setDown(what === "offline");
    }
  };

  addEventListener("message", ({ origin, source, data }) => {
    if (source !== window.parent || source === window || !isKnown(origin)) {
      return;
    }
    if (data?.preview === "do") {
      act(data.what);
    } else if (data?.preview === "state") {
      // A page that was not there when another visitor came learns of it now.
      attempt(() => {
        if (sessionStorage.getItem(VISITOR) !== data.visitor) {
          sessionStorage.setItem(VISITOR, data.visitor);
          forget();
        }
      });
      setDown(data.down);
    }
  });
  tell({ preview: "hello" });
  return { setDown };
}

/** @returns {any} The demo's own methods are missing in the real one. */
const chat = () => document.querySelector("openai-chatkit");

function forget() {
  chat()?.forget?.();
  attempt(() =>
    Object.keys(sessionStorage)
      .filter((name) => name.startsWith(DEMO))
      .forEach((name) => sessionStorage.removeItem(name)),
  );
}

/** The studio, which is served from here, and pages that the site allows. @param {string} origin */
function isKnown(origin) {
  const settings = JSON.parse(document.querySelector("#preview-settings")?.textContent || "{}");
  return origin === location.origin || settings.embedders?.includes(origin);
}
