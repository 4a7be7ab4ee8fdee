// Elements from names and texts: what a person typed reaches the page as text and as nothing else.

import { heedBar } from "./bar.js";

const SVG = "http://www.w3.org/2000/svg";

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "style") Object.assign(node.style, value);
    else if (name === "value") node.value = value;
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false).map(
    (child) => (child instanceof Node ? child : document.createTextNode(String(child)))
  ));
  return node;
}

/** An HTML element: el("button", { class: "seal", onclick }, "text", otherElement). */
export function el(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** The same for SVG. */
export function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

/** Replace the component's picture by `root`; what stood there before goes. */
export function show(parentElement, root) {
  heedBar();
  for (const old of [...parentElement.children]) if (old.classList.contains("shici")) old.remove();
  parentElement.append(root);
}

/** The component's own notes, kept while the page runs again: `start()` makes the first ones. */
const kept = new WeakMap();
export function notes(parentElement, start) {
  if (!kept.has(parentElement)) kept.set(parentElement, start());
  return kept.get(parentElement);
}

/** Words with numbers in them: said("{n} 字", { n: 3 }). */
export function said(text, values = {}) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}
