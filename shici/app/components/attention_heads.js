// All heads as thumbnails: layers downwards, heads across.
import { el, said } from "./dom.js";
import { part } from "./blob.js";

/** spec: {thumbnails, layers, heads, words, colours, chosen: [layer, head], onchoose(layer, head)} -> {node, choose(layer, head)}. */
export function headGrid({ thumbnails, layers, heads, words, colours, chosen, onchoose }) {
  const buttons = [];
  const grid = el("div", { class: "heads", style: { gridTemplateColumns: `auto repeat(${heads}, minmax(0, 1fr))` } });
  grid.append(el("span"), ...Array.from({ length: heads }, (_, head) => el("span", { class: "note" }, said(words.head_short, { n: head + 1 }))));
  for (let layer = 0; layer < layers; layer++) {
    grid.append(el("span", { class: "note side" }, said(words.layer_short, { n: layer + 1 })));
    for (let head = 0; head < heads; head++) {
      const label = `${said(words.layer, { n: layer + 1 })} ${said(words.head, { n: head + 1 })}`;
      const button = el("button", { type: "button", "aria-label": label, title: label, "data-head": `${layer},${head}`, onclick: () => onchoose(layer, head) }, picture(part(thumbnails, layer, head), colours));
      buttons.push(button);
      grid.append(button);
    }
  }
  let at = [0, 0];
  const choose = (layer, head) => {
    at = [layer, head];
    buttons.forEach((button, i) => {
      const here = i === layer * heads + head;
      button.setAttribute("aria-pressed", String(here));
      button.tabIndex = here ? 0 : -1;
    });
  };
  grid.addEventListener("keydown", (event) => {
    const move = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (!move) return;
    event.preventDefault();
    const [layer, head] = [(at[0] + move[0] + layers) % layers, (at[1] + move[1] + heads) % heads];
    onchoose(layer, head);
    buttons[layer * heads + head].focus();
  });
  choose(...chosen);
  return { node: grid, choose };
}

/** One head's weights, a pixel a weight. */
function picture({ shape: [rows, columns], data }, colours) {
  const canvas = el("canvas", { width: columns, height: rows });
  const context = canvas.getContext("2d");
  const image = context.createImageData(columns, rows);
  for (let cell = 0; cell < data.length; cell++) {
    const future = cell % columns > Math.floor(cell / columns);
    const [red, green, blue] = future ? colours.leaf : colours.weights[data[cell]];
    image.data.set([red, green, blue, 255], cell * 4);
  }
  context.putImageData(image, 0, 0);
  return canvas;
}
