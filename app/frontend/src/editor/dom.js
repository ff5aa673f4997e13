// Small helpers for elements, so that panels read like what they show.

// h("button", {class: "x", onclick: f, "aria-label": "y"}, "text", child, ...); null and false children are left out.
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "value" || name === "checked" || name === "selected" || name === "disabled") element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

// Put children into an element in place of what was there; null and false are left out.
export function fill(element, ...children) {
  element.replaceChildren(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
}

export const byId = (id) => document.getElementById(id);

let made = 0;

// A labelled field; ``control`` gets an id and, where there is a hint, its description.
export function field(label, control, hint = "") {
  made += 1;
  control.id ||= `field-${made}`;
  const hintId = hint ? `${control.id}-hint` : null;
  if (hintId) control.setAttribute("aria-describedby", hintId);
  return h("div", { class: "editor-field" }, h("label", { for: control.id }, label), hint && h("p", { id: hintId, class: "editor-hint" }, hint), control);
}

export function button(text, onclick, { kind = "plain", ...rest } = {}) {
  return h("button", { type: "button", class: `editor-button editor-button--${kind}`, onclick, ...rest }, text);
}

export function checkbox(label, checked, onchange) {
  made += 1;
  const box = h("input", { type: "checkbox", id: `field-${made}`, checked, onchange: (event) => onchange(event.target.checked) });
  return h("div", { class: "editor-check" }, box, h("label", { for: box.id }, label));
}

// Whether typing at an element must not be taken for a shortcut.
export const takesText = (element) => Boolean(element?.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]"));
