// Letters on a canvas.

const LEAST = 6; // px of a letter; of a longer word the letters stand closer

/** Whether the face of this family is here; a node outside the page, not shown yet or no longer, has no family. */
export const isHere = (family) => family === "" || document.fonts.check(`16px ${family}`, "诗");

/** A canvas keeps the face that it was drawn in: once the page's own face has come, `redraw` is called. */
export function onceFaced(node, redraw) {
  const family = getComputedStyle(node).fontFamily;
  if (!isHere(family)) document.fonts.load(`16px ${family}`, "诗").then(redraw);
}

export const isLatin = (text) => /^[\x20-\x7e]*$/.test(text);

/** A token's name in the middle of (x, y): a character as it is, a word (正文, body) as small as `room` px ask for. */
export function lettering(context, text, x, y, { room, size, serif }) {
  const count = [...text].length;
  const word = count > 1;
  const fitting = isLatin(text) ? 9 : room / count;
  context.font = `${word ? Math.min(size, 11, Math.max(LEAST, fitting)) : size}px ${serif}`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  if (word) context.fillText(text, x, y, room);
  else context.fillText(text, x, y);
}
