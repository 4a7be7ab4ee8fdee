// The longest run of each character that stands in the training text.
import { el, said } from "./dom.js";
import { num } from "./number.js";
import { section } from "./interpret_parts.js";
import { strip } from "./strip.js";

const LONG = 5; // characters; a whole line of 五言

export function recallSection({ header, words, tokens, state, send }) {
  const { recall } = header;
  const about = { name: "recall", title: words.recall, note: said(words.recall_note, { n: LONG }), limits: words.recall_limits, words, state };
  const spoilt = header.spoilt ? el("p", { class: "red", role: "alert" }, header.spoilt) : null;
  if (recall.state === "missing") return section(about, el("p", { class: "missing" }, recall.message));
  if (recall.state === "bare") {
    const build = el("button", { type: "button", class: "seal", onclick: () => { build.disabled = true; send({ index: true }); } }, words.recall_build);
    return section(about, el("p", { class: "missing" }, said(words.recall_bare, { n: recall.tokens.toLocaleString("en"), mb: Math.round((recall.tokens * 4) / 1e6) })), el("p", {}, build), spoilt);
  }
  const { runs, usual } = recall;
  const first = header.body;
  const text = (from, to) => tokens.slice(from, to).map((token) => token.text).join("");
  const covering = runs.map(() => 0); // the longest run that each character is part of
  runs.forEach(({ length }, i) => { for (let j = i - length + 1; j <= i; j++) covering[j] = Math.max(covering[j], length); });
  const told = el("div", { class: "told", "aria-live": "polite" });
  const say = (place) => {
    const i = place - first;
    const { length, count, author, title, context, before, continued } = runs[i];
    line.cells.forEach((cell, at) => cell.classList.toggle("in-run", length > 0 && at > place - length && at <= place));
    const name = tokens[place].text;
    told.replaceChildren(
      el("p", {}, length ? [said(words.recall_cell, { run: text(place - length + 1, place + 1), n: count.toLocaleString("en") }), said(words.recall_source, { author: author || words.anonymous, title: title || words.nameless }), "。"] : said(words.recall_none, { c: name })),
      context ? el("p", { class: "note" }, said(words.recall_context, { run: text(place - context, place), n: before.toLocaleString("en"), m: continued.toLocaleString("en"), c: name })) : "");
  };
  const line = strip(tokens, first, (place) => {
    const { length } = runs[place - first];
    const cover = covering[place - first];
    const rule = el("span", { class: "rule", style: cover >= LONG ? { borderTopWidth: `${Math.min(7, 1 + (cover - LONG) * 0.6)}px` } : {} });
    return { class: cover >= LONG ? "recalled" : "", label: `${tokens[place].text} ${length}`, below: [rule, el("span", { class: "num", "data-run": length }, String(length))] };
  }, { onpoint: say, onpick: say });
  const figures = (which) => ({ m: num(which.reduce((sum, { length }) => sum + length, 0) / which.length, 1), x: Math.max(...which.map(({ length }) => length)) });
  const written = runs.filter((_, i) => tokens[first + i].written);
  return section(about, runs.length ? line.node : null, told, spoilt,
    el("p", { class: "figures" },
      runs.length ? el("span", {}, said(words.here, figures(runs))) : null,
      written.length && written.length < runs.length ? [" ", el("span", {}, said(words.here_written, figures(written)))] : null,
      usual ? [" ", el("span", { class: "note" }, said(words.usual, { p: usual.poems, m: num(usual.mean, 1), l: num(usual.longest, 1), x: usual.most }))] : null));
}
