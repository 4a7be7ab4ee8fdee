// The curves of a run's log.csv: losses large, learning rate and speed small; the pointer reads off a step.
import { el, said, svg } from "./dom.js";
import { extent, frame, nearest, path, pointed, roundTicks } from "./chart.js";
import { num } from "./number.js";

const LOSSES = ["train_loss", "val_fields_loss", "val_loss"];
const SMALL = [["lr", (value) => value.toExponential(2).replace("-", "−")], ["tokens_per_second", (value) => Math.round(value).toLocaleString("en-US")]];
const count = (number) => number.toLocaleString("en-US");

/** -> the elements of the section. */
export function curves({ words, curves: { step, epoch, minutes } }, tensors, width) {
  const steps = tensors.iter.data;
  const x = { low: 0, high: Math.max(1, step) };
  x.ticks = roundTicks(0, x.high, Math.max(2, Math.floor(width / 130))).map((at) => [at, count(at)]);
  const losses = LOSSES.map((name) => tensors[name].data);
  const [least, most] = extent(losses);
  const [low, high] = [Math.max(0, least - 0.05 * (most - least)), most + 0.05 * (most - least)];
  const large = frame({ width, height: 320, label: words.losses, x, y: { low, high, ticks: roundTicks(low, high, 6).map((at) => [at, num(at, at % 1 ? 1 : 0)]) } });
  large.node.append(svg("text", { class: "tick", x: large.area.right, y: large.area.top + 4, "text-anchor": "end" }, words.losses));
  LOSSES.forEach((name, i) => {
    const points = [...losses[i]].map((loss, row) => [large.x(steps[row]), large.y(loss)]);
    large.node.append(path(points, { class: `loss ${name}` }));
    if (name !== "train_loss") for (const [cx, cy] of points) if (Number.isFinite(cy)) large.node.append(svg("circle", { class: `loss ${name}`, cx, cy, r: 2.6 }));
  });
  const line = svg("line", { class: "marker", y1: large.area.top, y2: large.area.bottom, visibility: "hidden" });
  large.node.append(line);

  const values = Object.fromEntries([...LOSSES, ...SMALL.map(([name]) => name)].map((name) => [name, el("span", { class: "num", "data-column": name }, "—")]));
  const legend = el("dl", { class: "legend" }, [...LOSSES].reverse().map((name) =>
    el("div", {}, el("dt", {}, svg("svg", { width: 26, height: 10 }, svg("line", { class: `loss ${name}`, x1: 1, x2: 25, y1: 5, y2: 5 })), words[name]), el("dd", {}, values[name]))));
  const readout = el("p", { class: "note readout" });
  const measured = Object.fromEntries(Object.keys(values).map((name) => [name, [...steps.keys()].filter((row) => Number.isFinite(tensors[name].data[row]))]));
  const write = { ...Object.fromEntries(LOSSES.map((name) => [name, (value) => num(value, 4)])), ...Object.fromEntries(SMALL) };
  // each curve is read at its own nearest measurement: they are not measured at the same steps
  const read = (wanted) => {
    for (const [name, value] of Object.entries(values)) {
      const rows = measured[name];
      if (!rows.length) continue;
      const row = rows[nearest(rows.map((one) => steps[one]), wanted)];
      value.textContent = write[name](tensors[name].data[row]);
      Object.assign(value.dataset, { step: String(steps[row]), value: String(tensors[name].data[row]) });
      value.title = said(words.step, { n: count(Math.round(steps[row])) });
    }
  };
  const rest = () => {
    line.setAttribute("visibility", "hidden");
    readout.textContent = words.at;
    read(step);
  };
  const { left, right } = large.area;
  pointed(large.node, {
    seen: (at) => {
      const wanted = Math.round(Math.max(0, Math.min(1, (at - left) / (right - left))) * x.high);
      line.setAttribute("visibility", "visible");
      line.setAttribute("x1", large.x(wanted));
      line.setAttribute("x2", large.x(wanted));
      readout.textContent = said(words.step, { n: count(wanted) });
      read(wanted);
    },
    left: rest,
  });
  const small = SMALL.map(([name, written]) => {
    const column = tensors[name].data;
    const [, top] = extent([column], { from: 0 });
    const each = width > 700 ? (width - 32) / 2 : width;
    const ticks = roundTicks(0, top, 3).map((at) => [at, at === 0 ? "0" : name === "lr" ? at.toExponential(0).replace("-", "−") : written(at)]);
    const xSmall = { ...x, ticks: roundTicks(0, x.high, Math.max(2, Math.floor(each / 130))).map((at) => [at, count(at)]) };
    const chart = frame({ width: each, height: 150, label: words[name], x: xSmall, y: { low: 0, high: top * 1.05, ticks } });
    chart.node.append(path([...column].map((value, row) => [chart.x(steps[row]), chart.y(value)]), { class: `small ${name}` }));
    return el("div", {}, el("h3", {}, words[name], " ", values[name]), chart.node);
  });
  rest();
  return [el("p", { class: "note" }, said(words.now, { n: count(step), epoch: num(epoch, 2), minutes: num(minutes, 1) })), legend, large.node, readout, el("div", { class: "pair" }, small)];
}
