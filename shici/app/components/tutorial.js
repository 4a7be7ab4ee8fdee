// The page 教程: the list of lessons, the open one with its live views and its task, the glossary.
import { el, notes, said, show } from "./dom.js";
import { readBlob } from "./blob.js";
import { css, palette } from "./colour.js";
import { onceFaced } from "./face.js";
import { remember } from "./memory.js";
import { tooltip } from "./tooltip.js";
import { card, glossary } from "./tutorial_glossary.js";
import { marks, vectors } from "./tutorial_input.js";
import { heads, oneHead } from "./tutorial_heads.js";
import { neurons, stages } from "./tutorial_depth.js";
import { choice, logits } from "./tutorial_output.js";
import { losses, quatrain } from "./tutorial_poetry.js";

const VIEWS = { marks, vectors, head: oneHead, heads, stages, neurons, logits, choice, losses, quatrain };
const REST = 200; // ms until the server hears of what was set
const NUMERALS = "一二三四五六七八九";

export default function ({ data, parentElement, setTriggerValue }) {
  const state = notes(parentElement, () => ({ shown: null, lesson: null, wanted: false, find: "", opened: false }));
  const { header, tensors } = readBlob(data);
  const shown = JSON.stringify([header.language, header.name, header.line, header.data.sent, header.lessons.length]);
  Object.assign(state, { header, tensors, send: (event) => setTriggerValue("act", event) });
  const redraw = () => {
    state.shown = shown;
    const lesson = JSON.stringify([header.name, header.line]);
    if (state.lesson !== lesson) Object.assign(state, { lesson, own: {} });
    state.view = build(state, parentElement);
  };
  if (state.shown !== shown) redraw();
  state.view.update(header);
  state.again = () => {
    redraw();
    state.view.update(header);
  };
  onceFaced(state.view.root, () => state.again());
  state.observer?.disconnect();
  let width = parentElement.host?.clientWidth;
  state.observer = new ResizeObserver(() => {
    const now = parentElement.host?.clientWidth;
    if (now && now !== width) {
      width = now;
      state.again();
    }
  });
  state.observer.observe(parentElement.host);
  return () => {
    clearTimeout(state.telling);
    state.observer.disconnect();
  };
}

function numeral(number, language) {
  if (language !== "zh" || number > 99) return String(number);
  const tens = Math.floor(number / 10);
  return `${tens > 1 ? NUMERALS[tens - 1] : ""}${tens ? "十" : ""}${number % 10 ? NUMERALS[(number % 10) - 1] : ""}`;
}

