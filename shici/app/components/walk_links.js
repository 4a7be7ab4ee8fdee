// From each source a sheaf of lines to the cell that is made of it.
import { svg } from "./dom.js";

/** {node, draw(sources, target), clear()}; boxes are [x, y, width, height] on the drawing. */
export function links() {
  const node = svg("svg", { class: "links", "aria-hidden": "true" });
  return {
    node,
    clear: () => node.replaceChildren(),
    draw: (sources, target) => node.replaceChildren(...sources.map((source) => svg("path", { d: sheaf(source, target) }))),
  };
}

function sheaf([x, y, w, h], [tx, ty, tw, th]) {
  const beside = y < ty + th + 8 && ty < y + h + 8;
  if (beside) {
    const [from, to] = x < tx ? [x + w, tx] : [x, tx + tw];
    const middle = (from + to) / 2;
    return `M${from},${y} C${middle},${y} ${middle},${ty} ${to},${ty} L${to},${ty + th} C${middle},${ty + th} ${middle},${y + h} ${from},${y + h} Z`;
  }
  const [from, to] = y < ty ? [y + h, ty] : [y, ty + th];
  const middle = (from + to) / 2;
  return `M${x},${from} C${x},${middle} ${tx},${middle} ${tx},${to} L${tx + tw},${to} C${tx + tw},${middle} ${x + w},${middle} ${x + w},${from} Z`;
}
