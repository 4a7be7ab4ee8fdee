"""What a browser remembers over a reload. Run: pytest tests/test_app_browser_memory.py"""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.browser import watched


@pytest.mark.parametrize(
    ("locale", "button"), [("zh-TW", "落笔"), ("en-US", "Write it"), ("fr-FR", "Write it")]
)
def test_the_first_language_is_the_browsers(browser: Browser, address: str, locale: str, button: str) -> None:
    with watched(browser, locale=locale) as seen:
        seen.page.goto(address)
        expect(seen.page.get_by_role("button", name=button)).to_be_visible()
        seen.assert_quiet()


def test_language_and_lesson_stay_over_a_reload(browser: Browser, address: str) -> None:
    with watched(browser) as seen:
        page = seen.page
        page.goto(f"{address}/tutorial")
        page.locator(".contents li button").nth(2).click()
        expect(page.locator(".lesson > h2 .number")).to_have_text("第三课")
        page.get_by_role("button", name="English").click()
        expect(page.locator(".lesson > h2 .number")).to_have_text("Lesson 3")
        page.reload()
        expect(page.locator(".lesson > h2 .number")).to_have_text("Lesson 3")
        page.get_by_role("button", name="中文").click()
        expect(page.locator(".lesson > h2 .number")).to_have_text("第三课")
        page.reload()
        expect(page.locator(".lesson > h2 .number")).to_have_text("第三课")


def test_the_language_chosen_on_the_page_of_composing_stays_too(browser: Browser, address: str) -> None:
    with watched(browser) as seen:
        page = seen.page
        page.goto(f"{address}/compose")
        page.get_by_role("button", name="English").click()
        expect(page.get_by_role("button", name="中文")).to_be_visible()
        page.reload()
        expect(page.get_by_role("button", name="中文")).to_be_visible()


@pytest.mark.parametrize("odd", ["99", "-1", "²", "x", ""])
def test_what_anybody_wrote_into_a_cookie_does_no_harm(browser: Browser, address: str, odd: str) -> None:
    with watched(browser) as seen:
        page = seen.page
        page.context.add_cookies(
            [{"name": f"shici_{name}", "value": odd, "url": address} for name in ("language", "lesson")]
        )
        page.goto(f"{address}/tutorial")
        expect(page.locator(".lesson > h2 .number")).to_have_text("第一课")
