// What the sections of 解读 share.
import { el } from "./dom.js";

/** A section with its heading, its explanation, and what its method cannot show. */
export function section({ name, title, note, limits, words, state }, ...children) {
  return el("section", { "data-section": name },
    el("h2", {}, title), el("p", { class: "note" }, note), ...children,
    el("details", { class: "limits", open: state.open[name] ?? true, ontoggle: (event) => { state.open[name] = event.target.open; } },
      el("summary", {}, words.limits), el("p", { class: "note" }, limits)));
}

/** Buttons of which one is pressed. options: [[value, label], ...]. */
export function choice(label, options, chosen, onchoose) {
  const buttons = options.map(([value, text]) => el("button", { type: "button", "data-value": value, "aria-pressed": String(value === chosen), onclick: () => { press(value); onchoose(value); } }, text));
  const press = (value) => buttons.forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.value === value)));
  return el("div", { class: "choice", role: "group", "aria-label": label }, buttons);
}

/** The ground of a cell: as much ink (or vermilion) as `share` says, and whether letters on it must be light. */
export function inked(node, share, colour = "ink") {
  node.style.backgroundColor = share > 0.003 ? `color-mix(in srgb, var(--${colour}) ${(4 + 84 * Math.min(1, share)).toFixed(1)}%, transparent)` : "";
  node.classList.toggle("strong", share > 0.5);
}
