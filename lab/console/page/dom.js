// Elements whose texts are always texts: names come from outside, and nothing here reads markup.

export const $ = (id) => document.getElementById(id);

const SVG = "http://www.w3.org/2000/svg";

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}

export const el = (tag, attributes = {}, ...children) => fill(document.createElement(tag), attributes, children);

export const svg = (tag, attributes = {}, ...children) =>
  fill(document.createElementNS(SVG, tag), attributes, children);

// Sets a text only where it differs, so that a screen reader is not told the same again.
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

// A switch: a checkbox that a screen reader calls one, with its words beside it.
export function toggle(words, onchange) {
  const input = el("input", { type: "checkbox", role: "switch", onchange: () => onchange(input.checked) });
  return { input, label: el("label", { class: "switch" }, input, " ", el("span", {}, words)) };
}
