// The page 解读: five ways of asking. What is looked at changes here; what must be measured anew asks the server.
import { el, notes, show } from "./dom.js";
import { readBlob } from "./blob.js";
import { palette } from "./colour.js";
import { lensSection } from "./interpret_lens.js";
import { headsSection } from "./interpret_heads.js";
import { swapSection } from "./interpret_swap.js";
import { recallSection } from "./interpret_recall.js";

export default function ({ data, parentElement, setTriggerValue }) {
  const state = notes(parentElement, () => ({ mode: "top", cell: null, head: [0, 0], fresh: true, way: "zero", at: null, amount: 64, count: 0, open: {} }));
  const { header, tensors } = readBlob(data);
  const { words, tokens } = header;
  if (state.count !== tokens.length) Object.assign(state, { count: tokens.length, cell: null, at: null });
  const root = el("div", { class: `shici interpret ${header.language}` });
  show(parentElement, root);
  const send = (event) => setTriggerValue("act", event);
  const context = { header, tensors, words, tokens, state, send, root, colours: palette(root) };

  const amount = el("input", { type: "number", min: 1, max: 128, value: state.amount, "aria-label": words.characters, class: "num", onchange: () => { state.amount = amount.value; } });
  const ways = [["lens", words.lens_short], ["heads", words.heads_short], ["swap", words.swap_short], ["recall", words.recall_short]];
  root.append(
    el("div", { class: "bar top" },
      el("nav", { class: "ways", "aria-label": words.contents }, ways.map(([name, short]) => el("button", { type: "button", class: "link", onclick: () => root.querySelector(`[data-section="${name}"]`).scrollIntoView({ block: "start" }) }, short))),
      el("span", { class: "tools" },
        el("button", { type: "button", class: "seal", onclick: () => send({ write: Number(amount.value) || 1 }) }, words.write), amount, words.characters,
        header.written ? el("button", { type: "button", onclick: () => send({ back: true }) }, words.back) : null)),
    lensSection(context), headsSection(context), swapSection(context), recallSection(context));
}
