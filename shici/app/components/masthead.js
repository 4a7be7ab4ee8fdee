// The head of a page: title, language, the line, and what is said of it.
import { el, notes, show } from "./dom.js";
import { readBlob } from "./blob.js";
import { composes } from "./ime.js";
import { remember } from "./memory.js";
import { onceLifted } from "./pointer.js";

export default function ({ data, parentElement, setTriggerValue }) {
  const { header } = readBlob(data);
  const state = notes(parentElement, () => ({ open: false, drawn: "", told: {}, fields: {} }));
  const { words } = header;
  const same = JSON.stringify(header);
  if (state.drawn === same) return; // the answer to something else: what is being typed stays
  state.drawn = same;
  const other = header.language === "zh" ? "en" : "zh";
  const root = el("div", { class: "shici masthead", lang: header.language === "zh" ? "zh-Hans" : "en" },
    el("div", { class: "title" },
      el("h1", {}, header.title), el("p", { class: "about" }, header.about),
      el("button", { type: "button", class: "link", onclick: () => { remember("language", other); setTriggerValue("act", { language: other }); } }, words.language)));
  if (!header.forms) { // a page that reads no line
    show(parentElement, root);
    return;
  }

  const wrong = (name) => (header.wrong === name ? { "aria-invalid": "true", "aria-describedby": "wrong" } : {});
  const left = (name) => ({ ...wrong(name), value: header[name], onblur: (event) => leave(name, event.target) });
  const line = el("textarea", {
    "aria-label": words.line, placeholder: words.hint, rows: 1, spellcheck: "false", autocomplete: "off", ...left("line"),
    onkeydown: (event) => {
      if (event.key !== "Enter" || event.shiftKey || composes(event)) return;
      event.preventDefault();
      submit();
      line.blur(); // it is handed over: the next keys are the page's
    },
    oninput: () => fit(),
  });
  const fit = () => {
    line.style.height = "auto";
    line.style.height = `${line.scrollHeight + 2}px`;
  };
  const form = el("select", { "aria-label": words.form, onchange: () => submit() },
    el("option", { value: "" }, words.any), header.forms.map((name) => el("option", { value: name }, name)));
  form.value = header.form;
  const author = el("input", { "aria-label": words.author, ...left("author") });
  const name = el("input", { "aria-label": words.title, ...left("name") });
  const fields = { line, author, name };
  const submit = () => {
    for (const [name, { value }] of Object.entries(fields)) state.told[name] = value;
    setTriggerValue("act", { line: line.value, form: form.value, author: author.value, name: name.value });
  };
  /** What was typed and not handed over yet goes before what the reader turns to. */
  const leave = (name, field) => {
    if (state.fields[name] === field && field.value !== state.told[name]) onceLifted(submit);
  };
  const example = (text) => {
    line.value = text;
    submit();
  };

  const remark = (text, error) => el("p", { class: `remark${error ? " error" : ""}`, role: error ? "alert" : "status", id: error && "wrong" }, text);
  root.append(
    el("form", { onsubmit: (event) => { event.preventDefault(); submit(); } },
      el("div", { class: "line" }, line, el("button", { type: "submit", class: "seal" }, words.read)),
      el("div", { class: "examples" }, el("span", { class: "note" }, words.examples),
        header.examples.map((text) => el("button", { type: "button", onclick: () => example(text) }, text.trim()))),
      el("details", { open: state.open || Boolean(header.form || header.author || header.name), ontoggle: (event) => { state.open = event.target.open; } },
        el("summary", {}, words.more),
        el("div", { class: "fields" }, el("label", {}, words.form, form), el("label", {}, words.author, author), el("label", {}, words.title, name)))),
    header.error ? remark(header.error, true) : "",
    ...header.remarks.map((text) => remark(text, false)));
  const focused = stillTyped(state, header, fields, parentElement.getRootNode().activeElement);
  state.fields = fields;
  show(parentElement, root);
  fit();
  if (focused) {
    focused.field.focus({ preventScroll: true });
    focused.field.setSelectionRange(...focused.selection);
  }
}

/** An answer may come while the reader types on: that stays, and so does the caret. -> the field that had the focus. */
function stillTyped(state, header, fields, active) {
  let focused = null;
  for (const [name, field] of Object.entries(fields)) {
    const before = state.fields[name];
    if (before && before.value !== state.told[name]) field.value = before.value;
    if (before && before === active) focused = { field, selection: [before.selectionStart, before.selectionEnd] };
    state.told[name] = header[name];
  }
  return focused;
}
