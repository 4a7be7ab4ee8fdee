// A cell explained: its line in walk_table.js, the numbers it names, and what its rule makes of them.
import { RULES } from "./walk_rules.js";
import { TENSORS, filled, labelOf, lineOf, placed } from "./walk_table.js";
import { taken } from "./walk_tensors.js";

/** scene: {header, words, matrix(name), topRows, layer, head, open, names: of all tokens}.
 *  {name: the line's, title, how, line, terms, result, trace, sources: [{name: on show, row, column}]}. */
export function explain(shown, i, j, scene) {
  const { header, words, matrix, layer } = scene;
  const name = lineOf(shown, layer);
  const row = TENSORS[name];
  const size = header.channels / header.heads;
  const own = shown.startsWith("stream:") ? Number(shown.slice(7)) : 0;
  const last = header.tokens.length - 1;
  const find = ([source, ...index]) => filled([placed(source, { layer, layers: header.layers, own }), ...index], i, j, { last, size });
  const sources = row.from.map(find);
  const value = taken(matrix(shown), { row: i, column: j })[0];
  const place = (n) => header.tokens[n]?.text ?? "";
  const base = {
    name, sources, trace: value, how: row.how, title: cellName(name, i, j, scene), made: sources.map((source, n) => cellName(row.from[n][0], source.row, source.column, scene)),
  };
  const values = sources.map((source) => valuesOf(source, scene, j));
  if (values.includes(undefined)) return { ...base, line: [name === "logits" && !scene.open.has("output") ? words.unfold_output : words.waiting], terms: [] };
  const summed = row.from.find((source) => source.includes("*"));
  const letter = summed ? TENSORS[summed[0]]?.shape[summed.indexOf("*") - 1] ?? "C" : "C";
  const biasAt = row.bias && find(row.bias);
  const bias = biasAt && matrix(biasAt.name) ? taken(matrix(biasAt.name), biasAt)[0] : undefined;
  const at = {
    i, j, place, id: header.ids[i], head: Math.floor(j / size), square: row.shape === "TT", temperature: header.temperature,
    kept: (n) => matrix("kept").data[n] > 0,
  };
  const found = RULES[row.rule]({ sources: values, bias, value, names: axis(letter, scene), words, at, epsilon: header.epsilon, upTo: row.causal ? i + 1 : undefined });
  return { ...base, ...found };
}

/** A cell, a row or a column as it is written: Q[光₇, 12], n₁[光₇, ·]. */
function cellName(name, i, j, scene) {
  const [rows, columns] = [...(TENSORS[name]?.shape ?? "TC")];
  const at = (letter, n) => (n === "*" ? "·" : axis(letter, scene)(n));
  return `${labelOf(name)}[${[at(rows, i), at(columns, j)].filter(Boolean).join(", ")}]`;
}

const small = (number) => String(number).replace(/\d/g, (digit) => "₀₁₂₃₄₅₆₇₈₉"[digit]);

const quoted = (text) => (/[\p{P}\p{S}]/u.test(text) ? `“${text}”` : text);

/** How the places along an axis are called: a character with its place. */
function axis(letter, { header, names }) {
  if (letter === "T") return (n) => `${quoted(header.tokens[n].text)}${small(n + 1)}`;
  if (letter === "V") return (n) => names[n];
  return letter === "1" ? () => "" : (n) => String(n + 1);
}

function valuesOf(source, { header, matrix, topRows, head }, j) {
  const size = header.channels / header.heads;
  if (source.name === "wte" && !matrix("wte")) {
    const at = header.top.indexOf(source.row);
    return at < 0 ? undefined : taken(topRows, { row: at, column: "*" });
  }
  if (source.name === "out" && Math.floor(j / size) !== head) return taken(matrix("concat"), { row: source.row, column: j });
  const found = matrix(source.name);
  return found && taken(found, source);
}

/** Whether a source can be seen on the screen: the heads that are not chosen cannot. */
export function onShow(source, j, { header, head }) {
  return source.name !== "out" || Math.floor(j / (header.channels / header.heads)) === head;
}

/** The caption's shape with its numbers: 8×384. */
export function sizeOf(name, matrix) {
  return matrix(name)?.shape.join("×") ?? "";
}