function build(state, parentElement) {
  const { header, tensors } = state;
  const { words, language } = header;
  const root = el("div", { class: "shici tutorial", lang: language === "zh" ? "zh-Hans" : "en" });
  const article = el("article", { class: "lesson" });
  const contents = el("nav", { class: "contents", "aria-label": words.contents });
  root.append(el("div", { class: "course" }, contents, article));
  show(parentElement, root);
  const colours = palette(root);
  const context = {
    header, tensors, words, colours, css, own: state.own, tip: tooltip(root), width: article.clientWidth,
    serif: getComputedStyle(root).fontFamily,
    tell: (evidence, rest = 0) => {
      state.pending = { ...state.pending, ...evidence };
      clearTimeout(state.telling);
      const now = () => {
        const sent = state.pending;
        state.pending = {};
        state.send({ evidence: sent });
      };
      if (rest) state.telling = setTimeout(now, REST);
      else now();
    },
  };
  const goto = (at) => {
    state.wanted = true;
    state.opened = false;
    state.pending = {};
    clearTimeout(state.telling);
    remember("lesson", at);
    state.send({ at });
  };
  const open = (page) => state.send({ open: page });

  const paragraph = ({ pieces }, kind = "") => {
    const under = el("div", { class: "under" });
    let asked = null;
    const children = pieces.map(([sort, ...rest]) => {
      if (sort === "text") return rest[0];
      if (sort === "num") return el("span", { class: "num" }, rest[0]);
      if (sort === "char") return el("b", { class: "said" }, rest[0]);
      const [key, text] = rest;
      const ask = () => {
        const again = asked === button;
        for (const other of block.querySelectorAll(".term")) other.setAttribute("aria-expanded", String(!again && other === button));
        asked = again ? null : button;
        under.replaceChildren(...(again ? [] : [card(header.glossary.find((term) => term.key === key), words, open)]));
      };
      // no button element: a line may not begin with the mark that follows it, and before a button it may break
      const button = el("span", { class: "term", role: "button", tabindex: 0, "data-term": key, "aria-expanded": "false", onclick: ask, onkeydown: (event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        ask();
      } }, text);
      return button;
    });
    const block = el("div", { class: `paragraph ${kind}` }, el("p", {}, children), under);
    return block;
  };
  const blocks = header.blocks.map((block) => {
    if (block.pieces) return paragraph(block);
    const [name, ...rest] = block.view.split(" ");
    const frame = el("div", { class: `view view-${name}`, "data-view": name });
    frame.append(VIEWS[name]({ ...context, width: context.width - (context.width > 600 ? 34 : 18) }, rest));
    return frame;
  });

  const verdict = el("p", { class: "verdict-words", "aria-live": "polite" });
  const mark = el("span", { class: "stamp", hidden: true }, words.task_done);
  const again = el("button", { type: "button", class: "link", onclick: () => state.send({ again: true }) }, words.try_again);
  const before = el("p", { class: "note" }, words.done_before, " ", again);
  const task = el("section", { class: "task", "aria-label": words.task },
    el("div", { class: "bar" }, el("h3", {}, words.task), mark),
    header.task.map((block) => paragraph(block)),
    verdict, before,
    header.hint.length ? el("details", {}, el("summary", {}, words.hint_title), header.hint.map((block) => paragraph(block))) : null);
  const last = header.lessons.length - 1;
  const step = (at, text, kind) => el("button", { type: "button", class: kind, disabled: at < 0 || at > last, onclick: () => goto(at) }, text);
  const onward = step(header.at + 1, `${words.next_lesson} →`, "");
  const finished = el("p", { class: "finished", hidden: true }, said(words.finished, { m: last + 1 }));
  const title = el("h2", { tabindex: -1 }, el("span", { class: "number" }, said(words.lesson, { n: numeral(header.at + 1, language) })), header.title);
  article.append(title, ...blocks, task, finished, el("div", { class: "turn" }, step(header.at - 1, `← ${words.previous_lesson}`, ""), onward));
  root.append(glossary(header.glossary, words, { open, state }));
  if (state.wanted) {
    state.wanted = false;
    title.focus({ preventScroll: true });
    title.scrollIntoView({ block: "start" });
  }

  const update = (now) => {
    const done = now.lessons.filter((lesson) => lesson.done).length;
    const items = now.lessons.map((lesson, at) => el("li", {},
      el("button", { type: "button", class: lesson.done ? "done" : "", "aria-current": at === now.at ? "step" : null, onclick: () => goto(at) },
        el("span", { class: "number" }, numeral(at + 1, language)), el("span", { class: "name" }, lesson.title),
        lesson.done ? el("span", { class: "mark", "aria-label": words.done_mark, role: "img" }, "✓") : null)));
    const focused = contents.contains(root.getRootNode().activeElement);
    const wide = window.matchMedia("(min-width: 901px)").matches;
    contents.replaceChildren(
      el("p", { class: "progress" }, said(words.progress, { n: done, m: now.lessons.length }),
        el("progress", { value: done, max: now.lessons.length, "aria-label": words.contents })),
      el("details", { open: wide || state.opened, ontoggle: (event) => { state.opened = event.target.open; } }, el("summary", {}, words.contents), el("ol", {}, items)));
    if (focused) contents.querySelector('[aria-current="step"]')?.focus({ preventScroll: true });
    verdict.textContent = now.verdict.words;
    task.classList.toggle("done", now.verdict.done);
    task.dataset.done = String(now.verdict.done);
    mark.hidden = !now.verdict.done;
    before.hidden = !now.lessons[now.at].done;
    before.firstChild.textContent = now.verdict.done ? "" : words.done_before;
    onward.classList.toggle("seal", now.lessons[now.at].done);
    finished.hidden = done < now.lessons.length;
  };
  return { root, update };
}
