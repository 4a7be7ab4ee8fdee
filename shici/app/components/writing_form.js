// A form that is kept step by step: which, in what rhyme, what of its pattern is still open, and what it refuses.
import { el, said } from "./dom.js";
import { num } from "./number.js";
import { takeStep } from "./sampler.js";
import { bring } from "./verse.js";

/** -> {controls, pattern, note, refusal, update(header), reckon(spec), refuse(character, why)}. */
export function formOf(words, { onchange }) {
  const option = (value, text = value) => el("option", { value }, text);
  const choice = el("select", { "aria-label": words.keep, onchange: () => onchange({ form: choice.value }) });
  const variant = el("select", { "aria-label": words.keep_variant, onchange: () => onchange({ variant: Number(variant.value) }) });
  const variantLabel = el("label", {}, words.keep_variant, " ", variant);
  const rhyme = el("select", { "aria-label": words.keep_rhyme, onchange: () => onchange({ rhyme: rhyme.value }) });
  const rhymeLabel = el("label", {}, words.keep_rhyme, " ", rhyme);
  const error = el("p", { class: "note red", role: "alert" });
  const controls = el("div", { class: "keep" }, el("label", {}, words.keep, " ", choice), variantLabel, rhymeLabel, error);
  const pattern = el("div", { class: "pattern", tabindex: 0 });
  const note = el("p", { class: "note" }, words.keep_note);
  const refusal = el("p", { class: "red refusal", role: "alert" });

  const update = ({ forms: [verse, tunes], form, variant: which, sizes, rhyme: asked, refusal: refused, kept }) => {
    if (!choice.children.length) {
      const group = (label, names) => el("optgroup", { label }, names.map((name) => option(name)));
      choice.append(option("", words.keep_none), group(words.keep_verse, verse), group(words.keep_tunes, tunes));
    }
    choice.value = form;
    variant.replaceChildren(...sizes.map((c, i) => option(String(i + 1), said(words.keep_variant_name, { n: i + 1, c }))));
    variant.value = String(which);
    variantLabel.hidden = sizes.length < 2;
    error.textContent = refused;
    error.hidden = !refused;
    refusal.hidden = true;
    rhymeLabel.hidden = !kept?.rhymes.length;
    pattern.hidden = note.hidden = !kept;
    if (!kept) return;
    const own = kept.rhyme && !asked ? `${words.keep_model}：${kept.rhyme}` : words.keep_model;
    rhyme.replaceChildren(option("", own), ...kept.rhymes.map((name) => option(name)));
    rhyme.value = asked;
    const lines = kept.pattern.map(({ places, rhyme: foot }) => el("div", { class: "line" },
      places.map(({ sign, text, here }) => el("span", { class: `${text ? "filled" : "open"}${here ? " here" : ""}` }, text || sign)),
      foot ? el("i", {}, foot === 2 ? "△" : "▵") : ""));
    pattern.replaceChildren(...lines);
    bring(pattern, pattern.querySelector(".here"));
  };

  /** The softmax before the form was asked; `line` says how much of it the form removed. */
  const reckon = ({ header, logits, allowed, temperature, line }) => {
    if (!header.kept) return null;
    const uncut = { temperature, topK: 0, topP: 1, minP: 0 };
    const everything = takeStep(logits, new Uint8Array(logits.length).fill(1), uncut, 0).probabilities;
    const removed = everything.reduce((sum, share, token) => (allowed[token] ? sum : sum + share), 0);
    line.textContent = said(words.keep_constraint, { n: header.forbidden, p: num(removed, 4) });
    line.dataset.removed = String(removed);
    return everything;
  };
  const refuse = (character, why) => {
    refusal.textContent = said(words.keep_refused, { c: character, why });
    refusal.hidden = false;
  };
  return { controls, pattern, note, refusal, update, reckon, refuse };
}
