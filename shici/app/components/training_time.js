// One prompt and the same dice through the steps of a training: the slider, the text, the next character, the shares.
import { el, said } from "./dom.js";
import { num, percent } from "./number.js";
import { shareCurves } from "./training_shares.js";
import { verse } from "./verse.js";

const PACE = 900; // ms a step while it plays
const count = (number) => number.toLocaleString("en-US");

/** Fill `section`. state: the component's notes; its `step` is the step looked at, null for the last one. */
export function timeline(state, section, width) {
  const { header } = state;
  const { words, history } = header;
  const { records, prompts } = history;
  const last = records.length - 1;
  const found = records.findIndex(({ step, run }) => step === state.step?.step && run === state.step?.run);
  let at = found < 0 ? last : found;
  state.prompt = Math.min(state.prompt, prompts.length - 1);

  const slider = el("input", {
    type: "range", min: 0, max: last, step: 1, value: at, "aria-label": words.slider, "data-keep": "slider",
    oninput: () => { pause(); go(Number(slider.value)); },
    onpointerdown: () => { state.held = true; },
    onpointerup: () => release(), onpointercancel: () => release(),
  });
  const release = () => {
    state.held = false;
    if (state.version !== state.header.version) state.redraw();
  };
  const play = el("button", { type: "button", class: "seal", "data-keep": "play", onclick: () => (state.playing ? pause() : begin()) });
  const status = el("p", { class: "status", "aria-live": "off" });
  const poem = el("div", { class: "scroll poem" });
  const cut = el("p", { class: "note cut" });
  const rows = candidates(prompts.length ? records[0].writings[0].following.length : 0, words);
  const rest = el("p", { class: "note" });
  const tabs = el("div", { class: "tabs", role: "tablist", "aria-label": words.prompts }, prompts.map(({ text }, i) =>
    el("button", { type: "button", role: "tab", "data-keep": `tab${i}`, onclick: () => { state.prompt = i; choose(); } }, text)));
  tabs.addEventListener("keydown", (event) => {
    const move = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!move) return;
    event.preventDefault();
    state.prompt = (state.prompt + move + prompts.length) % prompts.length;
    choose();
    tabs.children[state.prompt].focus();
  });
  const wide = width > 1000;
  const shares = shareCurves(history, words, { width: wide ? width - 400 - 250 - 2 * 36 : width, ongo: (to) => { pause(); go(to); } });
  const strip = el("div", { class: "strip scroll", tabindex: -1 });

  const begin = () => {
    state.playing = true;
    if (at === last) go(0);
    tick();
  };
  const tick = () => {
    label();
    clearTimeout(state.timer);
    if (state.playing) state.timer = setTimeout(() => {
      if (!section.isConnected) return;
      if (at < last) go(at + 1);
      if (at === last) state.playing = false;
      tick();
    }, PACE);
  };
  const pause = () => {
    state.playing = false;
    clearTimeout(state.timer);
    label();
  };
  const label = () => {
    play.textContent = state.playing ? words.pause : words.play;
    play.setAttribute("aria-pressed", String(state.playing));
  };

  const go = (to) => {
    const started = performance.now();
    at = to;
    const { step, run, tokens, val_loss: loss } = records[at];
    state.step = at === last ? null : { step, run };
    slider.value = at;
    slider.setAttribute("aria-valuetext", said(words.step, { n: count(step) }));
    status.replaceChildren(el("b", {}, said(words.step, { n: count(step) })), ` · ${said(words.read, { n: count(tokens) })}`,
      loss === null ? "" : ` · ${said(words.loss, { n: num(loss, 3) })}`, ` · ${said(words.of_run, { name: history.runs[run].name })}`);
    if (prompts.length) write();
    shares.mark(at);
    section.dataset.answered = (performance.now() - started).toFixed(2);
  };
  const write = () => {
    const { places } = prompts[state.prompt];
    const { text, ended, following, rest: others } = records[at].writings[state.prompt];
    const written = [...text].map((one) => ({ text: one === "\n" ? "↵" : one, kind: one === "\n" ? "feed" : "char", written: true }));
    if (ended) written.push({ text: words.ended, kind: "end", written: true });
    poem.replaceChildren(verse([...places, ...written], (button) => { button.tabIndex = -1; }));
    poem.scrollLeft = poem.scrollWidth;
    cut.textContent = ended ? "" : said(words.cut, { n: [...text].length });
    rows.fill(following, most(state.prompt));
    rest.textContent = said(words.following_note, { n: following.length, p: percent(others) });
    [...strip.children].forEach((card, i) => card.setAttribute("aria-pressed", String(i === at)));
    const here = strip.children[at];
    if (here) strip.scrollLeft += here.getBoundingClientRect().left + here.offsetWidth / 2 - strip.getBoundingClientRect().left - strip.clientWidth / 2;
  };
  const most = (prompt) => Math.max(...records.map(({ writings }) => writings[prompt].following[0]?.[1] ?? 0));
  const choose = () => {
    [...tabs.children].forEach((tab, i) => {
      tab.setAttribute("aria-selected", String(i === state.prompt));
      tab.tabIndex = i === state.prompt ? 0 : -1;
    });
    strip.replaceChildren(...records.map(({ step, writings }, i) => {
      const caption = said(words.step, { n: count(step) });
      return el("button", { type: "button", class: "card", "aria-label": caption, onclick: () => { pause(); go(i); } },
        el("span", { class: "text" }, writings[state.prompt].text), el("span", { class: "note" }, caption));
    }));
    write();
  };

  const texts = [tabs, el("div", { class: "three" },
    el("div", { class: "written" }, poem, cut),
    el("div", { class: "next" }, el("h3", {}, words.following), rows.node, rest),
    shares.node)];
  section.append(el("p", { class: "note" }, words.time_note),
    el("div", { class: "steps" }, play, slider), status,
    ...(prompts.length ? texts : [shares.node]),
    sources(history, words),
    ...(prompts.length ? [el("h3", {}, words.strip), el("p", { class: "note" }, words.strip_note), strip] : []));
  if (prompts.length) choose();
  go(at);
  tick();
}

