// A matrix of numbers as a picture of small cells: a row a character. Long rows are laid in several lines.
import { el } from "./dom.js";
import { css } from "./colour.js";
import { isHere, lettering } from "./face.js";
import { reader } from "./walk_tensors.js";

const DEEPEST = 3; // times the root mean square: from there on a colour is as far from the ground as it goes

/** Pictures that were made of numbers, so that what did not change is neither painted nor allocated again. */
const painted = new WeakMap();
const MOST = 40; // pictures of one buffer

function keptPicture({ matrix: { data, shape }, kind, line, height, width, gutter, rowNames, colours, name, serif }, scale, paint) {
  if (!painted.has(data.buffer)) painted.set(data.buffer, new Map());
  const kept = painted.get(data.buffer);
  const key = [name, data.byteOffset, shape, kind, line, height, width, gutter, scale, css(colours.paper), Boolean(rowNames), isHere(serif)].join();
  if (!kept.has(key)) {
    if (kept.size >= MOST) kept.delete(kept.keys().next().value);
    kept.set(key, paint());
  }
  return kept.get(key);
}

/** The colours of a matrix, a pixel a cell, lines of `line` cells. kind: "signed" or "share" (0 to 1). */
function pixels({ shape: [rows, columns], data }, line, kind, colours) {
  const lines = Math.ceil(columns / line);
  const canvas = el("canvas", { width: line, height: rows * lines });
  const context = canvas.getContext("2d");
  const image = context.createImageData(line, rows * lines);
  const words = new Uint32Array(image.data.buffer);
  const packed = (list) => Uint32Array.from(list, ([red, green, blue]) => (255 << 24) | (blue << 16) | (green << 8) | red);
  const ramp = packed(kind === "share" ? colours.weights : colours.signed);
  const [blank] = packed([colours.leaf]);
  const number = reader({ data });
  let [squares, counted] = [0, 0];
  for (const raw of data) {
    const value = number(raw);
    if (value > -Infinity) [squares, counted] = [squares + value * value, counted + 1];
  }
  const largest = DEEPEST * Math.sqrt(squares / (counted || 1)) || 1;
  const [middle, half] = kind === "share" ? [0, 255] : [127.5, 127.5 / largest];
  words.fill(blank);
  for (let i = 0, at = 0; i < rows; i++) {
    const start = i * lines * line;
    for (let j = 0; j < columns; j++, at++) {
      const value = number(data[at]);
      if (value === -Infinity || (kind === "share" && rows === columns && j > i)) continue;
      words[start + j] = ramp[Math.max(0, Math.min(255, Math.round(middle + half * value)))];
    }
  }
  context.putImageData(image, 0, 0);
  return canvas;
}

/** spec: {name, matrix, kind, line: cells in a line, height: px of a row, width: px of a line, gutter, rowNames, written, colours, serif, label, onpoint(i, j, event, held), onleave()}
 *  {node, mark(marks), boxOf(mark), reveal(row, delay)}; a mark: {row, column} with "*" for all. */
