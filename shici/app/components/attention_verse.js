// Attention where it is read: the verse whose characters glow, and arcs over the line.
import { el, svg } from "./dom.js";
import { css, ground, lettersOn, tint, writtenOn } from "./colour.js";
import { isLatin } from "./face.js";
import { num } from "./number.js";
import { verse } from "./verse.js";

const STEP = 52; // between two characters under the arcs, at most
const LEAST = 0.004; // of a weight that is seen
const LEAST_LETTER = 6; // px
const FAINT = 0.12; // arcs of other characters are drawn from this weight on

/** The verse; point at a character, click to keep it. -> {node, glow(place, row)}, row: the weights of that place. */
export function glowingVerse(tokens, colours, { onpoint, onleave, onkeep }) {
  const buttons = [];
  const node = verse(tokens, (button, place) => {
    buttons[place] = button;
    button.append(el("span", { class: "num share" }));
    button.addEventListener("pointerenter", () => onpoint(place));
    button.addEventListener("focus", () => onpoint(place));
    button.addEventListener("click", () => onkeep(place));
  });
  node.addEventListener("pointerleave", onleave);
  const glow = (place, row) => {
    buttons.forEach((button, j) => {
      const share = j <= place ? row[j] : 0;
      const letters = button.classList.contains("written") ? writtenOn(colours) : [colours.ink, colours.paper];
      const under = share > LEAST ? tint(colours, colours.vermilion, 0.08 + 0.82 * share) : null;
      ground(button, under, ...letters);
      button.lastChild.style.color = under ? css(lettersOn(under, colours.ink, colours.paper)) : "";
      button.classList.toggle("looking", j === place);
      button.classList.toggle("unseen", j > place);
      button.lastChild.textContent = share >= 0.01 ? num(share, 2).replace(/^0/, "") : "";
    });
  };
  return { node, glow };
}

/** Arcs from each character to those it looks at. -> {node, svg, bend(place, weights), reveal(place)}, weights: (T, T). */
export function arcs(tokens, { onpoint, onkeep, width }) {
  const count = tokens.length;
  const step = Math.max(16, Math.min(STEP, (width - 24) / count));
  const x = (place) => 16 + place * step;
  const high = Math.min(190, Math.max(70, (count * step) / 3.2));
  const size = [32 + (count - 1) * step, high + 44];
  const faint = svg("g", { class: "faint" });
  const bright = svg("g", { class: "bright" });
  const small = (text) => { // a word is as small as its place asks
    const wide = text.length * (isLatin(text) ? 0.6 : 1);
    return text.length < 2 || wide * 13 < step - 4 ? {} : { style: { fontSize: `${Math.max(LEAST_LETTER, (step - 4) / wide).toFixed(1)}px` } };
  };
  const letters = tokens.map(({ text, kind, written }, place) => svg("text", {
    x: x(place), y: high + 22, "text-anchor": "middle", class: `letter ${kind}${written ? " written" : ""}`, onpointerenter: () => onpoint(place), onclick: () => onkeep(place), ...small(text),
  }, text));
  const picture = svg("svg", { class: "arcs", viewBox: `0 0 ${size[0]} ${size[1]}`, width: size[0], height: size[1], xmlns: "http://www.w3.org/2000/svg" }, faint, bright, letters);
  const arc = (from, to, share, group) => {
    const rise = Math.min(high - 4, 10 + ((from - to) * step) / 2.6);
    const shape = from === to
      ? `M${x(from) - 4} ${high} a4 7 0 1 1 8 0`
      : `M${x(from)} ${high} C${x(from)} ${high - rise * 1.3} ${x(to)} ${high - rise * 1.3} ${x(to)} ${high}`;
    group.append(svg("path", { d: shape, "stroke-width": (0.4 + share * 5).toFixed(2), "stroke-opacity": (0.25 + share * 0.75).toFixed(3), fill: "none" }));
  };
  const bend = (place, { shape: [, columns], data }) => {
    faint.replaceChildren();
    bright.replaceChildren();
    for (let i = 0; i < count; i++) {
      for (let j = 0; j <= i; j++) {
        const share = data[i * columns + j];
        if (i === place ? share > 0.004 : share > FAINT) arc(i, j, share, i === place ? bright : faint);
      }
    }
    letters.forEach((letter, j) => letter.classList.toggle("looking", j === place));
  };
  const node = el("div", { class: "scroll" }, picture);
  return { node, svg: picture, bend, reveal: (place) => { node.scrollLeft = x(place) - node.clientWidth + 24; } };
}
