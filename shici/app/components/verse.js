// A line of tokens as verse: columns from right to left, what stands before the body in a column of its own.
import { el } from "./dom.js";

const ENDS = new Set("，。！？；：,.!?;");
const LONGEST = 14; // characters in a column

/** The columns of tokens [{text, kind}], each a list of places; kind: "control", "field", "char", "feed". */
export function columns(tokens) {
  const front = [];
  const rest = [[]];
  tokens.forEach(({ text, kind }, place) => {
    if (kind === "control" || kind === "field") {
      front.push(place);
      return;
    }
    const column = rest.at(-1);
    const hangs = ENDS.has(text) || kind === "feed"; // never at the head of a column
    if (column.length && !hangs && (column.full || column.length >= LONGEST)) rest.push([place]);
    else column.push(place);
    if (hangs) rest.at(-1).full = true;
  });
  return { front, rest: rest.filter((column) => column.length) };
}

/** Bring a part of something wide into its window; the page itself stays where it is. */
export function bring(node, part) {
  if (!part) return;
  const [frame, box] = [node.getBoundingClientRect(), part.getBoundingClientRect()];
  if (box.left < frame.left || box.right > frame.right) node.scrollLeft += box.left - frame.left - 8;
}

/** The same for a place of a long verse. */
export const reveal = (node, place) => bring(node, node.querySelector(`[data-place="${place}"]`));

/** The verse as buttons, one a token. `each(button, place)` may add to it. */
export function verse(tokens, each) {
  const button = (place) => {
    const { text, kind, written, title } = tokens[place];
    const node = el("button", { type: "button", class: `place ${kind}${written ? " written" : ""}`, "data-place": place, title: title || null },
      el("span", { class: "glyph" }, text));
    each(node, place);
    return node;
  };
  const { front, rest } = columns(tokens);
  const pieces = [];
  for (let start = 0; start < front.length; start += 10) {
    pieces.push(el("div", { class: `column${start + 10 >= front.length ? " front" : ""}` },
      front.slice(start, start + 10).map(button)));
  }
  for (const column of rest) pieces.push(el("div", { class: "column" }, column.map(button)));
  return el("div", { class: "verse" }, pieces);
}
