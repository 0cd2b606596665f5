/** Entry of the studio: asks the preview for the site's state, and begins. */

import { Api, ApiError } from "./api.js";
import { drawer } from "./drawer.js";
import { byId } from "./page.js";
import { textButton } from "./icons.js";
import { settingsOf } from "./files.js";
import { draftId, kept } from "./keep.js";
import { openedIn } from "./model.js";
import { notice } from "./notices.js";
import { Studio } from "./studio.js";
import { panes, tabs } from "./tabs.js";

const api = new Api(document.querySelector("meta[name=preview-token]")?.getAttribute("content") ?? "");

async function start() {
  const first = await api.state();
  const before = kept(sessionStorage);
  const open = new Set([...first.widgets.slice(0, 1), ...(before ? openedIn(before.snapshot) : [])]);
  const widgets = await settingsOf(api, first.revision, [...open]);
  const id = await draftId(before?.id);
  new Studio({ api, first, widgets, id }).begin(before);
}

for (const list of document.querySelectorAll("[role=tablist]")) {
  tabs(/** @type {HTMLElement} */ (list));
}
panes(byId("bench"));
drawer();
start().catch((error) => {
  byId("bench").classList.remove("starting");
  notice(
    error instanceof ApiError && error.status === 0
      ? "The preview does not answer. Is chatkit-embed watch still running?"
      : error.message,
    {
      kind: "bad",
      action: textButton("reset", "Try again", () => location.reload(), { class: "button small" }),
    },
  );
});
