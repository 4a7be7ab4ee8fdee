// The page 全过程: one pass of the model as one drawing. What is unfolded is fetched once; all else is answered here.
import { el, notes, said } from "./dom.js";
import { readBlob } from "./blob.js";
import { palette } from "./colour.js";
import { onceFaced } from "./face.js";
import { heedKeys } from "./keys.js";
import { apart, num } from "./number.js";
import { tooltip } from "./tooltip.js";
import { drawing } from "./walk_blocks.js";
import { explain, onShow } from "./walk_explain.js";
import { formulaLeaf } from "./walk_formula.js";
import { STAGES, cellOf, guide, sentenceOf } from "./walk_guide.js";
import { links } from "./walk_links.js";
import { TENSORS, lineOf, placed } from "./walk_table.js";
import { ARRIVED, keptWeights, matrices, ofBlock } from "./walk_tensors.js";
import { bringIntoView, columnWidths, quiet } from "./walk_view.js";

const BETWEEN = 45; // ms from one tensor to the next while a new row appears

export default function ({ data, parentElement, setTriggerValue }) {
  const state = notes(parentElement, () => ({ open: new Set(["beginning"]), fresh: new Set(), head: 0, at: null, held: false, asked: null, layers: new Map(), stage: null, playing: false }));
  state.trigger = setTriggerValue;
  receive(state, readBlob(data));
  if (state.language !== state.header.language) build(state, parentElement);
  redraw(state);
  arrive(state);
  onceFaced(state.root, () => redraw(state));
  state.observer?.disconnect();
  let seen = parentElement.host.clientWidth;
  state.observer = new ResizeObserver(() => {
    const now = parentElement.host.clientWidth;
    if (now && now !== seen) redraw(state, (seen = now));
  });
  state.observer.observe(parentElement.host);
  removeEventListener(ARRIVED, state.arrived);
  state.arrived = () => { redraw(state); arrive(state); };
  addEventListener(ARRIVED, state.arrived);
  state.unheeded?.();
  state.unheeded = heedKeys((key) => keys(state, key));
  return () => {
    state.unheeded();
    clearTimeout(state.timer);
    state.observer.disconnect();
    removeEventListener(ARRIVED, state.arrived);
  };
}

const isLayer = (block) => /^\d+$/.test(block);
const layerOf = (state) => Number([...state.open].find(isLayer) ?? -1);
const fetched = (block) => isLayer(block) || block === "output";

/** Take over what came; what is in the browser already stays. */
function receive(state, { header, tensors }) {
  const key = `${header.model} ${header.ids.join(" ")}`;
  state.grown = state.key && key.startsWith(`${state.key} `) && header.ids.length === state.header.ids.length + 1 && state.header.window_start === header.window_start ? { before: state.tensors.stream } : null;
  if (key !== state.key) state.layers.clear();
  if (state.at) state.at = moved(state, header.tokens.length - 1);
  Object.assign(state, { header, tensors, key, names: header.names.split("\t") });
  for (const block of header.open) if (isLayer(block)) state.layers.set(block, ofBlock(tensors, block));
  if (state.asked === null || header.asked >= state.asked) {
    state.asked = header.asked;
    for (const block of state.open) if (fetched(block) && !header.open.includes(block)) state.open.delete(block);
    for (const block of header.open) state.open.add(block);
  }
}

/** Where the cell that was pointed at is in a line of another length: what was in the last row stays in the last row. */
function moved({ at: [name, i, j], header }, last) {
  const before = header.tokens.length - 1;
  if (before === last || TENSORS[lineOf(name, -1)].shape[0] !== "T") return [name, i, j];
  const square = TENSORS[lineOf(name, -1)].shape === "TT";
  return [name, i === before ? last : Math.min(i, last), square ? Math.min(j, last) : j];
}

/** Ask the server: what is unfolded and which weights are here go with everything. */
function request(state, event = {}) {
  const have = [...keptWeights(state.header.model).keys()];
  state.trigger("act", { open: [...state.open].filter(fetched), have, asked: ++state.asked, ...event });
}

function build(state, parentElement) {
  const { words, language } = state.header;
  state.language = language;
  const root = el("div", { class: "shici walk", lang: language === "zh" ? "zh-Hans" : "en" });
  const [canvas, panel] = [el("div", { class: "drawing" }), el("div", { class: "panel", "aria-live": "polite" })];
  state.links = links();
  const aside = el("aside", {});
  state.added = el("p", { class: "note added", role: "status" });
  state.guide = guide({
    words, added: state.added, ongo: (stage) => { stop(state); go(state, stage); }, onplay: () => (state.playing ? stop(state) : start(state)),
    onspread: (on) => { aside.classList.toggle("spread", on); bringIntoView(state, figureOf(state, state.at), cellAt(state)); },
  });
  aside.append(state.guide.node, panel, el("p", { class: "note keys" }, words.keys));
  root.append(canvas, aside);
  for (const old of [...parentElement.children]) if (old.classList.contains("shici")) old.remove();
  parentElement.append(root);
  state.tip = tooltip(root);
  Object.assign(state, { root, canvas, panel });
}

