// Of many poems written at each step, the shares with each virtue: curves over the steps on a logarithmic axis.
import { el, said, svg } from "./dom.js";
import { frame, nearest, path, pointed } from "./chart.js";
import { percent } from "./number.js";

const HEIGHT = 300;

/** -> {node, mark(at)}; ongo(at): another record was chosen. */
export function shareCurves(history, words, { width, ongo }) {
  const { records, shares, runs } = history;
  const steps = records.map(({ step }) => step);
  const log = (step) => Math.log2(step + 1);
  const [low, high] = [log(steps[0]), Math.max(log(steps.at(-1)), log(steps[0]) + 1)];
  const place = (step) => (log(step) - low) / (high - low);
  const room = Math.max(3, Math.floor((width - 60) / 46));
  const powers = [0, ...Array.from({ length: 31 }, (_, i) => 2 ** i)].filter((step) => log(step) >= low - 1e-9 && log(step) <= high + 1e-9);
  const every = Math.ceil(powers.length / room);
  const drawing = frame({
    width, height: HEIGHT, label: words.shares,
    x: { place, ticks: powers.filter((_, i) => i % every === 0).map((step) => [step, String(step)]) },
    y: { low: 0, high: 1, ticks: [0, 0.25, 0.5, 0.75, 1].map((share) => [share, `${share * 100}%`]) },
  });
  const point = (record, which) => [drawing.x(record.step), drawing.y(record.shares[which])];
  shares.forEach((name, which) => {
    runs.forEach((_, run) => {
      const own = records.filter((record) => record.run === run);
      drawing.node.append(path(own.map((record) => point(record, which)), { class: `share ${name}` }),
        ...own.map((record) => { const [cx, cy] = point(record, which); return svg("circle", { class: `share ${name}`, cx, cy, r: 2.4 }); }));
    });
    // from one run to the next nothing was measured
    records.slice(1).forEach((record, i) => {
      if (record.run !== records[i].run) drawing.node.append(path([point(records[i], which), point(record, which)], { class: `share ${name} between` }));
    });
  });
  const line = svg("line", { class: "marker", y1: drawing.area.top, y2: drawing.area.bottom });
  drawing.node.append(line);
  const places = steps.map((step) => drawing.x(step));
  pointed(drawing.node, { seen: () => {}, left: () => {}, clicked: (x) => ongo(nearest(places, x)) });

  const values = shares.map(() => el("span", { class: "num" }));
  const legend = el("dl", { class: "legend" }, shares.map((name, which) =>
    el("div", { title: words[`${name}_is`] }, el("dt", {}, svg("svg", { width: 26, height: 10 }, svg("line", { class: `share ${name}`, x1: 1, x2: 25, y1: 5, y2: 5 })), words[name]), el("dd", {}, values[which]))));
  const meaning = el("ul", { class: "note meaning" }, shares.map((name) => el("li", {}, el("b", {}, words[name]), ` ${words[`${name}_is`]}`)));
  const node = el("div", { class: "shares" }, el("h3", {}, words.shares), legend, drawing.node,
    el("p", { class: "note" }, said(words.shares_note, { asked: history.asked, n: history.count })), meaning);
  const mark = (at) => {
    line.setAttribute("x1", places[at]);
    line.setAttribute("x2", places[at]);
    line.dataset.step = String(steps[at]);
    values.forEach((value, which) => {
      const share = records[at].shares[which];
      value.textContent = percent(share);
      value.dataset.share = String(share);
    });
  };
  return { node, mark };
}
