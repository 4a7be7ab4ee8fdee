"""The line at the head of a page, typed as people do. Run: pytest tests/test_app_browser_line.py"""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser import LINE

TYPED = "空山新雨后，"


def places(page: Page, which: str = "writing") -> list[str]:
    return page.locator(f".{which} .verse .place .glyph").all_inner_texts()


def typed(page: Page, text: str) -> None:
    """The line with `text` in it and the focus, not handed over."""
    field = page.get_by_label("开头一句")
    field.click()
    field.fill("")
    field.press_sequentially(text)


def test_a_line_is_read_when_one_turns_to_something_else(page: Page) -> None:
    typed(page, TYPED)
    page.get_by_role("heading", name="逐字生成").click()
    expect(page.locator(".writing .verse .place .glyph")).to_have_text(["始", "正文", *TYPED])
    typed(page, LINE)
    page.get_by_label("开头一句").press("Tab")
    expect(page.locator(".writing .verse .place .glyph")).to_have_text(["始", "正文", *LINE])


def test_what_is_clicked_right_away_is_done_on_the_new_line(page: Page) -> None:
    typed(page, TYPED)
    draw = page.get_by_role("button", name="落笔")
    draw.hover()
    page.mouse.down()
    page.wait_for_timeout(1500)  # a slow finger: the answer may not draw away what it is on
    page.mouse.up()
    expect(page.locator(".writing .place.written")).to_have_count(1)
    assert places(page)[:-1] == ["始", "正文", *TYPED]
    typed(page, LINE)
    page.get_by_role("link", name="注意力").click()
    expect(page.locator(".attention .verse .place .glyph")).to_have_text(["始", "正文", *LINE])


def test_an_answer_leaves_what_is_being_typed(page: Page) -> None:
    page.get_by_text("体裁、作者、题目").click()
    typed(page, TYPED)
    author = page.get_by_label("作者")
    author.click()
    author.press_sequentially("王")
    expect(page.locator(".writing .verse .place .glyph")).to_have_text(["始", "正文", *TYPED])
    author.press_sequentially("维")  # in the field that still has the focus
    author.press("Tab")
    expect(page.locator(".writing .place.field .glyph")).to_have_text(["王", "维"])


def test_a_line_that_cannot_be_read_leaves_the_picture(page: Page) -> None:
    typed(page, "hello world 😀")
    page.keyboard.press("Enter")
    expect(page.locator(".masthead .remark.error")).to_contain_text("“d”等 9 个字")
    expect(page.get_by_label("开头一句")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("开头一句")).to_have_value("hello world 😀")
    assert places(page) == ["始", "正文", *LINE]
    page.get_by_role("button", name="落笔").click()
    expect(page.locator(".writing .place.written")).to_have_count(1)
    typed(page, TYPED)
    page.keyboard.press("Enter")
    expect(page.locator(".masthead .remark.error")).to_have_count(0)
    expect(page.get_by_label("开头一句")).not_to_have_attribute("aria-invalid", "true")
    expect(page.locator(".writing .verse .place .glyph")).to_have_text(["始", "正文", *TYPED])
