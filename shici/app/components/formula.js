// A formula with its real numbers: a line, bars for its terms, the terms written out, and the model's own result.
import { el, said, svg } from "./dom.js";
import { apart, num, term } from "./number.js";

const NAMED = 24; // terms, at most, whose names stand under their bars

/** {title, line: [text | {value, digits} | {power}: e to the power of it], terms: [{name, text, value}], result, trace, words, open, ontoggle}. */
export function formula({ title, line, terms = [], result, trace, words, open, ontoggle }) {
  const shown = line.map((piece) => {
    if (typeof piece === "string") return piece;
    if ("power" in piece) return el("span", { class: "num" }, "e", el("sup", {}, num(piece.power, 2)));
    return el("span", { class: "num" }, num(piece.value, piece.digits ?? 4));
  });
  return el("div", { class: "formula", "data-result": String(result), "data-trace": String(trace) },
    el("p", { class: "name" }, title),
    el("p", { class: "sum" }, shown,
      result === undefined ? null : [" = ", el("span", { class: "num result" }, num(result))],
      el("span", { class: "own" }, words.trace, " ", el("span", { class: "num" }, num(trace)),
        result === undefined || !Number.isFinite(result) ? null : [" · ", said(words.apart, { n: apart(result, trace) })])),
    terms.length ? bars(terms) : null,
    terms.length && terms.length <= NAMED && terms[0].name ? el("div", { class: "bar-names", "aria-hidden": "true" }, terms.map(({ name }) => el("span", {}, name))) : null,
    terms.length
      ? el("details", { open, ontoggle: (event) => ontoggle(event.target.open) }, el("summary", {}, words.terms, " ", String(terms.length)),
          el("div", { class: "terms" }, terms.map(({ name, text }) => el("span", { class: "term" }, name ? el("b", {}, name) : null, text))))
      : null);
}

/** Each term as a bar: up for positive, down for negative; without any of these no room is left below. */
function bars(terms) {
  const largest = Math.max(...terms.map(({ value }) => Math.abs(value)), 1e-12);
  const width = 1000 / terms.length;
  const below = terms.some(({ value }) => value < 0) ? 22 : 1;
  return svg("svg", { class: "bars", viewBox: `0 -22 1000 ${22 + below}`, style: { height: `${22 + below}px` }, preserveAspectRatio: "none", "aria-hidden": "true" },
    svg("line", { x1: 0, x2: 1000, y1: 0, y2: 0 }),
    terms.map(({ name, text, value }, i) => {
      const height = (Math.abs(value) / largest) * 21;
      return svg("rect", { x: i * width + width * 0.12, width: width * 0.76, y: value > 0 ? -height : 0, height, class: value > 0 ? "up" : "down" },
        svg("title", {}, `${name ? `${name} ` : ""}${text} = ${num(value)}`));
    }));
}

/** A product as a term. */
export function product(name, one, other) {
  return { name, text: `${term(one)}×${term(other)}`, value: one * other };
}
