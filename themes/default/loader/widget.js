/** One widget on a host page: its launcher. The panel comes with the first sign of intent. */

/** @import { Options, Panel, Settings, Stored } from "./types.js" */

import { make, shadow, sheet } from "./dom.js";
import { allows } from "./rules.js";

/** @typedef {ReturnType<typeof create>} Widget */

/** @param {string | undefined} value An empty result leaves it to the style sheet. */
const pixels = (value) => {
  const count = parseInt(value ?? "");
  return isNaN(count) ? "" : `${count}px`;
};

/**
 * @param {Settings} settings
 * @param {string} css
 * @param {Options} options
 */
export function create(settings, css, options) {
  const { name, label, page, teaser } = settings;
  const launcher = make(
    "button",
    {
      class: "launcher",
      type: "button",
      title: label,
      "aria-label": label,
      "aria-haspopup": "dialog",
      "aria-expanded": "false",
      // A trigger like those in the page.
      "data-chat-toggle": name,
    },
    settings.icon,
  );
  const host = make("chatkit-launcher", {});
  const looks = sheet(css);
  const box = shadow(host, looks);
  box.append(make("i", { class: "outline" }), launcher);

  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let shown = false;
  let attempts = 0;

  const widget = {
    settings,
    options,
    looks,
    host,
    box,
    launcher,
    /** Where this browser keeps what belongs to the widget. */
    key: `chatkit-embed ${page}`,
    /** @type {string | undefined} Signed statement about the visitor, once `identify` was called. */
    identity: undefined,
    /** @type {boolean | undefined} What `show` and `hide` said, over the rules. */
    wanted: undefined,
    /** @type {Promise<Panel> | undefined} */
    panel: undefined,
    open: false,
    unread: 0,

    /** Fetches the panel, once. After a failure the address differs, because browsers remember failures. */
    load: () =>
      (widget.panel ??= import(settings.panel + (attempts++ ? `?${attempts}` : ""))
        .then((script) => script.attach(widget))
        .catch((error) => {
          widget.panel = undefined;
          widget.emit("error", { code: "not_loaded" });
          throw error;
        })),

    /**
     * Does something with the panel, once it is there. What keeps it away has been told.
     *
     * @param {(panel: Panel) => unknown} act
     */
    use: (act) => void widget.load().then(act, () => {}),

    /** Somebody may open it soon. */
    prewarm: () => widget.use((panel) => panel.prewarm()),

    /**
     * Dispatches `chat:<event>` on the window.
     *
     * @param {string} event
     * @param {Record<string, unknown>} [detail]
     * @param {boolean} [cancelable]
     */
    emit: (event, detail, cancelable) =>
      dispatchEvent(new CustomEvent(`chat:${event}`, { detail: { widget: name, ...detail }, cancelable })),

    get: () => ({ widget: name, open: widget.open, shown, unread: widget.unread }),

    /**
     * What is kept in this browser, or nothing: browsers refuse storage in private windows.
     *
     * @param {"localStorage" | "sessionStorage"} area
     * @returns {Stored}
     */
    kept(area) {
      try {
        return JSON.parse(window[area].getItem(widget.key) || "{}");
      } catch {
        return {};
      }
    },

    /** Puts everything where options and rules want it. Runs at each navigation. */
    settle() {
      const { position = settings.position, theme = settings.scheme, mode = "", offsetX, offsetY, zIndex, hideOn = "" } = options;
      Object.assign(box.dataset, { scheme: theme, position, mode });
      box.style.setProperty("--x", pixels(offsetX));
      box.style.setProperty("--y", pixels(offsetY));
      host.style.setProperty("--z", zIndex ?? "");
      const hasLauncher = mode !== "popup" && options.launcher !== "none";
      const next = widget.wanted ?? (hasLauncher && allows(settings.rules ?? {}, hideOn, location.pathname, innerWidth));
      if (!host.isConnected) {
        // Not in the body, which Turbo and its like replace.
        document.documentElement.append(host);
      }
      box.toggleAttribute("data-hidden", !next);
      if (next !== shown) {
        shown = next;
        widget.emit(shown ? "shown" : "hidden");
        clearTimeout(timer);
        if (shown && teaser != null && !widget.kept("localStorage").dismissed) {
          timer = setTimeout(() => widget.use((panel) => panel.invite()), teaser);
        }
      }
      if (widget.panel) {
        widget.use((panel) => panel.settle());
      }
    },

    remove() {
      clearTimeout(timer);
      // What is still to come, such as an idle moment, finds nothing to do.
      widget.use = () => {};
      host.remove();
      widget.emit("destroyed");
    },
  };

  widget.settle();
  return widget;
}
