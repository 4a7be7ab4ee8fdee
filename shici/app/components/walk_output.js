// The end of the drawing: the likeliest candidates, each number of theirs a cell, the dice, and the whole dictionary.
import { el, said } from "./dom.js";
import { num, percent } from "./number.js";

const COLUMNS = ["logits", "scaled", "probabilities", "kept"];
const SHOWN = 10;

/** {node, views: {name: {mark(marks)}}, drawn}. on: {point, leave, act}. */
export function candidates(scene, on) {
  const { header, words, names, matrix } = scene;
  const tokens = header.top.slice(0, SHOWN);
  if (!tokens.includes(header.drawn)) tokens.push(header.drawn);
  const cells = new Map();
  const most = tokens.reduce((found, token) => Math.max(found, matrix("kept").data[token]), 0);
  const cell = (name, token) => {
    const value = matrix(name).data[token];
    const text = name === "logits" || name === "scaled" ? num(value, 3) : value ? percent(value) : "—";
    const share = name === "logits" || name === "scaled" ? 0 : value;
    const node = el("td", {
      "data-cell": name, "data-token": token, tabindex: 0, "data-value": value,
      onpointerenter: (event) => on.point(name, 0, token, event, false), onpointerdown: (event) => on.point(name, 0, token, event, true),
      onpointerleave: () => on.leave(), onfocus: () => on.point(name, 0, token, null, false),
    }, el("i", { style: { width: `${(share / most) * 100}%` } }), el("span", { class: "num" }, text));
    cells.set(`${name} ${token}`, node);
    return node;
  };
  const node = el("table", { class: "candidates" },
    el("thead", {}, el("tr", {}, el("th"), COLUMNS.map((name) => el("th", { scope: "col" }, said(words[name], { t: num(header.temperature, 2) }))))),
    el("tbody", {}, tokens.map((token) => el("tr", { class: token === header.drawn ? "drawn" : "" },
      el("th", { scope: "row" }, token < header.controls ? el("span", { class: "control-token", title: words.control_token }, names[token]) : names[token]), COLUMNS.map((name) => cell(name, token))))));
  const views = {};
  for (const name of COLUMNS) {
    views[name] = {
      mark(marks) {
        for (const token of tokens) {
          const classes = cells.get(`${name} ${token}`).classList;
          classes.toggle("target", marks.some((mark) => mark.target && mark.column === token));
          classes.toggle("lit", marks.some((mark) => !mark.target && (mark.column === "*" || mark.column === token)));
        }
      },
      nodeOf: ({ column }) => cells.get(`${name} ${column}`),
    };
  }
  return { node, views };
}

/** The dice's verdict and what can be done. */
export function verdict(scene, on) {
  const { header, words, names } = scene;
  const share = scene.matrix("kept").data[header.drawn];
  const button = (name, event, hidden, main) => el("button", { type: "button", class: main ? "seal" : "", "data-do": name, hidden, onclick: () => on.act(event) }, words[name]);
  return el("div", { class: "verdict", "data-anchor": "drawn" },
    header.ended ? words.ended : said(words.will_write, { u: num(header.throw, 4), c: names[header.drawn], r: header.rank, p: percent(share) }),
    el("span", { class: "tools" }, button("write", { draw: true }, header.ended, true), button("undo", { undo: true }, !header.written), button("back", { back: true }, !header.written)));
}