function keys(state, key) {
  const press = (selector) => state.root.querySelector(selector)?.click();
  return {
    n: () => press('[data-guide="next"]'), b: () => press('[data-guide="previous"]'), p: () => press('[data-guide="play"]'),
    w: () => press('[data-do="write"]:not([hidden])'), u: () => press('[data-do="undo"]:not([hidden])'), Escape: () => { state.held = false; mark(state); },
  }[key];
}

/** The scene that everything is drawn and explained from. */
function sceneOf(state) {
  const { header, tensors, head, open, fresh, names } = state;
  const layer = layerOf(state);
  const kept = keptWeights(header.model);
  const matrix = matrices({ header, tensors, inside: state.layers.get(String(layer)), weights: kept.get(String(layer)), table: kept.get("output")?.wte, head });
  return {
    header, words: header.words, tensors, matrix, head, layer, open, fresh, names, topRows: tensors.top_rows, thumbnails: tensors.thumbnails, colours: state.colours,
    serif: state.serif, width: state.width,
  };
}

/** Draw all anew; the focus stays on what it was on. */
function redraw(state) {
  const { root } = state;
  state.colours = palette(root);
  state.serif = getComputedStyle(root).fontFamily;
  const { drawn, beside } = columnWidths(root);
  Object.assign(state, { width: drawn, beside });
  const focused = root.getRootNode().activeElement?.dataset ?? {};
  const scene = (state.scene = sceneOf(state));
  const picture = drawing(scene, {
    point: (name, i, j, event, held) => point(state, name, i, j, event, held),
    leave: () => state.tip.hide(),
    toggle: (block) => toggle(state, block),
    head: (layer, head) => chooseHead(state, layer, head),
    act: (event) => { stop(state); request(state, event); },
  });
  Object.assign(state, { views: picture.views, sheets: picture.sheets });
  state.canvas.replaceChildren(picture.node, state.links.node);
  state.fresh.clear();
  state.at ??= ["stream:0", ...cellOf({ tensor: "embedding" }, scene.matrix("stream:0"), scene)];
  for (const name of ["toggle", "sheet", "head", "do"]) {
    if (focused[name]) root.querySelector(`[data-${name}="${CSS.escape(focused[name])}"]`)?.focus({ preventScroll: true });
  }
  mark(state);
}

/** After new data: go on with what waited for it, and let a new row appear. */
function arrive(state) {
  const { grown, header, words = header.words } = state;
  if (state.told !== state.key) state.added.textContent = "";
  state.told = state.key;
  if (grown) {
    state.grown = null;
    const rows = header.tokens.length - 1;
    state.added.textContent = said(words.added, { c: header.tokens.at(-1).text, n: rows, d: apart(furthest(grown.before, state.tensors.stream), 0) });
    if (!quiet()) state.sheets.forEach((sheet, n) => { if (sheet.last === rows) sheet.reveal(rows, n * BETWEEN); });
  }
  if (state.stage !== null) go(state, state.stage);
}

/** How far the rows of one stream lie at most from the same rows of a longer one. */
function furthest({ shape: [layers, rows, size], data }, { shape: [, more], data: other }) {
  let most = 0;
  for (let n = 0; n < layers; n++) {
    for (let at = 0; at < rows * size; at++) most = Math.max(most, Math.abs(data[n * rows * size + at] - other[n * more * size + at]));
  }
  return most;
}

function toggle(state, block) {
  stop(state);
  if (state.open.has(block)) state.open.delete(block);
  else unfold(state, block);
  if (fetched(block)) request(state);
  redraw(state);
}

/** One layer at a time is unfolded. */
function unfold(state, block) {
  if (state.open.has(block)) return;
  if (isLayer(block)) for (const other of [...state.open].filter(isLayer)) state.open.delete(other);
  state.open.add(block);
  state.fresh.add(block);
}

function chooseHead(state, layer, head) {
  stop(state);
  const before = layerOf(state);
  state.head = head;
  for (const block of [String(layer), "heads"]) unfold(state, block);
  if (layerOf(state) !== before) request(state);
  redraw(state);
  state.root.querySelector(`[data-head="${layer},${head}"]`)?.focus({ preventScroll: true });
}

