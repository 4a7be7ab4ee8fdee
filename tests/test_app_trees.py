"""The trees of a session: what was written stays, whatever line or form is tried in between.

Run: pytest tests/test_app_trees.py
"""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from shici.app.masthead import prompt_of
from shici.app.pages import writing as page
from shici.app.state import LARGEST_TREE, MOST_TREES, Node, Session, Writing
from shici.checkpoint import LoadedModel
from shici.config.sample import SampleSettings
from tests.sessions import blobs, opened, tree_of

LINE = "床前明月光，"


@pytest.fixture
def session(loaded: LoadedModel) -> Session:
    return opened(loaded, SampleSettings(start=LINE, device="cpu"))[0]


def tree_after(loaded: LoadedModel, session: Session) -> Writing:
    """The tree after the line and the form as they are now."""
    return session.write_after(*prompt_of(loaded, session))


def test_a_tree_waits_while_another_line_author_or_form_is_tried(
    loaded: LoadedModel, session: Session
) -> None:
    first = tree_of(session)
    page.act(loaded, session, first, {"draw": True})
    page.act(loaded, session, first, {"draw": True})
    page.act(loaded, session, first, {"goto": 0})
    for changes in ({"start": "空山"}, {"author": "李白"}, {"form": "五绝"}):
        before = {name: getattr(session.settings, name) for name in changes}
        session.set(**changes)
        assert tree_after(loaded, session).nodes == []
        session.set(**before)
        assert tree_after(loaded, session) is first
    page.act(loaded, session, first, {"form": "五绝"})
    kept = tree_after(loaded, session)
    page.act(loaded, session, kept, {"draw": True})
    assert len(kept.nodes) == 1
    page.act(loaded, session, kept, {"form": ""})
    assert tree_after(loaded, session) is first
    assert (len(first.nodes), first.current) == (2, 0)


def test_clearing_is_taken_back_beside_what_was_written_since(loaded: LoadedModel, session: Session) -> None:
    tree, ids = tree_of(session), loaded.vocabulary.ids
    for character in "疑是":
        page.act(loaded, session, tree, {"take": ids[character]})
    page.act(loaded, session, tree, {"clear": True})
    page.act(loaded, session, tree, {"clear": True})  # of nothing: the first one can still be taken back
    assert (tree.nodes, tree.current) == ([], None)
    for character in "疑山":
        page.act(loaded, session, tree, {"take": ids[character]})
    page.act(loaded, session, tree, {"restore": True})
    assert loaded.vocabulary.decode(tree.written()) == "疑是"
    assert [(loaded.vocabulary.tokens[node.token], node.parent) for node in tree.nodes] == [
        ("疑", None), ("山", 0), ("是", 0),
    ]  # fmt: skip
    before = list(tree.nodes)
    page.act(loaded, session, tree, {"restore": True})
    assert tree.nodes == before


def test_a_cleared_tree_in_a_form_is_restored_with_its_state(loaded: LoadedModel, session: Session) -> None:
    session.form = "五绝"
    tree = tree_after(loaded, session)
    for event in ("draw", "draw", "clear", "restore", "draw"):
        page.act(loaded, session, tree, {event: True})
    state = tree.state()
    assert state is not None
    assert len(tree.nodes) == len(tree.path()) == 3


def test_the_trees_are_few_and_none_is_too_large(loaded: LoadedModel, session: Session) -> None:
    first, token = tree_of(session), loaded.vocabulary.ids["山"]
    first.add(Node(token, None, 1, 1.0, False))
    for number in range(MOST_TREES + 3):
        session.set(author="山" * (number + 1))
        tree = tree_after(loaded, session)
        tree.add(Node(token, None, 1, 1.0, False))
    assert len(session.trees) == MOST_TREES
    assert first not in session.trees.values()
    for _ in range(LARGEST_TREE):
        tree.nodes.append(Node(token, 0, 1, 1.0, False))
    tree.current = LARGEST_TREE
    assert tree_after(loaded, session).path() == [0, 1]
    assert len(tree.nodes) == 2


def test_a_page_shows_the_tree_that_was_left(loaded: LoadedModel) -> None:
    app = AppTest.from_string("from shici.app.pages import writing\nwriting.page()\n", default_timeout=60)
    session = app.session_state["shici_session"] = Session(SampleSettings(start=LINE, device="cpu"))
    app.run()
    page.act(loaded, session, tree_of(session), {"draw": True})
    shown = blobs(app.run())[1][0]["nodes"]
    assert len(shown) == 1
    session.set(start="空山")
    assert blobs(app.run())[1][0]["nodes"] == []
    session.set(start=LINE)
    header = blobs(app.run())[1][0]
    assert (header["nodes"], header["cleared"]) == (shown, False)
    page.act(loaded, session, tree_of(session), {"clear": True})
    header = blobs(app.run())[1][0]
    assert (header["nodes"], header["cleared"]) == ([], True)
