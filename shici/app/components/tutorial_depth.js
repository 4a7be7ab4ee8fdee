// The last token on its way up: the residual stream stage by stage, and the neurons of one MLP.
import { el, said } from "./dom.js";
import { part } from "./blob.js";
import { signed } from "./colour.js";
import { formula } from "./formula.js";
import { matrix } from "./matrix.js";
import { num, percent } from "./number.js";

/** A row for the embedding and for each layer; click the one that is asked for. */
export function stages({ header, words, own, tell }) {
  const { stages: rows, picked } = header.data;
  own.stage ??= picked;
  const longest = Math.max(...rows.map(({ length }) => length));
  const bodies = rows.map((row, stage) => {
    const name = stage ? said(words.stage_after, { n: stage }) : words.stage_start;
    const choose = () => {
      own.stage = stage;
      bodies.forEach((other, at) => other.classList.toggle("picked", at === stage));
      tell({ stage });
    };
    return el("tr", { class: own.stage === stage ? "picked" : "", "data-stage": stage, onclick: choose },
      el("th", { scope: "row" }, el("button", { type: "button", "aria-label": said(words.stage_pick, { n: stage + 1 }) }, name)),
      el("td", { class: "bar-cell" }, el("i", { style: { width: `${(row.length / longest) * 100}%` } }), el("span", { class: "num" }, num(row.length, 2))),
      el("td", { class: "added num" }, stage ? `${num(row.attention, 2)} · ${num(row.mlp, 2)}` : "—"),
      el("td", { class: "writes" }, row.top.map(([text, share]) => el("span", {}, el("b", { class: "said" }, text), " ", el("span", { class: "num" }, percent(share))))));
  });
  return el("div", { class: "scroll" }, el("table", { class: "stages deep" },
    el("thead", {}, el("tr", {}, ["", words.stage_length, words.stage_added, words.stage_writes].map((text) => el("th", { scope: "col" }, text)))), el("tbody", {}, bodies)));
}

/** erf by its series; |x| < 6, to about 1e-10 (beyond it is 1 to that many digits). */
export function erf(x) {
  if (Math.abs(x) >= 6) return Math.sign(x);
  let [sum, term] = [x, x];
  for (let n = 1; n < 150; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

/** The neurons of the last token in one layer, before and after GELU. */
export function neurons(context) {
  const { header, tensors, words, colours, serif, width, own, tell } = context;
  own.layer ??= header.data.layer;
  const count = tensors.hidden.shape[1];
  const columns = [48, 64, 32, 24, 16].find((n) => count % n === 0) ?? 48;
  const rows = Math.ceil(count / columns);
  const cell = Math.max(5, Math.min(10, Math.floor(((width > 900 ? width / 2 : width) - 34) / columns)));
  const figures = el("div", { class: "matrices" });
  const panel = el("div", { class: "formula-panel", "aria-live": "polite" });
  const fill = () => {
    const before = part(tensors.hidden, own.layer).data;
    const after = part(tensors.activated, own.layer).data;
    const views = [];
    const point = (i, j, pinned) => {
      const at = Math.min(count - 1, i * columns + j);
      own.neuron = at;
      const share = (1 + erf(before[at] / Math.SQRT2)) / 2;
      for (const view of views) view.mark({ cell: [Math.floor(at / columns), at % columns] });
      panel.replaceChildren(formula({ title: said(words.mlp_cell, { n: at + 1 }), line: ["GELU(x) = x · Φ(x) = ", { value: before[at] }, " × ", { value: share }], result: before[at] * share, trace: after[at], words }));
      if (pinned) tell({ layer: own.layer, neuron: at });
    };
    const figure = (name, data, caption) => {
      const most = data.reduce((top, value) => Math.max(top, Math.abs(value)), 0);
      const view = matrix({
        name, rows, columns, rowNames: Array(rows).fill(""), columnNames: null, cell: { height: cell, wide: cell }, colours, serif, label: caption,
        colour: (i, j) => (i * columns + j < count ? signed(colours, data[i * columns + j], most) : colours.leaf),
        onpoint: (i, j, event, kept) => {
          clearTimeout(own.rest);
          point(i, j, kept && event !== null);
          if (kept && event === null) own.rest = setTimeout(() => tell({ layer: own.layer, neuron: own.neuron }), 300);
        },
        onleave: () => {},
      });
      views.push(view);
      return el("figure", { "data-figure": name }, el("figcaption", {}, caption), el("div", { class: "scroll" }, view.node));
    };
    figures.replaceChildren(figure("hidden", before, words.mlp_before), figure("activated", after, words.mlp_after));
    const at = Math.min(own.neuron ?? 0, count - 1);
    point(Math.floor(at / columns), at % columns, false);
  };
  const layer = el("select", { "aria-label": words.choose_layer, onchange: () => { own.layer = Number(layer.value); fill(); } },
    Array.from({ length: header.layers }, (_, n) => el("option", { value: n }, String(n + 1))));
  layer.value = own.layer;
  fill();
  return el("div", { class: "attention one-head" }, el("div", { class: "selects" }, el("label", {}, words.choose_layer, " ", layer)), figures, panel);
}
