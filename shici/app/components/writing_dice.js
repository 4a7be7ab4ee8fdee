// The throw of the dice: all that was kept, side by side in the order of the vocabulary, and where the number falls.
import { el } from "./dom.js";
import { css } from "./colour.js";
import { num, percent } from "./number.js";

const HIGH = 40;
const GAP = 26;
const LENS = 0.025; // half of what the lens shows

/** -> {node, fill({stages, throw, names, colours, serif})}. */
export function diceBar(words, { tip, ontake }) {
  const canvas = el("canvas", { role: "img", tabindex: -1 });
  const node = el("div", { class: "dice" }, canvas);
  let seen = null;

  const at = (event) => {
    if (!seen) return null;
    const frame = canvas.getBoundingClientRect();
    const share = (event.clientX - frame.left) / frame.width;
    const y = event.clientY - frame.top;
    const inLens = y > HIGH + GAP + 22;
    const place = inLens ? seen.from + share * (seen.to - seen.from) : share;
    return place >= 0 && place <= 1 ? tokenAt(seen.stages.cumulative, place) : null;
  };
  canvas.addEventListener("pointermove", (event) => {
    const token = at(event);
    if (token === null) return tip.hide();
    const { cumulative, kept } = seen.stages;
    const text = words.segment.replace("{c}", seen.names[token]).replace("{a}", num(cumulative[token] - kept[token])).replace("{b}", num(cumulative[token])).replace("{p}", percent(kept[token]));
    return tip.show(event.clientX, event.clientY, text);
  });
  canvas.addEventListener("pointerleave", () => tip.hide());
  canvas.addEventListener("click", (event) => {
    const token = at(event);
    if (token !== null) ontake(token);
  });

  const fill = ({ stages, throw: thrown, names, colours, serif }) => {
    const width = node.clientWidth || 320;
    const height = 22 + HIGH + GAP + HIGH + 6;
    const scale = Math.min(3, window.devicePixelRatio || 1);
    canvas.width = width * scale;
    canvas.height = height * scale;
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
    const context = canvas.getContext("2d");
    context.scale(scale, scale);
    const from = Math.max(0, Math.min(1 - 2 * LENS, thrown - LENS));
    seen = { stages, names, from, to: from + 2 * LENS };
    const paint = (top, start, end, gap) => {
      const x = (share) => ((share - start) / (end - start)) * width;
      let number = 0;
      for (let token = 0; token < stages.kept.length; token++) {
        const share = stages.kept[token];
        if (share === 0) continue;
        number += 1;
        const [left, right] = [Math.max(0, x(stages.cumulative[token] - share)), Math.min(width, x(stages.cumulative[token]))];
        if (right <= 0 || left >= width) continue;
        const drawn = token === stages.drawn;
        context.fillStyle = css(drawn ? colours.vermilion : number % 2 ? colours.leaf : colours.rule);
        context.fillRect(left, top, Math.max(0.3, right - left - (right - left > 3 ? gap : 0)), HIGH);
        if (right - left > 13) {
          context.fillStyle = css(drawn ? colours.paper : colours.ink);
          context.font = `${Math.min(20, right - left)}px ${serif}`;
          context.textAlign = "center";
          context.textBaseline = "middle";
          context.fillText(names[token], (left + right) / 2, top + HIGH / 2 + 1, right - left);
        }
      }
      context.strokeStyle = css(colours.ink);
      context.lineWidth = 1.5;
      context.beginPath();
      context.moveTo(x(thrown), top - 5);
      context.lineTo(x(thrown), top + HIGH);
      context.stroke();
      return x;
    };
    const x = paint(22, 0, 1, 0.6);
    const lens = 22 + HIGH + GAP;
    context.fillStyle = css(colours.ink, 0.06);
    context.beginPath();
    context.moveTo(x(seen.from), 22 + HIGH);
    context.lineTo(x(seen.to), 22 + HIGH);
    context.lineTo(width, lens);
    context.lineTo(0, lens);
    context.fill();
    paint(lens, seen.from, seen.to, 1);
    context.fillStyle = css(colours.ink);
    context.font = `13px ${serif}`;
    context.textBaseline = "alphabetic";
    const label = words.thrown.replace("{u}", num(thrown));
    const half = context.measureText(label).width / 2;
    context.textAlign = "center";
    context.fillText(label, Math.max(half, Math.min(width - half, x(thrown))), 13);
    canvas.setAttribute("aria-label", `${label} → ${names[stages.drawn]}`);
  };
  return { node, fill };
}

/** The first token whose cumulative share lies beyond `place`. */
function tokenAt(cumulative, place) {
  let [low, high] = [0, cumulative.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (cumulative[middle] > place) high = middle;
    else low = middle + 1;
  }
  return low;
}
