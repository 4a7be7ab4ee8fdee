// The head of a page: title, language, the line, and what is said of it.
import { el, notes, show } from "./dom.js";
import { readBlob } from "./blob.js";

export default function ({ data, parentElement, setTriggerValue }) {
  const { header } = readBlob(data);
  const state = notes(parentElement, () => ({ open: false, drawn: "" }));
  const { words } = header;
  const same = JSON.stringify(header);
  if (state.drawn === same) return; // the answer to something else: what is being typed stays
  state.drawn = same;
  const other = header.language === "zh" ? "en" : "zh";
  const root = el("div", { class: "shici masthead", lang: header.language === "zh" ? "zh-Hans" : "en" },
    el("div", { class: "title" },
      el("h1", {}, header.title), el("p", { class: "about" }, header.about),
      el("button", { type: "button", class: "link", onclick: () => setTriggerValue("act", { language: other }) }, words.language)));
  if (!header.forms) { // a page that reads no line
    show(parentElement, root);
    return;
  }

  const field = el("textarea", {
    "aria-label": words.line, placeholder: words.hint, rows: 1, spellcheck: "false", autocomplete: "off", value: header.line,
    onkeydown: (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      submit();
    },
    oninput: () => fit(),
  });
  const fit = () => {
    field.style.height = "auto";
    field.style.height = `${field.scrollHeight + 2}px`;
  };
  const form = el("select", { "aria-label": words.form, onchange: () => submit() },
    el("option", { value: "" }, words.any), header.forms.map((name) => el("option", { value: name }, name)));
  form.value = header.form;
  const author = el("input", { value: header.author, "aria-label": words.author, onchange: () => submit() });
  const name = el("input", { value: header.name, "aria-label": words.title, onchange: () => submit() });
  const submit = (line = field.value) => {
    field.value = line;
    setTriggerValue("act", { line, form: form.value, author: author.value, name: name.value });
  };

  const remark = (text, error) => el("p", { class: `remark${error ? " error" : ""}`, role: error ? "alert" : "status" }, text);
  root.append(
    el("form", { onsubmit: (event) => { event.preventDefault(); submit(); } },
      el("div", { class: "line" }, field, el("button", { type: "submit", class: "seal" }, words.read)),
      el("div", { class: "examples" }, el("span", { class: "note" }, words.examples),
        header.examples.map((line) => el("button", { type: "button", onclick: () => submit(line) }, line.trim()))),
      el("details", { open: state.open || Boolean(header.form || header.author || header.name), ontoggle: (event) => { state.open = event.target.open; } },
        el("summary", {}, words.more),
        el("div", { class: "fields" }, el("label", {}, words.form, form), el("label", {}, words.author, author), el("label", {}, words.title, name)))),
    header.error ? remark(header.error, true) : "",
    ...header.remarks.map((text) => remark(text, false)));
  show(parentElement, root);
  fit();
}
