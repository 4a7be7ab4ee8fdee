"""The bar of pages and the pages' addresses in a real browser. Run: pytest tests/test_app_browser_navigation.py"""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from tests.browser import watched


def test_every_page_answers_at_its_name(browser: Browser, address: str) -> None:
    """Streamlit's client first asks below the page's own address for the server, which is answered with 404."""
    for name in ("writing", "attention"):
        with watched(browser) as seen:
            seen.page.goto(f"{address}/{name}")
            expect(seen.page.locator(f".shici.{name}")).to_be_visible()
            assert seen.page.get_by_role("dialog").count() == 0
            seen.assert_quiet(probed=True)


def test_on_a_phone_the_bar_is_put_away_when_a_page_was_chosen(browser: Browser, address: str) -> None:
    with watched(browser, width=390, height=844) as seen:
        page = seen.page
        page.goto(address)
        for title, name in (("注意力", "attention"), ("逐字生成", "writing")):
            page.get_by_test_id("stExpandSidebarButton").click()
            page.get_by_role("link", name=title).click()
            expect(page.locator(f".shici.{name}")).to_be_visible()
            expect(page.get_by_test_id("stSidebar")).to_have_attribute("data-collapsed", "true")
        seen.assert_quiet()
