// What every number of the pass is made of: one line a tensor. The highlight, the formula and its numbers all follow
// from these lines; walk_rules.js has a function for each rule.
//
//   label   how it is written in formulas; how: the formula of the whole tensor
//   shape   T places, C channels, S channels of a head, M channels of the MLP, V vocabulary, 1
//   rule    how a cell (i, j) comes from its sources
//   from    the sources, each [tensor, row, column]: "i" and "j" are the cell's own, "*" is all of them, a digit that one;
//           "last" the last place, "id" the token's number, "in head" a channel's place in its head
//   bias    a source that is added where the model has it; causal: only the terms up to place i count

export const TENSORS = {
  token_embedding: { label: "E", how: "wte[id]", shape: "TC", rule: "lookedUp", from: [] },
  position_embedding: { label: "P", how: "wpe[i]", shape: "TC", rule: "placed", from: [] },
  embedding: { label: "x₀", how: "E + P", shape: "TC", rule: "sum", from: [["token_embedding", "i", "j"], ["position_embedding", "i", "j"]] },
  through: { label: "x", how: "x + …", shape: "TC", rule: "through", from: [["before", "i", "j"]] },

  ln_1: { label: "n₁", how: "(x − μ) ÷ σ · g₁", shape: "TC", rule: "norm", from: [["residual_in", "i", "*"], ["g_1", "0", "j"]], bias: ["b_1", "0", "j"] },
  q: { label: "Q", how: "n₁ W_Qᵀ", shape: "TS", rule: "dot", from: [["ln_1", "i", "*"], ["w_q", "j", "*"]], bias: ["b_q", "0", "j"] },
  k: { label: "K", how: "n₁ W_Kᵀ", shape: "TS", rule: "dot", from: [["ln_1", "i", "*"], ["w_k", "j", "*"]], bias: ["b_k", "0", "j"] },
  v: { label: "V", how: "n₁ W_Vᵀ", shape: "TS", rule: "dot", from: [["ln_1", "i", "*"], ["w_v", "j", "*"]], bias: ["b_v", "0", "j"] },
  scores: { label: "S", how: "Q Kᵀ ÷ √d", shape: "TT", rule: "scaledDot", from: [["q", "i", "*"], ["k", "j", "*"]] },
  masked: { label: "M", how: "j > i → −∞", shape: "TT", rule: "mask", from: [["scores", "i", "j"]] },
  weights: { label: "A", how: "softmax(M)", shape: "TT", rule: "softmax", from: [["masked", "i", "*"]] },
  out: { label: "H", how: "A V", shape: "TS", rule: "dot", from: [["weights", "i", "*"], ["v", "*", "j"]], causal: true },
  concat: { label: "H", how: "[H₁ … Hₙ]", shape: "TC", rule: "same", from: [["out", "i", "in head"]] },
  attention: { label: "a", how: "H W_Oᵀ", shape: "TC", rule: "dot", from: [["concat", "i", "*"], ["w_o", "j", "*"]], bias: ["b_o", "0", "j"] },
  residual_mid: { label: "x′", how: "x + a", shape: "TC", rule: "sum", from: [["residual_in", "i", "j"], ["attention", "i", "j"]] },

  ln_2: { label: "n₂", how: "(x′ − μ) ÷ σ · g₂", shape: "TC", rule: "norm", from: [["residual_mid", "i", "*"], ["g_2", "0", "j"]], bias: ["b_2", "0", "j"] },
  mlp_hidden: { label: "u", how: "n₂ W₁ᵀ", shape: "TM", rule: "dot", from: [["ln_2", "i", "*"], ["w_fc", "j", "*"]], bias: ["b_fc", "0", "j"] },
  mlp_activated: { label: "g", how: "GELU(u)", shape: "TM", rule: "gelu", from: [["mlp_hidden", "i", "j"]] },
  mlp: { label: "m", how: "g W₂ᵀ", shape: "TC", rule: "dot", from: [["mlp_activated", "i", "*"], ["w_down", "j", "*"]], bias: ["b_down", "0", "j"] },
  residual_out: { label: "x″", how: "x′ + m", shape: "TC", rule: "sum", from: [["residual_mid", "i", "j"], ["mlp", "i", "j"]] },

  ln_f: { label: "n", how: "(x − μ) ÷ σ · g", shape: "TC", rule: "norm", from: [["residual_last", "i", "*"], ["g_f", "0", "j"]], bias: ["b_f", "0", "j"] },
  logits: { label: "logit", how: "n wteᵀ", shape: "1V", rule: "dot", from: [["ln_f", "last", "*"], ["wte", "j", "*"]] },
  scaled: { label: "z", how: "logit ÷ t", shape: "1V", rule: "divided", from: [["logits", "0", "j"]] },
  probabilities: { label: "p", how: "softmax(z)", shape: "1V", rule: "softmax", from: [["scaled", "0", "*"]] },
  kept: { label: "p′", how: "p ÷ Σ p", shape: "1V", rule: "renormalised", from: [["probabilities", "0", "*"]] },

  w_q: { label: "W_Q", how: "W_Q", shape: "SC", rule: "learned", from: [] },
  w_k: { label: "W_K", how: "W_K", shape: "SC", rule: "learned", from: [] },
  w_v: { label: "W_V", how: "W_V", shape: "SC", rule: "learned", from: [] },
  w_o: { label: "W_O", how: "W_O", shape: "CC", rule: "learned", from: [] },
  w_fc: { label: "W₁", how: "W₁", shape: "MC", rule: "learned", from: [] },
  w_down: { label: "W₂", how: "W₂", shape: "CM", rule: "learned", from: [] },
  wte: { label: "wte", how: "wte", shape: "VC", rule: "learned", from: [] },
};

const LETTERS = { g_1: "g₁", g_2: "g₂", g_f: "g", before: "x", residual_in: "x", residual_last: "x" };

export const labelOf = (name) => TENSORS[name]?.label ?? LETTERS[name] ?? name;

/** A source of cell (i, j) with its indices filled in: {name, row, column}, a number or "*" each. */
export function filled([name, row, column], i, j, { last, size }) {
  const index = { i, j, last, "*": "*", "in head": j % size };
  return { name, row: index[row] ?? Number(row), column: index[column] ?? Number(column) };
}

/** The name of the line that explains a tensor on show: the stream is called "stream:0" … by its place. */
export function lineOf(name, layer) {
  if (!name.startsWith("stream:")) return name;
  const place = Number(name.slice(7));
  return place === 0 ? "embedding" : place === layer + 1 ? "residual_out" : "through";
}

/** The tensor on show that a source is; `own`: the place in the stream of the cell that asks. */
export function placed(name, { layer, layers, own }) {
  const place = { embedding: 0, before: own - 1, residual_in: layer, residual_out: layer + 1, residual_last: layers }[name];
  return place === undefined ? name : `stream:${place}`;
}
