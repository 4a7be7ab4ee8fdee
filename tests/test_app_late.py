"""What a person does while the server is busy: nothing is lost, nothing is turned back.

Run: pytest tests/test_app_late.py

A component stands alone in a page here; the test gives the server's answers, late or in another order.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from streamlit.testing.v1 import AppTest

from shici.app.components import POST, Post
from shici.app.composition import Composition, Task, sensible, starting
from shici.app.desk import header_of
from shici.app.language import in_language
from shici.app.masthead import answering
from shici.app.pages import compose, writing
from shici.app.payload import pack
from shici.app.state import Session, Writing
from shici.checkpoint import LoadedModel
from tests.sessions import blobs, opened, tree_of
from tests.standing import SETTINGS, draw, masthead_of, posts, stand_alone


@pytest.fixture
def alone(browser: Browser) -> Iterator[Callable[..., Page]]:
    """alone("compose", ...): a page with nothing but these components."""
    page = browser.new_page()
    yield lambda *names: stand_alone(page, *names)
    page.close()


# 作诗


@pytest.fixture
def composition() -> Composition:
    asked = replace(starting(SETTINGS), form="五绝", num_samples=4, particles=8)
    return Composition(sensible(asked))


def desk(loaded: LoadedModel, composition: Composition) -> bytes:
    header = header_of(loaded, composition, "zh")
    return pack({**header, "title": "", "about": "", "words": in_language(compose.MESSAGES, "zh")})


def take(loaded: LoadedModel, composition: Composition, sent: dict[str, Any]) -> bytes:
    """The server hears an event; its answer."""
    compose.act(loaded, Session(SETTINGS), composition, sent["event"])
    return desk(loaded, composition)


def test_an_answer_says_to_which_event_it_is(loaded: LoadedModel, composition: Composition) -> None:
    compose.act(loaded, Session(SETTINGS), composition, {"sent": 3, "wishes": {"particles": "1"}})
    assert header_of(loaded, composition, "zh")["heard"] == 3
    compose.act(loaded, Session(SETTINGS), composition, {"sent": 4, "wishes": {"temperature": "-1"}})
    assert composition.error is not None
    assert header_of(loaded, composition, "zh")["heard"] == 4, "refused, but heard"


def test_a_wish_is_not_turned_back_by_the_answer_to_an_earlier_one(
    alone: Callable[..., Page], loaded: LoadedModel, composition: Composition
) -> None:
    page = alone("compose")
    draw(page, "compose", desk(loaded, composition))
    page.get_by_text("怎样写").click()
    page.get_by_label("几首").select_option("2")
    first = take(loaded, composition, posts(page)[-1][-1])
    page.get_by_label("粒子").select_option("1")
    draw(page, "compose", first)  # of a server that has not heard of the particles yet
    expect(page.get_by_label("粒子")).to_have_value("1")
    page.get_by_label("藏头").first.fill("春江花月")
    page.get_by_label("藏头").first.press("Enter")
    for sent in posts(page)[-1]:
        answer = take(loaded, composition, sent)
    assert (composition.settings.num_samples, composition.settings.particles) == (2, 1)
    draw(page, "compose", answer)
    expect(page.get_by_label("粒子")).to_have_value("1")
    expect(page.locator(".cell.pinned .glyph")).to_have_text(list("春江花月"))


def test_a_seed_of_the_next_poems_stays(
    alone: Callable[..., Page], loaded: LoadedModel, composition: Composition
) -> None:
    page = alone("compose")
    composition.settings = replace(composition.settings, seed=41)
    draw(page, "compose", desk(loaded, composition))
    page.get_by_role("button", name="换一批").click()
    page.get_by_label("题目").fill("早春")
    page.get_by_label("题目").press("Enter")
    for sent in posts(page)[-1]:
        take(loaded, composition, sent)
    assert (composition.settings.seed, composition.settings.title) == (42, "早春")
    assert composition.task == Task(fresh=True)


def test_the_brush_is_busy_until_the_answer_to_it(
    alone: Callable[..., Page], loaded: LoadedModel, composition: Composition
) -> None:
    page = alone("compose")
    draw(page, "compose", desk(loaded, composition))
    page.get_by_label("题目").fill("早春")
    page.get_by_label("题目").press("Enter")
    early = take(loaded, composition, posts(page)[-1][-1])
    page.get_by_role("button", name="落笔").click()
    stop = page.get_by_role("button", name="停笔")
    expect(stop).to_be_visible()
    draw(page, "compose", early)
    expect(stop).to_be_visible()
    draw(page, "compose", take(loaded, composition, posts(page)[-1][-1]))
    expect(stop).to_be_visible()
    composition.task = None
    draw(page, "compose", desk(loaded, composition))
    expect(page.get_by_role("button", name="落笔")).to_be_visible()


# every page


def test_the_post_brings_every_event_once_and_in_order() -> None:
    post, got = Post(), []
    post.acts = {name: lambda event, name=name: got.append((name, event["n"])) for name in ("a", "b")}
    sent = [
        {"number": n, "at": 0, "name": name, "event": {"n": n}} for n, name in enumerate("abbca", start=1)
    ]
    for row in (sent[:1], sent[:4], sent[:3], [*sent[2:], *sent[:4]]):  # of several components, in any order
        post.deliver(row)
    assert got == [("a", 1), ("b", 2), ("b", 3), ("a", 5)]
    forged = [
        None,
        1,
        "x",
        {},
        {"number": "9", "event": {}},
        {"number": 9, "event": 1},
        {"number": 10, "name": []},
    ]
    post.deliver(forged)
    assert len(got) == 4
    assert post.heard == 10


def test_what_was_done_is_carried_out_before_the_page_is_drawn(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["GPT_show.py", "--start=空山"])
    app = AppTest.from_file(str(root / "GPT_show.py"), default_timeout=60)
    row = [
        {"number": number, "at": 0, "name": "masthead", "event": {"language": language}}
        for number, language in enumerate(("en", "zh", "en"), start=7)
    ]
    app.session_state["post_box"] = {"posts": row[:1]}
    app.run()
    assert blobs(app)[0][0]["language"] == "zh", (
        "what was done before the server was started again is not repeated"
    )
    for end, language in ((2, "zh"), (3, "en"), (3, "en")):
        app.session_state["post_box"] = {"posts": row[:end]}
        app.run()
        assert blobs(app)[0][0]["language"] == language
        assert app.session_state[POST].heard == 6 + end


def test_events_of_two_components_go_out_together(alone: Callable[..., Page], loaded: LoadedModel) -> None:
    """Whichever comes through, the server knows all of them: the line first, then what was clicked."""
    page = alone("masthead", "writing")
    session, tree = opened(loaded, SETTINGS)
    draw(page, "masthead", masthead_of(session))
    draw(page, "writing", writing.packed(loaded, session, tree))
    page.get_by_label("开头一句").fill("白日依山尽，")
    page.get_by_label("开头一句").press("Enter")
    page.get_by_role("button", name="落笔").click()
    page.keyboard.press("ArrowRight")
    row = posts(page)[-1]
    assert [(one["number"], one["name"]) for one in row] == [(1, "masthead"), (2, "writing"), (3, "writing")]
    assert row[0]["event"]["line"] == "白日依山尽，"
    assert [one["event"]["draw"] for one in row[1:]] == [True, True]


def test_what_is_being_typed_stays_while_something_else_is_answered(
    alone: Callable[..., Page], loaded: LoadedModel
) -> None:
    page, session = alone("masthead"), Session(SETTINGS)
    draw(page, "masthead", masthead_of(session))
    field = page.get_by_label("开头一句")
    field.fill("白日依")
    draw(page, "masthead", masthead_of(session))  # a character was drawn meanwhile
    expect(field).to_be_focused()
    page.keyboard.insert_text("山尽，")
    field.press("Enter")
    assert posts(page)[-1][-1]["event"]["line"] == "白日依山尽，"
    session.set(start="白日依山尽。")
    draw(page, "masthead", masthead_of(session))
    expect(field).to_have_value("白日依山尽。")


def test_who_types_a_line_and_clicks_at_once_writes_after_the_new_line(loaded: LoadedModel) -> None:
    """The page is not drawn between the two."""
    session, old = opened(loaded, SETTINGS)
    answer = answering(session, writing.act)
    session.set(start="白日依山尽，")
    answer({"draw": True})
    assert old.nodes == []
    assert len(written_after(session, "白日依山尽，", loaded).nodes) == 1
    session.set(start="hello")  # which cannot be read: the last picture stays, and answers
    answer({"draw": True})
    assert len(written_after(session, "白日依山尽，", loaded).nodes) == 2
    unread = Session(replace(SETTINGS, start="hello"))  # nothing was drawn yet
    answering(unread, writing.act)({"draw": True})
    assert unread.writing is None


def written_after(session: Session, line: str, loaded: LoadedModel) -> Writing:
    found = tree_of(session)
    assert loaded.vocabulary.decode(found.prompt.ids).endswith(line)
    return found
