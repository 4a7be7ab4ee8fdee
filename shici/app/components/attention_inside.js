// One head written out: Q, K, V -> scores -> mask -> softmax -> weighted values, and the formula of any cell.
import { el, said } from "./dom.js";
import { part } from "./blob.js";
import { signed, weight } from "./colour.js";
import { formula, product } from "./formula.js";
import { cells, matrix } from "./matrix.js";
import { num } from "./number.js";

const NAMES = ["q", "k", "v", "scores", "masked", "weights", "out"];

const largest = (data) => data.reduce((most, value) => (Number.isFinite(value) ? Math.max(most, Math.abs(value)) : most), 0);

/** The seven matrices of a head as {shape, data}; the masked scores are the scores with −∞ for the future. */
export function matricesOf(tensors, sentAt, head) {
  const take = (name) => part(tensors[name], sentAt, head);
  const scores = take("scores");
  const columns = scores.shape[1];
  const masked = { shape: scores.shape, data: scores.data.map((value, at) => (at % columns > Math.floor(at / columns) ? -Infinity : value)) };
  return { q: take("q"), k: take("k"), v: take("v"), scores, masked, weights: take("weights"), out: take("heads") };
}

/** The formula of cell (i, j) of a matrix. names: of the places. */
export function explain(name, i, j, matrices, { names, words, layer, channels }) {
  const { q, k, v, scores, weights, out } = matrices;
  const width = q.shape[1];
  const count = scores.shape[1];
  const at = ({ shape, data }, row, column) => data[row * shape[1] + column];
  const value = at(matrices[name], i, j);
  const pair = { t: names[i], s: names[j] };
  if (name === "q" || name === "k" || name === "v") {
    const letter = name.toUpperCase();
    return { title: `${letter}[${names[i]}, ${j + 1}]`, line: [said(words.projection, { l: layer + 1, c: channels, w: letter, t: names[i], d: j + 1 })], trace: value };
  }
  if (name === "scores") {
    const terms = Array.from({ length: width }, (_, d) => product("", at(q, i, d), at(k, j, d)));
    const sum = terms.reduce((total, term) => total + term.value, 0);
    const root = Math.sqrt(width);
    return {
      title: `${names[i]} → ${names[j]}`,
      line: [`q(${names[i]}) · k(${names[j]}) ÷ √${width} = (${terms.slice(0, 3).map(({ text }) => text).join(" + ")} + …) ÷ ${num(root, Number.isInteger(root) ? 0 : 3)} = `, { value: sum }, ` ÷ ${num(root, Number.isInteger(root) ? 0 : 3)}`],
      terms, result: sum / root, trace: value,
    };
  }
  if (name === "masked") {
    const future = j > i;
    return { title: `${names[i]} → ${names[j]}`, line: [said(future ? words.masked_yes : words.masked_no, pair)], result: future ? -Infinity : at(scores, i, j), trace: value };
  }
  if (name === "weights") {
    if (j > i) return { title: `${names[i]} → ${names[j]}`, line: [words.weight_future], result: 0, trace: value };
    const terms = Array.from({ length: i + 1 }, (_, s) => ({ name: names[s], text: `${num(Math.exp(at(scores, i, s)), 4)}`, value: Math.exp(at(scores, i, s)) }));
    const sum = terms.reduce((total, term) => total + term.value, 0);
    const powers = Array.from({ length: Math.min(3, i + 1) }, (_, s) => [s ? " + " : "", { power: at(scores, i, s) }]).flat();
    return {
      title: `${names[i]} → ${names[j]}`,
      line: [{ power: at(scores, i, j) }, " ÷ (", ...powers, i > 2 ? " + …" : "", ") = ", { value: terms[j].value }, " ÷ ", { value: sum }],
      terms, result: terms[j].value / sum, trace: value,
    };
  }
  const terms = Array.from({ length: count }, (_, s) => product(names[s], at(weights, i, s), at(v, s, j))).slice(0, i + 1);
  const sum = terms.reduce((total, term) => total + term.value, 0);
  return {
    title: `${names[i]} , ${j + 1}`,
    line: [terms.slice(0, 3).map(({ name: source, text }) => `${source} ${text}`).join(" + "), terms.length > 3 ? " + …" : ""],
    terms, result: sum, trace: at(out, i, j),
  };
}

