// Keys that a page answers wherever the reader is, unless something there takes keys itself.
import { composes } from "./ime.js";

const TAKES_KEYS = "input, select, textarea, summary, dialog, [contenteditable], [role=dialog], [role=menu], [role=listbox], [role=slider]";

/** Whether `node`, which has the focus, moves by this key itself. */
function moves(node, key) {
  if (!/^Arrow(Left|Right)$/.test(key)) return false;
  return node.getAttribute?.("role") === "tab" || (node.tabIndex >= 0 && node.scrollWidth > node.clientWidth + 1 && !node.closest("button, a, g"));
}

/** does(key) -> a function that does it, or nothing for a key that is not the page's. -> how to stop listening. */
export function heedKeys(does) {
  const heard = (event) => {
    if (event.defaultPrevented || composes(event) || event.ctrlKey || event.metaKey || event.altKey) return;
    const [focused] = event.composedPath();
    if (focused.closest?.(TAKES_KEYS) || moves(focused, event.key)) return;
    const act = does(event.key);
    if (!act) return;
    event.preventDefault();
    act();
  };
  document.addEventListener("keydown", heard);
  return () => document.removeEventListener("keydown", heard);
}
