// Text for the clipboard, also where the browser lends none: over plain http from another machine.
export async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return selectedAndCopied(text);
  }
}

function selectedAndCopied(text) {
  const focused = document.activeElement?.shadowRoot?.activeElement ?? document.activeElement;
  const field = document.createElement("textarea");
  Object.assign(field, { value: text, readOnly: true });
  Object.assign(field.style, { position: "fixed", top: "0", opacity: "0" });
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  focused?.focus?.({ preventScroll: true });
  return done;
}
