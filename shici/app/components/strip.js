// A line of tokens, each with something of its own underneath; it wraps where the page ends and breaks where the verse does.
import { el } from "./dom.js";

/** each(place) -> {below: [children], class, label}; spec.onpoint(place, event), onleave(), onpick(place). Gives {node, cells}. */
export function strip(tokens, first, each, { onpoint, onleave, onpick } = {}) {
  const cells = [];
  const rows = [el("div", { class: "row" })];
  for (let place = first; place < tokens.length; place++) {
    const { text, kind, written, title } = tokens[place];
    const { below = [], class: extra = "", label } = each(place);
    const cell = el("button", {
      type: "button", class: `cell ${kind}${written ? " written" : ""} ${extra}`, "data-place": place, "aria-label": label ?? text, title: title || null,
      onpointerenter: (event) => onpoint?.(place, event), onfocus: () => onpoint?.(place, null), onclick: () => onpick?.(place),
    }, el("span", { class: "glyph" }, text), below);
    cells[place] = cell;
    rows.at(-1).append(cell);
    if (kind === "feed") rows.push(el("div", { class: "row" }));
  }
  const node = el("div", { class: "strip", onpointerleave: () => onleave?.() }, rows.filter((row) => row.childElementCount));
  return { node, cells };
}
