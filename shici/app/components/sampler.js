// shici/generation/sampler.py, stage by stage, so that a slider answers without the server.
// tests/test_app_sampler.py runs both on the same numbers: the stages agree to 1e-12, the drawn token is the same.
// The page shows how far this reckoning lies from the server's for the step on screen.

/** The stages of one step.
 *  logits: Float32Array (V). allowed: Uint8Array (V). cuts: {temperature, topK, topP, minP}. uniform in [0, 1).
 *  {scaled (float32), probabilities, kept, cumulative (float64), drawn}; -Infinity in scaled where not allowed. */
export function takeStep(logits, allowed, cuts, uniform) {
  const coldest = cuts.temperature === 0; // always the likeliest, undivided
  const temperature = Math.fround(coldest ? 1 : cuts.temperature);
  const scaled = new Float32Array(logits.length);
  for (let i = 0; i < logits.length; i++) scaled[i] = allowed[i] ? logits[i] / temperature : -Infinity;
  const probabilities = softmax(scaled);
  const kept = cut(probabilities, coldest ? { topK: 1, topP: 1, minP: 0 } : cuts);
  const cumulative = new Float64Array(kept.length);
  let sum = 0;
  for (let i = 0; i < kept.length; i++) cumulative[i] = sum += kept[i];
  return { scaled, probabilities, kept, cumulative, drawn: draw(cumulative, uniform) };
}

/** The distribution after top-k, then top-p, then min-p; 0 where cut off, the rest summing to 1 again. */
export function cut(probabilities, { topK = 0, topP = 1, minP = 0 }) {
  let kept = probabilities;
  if (topK > 0 && topK < kept.length) kept = above(kept, descending(kept)[topK - 1]);
  if (topP < 1) kept = above(kept, nucleus(descending(kept), topP));
  if (minP > 0) kept = above(kept, minP * kept.reduce((most, p) => Math.max(most, p), 0));
  return kept;
}

/** In nats. */
export function entropy(distribution) {
  let sum = 0;
  for (const p of distribution) if (p > 0) sum -= p * Math.log(p);
  return sum;
}

function softmax(scaled) {
  let largest = -Infinity;
  for (const x of scaled) if (x > largest) largest = x;
  const shares = new Float64Array(scaled.length);
  let sum = 0;
  for (let i = 0; i < scaled.length; i++) sum += shares[i] = Math.exp(scaled[i] - largest);
  for (let i = 0; i < shares.length; i++) shares[i] /= sum;
  return shares;
}

function descending(values) {
  return values.slice().sort().reverse();
}

/** The last probability that is needed to reach topP. */
function nucleus(largest, topP) {
  let sum = 0;
  for (const p of largest) {
    sum += p;
    if (sum >= topP) return p;
  }
  return largest[largest.length - 1];
}

function above(values, threshold) {
  const kept = values.map((p) => (p >= threshold ? p : 0));
  const sum = kept.reduce((total, p) => total + p, 0);
  return kept.map((p) => p / sum);
}

/** The token that the throw falls on, all laid side by side in the order of their ids. */
function draw(cumulative, uniform) {
  const total = cumulative[cumulative.length - 1];
  const target = Math.min(uniform * total, before(total));
  let [low, high] = [0, cumulative.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (cumulative[middle] > target) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The largest number below a positive one. */
function before(value) {
  const bits = new BigInt64Array(1);
  const number = new Float64Array(bits.buffer);
  number[0] = value;
  bits[0] -= 1n;
  return number[0];
}
