// The drawing: blocks along the stream, each of which unfolds in place.
import { el, said } from "./dom.js";
import { part } from "./blob.js";
import { sizeOf } from "./walk_explain.js";
import { candidates, verdict } from "./walk_output.js";
import { sheet } from "./walk_sheet.js";
import { TENSORS, lineOf } from "./walk_table.js";

const RAIL = 26; // px left of the sheets: the stream
const GUTTER = 22; // for a row's character
const GAP = 14; // between sheets side by side
const MATRIX = 48; // px: the height of a large matrix of weights

/** How large cells are on a drawing `width` wide. */
function measures(width, { tokens, channels, heads }) {
  const room = width - RAIL - GUTTER - 4;
  const whole = Math.floor(room / channels) * channels; // whole pixels a cell, where that fills most of the room
  const vector = whole > 0.88 * room ? whole : room;
  const narrow = width < 620;
  const third = narrow ? vector : (vector + GUTTER - 2 * GAP) / 3 - GUTTER - 2;
  const tall = Math.max(2, Math.min(15, Math.floor(320 / tokens.length)));
  const pair = tokens.length > 24 ? vector : (vector + GUTTER - GAP) / 2 - GUTTER - 2; // on a phone two stand in a row
  const square = Math.min(15, (narrow ? pair : third) / tokens.length);
  return { vector, third, tall, square, low: Math.max(1, Math.min(6, Math.floor(96 / tokens.length))), narrow, size: channels / heads };
}

