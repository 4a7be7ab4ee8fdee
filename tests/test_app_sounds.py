"""The tone and the rhyme group beside a character are its own, the same on every page; a control token has none.

Run: pytest tests/test_app_sounds.py
"""

from __future__ import annotations

import pytest

from shici.app.masthead import prompt_of
from shici.app.pages import writing as page
from shici.app.payload import unpack
from shici.app.reading import sounds
from shici.app.shelf import poem_of, sounds_of
from shici.app.state import Session
from shici.app.tokens import is_control, places, shown
from shici.checkpoint import LoadedModel
from shici.config.sample import SampleSettings
from shici.generation.voicing import lexicons
from tests.composing import composed


def test_a_control_token_has_no_tone(loaded: LoadedModel) -> None:
    vocabulary = loaded.vocabulary
    session = Session(
        SampleSettings(start="床前明月光，疑是地上霜。\n举头望明月，低头思故乡。", device="cpu")
    )
    header, tensors = unpack(page.packed(loaded, session, session.write_after(*prompt_of(loaded, session))))
    logits = tensors["logits"]
    assert (logits > logits[vocabulary.eos]).sum() < page.SOUNDED  # the poem is complete: its end is likely
    assert header["names"].split("\t")[vocabulary.eos] == "诗终"
    assert str(vocabulary.eos) not in header["sounds"]
    assert len(header["sounds"]) > 300
    for token, heard in header["sounds"].items():
        assert heard == sounds(vocabulary.tokens[int(token)])


@pytest.mark.parametrize("law", ["平水韵", "新韵"])
def test_a_character_sounds_alike_on_all_pages(loaded: LoadedModel, law: str) -> None:
    """风 三 不 have a second tone in the books alone, 看 has two in use."""
    composition = composed(loaded, law=law)
    assert composition.plan is not None
    told = sounds_of(composition.plan.verse, "风三生何中光不只看十")
    for character, (tone, groups, _) in told.items():
        heard = sounds(character, law)
        levels = {one == "平" for one, _ in heard}
        assert tone == ("通" if len(levels) == 2 else "平" if levels == {True} else "仄")
        assert set(groups.split(" / ")) == {group for _, group in heard}
    if law == "平水韵":
        assert told["风"] == ["平", "一东", {"仄": "一送"}]
        assert told["看"] == ["通", "十四寒 / 十五翰", {}]
    card = poem_of(composition.plan, composition.poems[0])
    for line in card["lines"]:
        assert line["tones"] == lexicons(law)[1].tones(line["text"])


def test_where_the_form_needs_a_reading_of_the_books_its_tone_is_shown(loaded: LoadedModel) -> None:
    """风 was put where the form asks for 仄: the poem's own marks say so, and the card does not contradict them."""
    composition = composed(loaded, "□□□□□□□□□□□□□□风")
    assert composition.plan is not None
    card = poem_of(composition.plan, composition.poems[0])
    assert card["verdict"]["regulated"] == "合律"
    assert card["lines"][2]["text"][4] == "风"
    assert card["lines"][2]["tones"][4] == "仄"


def test_a_control_token_is_told_from_a_character_that_looks_like_it(loaded: LoadedModel) -> None:
    """<唐> and 唐 have the same picture: only the flag says which is which."""
    vocabulary = loaded.vocabulary
    dynasty, character = vocabulary.ids["<唐>"], vocabulary.ids["唐"]
    assert shown(vocabulary, dynasty, "zh") == shown(vocabulary, character, "zh") == "唐"
    assert (is_control(vocabulary, dynasty), is_control(vocabulary, character)) == (True, False)
    tokens = [vocabulary.bos, dynasty, vocabulary.body, character, vocabulary.eos]
    told = places(vocabulary, tokens, 4, "en")
    assert [bool(one["title"]) for one in told] == [True, True, True, False, True]
    assert told[-1]["text"] == "end of poem"
