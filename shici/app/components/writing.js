// The page 逐字生成. Sliders answer here; only a new character asks the server.
import { el, notes, said, show } from "./dom.js";
import { readBlob } from "./blob.js";
import { palette } from "./colour.js";
import { copied } from "./clipboard.js";
import { onceFaced } from "./face.js";
import { composes, whenWritten } from "./ime.js";
import { heedKeys } from "./keys.js";
import { apart, num } from "./number.js";
import { entropy, takeStep } from "./sampler.js";
import { tooltip } from "./tooltip.js";
import { reveal, verse } from "./verse.js";
import { candidateTable, control, soundOf } from "./writing_table.js";
import { diceBar } from "./writing_dice.js";
import { branches } from "./writing_tree.js";
import { formOf } from "./writing_form.js";

const REST = 250; // ms
const TOLD = 3000; // ms that a word on what was done stays
const PAUSES = { slow: 1400, middle: 500, fast: 0 }; // ms between two characters

export default function ({ data, parentElement, setTriggerValue }) {
  const state = notes(parentElement, () => ({ language: null, playing: false, speed: "middle", cuts: null, version: 0, sought: "" }));
  const { header, tensors } = readBlob(data);
  Object.assign(state, { header, tensors, send: (event) => setTriggerValue("act", { settings: { ...state.cuts, version: state.version }, ...event }) });
  state.order = order(tensors.logits.data, tensors.allowed.data);
  state.names = header.names.split("\t");
  // an answer to settings that have been changed since does not turn the sliders back
  if (header.version >= state.version) Object.assign(state, { cuts: { ...header.settings }, version: header.version });
  if (state.language !== header.language) {
    state.language = header.language;
    state.view = build(state);
    show(parentElement, state.view.root);
  }
  state.view.update();
  onceFaced(state.view.root, () => state.view.reckon());
  play(state);
  state.observer?.disconnect();
  let width = state.view.root.clientWidth;
  state.observer = new ResizeObserver(() => {
    if (state.view.root.clientWidth !== width) {
      width = state.view.root.clientWidth;
      state.view.reckon();
    }
  });
  state.observer.observe(state.view.root);
  state.unheeded?.();
  state.unheeded = heedKeys((key) => state.view.keys(key));
  return () => {
    state.unheeded();
    clearTimeout(state.timer);
    clearTimeout(state.telling);
    state.observer.disconnect();
  };
}

/** All allowed tokens, the most likely first; of equals the first in the vocabulary. */
function order(logits, allowed) {
  const tokens = [];
  for (let token = 0; token < logits.length; token++) if (allowed[token]) tokens.push(token);
  return tokens.sort((one, other) => logits[other] - logits[one] || one - other);
}

/** While it plays, the next character is asked for after a pause. */
function play(state) {
  clearTimeout(state.timer);
  if (state.header.ended) state.playing = false;
  state.view.playing();
  if (state.playing) state.timer = setTimeout(() => state.send({ draw: true }), PAUSES[state.speed]);
}

