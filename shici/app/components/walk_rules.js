// How a cell comes from its sources, one function a rule: the formula with its real numbers, and what it gives.
// Each takes {sources: [values of each source], bias, value: the trace's own number, names(n): of the n-th term, words, at}
// and gives {line, terms: [{name, text, value}], result}; line is a list of texts, {value, digits} and {power}.
// The result stands beside the trace's number, never in its place.
import { num, term } from "./number.js";
import { said } from "./dom.js";

const total = (values) => values.reduce((sum, value) => sum + value, 0);
const HEAD = 3; // terms written out at the beginning of a long sum
const TAIL = 2; // and at its end

/** A long sum, shortened in the middle. */
function shortened(texts, sign = " + ") {
  if (texts.length <= HEAD + TAIL + 1) return texts.join(sign);
  return [...texts.slice(0, HEAD), "…", ...texts.slice(-TAIL)].join(sign);
}

/** The error function: a sum of positive terms only, exact to the last digits of a double. */
export function erf(z) {
  if (Math.abs(z) > 6) return Math.sign(z);
  let [piece, sum] = [z, z];
  for (let n = 1; Math.abs(piece) > 1e-17 * Math.abs(sum); n++) sum += piece *= (2 * z * z) / (2 * n + 1);
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-z * z) * sum;
}

function products([one, other], names) {
  return Array.from(one, (value, n) => ({ name: names(n), text: `${term(value, 3)}×${term(other[n], 3)}`, value: value * other[n] }));
}

function dot({ sources, bias, names, words, upTo }) {
  const terms = products(sources, names).slice(0, upTo);
  const sum = total(terms.map(({ value }) => value));
  const count = terms.length > HEAD + TAIL + 1 ? ` （${said(words.terms, { n: terms.length })}）` : "";
  return { line: [shortened(terms.map(({ text }) => text)), count, bias === undefined ? "" : ` + ${term(bias, 4)}`], terms, result: sum + (bias ?? 0), sum };
}

export const RULES = {
  dot,

  scaledDot(cell) {
    const { line, terms, sum } = dot(cell);
    const size = terms.length;
    return { line: ["(", ...line, `) ÷ √${size} = `, { value: sum }, " ÷ ", { value: Math.sqrt(size), digits: 3 }], terms, result: sum / Math.sqrt(size) };
  },

  sum({ sources }) {
    return { line: [{ value: sources[0][0] }, " + ", term(sources[1][0], 4)], terms: [], result: sources[0][0] + sources[1][0] };
  },

  same({ sources, words, at }) {
    return { line: [said(words.other_head, { n: at.head + 1 })], terms: [], result: sources[0][0] };
  },

  through({ sources, words, value }) {
    const added = value - sources[0][0];
    return { line: [{ value: sources[0][0] }, " + ", term(added, 4), " · ", said(words.unfold_first, { d: num(added) })], terms: [] };
  },

  norm({ sources: [row, [gain]], bias, words, at, epsilon }) {
    const mean = total(row) / row.length;
    const deviation = Math.sqrt(total(row.map((x) => (x - mean) ** 2)) / row.length + epsilon);
    return {
      line: [`${words.mean} μ = (${shortened(Array.from(row, (x) => term(x, 2)))}) ÷ ${row.length} = `, { value: mean }, `; ${words.deviation} σ = `, { value: deviation }, "; (",
        { value: row[at.j] }, ` − ${term(mean, 4)}) ÷ ${num(deviation)} × ${term(gain, 4)}`, bias === undefined ? "" : ` + ${term(bias, 4)}`],
      terms: [], result: ((row[at.j] - mean) / deviation) * gain + (bias ?? 0),
    };
  },

  mask({ sources, words, at }) {
    const future = at.j > at.i;
    return { line: [said(future ? words.masked_yes : words.masked_no, { t: at.place(at.i), s: at.place(at.j) })], terms: [], result: future ? -Infinity : sources[0][0] };
  },

  softmax({ sources: [row], names, words, at }) {
    if (row[at.j] === -Infinity) return { line: [at.square ? words.future : words.forbidden], terms: [], result: 0 };
    const largest = Math.max(...row);
    const off = largest > 50 ? largest : 0; // taken off every power where they would grow too large; it cancels out
    const terms = [];
    row.forEach((x, n) => { if (x > -Infinity) terms.push({ name: names(n), power: x - off, text: `e^${num(x - off, 2)}`, value: Math.exp(x - off) }); });
    const sum = total(terms.map(({ value }) => value));
    const own = Math.exp(row[at.j] - off);
    const powers = terms.slice(0, HEAD).flatMap(({ power }, n) => [n ? " + " : "", { power }]);
    return {
      line: [{ power: row[at.j] - off }, " ÷ (", ...powers, terms.length > HEAD ? ` + … （${said(words.terms, { n: terms.length })}）` : "", ") = ", amount(own), " ÷ ", amount(sum)],
      terms, result: own / sum,
    };
  },

  gelu({ sources: [[x]] }) {
    const share = 0.5 * (1 + erf(x / Math.SQRT2));
    return { line: ["u · Φ(u) = ", term(x, 4), " × ", { value: share }], terms: [], result: x * share };
  },

  divided({ sources: [[x]], words, value, at }) {
    if (value === -Infinity) return { line: [words.forbidden], terms: [], result: -Infinity };
    return { line: [{ value: x }, " ÷ ", num(at.temperature, 2)], terms: [], result: x / at.temperature };
  },

  renormalised({ sources: [row], names, words, value, at }) {
    if (value === 0) return { line: [words.cut_off], terms: [], result: 0 };
    const terms = [];
    row.forEach((share, n) => { if (at.kept(n)) terms.push({ name: names(n), text: num(share, 5), value: share }); });
    const sum = total(terms.map((each) => each.value));
    return { line: [{ value: row[at.j], digits: 5 }, " ÷ (", shortened(terms.map(({ text }) => text)), `) （${said(words.terms, { n: terms.length })}） = `, { value: row[at.j], digits: 5 }, " ÷ ", { value: sum, digits: 5 }], terms, result: row[at.j] / sum };
  },

  lookedUp({ words, at }) {
    return { line: [said(words.looked_up, { id: at.id, c: at.place(at.i), j: at.j + 1 })], terms: [] };
  },

  placed({ words, at }) {
    return { line: [said(words.placed, { i: at.i + 1, j: at.j + 1 })], terms: [] };
  },

  learned({ words }) {
    return { line: [words.learned], terms: [] };
  },
};

/** A large or small amount with digits that tell something. */
const amount = (value) => (value < 1e5 && value > 1e-3 ? { value } : value.toExponential(3));
