/** What comes with the first sign of intent: panel, teaser, and chats in the page. */

/** @import { Panel, Store, Stored, Widget } from "../../loader/types.js" */
/** @import { Widget as Bare } from "../../loader/widget.js" */
/** @import { PageSettings } from "./types.js" */

import { make, sheet } from "../../loader/dom.js";
import { CROSS, lines } from "./button.js";
import { createDialog } from "./dialog.js";
import { explain } from "./explain.js";
import { leaveBody } from "./home.js";
import { createInline } from "./inline.js";
import { createOwn } from "./own.js";
import { keep } from "./store.js";
import { createTeaser } from "./teaser.js";

/** Milliseconds for the settings to come: a connection that is gone may never say so. */
const SETTINGS_PATIENCE = 10_000;

const css = sheet(PANEL_CSS);

/** @typedef {ReturnType<typeof build>} Parts */

/**
 * Gives a widget its panel.
 *
 * @param {Bare} bare
 * @returns {Promise<Panel>}
 */
export async function attach(bare) {
  const widget = Object.assign(bare, { rest: await settingsOf(bare) });
  const parts = build(widget, (source) => open(widget, parts, source));
  const { store, tab, own, inline, dialog, teaser } = parts;
  const { panel, modal } = dialog;
  panel.onclose = () => closed(widget, parts);
  const look = () => `${widget.theme} ${widget.options.locale}`;
  let looked = look();

  return {
    prewarm: own.prewarm,
    open: (source, quietly) => open(widget, parts, source, quietly),
    close: () => panel.close(),
    toggle: (source) => (panel.open ? panel.close() : open(widget, parts, source)),
    sendMessage: (text) => own.call("sendMessage", text),
    setInput: (text) => own.call("setInput", text),
    newThread: () => own.call("newThread"),
    // One that is gone meanwhile has nobody to tell.
    identify: (identity) =>
      void own
        .get()
        ?.then((chat) => chat?.call("identify", identity))
        .catch(() => {}),
    async reset() {
      widget.identity = undefined;
      store.clear();
      tab.clear();
      own.count(0);
      inline.tidy();
      // What is not there, or is gone meanwhile, holds nothing.
      await Promise.allSettled([await own.get(), ...inline.all()].map((chat) => chat?.call("reset")));
    },
    settle() {
      if (look() !== looked) {
        looked = look();
        own.get()?.then((chat) => chat?.settle());
        inline.all().forEach((chat) => chat?.settle());
      }
      modal.restore();
      inline.tidy();
    },
    load() {
      own.prewarm();
      inline.load();
    },
    invite: () => void (panel.open || teaser.invite()),
    mount: inline.mount,
    destroy() {
      own.get()?.then((chat) => chat?.remove());
      inline.clear();
      dialog.remove();
      widget.panel = undefined;
    },
  };
}

/**
 * The settings that the panel shares with the hosted page. Without them there is no panel, and the loader says so.
 *
 * @param {Bare} widget
 * @returns {Promise<PageSettings>}
 */
async function settingsOf({ settings: { page, rest } }) {
  const address = `${page}settings.js?v=${rest}`;
  const late = new Promise((_, reject) => setTimeout(reject, SETTINGS_PATIENCE, new Error(`${address} does not come`)));
  // Browsers remember failures by the address.
  const loaded = import(address).catch(() => import(`${address}?${Date.now()}`));
  try {
    return (await Promise.race([loaded, late])).default;
  } catch (error) {
    explain(page, "does not load", "script-src");
    throw error;
  }
}

/**
 * Puts the parts of a panel into the page.
 *
 * @param {Widget} widget
 * @param {(source: string) => void} open
 */
function build(widget, open) {
  const { host, box, launcher, rest } = widget;
  const sheets = [css, sheet(rest.panel.css ?? "")];
  /** @type {Store<Stored>} */
  const store = keep("localStorage", widget.key);
  /** @type {Store<Stored>} */
  const tab = keep("sessionStorage", widget.key);
  let isAllowed = false;
  /** The page is asked each time, until it lets the chat load. */
  const mayLoad = () => (isAllowed ||= widget.emit("before-load"));

  host.shadowRoot?.adoptedStyleSheets.push(...sheets);
  box.lang = rest.language;
  launcher.firstElementChild?.classList.add("closed");
  launcher.append(make(...lines(CROSS, "opened")));
  /** @type {ReturnType<typeof createOwn>} */
  const own = createOwn(widget, store, mayLoad, () => dialog.panel);
  const dialog = createDialog(widget, store, own);
  const teaser = createTeaser(widget, store, () => open("teaser"));
  box.prepend(dialog.panel, teaser.bubble);
  leaveBody(host);
  return { store, tab, own, dialog, teaser, mayLoad, inline: createInline(widget, own.place, mayLoad, sheets) };
}

/**
 * @param {Widget} widget
 * @param {Parts} parts
 * @param {string} [source]
 * @param {boolean} [quietly] By itself, as it was open in the page before.
 */
function open(widget, { own, dialog, teaser, tab, mayLoad }, source = "api", quietly = false) {
  const { panel, modal } = dialog;
  if (panel.open && !quietly && modal.isCovered()) {
    modal.lift();
  }
  if (panel.open || !widget.emit("before-open", { source }) || !mayLoad()) {
    return;
  }
  dialog.show(quietly);
  if (!panel.open) {
    return;
  }
  widget.open = true;
  widget.launcher.ariaExpanded = "true";
  tab.write({ open: true });
  teaser.dismiss();
  own.count(0);
  own.prewarm().then((chat) => chat?.opened(!quietly));
  widget.emit("opened", { source });
}

/**
 * @param {Widget} widget
 * @param {Parts} parts
 */
function closed(widget, { own, dialog, tab }) {
  const { host, launcher } = widget;
  dialog.modal.follow();
  if (dialog.panel.open) {
    return;
  }
  const { activeElement, body } = document;
  widget.open = false;
  launcher.ariaExpanded = "false";
  tab.write({ open: false });
  if (!activeElement || activeElement === body || activeElement === host) {
    launcher.focus();
  }
  own.get()?.then((chat) => chat?.closed?.());
  widget.emit("closed");
}
