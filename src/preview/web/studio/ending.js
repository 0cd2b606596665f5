/** What owners of hosted widgets have to know, above the settings of the back end. */

import { make } from "../shared/dom.js";
import { textButton } from "./icons.js";

/** @import { Field, JsonObject, Part } from "./types.js" */

/**
 * @param {Field} backend
 * @param {Field} session what only a hosted workflow has
 * @param {JsonObject} agent a new back end that takes its place
 * @returns {Pick<Part, "element" | "update">}
 */
export function ending(backend, session, agent) {
  const replace = () => {
    session.set(undefined);
    backend.set(structuredClone(agent));
  };
  const element = make(
    "div",
    { class: "ending", role: "note" },
    make(
      "p",
      {},
      "OpenAI closes Agent Builder on 2026-11-30. From then on, a hosted workflow answers nobody. " +
        "An agent takes its place: a model with your instructions, answered by the function that you have already. " +
        "Paste from the playground reads the workflow’s code from Agent Builder (Code, Agents SDK, TypeScript).",
    ),
    textButton("server", "Use an agent", replace, { class: "button small" }),
  );
  return {
    element,
    update() {
      const section = /** @type {JsonObject | undefined} */ (backend.own() ?? backend.inherited());
      const inherited = /** @type {JsonObject | undefined} */ (backend.inherited());
      element.hidden = (section?.type ?? inherited?.type) !== "hosted";
    },
  };
}
