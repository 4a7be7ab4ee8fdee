// The terms: a card where one is asked about, and all of them at the foot of the page.
import { el, said } from "./dom.js";
import { whenWritten } from "./ime.js";

function link(term, words, open) {
  if (!term.page) return el("p", { class: "note" }, said(words.see_later, { where: term.where }));
  return el("p", { class: "note" }, el("button", { type: "button", class: "link", onclick: () => open(term.page) }, said(words.see, { page: term.title, where: term.where })));
}

/** One term with its sentence and where to see it. open(page) turns to a page. */
export function card(term, words, open) {
  return el("aside", { class: "card", "data-term": term.key }, el("p", {}, el("b", {}, term.zh), " ", el("span", { class: "note" }, term.en)), el("p", {}, term.said), link(term, words, open));
}

/** All terms, found by any part of their names. */
export function glossary(terms, words, { open, state }) {
  const rows = terms.map((term) => el("div", { class: "entry", "data-term": term.key },
    el("dt", {}, el("b", {}, term.zh), term.en === term.zh ? null : el("span", { class: "note" }, term.en)), el("dd", {}, term.said, link(term, words, open))));
  const sift = () => {
    const wanted = state.find.trim().toLowerCase();
    terms.forEach((term, at) => { rows[at].hidden = !`${term.zh} ${term.en} ${term.said}`.toLowerCase().includes(wanted); });
  };
  const field = el("input", { type: "search", value: state.find, placeholder: words.glossary_find, "aria-label": words.glossary_find, ...whenWritten(() => { state.find = field.value; sift(); }) });
  sift();
  return el("section", { class: "glossary" },
    el("div", { class: "bar" }, el("h2", {}, words.glossary_title), field),
    el("p", { class: "note" }, words.glossary_note), el("dl", {}, rows));
}
