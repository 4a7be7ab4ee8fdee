// Numbers as colours: ink for negative, vermilion for positive, paper for zero.
const READABLE = 4.5; // contrast

function rgb(text, context) {
  context.fillStyle = "#000";
  context.fillStyle = text;
  const hex = context.fillStyle;
  return [1, 3, 5].map((place) => parseInt(hex.slice(place, place + 2), 16));
}

/** `from` with so much of `to` in it, 0..1. */
export const mix = (from, to, share) => from.map((value, i) => Math.round(value + (to[i] - value) * share));

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

function luminance(colour) {
  const [red, green, blue] = colour.map((value) => (value / 255 <= 0.04045 ? value / 3294.6 : ((value / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** How far two colours lie apart, from 1 to 21, as WCAG reckons it. */
export function contrast(one, other) {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

/** The first of the `wished` colours in which letters can be read on `ground`; else black or white, of which one always
 *  can: both are 4.58 : 1 on the grey between them. */
export function lettersOn(ground, ...wished) {
  const clearer = contrast([0, 0, 0], ground) > contrast([255, 255, 255], ground) ? [0, 0, 0] : [255, 255, 255];
  return wished.find((one) => contrast(one, ground) >= READABLE) ?? clearer;
}

/** The paper with so much of a colour in it, 0..1. */
export function tint({ paper }, colour, part) {
  return mix(paper, colour, Math.max(0, Math.min(1, part)));
}

/** Lay `ground` under what is written in `node`, in letters that can be read on it; null takes it away. */
export function ground(node, colour, ...wished) {
  node.style.backgroundColor = colour ? css(colour) : "";
  node.style.color = colour ? css(lettersOn(colour, ...wished)) : "";
  node.classList.toggle("grounded", Boolean(colour));
}

/** Of what the model wrote, on a ground of its own colour: vermilion, else a deeper one. */
export const writtenOn = ({ vermilion, ink, paper }) => [vermilion, mix(vermilion, ink, 0.5), ink, paper];

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
