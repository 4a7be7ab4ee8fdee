// The guided walk: a sentence for each stage, what has to be unfolded for it, and the cell that it points at.
import { el, said } from "./dom.js";

const ATTENTION = ["layer", "heads"];
const MLP = ["layer", "mlp_block"];

/** words: the sentence. open: what must be unfolded. tensor: on show. pick: which cell, see `cellOf`. fold: the layers. */
export const STAGES = [
  { words: "stage_tokens", tensor: "token_embedding", open: ["beginning"], pick: "first", anchor: "tokens" },
  { words: "stage_token_embedding", tensor: "token_embedding", open: ["beginning"] },
  { words: "stage_position_embedding", tensor: "position_embedding", open: ["beginning"] },
  { words: "stage_embedding", tensor: "embedding", open: ["beginning"] },
  { words: "stage_ln_1", tensor: "ln_1", open: ["layer"] },
  { words: "stage_q", tensor: "q", open: ATTENTION },
  { words: "stage_k", tensor: "k", open: ATTENTION },
  { words: "stage_v", tensor: "v", open: ATTENTION },
  { words: "stage_scores", tensor: "scores", open: ATTENTION },
  { words: "stage_masked", tensor: "masked", open: ATTENTION, pick: "future" },
  { words: "stage_weights", tensor: "weights", open: ATTENTION },
  { words: "stage_out", tensor: "out", open: ATTENTION },
  { words: "stage_concat", tensor: "concat", open: ATTENTION, pick: "in head" },
  { words: "stage_attention", tensor: "attention", open: ATTENTION },
  { words: "stage_residual_mid", tensor: "residual_mid", open: ["layer"] },
  { words: "stage_ln_2", tensor: "ln_2", open: ["layer"] },
  { words: "stage_mlp_hidden", tensor: "mlp_hidden", open: MLP },
  { words: "stage_mlp_activated", tensor: "mlp_activated", open: MLP },
  { words: "stage_mlp", tensor: "mlp", open: MLP },
  { words: "stage_residual_out", tensor: "residual_out", open: ["layer"] },
  { words: "stage_layers", tensor: "residual_last", open: [], fold: true },
  { words: "stage_ln_f", tensor: "ln_f", open: [] },
  { words: "stage_logits", tensor: "logits", open: [], pick: "drawn" },
  { words: "stage_probabilities", tensor: "probabilities", open: [], pick: "drawn" },
  { words: "stage_kept", tensor: "kept", open: [], pick: "drawn" },
  { words: "stage_drawn", tensor: "kept", open: [], pick: "drawn", anchor: "drawn" },
];

/** The cell that a stage points at: in the last character's row the largest number, where nothing else is said. */
export function cellOf({ pick, tensor }, matrix, { header, head }) {
  const last = header.tokens.length - 1;
  if (pick === "drawn") return [0, header.drawn];
  if (pick === "first") return [last, 0];
  if (pick === "future") return [Math.max(0, last - 1), last];
  const size = header.channels / header.heads;
  const [from, to] = pick === "in head" ? [head * size, (head + 1) * size] : [0, matrix.shape[1]];
  const row = Math.min(last, matrix.shape[0] - 1);
  let best = from;
  for (let j = from; j < to; j++) if (weight(matrix, row, j, tensor) > weight(matrix, row, best, tensor)) best = j;
  return [row, best];
}

const weight = ({ shape, data }, i, j, tensor) => (tensor === "scores" ? data[i * shape[1] + j] : Math.abs(data[i * shape[1] + j]));

/** {words, added: what stands below the sentence, ongo(stage), onplay(), onspread(on)} -> {node, show(stage, sentence), playing(on)}.
 *  onspread: on a small screen the formula is folded away until it is asked for. */
export function guide({ words, added, ongo, onplay, onspread }) {
  let at = -1;
  const sentence = el("p", { class: "sentence", "aria-live": "polite" }, words.legend);
  const told = el("div", { class: "told", onscroll: () => cue() }, sentence, added);
  const telling = el("div", { class: "telling" }, told);
  const cue = () => telling.classList.toggle("more", told.scrollHeight - told.scrollTop - told.clientHeight > 3);
  const sizes = new ResizeObserver(cue);
  for (const each of [told, sentence, added]) sizes.observe(each);
  const count = el("span", { class: "num count" }, `0 / ${STAGES.length}`);
  const play = el("button", { type: "button", class: "seal", "data-guide": "play", onclick: onplay }, words.play);
  const previous = el("button", { type: "button", "data-guide": "previous", "aria-disabled": "true", onclick: () => ongo(at - 1) }, words.previous);
  const next = el("button", { type: "button", "data-guide": "next", onclick: () => ongo(at + 1) }, words.next);
  const spread = el("button", {
    type: "button", class: "spread", "aria-expanded": "false",
    onclick: () => {
      const on = spread.getAttribute("aria-expanded") !== "true";
      spread.setAttribute("aria-expanded", String(on));
      onspread(on);
    },
  }, words.formula);
  const dots = STAGES.map((stage, n) => el("button", { type: "button", tabindex: -1, "aria-label": `${n + 1}`, onclick: () => ongo(n) }));
  const node = el("div", { class: "guide" },
    el("div", { class: "bar" }, play, previous, next, spread, count),
    el("div", { class: "dots" }, dots), telling);
  return {
    node,
    at: () => at,
    show(stage, text) {
      if (at !== stage) told.scrollTop = 0;
      at = stage;
      sentence.textContent = text;
      count.textContent = `${stage + 1} / ${STAGES.length}`;
      previous.setAttribute("aria-disabled", String(stage <= 0)); // not disabled, which would let go of the focus
      next.setAttribute("aria-disabled", String(stage >= STAGES.length - 1));
      dots.forEach((dot, n) => dot.setAttribute("aria-current", String(n === stage)));
    },
    playing(on) {
      play.textContent = on ? words.pause : words.play;
    },
  };
}

/** A stage's sentence with the numbers of this line and model. */
export function sentenceOf({ words: name }, words, { header, head, layer, names, num }) {
  const { channels, heads } = header;
  return said(words[name], {
    v: names.length, n: header.tokens.length, last: header.tokens.at(-1).text, id: header.ids.at(-1), c: channels, l: header.layers, h: head + 1, s: channels / heads,
    heads, m: 4 * channels, layer: layer + 1, t: num(header.temperature, 2), u: num(header.throw, 4), drawn: names[header.drawn],
  });
}
