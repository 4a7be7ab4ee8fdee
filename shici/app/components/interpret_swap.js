// One character swapped, and how far each later distribution moves.
import { el, said } from "./dom.js";
import { num } from "./number.js";
import { section } from "./interpret_parts.js";
import { strip } from "./strip.js";

export function swapSection({ header, tensors, words, tokens, state, send }) {
  const found = header.swap;
  const divergence = tensors.divergence?.data;
  const most = divergence ? Math.max(...divergence, 1e-9) : 1;
  const told = el("p", { class: "told", "aria-live": "polite" });
  const say = (place) => {
    if (!found || place < found.place) return;
    told.replaceChildren(said(words.swap_cell, { c: tokens[place].text, k: num(divergence[place], 3), a: found.likeliest[place], b: found.likeliest_after[place] }));
  };
  const able = ({ kind }) => kind === "char" || kind === "field" || kind === "feed";
  const line = strip(tokens, 0, (place) => {
    const share = found ? divergence[place] / most : 0;
    const here = found && place === found.place;
    return {
      class: here ? "swapped" : "",
      label: found ? `${tokens[place].text} KL ${num(divergence[place], 3)}` : tokens[place].text,
      below: found ? [
        el("span", { class: "becomes" }, here ? found.after : ""),
        el("span", { class: "fall", "data-kl": divergence[place] }, el("i", { style: { height: `${(share * 100).toFixed(1)}%` } })),
        el("span", { class: "num" }, place >= found.place ? num(divergence[place], 2) : ""),
      ] : [],
    };
  }, { onpoint: say, onleave: () => told.replaceChildren(), onpick: (place) => pick(place) });

  const desk = el("form", { class: "swap-desk", onsubmit: (event) => { event.preventDefault(); if (state.at !== null) send({ swap: state.at, with: typed.value }); } });
  const typed = el("input", { type: "text", maxlength: 4, size: 3, autocomplete: "off", "aria-label": words.swap_do });
  function pick(place) {
    if (!able(tokens[place]) || place === 0) return;
    state.at = place;
    line.cells.forEach((cell, i) => cell.classList.toggle("looking", i === place));
    const names = header.top.at(-1)[place - 1].filter((text, k) => text !== tokens[place].text && !header.controls.at(-1)[place - 1][k] && text !== "↵");
    desk.replaceChildren(
      said(words.swap_for, { c: tokens[place].text }), " ", typed, " ", el("button", { type: "submit" }, words.swap_do),
      el("span", { class: "tries" }, words.swap_try, names.map((text) => el("button", { type: "button", class: "try", onclick: () => send({ swap: place, with: text }) }, text))));
  }
  desk.append(el("span", { class: "note" }, words.swap_pick));
  if (state.at === null && found) state.at = found.place;
  if (state.at !== null && state.at < tokens.length) pick(state.at);
  return section({ name: "swap", title: words.swap, note: words.swap_note, limits: words.swap_limits, words, state },
    line.node, desk,
    header.refused ? el("p", { class: "refused red", role: "alert" }, header.refused) : null,
    found ? el("p", { class: "swap-done", "data-surprise": found.surprise }, said(words.swap_done, { a: found.before, b: found.after, x: num(found.surprise, 2), y: num(found.surprise_after, 2) })) : null,
    found ? told : null);
}
