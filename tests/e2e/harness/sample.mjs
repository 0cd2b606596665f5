/** The sample site, as most tests want it. */

/** What stands for the agent in `site.yaml`. */
const AGENT = /^ {4}backend:\n {6}type: agent\n(?: {6,}.*\n)+/m;

/** With a workflow at OpenAI in place of the agent. @param {string} site */
export function withWorkflow(site) {
  if (!AGENT.test(site)) {
    throw new Error("the sample has no agent");
  }
  return site.replace(AGENT, "    backend: { type: hosted }\n    session: { expires_after: 600, history: true }\n");
}
