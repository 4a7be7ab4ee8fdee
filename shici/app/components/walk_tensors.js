// The numbers behind the names of walk_table.js: matrices of a trace and of the weights, none of them copied.
import { part } from "./blob.js";

/** What float16 bits say. */
const HALF = Float32Array.from({ length: 65536 }, (_, bits) => {
  const [exponent, fraction] = [(bits >> 10) & 31, bits & 1023];
  const size = exponent === 31 ? (fraction ? NaN : Infinity) : exponent ? (1 + fraction / 1024) * 2 ** (exponent - 15) : fraction * 2 ** -24;
  return bits >> 15 ? -size : size;
});

/** The number at a place of {data}, whatever it is kept as. */
export const numberAt = ({ data }, at) => (data instanceof Uint16Array ? HALF[data[at]] : data[at]);

/** A function from bits or a number to a number, for going through many. */
export const reader = ({ data }) => (data instanceof Uint16Array ? (bits) => HALF[bits] : (value) => value);

/** Row, column or cell of a matrix: {row, column} with "*" for all. */
export function taken(matrix, { row, column }) {
  const [rows, columns] = matrix.shape;
  if (row !== "*" && column !== "*") return [numberAt(matrix, row * columns + column)];
  const [start, step, count] = row === "*" ? [column, columns, rows] : [row * columns, 1, columns];
  return Float64Array.from({ length: count }, (_, n) => numberAt(matrix, start + n * step));
}

const rowsOf = ({ shape: [, columns], data }, start, count) => ({ shape: [count, columns], data: data.subarray(start * columns, (start + count) * columns) });
const partOf = ({ data }, start, count) => ({ shape: [1, count], data: data.subarray(start, start + count) });
const THIRDS = { q: 0, k: 1, v: 2 };

/** Weights that were sent to this page, kept while it is open, also when another page is shown meanwhile: the server
 *  sends each block's once. {"model": {"block": {name: tensor}}} */
const KEPT = Symbol.for("shici.walk.weights");
export function keptWeights(model) {
  globalThis[KEPT] ??= new Map();
  if (!globalThis[KEPT].has(model)) globalThis[KEPT].set(model, new Map());
  return globalThis[KEPT].get(model);
}

export const ARRIVED = "shici-walk-weights"; // the event on the window that says so

export function keepWeights(model, blocks, tensors) {
  for (const block of blocks) keptWeights(model).set(block, ofBlock(tensors, block));
  dispatchEvent(new Event(ARRIVED));
}

/** The tensors called "block.name" under their names. */
export function ofBlock(tensors, block) {
  const found = {};
  for (const [name, tensor] of Object.entries(tensors)) if (name.startsWith(`${block}.`)) found[name.slice(block.length + 1)] = tensor;
  return found;
}

/** A function from a name to a matrix {shape: [rows, columns], data}, undefined where it is not here.
 *  inside: the tensors of the unfolded layer; weights: its weights; table: the output table, if it came. */
export function matrices({ header, tensors, inside = {}, weights = {}, table, head }) {
  const size = header.channels / header.heads;
  const made = new Map();
  const once = (name, make) => {
    if (!made.has(name)) made.set(name, make());
    return made.get(name);
  };
  const perHead = { q: "q", k: "k", v: "v", scores: "scores", weights: "weights", out: "heads" };
  return (name) => {
    if (name.startsWith("stream:")) return part(tensors.stream, Number(name.slice(7)));
    if (name === "wte") return table;
    if (name in perHead) return inside[perHead[name]] && part(inside[perHead[name]], head);
    if (name === "masked") return inside.scores && once(name, () => masked(part(inside.scores, head)));
    if (name === "concat") return inside.heads && once(name, () => sideBySide(inside.heads));
    const [kind, third] = [name[0], THIRDS[name.slice(2)]];
    if (third !== undefined && kind === "w") return weights.w_attn && rowsOf(weights.w_attn, third * header.channels + head * size, size);
    if (third !== undefined && kind === "b") return weights.b_attn && partOf(weights.b_attn, third * header.channels + head * size, size);
    return inside[name] ?? weights[name] ?? tensors[name];
  };
}

function masked({ shape, data }) {
  return { shape, data: data.map((value, at) => (at % shape[1] > Math.floor(at / shape[1]) ? -Infinity : value)) };
}

/** (heads, T, size) -> (T, heads · size). */
function sideBySide({ shape: [heads, places, size], data }) {
  const joined = new data.constructor(data.length);
  for (let head = 0; head < heads; head++) {
    for (let i = 0; i < places; i++) joined.set(data.subarray((head * places + i) * size, (head * places + i + 1) * size), (i * heads + head) * size);
  }
  return { shape: [places, heads * size], data: joined };
}
