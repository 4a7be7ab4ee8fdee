// On a phone Streamlit's bar of pages lies over the page and stays there: the click that chooses a page puts it away.

const putAway = (bar) => bar?.querySelector('[data-testid="stSidebarCollapseButton"] button')?.click();

/** Heed such clicks from now on; one listener serves all components. A wide screen's bar is another, and stays. */
export function heedBar() {
  if (window.shiciBar) return;
  window.shiciBar = true;
  document.addEventListener("click", ({ target }) => {
    const bar = target.closest?.('[data-testid="stSidebarNavLink"]')?.closest('[data-testid="stSidebar"]');
    if (bar) setTimeout(() => putAway(bar));
  });
  const opened = performance.getEntriesByType("navigation")[0]?.name;
  if (opened && new URL(opened).pathname !== location.pathname) { // chosen before the first component was there
    putAway(document.querySelector('[data-testid="stSidebar"][data-collapsed="false"]'));
  }
}