/** Rows of the likeliest next tokens; they stay, their numbers change. */
function candidates(length, words) {
  const rows = Array.from({ length }, () => {
    const glyph = el("span", { class: "glyph" });
    const bar = el("i");
    const value = el("span", { class: "num" });
    return { glyph, bar, value, node: el("li", {}, glyph, el("span", { class: "track" }, bar), value) };
  });
  const fill = (following, largest) => rows.forEach(({ glyph, bar, value, node }, i) => {
    node.hidden = i >= following.length;
    if (node.hidden) return;
    const [text, share, control] = following[i];
    glyph.textContent = text;
    glyph.classList.toggle("long", [...text].length > 1);
    glyph.classList.toggle("control-token", control);
    glyph.title = control ? words.control_token : "";
    bar.style.width = `${(share / largest) * 100}%`;
    value.textContent = percent(share);
    node.dataset.share = String(share);
  });
  return { node: el("ol", { class: "following" }, rows.map(({ node }) => node)), fill };
}

/** Which runs the records are of, and the order in which the virtues were learned. */
function sources({ runs, first, shares }, words) {
  const learned = shares.filter((name) => first[name] !== null).sort((one, other) => first[one] - first[other]);
  const missing = shares.filter((name) => first[name] === null);
  const listed = words.list;
  const order = learned.map((name) => said(words.first, { name: words[name], n: count(first[name]) })).join(listed);
  const end = missing.length ? said(words.never, { names: missing.map((name) => words[name]).join(listed) }) : words.always;
  return el("div", { class: "sources" },
    learned.length ? el("p", { class: "order" }, words.order, order, end) : "",
    el("div", { class: "note" }, runs.length > 1 ? words.of_several : words.of_one,
      el("ul", {}, runs.map(({ name, remark, steps }) => el("li", {}, el("b", {}, name), ` ${steps}`, remark ? ` · ${remark}` : "")))));
}
