"""The automaton admits exactly what the judge accepts, and never runs into a dead end.

Run: pytest tests/test_generation_automaton.py
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shici.generation.alphabet import Alphabet
from shici.generation.automaton import Automaton, State
from shici.prosody.judge import REGULAR, label
from shici.prosody.readings import simplified_lexicon, strict_lexicon
from shici.prosody.repeats import repeat_limits
from shici.prosody.template import verse_template
from shici.vocabulary import Vocabulary

LEXICON = simplified_lexicon()


def alphabet_of(characters: str, *, strict: bool = False) -> Alphabet:
    vocabulary = Vocabulary.of_characters("，。\n" + characters)
    lexicon = strict_lexicon() if strict else LEXICON
    return Alphabet(vocabulary, len(vocabulary), lexicon, strict=strict, lenient=LEXICON)


def text_of(lines: Sequence[str]) -> str:
    return "".join(f"{line}{'。' if at % 2 else '，'}" + "\n" * (at % 2) for at, line in enumerate(lines))[
        :-1
    ]


def admits(automaton: Automaton, lines: Sequence[str]) -> bool:
    """Whether the poem can be written, each of its tokens being allowed."""
    return admits_text(automaton, text_of(lines))


def admits_text(automaton: Automaton, text: str) -> bool:
    """The same for a poem with its marks."""
    vocabulary = automaton.alphabet.vocabulary
    state: State | None = automaton.start()
    for token in [*vocabulary.encode(text), vocabulary.eos]:
        assert state is not None
        if not automaton.allowed(state)[token]:
            return False
        state = automaton.advance(state, token)
    return state is not None and state.cell == len(automaton)


def accepted(lines: Sequence[str]) -> bool:
    return label(lines, LEXICON).regulated == REGULAR


# 天 先 level in 一先 (先 also oblique); 山 level in 十五删; 看 level in 十四寒 and oblique; 月 oblique; 龘 unknown
SOUNDS = {"天": "平", "先": "通", "山": "平", "看": "通", "月": "仄"}


def test_the_characters_of_this_test_sound_as_said() -> None:
    assert {one: LEXICON.tones(one) for one in SOUNDS} == SOUNDS


def enumerated(automaton: Automaton, fixed: dict[int, str], free: str) -> Iterator[str]:
    """All poems that can be written, where cell i holds fixed[i] if given, and else one of the `free`."""
    vocabulary = automaton.alphabet.vocabulary
    stack = [(automaton.start(), "")]
    while stack:
        state, text = stack.pop()
        if state.cell == len(automaton):
            yield text.removesuffix("<eos>")
            continue
        allowed = automaton.allowed(state).nonzero()[0].tolist()
        assert allowed, f"a dead end after {text!r}"
        for token in allowed:
            character = vocabulary.tokens[token]
            cell = automaton.grid.cells[state.cell]
            if cell.place is None or character in fixed.get(state.cell, free):
                following = automaton.advance(state, token)
                assert following is not None
                stack.append((following, text + character))


@pytest.mark.parametrize("first", ["月月天", "天天月", "月月月", "天天天"])
@pytest.mark.parametrize(
    "rest",
    [
        ("天天天月月", "月月月天年"),  # b-A after a-B
        ("月月天看月", "天天看月年"),  # a-B after b-A, with characters that may be either
        ("月天天月月", "天月月天年"),  # matches nothing
        ("天天月天月", "月月月天年"),  # 特拗
        ("月月天月月", "天天天月年"),  # 大拗, mended
    ],
)
def test_what_is_admitted_is_what_the_judge_accepts(rest: tuple[str, str], first: str) -> None:
    """All poems over four characters that begin and end as given: enumerated, and judged one by one."""
    automaton = Automaton(verse_template("五绝", strict=False), alphabet_of("天先月山年看"))
    fixed = dict(enumerate(first)) | dict(enumerate(text_of(("一" * 5, "一" * 5, *rest))[11:], start=11))
    written = set(enumerated(automaton, fixed, "天先月山"))
    poems = (
        (first + "".join(seven[:2]), "".join(seven[2:]), *rest)
        for seven in itertools.product("天先月山", repeat=7)
    )
    assert written == {text_of(poem) for poem in poems if accepted(poem)}


@pytest.mark.parametrize("rest", ["天天天月月，月月月天", "月月天天月，天天月月"])
def test_the_union_of_what_is_admitted_is_what_the_judge_accepts(rest: str) -> None:
    """Lines 3 and 4 fixed but for their rhyme; all else enumerated from the automaton and by brute force."""
    automaton = Automaton(verse_template("五绝", strict=False), alphabet_of("天年月"))
    fixed = dict(enumerate(rest, start=13))
    written = set(enumerated(automaton, fixed, "天年月"))
    wanted = set()
    for ten in itertools.product("天年月", repeat=10):
        for end in "天年月":
            lines = ("".join(ten[:5]), "".join(ten[5:]), rest[:5], rest[6:] + end)
            if accepted(lines):
                wanted.add(text_of(lines))
    assert written == wanted
    assert len(wanted) > 100


REAL = ("白日依山尽", "黄河入海流", "欲穷千里目", "更上一层楼")


@pytest.mark.parametrize("form", ["五绝", "七绝", "五律", "七律", "五排"])
@pytest.mark.parametrize("strict", [True, False])
def test_whatever_is_drawn_keeps_the_form(form: str, strict: bool) -> None:
    """Random walks over the characters of the shipped model's kind: any legal draw ends in a legal poem."""
    characters = "".join(one for one in LEXICON.rows if "一" <= one <= "顿")[:3000]
    alphabet = alphabet_of(characters, strict=strict)
    automaton = Automaton(verse_template(form, strict=strict), alphabet, limits=repeat_limits(40, tune=False))
    for seed in range(6):
        poem = walk(automaton, random.Random(seed))
        assert label(poem.replace("。", "，").replace("\n", "").split("，"), LEXICON).regulated == REGULAR, (
            poem
        )


def walk(automaton: Automaton, dice: random.Random) -> str:
    state, text = automaton.start(), ""
    while state.cell < len(automaton):
        token = dice.choice(automaton.allowed(state).nonzero()[0].tolist())
        following = automaton.advance(state, token)
        assert following is not None
        state, text = following, text + automaton.alphabet.vocabulary.tokens[token]
    return text.removesuffix("<eos>")


def test_a_poem_by_wang_zhihuan_can_be_written() -> None:
    alphabet = alphabet_of("".join(REAL), strict=True)
    assert admits(Automaton(verse_template("五绝"), alphabet), REAL)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_poem_with_some_characters_changed_is_admitted_if_the_judge_accepts_it(data: st.DataObject) -> None:
    """Near the border: real lines with a few characters replaced."""
    alphabet = alphabet_of("".join(REAL) + "天先月山年看深流楼秋")
    automaton = Automaton(verse_template("五绝", strict=False), alphabet)
    lines = [list(line) for line in REAL]
    for _ in range(data.draw(st.integers(0, 4))):
        line, place = data.draw(st.integers(0, 3)), data.draw(st.integers(0, 4))
        lines[line][place] = data.draw(st.sampled_from("天先月山年看深流楼秋"))
    poem = ["".join(line) for line in lines]
    assert admits(automaton, poem) == accepted(poem)