export function sheet(spec) {
  const { matrix, gutter, colours } = spec;
  const [rows, columns] = matrix.shape;
  const line = Math.min(columns, spec.line ?? columns);
  const lines = Math.ceil(columns / line);
  const cell = { wide: spec.width / line, high: spec.height / lines };
  const [width, height] = [gutter + spec.width + 2, rows * spec.height + 2];
  const scale = Math.min(3, window.devicePixelRatio || 1);
  const named = spec.rowNames && gutter && spec.height >= 8;
  const paint = () => {
    const canvas = el("canvas", { class: "base", width: Math.round(width * scale), height: Math.round(height * scale), style: { width: `${width}px`, height: `${height}px` } });
    const context = canvas.getContext("2d");
    context.scale(scale, scale);
    context.imageSmoothingEnabled = cell.wide * scale < 1 || cell.high * scale < 1;
    context.imageSmoothingQuality = "high";
    context.drawImage(pixels(matrix, line, spec.kind, colours), gutter + 1, 1, spec.width, rows * spec.height);
    context.strokeStyle = css(colours.rule);
    context.strokeRect(gutter + 0.5, 0.5, spec.width + 1, rows * spec.height + 1);
    if (spec.height >= 5 && rows < 200 && spec.rowNames) {
      context.fillStyle = css(colours.paper);
      for (let i = 1; i < rows; i++) context.fillRect(gutter + 1, 0.5 + i * spec.height, spec.width, spec.height >= 9 ? 1 : 0.5);
    }
    for (let i = 0; named && i < rows; i++) {
      context.fillStyle = css(spec.written[i] ? colours.vermilion : colours.soft);
      lettering(context, spec.rowNames[i], gutter / 2 - 1, 1 + (i + 0.5) * spec.height, { room: gutter - 3, size: Math.min(15, spec.height + 1), serif: spec.serif });
    }
    return canvas;
  };
  const base = keptPicture(spec, scale, paint);
  const over = el("div", { class: "over", tabindex: 0, role: "img", "aria-label": spec.label, "data-sheet": spec.name });

  const corner = (i, j) => [gutter + 1 + (j % line) * cell.wide, 1 + i * spec.height + Math.floor(j / line) * cell.high];
  const boxOf = ({ row, column }) => {
    if (row === "*" && column === "*") return [gutter + 1, 1, spec.width, rows * spec.height];
    if (column === "*") return [gutter + 1, 1 + row * spec.height, spec.width, spec.height];
    if (row === "*") return [corner(0, column)[0], 1, cell.wide, rows * spec.height];
    return [...corner(row, column), cell.wide, cell.high];
  };
  const mark = (marks) => over.replaceChildren(...marks.map((each) => {
    const [x, y, w, h] = boxOf(each);
    const grow = Math.max(0, 3 - Math.min(w, h)) / 2 + 1; // a hair is too thin to see
    return el("i", { class: each.target ? "target" : "source", style: { left: `${x - grow}px`, top: `${y - grow}px`, width: `${w + 2 * grow}px`, height: `${h + 2 * grow}px` } });
  }));

  let at = [rows - 1, 0];
  const under = (event) => {
    const frame = over.getBoundingClientRect();
    const [x, y] = [event.clientX - frame.left - gutter - 1, event.clientY - frame.top - 1];
    const [i, across] = [Math.floor(y / spec.height), Math.floor(x / cell.wide)];
    const j = Math.floor((y - i * spec.height) / cell.high) * line + across;
    return i >= 0 && i < rows && across >= 0 && across < line && j < columns ? [i, j] : null;
  };
  const point = (event, held) => {
    const found = under(event);
    if (found) spec.onpoint(...(at = found), event, held);
  };
  over.addEventListener("pointermove", (event) => point(event, false));
  over.addEventListener("pointerdown", (event) => point(event, true));
  over.addEventListener("pointerleave", () => spec.onleave());
  over.addEventListener("keydown", (event) => {
    const step = event.shiftKey ? 16 : 1;
    const move = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -step], ArrowRight: [0, step] }[event.key];
    if (!move || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    at = [Math.max(0, Math.min(rows - 1, at[0] + move[0])), Math.max(0, Math.min(columns - 1, at[1] + move[1]))];
    spec.onpoint(...at, null, false);
  });
  const node = el("div", { class: "sheet", style: { width: `${width}px`, height: `${height}px` } }, base, over);
  const reveal = (row, delay) => { // the row's ink spreads from left to right
    const veil = el("div", { class: "veil", style: { left: `${gutter}px`, top: `${row * spec.height}px`, width: `${spec.width + 2}px`, height: `${spec.height + 2}px`, animationDelay: `${delay}ms` }, onanimationend: () => veil.remove() });
    node.append(veil);
  };
  return { node, over, mark, boxOf, reveal, at: (i, j) => { at = [i, j]; }, last: rows - 1 };
}
