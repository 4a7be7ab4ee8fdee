// Every branch that was written: the line as typed at the left, what followed to the right. Click to go there.
import { el, svg } from "./dom.js";

const STEP = 30;
const ROW = 36;

/** nodes: [{parent, text, taken, control}]. -> the drawing, scrolled to where one stands. */
export function branches({ nodes, current, path }, { root, ongo, label }) {
  const children = new Map([[null, []]]);
  nodes.forEach((node, at) => {
    children.set(at, []);
    children.get(node.parent).push(at);
  });
  const place = new Map();
  let rows = 0;
  // depth first, without recursion: a poem may be longer than the stack is deep
  const waiting = [[null, 0, true]];
  while (waiting.length) {
    const [at, depth, first] = waiting.pop();
    if (!first) rows += 1;
    place.set(at, [depth, rows]);
    const below = children.get(at);
    for (let i = below.length - 1; i >= 0; i--) waiting.push([below[i], depth + 1, i === 0]);
  }
  const x = (depth) => 26 + depth * STEP;
  const y = (row) => 22 + row * ROW;
  const on = new Set(path);
  const width = x(Math.max(...[...place.values()].map(([depth]) => depth))) + 26;
  const links = nodes.map((node, at) => {
    const [depth, row] = place.get(at);
    const [parentDepth, parentRow] = place.get(node.parent);
    const d = row === parentRow
      ? `M${x(parentDepth) + 11} ${y(row)} H${x(depth) - 11}`
      : `M${x(parentDepth)} ${y(parentRow) + 13} V${y(row) - 8} Q${x(parentDepth)} ${y(row)} ${x(parentDepth) + 8} ${y(row)} H${x(depth) - 11}`;
    return svg("path", { d, class: on.has(at) ? "on" : "" });
  });
  const letter = (at, text, kind) => {
    const [depth, row] = place.get(at);
    const go = () => ongo(at);
    return svg("g", {
      class: `letter ${kind}${at === current ? " here" : ""}`, transform: `translate(${x(depth)} ${y(row)})`, tabindex: 0, role: "button", "aria-label": text, "data-node": String(at),
      onclick: go, onkeydown: (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); event.stopPropagation(); go(); } },
    }, svg("rect", { x: -13, y: -15, width: 26, height: 30, rx: 3 }), ...written(text), kind.includes("taken") ? svg("line", { x1: -9, x2: 9, y1: 12, y2: 12 }) : null);
  };
  const letters = nodes.map((node, at) => letter(at, node.text, `${on.has(at) ? "on" : ""}${node.taken ? " taken" : ""}${node.control ? " control" : ""}${node.text.includes(" ") ? " words" : ""}`));
  const picture = svg("svg", { class: "tree", width, height: y(rows) + 22, role: "group", "aria-label": label }, links, letter(null, root, "on root"), letters);
  const node = el("div", { class: "scroll" }, picture);
  requestAnimationFrame(() => { node.scrollLeft = x(place.get(current)[0]) - node.clientWidth / 2; });
  return node;
}

/** A character; of several words each on a line of its own. */
function written(text) {
  const lines = text.split(" ");
  return lines.map((line, i) => svg("text", { y: 6 + (i - (lines.length - 1) / 2) * 9 - (lines.length > 1 ? 3 : 0) }, line));
}
