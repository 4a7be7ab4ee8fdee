// One small leaf of words beside the pointer.
import { el } from "./dom.js";

/** tip.show(x, y, ...children), tip.hide(); belongs into `root`. */
export function tooltip(root) {
  const leaf = el("div", { class: "tip", hidden: true });
  root.append(leaf);
  return {
    show(x, y, ...children) {
      leaf.replaceChildren(...children);
      leaf.hidden = false;
      const { width, height } = leaf.getBoundingClientRect();
      const left = x + 14 + width > innerWidth ? x - 14 - width : x + 14;
      leaf.style.left = `${Math.max(4, left)}px`;
      leaf.style.top = `${Math.max(4, Math.min(innerHeight - height - 4, y + 14))}px`;
    },
    hide() {
      leaf.hidden = true;
    },
  };
}
