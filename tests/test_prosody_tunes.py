"""The table of tunes: how it is written and read, and how a tune is found by any of its names.

pytest tests/test_prosody_tunes.py
"""

from __future__ import annotations

from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shici.errors import ProsodyError
from shici.prosody.readings import rows
from shici.prosody.rhymes import LEVEL, OBLIQUE
from shici.prosody.template import shared_patterns
from shici.prosody.tunes import (
    RHYMES,
    TuneLine,
    Variant,
    aliases,
    canonical_name,
    find_tune,
    format_score,
    namesakes,
    parse_score,
    tunes,
)

ALL = [variant for variants in tunes().values() for variant in variants]

# The rhymes of each tune by line: the same letter for the same rhyme, - for none (龙榆生《唐宋词格律》).
SCHEMES = [
    ("菩萨蛮", 0, "甲甲乙乙丙丙丁丁"),
    ("虞美人", 0, "甲甲乙-乙丙丙丁-丁"),
    ("西江月", 0, "-甲甲甲-甲甲甲"),
    ("清平乐", 0, "甲甲甲甲乙乙-乙"),
    ("减字木兰花", 0, "甲甲乙乙丙丙丁丁"),
    ("更漏子", 0, "-甲甲-乙乙-丙丙-丁丁"),
    ("相见欢", 0, "甲甲-甲乙乙甲-甲"),
    ("定风波", 0, "甲甲乙乙甲丙丙甲丁丁甲"),
    ("如梦令", 0, "甲甲-甲甲甲甲"),
    ("古调笑", 0, "甲甲甲乙乙丙丙丙"),
    ("浣溪沙", 0, "甲甲甲-甲甲"),
]

# Characters in the first stanza (《钦定词谱》).
STANZAS = [
    ("水调歌头", 48),
    ("念奴娇", 49),
    ("沁园春", 56),
    ("满江红", 47),
    ("贺新郎", 57),
    ("满庭芳", 48),
    ("清平乐", 22),
    ("水龙吟", 52),
    ("八声甘州", 46),
    ("齐天乐", 51),
    ("菩萨蛮", 24),
    ("鹧鸪天", 28),
    ("如梦令", None),
    ("忆王孙", None),
    ("调笑令", None),
    ("古调笑", None),
]


def test_the_table_is_as_large_as_promised() -> None:
    learned = [variant for variant in ALL if variant.poems]
    assert len({variant.tune for variant in learned}) >= 80
    assert sum(variant.poems for variant in learned) > 14_000
    for variants in tunes().values():
        assert [one.number for one in variants] == list(range(1, len(variants) + 1))
        counts = [one.poems for one in variants]
        assert counts == sorted(counts, reverse=True)
        assert counts[0] >= 20 or not any(counts)


@pytest.mark.parametrize("variant", ALL, ids=lambda one: f"{one.tune}{one.number}")
def test_every_variant_is_sound(variant: Variant) -> None:
    lines = variant.lines
    assert lines[-1].end == "。"
    assert not lines[-1].breaks
    assert not lines[-1].stanza
    for at, line in enumerate(lines[:-1]):
        assert line.breaks == (line.end == "。")
        assert not line.stanza or line.breaks, at
    for at, line in enumerate(lines):
        if line.rhyme is not None:
            assert line.pattern[-1] in (LEVEL, OBLIQUE)
            assert sum(other.rhyme == line.rhyme for other in lines) > 1
        if line.same_as is not None:
            assert line.same_as < at
            assert len(lines[line.same_as].pattern) == len(line.pattern)
        if line.echoes is not None:
            assert line.echoes < at
            assert len(lines[line.echoes].pattern) > len(line.pattern)
        if line.mirrors is not None:
            assert line.mirrors < at
            assert len(lines[line.mirrors].pattern) >= len(line.pattern)
        if line.changes:
            before = next(other for other in reversed(lines[:at]) if other.rhyme is not None)
            assert before.rhyme != line.rhyme
            assert before.pattern[-1] == line.pattern[-1]


def test_each_form_stands_once() -> None:
    for tune, variants in tunes().items():
        forms = [tuple((one.pattern, one.rhyme) for one in variant.lines) for variant in variants]
        assert len(set(forms)) == len(forms), tune


@pytest.mark.parametrize("name", ["tunes.tsv", "tunes_book.tsv"])
def test_the_characters_are_counted(name: str) -> None:
    for tune, cells in rows(name):
        *_, characters, score = cells if name == "tunes.tsv" else cells[:2]
        assert int(characters) == sum(len(line.pattern) for line in parse_score(score)), tune


def test_a_tune_stands_in_one_place() -> None:
    names = [tune for tune, _ in groupby(tune for tune, _ in rows("tunes.tsv"))]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(("tune", "number", "scheme"), SCHEMES)
def test_rhyme_schemes(tune: str, number: int, scheme: str) -> None:
    lines = find_tune(tune)[number].lines
    assert "".join("-" if line.rhyme is None else RHYMES[line.rhyme] for line in lines) == scheme


@pytest.mark.parametrize(("tune", "characters"), STANZAS)
def test_stanzas(tune: str, characters: int | None) -> None:
    lines = find_tune(tune)[0].lines
    ends = [at for at, line in enumerate(lines) if line.stanza]
    assert len(ends) == (characters is not None)
    assert [sum(len(line.pattern) for line in lines[: at + 1]) for at in ends] == [characters] * len(ends)


