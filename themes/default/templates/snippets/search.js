// Finds a widget by its name or title, and fills the templates of its snippets.
{
  const MOST = 50;
  /** @param {string} id */
  const part = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
  const { snippets, kinds, labels, sizes, widgets } = JSON.parse(part("data").textContent ?? "");
  const search = /** @type {HTMLInputElement} */ (part("search"));

  /** @param {string} tag @param {object} properties @param {(Node | string)[]} children */
  const make = (tag, properties, ...children) => {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  };

  // As the build escapes them.
  /** @type {Record<string, string>} */
  const ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
  /** @param {unknown} text */
  const escaped = (text) => `${text}`.replace(/[&<>"']/g, (character) => ENTITIES[character]);

  const list = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const found = widgets.filter((/** @type {string[]} */ [name, title]) =>
      words.every((word) => `${name} ${title}`.toLowerCase().includes(word)),
    );
    const more = found.length > MOST ? `, the first ${MOST} are shown` : "";
    part("count").textContent = `${found.length} of ${widgets.length} widgets${more}`;
    part("found").replaceChildren(
      ...found
        .slice(0, MOST)
        .map((/** @type {any[]} */ [name, title, kind]) =>
          make("li", {}, make("a", { href: `#${name}` }, name), ` ${title} (${kinds[kind]})`),
        ),
    );
  };

  const show = () => {
    const name = decodeURIComponent(location.hash.slice(1));
    const widget = widgets.find((/** @type {string[]} */ [own]) => own === name);
    const main = part("chosen");
    main.replaceChildren();
    if (!widget) {
      return;
    }
    const [, title, kind, label, size, hasTheme] = widget;
    const [width, height] = sizes[size];
    /** @type {Record<string, unknown>} */
    const values = { name, title, label: labels[label], width, height };
    main.append(make("h2", {}, name, " ", make("small", {}, `${title} (${kinds[kind]})`)));
    for (const { kind, code } of snippets) {
      const filled = hasTheme
        ? `chatkit-embed snippet ${name} ${kind}`
        : code.replace(/\[\[(\w+)\]\]/g, (/** @type {string} */ _, /** @type {string} */ key) => escaped(values[key]));
      const pre = make("pre", { tabIndex: 0 }, make("code", {}, filled));
      const copy = make("button", { type: "button" }, "Copy");
      copy.dataset.copy = "";
      main.append(make("section", {}, make("h3", {}, hasTheme ? `${kind}: made by this command` : kind), pre, copy));
    }
    main.focus();
  };

  search.addEventListener("input", list);
  addEventListener("hashchange", show);
  list();
  show();
}
