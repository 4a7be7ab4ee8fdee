// Verse: how surprised the model was at each token, and where its probability lies at the rhymes of a quatrain.
import { el, said, svg } from "./dom.js";
import { num, percent } from "./number.js";
import { reveal, verse } from "./verse.js";

const STEP = 34;
const HIGH = 150;

/** A bar for each token of the verse, as high as its loss. */
export function losses({ header, words, tip }) {
  const { losses: values, ranks } = header.data;
  if (!values.length) return el("div");
  const tokens = header.tokens.slice(-values.length);
  const blind = Math.log(Number(header.data.vocabulary));
  const most = Math.max(...values, blind) * 1.08;
  const y = (loss) => HIGH - (loss / most) * (HIGH - 14);
  const wide = Math.max(320, values.length * STEP + 90);
  const bars = values.map((loss, at) => {
    const text = said(words.loss_bar, { c: tokens[at].text, x: num(loss, 3), p: percent(Math.exp(-loss)), r: ranks[at] });
    return svg("g", { class: `loss${loss > blind ? " high" : ""}`, "data-loss": loss, tabindex: 0, role: "img", "aria-label": text, onpointermove: (event) => tip.show(event.clientX, event.clientY, text), onpointerleave: () => tip.hide(), onblur: () => tip.hide(),
      onfocus: (event) => { const box = event.target.getBoundingClientRect(); tip.show(box.right - 14, box.top, text); } },
      svg("rect", { x: at * STEP, y: 0, width: STEP, height: HIGH + 28, class: "area" }), svg("rect", { x: at * STEP + 5, width: STEP - 10, y: y(loss), height: HIGH - y(loss), class: "bar" }),
      svg("text", { x: at * STEP + STEP / 2, y: y(loss) - 4, class: "value" }, num(loss, 1)), svg("text", { x: at * STEP + STEP / 2, y: HIGH + 22, class: "glyph" }, tokens[at].text));
  });
  const line = svg("g", { class: "blind" }, svg("line", { x1: 0, x2: wide, y1: y(blind), y2: y(blind) }), svg("text", { x: wide - 2, y: y(blind) - 5 }, said(words.loss_blind, { x: num(blind, 2) })));
  return el("div", {}, el("p", { class: "note" }, words.loss_note), el("div", { class: "scroll" }, svg("svg", { class: "losses", width: wide, height: HIGH + 30, role: "group" }, line, bars)));
}

/** The quatrain, its rhyme words, and the heads that look back at them. */
export function quatrain({ header, words }) {
  const { quatrain: poem, heads, baseline } = header.data;
  const bar = (share, most) => el("i", { style: { width: `${(share / most) * 100}%` } });
  const looking = heads.length && el("table", { class: "stages" }, el("caption", {}, words.rhyme_heads), el("tbody", {},
    heads.map(([layer, head, score]) => el("tr", {}, el("th", { scope: "row" }, `${said(words.layer, { n: layer })} · ${said(words.head, { n: head })}`), el("td", { class: "bar-cell" }, bar(score, Math.max(...heads.map((one) => one[2]), baseline)), el("span", { class: "num" }, num(score, 3))))),
    el("tr", { class: "even" }, el("th", { scope: "row" }, words.rhyme_even), el("td", { class: "bar-cell" }, bar(baseline, Math.max(...heads.map((one) => one[2]), baseline)), el("span", { class: "num" }, num(baseline, 3))))));
  if (!poem) return el("div", {}, looking || null);
  const node = verse(poem.tokens, (button, place) => {
    button.tabIndex = -1;
    if (poem.places.includes(place)) button.classList.add("rhymed");
  });
  const most = Math.max(...poem.rhymed.map((one) => one[1]), poem.elsewhere);
  const rows = poem.rhymed.map(([word, bare, legal], nth) => el("tr", { class: nth ? "" : "even" }, el("th", { scope: "row" }, el("b", { class: "said" }, word), nth ? "" : el("span", { class: "note" }, ` ${words.rhyme_first}`)), el("td", { class: "bar-cell" }, bar(bare, most), el("span", { class: "num" }, percent(bare))), el("td", { class: "num" }, legal === null ? words.rhyme_typed : percent(legal))));
  rows.push(el("tr", { class: "even" }, el("th", { scope: "row" }, words.rhyme_elsewhere), el("td", { class: "bar-cell" }, bar(poem.elsewhere, most), el("span", { class: "num" }, percent(poem.elsewhere))), el("td")));
  requestAnimationFrame(() => reveal(node, 0));
  return el("div", { class: "quatrain" }, node, el("div", {},
    el("table", { class: "stages" }, el("thead", {}, el("tr", {}, [words.rhyme_word, words.rhyme_bare, words.rhyme_legal].map((text) => el("th", { scope: "col" }, text)))), el("tbody", {}, rows)), looking || null));
}
