/** What the server says of a site, in the shape that the studio works with. */

/** @import { Doc, Problem, State, Widget } from "./types.js" */

/** The files as one document. @param {State} state @param {Widget[]} widgets those that are opened @returns {Doc} */
export function docOf({ site, defaults }, widgets) {
  return {
    site: site ?? {},
    defaults: defaults ?? {},
    widgets: Object.fromEntries(widgets.map(({ name, written }) => [name, written ?? {}])),
  };
}

/** @param {Widget[]} widgets */
export const byName = (widgets) => new Map(widgets.map((widget) => [widget.name, widget]));

/** The same for two problems that are one. @param {Problem} problem */
export const keyOf = ({ path, message }) => `${path} ${message}`;
