// The shelf of the page 作诗: every poem with its verdict, the link to the one in the grid, and its card as a picture.
import { el, notes, said, show } from "./dom.js";
import { readBlob } from "./blob.js";
import { copied } from "./clipboard.js";
import { percent } from "./number.js";
import { offer } from "./picture.js";
import { packed } from "./compose_sheet.js";

const TONES = { 平: "○", 仄: "●", 通: "◐", "？": "" };
const [NARROW, COLUMN, EDGE] = [14, 2.35, 2.2]; // rem: a card's least width; of a column and its gap; around the verse
const PAGE = "/compose"; // not the one that was turned to while an answer was on its way
const LONG = 2000; // ms that a button says what it did

export default function ({ data, parentElement, setTriggerValue }) {
  const state = notes(parentElement, () => ({ address: "" }));
  const { header, tensors } = readBlob(data);
  const { words } = header;
  if (state.address) URL.revokeObjectURL(state.address);
  const picture = tensors.card && new Blob([tensors.card.data], { type: "image/png" });
  state.address = picture ? URL.createObjectURL(picture) : "";
  const shelf = (poems, labelled) => el("div", { class: "cards", style: { gridTemplateColumns: `repeat(${labelled ? "auto-fill" : "auto-fit"}, minmax(min(100%, ${wide(poems)}rem), 1fr))` } },
    poems.map((poem) => poemCard(poem, header, labelled, ({ number, batch }) => setTriggerValue("act", { choose: number, batch }))));
  inAddress(header.query);
  show(parentElement, el("div", { class: "shici shelf", lang: header.language === "zh" ? "zh-Hans" : "en" },
    el("section", {}, el("h2", {}, said(words.poems, { n: header.poems.length }), " · ", el("span", { class: "of" }, header.name)),
      el("p", { class: "note" }, words.poems_note, header.elsewhere ? ` ${said(words.poems_elsewhere, { form: header.name })}` : ""),
      shelf(header.poems, false)),
    header.before.length > 0 && el("section", { class: "before" }, el("h2", {}, said(words.before, { n: header.before.length })), el("p", { class: "note" }, words.before_note), shelf(header.before, true)),
    header.chosen !== null && keeping(header, state.address, picture, (card) => setTriggerValue("act", { card }))));
}

/** The address becomes the link, in the same step of the browser's history: back leads to the page before. */
function inAddress(query) {
  const search = `?${new URLSearchParams(query)}`;
  if (location.pathname.endsWith(PAGE) && location.search !== search) history.replaceState(history.state, "", search);
}

const columnsOf = (poem) => packed(poem.lines.map(({ text, stanza }) => ({ length: text.length, stanza })));

/** How wide a card must be, in rem, so that the verse of none of them is cut. */
function wide(poems) {
  const columns = Math.max(...poems.map((poem) => columnsOf(poem).length));
  return Math.max(NARROW, columns * COLUMN + EDGE);
}

/** labelled: its form is named, for others may stand beside it. */
function poemCard(poem, { words, language }, labelled, choose) {
  const { regulated, rhyme, faults, notes: remarks } = poem.verdict;
  const groups = columnsOf(poem).map((group) => group.map((line) => poem.lines[line]));
  const lines = groups.map((group) => el("div", { class: "column" }, group.map(({ text, mark, tones }) => el("span", { class: "run" },
    [...text].map((one, i) => el("span", { class: "one" }, one, el("i", { "aria-hidden": "true" }, TONES[[...tones][i]]))), el("span", { class: "stop" }, mark)))));
  const card = el("button", { type: "button", class: "poem", "aria-pressed": String(poem.here), "data-number": poem.number, "data-batch": poem.batch, onclick: () => choose(poem) },
    el("span", { class: "note" }, [labelled && poem.form, said(words.poem_number, { n: language === "zh" ? poem.numeral : poem.number + 1 }), poem.here && words.chosen, poem.changed && words.changed].filter(Boolean).join(" · ")),
    el("span", { class: "body" }, lines),
    el("span", { class: "word" }, [regulated, rhyme && said(words.rhymed, { r: rhyme }), !faults.length && words.no_fault].filter(Boolean).join(" · ")),
    faults.map((text) => el("span", { class: "fault" }, text)), remarks.map((text) => el("span", { class: "note" }, text)),
    poem.legal_share !== null && el("span", { class: "note", "data-share": poem.legal_share }, said(words.legal_share, { p: percent(poem.legal_share) })));
  return el("div", { class: "kept" }, card, copyButton(poem.copy, words, words.copy_poem, "link"));
}

/** A button that puts `text` into the clipboard and says so. failed(): it could not; what is selected is for the reader's own keys. */
function copyButton(text, words, label, name = "", failed = null) {
  const button = el("button", {
    type: "button", class: `copy ${name}`, "aria-live": "polite", onclick: async () => {
      const done = await copied(text);
      if (!done) (failed ?? (() => byHand(button, text, label)))();
      button.textContent = done ? words.copied : words.copy_by_hand;
      setTimeout(() => { button.textContent = label; }, LONG);
    },
  }, label);
  return button;
}

/** The text in a field of its own below the button, selected. */
function byHand(button, text, label) {
  button.parentElement.querySelector("textarea")?.remove();
  const field = el("textarea", { readonly: true, rows: text.split("\n").length, "aria-label": label, value: text });
  button.after(field);
  field.select();
}

function keeping({ words, query, command, styles, card, card_error: wrong, poems, before }, address, picture, draw) {
  const link = `${location.origin}${location.pathname}?${new URLSearchParams(query)}`;
  const copyable = (label, text, note) => {
    const field = el("input", { readonly: true, value: text, "aria-label": label, class: "num", onfocus: () => field.select() });
    const copy = copyButton(text, words, words.copy, "", () => field.select());
    return el("div", { class: "copyable" }, el("label", {}, label), field, copy, el("span", { class: "note" }, note));
  };
  const seal = el("input", { value: card?.seal ?? "", placeholder: "诗", size: 5, maxlength: 8, "aria-label": words.seal, onchange: () => card && draw({ style: card.style, seal: seal.value }) });
  const papers = styles.map((style) => el("button", { type: "button", "aria-pressed": String(card?.style === style), "data-style": style, onclick: () => draw({ style, seal: seal.value }) }, words[style]));
  const all = [...poems, ...before];
  const poem = all.find(({ here }) => here);
  const others = all.some(({ here, changed }) => changed && !here);
  const linkNote = [poem.changed ? words.link_note_changed : words.link_note, others && words.link_note_others].filter(Boolean).join(" ");
  const asDrawn = all.some(({ batch, changed }) => changed && batch === poem.batch);
  return el("section", { class: "keeping" }, el("h2", {}, words.share),
    el("div", { class: "making" }, copyButton(poem.copy, words, words.copy_poem)),
    copyable(words.link, link, linkNote), copyable(words.command, command, asDrawn ? words.command_note_changed : words.command_note),
    el("div", { class: "making" }, el("h3", {}, words.card), card ? null : el("button", { type: "button", class: "seal", onclick: () => draw({ style: styles[0], seal: seal.value }) }, words.card_draw),
      card && el("span", { class: "papers", role: "group", "aria-label": words.card_paper }, papers), card && el("label", {}, words.seal, " ", seal),
      picture && el("button", { type: "button", onclick: () => offer(picture, "shici.png") }, words.save)),
    wrong && el("p", { class: "remark error", role: "alert" }, wrong),
    address && el("img", { class: "card", src: address, alt: words.card_alt }));
}
