// What is asked for: the form, the fields, how it is drawn.
import { el, said } from "./dom.js";
import { composes, whenWritten } from "./ime.js";

const SHOWN = 40; // tunes in the list at once

/** -> {node, fill(header), values(), reseed(), shows(field)}. onchange(event): something was chosen; event says more, or is {}. */
export function wishes(words, header, { onchange }) {
  const fields = {}; // name -> the element that holds its value
  const kept = {}; // form, tune, variant: chosen by buttons
  let [tunes, shapes] = [header.tunes, header.lines_open];
  const changed = () => onchange({});
  const faults = {}; // name -> where the field says what is wrong with it
  const labelled = (label, field, extra) => el("label", { class: "field" }, el("span", {}, label), field, extra);
  const fault = (name) => (faults[name] = el("p", { class: "remark error wide", role: "alert", id: `fault_${name}`, hidden: true }));
  const glossed = (name) => (header.glosses[name] ? `${name} ${header.glosses[name]}` : name);
  const select = (name, options) => (fields[name] = el("select", { "data-wish": name, onchange: changed }, options.map(([value, text]) => el("option", { value }, text))));
  const input = (name, attributes) => (fields[name] = el("input", { "data-wish": name, autocomplete: "off", onchange: changed, ...attributes }));

  const choose = (form, tune = "") => {
    Object.assign(kept, { form, tune, variant: "1" });
    changed();
  };
  const chips = [...header.forms, "词"].map((form) => el("button", { type: "button", "data-form": form, onclick: () => choose(form, form === "词" ? tunes[0].name : "") },
    form, header.glosses[form] && el("span", { class: "note" }, " ", header.glosses[form])));
  const list = el("div", { class: "tunes", role: "listbox", "aria-label": words.tune });
  const search = el("input", {
    type: "search", placeholder: words.tune_hint, "aria-label": words.tune, autocomplete: "off", ...whenWritten(() => { typing(); offer(); }),
    onkeydown: (event) => {
      if (event.key !== "Enter" || composes(event)) return;
      event.preventDefault();
      const found = matching();
      if (found.length) choose("词", found[0].name);
      else if (search.value.trim()) choose("词", search.value.trim()); // the server knows traditional spellings
    },
  });
  const typing = () => { [faults.tune.hidden, faults.tune.textContent] = [true, ""]; search.removeAttribute("aria-invalid"); };
  const matching = () => {
    const text = search.value.trim();
    const name = tunes.filter((tune) => tune.name.includes(text));
    return [...name, ...tunes.filter((tune) => !tune.name.includes(text) && tune.aliases.some((alias) => alias.includes(text)))];
  };
  const offer = () => {
    const text = search.value.trim();
    const found = matching();
    list.replaceChildren(...found.slice(0, text ? SHOWN : tunes.length).map(({ name, aliases, sizes }) => {
      const other = text && !name.includes(text) ? aliases.filter((alias) => alias.includes(text)) : [];
      return el("button", { type: "button", role: "option", "aria-selected": String(name === kept.tune), onclick: () => choose("词", name) },
        name, " ", el("span", { class: "note" }, other.length ? said(words.tune_alias, { names: other.join("、") }) : said(words.tune_size, { n: sizes[0] })));
    }));
    if (!found.length) list.append(el("p", { class: "note" }, words.tune_none));
  };
  const variant = el("select", { "aria-label": words.variant, onchange: () => { kept.variant = variant.value; changed(); } });
  const picker = el("div", { class: "picker" }, search, fault("tune"), list, variant);
  const lines = select("lines", []);
  const lineField = labelled(words.line_count, lines);

  const filler = (what, label, hint, extra) => {
    const text = el("input", { placeholder: hint, "aria-label": label, autocomplete: "off", "data-fill": what, onkeydown: (event) => { if (event.key === "Enter" && !composes(event)) { event.preventDefault(); go(); } } });
    const go = () => { if (text.value.trim()) onchange({ fill: { what, text: text.value, place: extra ? Number(extra.value) : 1 } }); };
    return el("div", { class: `filler ${extra ? "placed" : ""}` }, el("label", {}, label, " ", text), extra, el("button", { type: "button", onclick: go }, words.fill));
  };
  const where = el("select", { "aria-label": words.acrostic });
  const tones = select("regulated", [["None", words.tones_kept], ["False", words.tones_free]]);
  const tonesField = labelled(words.tones, tones);
  const slides = []; // [range, where its value is shown]
  const show = () => slides.forEach(([range, shown]) => { shown.textContent = Number(range.value).toFixed(2); });
  const slide = (name, min, max, step) => {
    const [range, shown] = [input(name, { type: "range", min, max, step, "aria-label": words[name], oninput: show }), el("span", { class: "num" })];
    slides.push([range, shown]);
    return el("label", { class: "field wide" }, el("span", {}, words[name], " ", shown), range);
  };
  const guidance = [slide("guidance_scale", 1, 4, 0.25), el("p", { class: "note wide" }, words.guidance_note)];
  const numbers = (list) => list.map((n) => [String(n), String(n)]);

  const node = el("div", { class: "wishes" },
    el("div", { class: "chips", role: "group", "aria-label": words.forms }, chips), picker, lineField,
    el("div", { class: "fields" },
      labelled(words.title, input("title", { placeholder: words.title_hint })), labelled(words.author, input("author", { placeholder: words.author_hint })), fault("title"), fault("author"), guidance,
      labelled(words.dynasty, select("dynasty", [["", words.any], ...header.dynasties.map((name) => [name, glossed(name)])])), labelled(words.rhyme, select("rhyme", []))),
    filler("acrostic", words.acrostic, words.acrostic_hint, where), filler("opening", words.opening, words.opening_hint),
    el("details", {}, el("summary", {}, words.how), el("div", { class: "fields" },
      labelled(words.law, select("law", [["平水韵", words.law_old], ["新韵", words.law_new]])), labelled(words.polyphones, select("polyphones", [["strict", words.strict], ["loose", words.loose]])),
      tonesField, labelled(words.count, select("num_samples", numbers([1, 2, 3, 4, 6, 8]))),
      labelled(words.particles, select("particles", numbers([1, 2, 4, 8, 16, 32]))), labelled(words.seed, input("seed", { type: "number", min: 0, max: 4294967295, class: "num" })), fault("seed"),
      slide("temperature", 0.1, 1.6, 0.05), el("p", { class: "note wide" }, words.particles_note))));

  const options = (field, entries) => {
    const same = JSON.stringify(entries);
    if (field.dataset.entries === same) return;
    field.dataset.entries = same;
    field.replaceChildren(...entries.map(([value, text, disabled]) => el("option", { value, disabled }, text)));
  };
  const fill = (sent) => {
    ({ tunes, lines_open: shapes } = sent);
    const { form, tune, variant: number } = sent.wishes;
    const other = kept.tune !== tune;
    Object.assign(kept, { form, tune, variant: number });
    for (const chip of chips) chip.setAttribute("aria-pressed", String(chip.dataset.form === form));
    picker.hidden = form !== "词";
    const wrong = sent.fields.tune; // then what was typed stays, to be mended
    if (other || !list.children.length) {
      if (tune && !wrong) search.value = "";
      offer();
      const picked = list.querySelector('[aria-selected="true"]');
      if (picked) list.scrollTop = picked.offsetTop - list.clientHeight / 2;
    }
    const sizes = tunes.find(({ name }) => name === tune)?.sizes ?? [];
    options(variant, sizes.map((n, i) => [String(i + 1), said(words.variant_name, { n: i + 1, c: n })]));
    variant.value = number;
    variant.hidden = sizes.length < 2;
    lineField.hidden = !shapes[form];
    options(lines, (shapes[form] ?? []).map((n) => [String(n), said(words.line_counted, { n })]));
    tonesField.hidden = form === "词" || form.endsWith("古");
    options(fields.rhyme, [["", words.any, false], ...sent.rhymes.map(([name, open]) => [name, glossed(name), !open && name !== sent.wishes.rhyme])]);
    const longest = Math.max(...sent.shape.map(({ length }) => length));
    options(where, [["1", words.acrostic_first], ...Array.from({ length: Math.max(0, longest - 2) }, (_, i) => [String(i + 2), said(words.acrostic_nth, { n: i + 2 })]), ["-1", words.acrostic_last]]);
    const focused = node.getRootNode().activeElement;
    for (const [name, field] of Object.entries(fields)) if (field !== focused || field.tagName === "SELECT") field.value = sent.wishes[name];
    show();
    for (const part of guidance) part.hidden = !sent.wishes.title && !sent.wishes.author; // nothing to be guided by
    for (const [name, field] of Object.entries({ ...fields, tune: search })) {
      if (!faults[name]) continue;
      const said_here = sent.fields[name] ?? "";
      if (faults[name].textContent !== said_here) faults[name].textContent = said_here;
      faults[name].hidden = !said_here;
      if (said_here) Object.entries({ "aria-invalid": "true", "aria-describedby": `fault_${name}` }).forEach((pair) => field.setAttribute(...pair));
      else for (const attribute of ["aria-invalid", "aria-describedby"]) field.removeAttribute(attribute);
    }
  };
  /** Whether the fault of this field is seen where it is typed. */
  const shows = (name) => Boolean(faults[name]) && !(name === "tune" && picker.hidden);
  const values = () => ({ ...Object.fromEntries(Object.entries(fields).filter(([, field]) => field.value !== "" || field.tagName !== "INPUT" || field.type === "text").map(([name, field]) => [name, field.value || (name === "lines" ? "0" : field.value)])), ...kept });
  /** The seed after this one. */
  const reseed = () => { fields.seed.value = String((Number(fields.seed.value) + 1) % 4294967296); };
  return { node, fill, values, reseed, shows };
}