/** on: {point, leave, toggle(block), head(number), act}. {node, views: Map of name -> [view], sheets: in order}. */
export function drawing(scene, on) {
  const { header, words, matrix, open, layer, colours, serif } = scene;
  const size = measures(scene.width, header);
  const views = new Map();
  const sheets = [];
  const register = (name, view) => views.set(name, [...(views.get(name) ?? []), view]);
  const rowNames = header.tokens.map(({ text }) => text);
  const written = header.tokens.map((token) => token.written);

  const figure = (name, { height = size.tall, width = size.vector, line, kind = "signed", rows = true, title } = {}) => {
    const found = matrix(name);
    const entry = lineOf(name, layer);
    const label = title ?? said(words[entry], { n: Number(name.slice(7)) });
    if (!found) return el("figure", { class: "tensor learned", style: { minHeight: `${MATRIX + 24}px` } }, el("figcaption", {}, label, " ", words.waiting)); // on its way
    const view = sheet({ name, matrix: found, kind, line, height, width, gutter: GUTTER, rowNames: rows ? rowNames : null, written, colours, serif, label, onleave: on.leave, onpoint: (...cell) => on.point(name, ...cell) });
    register(name, view);
    if (rows) sheets.push(view);
    return el("figure", { class: `tensor${rows ? "" : " learned"}`, "data-figure": name, style: { maxWidth: `${Math.max(size.narrow ? 150 : 235, width + GUTTER + 2)}px` } },
      el("figcaption", {}, label, " ", el("span", { class: "num" }, TENSORS[entry].how === label ? "" : TENSORS[entry].how), " ", el("span", { class: "num size" }, sizeOf(name, matrix))), view.node);
  };
  const toggle = (block, label, ...more) => el("div", { class: "head" },
    el("button", { type: "button", class: "toggle", "data-toggle": block, "aria-expanded": String(open.has(block)), onclick: () => on.toggle(block) }, el("span", { class: "arrow" }, open.has(block) ? "▾" : "▸"), label), more);
  const row = (...children) => el("div", { class: "row" }, children);
  const opened = (block) => `opened${scene.fresh.has(block) ? " fresh" : ""}`;

  const tokens = () => el("section", { class: "block", "data-anchor": "tokens" }, el("h3", {}, words.tokens),
    header.window_start ? el("p", { class: "note" }, said(words.window, { n: header.window_start })) : null,
    el("div", { class: "cards" }, header.tokens.map(({ text, kind, written: own }, i) => el("button", {
      type: "button", class: `card ${kind}${own ? " written" : ""}`, "data-card": i, "aria-label": said(words.token, { c: text, id: header.ids[i], i: i + 1 }),
      onpointerenter: (event) => on.point("token_embedding", i, 0, event, false), onpointerleave: on.leave, onfocus: () => on.point("token_embedding", i, 0, null, false),
    }, el("span", { class: "glyph" }, text), el("span", { class: "num" }, header.ids[i])))));

  const beginning = () => el("section", { class: "block" }, toggle("beginning", words.beginning),
    open.has("beginning") ? el("div", { class: opened("beginning") }, figure("token_embedding"), figure("position_embedding")) : null,
    el("div", { class: "join" }, figure("stream:0")));

  const thumbnails = (n, live) => el("span", { class: `thumbnails${live ? " live" : ""}`, role: live ? "tablist" : undefined }, Array.from({ length: header.heads }, (_, head) => {
    const label = said(words.head, { n: head + 1 });
    const here = live && head === scene.head;
    return el("button", {
      type: "button", class: "thumbnail", title: label, "aria-label": `${said(words.layer, { n: n + 1 })} ${label}`, role: live ? "tab" : undefined, "aria-selected": live ? String(here) : undefined,
      tabindex: !live || here ? 0 : -1, "data-head": `${n},${head}`, onclick: () => on.head(n, head),
      onkeydown: (event) => {
        const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
        if (!live || !step) return;
        event.preventDefault();
        on.head(n, (head + step + header.heads) % header.heads);
      },
    }, thumbnail(part(scene.thumbnails, n, head), colours));
  }));

  const oneHead = () => el("div", { class: opened("heads") },
    ["w_q", "w_k", "w_v"].map((name) => figure(name, { height: MATRIX / size.size, rows: false })),
    row(...["q", "k", "v"].map((name) => figure(name, { width: size.third }))),
    row(figure("scores", squareOf()), figure("masked", squareOf()), figure("weights", { ...squareOf(), kind: "share" })),
    figure("out", { width: size.third }), figure("concat"), figure("w_o", { height: MATRIX / header.channels, rows: false }));
  const squareOf = () => ({ height: size.square, width: size.square * header.tokens.length });

  const wide = () => ({ line: header.channels, height: Math.max(4, size.tall) });
  const mlp = () => el("div", { class: opened("mlp_block") }, figure("w_fc", { height: MATRIX / (4 * header.channels), rows: false }),
    figure("mlp_hidden", wide()), figure("mlp_activated", wide()), figure("w_down", { height: MATRIX / header.channels, rows: false }));

  const insideOf = (n) => el("div", { class: opened(String(n)) },
    el("div", { class: "branch" }, figure("ln_1"), toggle("heads", said(words.heads, { n: header.heads }), open.has("heads") ? el("b", { class: "which" }, said(words.head, { n: scene.head + 1 })) : null, thumbnails(n, true)),
      open.has("heads") ? oneHead() : null, figure("attention")),
    el("div", { class: "join" }, figure("residual_mid")),
    el("div", { class: "branch" }, figure("ln_2"), toggle("mlp_block", words.mlp_block), open.has("mlp_block") ? mlp() : null, figure("mlp")));

  const oneLayer = (n) => {
    const block = String(n);
    const here = open.has(block);
    return el("section", { class: `block layer${here ? " unfolded" : ""}`, "data-layer": n },
      toggle(block, said(words.layer, { n: n + 1 }), here ? null : thumbnails(n, false)),
      here ? (matrix("ln_1") ? insideOf(n) : el("p", { class: "note" }, words.waiting)) : null,
      el("div", { class: "join" }, figure(`stream:${n + 1}`, { height: here ? size.tall : size.low })));
  };

  const output = () => {
    const table = candidates(scene, on);
    for (const [name, view] of Object.entries(table.views)) register(name, view);
    const count = scene.names.length;
    const across = Math.floor(size.vector / (size.narrow ? 5 : 6));
    return el("section", { class: "block output" }, toggle("output", words.output),
      open.has("output") ? el("div", { class: opened("output") }, figure("logits", { line: across, height: Math.ceil(count / across) * (size.vector / across), rows: false, title: said(words.whole, { v: count }) })) : null,
      table.node, verdict(scene, on));
  };

  const node = el("div", { class: "flow" }, tokens(), beginning(), Array.from({ length: header.layers }, (_, n) => oneLayer(n)),
    el("section", { class: "block" }, figure("ln_f")), output());
  return { node, views, sheets };
}

function thumbnail({ shape: [rows, columns], data }, colours) {
  const canvas = el("canvas", { width: columns, height: rows });
  const context = canvas.getContext("2d");
  const image = context.createImageData(columns, rows);
  for (let cell = 0; cell < data.length; cell++) {
    image.data.set([...(cell % columns > Math.floor(cell / columns) ? colours.leaf : colours.weights[data[cell]]), 255], cell * 4);
  }
  context.putImageData(image, 0, 0);
  return canvas;
}
