// The heads: what each looks at, what it costs to silence it, and poems written without it.
import { el, said } from "./dom.js";
import { ground, tint } from "./colour.js";
import { num } from "./number.js";
import { choice, section } from "./interpret_parts.js";
import { strip } from "./strip.js";
import { trial } from "./interpret_trial.js";

const plus = (value, digits) => `${value >= 0 ? "+" : ""}${num(value, digits)}`;

export function headsSection({ header, tensors, words, tokens, state, send, colours }) {
  const { layers, heads, roles, main } = header;
  const short = { self: words.self, previous: words.previous, partner: words.partner, partner_next: words.partner_next, rhyme: words.rhyme, line_start: words.line_start, marks: words.marks, front: words.front, fields: words.fields };
  const long = { self: words.self_long, previous: words.previous_long, partner: words.partner_long, partner_next: words.partner_next_long, rhyme: words.rhyme_long, line_start: words.line_start_long, marks: words.marks_long, front: words.front_long, fields: words.fields_long };
  const cost = (name, layer, head) => tensors[name]?.data[layer * heads + head];
  if (state.fresh) Object.assign(state, { fresh: false, head: costliest(tensors.poems_zero ?? tensors.cost_zero, heads) });
  const buttons = [];
  const grid = el("div", { class: "heads", style: { gridTemplateColumns: `auto repeat(${heads}, minmax(0, 1fr))` }, onkeydown: walk });
  grid.append(el("span"), ...Array.from({ length: heads }, (_, head) => el("span", { class: "note" }, said(words.head_short, { n: head + 1 }))));
  for (let layer = 0; layer < layers; layer++) {
    grid.append(el("span", { class: "note side" }, said(words.layer_short, { n: layer + 1 })));
    for (let head = 0; head < heads; head++) {
      const role = main[layer][head];
      const button = el("button", { type: "button", "data-head": `${layer},${head}`, onclick: () => choose(layer, head) },
        el("span", { class: role ? "role" : "role none" }, role ? short[role] : "·"), el("span", { class: "num" }));
      button.setAttribute("aria-label", `${said(words.head_name, { l: layer + 1, h: head + 1 })} ${role ? long[role] : ""}`);
      buttons.push(button);
      grid.append(button);
    }
  }
  const card = el("div", { class: "card", "aria-live": "polite" });

  function paint() {
    const values = tensors[`cost_${state.way}`]?.data;
    const most = values ? Math.max(...Array.from(values, Math.abs), 1e-9) : 1;
    buttons.forEach((button, i) => {
      const value = values ? values[i] : 0;
      const share = Math.sqrt(Math.abs(value) / most); // so that small ones are seen; the number is written
      ground(button, values ? tint(colours, value > 0 ? colours.vermilion : colours.ink, share * 0.62) : null, colours.ink, colours.paper);
      button.lastChild.textContent = values ? plus(value, 3).replace(/^([+−])0/, "$1") : "";
      if (values) button.dataset.cost = value;
    });
  }

  function choose(layer, head) {
    state.head = [layer, head];
    buttons.forEach((button, i) => {
      const here = i === layer * heads + head;
      button.setAttribute("aria-pressed", String(here));
      button.tabIndex = here ? 0 : -1;
    });
    const at = (name, role) => tensors[name].data[(layer * heads + head) * roles.length + role];
    card.replaceChildren(
      el("h3", {}, el("span", { class: "red" }, said(words.head_name, { l: layer + 1, h: head + 1 }))),
      el("div", { class: "roles" }, roles.map((role, i) => el("div", { class: "of-role" },
        el("span", { class: `what${role === main[layer][head] ? " red" : ""}` }, el("b", {}, short[role]), " ", long[role]),
        header.applies[i] ? whiskers(at("scores", i), at("spread", i), tensors.baseline.data[i]) : el("span", { class: "note" }, "—"),
        el("span", { class: "num", "data-role": role }, `${num(at("scores", i), 3)} ± ${num(at("spread", i), 3)}`, el("span", { class: "even" }, ` / ${num(tensors.baseline.data[i], 3)}`))))),
      el("p", { class: "note" }, said(words.card_note, { n: header.poems })),
      tensors.whole ? costs(layer, head) : el("p", { class: "note" }, header.too_long ? words.too_long : words.too_short),
      el("p", { class: "go" }, el("button", { type: "button", class: "seal", onclick: () => send({ silence: [layer, head], way: state.way }) }, words.rewrite), " ", el("span", { class: "note" }, words.rewrite_note)));
  }

  function costs(layer, head) {
    const values = tensors[state.way].data;
    const size = tensors.whole.data.length;
    const changes = Array.from({ length: size }, (_, t) => values[(layer * heads + head) * size + t] - tensors.whole.data[t]);
    const body = Math.max(1, header.body);
    const most = Math.max(...changes.slice(body - 1).map(Math.abs), 0.05);
    const bars = strip(tokens, body, (place) => {
      const change = changes[place - 1];
      const height = `${((Math.abs(change) / most) * 100).toFixed(1)}%`;
      return { below: [el("span", { class: `pair ${change >= 0 ? "up" : "down"}` }, el("i", { style: { height } }))], label: `${tokens[place].text} ${plus(change, 3)}` };
    }, { onpoint: (place) => { told.replaceChildren(tokens[place].text, " ", el("span", { class: "num" }, plus(changes[place - 1], 4))); } });
    const told = el("span", { class: "told" });
    const known = cost(`poems_${state.way}`, layer, head);
    return el("div", { class: "costs" },
      el("p", {}, words.cost_here, " ", el("span", { class: "num big", "data-cost": cost(`cost_${state.way}`, layer, head) }, plus(cost(`cost_${state.way}`, layer, head), 4)), " ", words.nats, "；",
        known === undefined ? el("span", { class: "note" }, words.cost_unmeasured) : [said(words.cost_poems, { n: header.poems }), " ", el("span", { class: "num" }, `${plus(known, 4)} ± ${num(cost(`poems_${state.way}_spread`, layer, head), 4)}`)]),
      el("p", { class: "note" }, words.cost_each, " ", told), bars.node);
  }

  function walk(event) {
    const move = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (!move) return;
    event.preventDefault();
    const [layer, head] = [(state.head[0] + move[0] + layers) % layers, (state.head[1] + move[1] + heads) % heads];
    choose(layer, head);
    buttons[layer * heads + head].focus();
  }

  paint();
  choose(Math.min(layers - 1, state.head[0]), Math.min(heads - 1, state.head[1]));
  const way = choice(words.way, [["zero", words.way_zero], ["mean", words.way_mean]], state.way, (chosen) => { state.way = chosen; paint(); choose(...state.head); });
  return section({ name: "heads", title: said(words.heads, { n: layers * heads }), note: said(words.heads_note, { n: header.poems }), limits: said(words.heads_limits, { n: header.poems }), words, state },
    el("div", { class: "two" }, el("div", { class: "left" }, el("div", { class: "bar" }, el("span", { class: "note" }, words.way), way), grid), card),
    header.trial ? trial(header.trial, words) : null);
}

/** The head whose silence costs most: where to begin looking. */
function costliest(tensor, heads) {
  if (!tensor) return [0, 0];
  const at = tensor.data.indexOf(Math.max(...tensor.data));
  return [Math.floor(at / heads), at % heads];
}

/** A bar for the score, a thin line for the spread, a tick for the baseline; the width is all of the attention. */
function whiskers(score, spread, baseline) {
  const per = (share) => `${(Math.max(0, Math.min(1, share)) * 100).toFixed(2)}%`;
  return el("span", { class: "whiskers", "aria-hidden": "true" },
    el("i", { class: "bar-of", style: { width: per(score) } }),
    el("i", { class: "spread", style: { left: per(score - spread), width: per(Math.min(1, score + spread) - Math.max(0, score - spread)) } }),
    el("i", { class: "tick", style: { left: per(baseline) } }));
}