function build(state) {
  const { words } = state.header;
  const root = el("div", { class: "shici writing" });
  const tip = tooltip(root);
  const act = (event) => {
    state.playing = false;
    play(state);
    state.send(event);
  };
  const form = formOf(words, { onchange: act });
  const take = (token) => {
    const why = state.tensors.allowed.data[token] ? null : state.header.kept?.refused[token] ?? words.not_here;
    if (why) form.refuse(state.names[token], why);
    else if (!state.header.ended) act({ take: token });
  };
  const table = candidateTable(words, { ontake: take });
  const dice = diceBar(words, { tip, ontake: take });

  const change = (settings) => { // the page shows it at once; the server hears of it when the hand rests
    Object.assign(state.cuts, settings);
    state.version += 1;
    clearTimeout(state.telling);
    state.telling = setTimeout(() => state.send({}), REST);
  };

  const slider = (name, label, { min, max, step, digits, scale = (x) => x, unscale = (x) => x, none }) => {
    const shown = el("span", { class: "num", "aria-hidden": "true" });
    const range = el("input", {
      type: "range", min, max, step, "aria-label": label, "data-cut": name,
      oninput: () => { change({ [name]: scale(Number(range.value)) }); put(); reckon(); },
    });
    const put = () => {
      range.value = unscale(state.cuts[name]);
      shown.textContent = none && none(state.cuts[name]) ? words.no_limit : num(state.cuts[name], digits);
      range.setAttribute("aria-valuetext", shown.textContent);
    };
    return { node: el("label", { class: "slider" }, el("span", {}, label), shown, range), put };
  };
  const sliders = [
    slider("temperature", words.temperature, { min: 0, max: 2, step: 0.05, digits: 2 }),
    // few candidates matter most, so the slider is finest there; its end is no limit
    slider("top_k", words.top_k, { min: 0, max: 100, step: 1, digits: 0, scale: (x) => (x === 100 ? 0 : Math.max(1, Math.round(10 ** (x / 33)))), unscale: (k) => (k === 0 ? 100 : Math.min(99, Math.round(Math.log10(k) * 33))), none: (k) => k === 0 }),
    slider("top_p", words.top_p, { min: 0.05, max: 1, step: 0.01, digits: 2, none: (p) => p === 1 }),
  ];
  const seed = el("input", { type: "number", min: 0, max: 4294967295, class: "num", "aria-label": words.seed, onchange: () => change({ seed: Number(seed.value) || 0 }) });
  const draw = el("button", { type: "button", class: "seal", onclick: () => act({ draw: true }) }, words.draw);
  const run = el("button", { type: "button", onclick: () => { state.playing = !state.playing; if (state.playing) { state.send({ draw: true }); state.view.playing(); } else play(state); } });
  const undo = el("button", { type: "button", onclick: () => act({ undo: true }) }, words.undo);
  const again = el("button", { type: "button", title: words.again_note, onclick: () => act({ again: true }) }, words.again);
  const speed = el("select", { "aria-label": words.speed, onchange: () => { state.speed = speed.value; } }, Object.keys(PAUSES).map((name) => el("option", { value: name }, words[name])));
  speed.value = state.speed;

  const poem = el("div", { class: "poem" });
  const copy = copyButton(words, () => state.header.text);
  const remark = el("p", { class: "note" });
  const verdict = el("p", { class: "verdict", "aria-live": "polite" });
  const facts = el("p", { class: "note facts" });
  const constraint = el("p", { class: "note constraint" });
  const check = el("p", { class: "note check" });
  const tree = el("div", {});
  const seek = el("input", { type: "text", maxlength: 2, autocomplete: "off", "aria-label": words.seek, ...whenWritten(() => { state.sought = seek.value.trim(); reckon(); }), onkeydown: (event) => { if (event.key === "Enter" && !composes(event) && sought() >= 0) take(sought()); } });
  const sought = () => (state.sought ? state.names.lastIndexOf(state.sought) : -1); // words of control tokens come first
  const missing = el("span", { class: "red", role: "status" });
  const clear = el("button", { type: "button", class: "link", onclick: () => act({ clear: true }) }, words.clear);
  const restore = el("button", { type: "button", class: "link", onclick: () => act({ restore: true }) }, words.restore);

  // hidden once the poem has ended: nothing comes next
  const numbers = el("div", { class: "numbers" }, el("div", { class: "scroll" }, table.node), el("p", { class: "note" }, el("label", {}, words.seek, " ", seek), " ", missing), constraint, facts, el("p", { class: "note" }, words.next_note), check);
  const thrown = el("section", {}, el("h2", {}, words.dice), el("p", { class: "note" }, words.dice_note), dice.node);
  root.append(
    el("div", { class: "desk" }, // what is watched side by side: the poem, and the choice of its next character
      el("section", { class: "controls" },
        el("div", { class: "buttons" }, draw, run, speed, undo, el("span", { class: "note keys" }, words.keys)),
        el("div", { class: "sliders" }, sliders.map(({ node }) => node)),
        form.controls,
        el("div", { class: "seed" }, el("label", {}, words.seed, " ", seed), again)),
      el("section", { class: "paper" }, el("div", { class: "bar" }, el("h2", {}, words.poem), copy), el("div", { class: "sheet" }, poem, form.pattern), remark, form.note),
      el("section", { class: "next" }, el("h2", {}, words.next), verdict, form.refusal, numbers)),
    thrown,
    el("section", {}, el("div", { class: "bar" }, el("h2", {}, words.branches), el("span", { class: "buttons" }, restore, clear)), el("p", { class: "note" }, words.branches_note), tree));

  const reckon = () => {
    const { header, tensors, cuts } = state;
    const logits = tensors.logits.data;
    const started = performance.now();
    check.hidden = header.version !== state.version; // the server's stages are of other settings
    const stages = takeStep(logits, tensors.allowed.data, { temperature: cuts.temperature, topK: cuts.top_k, topP: cuts.top_p, minP: cuts.min_p }, header.throw);
    const colours = palette(root);
    const allowed = tensors.allowed.data;
    const wanted = sought() >= 0 && (header.kept || allowed[sought()]) ? sought() : -1;
    missing.textContent = state.sought && wanted < 0 ? said(words.seek_missing, { c: state.sought }) : "";
    const refused = { ...header.kept?.refused };
    if (wanted >= 0 && !allowed[wanted]) refused[wanted] ??= words.not_here;
    const everything = form.reckon({ header, logits, allowed, temperature: cuts.temperature, line: constraint });
    table.fill({ stages, logits, order: state.order, names: state.names, controls: header.controls, sounds: header.sounds, temperature: cuts.temperature, ended: header.ended, refused, everything, sought: wanted });
    dice.fill({ stages, throw: header.throw, names: state.names, colours, serif: getComputedStyle(root).fontFamily });
    const survivors = stages.kept.reduce((count, p) => count + (p > 0), 0);
    const fallen = el("b", { class: "red", "data-drawn": stages.drawn }, state.names[stages.drawn]);
    control(fallen, stages.drawn < header.controls, words);
    verdict.replaceChildren(header.ended ? words.ended : el("span", {}, ...spread(words.verdict, {
      u: el("span", { class: "num" }, num(header.throw)), c: fallen,
      r: state.order.indexOf(stages.drawn) + 1, p: el("span", { class: "num" }, num(stages.kept[stages.drawn])),
    })));
    facts.textContent = said(words.facts, { a: num(entropy(stages.probabilities), 3), b: num(entropy(stages.kept), 3), n: survivors, v: state.order.length });
    root.dataset.reckoned = (performance.now() - started).toFixed(2);
    return stages;
  };
  const update = () => {
    const { header, tensors } = state;
    const focused = root.getRootNode().activeElement; // what is drawn anew below gets the focus back
    const [inPoem, inTree] = [poem.contains(focused), tree.contains(focused)];
    for (const { put } of sliders) put();
    seed.value = state.cuts.seed;
    draw.disabled = run.disabled = header.ended;
    numbers.hidden = thrown.hidden = header.ended;
    undo.disabled = header.current === null;
    poem.replaceChildren(verse(header.tokens, (button, place) => {
      const { mark, groups } = soundOf(header.tokens[place].sounds);
      button.append(el("span", { class: "mark" }, mark), el("span", { class: "group" }, groups.split(" / ")[0].slice(-1))); // 二十五有 in full where the pointer rests
      if (groups) button.title = `${mark} ${groups}`;
      const at = place - header.typed;
      if (at >= -1) button.addEventListener("click", () => act({ goto: at < 0 ? null : header.path[at] }));
    }));
    reveal(poem.firstChild, header.tokens.length - 1);
    remark.textContent = said(words.poem_note, { book: header.book });
    form.update(header);
    if (!header.kept) constraint.textContent = said(words.constraint, { n: header.forbidden, p: num(header.forbidden_mass, 6) });
    tree.replaceChildren(branches(header, { root: words.root, ongo: (at) => act({ goto: at }), label: words.branches }));
    if (inPoem) poem.querySelector(".place:last-child")?.focus({ preventScroll: true });
    if (inTree) tree.querySelector(".here")?.focus({ preventScroll: true });
    clear.hidden = !header.nodes.length;
    restore.hidden = !header.cleared;
    const stages = reckon();
    const ours = [stages.probabilities, stages.kept];
    const theirs = [tensors.probabilities.data, tensors.kept.data];
    const farthest = Math.max(...ours.map((one, which) => one.reduce((most, p, i) => Math.max(most, Math.abs(p - theirs[which][i])), 0)));
    check.textContent = said(words.check, { v: stages.kept.length, d: apart(farthest, 0) });
    check.dataset.apart = String(farthest);
    check.dataset.same = String(stages.drawn === header.drawn);
  };
  const playing = () => {
    run.textContent = state.playing ? words.pause : words.play;
    run.setAttribute("aria-pressed", String(state.playing));
  };
  const keys = (key) => {
    if (key >= "1" && key <= "9") return () => take(state.order[Number(key) - 1]);
    const button = { ArrowRight: draw, ArrowLeft: undo, Backspace: undo, p: run }[key];
    return button && (() => button.click());
  };
  return { root, update, reckon, playing, keys };
}

/** A button that hands the poem over as text, and says whether it went. */
function copyButton(words, text) {
  const said = el("span", { class: "note", role: "status" });
  const button = el("button", {
    type: "button", class: "link",
    onclick: async () => {
      said.textContent = (await copied(text())) ? words.copied : words.not_copied;
      setTimeout(() => { said.textContent = ""; }, TOLD);
    },
  }, words.copy);
  return el("span", { class: "buttons" }, said, button);
}

/** A sentence with elements in it, as its pieces. */
function spread(text, values) {
  return text.split(/\{(\w+)\}/).map((piece, i) => (i % 2 ? values[piece] : piece));
}
