/** What the studio has done in a host page. */

import { VISITOR, attempt, expire } from "../shared/storage.js";
import { widgets } from "./loaders.js";

/**
 * @param {{ studio: string, tell: (message: object) => void }} around
 * @returns {{ setDown(down: boolean): void }}
 */
export function obey({ studio, tell }) {
  /** @type {Set<Window>} Hosted pages in frames of this page. */
  const pages = new Set();
  let isDown = false;

  /** @param {object} message */
  const pass = (message) => {
    for (const page of pages) {
      if (page.closed) {
        pages.delete(page);
      } else {
        page.postMessage(message, studio);
      }
    }
  };
  const state = () => ({ preview: "state", visitor: visitor(), down: isDown });
  const setDown = (/** @type {boolean} */ down) => {
    isDown = down;
    pass(state());
  };

  addEventListener("message", ({ origin, source, data }) => {
    if (origin !== studio || !source) {
      return;
    }
    if (source === window.parent && source !== window) {
      if (data?.preview === "do") {
        act(data.what, pass, setDown);
      }
    } else if (data?.preview === "hello") {
      const page = /** @type {Window} */ (source);
      pages.add(page);
      page.postMessage(state(), studio);
    } else if (data?.preview === "painted" && pages.has(/** @type {Window} */ (source))) {
      tell(data);
    }
  });
  return { setDown };
}

/**
 * Does what the studio asks for, here and in the hosted pages.
 *
 * @param {string} what
 * @param {(message: object) => void} pass
 * @param {(down: boolean) => void} setDown
 */
function act(what, pass, setDown) {
  const all = [...widgets().values()];
  const wanted = new URLSearchParams(location.search).get("widget");
  const widget = all.find(({ settings }) => settings.name === wanted) ?? all[0];
  switch (what) {
    case "open":
      widget?.load().then(
        (panel) => panel.open("api"),
        () => {},
      );
      break;
    case "close":
      widget?.panel?.then((panel) => panel.close());
      break;
    case "expire":
      attempt(() => all.forEach(({ key }) => expire(key)));
      pass({ preview: "do", what });
      break;
    case "new-visitor":
      attempt(() => sessionStorage.setItem(VISITOR, `${Number(visitor()) + 1}`));
      attempt(() => all.forEach(({ key }) => [localStorage, sessionStorage].forEach((area) => area.removeItem(key))));
      location.reload();
      break;
    case "reset":
      pass({ preview: "do", what });
      all.forEach(({ settings }) => window.ChatWidget.reset(settings.name));
      break;
    case "offline":
    case "online":
      setDown(what === "offline");
  }
}

function visitor() {
  try {
    return sessionStorage.getItem(VISITOR) ?? "0";
  } catch {
    return "0";
  }
}
