/** Going live: what is left to do, what the deployed site does, the code to copy, and publishing. */

import { make } from "../shared/dom.js";
import { openDialog } from "./dialog.js";
import { icon, textButton } from "./icons.js";
import { linked } from "./page.js";
import { publishing } from "./publishing.js";
import { refusal } from "./saving.js";
import { snippetCard } from "./snippets.js";

/** @import { Api } from "./api.js" */
/** @import { Finding, GoLiveReply, LiveReply, State } from "./types.js" */

/**
 * @typedef {object} Work what going live is about
 * @property {Api} api
 * @property {string} widget whose code is shown
 * @property {number} unsaved number of changes that are in no file
 * @property {(deployed: State["deployed"]) => void} found whether visitors see what the files say
 * @property {() => void} setAddress shows the setting
 */

/** @type {Record<Finding["state"], [icon: string, word: string]>} */
const STATES = {
  fine: ["check", "Fine"],
  todo: ["circle", "To do"],
  wrong: ["warning", "Wrong"],
  not_tried: ["minus", "Not tried"],
};

const NOTE =
  "The check fetches pages and starts one session of up to five widgets, as a visitor would. It changes nothing else.";

/** The check that runs, also after its dialog was closed. @type {Promise<LiveReply> | undefined} */
let running;

/** @param {Work} work */
export function goLive(work) {
  let afterwards = () => {};
  const dialog = openDialog({
    title: "Go live",
    about: "From here to a chat on your website, step by step.",
    kind: "wide",
    onClose: () => afterwards(),
  });
  const status = make("p", { class: "golive-status", role: "status" });
  const list = make("div", { class: "golive" });
  const again = textButton("reset", "Check again", () => void look(), { autofocus: true });
  dialog.body.append(status, list);
  const ways = make("span", { class: "golive-ways" });
  dialog.actions.append(textButton("close", "Close", dialog.close, { class: "button quiet" }), again, ways);
  again.focus();
  void look();

  async function look() {
    if (again.ariaDisabled === "true") {
      return;
    }
    again.ariaDisabled = "true";
    status.classList.remove("error");
    status.textContent = "";
    try {
      const reply = await work.api.golive({ widget: work.widget });
      work.found(reply.deployed);
      const site = draw(reply);
      if (!reply.is_example) {
        status.textContent = `Asking ${reply.address}. This can take 20 seconds.`;
        running ??= work.api.live().finally(() => (running = undefined));
        const live = await running;
        work.found(live.deployed);
        site.replaceChildren(findings(live.findings));
        status.textContent = conclusion([...reply.left, ...live.findings], live.deployed);
      }
    } catch (error) {
      list.querySelector(".golive-waiting")?.remove();
      status.replaceChildren(...linked(refusal(error)));
      status.classList.add("error");
    }
    again.ariaDisabled = "false";
  }

  /** Draws everything but what the site does; that belongs into the result. @param {GoLiveReply} reply */
  function draw(reply) {
    const { left, address, is_example, snippets } = reply;
    const site = make("div", {}, is_example ? noAddress() : make("p", { class: "golive-waiting" }, "Checking…"));
    const publish = publishing({ api: work.api, reply, status });
    list.replaceChildren(
      work.unsaved > 0 ? make("p", { class: "golive-note" }, unsavedWords(work.unsaved)) : "",
      part("In your files", left.length > 0 ? findings(left) : make("p", {}, "Nothing is left to do.")),
      part(`At ${address}`, is_example ? "" : make("p", { class: "help" }, NOTE), site),
      ...snippets.slice(0, 1).map((snippet) => part("Your code", snippetCard(snippet))),
      ...(publish.about.length > 0 ? [part("Publish", ...publish.about)] : []),
    );
    ways.replaceChildren(...publish.actions);
    return site;
  }

  function noAddress() {
    const set = textButton(
      "pen",
      "Set the address",
      () => {
        afterwards = work.setAddress;
        dialog.close();
      },
      { class: "button small" },
    );
    return make("p", {}, "This address is an example. The site is checked once it has its own. ", set);
  }
}

/** @param {number} count */
const unsavedWords = (count) =>
  count === 1
    ? "One change is not saved and not part of this."
    : `${count} changes are not saved and not part of this.`;

/** @param {string} title @param {...(Node | string)} children */
const part = (title, ...children) => make("section", {}, make("h3", {}, title), ...children);

/** @param {Finding[]} all */
const findings = (all) =>
  make(
    "ul",
    { class: "findings" },
    ...all.map(({ name, state, text }) => {
      const [drawn, word] = STATES[state];
      return make(
        "li",
        { class: state },
        make("span", { class: "finding-state" }, icon(drawn), word),
        make("div", {}, make("b", {}, name), make("p", {}, ...linked(text))),
      );
    }),
  );

/** @param {Finding[]} all @param {State["deployed"]} deployed */
function conclusion(all, deployed) {
  const count = (/** @type {Finding["state"]} */ state) => all.filter((finding) => finding.state === state).length;
  const [wrong, todo] = [count("wrong"), count("todo")];
  const seen =
    deployed === "current"
      ? "Visitors see this version."
      : deployed === "not_yet"
        ? "Saved, not deployed yet: visitors do not see this version."
        : "";
  const left = [wrong > 0 && `${wrong} wrong`, todo > 0 && `${todo} to do`].filter(Boolean).join(", ");
  return `${seen} ${left === "" ? "Nothing is left to do." : `${left}.`}`.trim();
}
