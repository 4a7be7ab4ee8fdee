// The candidates, most likely first: logit -> divided by the temperature -> softmax -> after the cuts.
import { el } from "./dom.js";
import { num, percent } from "./number.js";

const ROWS = 18;
const STRUCK = 3; // of what a form refuses, so many are shown however unlikely
const TONES = { 平: "○", 上: "●", 去: "●", 入: "●" };

/** The mark and the rhyme groups of a character: "○ 七阳", "◐ 一先 / 十七霰". */
export function soundOf(sounds) {
  if (!sounds?.length) return { mark: "", groups: "" };
  const level = new Set(sounds.map(([tone]) => tone === "平"));
  const mark = level.size === 2 ? "◐" : TONES[sounds[0][0]];
  return { mark, groups: [...new Set(sounds.map(([, group]) => group))].join(" / ") };
}

/** The name of a control token is small and grey, and says what it is: 唐 may be the dynasty. */
export function control(node, yes, words) {
  node.classList.toggle("control-token", yes);
  node.title = yes ? words.control_token : "";
}

/** -> {node, fill(spec)}; spec: {stages, logits, order, names, controls, sounds, ...}; of the names the first `controls` are
 * those of control tokens. The rows stay, their numbers change. */
export function candidateTable(words, { ontake }) {
  const head = ["", "", words.column_logit, words.column_scaled, words.column_probability, words.column_kept];
  const rows = Array.from({ length: ROWS + 2 }, () => {
    const glyph = el("span", { class: "glyph" });
    const mark = el("span", { class: "sound" });
    const groups = el("span", { class: "sound groups" });
    const rank = el("span", { class: "num rank" });
    const take = el("button", { type: "button", class: "take", onclick: () => ontake(row.token) }, glyph, mark, groups);
    const bars = Array.from({ length: 4 }, () => {
      const bar = el("i");
      const value = el("span", { class: "num" });
      return { bar, value, cell: el("td", {}, bar, value) };
    });
    const node = el("tr", {}, el("td", { class: "who" }, rank), el("th", { scope: "row" }, take), bars.map(({ cell }) => cell));
    const why = el("span", { class: "why" });
    bars[3].cell.append(why);
    const row = { node, glyph, mark, groups, rank, take, bars, why, token: -1 };
    return row;
  });
  const headings = head.map((text) => el("th", { scope: "col" }, text));
  const node = el("table", { class: "candidates" }, el("thead", {}, el("tr", {}, headings)), el("tbody", {}, rows.map((row) => row.node)));

  // refused: token -> why the form does not allow it; everything: the softmax before the form was asked; sought: a token
  // that is shown wherever it stands, -1 for none
  const fill = ({ stages, logits, order, names, controls = 0, sounds, temperature, ended, refused = {}, everything, sought = -1 }) => {
    headings[3].textContent = words.column_scaled.replace("{t}", num(temperature, 2));
    const likelier = (one, other) => logits[other] - logits[one] || one - other;
    const struck = Object.keys(refused).map(Number).sort(likelier);
    const among = [...order.slice(0, ROWS), ...struck].sort(likelier).slice(0, ROWS).filter((token) => token in refused).length;
    const some = struck.slice(0, Math.max(STRUCK, among));
    const shown = [...order.slice(0, ROWS - some.length), ...some].sort(likelier);
    const ranks = new Map(order.slice(0, ROWS).map((token, i) => [token, i + 1]));
    const far = shown.includes(stages.drawn) ? -1 : shown.push(stages.drawn) - 1;
    if (sought >= 0 && !shown.includes(sought)) shown.push(sought);
    const most = shown.reduce((top, token) => Math.max(top, stages.kept[token], stages.probabilities[token]), 1e-9);
    const range = (values) => {
      const finite = shown.map((token) => values[token]).filter(Number.isFinite); // a refused one has no share of it
      return Math.max(...finite.map(Math.abs), 1e-9);
    };
    const [wideLogit, wideScaled] = [range(logits), range(stages.scaled)];
    rows.forEach((row, i) => {
      row.node.hidden = i >= shown.length;
      if (row.node.hidden) {
        row.node.className = "";
        return;
      }
      const token = (row.token = shown[i]);
      const { mark, groups } = soundOf(sounds[token]);
      row.glyph.textContent = names[token];
      control(row.glyph, token < controls, words);
      row.mark.textContent = mark;
      row.groups.textContent = row.groups.title = groups;
      const why = refused[token];
      row.rank.textContent = why ? "✕" : String(ranks.get(token) ?? order.indexOf(token) + 1);
      row.take.setAttribute("aria-label", words.take.replace("{c}", names[token]));
      row.take.disabled = ended;
      row.node.className = `${token === stages.drawn ? "drawn" : ""} ${stages.kept[token] === 0 ? "cut" : ""} ${i === far ? "far" : ""} ${token === sought ? "sought" : ""} ${why ? "refused" : ""}`;
      row.node.dataset.token = token;
      row.why.textContent = why ?? "";
      row.why.title = why ?? "";
      const values = why ? [[logits[token], wideLogit], [null], [everything[token], 1], [null]] : [[logits[token], wideLogit], [stages.scaled[token], wideScaled], [stages.probabilities[token], most], [stages.kept[token], most]];
      values.forEach(([value, wide], column) => {
        const { bar, value: text, cell } = row.bars[column];
        if (value === null) {
          bar.style.width = text.textContent = "";
          delete cell.dataset.value;
          return;
        }
        bar.style.width = `${Math.max(0, (Math.abs(value) / wide) * 100)}%`;
        bar.className = value < 0 ? "negative" : "";
        text.textContent = column < 2 ? num(value, 3) : value === 0 ? "—" : percent(value);
        cell.dataset.value = String(value);
      });
    });
  };
  return { node, fill };
}
