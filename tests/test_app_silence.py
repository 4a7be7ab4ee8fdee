"""A head silenced on the page 解读: what it costs the line as typed, and the judge's words in the reader's language.

Run: pytest tests/test_app_silence.py
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from shici.app.interpret_answers import View
from shici.app.pages import interpret
from shici.app.payload import unpack
from shici.checkpoint import LoadedModel
from shici.config.sample import SampleSettings
from shici.explanation.ablation import token_losses, without_heads
from shici.explanation.cards import cards_for
from tests.sessions import opened

TYPED = "床前明月光，"
SETTINGS = SampleSettings(start=TYPED, seed=3, device="cpu")


def test_the_loss_of_the_line_with_all_heads_without_one_and_without_another(loaded: LoadedModel) -> None:
    session, writing = opened(loaded, SETTINGS)
    view = View()
    interpret.act(loaded, session, writing, view, {"silence": [0, 4], "way": "mean"})
    trial = unpack(interpret.packed(loaded, session, writing, view))[0]["trial"]
    means, ids = cards_for(loaded).means, writing.prompt.ids
    models = [
        loaded.model,
        *(without_heads(loaded.model, [tuple(trial[name])], means) for name in ("head", "control")),
    ]
    verse = slice(len(ids) - len(TYPED) - 1, None)  # losses are of the second token and later
    expected = [float(token_losses(model, ids)[verse].double().mean()) for model in models]
    assert trial["losses"] == pytest.approx(expected, rel=1e-9)
    assert len({round(loss, 6) for loss in expected}) == 3

    session.language = "en"
    english = unpack(interpret.packed(loaded, session, writing, view))[0]["trial"]
    assert english["losses"] == trial["losses"]
    for chinese, poem in zip(trial["poems"], english["poems"], strict=True):
        assert len(poem["faults"]) == len(chinese["faults"])
        assert all(fault.startswith("line ") and "in Chinese" not in fault for fault in poem["faults"])
        assert poem["regulated"] == {"合律": "regulated", "不合律": "irregular", "": ""}[chinese["regulated"]]


def test_an_empty_line_has_no_loss(loaded: LoadedModel) -> None:
    session, writing = opened(loaded, replace(SETTINGS, start=""))
    view = View()
    interpret.act(loaded, session, writing, view, {"silence": [2, 1], "way": "zero"})
    assert unpack(interpret.packed(loaded, session, writing, view))[0]["trial"]["losses"] == []
