// One head written out as far as the lesson has come, and all heads with what the last token looks at.
import { el, said } from "./dom.js";
import { part } from "./blob.js";
import { signed, weight } from "./colour.js";
import { formula } from "./formula.js";
import { matrix } from "./matrix.js";
import { headGrid } from "./attention_heads.js";
import { glowingVerse } from "./attention_verse.js";
import { reveal } from "./verse.js";
import { explain, matricesOf, sources } from "./attention_inside.js";

const SQUARE = ["scores", "masked", "weights"];

/** The pair of selects for a head. -> node; a layer that is not here is asked for. */
function selects({ header, words, own, tell }, change) {
  const pick = (name, count, label) => {
    const node = el("select", { "aria-label": label, onchange: () => { own[name] = Number(node.value); change(); tell({ layer: own.layer, head: own.head }); } },
      Array.from({ length: count }, (_, n) => el("option", { value: n }, String(n + 1))));
    node.value = own[name];
    return el("label", {}, label, " ", node);
  };
  return el("div", { class: "selects" }, pick("layer", header.layers, words.choose_layer), pick("head", header.heads, words.choose_head), el("span", { class: "note" }, words.head_note));
}

function begin({ header, own }) {
  const [layer, head] = header.data.chosen;
  own.layer ??= layer;
  own.head ??= head;
  if (!header.data.sent.includes(own.layer)) own.layer = header.data.sent[0];
}

/** names: which of q, k, v, scores, masked, weights, out are shown. */
export function oneHead(context, names) {
  const { header, tensors, words, colours, serif, width, own, tell } = context;
  const { tokens } = header;
  const texts = tokens.map(({ text }) => text);
  begin(context);
  const figures = el("div", { class: "matrices" });
  const panel = el("div", { class: "formula-panel", "aria-live": "polite" });
  const wide = names.filter((name) => !SQUARE.includes(name)).length;
  const fill = () => {
    if (!header.data.sent.includes(own.layer)) return; // on its way
    const matrices = matricesOf(tensors, header.data.sent.indexOf(own.layer), own.head);
    const size = matrices.q.shape[1];
    const views = {};
    const captions = { ...words, scores: said(words.scores, { d: size }) };
    const room = width > 760 && wide ? Math.floor((width - 40) / 2) : width > 760 ? Math.floor((width - 30) / names.length) : width;
    const point = (name, i, j, pinned) => {
      const lit = sources(name, i, j);
      for (const other of names) views[other].mark(lit[other]);
      panel.replaceChildren(formula({ ...explain(name, i, j, matrices, { names: texts, words, layer: own.layer, channels: header.channels }), words, open: own.terms, ontoggle: (open) => { own.terms = open; } }));
      own.cell = [name, i, j];
      if (pinned) tell({ layer: own.layer, head: own.head, cell: [name, i, j] });
    };
    figures.replaceChildren(...names.map((name) => {
      const { shape: [rows, columns], data } = matrices[name];
      const square = SQUARE.includes(name);
      const most = data.reduce((top, value) => (Number.isFinite(value) ? Math.max(top, Math.abs(value)) : top), 0);
      const colour = (i, j) => {
        const value = data[i * columns + j];
        if (value === -Infinity) return colours.leaf;
        return name === "weights" ? (j > i ? colours.leaf : weight(colours, value)) : signed(colours, value, most);
      };
      const side = Math.max(5, Math.min(26, Math.floor((room - 30) / columns)));
      const high = Math.max(5, Math.min(22, Math.floor(420 / rows)));
      let pinned = null;
      views[name] = matrix({
        name, rows, columns, rowNames: texts, columnNames: square ? texts : null, cell: square ? { height: side, wide: side } : { height: high, wide: Math.max(3, Math.min(9, side)) },
        colour, colours, serif, label: captions[name], onleave: () => {},
        onpoint: (i, j, event, kept) => {
          if (kept && event === null) clearTimeout(pinned); // arrow keys: the cell counts where they rest
          point(name, i, j, kept && event !== null);
          if (kept && event === null) pinned = setTimeout(() => tell({ layer: own.layer, head: own.head, cell: [name, i, j] }), 300);
        },
      });
      return el("figure", { "data-figure": name }, el("figcaption", {}, captions[name], " ", el("span", { class: "num note" }, `${rows}×${columns}`)), el("div", { class: "scroll" }, views[name].node));
    }));
    const [name, i, j] = own.cell ?? [names.at(-1), tokens.length - 1, Math.max(0, tokens.length - 2)];
    point(names.includes(name) ? name : names.at(-1), i, j, false);
  };
  const choosing = selects(context, fill);
  fill();
  return el("div", { class: "attention one-head" }, choosing, figures, panel);
}

/** All heads; the verse glows with what the last token of the chosen one looks at. */
export function heads(context) {
  const { header, tensors, words, colours, own, tell } = context;
  const { tokens, data } = header;
  begin(context);
  const last = tokens.length - 1;
  const rowOf = (place) => part(tensors.weights, data.sent.indexOf(own.layer), own.head, place).data;
  const glowing = glowingVerse(tokens, colours, { onpoint: (place) => glow(place), onleave: () => glow(last), onkeep: (place) => glow(place) });
  const named = el("h3", {});
  const glow = (place) => {
    if (!data.sent.includes(own.layer)) return;
    named.textContent = `${said(words.layer, { n: own.layer + 1 })} · ${said(words.head, { n: own.head + 1 })}`;
    glowing.glow(place, rowOf(place));
  };
  const reach = () => { // a long verse is turned to what is looked at the most
    glow(last);
    const row = rowOf(last);
    reveal(glowing.node, row.indexOf(Math.max(...row)));
  };
  const grid = headGrid({
    thumbnails: tensors.thumbnails, layers: header.layers, heads: header.heads, words, colours, chosen: [own.layer, own.head],
    onchoose: (layer, head) => { Object.assign(own, { layer, head }); grid.choose(layer, head); if (data.sent.includes(layer)) reach(); tell({ layer, head }); },
  });
  glow(last);
  requestAnimationFrame(reach);
  return el("div", { class: "attention all-heads" }, el("p", { class: "note" }, words.heads_pick), el("div", { class: "pair" }, grid.node, el("div", {}, named, el("div", { class: "right" }, glowing.node))));
}