def test_repeated_lines() -> None:
    assert [line.same_as for line in find_tune("如梦令")[0].lines] == [None] * 5 + [4, None]
    assert [line.echoes for line in find_tune("忆秦娥")[0].lines].count(None) == 8
    assert find_tune("忆秦娥")[0].lines[2].echoes == 1


def test_lines_said_backwards() -> None:
    lines = find_tune("古调笑")[0].lines
    assert [line.same_as for line in lines] == [None, 0, None, None, None, None, 5, None]
    assert [line.mirrors for line in lines] == [None] * 5 + [4, None, None]
    assert lines[5].again("谁复商量管弦") == "弦管"
    assert lines[6].again("弦管") == "弦管"
    assert shared_patterns(lines)[4:7] == ("中中中中仄平", "平仄", "平仄")


def test_a_demand_on_a_repeated_line_reaches_all_that_say_it() -> None:
    patterns = shared_patterns(parse_score("中中中中。中中倒1。仄中=2。"))
    assert patterns == ("中中中仄", "仄中", "仄中")


def test_rhymes_that_must_change() -> None:
    """钗头凤 alternates between two parts; no other table has neighbouring rhymes of one tone that must differ."""
    assert {variant.tune: variant.changes for variant in ALL if variant.changes} == {"撷芳词": ((0, 1),)}


@pytest.mark.parametrize("tune", ["满江红", "声声慢", "柳梢青", "忆秦娥"])
def test_level_and_oblique_rhymes_are_variants(tune: str) -> None:
    tones = {
        line.pattern[-1] for variant in find_tune(tune) for line in variant.lines if line.rhyme is not None
    }
    assert tones == {LEVEL, OBLIQUE}


@pytest.mark.parametrize(
    ("name", "tune"),
    [
        ("念奴娇", "念奴娇"),
        ("念奴嬌", "念奴娇"),
        ("百字令", "念奴娇"),
        ("大江東去", "念奴娇"),
        ("酹江月", "念奴娇"),
        ("《蝶戀花》", "蝶恋花"),
        ("鹊踏枝", "蝶恋花"),
        ("一剪梅", "一翦梅"),
        (" 江神子 ", "江城子"),
        ("钗头凤", "撷芳词"),
        ("十六字令", "归字谣"),
        ("宫中調笑", "古调笑"),
        ("转应曲", "古调笑"),
        ("三台令", "古调笑"),
        ("调笑令", "调笑令"),
        ("调笑", "调笑令"),
    ],
)
def test_names(name: str, tune: str) -> None:
    assert canonical_name(name) == tune
    assert find_tune(name)[0].tune == tune


def test_a_name_that_two_tunes_bear() -> None:
    """宫中调笑 is the Tang form alone; 调笑令 the Song form first, then the other."""
    sizes = {
        name: [sum(len(line.pattern) for line in one.lines) for one in find_tune(name)]
        for name in ("宫中调笑", "调笑令", "调笑")
    }
    assert sizes == {"宫中调笑": [32], "调笑令": [38, 32], "调笑": [38, 32]}
    assert dict(namesakes()) == {"调笑令": "古调笑"}


def test_other_names_lead_somewhere() -> None:
    assert {tune for tune in aliases().values() if tune not in tunes()} == set()
    assert {alias for alias in aliases() if alias in tunes()} == set()


@pytest.mark.parametrize(
    ("name", "near"),
    [("念奴桥", "念奴娇"), ("满江", "满江红"), ("西江", "西江月"), ("abc", "浣溪沙"), ("", "浣溪沙")],
)
def test_an_unknown_name(name: str, near: str) -> None:
    assert canonical_name(name) == ""
    with pytest.raises(ProsodyError, match=near):
        find_tune(name)


LINE = st.tuples(
    st.text("平仄中", min_size=1, max_size=9),
    st.none() | st.integers(0, 9),
    st.sampled_from("，。、"),
    st.booleans(),
    st.none() | st.integers(0, 5),
    st.booleans(),
    st.booleans(),
)


@given(st.lists(LINE, min_size=1, max_size=8))
def test_writing_and_reading(drawn: list[tuple[str, int | None, str, bool, int | None, bool, bool]]) -> None:
    lines: list[TuneLine] = []
    before: tuple[int | None, str] = (None, "")  # the rhyme above, and its tone
    for at, (pattern, rhyme, end, stanza, origin, backwards, marked) in enumerate(drawn):
        earlier = len(drawn[origin][0]) if origin is not None and origin < at else 0
        mirrors = origin if backwards and earlier else None
        whole = origin if not backwards and earlier == len(pattern) else None
        echo = origin if not backwards and earlier > len(pattern) else None
        new = rhyme is not None and before[0] not in (None, rhyme) and before[1] == pattern[-1]
        breaks = end == "。" and at < len(drawn) - 1
        lines.append(
            TuneLine(
                pattern, rhyme, end, breaks, whole, stanza, echo, changes=new and marked, mirrors=mirrors
            )
        )
        before = before if rhyme is None else (rhyme, pattern[-1])
    assert parse_score(format_score(lines)) == tuple(lines)


@pytest.mark.parametrize(
    "row",
    [
        "", "平仄", "平仄。平", "甲。", "平x。", "平。=1", "平=1。", "平。平=0。", "平。平=7。", "平。平倒2。",
        "平。平倒。", "平换。", "平换甲。", "平甲。平换甲。", "平甲。仄换乙。", "平甲。平。平换甲。",
    ],
)  # fmt: skip
def test_a_damaged_row(row: str) -> None:
    with pytest.raises(ProsodyError, match="build_tunes"):
        parse_score(row)
