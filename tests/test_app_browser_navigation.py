"""The bar of pages and the pages' addresses in a real browser. Run: pytest tests/test_app_browser_navigation.py"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser import PATIENCE, a_browser, a_server, watched


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE)
    with a_browser() as browser:
        yield browser


@pytest.fixture(scope="module")
def address(root: Path) -> Iterator[str]:
    with a_server(root) as address:
        yield address


def test_every_page_answers_at_its_name(browser: Browser, address: str) -> None:
    """Streamlit's client first asks below the page's own address for the server, which is answered with 404."""
    for name in ("writing", "attention"):
        with watched(browser) as seen:
            seen.page.goto(f"{address}/{name}")
            expect(seen.page.locator(f".shici.{name}")).to_be_visible()
            assert seen.page.get_by_role("dialog").count() == 0
            assert [said for said in seen.complaints if "404" not in said] == []


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