/** A cell is pointed at. held: by a click, which holds it or lets it go. */
function point(state, name, i, j, event, held) {
  if (state.playing && !event) stop(state);
  const mouse = event?.pointerType === "mouse";
  if (held && mouse) state.held = !state.held;
  else if (state.held && mouse) return;
  state.at = [name, i, j];
  mark(state, event);
}

/** Light up the cell and its sources, and explain it. */
function mark(state, event) {
  const { scene, views } = state;
  for (const view of state.lit ?? []) view.mark([]);
  state.lit = new Set();
  state.root.classList.toggle("held", state.held);
  if (!scene.matrix(state.at[0])) {
    state.links.clear();
    return;
  }
  const [name, i, j] = state.at;
  const found = explain(name, i, j, scene);
  const marks = [{ name, row: i, column: j, target: true }, ...found.sources.filter((source) => onShow(source, j, scene))];
  for (const shown of new Set(marks.map((each) => each.name))) {
    for (const view of views.get(shown) ?? []) {
      view.mark(marks.filter((each) => each.name === shown));
      state.lit.add(view);
    }
  }
  const [target, ...sources] = marks.map((each) => boxOf(state, each));
  if (target) state.links.draw(sources.filter(Boolean), target);
  else state.links.clear();
  const caption = said(scene.words[found.name] ?? "", { n: Number(name.slice(7)), t: num(scene.header.temperature, 2) });
  state.panel.replaceChildren(formulaLeaf(found, { words: scene.words, colours: state.colours, width: state.beside, caption }));
  const leafBeside = state.beside < state.width; // on a phone it lies under the finger already
  if (event?.clientX && leafBeside) state.tip.show(event.clientX, event.clientY, el("b", {}, found.title), " ", el("span", { class: "num" }, num(found.trace)));
}

/** Where a mark lies on the drawing; null where it is not shown. */
function boxOf(state, each) {
  const frame = state.canvas.getBoundingClientRect();
  for (const view of state.views.get(each.name) ?? []) {
    const node = view.node ?? view.nodeOf(each);
    if (!node) continue;
    const { left, top, width, height } = node.getBoundingClientRect();
    const [x, y, w, h] = view.boxOf ? view.boxOf(each) : [0, 0, width, height];
    return [left - frame.left + x, top - frame.top + y, w, h];
  }
  return null;
}

/** Go to a stage of the walk: unfold what it needs, point at its cell; if numbers have to be fetched, go on then. */
function go(state, number) {
  const stage = STAGES[number];
  if (!stage) return;
  state.held = false;
  const wanted = stage.open.map((block) => (block === "layer" ? String(Math.max(0, layerOf(state))) : block));
  const before = [...state.open].filter(fetched).sort().join();
  const shown = [...state.open].sort().join();
  if (stage.fold) for (const block of [...state.open].filter(isLayer)) state.open.delete(block);
  for (const block of wanted) unfold(state, block);
  if ([...state.open].filter(fetched).sort().join() !== before) request(state);
  if ([...state.open].sort().join() !== shown) redraw(state);
  const { scene } = state;
  const name = placed(stage.tensor, { layer: scene.layer, layers: scene.header.layers, own: 0 });
  const matrix = scene.matrix(name);
  state.stage = matrix && state.views.has(name) ? null : number;
  state.guide.show(number, sentenceOf(stage, scene.words, { ...scene, num }));
  if (state.stage !== null) return;
  state.at = [name, ...cellOf(stage, matrix, scene)];
  mark(state);
  const anchor = stage.anchor ? state.root.querySelector(`[data-anchor="${stage.anchor}"]`) : figureOf(state, state.at);
  bringIntoView(state, anchor, cellAt(state));
}

const cellAt = (state) => boxOf(state, { name: state.at[0], row: state.at[1], column: state.at[2] });

const figureOf = (state, [name, i, j]) => {
  const [view] = state.views.get(name) ?? [];
  return view?.node ?? view?.nodeOf({ row: i, column: j });
};

function start(state) {
  state.playing = true;
  state.guide.playing(true);
  const on = () => {
    const next = state.guide.at() + 1;
    go(state, next >= STAGES.length ? 0 : next);
    if (next === STAGES.length - 1) stop(state);
    else state.timer = setTimeout(on, pause(state));
  };
  on();
}

/** As long as one needs to read the sentence. */
function pause(state) {
  const { length } = state.root.querySelector(".sentence").textContent;
  return 2500 + length * (state.language === "zh" ? 90 : 35);
}

function stop(state) {
  clearTimeout(state.timer);
  state.playing = false;
  state.guide.playing(false);
}
