/** Publishing: the build hook of the host, or a commit that the host builds. */

import { make } from "../shared/dom.js";
import { openDialog } from "./dialog.js";
import { textButton } from "./icons.js";
import { linked } from "./page.js";
import { refusal } from "./saving.js";

/** @import { Api } from "./api.js" */
/** @import { GoLiveReply, Plan } from "./types.js" */

/**
 * What the site can be published with: words for the dialog, and its buttons.
 *
 * @param {{ api: Api, reply: GoLiveReply, status: HTMLElement }} work
 */
export function publishing({ api, reply: { hook, git }, status }) {
  const about = [];
  const actions = [];
  /** @param {Promise<{ text: string }>} asked */
  const publish = async (asked) => {
    status.classList.remove("error");
    status.textContent = "Publishing…";
    try {
      status.textContent = (await asked).text;
    } catch (error) {
      status.replaceChildren(...linked(refusal(error)));
      status.classList.add("error");
    }
  };
  if (git) {
    const words = `Commit and push sends the saved files to ${git.remote}, after showing you what.`;
    about.push(make("p", { class: "help" }, words));
    // What was pushed is not pushed again; the next check says what is left.
    let isDone = false;
    const agreed = () => {
      isDone = true;
      button.ariaDisabled = "true";
      void publish(api.publish({ how: "git", plan: git }));
    };
    const button = textButton("up", "Commit and push", () => !isDone && confirm(git, agreed));
    actions.push(button);
  }
  if (hook?.why) {
    about.push(make("p", { class: "error" }, ...linked(hook.why)));
  } else if (hook) {
    const words = "Publish asks your host to build again, from what its repository has: push your changes first.";
    about.push(make("p", { class: "help" }, words));
    let isAsked = false;
    const ask = async () => {
      // A second click would build a second time.
      if (!isAsked) {
        isAsked = true;
        await publish(api.publish({ how: "hook" }));
        isAsked = false;
      }
    };
    actions.push(textButton("up", "Publish", () => void ask(), { class: "button primary" }));
  }
  return { about, actions };
}

/** Shows what a commit would hold. @param {Plan} plan @param {() => void} agreed */
function confirm({ files, remote, branch, waiting }, agreed) {
  const dialog = openDialog({
    title: "Commit and push?",
    about: `To ${remote}, branch ${branch}. Other changes in your folder stay as they are.`,
  });
  dialog.body.append(
    ...listed("These files are committed", files),
    ...listed("These commits are pushed as well", waiting),
  );
  const yes = textButton(
    "up",
    "Commit and push",
    () => {
      dialog.close();
      agreed();
    },
    { class: "button primary", autofocus: true },
  );
  dialog.actions.append(textButton("close", "Cancel", dialog.close, { class: "button quiet" }), yes);
  yes.focus();
}

/** @param {string} title @param {string[]} items */
const listed = (title, items) =>
  items.length === 0
    ? []
    : [make("h3", {}, title), make("ul", { class: "mono" }, ...items.map((item) => make("li", {}, item)))];
