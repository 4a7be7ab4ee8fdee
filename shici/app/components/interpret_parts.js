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
