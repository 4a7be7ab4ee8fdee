// What comes out: a logit as a sum of products; the candidates under the sliders; the throw of the dice.
import { el, said } from "./dom.js";
import { part } from "./blob.js";
import { formula, product } from "./formula.js";
import { num } from "./number.js";
import { takeStep } from "./sampler.js";
import { candidateTable } from "./writing_table.js";
import { diceBar } from "./writing_dice.js";

/** The likeliest candidates; click one for the sum that its logit is. */
export function logits({ header, tensors, words, own }) {
  const { top, ranks, names, rivals } = header.data;
  const last = part(tensors.last, 0).data;
  const scores = tensors.top_logits.data;
  const most = Math.max(...scores.map(Math.abs));
  const panel = el("div", { class: "formula-panel", "aria-live": "polite" });
  own.row = Math.min(own.row ?? 0, top.length - 1);
  const open = (row) => {
    own.row = row;
    rows.forEach((node, at) => node.classList.toggle("picked", at === row));
    const weights = part(tensors.rows, row).data;
    const terms = Array.from(last, (value, at) => product(String(at + 1), value, weights[at]));
    const sum = terms.reduce((total, term) => total + term.value, 0);
    panel.replaceChildren(formula({
      title: said(words.logit_formula, { c: names[row] }), line: [terms.slice(0, 3).map(({ text }) => text).join(" + "), " + …"], terms, result: sum, trace: scores[row], words, open: own.terms, ontoggle: (now) => { own.terms = now; },
    }));
  };
  const rows = top.map((token, row) => el("tr", { "data-token": token, class: rivals.includes(token) ? "rival" : "", onclick: () => open(row) },
    el("td", { class: "num" }, String(ranks[row])), el("th", { scope: "row" }, el("button", { type: "button" }, names[row])),
    el("td", { class: "bar-cell" }, el("i", { class: scores[row] < 0 ? "negative" : "", style: { width: `${(Math.abs(scores[row]) / most) * 100}%` } }), el("span", { class: "num" }, num(scores[row], 3)))));
  open(own.row);
  return el("div", { class: "attention" }, el("p", { class: "note" }, said(words.logit_note, { n: header.channels })),
    el("table", { class: "stages logits" }, el("thead", {}, el("tr", {}, [words.logit_rank, "", words.column_logit].map((text) => el("th", { scope: "col" }, text)))), el("tbody", {}, rows)), panel);
}

/** wanted: temperature, cuts, dice. The same stages as on the page 逐字生成, reckoned by the same module. */
export function choice(context, wanted) {
  const { header, tensors, words, colours, serif, tip, own, tell } = context;
  const { names, controls, sounds, throws } = header.data;
  const [scores, allowed] = [tensors.logits.data, tensors.allowed.data];
  own.cuts ??= { ...header.data.settings };
  own.number ??= 0;
  const order = [];
  for (let token = 0; token < scores.length; token++) if (allowed[token]) order.push(token);
  order.sort((one, other) => scores[other] - scores[one] || one - other);
  const table = candidateTable(words, { ontake: () => {} });
  const dice = wanted.includes("dice") ? diceBar(words, { tip, ontake: () => {} }) : null;
  const verdict = el("p", { class: "verdict", "aria-live": "polite" });
  const reckon = () => {
    const { temperature, top_k: topK, top_p: topP } = own.cuts;
    const stages = takeStep(scores, allowed, { temperature, topK, topP, minP: 0 }, throws[own.number]);
    table.fill({ stages, logits: scores, order, names, controls, sounds, temperature, ended: true });
    if (!dice) return;
    dice.fill({ stages, throw: throws[own.number], names, colours, serif });
    verdict.textContent = said(words.verdict, { u: num(throws[own.number]), c: names[stages.drawn], r: order.indexOf(stages.drawn) + 1, p: num(stages.kept[stages.drawn]) });
  };
  const slider = (name, label, { min, max, step, digits, scale = (x) => x, unscale = (x) => x, none }) => {
    const shown = el("span", { class: "num", "aria-hidden": "true" });
    const range = el("input", { type: "range", min, max, step, "aria-label": label, value: unscale(own.cuts[name]), oninput: () => {
      own.cuts[name] = scale(Number(range.value));
      put();
      reckon();
      tell({ ...own.cuts }, 1);
    } });
    const put = () => {
      shown.textContent = none?.(own.cuts[name]) ? words.no_limit : num(own.cuts[name], digits);
      range.setAttribute("aria-valuetext", shown.textContent);
    };
    put();
    return el("label", { class: "slider" }, el("span", {}, label), shown, range);
  };
  const sliders = [];
  if (wanted.includes("temperature")) sliders.push(slider("temperature", words.temperature, { min: 0, max: 2, step: 0.05, digits: 2 }));
  if (wanted.includes("cuts")) {
    // few candidates matter most, so the slider is finest there; its end is no limit
    sliders.push(slider("top_k", words.top_k, { min: 0, max: 100, step: 1, digits: 0, scale: (x) => (x === 100 ? 0 : Math.max(1, Math.round(10 ** (x / 33)))), unscale: (k) => (k === 0 ? 100 : Math.min(99, Math.round(Math.log10(k) * 33))), none: (k) => k === 0 }),
      slider("top_p", words.top_p, { min: 0.05, max: 1, step: 0.01, digits: 2, none: (p) => p === 1 }));
  }
  const another = dice ? el("button", { type: "button", onclick: () => { own.number = (own.number + 1) % throws.length; reckon(); } }, words.again) : null;
  requestAnimationFrame(reckon); // the bar is as wide as its frame, once that stands
  reckon();
  return el("div", { class: "writing choice" }, el("div", { class: "sliders" }, sliders, another), dice ? verdict : null, dice?.node, el("div", { class: "scroll" }, table.node));
}
