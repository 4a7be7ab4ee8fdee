"""The tone and the rhyme group beside a candidate are a character's own; a control token has none, whatever names it.

Run: pytest tests/test_app_sounds.py
"""

from __future__ import annotations

from shici.app.masthead import prompt_of
from shici.app.pages import writing as page
from shici.app.payload import unpack
from shici.app.reading import sounds
from shici.app.state import Session
from shici.checkpoint import LoadedModel
from shici.config.sample import SampleSettings


def test_a_control_token_has_no_tone(loaded: LoadedModel) -> None:
    vocabulary = loaded.vocabulary
    session = Session(
        SampleSettings(start="床前明月光，疑是地上霜。\n举头望明月，低头思故乡。", device="cpu")
    )
    header, tensors = unpack(page.packed(loaded, session, session.write_after(*prompt_of(loaded, session))))
    logits = tensors["logits"]
    assert (logits > logits[vocabulary.eos]).sum() < page.SOUNDED  # the poem is complete: its end is likely
    assert header["names"].split("\t")[vocabulary.eos] == "终"
    assert str(vocabulary.eos) not in header["sounds"]
    assert len(header["sounds"]) > 300
    for token, heard in header["sounds"].items():
        assert heard == sounds(vocabulary.tokens[int(token)])
