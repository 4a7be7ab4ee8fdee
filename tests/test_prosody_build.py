"""The scripts that build the tables: readings from a book of a few lines, usage from a few poems.

pytest tests/test_prosody_build.py
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scripts import build_readings, build_usage
from scripts.build_readings import Book, build, is_common, reading, rhyme_book, supplement_reading, write
from shici.errors import CorpusError
from shici.prosody.rhymes import RHYME_GROUPS

HEADER = ("韻部原貌", "最簡描述", "字頭覈校前", "字頭")
ROWS = [
    ("寒", "見開寒平", "", "干"),
    ("寒", "見開寒平", "", "乾"),
    ("翰", "見開寒去", "", "幹"),
    ("東", "定一東平", "", "同"),
    ("送", "定一東去", "", "衕"),
    ("泰", "匣合泰去", "", "會"),
    ("泰", "端開泰去", "", "帶"),
    ("東", "清一東平", "怱", "悤"),
    ("語", "澄魚上", "", "宁"),
    ("青", "泥開青平", "", "寧"),
]
SUPPLEMENT = [("匆", "悤", ""), ("會", "", "九佳/第十部")]


@pytest.fixture(scope="module")
def book() -> Book:
    return build([dict(zip(HEADER, row, strict=True)) for row in ROWS], SUPPLEMENT)


def groups(found: set[tuple[int, str]]) -> set[str]:
    return {RHYME_GROUPS[place] for place, _ in found}


def test_every_rhyme_of_the_206_has_its_group_and_part() -> None:
    assert len(build_readings.GROUP_OF) == len(build_readings.PART_OF) == 206
    assert set(build_readings.GROUP_OF) == set(build_readings.PART_OF)
    assert set(build_readings.GROUP_OF.values()) == set(RHYME_GROUPS)


def test_the_rounded_half_of_tai() -> None:
    assert reading("泰", rounded=True) == (RHYME_GROUPS.index("九泰"), "第三部")
    assert reading("泰") == (RHYME_GROUPS.index("九泰"), "第五部")
    assert supplement_reading("泰合") == reading("泰", rounded=True)
    assert supplement_reading("九佳/第十部") == (RHYME_GROUPS.index("九佳"), "第十部")


def test_supplement_adds_to_the_book(book: Book) -> None:
    assert groups(book.readings["會"]) == {"九泰", "九佳"}
    assert book.sources["會"] == "广韵+补"
    assert book.readings["匆"] == book.readings["悤"]
    assert book.sources["匆"] == "补悤"


def test_replaced_glyphs_and_simplified_forms_are_found(book: Book) -> None:
    assert book.readings["怱"] == book.readings["悤"]
    assert book.sources["怱"] == "校"
    assert book.readings["带"] == book.readings["帶"]
    assert book.sources["带"] == "简帶"
    assert book.short["帶"] == "带"


def test_simplified_texts_read_the_common_characters(book: Book) -> None:
    assert groups(book.simplified["干"]) == {"十四寒", "十五翰"}
    assert groups(book.simplified["宁"]) == {"九青"}
    assert "同" not in book.simplified
    assert is_common("寧")
    assert not is_common("宁")
    assert not is_common("带")


def test_the_file_is_the_same_in_any_order(book: Book, tmp_path: Path) -> None:
    rows = [dict(zip(HEADER, row, strict=True)) for row in reversed(ROWS)]
    write(book, tmp_path / "one.tsv")
    write(build(rows, SUPPLEMENT[::-1]), tmp_path / "two.tsv")
    assert (tmp_path / "one.tsv").read_bytes() == (tmp_path / "two.tsv").read_bytes()
    lines = (tmp_path / "one.tsv").read_text(encoding="utf-8").splitlines()
    assert "干\t平/十四寒/第七部\t平/十四寒/第七部 去/十五翰/第七部\t\t广韵" in lines


def test_another_book_is_refused(tmp_path: Path) -> None:
    (tmp_path / "book.csv").write_text("資料名稱,小韻號\n", encoding="utf-8")
    with pytest.raises(CorpusError, match="sha256"):
        rhyme_book(tmp_path / "book.csv")


POEMS = [
    ["白日依山盡，黃河入海流。", "欲窮千里目，更上一層樓。"],
    ["床前明月光，疑是地上霜。", "舉頭望明月，低頭思故鄉。"],  # irregular: not counted
    ["白日依山盡，黃河入（海）流。", "欲窮千里目，更上一層樓。"],  # a note: not counted
]


def test_usage_counts_what_the_form_asks(tmp_path: Path) -> None:
    for folder in ("全唐诗", "error"):
        (tmp_path / folder).mkdir()
        content = json.dumps([{"paragraphs": poem} for poem in POEMS], ensure_ascii=False)
        (tmp_path / folder / "poet.tang.0.json").write_text(content, encoding="utf-8")
    usage = build_usage.measure(tmp_path)
    assert usage.tones["河", "平"] == usage.tones["日", "仄"] == usage.tones["穷", "平"] == 1
    assert not usage.tones["白", "仄"]  # either tone will do there
    assert not usage.tones["流", "平"]  # left to the rhymes
    assert usage.rhymes == {("流", "十一尤"): 1, ("楼", "十一尤"): 1}


def test_usage_needs_the_poems(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="--source"):
        build_usage.measure(tmp_path)
