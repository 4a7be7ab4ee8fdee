// The sheet of the page 作诗: a square for every character, with its tone and rhyme; in it one types, or looks at the poem.
import { el, said } from "./dom.js";
import { composes } from "./ime.js";

const MARKS = { 平: "○", 仄: "●", 中: "⊙" };
const DEEP = 16; // squares in a column that holds more than one line
const WIDE = 12; // so many lines of one length have a column each
const PAUSE = 200; // ms after the last character before the server is asked
const NOT_VERSE = /[\s，。！？；、：,.!?;:·「」『』“”‘’《》（）()]/u;

export const key = (line, place) => `${line},${place}`;

/** The lines of each column. shape: [{length, stanza}]. */
export function packed(shape) {
  const alike = shape.every(({ length }) => length === shape[0].length);
  if (alike && shape.length <= WIDE) return shape.map((_, line) => [line]);
  const columns = [];
  let room = 0;
  shape.forEach(({ length }, line) => {
    if (!columns.length || length + 1 > room || shape[line - 1].stanza) {
      columns.push([]);
      room = DEEP + 1;
    }
    columns.at(-1).push(line);
    room -= length + 1;
  });
  return columns;
}

/** -> {node, fill(header), pins(), revision(), clear(), look(place), calm()}. onpins(): they changed. onlook(place or null, stay). */
export function sheet(words, { onpins, onlook, onsurplus }) {
  const brush = el("input", { class: "brush", "aria-label": words.place_free, autocomplete: "off", spellcheck: "false", hidden: true });
  const columns = el("div", { class: "columns" });
  const node = el("div", { class: "scroll sheet" }, columns);
  let [header, own, revision, drawn, cells, places, active, composing, timer] = [null, new Map(), 0, "", new Map(), [], null, false, 0];

  const upright = () => getComputedStyle(columns).writingMode === "vertical-rl";
  const at = (line, place) => cells.get(key(line, place));

  const changed = () => {
    revision += 1;
    clearTimeout(timer);
    timer = setTimeout(onpins, PAUSE);
  };
  const put = (place, text) => {
    if (text) own.set(place, text);
    else own.delete(place);
    const cell = cells.get(place);
    cell.glyph.textContent = text;
    cell.node.classList.toggle("pinned", Boolean(text));
  };
  const move = (index) => {
    if (index < 0 || index >= places.length) return;
    active = places[index];
    const { node: square } = cells.get(active);
    for (const other of cells.values()) other.node.classList.toggle("active", other.node === square);
    Object.assign(brush.style, { left: `${square.offsetLeft}px`, top: `${square.offsetTop}px`, width: `${square.offsetWidth}px`, height: `${square.offsetHeight}px` });
    brush.hidden = false;
    brush.setAttribute("aria-label", square.getAttribute("aria-label"));
    brush.focus({ preventScroll: false });
  };
  const leave = () => {
    brush.hidden = true;
    brush.value = "";
    for (const other of cells.values()) other.node.classList.remove("active");
    active = null;
  };
  /** What was typed or pasted goes into this square and those behind it; marks and blanks are no verse. */
  const take = (text) => {
    const written = [...text].filter((one) => !NOT_VERSE.test(one));
    brush.value = "";
    brush.classList.remove("composing");
    if (!written.length || active === null) return;
    const first = places.indexOf(active);
    const fitting = written.slice(0, places.length - first);
    fitting.forEach((one, i) => put(places[first + i], one));
    onsurplus(written.length - fitting.length);
    move(Math.min(first + fitting.length, places.length - 1));
    changed();
  };
  brush.addEventListener("compositionstart", () => { composing = true; brush.classList.add("composing"); });
  brush.addEventListener("compositionend", () => { composing = false; take(brush.value); });
  brush.addEventListener("input", (event) => { if (!composing && !event.isComposing) take(brush.value); });
  brush.addEventListener("blur", () => { if (!composing) leave(); });
  brush.addEventListener("keydown", (event) => {
    if (composes(event) || composing) return;
    const index = places.indexOf(active);
    const next = step(event.key, index);
    if (next !== null) move(next);
    else if (event.key === "Backspace") {
      const target = own.has(active) ? index : index - 1;
      if (target >= 0 && own.has(places[target])) { put(places[target], ""); changed(); }
      move(Math.max(0, target));
    } else if (event.key === "Delete") {
      if (own.has(active)) { put(active, ""); changed(); }
    } else if (event.key === "Escape" || event.key === "Enter") brush.blur();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });

  /** Where an arrow leads from place number `index`; null for another key. */
  const step = (pressed, index) => {
    const vertical = { ArrowDown: "next", ArrowUp: "last", ArrowLeft: "down", ArrowRight: "up" };
    const level = { ArrowRight: "next", ArrowLeft: "last", ArrowDown: "down", ArrowUp: "up" };
    const way = (upright() ? vertical : level)[pressed];
    if (!way) return null;
    if (way === "next") return Math.min(places.length - 1, index + 1);
    if (way === "last") return Math.max(0, index - 1);
    const [line, place] = places[index].split(",").map(Number);
    const other = line + (way === "down" ? 1 : -1);
    if (!header.shape[other]) return index;
    return places.indexOf(key(other, Math.min(place, header.shape[other].length - 1)));
  };

  const square = (line, place) => {
    const glyph = el("span", { class: "glyph" });
    const mark = el("span", { class: "mark", "aria-hidden": "true" });
    const foot = el("span", { class: "foot", "aria-hidden": "true" }, "△");
    const spot = key(line, place);
    const cell = el("div", {
      class: "cell", role: "button", tabindex: place === 0 && line === 0 ? 0 : -1, "data-at": spot,
      onclick: () => (header.poem ? onlook([line, place], true) : move(places.indexOf(spot))),
      onpointerenter: (event) => { if (header.poem && event.pointerType === "mouse") onlook([line, place], false); },
      onfocus: () => {
        for (const other of cells.values()) other.node.tabIndex = other.node === cell ? 0 : -1;
        if (header.poem) onlook([line, place], false);
      },
      onkeydown: (event) => {
        const index = places.indexOf(spot);
        const next = step(event.key, index);
        if (next !== null) cells.get(places[next]).node.focus();
        else if (event.key === "Enter" || event.key === " ") cell.click();
        else return;
        event.preventDefault();
      },
    }, glyph, mark, foot);
    cells.set(spot, { node: cell, glyph, mark, foot });
    places.push(spot);
    return cell;
  };
  const draw = () => {
    cells = new Map();
    places = [];
    active = null;
    brush.hidden = true;
    const lines = header.shape.map(({ length, mark, stanza }, line) =>
      el("div", { class: `line${stanza ? " stanza" : ""}`, "data-line": line }, Array.from({ length }, (_, place) => square(line, place)), el("span", { class: "stop" }, mark)));
    columns.replaceChildren(...packed(header.shape).map((group) => el("div", { class: "column" }, group.map((line) => lines[line]))), brush);
  };

  const fill = (sent) => {
    header = sent;
    const form = JSON.stringify(header.shape);
    if (form !== drawn) {
      drawn = form;
      draw();
    }
    const fresh = header.revision >= revision; // while more is being typed, what was typed stands
    if (fresh) {
      revision = header.revision;
      own = new Map(header.pins.map(([line, place, text]) => [key(line, place), text]));
    }
    const bad = new Set(header.bad.map(([line, place]) => key(line, place)));
    const held = new Set((header.poem?.held ?? []).map(([line, place]) => key(line, place)));
    const faults = new Set((header.poem?.verdict.places ?? []).map(([line, place]) => key(line, place)));
    columns.classList.toggle("written", Boolean(header.poem));
    if (header.poem && active !== null) leave();
    header.marks.forEach((row, line) => row.forEach(([tone, rhymes, number], place) => {
      const spot = key(line, place);
      const cell = at(line, place);
      const text = header.poem || fresh ? own.get(spot) && !header.poem ? own.get(spot) : header.sheet[line][place] : own.get(spot) ?? "";
      cell.glyph.textContent = text;
      cell.mark.textContent = MARKS[tone];
      cell.node.dataset.tone = tone;
      cell.node.dataset.rhyme = rhymes;
      cell.foot.className = `foot rhyme${rhymes} number${(number ?? 0) % 3}`;
      cell.node.classList.toggle("pinned", header.poem ? held.has(spot) : Boolean(text));
      cell.node.classList.toggle("model", Boolean(header.poem) && !held.has(spot));
      cell.node.classList.toggle("bad", header.poem ? faults.has(spot) : bad.has(spot));
      cell.node.setAttribute("aria-label", [said(words.place, { l: line + 1, p: place + 1 }), text || words.place_free, MARKS[tone], rhymes ? words.place_rhyme : ""].filter(Boolean).join(" "));
    }));
  };
  const clear = () => {
    for (const spot of [...own.keys()]) put(spot, "");
    revision += 1;
  };
  const pins = () => [...own].map(([spot, text]) => [...spot.split(",").map(Number), text]);
  const look = (place) => {
    for (const [spot, cell] of cells) cell.node.classList.toggle("looked", place !== null && spot === key(...place));
  };
  return { node, fill, pins, look, clear, revision: () => revision, calm: () => clearTimeout(timer) };
}
