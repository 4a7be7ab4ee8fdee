"""A tune's variants on the page 逐字生成: each can be chosen, and the poem is the one that sample.py writes in it.

Run: pytest tests/test_app_variants.py
"""

from __future__ import annotations

from typing import Any

from shici.app.forms import sizes
from shici.app.masthead import prompt_of
from shici.app.pages import writing as page
from shici.app.payload import unpack
from shici.app.state import Session, Writing
from shici.app.writer import ended, write_on
from shici.checkpoint import LoadedModel
from shici.config.sample import SampleSettings
from shici.generation.prompts import build_prompt
from shici.generation.runtime import poems
from shici.generation.verse import plan_verse
from shici.prosody.tunes import tunes

TUNE = "忆江南"  # 54 characters, or 27


def begun(loaded: LoadedModel, session: Session) -> Writing:
    return session.write_after(*prompt_of(loaded, session))


def header(loaded: LoadedModel, session: Session) -> dict[str, Any]:
    return unpack(page.packed(loaded, session, begun(loaded, session)))[0]


def test_every_variant_is_offered_with_its_size(loaded: LoadedModel) -> None:
    session = Session(SampleSettings(start="", seed=5, device="cpu"))
    page.act(loaded, session, begun(loaded, session), {"form": TUNE})
    told = header(loaded, session)
    assert told["sizes"] == sizes(TUNE)
    assert len(told["sizes"]) == len(tunes()[TUNE]) > 1
    assert told["variant"] == 1
    assert sum(len(line["places"]) for line in told["kept"]["pattern"]) == told["sizes"][0]

    page.act(loaded, session, begun(loaded, session), {"variant": 2})
    told = header(loaded, session)
    assert told["variant"] == 2
    assert sum(len(line["places"]) for line in told["kept"]["pattern"]) == told["sizes"][1]
    page.act(loaded, session, begun(loaded, session), {"variant": 99})
    assert header(loaded, session)["variant"] == len(tunes()[TUNE])
    page.act(loaded, session, begun(loaded, session), {"form": "七绝"})
    assert (header(loaded, session)["variant"], header(loaded, session)["sizes"]) == (1, [])


def test_another_variant_is_another_tree(loaded: LoadedModel) -> None:
    session = Session(SampleSettings(start="", seed=5, device="cpu"), form=TUNE)
    first = begun(loaded, session)
    session.variant = 2
    assert begun(loaded, session) is not first


def test_the_poem_is_the_one_that_sample_writes_in_that_variant(loaded: LoadedModel) -> None:
    settings = SampleSettings(
        start="", seed=9, num_samples=1, form="词", tune=TUNE, variant=2, device="cpu", engine="torch"
    )
    verse = plan_verse(settings, loaded.vocabulary, loaded.model.config.vocab_size)
    assert verse is not None
    prompt = build_prompt(verse.settings, loaded.vocabulary, loaded.model.config.block_size)
    drawn = [int(event.step.drawn[0]) for event in poems(loaded, prompt, verse.settings, verse=verse)]
    session = Session(SampleSettings(start="", seed=9, device="cpu"), form=TUNE, variant=2)
    poem = begun(loaded, session)
    write_on(loaded, session, poem, 500)
    assert ended(loaded, poem)
    body = poem.tokens()[poem.tokens().index(loaded.vocabulary.body) + 1 :]
    assert list(body) == drawn
