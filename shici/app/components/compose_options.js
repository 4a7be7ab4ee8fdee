// What else might stand at a place of the poem: the model's shares among the legal characters. Click to take one.
import { el, said } from "./dom.js";
import { composes } from "./ime.js";
import { percent } from "./number.js";

const TONES = { 平: "○", 仄: "●", 通: "◐", "？": "" };

/** The tone and the rhyme groups of a character where the form asks for `wanted` (平, 仄, 中): of a tone that only the books
 * know, only where it is asked for. sounds: as shelf.py has them. */
function heard([tone, groups, books] = ["", "", {}], wanted) {
  return books[wanted] ? [wanted, books[wanted]] : [tone, groups];
}

/** -> {node, fill(poem, sheet, marks), show(place, stay), place()}. onreplace(place, text, follow), onhold(place). */
export function optionPanel(words, { onreplace, onhold }) {
  const head = el("h3", {});
  const hold = el("button", { type: "button", class: "link", onclick: () => onhold(place) });
  const tabs = ["follow", "only"].map((name) => el("button", { type: "button", role: "tab", "data-mode": name, onclick: () => { mode = name; draw(); } }, words[name]));
  const list = el("ol", { class: "options" });
  const facts = el("p", { class: "note" });
  const typed = el("input", { "aria-label": words.type_own, maxlength: 8, size: 3, onkeydown: (event) => { if (event.key === "Enter" && !composes(event)) own(); event.stopPropagation(); } });
  const own = () => { if (typed.value.trim()) onreplace(place, typed.value.trim(), mode === "follow"); typed.value = ""; };
  const form = el("div", { class: "own" }, el("label", {}, words.type_own, " ", typed), el("button", { type: "button", onclick: () => own() }, words.fill));
  const node = el("div", { class: "panel", hidden: true }, el("div", { class: "bar" }, head, hold), el("div", { class: "tabs", role: "tablist" }, tabs), list, facts, form);
  let [poem, sheet, marks, place, mode, stays] = [null, null, null, null, "follow", false];

  const draw = () => {
    node.hidden = !poem || place === null;
    if (node.hidden) return;
    const [line, at] = place;
    const { likeliest, count, mass, own: share, rank } = poem.options[mode][line][at];
    const character = sheet[line][at];
    const [wanted] = marks[line][at];
    const [tone, groups] = heard(poem.sounds[character], wanted);
    const held = poem.held.some(([l, p]) => l === line && p === at);
    head.replaceChildren(el("b", { class: held ? "" : "red" }, character), " ", el("span", { class: "note" }, `${said(words.place, { l: line + 1, p: at + 1 })}　${TONES[tone] ?? ""} ${groups}`));
    hold.textContent = held ? words.release : words.hold;
    for (const tab of tabs) tab.setAttribute("aria-selected", String(tab.dataset.mode === mode));
    const rows = likeliest.map(([text, p], i) => [i + 1, text, p]);
    if (share !== null && !rows.some(([, text]) => text === character)) rows.push([rank, character, share]);
    const most = Math.max(...rows.map(([, , p]) => p), 1e-12);
    list.replaceChildren(...rows.map(([number, text, p]) => {
      const [sound, rhymes] = heard(poem.sounds[text], wanted);
      return el("li", { class: text === character ? "current" : "", "data-text": text, "data-share": p },
        el("button", { type: "button", "aria-label": said(words.replace, { c: text }), disabled: text === character, onclick: () => onreplace(place, text, mode === "follow") },
          el("span", { class: "num rank" }, number), el("span", { class: "glyph" }, text), el("span", { class: "sound", title: rhymes }, `${TONES[sound] ?? ""} ${rhymes}`),
          el("span", { class: "bar" }, el("i", { style: { width: `${(p / most) * 100}%` } })), el("span", { class: "num" }, percent(p))));
    }));
    facts.textContent = count ? said(words.legal, { n: count, p: percent(mass) }) + (share === null ? ` ${said(words.legal_own, { c: character })}` : "") : words.legal_none;
    Object.assign(node.dataset, { line, place: at, mode, count, mass, stays });
  };
  return {
    node,
    fill(sent, text, asked) {
      [poem, sheet, marks] = [sent, text, asked];
      if (!poem || !sheet[place?.[0]]?.[place[1]]) [place, stays] = [null, false];
      draw();
    },
    /** Look at a place; one that was clicked stays until another is clicked. Returns the place shown. */
    show(at, stay) {
      if (poem && (!stays || stay)) {
        stays = stay && !(stays && place && at && place[0] === at[0] && place[1] === at[1]);
        place = at;
        draw();
      }
      return place;
    },
    place: () => place,
    /** Take the candidate of this number. */
    pick(number) {
      list.children[number - 1]?.querySelector("button:not(:disabled)")?.click();
    },
  };
}
