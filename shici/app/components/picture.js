// Saves what is seen: canvases as PNG, drawings as SVG with their colours written in.

export function offer(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

/** Matrices side by side, as many in a row as fit 1240, each under its caption. pictures: [{caption, width, height, paint(context)}]. */
export function savePng(pictures, title, { paper, ink, serif }, name) {
  const pad = 24;
  const placed = [];
  let [x, y, tallest, right] = [pad, 64, 0, 0];
  for (const picture of pictures) {
    if (x > pad && x + picture.width > 1240) [x, y, tallest] = [pad, y + tallest + 46, 0];
    placed.push({ picture, x, y });
    x += picture.width + pad;
    right = Math.max(right, x);
    tallest = Math.max(tallest, picture.height);
  }
  const canvas = document.createElement("canvas");
  canvas.width = right * 2;
  canvas.height = (y + tallest + 40) * 2;
  const context = canvas.getContext("2d");
  context.scale(2, 2);
  context.fillStyle = paper;
  context.fillRect(0, 0, right, y + tallest + 40);
  const write = (text, left, top, size) => {
    context.fillStyle = ink;
    context.font = `${size}px ${serif}`;
    context.textAlign = "left";
    context.textBaseline = "alphabetic";
    context.fillText(text, left, top);
  };
  write(title, pad, 34, 18);
  for (const { picture, x: left, y: top } of placed) {
    write(picture.caption, left, top + 8, 13);
    context.save();
    context.translate(left, top + 16);
    picture.paint(context);
    context.restore();
  }
  canvas.toBlob((blob) => offer(blob, name), "image/png");
}

const WRITTEN = ["fill", "stroke", "font-family", "font-size", "opacity"];

/** An SVG as a file of its own. */
export function saveSvg(drawing, paper, name) {
  const copy = drawing.cloneNode(true);
  const [, , width, height] = drawing.getAttribute("viewBox").split(" ");
  const from = [drawing, ...drawing.querySelectorAll("*")];
  [copy, ...copy.querySelectorAll("*")].forEach((node, i) => {
    const style = getComputedStyle(from[i]);
    for (const property of WRITTEN) node.style.setProperty(property, style.getPropertyValue(property));
    node.removeAttribute("class");
  });
  const ground = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  ground.setAttribute("width", width);
  ground.setAttribute("height", height);
  ground.setAttribute("fill", paper);
  copy.prepend(ground);
  offer(new Blob([new XMLSerializer().serializeToString(copy)], { type: "image/svg+xml" }), name);
}
