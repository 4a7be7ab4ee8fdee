// Text into the clipboard, also where the page came by http from another machine and the browser offers no clipboard.

/** Whether it is there now. */
export async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch { // no clipboard, or not allowed to
    return byHand(text);
  }
}

/** As a reader would: from a field that is selected. */
function byHand(text) {
  const field = document.createElement("textarea");
  field.value = text;
  field.readOnly = true;
  Object.assign(field.style, { position: "fixed", top: "0", opacity: "0" });
  document.body.append(field);
  const before = deepest();
  field.select();
  let done = false;
  try {
    done = document.execCommand("copy");
  } finally {
    field.remove();
    before?.focus({ preventScroll: true });
  }
  return done;
}

/** What has the focus, inside the components too. */
function deepest() {
  let at = document.activeElement;
  while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
  return at;
}
