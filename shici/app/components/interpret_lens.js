// The logit lens: layers downwards, places across, and the curves of whole classes.
import { el, said } from "./dom.js";
import { ground, tint } from "./colour.js";
import { num, percent } from "./number.js";
import { choice, section } from "./interpret_parts.js";
import { curves } from "./interpret_curves.js";

const RHYME = 3; // the place of the class in CLASSES of shici.explanation.classes
const MARKS = 0;
const LEAST = 0.003; // of a share that is seen

export function lensSection({ header, tensors, words, tokens, state, colours }) {
  const { top, chosen, controls, tones, settled } = header;
  const stages = top.length;
  const count = tokens.length;
  const open = count - (tokens[count - 1].kind === "end" ? 1 : 0); // after the end of the poem nothing is written
  const kinds = tensors.masses.shape[2];
  const each = tensors.top_probability.shape[2];
  const share = (stage, t, k) => tensors.top_probability.data[(stage * count + t) * each + k];
  const own = (stage, t) => tensors.chosen_probability.data[stage * count + t];
  const rank = (stage, t) => tensors.chosen_rank.data[stage * count + t];
  const mass = (stage, t, kind) => tensors.masses.data[(stage * count + t) * kinds + kind];
  const stageName = (stage) => (stage ? said(words.stage_n, { n: stage }) : words.stage_0);
  const stageSaid = (stage) => (stage ? said(words.stage_said, { n: stage }) : words.stage_input);

  const shown = {
    top: (stage, t) => [top[stage][t][0], share(stage, t, 0)],
    chosen: (stage, t) => [rank(stage, t) > 999 ? "⋯" : String(rank(stage, t)), own(stage, t)],
    rhyme: (stage, t) => (header.rhyme ? whole(mass(stage, t, RHYME)) : ["", 0]),
    tone: (stage, t) => (tones[t] < 0 ? ["", 0] : whole(mass(stage, t, tones[t]))),
    marks: (stage, t) => whole(mass(stage, t, MARKS)),
  };
  const cells = [];
  const body = [];
  const cell = (stage, t) => el("td", { "data-stage": stage, "data-t": t, onpointerenter: () => point(stage, t), onclick: () => point(stage, t) });
  for (let stage = 0; stage < stages; stage++) {
    cells.push(Array.from({ length: open }, (_, t) => cell(stage, t)));
    body.push(el("tr", {}, el("th", { scope: "row" }, stageName(stage)), cells[stage]));
  }
  const heads = tokens.slice(0, open).map(({ text, kind, written, title }) => el("th", { scope: "col", class: `${kind}${written ? " written" : ""}`, title: title || null }, text));
  const feet = chosen.slice(0, open).map((text, t) => el("td", { class: `${header.chosen_control[t] || text === "↵" ? "word " : ""}${header.chosen_control[t] ? "control-token " : ""}${t + 1 < count ? (tokens[t + 1].written ? "written" : "") : "to-come"}`, title: header.chosen_control[t] ? words.control_token : null }, text));
  const table = el("table", { class: "lens", tabindex: 0, "aria-label": words.lens, onkeydown: walk },
    el("thead", {}, el("tr", {}, el("th", { scope: "row" }, words.read_row), heads)),
    el("tbody", {}, body),
    el("tfoot", {}, el("tr", {}, el("th", { scope: "row" }, words.written_row), feet)));
  const detail = el("div", { class: "column-detail", "aria-live": "polite" });

  function fill() {
    for (let stage = 0; stage < stages; stage++) {
      for (let t = 0; t < open; t++) {
        const [text, value] = shown[state.mode](stage, t);
        const node = cells[stage][t];
        node.textContent = text;
        node.dataset.value = value;
        const control = state.mode === "top" && controls[stage][t][0];
        node.title = control ? words.control_token : "";
        node.className = `${state.mode === "top" ? (control ? "word control-token" : "letter") : "figure"}${state.cell?.[0] === stage && state.cell[1] === t ? " here" : ""}`;
        node.classList.toggle("hit", state.mode === "top" && rank(stage, t) === 1);
        ground(node, value > LEAST ? shade(colours, value) : null, colours.ink, colours.paper);
      }
    }
  }

  function point(stage, t) {
    if (state.cell) cells[state.cell[0]]?.[state.cell[1]]?.classList.remove("here");
    state.cell = [stage, t];
    cells[stage][t].classList.add("here");
    const last = t + 1 === count;
    const from = settled[t] < stages ? said(words.settled, { stage: stageSaid(settled[t]) }) : words.never_settled;
    detail.replaceChildren(
      el("p", {}, said(words.at, { c: tokens[t].text }), said(last ? words.next_likeliest : words.next_is, { c: chosen[t] }), "；", last && settled[t] >= stages ? "" : from),
      el("table", {}, el("thead", {}, el("tr", {}, el("th"), el("th", { scope: "col" }, words.candidates), el("th", { scope: "col" }, said(words.rank, { c: chosen[t] })))),
        el("tbody", {}, Array.from({ length: stages }, (_, s) => el("tr", { class: s === stage ? "here" : "" },
          el("th", { scope: "row" }, stageName(s)),
          el("td", { class: "five" }, Array.from({ length: each }, (_, k) => el("span", { class: top[s][t][k] === chosen[t] ? "red" : "" }, name(s, t, k), el("span", { class: "num" }, small(share(s, t, k)))))),
          el("td", {}, el("span", { class: "num" }, `${rank(s, t)} · ${small(own(s, t))}`)))))));
  }

  function name(stage, t, k) {
    return controls[stage][t][k] ? el("span", { class: "control-token", title: words.control_token }, top[stage][t][k]) : top[stage][t][k];
  }

  function walk(event) {
    const move = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (!move) return;
    event.preventDefault();
    const clamp = (value, most) => Math.max(0, Math.min(most, value));
    point(clamp(state.cell[0] + move[0], stages - 1), clamp(state.cell[1] + move[1], open - 1));
    cells[state.cell[0]][state.cell[1]].scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  const modes = ["top", "chosen", "rhyme", "tone", "marks"].map((mode) => [mode, { top: words.mode_top, chosen: words.mode_chosen, rhyme: words.mode_rhyme, tone: words.mode_tone, marks: words.mode_marks }[mode]]);
  const rhymeNote = el("p", { class: "note" }, header.rhyme ? said(words.rhyme_is, { r: header.rhyme }) : words.no_rhyme,
    ...header.rhyming.map(([t, stage]) => " " + (stage === null ? said(words.rhyme_never, { c: chosen[t], r: header.rhyme }) : said(words.rhyme_from, { c: chosen[t], r: header.rhyme, stage: stageSaid(stage) }))));
  fill();
  point(...(state.cell ?? [stages - 1, open - 1]));
  return section({ name: "lens", title: words.lens, note: words.lens_note, limits: words.lens_limits, words, state },
    choice(words.mode, modes, state.mode, (mode) => { state.mode = mode; fill(); }),
    el("div", { class: "read" }, el("div", { class: "scroll" }, table), detail),
    el("div", { class: "movement" }, el("h3", {}, words.curves), curves(header.curves, stages, stageName, words), el("div", { class: "said" }, el("p", { class: "note" }, words.curves_note), rhymeNote)));
}

/** So much ink as a share of 0..1 says. */
export function shade(colours, share) {
  return tint(colours, colours.ink, 0.04 + 0.84 * share);
}

/** A share as a per cent; what would be all noughts is said to be less. */
function small(share) {
  return share < 5e-5 ? "<0.01%" : percent(share);
}

/** A share as a whole per cent, with its value. */
function whole(value) {
  return [num(value * 100, 0), value];
}
