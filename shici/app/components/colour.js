// Numbers as colours: ink for negative, vermilion for positive, paper for zero.

function rgb(text, context) {
  context.fillStyle = "#000";
  context.fillStyle = text;
  const hex = context.fillStyle;
  return [1, 3, 5].map((place) => parseInt(hex.slice(place, place + 2), 16));
}

const mix = (from, to, share) => from.map((value, i) => Math.round(value + (to[i] - value) * share));

/** The colours of the theme that `root` stands in: {paper, ink, vermilion, leaf, soft, weights, signed}.
 *  weights, signed: 256 colours each, as [r, g, b]; of 0..1 and of -1..1. */
export function palette(root) {
  const context = document.createElement("canvas").getContext("2d");
  const style = getComputedStyle(root);
  const take = (name, otherwise) => rgb(style.getPropertyValue(name).trim() || otherwise, context);
  const paper = take("--st-background-color", "#faf6ec");
  const leaf = take("--st-secondary-background-color", "#f1eadb");
  const ink = take("--st-text-color", "#2b2622");
  const vermilion = take("--st-primary-color", "#b23a24");
  const rule = take("--st-border-color", "#d9cfbb");
  const ramp = (to, strength) => Array.from({ length: 256 }, (_, i) => mix(paper, to, (i / 255) ** strength));
  const negative = ramp(ink, 0.75);
  const positive = ramp(vermilion, 0.75);
  const signed = Array.from({ length: 256 }, (_, i) =>
    i < 128 ? negative[Math.round(((127.5 - i) / 127.5) * 255)] : positive[Math.round(((i - 127.5) / 127.5) * 255)]);
  return { paper, leaf, ink, vermilion, rule, soft: mix(ink, paper, 0.4), weights: ramp(vermilion, 0.6), signed };
}

/** Of a share in 0..1. */
export function weight(colours, value) {
  return colours.weights[Math.max(0, Math.min(255, Math.round(value * 255)))];
}

/** Of a number between -largest and largest. */
export function signed(colours, value, largest) {
  const place = Math.round(127.5 + (127.5 * value) / (largest || 1));
  return colours.signed[Math.max(0, Math.min(255, place))];
}

export function css([red, green, blue], alpha = 1) {
  return `rgb(${red} ${green} ${blue} / ${alpha})`;
}
