// The page 注意力. All heads are here; what is chosen is shown without asking the server.
import { el, notes, said, show } from "./dom.js";
import { part, readBlob } from "./blob.js";
import { css, palette } from "./colour.js";
import { onceFaced } from "./face.js";
import { headGrid } from "./attention_heads.js";
import { arcs, glowingVerse } from "./attention_verse.js";
import { reveal } from "./verse.js";
import { inside, matricesOf } from "./attention_inside.js";
import { num } from "./number.js";
import { savePng, saveSvg } from "./picture.js";

export default function ({ data, parentElement, setTriggerValue }) {
  const state = notes(parentElement, () => ({ layer: null, head: 0, place: null, count: 0, cell: null, terms: false, amount: 20 }));
  const { header, tensors } = readBlob(data);
  state.observer?.disconnect();
  state.redraw = () => draw(state, header, tensors, parentElement, setTriggerValue);
  state.redraw();
  onceFaced(parentElement.host, () => state.redraw());
  let seen = parentElement.host?.clientWidth;
  state.observer = new ResizeObserver(() => {
    const now = parentElement.host?.clientWidth;
    if (now && now !== seen) {
      seen = now;
      state.redraw();
    }
  });
  state.observer.observe(parentElement.host);
  return () => state.observer.disconnect();
}

function draw(state, header, tensors, parentElement, setTriggerValue) {
  const { words, tokens } = header;
  const last = tokens.length - 1;
  if (state.count !== tokens.length) Object.assign(state, { count: tokens.length, place: last, cell: null });
  if (!header.sent.includes(state.layer)) state.layer = header.layer;
  const root = el("div", { class: "shici attention" });
  show(parentElement, root);
  const colours = palette(root);
  const serif = getComputedStyle(root).fontFamily;
  const width = root.clientWidth;
  const weightsNow = () => part(tensors.weights, header.sent.indexOf(state.layer), state.head);
  const rowOf = (place) => part(weightsNow(), place).data;

  const look = (place) => {
    const row = rowOf(place);
    glowing.glow(place, row);
    bent.bend(place, weightsNow());
    const most = [...row.keys()].filter((j) => j <= place).sort((one, other) => row[other] - row[one]).slice(0, 5);
    looking.replaceChildren(said(words.looking, { c: tokens[place].text, i: place + 1 }),
      ...most.flatMap((j) => [" ", el("b", {}, tokens[j].text), " ", el("span", { class: "num" }, num(row[j], 3))]));
  };
  const pointed = { onpoint: (place) => look(place), onleave: () => look(state.place), onkeep: (place) => { state.place = place; look(place); inward.row(place); } };
  const glowing = glowingVerse(tokens, colours, pointed);
  const beside = width - 470 - 50 * Math.ceil(tokens.length / 4.5); // left of the verse, if that is enough
  const bent = arcs(tokens, { ...pointed, width: beside > 24 * tokens.length ? beside : width > 900 ? width - 440 : width });
  const looking = el("p", { class: "looking", "aria-live": "polite" });

  const inner = el("section", { class: "within" });
  let inward = null;
  const fillInner = () => {
    const title = `${said(words.layer, { n: state.layer + 1 })} · ${said(words.head, { n: state.head + 1 })}`;
    inward = inside({
      matrices: matricesOf(tensors, header.sent.indexOf(state.layer), state.head), tokens, words, colours, serif, width, layer: state.layer, channels: header.channels, state,
      onrow: () => {},
    });
    const save = el("button", { type: "button", onclick: () => savePng(inward.pictures, `${title} · ${tokens.map(({ text }) => text).join("")}`, { paper: css(colours.paper), ink: css(colours.ink), serif }, `attention-${state.layer + 1}-${state.head + 1}.png`) }, words.png);
    inner.replaceChildren(el("div", { class: "bar" }, el("h2", {}, words.inside, " ", el("span", { class: "red" }, title)), save),
      el("p", { class: "note" }, words.inside_note), inward.node);
  };

  const choose = (layer, head) => {
    state.head = head;
    if (!header.sent.includes(layer)) {
      Object.assign(state, { layer, waiting: true });
      grid.choose(layer, head);
      setTriggerValue("act", { layer });
      return;
    }
    state.layer = layer;
    grid.choose(layer, head);
    fillInner();
    look(state.place);
  };
  const grid = headGrid({ thumbnails: tensors.thumbnails, layers: header.layers, heads: header.heads, words, colours, chosen: [state.layer, state.head], onchoose: choose });

  const amount = el("input", { type: "number", min: 1, max: 64, value: state.amount, "aria-label": words.characters, class: "num", onchange: () => { state.amount = amount.value; } });
  const on = el("button", { type: "button", class: "seal", onclick: () => setTriggerValue("act", { write: Number(amount.value) || 1 }) }, words.write);
  const back = header.written ? el("button", { type: "button", onclick: () => setTriggerValue("act", { back: true }) }, words.back) : null;
  const bend = el("button", { type: "button", onclick: () => saveSvg(bent.svg, css(colours.paper), `arcs-${state.layer + 1}-${state.head + 1}.svg`) }, words.svg);
  root.append(
    el("section", { class: "upper" },
      el("div", { class: "all" }, el("h2", {}, said(words.heads, { n: header.layers * header.heads })), el("p", { class: "note" }, words.heads_note), grid.node,
        header.sent.length < header.layers ? el("p", { class: "note" }, said(words.long, { n: tokens.length + header.window_start })) : null,
        header.window_start ? el("p", { class: "note" }, said(words.window, { n: header.window_start })) : null),
      el("div", { class: "poem" },
        el("div", { class: "bar" }, el("h2", {}, words.verse), el("span", { class: "tools" }, on, amount, words.characters, back, bend)),
        el("p", { class: "note" }, words.verse_note), looking,
        el("div", { class: "both" }, bent.node, el("div", { class: "right" }, glowing.node)))),
    inner);
  fillInner();
  look(state.place);
  reveal(glowing.node, state.place);
  bent.reveal(state.place);
  if (state.waiting && header.sent.includes(state.layer)) {
    state.waiting = false;
    root.querySelector('.heads [aria-pressed="true"]').focus({ preventScroll: true });
  }
}
