"""教程 and what nobody should send or type: no harm, and a friendly word.

Run: pytest tests/test_app_tutorial_odd.py
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from shici.app.pages import tutorial
from shici.app.payload import unpack
from shici.app.state import Session
from shici.config.sample import SampleSettings
from tests.test_app_tutorial import Reader


@pytest.mark.parametrize(
    "event",
    [
        {"at": 99}, {"at": -1}, {"at": "x"}, {"evidence": 3}, {"evidence": {"cell": "x", "layer": 1, "head": 1}},
        {"evidence": {"cell": ["scores", -1, 5], "layer": 0, "head": 0}}, {"evidence": {"layer": 77, "head": -2}},
        {"evidence": {"cell": ["scores", True, None], "layer": 0, "head": 0}}, {"evidence": {"top_p": math.nan}},
        {"evidence": {"stage": 10**9, "neuron": -3, "temperature": "hot", "top_k": []}}, {"open": "no_such_page"}, {},
    ],
)  # fmt: skip
def test_events_that_nobody_sends_do_no_harm(event: dict[str, Any]) -> None:
    reader = Reader("03_query")
    for at in (2, 6, 7, 9, 10):
        tutorial.act(reader.progress, {"at": at})
        tutorial.act(reader.progress, event)
        assert not reader.look()[0]["verdict"]["done"]


@pytest.mark.parametrize("typed", ["🐉", "hello", "<img src=x onerror=alert(1)>"])
def test_what_the_model_does_not_know_is_answered_by_the_head(typed: str) -> None:
    script: Callable[[], None] | str = "from shici.app.pages import tutorial\ntutorial.page()\n"
    app = AppTest.from_string(str(script), default_timeout=60)
    app.session_state["shici_session"] = Session(SampleSettings(start=typed))
    app.run()
    assert not app.exception
    parts: Sequence[Any] = app.get("bidi_component")
    assert len(parts) == 1
    assert "不认识" in unpack(parts[0].proto.bytes)[0]["error"]
