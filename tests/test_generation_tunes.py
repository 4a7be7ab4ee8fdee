"""The automaton of a 词 admits exactly what the judge keeps, where rhymes change (换韵) and lines come again.

Run: pytest tests/test_generation_tunes.py
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence

import pytest

from shici.errors import GenerationError
from shici.generation.alphabet import Alphabet
from shici.generation.automaton import Automaton
from shici.generation.embedding import build
from shici.generation.grid import settle
from shici.prosody.template import Template, tune_template
from shici.prosody.tune_fit import keeps_tune
from shici.prosody.tune_verdict import judge_tune
from shici.prosody.tunes import Variant, find_tune, parse_score
from tests.test_generation_automaton import LEXICON, admits_text, alphabet_of, enumerated, walk
from tests.test_prosody_tune_verdict import KEEPS, cut


def variant_of(score: str) -> Variant:
    return Variant("某调", 1, parse_score(score), 0)


def alphabet(characters: str, *, strict: bool = False) -> Alphabet:
    """With the 、 that some tunes have."""
    return alphabet_of("、" + "".join(dict.fromkeys(characters)), strict=strict)


def text_of(lines: Sequence[str], template: Template) -> str:
    """The lines with the marks of the tune."""
    shapes = template.lines
    return "".join(line + shape.mark + "\n" * shape.breaks for line, shape in zip(lines, shapes, strict=True))


# (table, the lines with a sign for each place that is enumerated, characters, which signs rhyme)
SMALL = [
    # 恶 and 度 are of both parts, 落 and 薄 of one, 去 and 暮 of the other
    ("平仄甲。平仄甲。平仄换乙。平仄乙。", ("天a", "天b", "天c", "天d"), "恶度落薄去暮", "abcd"),
    ("平仄甲。平仄甲。平仄乙。平仄乙。", ("天a", "天b", "天c", "天d"), "恶度落薄去暮", "abcd"),
    # 手 and 酒 are of a third
    (
        "平仄甲。平仄甲。平仄换乙。平仄乙。平仄换丙。平仄丙。",
        ("天a", "天b", "天c", "天d", "天e", "天f"), "恶度落去手酒", "abcdef",
    ),
    # 先 and 看 may be either: inside the second line and, said backwards, at the end of the third
    ("平平甲。平仄平甲。平仄乙倒2。平仄乙=3。平仄乙。", ("天a", "天bc", "cb", "cb", "天d"), "年先看山东月去暮", "abcd"),
    ("平平甲。平仄平甲。平仄倒2。平平甲。", ("天a", "天bc", "cb", "天d"), "年先看山东月去", "acd"),
]  # fmt: skip


@pytest.mark.parametrize(("score", "lines", "characters", "rhyming"), SMALL)
def test_what_is_admitted_is_what_the_judge_keeps(
    score: str, lines: Sequence[str], characters: str, rhyming: str
) -> None:
    """All poems, enumerated by the automaton and by brute force; it uses no rhyme word twice."""
    variant = variant_of(score)
    template = tune_template(variant)
    signs = sorted({one for line in lines for one in line if one.isascii()})
    wanted = set()
    for chosen in itertools.product(characters, repeat=len(signs)):
        said = dict(zip(signs, chosen, strict=True))
        poem = ["".join(said.get(one, one) for one in line) for line in lines]
        words = [said[sign] for sign in rhyming]
        if len(set(words)) == len(words) and keeps_tune(poem, variant, LEXICON):
            wanted.add(text_of(poem, template))
    automaton = Automaton(template, alphabet("天" + characters))
    fixed = {
        automaton.grid.at[line, place]: one
        for line, text in enumerate(lines)
        for place, one in enumerate(text)
        if not one.isascii()
    }
    assert set(enumerated(automaton, fixed, characters)) == wanted
    assert wanted


@pytest.mark.parametrize("tune", ["钗头凤", "宫中调笑"])
@pytest.mark.parametrize("strict", [True, False])
def test_whatever_is_drawn_keeps_the_tune(tune: str, strict: bool) -> None:
    characters = "".join(one for one in LEXICON.rows if "一" <= one <= "龥")[::3]
    template = tune_template(find_tune(tune)[0])
    automaton = Automaton(template, alphabet(characters, strict=strict))
    for seed in range(12):
        poem = walk(automaton, random.Random(seed))
        verdict = judge_tune(cut(poem.replace("\n", "")), tune, LEXICON)
        assert (verdict.regulated, verdict.faults) == ("合律", ()), poem
        if tune == "钗头凤":
            assert verdict.parts[0] != verdict.parts[1]


@pytest.mark.parametrize(
    ("tune", "text"), [one for one in KEEPS if one[0] in ("钗头凤", "宫中调笑", "转应曲")]
)
def test_famous_poems_can_be_written(tune: str, text: str) -> None:
    template = tune_template(find_tune(tune)[0])
    lines = cut(text.replace("错错错", "错。错。错").replace("莫莫莫", "莫。莫。莫"))
    automaton = Automaton(template, alphabet("".join(lines)))
    assert admits_text(automaton, text_of(lines, template))


def test_the_first_rhyme_that_is_asked_for_leaves_the_second_another() -> None:
    template = tune_template(find_tune("钗头凤")[0])
    letters = alphabet("".join(one for one in LEXICON.rows if "一" <= one <= "龥")[::3], strict=True)
    for name in ("第四部", "第十二部", "第十七部"):
        state = Automaton(template, letters, rhyme=name).start()
        (groups,) = state.groups
        assert groups is not None
        first, second = (letters.rhymes(template.rhyme).named(found) for found in groups)
        assert first == [name]
        assert name not in second
        assert len(second) > 3


def test_pins_that_keep_the_rhyme_from_changing_are_named() -> None:
    template = tune_template(find_tune("钗头凤")[0])
    letters = alphabet("手右恶" + "".join(one for one in LEXICON.rows if "一" <= one <= "龥")[::9])
    with pytest.raises(
        GenerationError, match=r"第1句第3字“手”.*第5句第3字“右”.*放不到一起：换韵处前后不能同部"
    ):
        build(template, letters, settle(template, [((0, 2), "手"), ((4, 2), "右")]), "")
    assert build(template, letters, settle(template, [((0, 2), "手"), ((4, 2), "恶")]), "").possible
