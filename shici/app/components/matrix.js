// A labelled matrix of numbers on a canvas: point at a cell, or walk with the arrow keys.
import { el } from "./dom.js";
import { css } from "./colour.js";
import { lettering } from "./face.js";

const GUTTER = 26; // for the row's character
const HEAD = 20; // for the columns' characters

/** How large the cells are: `side` px for places, so that three square matrices and a wide one stand in a row where
 *  they can; `wide` px for the numbers of a vector. */
export function cells(places, numbers, width) {
  const wide = Math.max(2, Math.min(16, Math.floor(((width > 900 ? width / 3 - 20 : width) - GUTTER) / numbers)));
  const room = width > 900 ? (width - (GUTTER + numbers * wide) - 48) / 3 : width;
  const side = Math.max(places > 128 ? 4 : 6, Math.min(16, Math.floor((room - GUTTER - 2) / places)));
  return { side, wide };
}

/** spec: {rows, columns, rowNames, columnNames, cell: {height, wide}, value(i, j), colour(i, j), colours, serif, label, onpoint(i, j, pinned), onleave()}
 *  Gives {node, mark(marks), paint(context, x, y), width, height}; marks: {rows, columns, cell}. */
export function matrix(spec) {
  const { rows, columns, cell } = spec;
  const head = spec.columnNames && cell.wide >= 10 ? HEAD : 4;
  const width = GUTTER + columns * cell.wide + 2;
  const height = head + rows * cell.height + 2;
  const base = el("canvas", { class: "base" });
  const over = el("canvas", { class: "over", tabindex: 0, role: "img", "aria-label": spec.label, "data-matrix": spec.name });
  const scale = Math.min(3, window.devicePixelRatio || 1);
  for (const canvas of [base, over]) {
    canvas.width = width * scale;
    canvas.height = height * scale;
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
  }
  const left = (j) => GUTTER + j * cell.wide;
  const top = (i) => head + i * cell.height;

  const name = (context, text, x, y, size, room, colour) => {
    context.fillStyle = colour;
    lettering(context, text, x, y, { room, size, serif: spec.serif });
  };

  const paint = (context) => {
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) {
        context.fillStyle = css(spec.colour(i, j));
        context.fillRect(left(j), top(i), cell.wide + (cell.wide > 6 ? -0.5 : 0), cell.height + (cell.height > 6 ? -0.5 : 0));
      }
    }
    context.strokeStyle = css(spec.colours.rule);
    context.lineWidth = 1;
    context.strokeRect(GUTTER - 0.5, head - 0.5, columns * cell.wide + 1, rows * cell.height + 1);
    if (cell.height >= 8) {
      spec.rowNames.forEach((text, i) => name(context, text, GUTTER / 2, top(i) + cell.height / 2, Math.min(15, cell.height + 1), GUTTER - 3, css(spec.colours.soft)));
    }
    if (head === HEAD) {
      spec.columnNames.forEach((text, j) => name(context, text, left(j) + cell.wide / 2, head / 2, Math.min(15, cell.wide + 1), cell.wide - 1, css(spec.colours.soft)));
    }
  };
  const first = base.getContext("2d");
  first.scale(scale, scale);
  paint(first);

  const second = over.getContext("2d");
  second.scale(scale, scale);
  const box = (x, y, w, h, colour, thick) => {
    second.strokeStyle = colour;
    second.lineWidth = thick;
    second.strokeRect(x - 1, y - 1, w + 1.5, h + 1.5);
  };
  const mark = ({ rows: marked = [], columns: across = [], cell: at = null } = {}) => {
    second.clearRect(0, 0, width, height);
    for (const i of marked) {
      box(GUTTER, top(i), columns * cell.wide, cell.height, css(spec.colours.ink), 1.2);
      name(second, spec.rowNames[i], GUTTER / 2, top(i) + cell.height / 2, 15, GUTTER - 3, css(spec.colours.vermilion));
    }
    for (const j of across) box(left(j), head, cell.wide, rows * cell.height, css(spec.colours.ink), 1.2);
    if (at) box(left(at[1]), top(at[0]), cell.wide, cell.height, css(spec.colours.vermilion), 2.4);
  };

  let at = [rows - 1, 0];
  const place = (event) => {
    const frame = over.getBoundingClientRect();
    const j = Math.floor((event.clientX - frame.left - GUTTER) / cell.wide);
    const i = Math.floor((event.clientY - frame.top - head) / cell.height);
    return i >= 0 && i < rows && j >= 0 && j < columns ? [i, j] : null;
  };
  over.addEventListener("pointermove", (event) => {
    const found = place(event);
    if (found) spec.onpoint(...(at = found), event, false);
  });
  over.addEventListener("pointerdown", (event) => {
    const found = place(event);
    if (found) spec.onpoint(...(at = found), event, true);
  });
  over.addEventListener("pointerleave", (event) => spec.onleave(event));
  over.addEventListener("keydown", (event) => {
    const move = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (!move) return;
    event.preventDefault();
    at = [Math.max(0, Math.min(rows - 1, at[0] + move[0])), Math.max(0, Math.min(columns - 1, at[1] + move[1]))];
    spec.onpoint(...at, null, true);
  });
  return { node: el("div", { class: "canvases", style: { width: `${width}px`, height: `${height}px` } }, base, over), mark, paint, width, height };
}
