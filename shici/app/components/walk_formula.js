// The leaf that explains a cell: its formula with the real numbers, each term as a bar, the largest terms written out.
import { el, said } from "./dom.js";
import { css } from "./colour.js";
import { apart, num } from "./number.js";

const LARGEST = 8;

/** found: what explain() gives. {words, colours, width} -> an element. */
export function formulaLeaf(found, { words, colours, width, caption }) {
  const { title, how, made, line, terms, result, trace } = found;
  const pieces = line.map((piece) => {
    if (typeof piece === "string") return piece;
    if ("power" in piece) return el("span", { class: "num" }, "e", el("sup", {}, num(piece.power, 2)));
    return el("span", { class: "num" }, num(piece.value, piece.digits ?? 4));
  });
  const digits = Math.abs(trace) < 0.001 && trace !== 0 ? 7 : 4;
  const finite = result !== undefined && Number.isFinite(result);
  return el("div", { class: "formula", "data-cell": title, "data-result": String(result), "data-trace": String(trace) },
    el("p", { class: "name" }, el("b", {}, title), " ", el("span", { class: "num" }, "= ", num(trace, digits)), " ", el("span", { class: "note" }, caption)),
    el("p", { class: "how num" }, how, made.length ? `  ←  ${made.join("  ")}` : ""),
    el("p", { class: "sum" }, pieces, result === undefined ? null : [" = ", el("span", { class: "num result" }, num(result, digits))]),
    el("p", { class: "own note" }, words.trace, " ", el("span", { class: "num" }, num(trace, digits)), finite ? [" · ", said(words.apart, { n: apart(result, trace) })] : null),
    terms.length > 1 ? [bars(terms, colours, width), el("p", { class: "note" }, words.largest), largest(terms)] : null);
}

/** Each term as a bar, up for positive and down for negative; of very many the larger of neighbours. */
function bars(terms, colours, width) {
  const [height, scale] = [46, Math.min(3, window.devicePixelRatio || 1)];
  const canvas = el("canvas", { class: "bars", width: Math.round(width * scale), height: height * scale, style: { width: `${width}px`, height: `${height}px` }, "aria-hidden": "true" });
  const context = canvas.getContext("2d");
  context.scale(scale, scale);
  const most = terms.reduce((found, { value }) => Math.max(found, Math.abs(value)), 1e-12);
  const [signs, wide] = [terms.some(({ value }) => value < 0), width / terms.length];
  const [zero, reach] = signs ? [height / 2, height / 2 - 1] : [height - 1, height - 2];
  context.fillStyle = css(colours.rule);
  context.fillRect(0, zero, width, 1);
  for (const [n, { value }] of terms.entries()) {
    const tall = (Math.abs(value) / most) * reach;
    context.fillStyle = css(value > 0 ? colours.vermilion : colours.soft);
    context.fillRect(n * wide, value > 0 ? zero - tall : zero, Math.min(18, Math.max(0.7, wide * 0.8)), tall);
  }
  return canvas;
}

function largest(terms) {
  const order = [...terms].sort((one, other) => Math.abs(other.value) - Math.abs(one.value)).slice(0, LARGEST);
  return el("ul", { class: "terms" }, order.map(({ name, text, value }) =>
    el("li", {}, el("b", {}, name), el("span", {}, text), el("span", { class: "num" }, value >= 1e5 ? value.toExponential(2) : num(value)))));
}
