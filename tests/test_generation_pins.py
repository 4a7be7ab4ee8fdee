"""Whatever is pinned, one of two things happens: an error that names the cells before anything is drawn, or poems that
come out exactly as pinned and that the judge accepts.

Run: pytest tests/test_generation_pins.py
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from shici.config.sample import SampleSettings
from shici.errors import GenerationError
from shici.generation.automaton import Automaton
from shici.generation.verse import Verse, plan_verse
from shici.prosody.template import Template, tune_template, verse_template
from shici.prosody.tunes import find_tune
from tests.test_generation_laws import SIZE, VOCABULARY
from tests.verdicts import keeps_form

# Level, oblique and twofold, in one group and in several; 龘 has no known sound.
PINNED = "春夏秋冬风花雪月看过先天年山白日依尽黄河龘"
CHARACTERS = VOCABULARY.tokens[VOCABULARY.control_count :]
TUNES = ("如梦令", "菩萨蛮", "忆秦娥", "西江月", "浣溪沙", "古调笑", "撷芳词")
RHYMES = ("", "一东", "一先", "七阳")


def template_of(asked: SampleSettings) -> Template:
    if asked.tune:
        return tune_template(find_tune(asked.tune)[0])
    return verse_template(
        asked.form, strict=asked.polyphones == "strict", regulated=asked.regulated is not False
    )


@st.composite
def wishes(draw: st.DrawFn) -> SampleSettings:
    """Settings for a form with pins, an acrostic or embedded characters, in any places."""
    asked = SampleSettings(
        seed=draw(st.integers(0, 999)),
        polyphones=draw(st.sampled_from(["strict", "loose"])),
        law=draw(st.sampled_from(["平水韵", "平水韵", "新韵"])),
    )
    if draw(st.booleans()):
        asked = replace(asked, form=draw(st.sampled_from(["五绝", "七绝", "五律", "七律"])))
        if asked.law == "平水韵":
            asked = replace(asked, rhyme=draw(st.sampled_from(RHYMES)))
    else:
        asked = replace(asked, tune=draw(st.sampled_from(TUNES)))
    lines = template_of(asked).lines
    count = draw(st.integers(0, 4))
    places = [draw(st.integers(0, len(lines) - 1)) for _ in range(count)]
    pins = [
        f"{line + 1},{draw(st.integers(1, lines[line].length))}={draw(st.sampled_from(PINNED))}"
        for line in places
    ]
    acrostic = draw(st.text(PINNED, max_size=3)) if draw(st.booleans()) else ""
    place = draw(st.sampled_from([1, 2, -1]))
    embed = draw(st.text(PINNED, max_size=2))
    return replace(asked, pin=";".join(pins), acrostic=acrostic, acrostic_place=place, embed=embed)


def some_poem(automaton: Automaton, seed: int) -> str:
    """Any poem that can be written."""
    dice, state, text = np.random.default_rng(seed), automaton.start(), ""
    while state.cell < len(automaton):
        token = int(dice.choice(automaton.allowed(state).nonzero()[0]))
        following = automaton.advance(state, token)
        assert following is not None
        state, text = following, text + VOCABULARY.tokens[token]
    return text.removesuffix("<eos>")


@settings(max_examples=150)
@given(wishes())
def test_pins_are_refused_by_name_or_kept(asked: SampleSettings) -> None:
    try:
        planned = plan_verse(asked, VOCABULARY, SIZE)
        assert planned is not None
        automata = [planned.automaton(number) for number in range(2)]
    except GenerationError as error:
        event("refused")
        names_what_is_wrong(str(error), asked)
        return
    event("written")
    for number, automaton in enumerate(automata):
        body = some_poem(automaton, number)
        lines = body.replace("，", "。").replace("、", "。").replace("\n", "").split("。")
        assert all(lines[line][place] == one for (line, place), one in automaton.pins.items()), body
        assert automaton.pins.items() >= planned.pins.items()
        assert set(planned.embed) <= set(body)
        assert keeps_form(body, planned), body


def names_what_is_wrong(message: str, asked: SampleSettings) -> None:
    """The message names a cell that something was asked of, or the character that finds no place."""
    pinned = [part.partition("=")[0].split(",") for part in asked.pin.split(";") if part]
    places = {(int(line), int(place)) for line, place in pinned}
    length = [line.length for line in template_of(asked).lines]
    for line in range(len(asked.acrostic)):
        places.add((line + 1, asked.acrostic_place if asked.acrostic_place > 0 else length[line]))
    named = any(f"第{line}句第{place}字" in message for line, place in places)
    assert named or any(f"“{one}”" in message for one in asked.embed), message


@settings(max_examples=60)
@given(st.data())
def test_the_cells_named_are_the_fewest_that_contradict(data: st.DataObject) -> None:
    form = data.draw(st.sampled_from(["五绝", "七绝"]))
    length = 5 if form == "五绝" else 7
    pins = data.draw(
        st.dictionaries(
            st.tuples(st.integers(1, 4), st.integers(1, length)),
            st.sampled_from("天月看山雪"),
            min_size=3,
            max_size=9,
        )
    )
    try:
        plan(form, pins)
    except GenerationError as error:
        named = {
            place: one for place, one in pins.items() if f"第{place[0]}句第{place[1]}字“{one}”" in str(error)
        }
        assert named
        with pytest.raises(GenerationError):
            plan(form, named)
        for spared in named:
            plan(form, {place: one for place, one in named.items() if place != spared})


def plan(form: str, pins: dict[tuple[int, int], str]) -> Verse | None:
    text = ";".join(f"{line},{place}={one}" for (line, place), one in pins.items())
    return plan_verse(SampleSettings(form=form, pin=text), VOCABULARY, SIZE)


@settings(max_examples=40)
@given(st.data())
def test_a_real_poem_with_any_of_its_characters_pinned_can_be_written(data: st.DataObject) -> None:
    """Nothing that fits is refused: any part of a poem that keeps the form is a possible set of pins."""
    poem = ("白日依山尽", "黄河入海流", "欲穷千里目", "更上一层楼")
    cells = [(line, place) for line in range(4) for place in range(5) if poem[line][place] in VOCABULARY]
    chosen = data.draw(st.sets(st.sampled_from(cells), max_size=len(cells)))
    pins = {(line + 1, place + 1): poem[line][place] for line, place in chosen}
    planned = plan("五绝", pins)
    assert planned is not None
    assert len(planned.pins) == len(pins)
    assert keeps_form(some_poem(planned.automaton(0), 0), planned)
