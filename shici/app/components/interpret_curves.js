// How much probability lies on a class of characters at each layer: where they are due, and elsewhere.
import { el, svg } from "./dom.js";
import { percent } from "./number.js";

const [WIDTH, HEIGHT] = [130, 96];
const PAD = { left: 6, right: 6, top: 8, bottom: 18 };

/** One small chart a class. given: {rhyme: [S shares], rhyme_elsewhere: ..., level, oblique, marks, marks_elsewhere}; absent ones have no place in this text. */
export function curves(given, stages, stageName, words) {
  const named = { rhyme: words.curve_rhyme, level: words.curve_level, oblique: words.curve_oblique, marks: words.curve_marks };
  return el("div", { class: "curves" }, Object.entries(named).filter(([name]) => given[name]).map(([name, label]) => chart(label, given[name], given[`${name}_elsewhere`], stages, stageName, words)));
}

function chart(label, due, elsewhere, stages, stageName, words) {
  const x = (stage) => PAD.left + (stage / (stages - 1)) * (WIDTH - PAD.left - PAD.right);
  const y = (share) => HEIGHT - PAD.bottom - share * (HEIGHT - PAD.top - PAD.bottom);
  const path = (shares) => shares.map((share, stage) => `${stage ? "L" : "M"}${x(stage).toFixed(1)} ${y(share).toFixed(1)}`).join("");
  const told = (shares) => shares.map((share, stage) => `${stageName(stage)} ${percent(share)}`).join(", ");
  return el("figure", { "data-curve": JSON.stringify(due) },
    el("figcaption", {}, label, " ", el("span", { class: "num" }, percent(due.at(-1)))),
    svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": `${label}: ${told(due)}` },
      [0, 0.5, 1].map((share) => svg("line", { class: "rule", x1: PAD.left, x2: WIDTH - PAD.right, y1: y(share), y2: y(share) })),
      elsewhere ? svg("path", { class: "elsewhere", d: path(elsewhere) }, svg("title", {}, `${words.elsewhere}: ${told(elsewhere)}`)) : null,
      svg("path", { class: "due", d: path(due) }),
      due.map((share, stage) => svg("circle", { cx: x(stage), cy: y(share), r: 2.6 }, svg("title", {}, `${stageName(stage)} ${percent(share)}`))),
      due.map((_, stage) => svg("text", { x: x(stage), y: HEIGHT - 5 }, String(stage)))));
}
