// Where things stand on the page: the drawing, the leaf beside or below it, and fast moves from one to the next.

const NARROW = 900; // px: below, the leaf lies under the drawing
const BESIDE = 310;
const GAP = 22;
const MOVE = 180; // ms
const HEAD = 60; // px: the bar of pages
const MARGIN = 24; // px

/** Whether the reader wants no moving pictures. */
export const quiet = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** {drawn, beside}: px of the drawing and of the leaf's inside. */
export function columnWidths(root) {
  const width = root.clientWidth;
  return width > NARROW ? { drawn: width - BESIDE - GAP, beside: BESIDE } : { drawn: width, beside: width - 2 };
}

function scrollerOf(node) {
  for (let at = node; at; at = at.parentElement ?? at.getRootNode().host ?? null) {
    if (/auto|scroll/.test(getComputedStyle(at).overflowY) && at.scrollHeight > at.clientHeight + 4) return at;
  }
  return document.scrollingElement;
}

/** Scroll so that `node` stands in the upper part of what is free, in one short move. cell: [x, y, width, height] on the
 *  drawing, which has to be seen in any case. */
export function bringIntoView(state, node, cell) {
  if (!node) return;
  const scroller = scrollerOf(state.root.getRootNode().host);
  const frame = scroller.getBoundingClientRect();
  const aside = state.root.querySelector("aside").getBoundingClientRect();
  const below = aside.width > state.root.clientWidth * 0.8; // the leaf covers the lower part
  const free = below ? Math.max(120, aside.top - HEAD) : innerHeight - 70;
  const { top, height } = seen(node.getBoundingClientRect(), cellOf(state, cell), free);
  const goal = scroller.scrollTop + top - Math.max(frame.top, 0) - HEAD - Math.max(MARGIN, (free - height) * 0.55);
  const from = scroller.scrollTop;
  const to = Math.max(0, Math.min(scroller.scrollHeight - scroller.clientHeight, goal));
  if (quiet() || Math.abs(to - from) < 2) {
    scroller.scrollTop = to;
    return;
  }
  const began = performance.now();
  const move = (now) => {
    const share = Math.min(1, (now - began) / MOVE);
    scroller.scrollTop = from + (to - from) * (1 - (1 - share) ** 3);
    if (share < 1) requestAnimationFrame(move);
  };
  requestAnimationFrame(move);
}

function cellOf(state, cell) {
  if (!cell) return null;
  const top = state.canvas.getBoundingClientRect().top + cell[1];
  return { top, bottom: top + cell[3], height: cell[3] };
}

/** Both, where there is room; else the cell with as much of the figure above it as there is room for. */
function seen(box, cell, free) {
  if (!cell) return box;
  const [top, bottom] = [Math.min(box.top, cell.top), Math.max(box.bottom, cell.bottom)];
  if (bottom - top <= free - 2 * MARGIN) return { top, height: bottom - top };
  const height = Math.min(cell.bottom - top, Math.max(cell.height, free - 2 * MARGIN));
  return { top: cell.bottom - height, height };
}
