// Line charts as SVG: a frame with axes, lines with gaps where nothing was measured, the nearest point to a pointer.
import { svg } from "./dom.js";

/** About `count` round numbers from `low` to `high`. */
export function roundTicks(low, high, count) {
  const rough = (high - low || 1) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((one) => one >= rough);
  const ticks = [];
  for (let i = Math.ceil(low / step - 1e-9) || 0; i * step <= high + step * 1e-9; i++) ticks.push(i * step);
  return ticks;
}

/** Least and most of the finite numbers of some columns, widened to round ticks. */
export function extent(columns, { from } = {}) {
  let [low, high] = [Infinity, -Infinity];
  for (const column of columns) for (const value of column) if (Number.isFinite(value)) [low, high] = [Math.min(low, value), Math.max(high, value)];
  if (low > high) [low, high] = [0, 1];
  if (from !== undefined) low = from;
  return low === high ? [low, low + 1] : [low, high];
}

/** spec: {width, height, label, x: {low, high, place?, ticks: [[at, text]]}, y: the same, margin?}.
 *  place: a number -> 0..1; linear if it is left out. -> {node, x(value), y(value), area}. */
export function frame({ width, height, label, x, y, margin = { left: 46, right: 14, top: 10, bottom: 26 } }) {
  const area = { left: margin.left, right: width - margin.right, top: margin.top, bottom: height - margin.bottom };
  const linear = ({ low, high }) => (value) => (value - low) / (high - low || 1);
  const [alongX, alongY] = [x.place ?? linear(x), y.place ?? linear(y)];
  const toX = (value) => area.left + alongX(value) * (area.right - area.left);
  const toY = (value) => area.bottom - alongY(value) * (area.bottom - area.top);
  const node = svg("svg", { class: "chart", width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label });
  for (const [at, text] of y.ticks) {
    node.append(
      svg("line", { class: "grid", x1: area.left, x2: area.right, y1: toY(at), y2: toY(at) }),
      svg("text", { class: "tick", x: area.left - 7, y: toY(at) + 4, "text-anchor": "end" }, text));
  }
  node.append(svg("line", { class: "axis", x1: area.left, x2: area.right, y1: area.bottom, y2: area.bottom }));
  for (const [at, text] of x.ticks) {
    node.append(
      svg("line", { class: "axis", x1: toX(at), x2: toX(at), y1: area.bottom, y2: area.bottom + 4 }),
      svg("text", { class: "tick", x: toX(at), y: area.bottom + 17, "text-anchor": "middle" }, text));
  }
  return { node, x: toX, y: toY, area };
}

/** A path through [x, y] in drawing units; a pair with NaN is passed over. */
export function path(points, attributes) {
  const there = points.filter(([x, y]) => Number.isFinite(x) && Number.isFinite(y));
  const d = there.map(([x, y], i) => `${i ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");
  return svg("path", { d, fill: "none", ...attributes });
}

/** Call `seen(x)` with the drawing's own x under the pointer, `left()` when it goes. */
export function pointed(node, { seen, left, clicked }) {
  const at = (event) => {
    const box = node.getBoundingClientRect();
    return ((event.clientX - box.left) / box.width) * Number(node.getAttribute("width"));
  };
  node.addEventListener("pointermove", (event) => seen(at(event), event));
  node.addEventListener("pointerleave", left);
  if (clicked) node.addEventListener("click", (event) => clicked(at(event)));
}

/** The place in `values` nearest to `wanted`. */
export function nearest(values, wanted) {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (Math.abs(values[i] - wanted) < Math.abs(values[best] - wanted)) best = i;
  return best;
}
