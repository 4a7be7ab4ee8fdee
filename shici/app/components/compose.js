// The page 作诗: wishes at the left, the sheet at the right. Pins and wishes go to the server together with what was done:
// {sent, wishes, pins, revision} and one of write, stop, fill, undo, empty, hold, replace.
import { el, notes, said, show } from "./dom.js";
import { readBlob } from "./blob.js";
import { optionPanel } from "./compose_options.js";
import { sheet } from "./compose_sheet.js";
import { wishes } from "./compose_wishes.js";
import { heedKeys } from "./keys.js";
import { remember } from "./memory.js";

export default function ({ data, parentElement, setTriggerValue }) {
  const state = notes(parentElement, () => ({ language: null }));
  const { header } = readBlob(data);
  Object.assign(state, { header, trigger: (event) => setTriggerValue("act", event) });
  if (state.language !== header.language) {
    state.language = header.language;
    state.view = build(state);
    show(parentElement, state.view.root);
  }
  state.view.update();
  state.unheeded?.();
  state.unheeded = heedKeys(state.view.keys);
  return () => state.unheeded();
}

/** On a narrow screen the candidates lie below the sheet: bring them up, or the tap seems to do nothing. */
function reveal(node, sheet) {
  if (node.getBoundingClientRect().top < sheet.getBoundingClientRect().bottom) return;
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  node.scrollIntoView({ block: "nearest", behavior: calm ? "auto" : "smooth" });
}

function build(state) {
  const { words } = state.header;
  let [writing, surplus, sent] = [false, 0, 0];
  const send = (event) => {
    paper.calm();
    sent += 1;
    state.trigger({ sent, wishes: asked.values(), pins: paper.pins(), revision: paper.revision(), ...event });
  };
  const work = (event) => {
    send(event);
    writing = true;
    busy();
  };
  const busy = () => {
    write.textContent = writing ? words.stop : words.write;
    write.setAttribute("aria-busy", String(writing));
    again.disabled = writing;
    waiting.hidden = !writing;
  };
  const asked = wishes(words, state.header, { onchange: (event) => send(event) });
  const paper = sheet(words, {
    onpins: () => send({}),
    onsurplus: (count) => { surplus = count; },
    onlook: (place, stay) => {
      paper.look(panel.show(place, stay));
      if (stay) reveal(panel.node, paper.node);
    },
  });
  const panel = optionPanel(words, {
    onreplace: (place, text, follow) => work({ replace: { place, text, follow } }),
    onhold: (place) => send({ hold: place }),
  });
  const button = (text, event, name) => el("button", { type: "button", class: name, onclick: () => send(event) }, text);
  const write = el("button", { type: "button", class: "seal write", onclick: () => (writing ? send({ stop: true }) : work({ write: true })) });
  const again = el("button", {
    type: "button", onclick: () => { asked.reseed(); work({ write: true }); },
  }, words.again);
  const waiting = el("span", { class: "note", role: "status" }, words.writing);
  const clear = el("button", { type: "button", class: "link", onclick: () => { paper.clear(); send({}); } }, words.clear);
  const undo = button(words.undo, { undo: true }, "");
  const empty = button(words.back_to_grid, { empty: true }, "");
  const error = el("p", { class: "remark error", role: "alert" });
  const remarks = el("div", {});
  const verdict = el("p", { class: "verdict", "aria-live": "polite" });
  const note = el("p", { class: "note" });
  const tools = el("div", { class: "buttons" }, undo, empty);
  const other = state.header.language === "zh" ? "en" : "zh";
  const title = el("div", { class: "title" }, el("h1", {}, state.header.title), el("p", { class: "about" }, state.header.about),
    el("button", { type: "button", class: "link", onclick: () => { remember("language", other); state.trigger({ language: other }); } }, words.other_language));
  const root = el("div", { class: "shici compose", lang: state.header.language === "zh" ? "zh-Hans" : "en" }, title,
    el("section", { class: "desk" },
      el("div", {}, asked.node, el("div", { class: "buttons" }, write, again, waiting)),
      el("div", { class: "paper" }, error, remarks, el("div", { class: "spread" }, paper.node, el("div", { class: "beside" }, verdict, tools, panel.node, note, clear)))));

  /** Digits and Escape, once there is a poem. */
  const keys = (key) => {
    if (!state.header.poem) return null;
    if (key >= "1" && key <= "9") return () => panel.pick(Number(key));
    return key === "Escape" ? () => paper.look(panel.show(null, true)) : null;
  };

  const update = () => {
    const { header } = state;
    const { poem } = header;
    if (header.heard >= sent) { // an earlier answer would turn back what was chosen or begun since
      sent = header.heard;
      writing = header.writing;
      asked.fill(header);
    }
    busy();
    paper.fill(header);
    panel.fill(poem, header.sheet, header.marks);
    if (poem && !panel.place()) panel.show([0, 0], false);
    paper.look(poem ? panel.place() : null);
    const elsewhere = Object.entries(header.fields).filter(([name]) => !asked.shows(name)).map(([, text]) => text);
    error.textContent = [header.error, ...elsewhere].filter(Boolean).join(" ");
    error.hidden = !error.textContent;
    const said_too = surplus > 0 ? [said(words.surplus, { n: surplus })] : [];
    remarks.hidden = !header.remarks.length && !said_too.length;
    remarks.replaceChildren(...[...header.remarks, ...said_too].map((text) => el("p", { class: "remark" }, text)));
    surplus = 0;
    tools.hidden = verdict.hidden = !poem;
    root.classList.toggle("reading", Boolean(poem));
    clear.hidden = Boolean(poem) || !header.pins.length;
    note.replaceChildren(poem ? words.poem_note : words.legend, " ", el("span", { class: "keys" }, poem ? words.poem_keys : words.legend_keys));
    if (!poem) return;
    undo.disabled = !poem.undo;
    const { name, regulated, rhyme, faults } = poem.verdict;
    verdict.replaceChildren([name, regulated, rhyme && said(words.rhymed, { r: rhyme })].filter(Boolean).join(" · "), ...faults.map((text) => el("span", { class: "fault" }, text)));
  };
  return { root, update, keys };
}
