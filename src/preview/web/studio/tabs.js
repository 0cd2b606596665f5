/** Parts of the page that are shown one at a time: tabs, and the panes of a small screen. */

/** Arrows go from one tab to the next, and show it. @param {HTMLElement} list */
export function tabs(list) {
  const all = /** @type {HTMLElement[]} */ ([...list.querySelectorAll("[role=tab]")]);
  /** @param {HTMLElement} chosen */
  function choose(chosen) {
    for (const tab of all) {
      const now = tab === chosen;
      tab.setAttribute("aria-selected", String(now));
      tab.tabIndex = now ? 0 : -1;
      const panel = document.getElementById(String(tab.getAttribute("aria-controls")));
      if (panel) {
        panel.hidden = !now;
      }
    }
  }
  list.addEventListener("click", (event) => {
    const tab = event.target instanceof Element ? event.target.closest("[role=tab]") : null;
    if (tab instanceof HTMLElement) {
      choose(tab);
    }
  });
  list.addEventListener("keydown", (event) => {
    const index = all.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    const to = { ArrowRight: index + 1, ArrowLeft: index - 1, Home: 0, End: all.length - 1 }[event.key];
    if (to === undefined || index === -1) {
      return;
    }
    event.preventDefault();
    const tab = all[(to + all.length) % all.length];
    choose(tab);
    tab.focus();
  });
  choose(all[0]);
}

/** Buttons that show one part of the studio at a time, where there is no room for all. @param {HTMLElement} bench */
export function panes(bench) {
  const buttons = /** @type {HTMLElement[]} */ ([...document.querySelectorAll("[data-pane]")]);
  for (const button of buttons) {
    button.addEventListener("click", () => {
      bench.dataset.shown = button.dataset.pane;
      for (const each of buttons) {
        each.setAttribute("aria-pressed", String(each === button));
      }
    });
  }
}
