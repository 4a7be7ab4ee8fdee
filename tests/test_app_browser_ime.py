"""Chinese is typed by an input method, and nothing breaks into what it composes.

Run: pytest tests/test_app_browser_ime.py
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, CDPSession, Page, expect

from shici.app.pages import writing
from shici.checkpoint import LoadedModel
from tests.browser import watched
from tests.sessions import opened
from tests.standing import SETTINGS, draw, masthead_of, posts, stand_alone


@pytest.fixture
def alone(browser: Browser) -> Iterator[Callable[..., Page]]:
    page = browser.new_page()
    yield lambda *names: stand_alone(page, *names)
    page.close()


def method(page: Page) -> CDPSession:
    return page.context.new_cdp_session(page)


def compose(method: CDPSession, text: str) -> None:
    """The letters that stand in the field so far."""
    method.send(
        "Input.imeSetComposition", {"text": text, "selectionStart": len(text), "selectionEnd": len(text)}
    )


def commit(method: CDPSession, text: str) -> None:
    method.send("Input.insertText", {"text": text})


# a component alone, the answers given by the test


def test_an_answer_waits_until_the_character_is_there(
    alone: Callable[..., Page], loaded: LoadedModel
) -> None:
    page = alone("masthead", "writing")
    session, _ = opened(loaded, SETTINGS)
    draw(page, "masthead", masthead_of(session))
    field = page.get_by_label("开头一句")
    field.fill("白日")
    node = field.element_handle()
    ime = method(page)
    compose(ime, "yishan")
    session.set(start="空山")  # another picture of the head
    draw(page, "masthead", masthead_of(session))
    draw(page, "writing", writing.packed(loaded, *opened(loaded, SETTINGS)))
    assert node.evaluate("field => field.isConnected && field.getRootNode().activeElement === field")
    assert field.input_value() == "白日yishan"
    expect(page.locator(".writing .verse")).to_be_visible()  # what is elsewhere is drawn at once
    commit(ime, "依山")
    page.wait_for_function("field => !field.isConnected", arg=node)  # now it is drawn
    expect(field).to_have_value("白日依山")
    expect(field).to_be_focused()


def test_nothing_is_sent_while_a_character_is_composed(
    alone: Callable[..., Page], loaded: LoadedModel
) -> None:
    """A poem that writes itself waits, and then goes on."""
    page = alone("masthead", "writing")
    session, tree = opened(loaded, SETTINGS)
    draw(page, "masthead", masthead_of(session))
    draw(page, "writing", writing.packed(loaded, session, tree))
    page.get_by_label("开头一句").focus()
    ime = method(page)
    compose(ime, "hu")
    page.evaluate("document.querySelector('.writing .seal').click()")  # as a timer would: the focus stays
    page.evaluate("document.querySelector('.writing .seal').click()")
    compose(ime, "huang")
    assert posts(page) == []
    commit(ime, "黄")
    page.wait_for_function("() => window.posts.length > 0")
    assert [(one["number"], one["event"]["draw"]) for one in posts(page)[-1]] == [(1, True), (2, True)]


def test_a_field_that_goes_in_the_middle_stops_nothing(
    alone: Callable[..., Page], loaded: LoadedModel
) -> None:
    page = alone("masthead", "writing")
    session, tree = opened(loaded, SETTINGS)
    draw(page, "masthead", masthead_of(session))
    draw(page, "writing", writing.packed(loaded, session, tree))
    page.get_by_label("开头一句").focus()
    compose(method(page), "hu")
    page.evaluate("document.querySelector('.masthead').remove()")
    page.get_by_role("button", name="落笔").click()
    page.wait_for_function("() => window.posts.length > 0")


KEYS = """([key, init]) => {
    const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, composed: true, ...init });
    document.activeElement.dispatchEvent(event);
    return event.defaultPrevented;
}"""


@pytest.mark.parametrize("of_the_method", [{"isComposing": True}, {"keyCode": 229}])
def test_keys_of_the_method_are_not_the_pages(
    alone: Callable[..., Page], loaded: LoadedModel, of_the_method: dict[str, object]
) -> None:
    page = alone("masthead", "writing")
    session, tree = opened(loaded, SETTINGS)
    draw(page, "masthead", masthead_of(session))
    draw(page, "writing", writing.packed(loaded, session, tree))
    for label, key in ((None, "ArrowRight"), (None, "1"), ("表里没有的字", "Enter"), ("开头一句", "Enter")):
        if label:
            page.get_by_label(label).fill("月")
        assert not page.evaluate(KEYS, [key, of_the_method]), (label, key)
    assert posts(page) == []


# the page 作诗


def test_the_squares_wait_for_the_method(browser: Browser, address: str) -> None:
    """The server is asked a moment after a character: not while the next one is being composed."""
    with watched(browser) as seen:
        page = seen.page
        page.goto(f"{address}/compose")
        expect(page.locator(".compose .cell")).to_have_count(28)
        page.locator('.compose [data-at="0,0"]').click()
        ime = method(page)
        for letters, character in (("chun", "春"), ("jiang", "江"), ("hua", "花")):
            for end in range(1, len(letters) + 1):
                compose(ime, letters[:end])
                page.wait_for_timeout(150)
                assert page.locator(".compose .brush").input_value() == letters[:end]
            commit(ime, character)
        compose(ime, "yue")
        compose(ime, "")  # given up: what was pinned before goes to the server all the same
        expect(page.locator(".compose .cell.pinned")).to_have_count(3)
        expect(page.get_by_role("button", name="清空定字")).to_be_visible()
        assert "".join(page.locator(".compose .pinned .glyph").all_inner_texts()) == "春江花"
        seen.assert_quiet(probed=True)


def test_a_poem_that_comes_meanwhile_waits_too(browser: Browser, address: str) -> None:
    with watched(browser) as seen:
        page = seen.page
        page.goto(f"{address}/compose?form=五绝&num_samples=2&particles=1&seed=3")
        expect(page.locator(".shelf .poem")).to_have_count(2)
        page.get_by_role("button", name="换一批").click()
        page.get_by_label("题目").focus()
        ime = method(page)
        compose(ime, "zao")
        expect(page.locator(".shelf .poem").first).to_be_visible()
        page.wait_for_timeout(3000)
        assert page.get_by_label("题目").input_value() == "zao"
        commit(ime, "早")
        compose(ime, "chun")
        commit(ime, "春")
        expect(page.get_by_label("题目")).to_have_value("早春")
        expect(page.get_by_role("button", name="落笔")).to_be_visible()
        expect(page.get_by_label("题目")).to_have_value("早春")
        seen.assert_quiet(probed=True)


def test_a_search_does_not_judge_the_letters(browser: Browser, address: str) -> None:
    with watched(browser) as seen:
        page = seen.page
        page.goto(f"{address}/compose")
        page.get_by_role("button", name="词", exact=True).click()
        expect(page.locator(".compose .cell")).to_have_count(42)
        page.get_by_role("searchbox").focus()
        ime = method(page)
        compose(ime, "rumeng")
        expect(page.get_by_text("没有这个词牌的谱。")).to_have_count(0)
        commit(ime, "如梦")
        expect(page.locator(".compose .tunes [role=option]").first).to_contain_text("如梦令")
        seen.assert_quiet(probed=True)
