// Who writes Chinese composes: letters stand in the field until the input method puts the character there. Meanwhile the
// field must stay as it is, and the keys are the method's.

/** Whether a key or an input belongs to the input method. The key that ends a composition is 229 alone in Safari. */
export const composes = (event) => event.isComposing || event.keyCode === 229;

/** Handlers for a field that does something with each change of its text. */
export const whenWritten = (does) => ({ oninput: (event) => { if (!composes(event)) does(); }, oncompositionend: does });

/** One for the whole window: every component brings a copy of this file. field: in which something is being composed. */
const method = () => (window.shiciMethod ??= watched({ field: null, waiting: new Map() }));

function watched(found) {
  addEventListener("compositionstart", (event) => { [found.field] = event.composedPath(); }, true);
  addEventListener("compositionend", () => { found.field = null; });
  // the others: a field may go without a word
  for (const type of ["compositionend", "focusin", "pointerdown", "keydown"]) addEventListener(type, () => setTimeout(settle));
  return found;
}

function composing(within) {
  const { field } = method();
  return Boolean(field?.isConnected) && field.getRootNode().activeElement === field && (!within || within.contains(field));
}

function settle() {
  for (const [key, { within, does }] of [...method().waiting]) {
    if (composing(within)) continue;
    method().waiting.delete(key);
    does();
  }
}

/** `does()` now, or as soon as nothing is being composed (in `within`); of what waits under one key the last alone. */
export function onceComposed(key, does, within = null) {
  method().waiting.set(key, { within, does });
  settle();
}

/** What waits under this key is not to be done any more. */
export const letGo = (key) => method().waiting.delete(key);
