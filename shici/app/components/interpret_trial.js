// Three poems of the same dice: with all heads, without one, without another; and the counts of several.
import { el, said } from "./dom.js";
import { num } from "./number.js";

export function trial({ head, control, way, poems, counts, losses }, words) {
  const name = ([layer, number]) => ({ l: layer + 1, h: number + 1 });
  const titles = [words.with_all, said(words.without, name(head)), said(words.control, name(control))];
  const wayName = { zero: words.way_zero, mean: words.way_mean }[way];
  const loss = losses.map((value, i) => el("td", { class: "num", "data-loss": value }, num(value, 4), i ? el("span", { class: "change" }, ` ${value >= losses[0] ? "+" : ""}${num(value - losses[0], 4)}`) : ""));
  const rows = [["ended", words.row_ended], ["even", words.row_even], ["rhyme", words.row_rhyme], ["regulated", words.row_regulated]];
  return el("div", { class: "trial" },
    el("h3", {}, said(words.trial_title, { ...name(head), way: wayName })),
    el("div", { class: "poems" }, poems.map((poem, i) => el("figure", {},
      el("figcaption", { class: i === 1 ? "red" : "" }, titles[i]),
      el("div", { class: "scroll leaf-scroll" }, leaf(poem)),
      el("p", { class: "verdict" }, [poem.form || words.free_form, poem.regulated, poem.rhyme ? said(words.rhymes_in, { r: poem.rhyme }) : words.no_one_rhyme, poem.ended ? "" : words.unfinished].filter(Boolean).join("　")),
      poem.faults.length ? el("ul", { class: "faults" }, poem.faults.slice(0, 4).map((fault) => el("li", {}, fault)), poem.faults.length > 4 ? el("li", {}, "…") : null) : null))),
    el("div", { class: "scroll" }, el("table", { class: "counts" },
      el("thead", {}, el("tr", {}, el("th", {}, said(words.of_eight, { n: counts[0].all })), [titles[0], titles[1], words.control_short].map((title) => el("th", { scope: "col" }, title)))),
      el("tbody", {}, loss.length ? el("tr", {}, el("th", { scope: "row" }, words.row_loss), loss) : null, rows.map(([key, label]) => el("tr", {}, el("th", { scope: "row" }, label), counts.map((count) => el("td", { class: "num", "data-count": key }, String(count[key])))))))),
    el("p", { class: "note" }, said(words.trial_note, { n: counts[0].all })));
}

/** A poem set vertically: a line of verse a column, what was typed in ink and what was written in vermilion. */
function leaf({ body, typed }) {
  const columns = [[]];
  [...body].forEach((character, place) => {
    if (character === "\n") {
      if (columns.at(-1).length) columns.push([]);
      return;
    }
    columns.at(-1).push([character, place >= typed]);
    if ("，。！？；：".includes(character)) columns.push([]);
  });
  return el("div", { class: "leaf" }, columns.filter((column) => column.length).map((column) => el("p", {}, column.map(([character, written]) => el("span", { class: written ? "written" : "" }, character)))));
}
