// The page 训练: what a run writes step by step, its curves, how to start one. The slider answers here, not on the server.
import { el, notes, said, show } from "./dom.js";
import { readBlob } from "./blob.js";
import { curves } from "./training_curves.js";
import { timeline } from "./training_time.js";

export default function ({ data, parentElement, setTriggerValue }) {
  const state = notes(parentElement, () => ({ step: null, prompt: 0, version: null, playing: false, held: false }));
  const { header, tensors } = readBlob(data);
  if (state.header?.run !== header.run) Object.assign(state, { step: null, prompt: 0, playing: false }); // another run begins at its end
  Object.assign(state, { header, tensors, fire: setTriggerValue });
  const redraw = () => {
    if (state.held) return; // a slider under the finger is not taken away
    draw(state, parentElement);
  };
  state.redraw = redraw;
  // the server looks again every few seconds; what has not changed stays as it is
  if (state.version !== header.version || !state.root?.isConnected) redraw();
  state.observer?.disconnect();
  let seen = parentElement.host?.clientWidth;
  state.observer = new ResizeObserver(() => {
    const now = parentElement.host?.clientWidth;
    if (now && now !== seen) {
      seen = now;
      redraw();
    }
  });
  state.observer.observe(parentElement.host);
  return () => state.observer.disconnect();
}

function draw(state, parentElement) {
  const { header, tensors } = state;
  const { words } = header;
  const focused = parentElement.getRootNode().activeElement?.dataset?.keep;
  clearTimeout(state.timer);
  const root = el("div", { class: "shici training", lang: header.language === "zh" ? "zh-Hans" : "en" });
  show(parentElement, root);
  Object.assign(state, { root, version: header.version });
  const width = root.clientWidth;

  const runs = el("select", { "aria-label": words.run, "data-keep": "run", onchange: () => state.fire("act", { run: runs.value }) },
    header.runs.map(({ name, text, live }) => el("option", { value: name }, live ? `${text} · ${words.live}` : text)));
  runs.value = header.run;
  const live = header.runs.find(({ name }) => name === header.run)?.live;
  root.append(el("div", { class: "which" }, el("label", {}, words.run, " ", runs), live ? el("span", { class: "live", role: "status" }, words.live) : ""));

  const trouble = (text) => el("p", { class: "remark", role: "status" }, text);
  const time = el("section", { class: "time" }, el("h2", {}, words.time));
  root.append(time);
  if (header.history?.records.length) timeline(state, time, width);
  else time.append(trouble(header.trouble.history ?? words.waiting));

  const losses = el("section", { class: "curves" }, el("h2", {}, words.curves));
  root.append(losses);
  if (header.curves?.rows) losses.append(...curves(header, tensors, width));
  else losses.append(trouble(header.trouble.curves ?? words.waiting));

  root.append(el("section", { class: "how" }, el("h2", {}, words.how), el("p", { class: "note" }, words.how_note),
    header.commands.map(({ text, command }) => el("div", { class: "command" }, el("span", { class: "note" }, text), el("code", {}, command)))));
  if (focused) root.querySelector(`[data-keep="${focused}"]`)?.focus({ preventScroll: true });
}
