/** One widget on a host page: its launcher. The panel comes with the first sign of intent. */

/** @import { Options, Panel, Settings, Stored } from "./types.js" */

import { make, shadow, sheet } from "./dom.js";
import { allows } from "./rules.js";

/** @typedef {ReturnType<typeof create>} Widget */

/**
 * What a widget does not have from the start.
 *
 * @typedef {object} Later
 * @property {string} [identity] Signed statement about the visitor, once `identify` was called.
 * @property {boolean} [wanted] What `show` and `hide` said, over the rules.
 * @property {Promise<Panel>} [panel]
 * @property {string} [theme] What the page says about light and dark.
 * @property {() => "light" | "dark"} [tone] Tells what the page looks like.
 */

/** @param {string | undefined} value An empty result leaves it to the style sheet. */
const pixels = (value) => {
  const count = parseInt(value ?? "");
  return count >= 0 ? `${count}px` : "";
};

/**
 * One function of over 60 lines, because the loader may have 4,608 bytes: the names that its closures share become single
 * letters, while properties of separate objects would be spelled out.
 *
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
  const outline = make("p", { class: "outline", role: "alert" });
  box.append(outline, launcher);

  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let shown = false;
  let attempt = "";
  /** How often somebody removed it, or a body carried it along: after that, it lives beside the body. */
  let removals = 0;
  // Somebody who removes the launcher again and again is answered more and more slowly.
  const observer = new MutationObserver(() => {
    if (!host.isConnected) {
      setTimeout(() => widget.settle(), 50 * removals++);
    }
  });

  /** What of `ChatWidget` works without the panel. @type {Record<string, (argument?: any) => any>} */
  const calls = {
    get: () => ({ widget: name, open: widget.open, shown, unread: widget.unread }),
    ready: async () => calls.get(),
    show() {
      widget.wanted = true;
      widget.settle();
    },
    hide() {
      widget.wanted = false;
      widget.settle();
    },
    update(change) {
      Object.assign(options, change);
      widget.settle();
    },
    identify(identity) {
      widget.identity = identity;
      widget.tell((panel) => panel.identify(identity));
    },
  };

  const widget = {
    settings,
    options,
    looks,
    host,
    box,
    launcher,
    calls,
    /** Where this browser keeps what belongs to the widget. */
    key: `chatkit-embed ${page}`,
    open: false,
    unread: 0,
    .../** @type {Later} */ ({}),

    /**
     * Fetches the panel, once. After a failure the address differs, because browsers remember failures.
     *
     * @returns {Promise<Panel>}
     */
    load: () =>
      (widget.panel ??= Promise.race([
        import(settings.panel + attempt),
        // A connection that is gone may never say so.
        new Promise((_, reject) => setTimeout(reject, 10_000)),
      ])
        .then((script) => script.attach(widget))
        .catch((error) => {
          attempt += "?";
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

    /**
     * Does something with the panel, if it is there.
     *
     * @param {(panel: Panel) => unknown} act
     */
    tell: (act) => void widget.panel?.then(act, () => {}),

    /**
     * The same for a visitor who waits for it: shows at once where the panel will be, or says that there is none.
     *
     * @param {(panel: Panel) => void} act
     */
    answer(act) {
      const hasWords = outline.firstChild;
      outline.replaceChildren();
      // A second click takes the words away, and a third one tries again.
      if (box.toggleAttribute("data-waits", !hasWords)) {
        widget.load().then(
          (panel) => {
            box.toggleAttribute("data-waits", false);
            act(panel);
          },
          () => outline.append(make("a", { href: page, target: "_blank" }, settings.failed)),
        );
      }
    },

    /** Somebody may open it soon. */
    prewarm: () => widget.use((panel) => panel.prewarm()),

    /**
     * Dispatches `chat:<event>` on the window.
     *
     * @param {string} event
     * @param {Record<string, unknown>} [detail]
     * @returns {boolean} whether nobody prevented what it announces
     */
    emit: (event, detail) =>
      dispatchEvent(new CustomEvent(`chat:${event}`, { detail: { widget: name, ...detail }, cancelable: true })),

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

    /**
     * Puts everything where options and rules want it. Runs at each navigation.
     *
     * @returns {void}
     */
    settle() {
      const { position = settings.position, mode = "", zIndex, hideOn = "" } = options;
      Object.assign(box.dataset, { position, mode });
      box.dataset.scheme = (widget.theme = options.theme ?? widget.tone?.()) ?? settings.scheme;
      for (const axis of /** @type {const} */ (["X", "Y"])) {
        const phone = innerWidth < 640 ? options[`phoneOffset${axis}`] : undefined;
        box.style.setProperty(`--${axis}`, pixels(phone ?? options[`offset${axis}`]));
      }
      host.style.setProperty("--z", zIndex ?? "");
      const hasLauncher = mode !== "popup" && options.launcher !== "none";
      const next =
        widget.wanted ?? (hasLauncher && allows(settings.rules ?? {}, hideOn, location.pathname, innerWidth));
      const { documentElement, body, readyState } = document;
      // React hydrates a whole document only if nothing of ours is beside the body. Beside it is safe from all who replace
      // the body, and from a body that is transformed, which carries along what is fixed.
      if (host.parentNode === body && Math.abs(host.getBoundingClientRect().bottom - innerHeight) > 99) {
        removals++;
      }
      const home = removals || "Turbo" in window ? documentElement : body;
      if (readyState !== "loading" && host.parentNode !== home && !(widget.panel && host.isConnected)) {
        home.append(host);
        [document, documentElement, home].forEach((node) => observer.observe(node, { childList: true }));
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
      widget.tell((panel) => panel.settle());
    },

    remove() {
      clearTimeout(timer);
      // What is still to come, such as an idle moment, finds nothing to do.
      widget.use = () => {};
      widget.settle = () => {};
      observer.disconnect();
      host.remove();
      widget.emit("destroyed");
    },
  };

  widget.settle();
  if (settings.tone) {
    // Without it, the visitor's system decides.
    import(settings.tone).then(({ follow }) => follow(widget)).catch(() => {});
  }
  return widget;
}
