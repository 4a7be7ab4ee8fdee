// What goes in: the tokens with their numbers; an embedding, a position and their sum.
import { el, said } from "./dom.js";
import { part } from "./blob.js";
import { signed } from "./colour.js";
import { formula } from "./formula.js";
import { matrix } from "./matrix.js";
import { reveal, verse } from "./verse.js";

/** The verse with a number under each token. */
export function marks({ header, words }) {
  const { ids } = header.data.marks;
  const node = verse(header.tokens, (button, place) => {
    button.tabIndex = -1;
    button.append(el("span", { class: "num below" }, ids[place]));
    button.title = `${header.tokens[place].text} ${ids[place]}`;
  });
  return el("div", { class: "marks" }, el("p", { class: "note" }, words.marks_note), el("div", { class: "right" }, node));
}

/** The verse to choose from. */
export function chooser(tokens, { chosen, onchoose, skip = () => false }) {
  const buttons = [];
  const node = verse(tokens, (button, place) => {
    buttons[place] = button;
    button.disabled = skip(place);
    button.addEventListener("click", () => choose(place));
  });
  const choose = (place, quiet = false) => {
    buttons.forEach((button, at) => button.setAttribute("aria-pressed", String(at === place)));
    if (!quiet) onchoose(place);
  };
  choose(chosen, true);
  requestAnimationFrame(() => reveal(node, chosen));
  return el("div", { class: "right chooser" }, node);
}

/** Three vectors of one place: the token's, the place's, their sum. */
export function vectors({ header, tensors, words, colours, serif, width, own }) {
  const { tokens, data, channels } = header;
  own.place ??= data.place;
  const columns = [64, 48, 32, 24, 16, 12, 8].find((n) => channels % n === 0 && n * 7 <= Math.min(width, 430)) ?? 16;
  const rows = Math.ceil(channels / columns);
  const cell = Math.max(5, Math.min(12, Math.floor((width > 900 ? width / 3 - 60 : Math.min(width, 440) - 30) / columns)));
  const inside = el("div", { class: "vectors" });
  const near = el("p", {});
  const panel = el("div", { class: "formula-panel", "aria-live": "polite" });
  const fill = () => {
    const place = own.place;
    const { text } = tokens[place];
    const rowOf = (name) => part(tensors[name], place).data;
    const values = { token_embedding: rowOf("token_embedding"), position_embedding: rowOf("position_embedding"), embedding: rowOf("embedding") };
    const views = {};
    const point = (i, j) => {
      const at = Math.min(channels - 1, i * columns + j);
      const [one, other, sum] = Object.values(values).map((row) => row[at]);
      own.number = at;
      for (const view of Object.values(views)) view.mark({ cell: [Math.floor(at / columns), at % columns] });
      panel.replaceChildren(formula({ title: said(words.vector_cell, { n: at + 1 }), line: [{ value: one }, " + ", { value: other }], result: Math.fround(one + other), trace: sum, words }));
    };
    const figure = (name, caption) => {
      const row = values[name];
      const most = row.reduce((top, value) => Math.max(top, Math.abs(value)), 0);
      views[name] = matrix({
        name, rows, columns, rowNames: Array(rows).fill(""), columnNames: null, cell: { height: cell, wide: cell }, colours, serif, label: caption,
        colour: (i, j) => (i * columns + j < channels ? signed(colours, row[i * columns + j], most) : colours.leaf), onpoint: point, onleave: () => {},
      });
      return el("figure", { "data-figure": name }, el("figcaption", {}, caption), el("div", { class: "scroll" }, views[name].node));
    };
    inside.replaceChildren(figure("token_embedding", said(words.vector_token, { c: text })), figure("position_embedding", said(words.vector_place, { n: place + 1 })), figure("embedding", words.vector_sum));
    const found = data.nearest[header.line[header.line.length - tokens.length + place]];
    near.replaceChildren(found ? said(words.vector_near, { near: found.join("　") }) : "");
    const at = Math.min(own.number ?? 0, channels - 1);
    point(Math.floor(at / columns), at % columns);
  };
  fill();
  return el("div", {}, chooser(tokens, { chosen: own.place, onchoose: (place) => { own.place = place; fill(); } }), el("p", { class: "note" }, words.vector_note), inside, panel, near);
}
