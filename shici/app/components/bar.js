// On a phone Streamlit's bar of pages lies over the page and stays there: the click that chooses a page puts it away.

/** Heed such clicks from now on; one listener serves all components. A wide screen's bar is another, and stays. */
export function heedBar() {
  if (window.shiciBar) return;
  window.shiciBar = true;
  document.addEventListener("click", ({ target }) => {
    const bar = target.closest?.('[data-testid="stSidebarNavLink"]')?.closest('[data-testid="stSidebar"]');
    if (bar) setTimeout(() => bar.querySelector('[data-testid="stSidebarCollapseButton"] button')?.click());
  });
}
