/**
 * A widget, as far as an agent sends one: a form in a card. What it takes is what `chatkit/widgets.py` of
 * openai/chatkit-python 1.6.5 describes, and anything else is an error. The values of a form go along with its action, by
 * the names of its fields: https://developers.openai.com/api/docs/guides/chatkit-actions
 */

/**
 * @typedef {{ type: string, children?: Component[], [member: string]: any }} Component
 * @typedef {{ id: string, widget?: Component }} Item
 * @typedef {(item: Item, action: { type: string, payload: object }) => Promise<void>} Act
 */

/** What is drawn stays as it is until another item takes its place: so a redraw keeps what was typed.
 * @type {WeakMap<Item, HTMLElement>} */
const drawnWidgets = new WeakMap();

/** @param {Item} item @param {Act} act */
export function drawWidget(item, act) {
  const known = drawnWidgets.get(item);
  if (known) {
    return known;
  }
  const card = elementOf("div", { class: "widget" });
  const widget = /** @type {Component} */ (item.widget);
  if (widget.type !== "Card") {
    throw new Error(`chatkit double: no widget of type ${widget.type}`);
  }
  /** @param {Component} form @param {HTMLFormElement} node */
  const submit = async (form, node) => {
    const { type, payload, handler, loadingBehavior, streaming } = form.onSubmitAction;
    if (handler !== "server" || streaming !== true) {
      throw new Error("chatkit double: an agent's action is one for the server");
    }
    card.inert = loadingBehavior === "container";
    await act(item, { type, payload: { ...payload, ...valuesOf(node) } });
    card.inert = false;
  };
  card.append(...childrenOf(item, widget, submit));
  drawnWidgets.set(item, card);
  return card;
}

/** @param {HTMLFormElement} form */
function valuesOf(form) {
  /** @type {Record<string, string | boolean>} */
  const values = {};
  for (const field of form.elements) {
    if (field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement) {
      values[field.name] = field.type === "checkbox" ? /** @type {HTMLInputElement} */ (field).checked : field.value;
    }
  }
  return values;
}

/** @param {string} tag @param {Record<string, unknown>} attributes @param {(Node | string)[]} children */
function elementOf(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) {
      node.setAttribute(name, value === true ? "" : String(value));
    }
  }
  node.append(...children);
  return node;
}

/** @param {Item} item @param {Component} component @param {(form: Component, node: HTMLFormElement) => void} submit */
const childrenOf = (item, { children = [] }, submit) => children.map((child) => drawComponent(item, child, submit));

/** @param {Item} item @param {Component} component @param {(form: Component, node: HTMLFormElement) => void} submit */
function drawComponent(item, component, submit) {
  const { type, name, required, defaultValue } = component;
  const id = `${item.id}-${name ?? component.fieldName}`;
  switch (type) {
    case "Form": {
      const children = childrenOf(item, component, submit);
      const form = /** @type {HTMLFormElement} */ (elementOf("form", {}, ...children));
      // Browsers check the fields before.
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        void submit(component, form);
      });
      return form;
    }
    case "Title":
      return elementOf("h3", {}, component.value);
    case "Text":
      return elementOf("p", {}, component.value);
    case "Label":
      return elementOf("label", { for: id }, component.value);
    case "Input":
      return elementOf("input", { id, name, required, type: component.inputType, value: defaultValue });
    case "Textarea":
      return elementOf("textarea", { id, name, required, rows: component.rows }, defaultValue ?? "");
    case "Checkbox": {
      const box = elementOf("input", { name, type: "checkbox", checked: component.defaultChecked });
      return elementOf("label", {}, box, component.label);
    }
    case "Button":
      return elementOf("button", { type: component.submit ? "submit" : "button" }, component.label);
    default:
      throw new Error(`chatkit double: no component of type ${type}`);
  }
}