/** What lights up in the other matrices when cell (i, j) of one is pointed at. */
export function sources(name, i, j) {
  const past = Array.from({ length: i + 1 }, (_, s) => s);
  return {
    q: { q: { cell: [i, j] } }, k: { k: { cell: [i, j] } }, v: { v: { cell: [i, j] } },
    scores: { q: { rows: [i] }, k: { rows: [j] }, scores: { cell: [i, j] } },
    masked: { scores: { cell: [i, j] }, masked: { cell: [i, j] } },
    weights: { masked: { rows: [i] }, weights: { cell: [i, j] } },
    out: { weights: { rows: [i] }, v: { columns: [j], past }, out: { cell: [i, j] } },
  }[name];
}

/** spec: {matrices, tokens, words, colours, serif, width, layer, channels, state, onrow(i)} -> {node, pictures, row(i)}. */
export function inside({ matrices, tokens, words, colours, serif, width, layer, channels, state, onrow }) {
  const names = tokens.map(({ text }) => text);
  const size = matrices.q.shape[1];
  const captions = { ...words, scores: said(words.scores, { d: size }) };
  const panel = el("div", { class: "panel", "aria-live": "polite" });
  const views = {};
  const { side, wide } = cells(names.length, size, width);
  const point = (name, i, j) => {
    const lit = sources(name, i, j);
    for (const other of NAMES) views[other].mark(lit[other]);
    panel.replaceChildren(formula({ ...explain(name, i, j, matrices, { names, words, layer, channels }), words, open: state.terms, ontoggle: (open) => { state.terms = open; } }));
    state.cell = [name, i, j];
    onrow(i);
  };
  const figures = NAMES.map((name) => {
    const { shape: [rows, columns], data } = matrices[name];
    const square = name === "scores" || name === "masked" || name === "weights";
    const most = largest(data);
    const colour = (i, j) => {
      const value = data[i * columns + j];
      if (value === -Infinity) return colours.leaf;
      return name === "weights" ? (j > i ? colours.leaf : weight(colours, value)) : signed(colours, value, most);
    };
    views[name] = matrix({
      name, rows, columns, rowNames: names, columnNames: square ? names : null, cell: { height: side, wide: square ? side : wide }, colour, colours, serif, label: captions[name],
      onpoint: (i, j) => point(name, i, j), onleave: () => {},
    });
    const numbers = el("details", { class: "numbers", ontoggle: (event) => {
      if (event.target.open && !event.target.querySelector("table")) event.target.append(table(matrices[name], names, square ? names : null, said(words.table_of, { name: captions[name] })));
    } }, el("summary", {}, words.table));
    return el("figure", { class: square ? "square" : "wide", "data-figure": name },
      el("figcaption", {}, captions[name], " ", el("span", { class: "num note" }, `${rows}×${columns}`)),
      el("div", { class: "scroll" }, views[name].node), numbers);
  });
  const [name, i, j] = state.cell ?? ["weights", names.length - 1, Math.max(0, names.length - 2)];
  const { shape } = matrices[name];
  const node = el("div", { class: "inside" }, el("div", { class: "matrices" }, figures), panel);
  const row = (place) => { for (const square of ["scores", "masked", "weights"]) views[square].mark({ rows: [place] }); };
  point(name, Math.min(i, shape[0] - 1), Math.min(j, shape[1] - 1));
  return { node, row, pictures: NAMES.map((each) => ({ caption: captions[each], ...views[each] })) };
}

/** A matrix as a table of numbers, for those who read or copy them. */
function table({ shape: [rows, columns], data }, rowNames, columnNames, caption) {
  const header = Array.from({ length: columns }, (_, j) => el("th", { scope: "col" }, columnNames ? columnNames[j] : String(j + 1)));
  return el("div", { class: "scroll table" }, el("table", {}, el("caption", { class: "only-read" }, caption),
    el("thead", {}, el("tr", {}, el("td"), header)),
    el("tbody", {}, Array.from({ length: rows }, (_, i) => el("tr", {}, el("th", { scope: "row" }, rowNames[i]),
      Array.from({ length: columns }, (_, j) => el("td", {}, num(data[i * columns + j]))))))));
}
