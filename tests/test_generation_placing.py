"""嵌字: where characters can stand; what is refused is impossible, what is possible is never refused.

Run: pytest tests/test_generation_placing.py
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from functools import cache

import numpy as np
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from shici.config.sample import SampleSettings
from shici.errors import GenerationError
from shici.generation import embedding
from shici.generation.alphabet import Alphabet
from shici.generation.automaton import Automaton
from shici.generation.embedding import embedded, fewest_unplaced, possible_rhymes
from shici.generation.grid import Pins, settle
from shici.generation.placing import Placing, free_places
from shici.generation.voicing import alphabet_of
from shici.prosody.template import Template, tune_template, verse_template
from shici.prosody.tunes import find_tune
from shici.vocabulary import Vocabulary
from tests.test_generation_laws import KNOWN

OBLIQUE = "月雪火木水日雨雾露树海岛石玉"
LEVEL = "东江支鱼虞齐佳灰真文元寒删先"  # each of another group
EITHER = "看过重"
VOCABULARY = Vocabulary.of_characters(
    dict.fromkeys([*"，。、\n", *OBLIQUE, *LEVEL, *EITHER, "龘", *KNOWN[::5]])
)
FORMS = ("五绝", "七绝", "五律")
TUNES = ("如梦令", "菩萨蛮", "古调笑", "钗头凤", "西江月")
RHYMES = ("", "一东", "一先", "十五删")


@cache
def alphabet(strict: bool) -> Alphabet:
    asked = SampleSettings(polyphones="strict" if strict else "loose")
    return alphabet_of(asked, VOCABULARY, len(VOCABULARY))


@cache
def template_of(name: str, strict: bool) -> Template:
    if name in FORMS:
        return verse_template(name, strict=strict)
    return tune_template(find_tune(name)[0])


def possible(template: Template, letters: Alphabet, pins: Pins, rhyme: str) -> bool:
    return Automaton(template, letters, pins, rhyme).possible


def by_trying(
    template: Template, letters: Alphabet, pins: Pins, characters: Sequence[str], rhyme: str
) -> bool:
    """Whether there is a way to place the characters: every one is tried."""
    free = free_places(template, pins)
    return any(
        possible(template, letters, settle(template, [*pins.items(), *zip(places, characters, strict=True)]), rhyme)
        for places in itertools.permutations(free, len(characters))
    )  # fmt: skip


@settings(max_examples=120, deadline=None)
@given(st.data())
def test_what_is_found_is_what_trying_all_places_finds(data: st.DataObject) -> None:
    """A form filled but for a few places, and up to three characters for them."""
    strict = data.draw(st.booleans())
    name = data.draw(st.sampled_from((*FORMS, *TUNES)))
    template, letters = template_of(name, strict), alphabet(strict)
    rhyme = data.draw(st.sampled_from(RHYMES)) if name in FORMS else ""
    pins = some_poem(template, letters, rhyme, data.draw(st.integers(0, 99)))
    places = sorted(free_places(template, {}))
    emptied = data.draw(st.lists(st.sampled_from(places), min_size=1, max_size=5, unique=True))
    kept = settle(template, [(place, pins[place]) for place in places if place not in emptied])
    used = set(kept.values())
    signs = [*OBLIQUE[:4], *LEVEL[:4], *EITHER, "龘", *(pins[place] for place in emptied)]
    count = min(3, len(emptied))
    wanted = data.draw(st.lists(st.sampled_from(signs), min_size=1, max_size=count, unique=True))
    wanted = [one for one in wanted if one not in used]
    placing = Placing(template, letters, kept, rhyme)
    found = placing.find(wanted, np.random.default_rng(0))
    assert placing.settled
    tried = by_trying(template, letters, kept, wanted, rhyme)
    event(f"possible: {tried}")
    if found is None:
        assert not tried
    else:
        assert sorted(found.values()) == sorted(wanted)
    try:
        every = embedded(template, letters, kept, "".join(wanted), rhyme, np.random.default_rng(1))
    except GenerationError:
        assert not tried
    else:
        assert tried
        assert possible(template, letters, every, rhyme)
        assert set(wanted) <= set(every.values())


def some_poem(template: Template, letters: Alphabet, rhyme: str, seed: int) -> dict[tuple[int, int], str]:
    """The characters of a poem that keeps the form, by place."""
    automaton = Automaton(template, letters, {}, rhyme)
    dice, state = np.random.default_rng(seed), automaton.start()
    found = {}
    while state.cell < len(automaton):
        cell = automaton.grid.cells[state.cell]
        token = int(dice.choice(automaton.allowed(state).nonzero()[0]))
        if cell.place is not None:
            found[cell.line, cell.place] = VOCABULARY.tokens[token]
        following = automaton.advance(state, token)
        assert following is not None
        state = following
    return found


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The name of the form for each automaton that is built to place characters: what the search costs."""
    found: list[str] = []

    class Counted(Automaton):
        def __init__(self, template: Template, *rest: object) -> None:
            found.append(template.name)
            super().__init__(template, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(embedding, "Automaton", Counted)
    return found


# As many as there is room for, counted by hand. 五绝: 13 oblique places at most. 归字谣: 8 oblique places; 8 level ones
# that do not rhyme, and 3 that rhyme in one part, as 支 齐 灰 do.
TIGHT = [("五绝", OBLIQUE, 13), ("归字谣", OBLIQUE, 8), ("归字谣", LEVEL, 11)]


@pytest.mark.parametrize(("name", "characters", "most"), TIGHT)
def test_one_too_many_is_refused_without_search(
    name: str, characters: str, most: int, built: list[str]
) -> None:
    template, letters = template_of(name, strict=True), alphabet(strict=True)
    with pytest.raises(GenerationError, match="没有找到放得下的地方"):
        possible_rhymes(template, letters, {}, characters[: most + 1], "")
    assert len(built) == 1
    placing = Placing(template, letters, {}, "")
    assert placing.find(characters[: most + 1]) is None
    assert placing.matchings <= 20


@pytest.mark.parametrize(("name", "characters", "most"), TIGHT)
def test_the_tightest_fit_is_found(name: str, characters: str, most: int, built: list[str]) -> None:
    template, letters = template_of(name, strict=True), alphabet(strict=True)
    wanted = characters[:most]
    names = possible_rhymes(template, letters, {}, wanted, "")
    assert names
    assert len(built) <= 1 + 30, "one for each rhyme group, and one for all"
    ways = [embedded(template, letters, {}, wanted, names[0], np.random.default_rng(at)) for at in range(8)]
    assert all(set(wanted) == set(way.values()) for way in ways)
    assert all(possible(template, letters, way, names[0]) for way in ways)
    assert len({tuple(way.items()) for way in ways}) > 1, "not always in the same places"


def test_the_fewest_that_do_not_fit_are_named() -> None:
    """Two places are left, of which the last one rhymes in a level tone."""
    template, letters = template_of("五绝", strict=True), alphabet(strict=True)
    pins = some_poem(template, letters, "一东", 0)
    last = max(pins)
    kept = {place: one for place, one in pins.items() if place not in (last, (0, 0))}
    wanted = [one for one in "月雪" if one not in kept.values()]
    placing = Placing(template, letters, kept, "一东")
    named = fewest_unplaced(placing, wanted)
    assert placing.find(named) is None
    for spared in named:
        assert placing.find([one for one in named if one != spared]) is not None
    with pytest.raises(GenerationError, match=rf"嵌字“{''.join(named)}”在押一东的五绝里"):
        embedded(template, letters, kept, "".join(wanted), "一东", np.random.default_rng(0))
