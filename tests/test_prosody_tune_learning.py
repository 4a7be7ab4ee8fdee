"""Learning a tune from poems: made-up poems whose tune is known must give that tune back.

pytest tests/test_prosody_tune_learning.py
"""

from __future__ import annotations

import importlib.util
import random
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from shici.corpus.document import Document, encode_document
from shici.errors import CorpusError
from shici.prosody.tune_learning import (
    FIRST,
    OTHERS,
    Song,
    by_rhyme_tone,
    frames,
    learn,
    learn_lines,
    song,
    tone,
)
from shici.prosody.tunes import format_score, parse_score
from shici.vocabulary import Vocabulary

ROOT = Path(__file__).resolve().parents[1]

# Characters of one reading: level and oblique ones that don't rhyme, and rhyme words by part of 词林正韵.
LEVEL, OBLIQUE = "人山花天秋云", "月水夜雪绿玉"
RHYMES = {
    "平": ["东同空风红中", "阳香光霜长芳", "舟流楼秋愁游"],
    "仄": ["月雪绝别切洁", "绿玉曲竹木独", "老草晓好小鸟"],
}

DREAM = "中仄中平中仄甲。中仄中平中仄甲。中仄仄平平，中仄中平中仄甲。平仄甲。平仄甲=5。中仄中平中仄甲。"
SAMAN = (
    "中平中仄平平仄甲。中平中仄平平仄甲。中仄仄平平乙。中平中仄平乙。｜"
    "中平中仄仄丙。中仄平平仄丙。中仄仄平平丁。中平中仄平丁。"
)
PAUSED = "平平仄、仄平平甲。仄仄平平甲。仄平仄，平仄仄平平甲。"


def written(score: str, seed: int) -> Song:
    """A poem by the tune: any tone where it is free, rhymes from one row of RHYMES for each."""
    pick = random.Random(seed)
    lines = parse_score(score)
    texts: list[str] = []
    for line in lines:
        text = "".join(
            pick.choice({"平": LEVEL, "仄": OBLIQUE, "中": pick.choice((LEVEL, OBLIQUE))}[one])
            for one in line.pattern
        )
        if line.rhyme is not None:
            rows = RHYMES[line.pattern[-1]]
            text = text[:-1] + pick.choice(rows[(seed + line.rhyme * 7 + seed * line.rhyme) % len(rows)])
        texts.append(text if line.same_as is None else texts[line.same_as])
    return Song(tuple(texts), tuple(line.end for line in lines))


def many(score: str, count: int, start: int = 0) -> list[Song]:
    return [written(score, seed) for seed in range(start, start + count)]


def body(one: Song) -> str:
    return "".join(map("".join, zip(one.texts, one.ends, strict=True))).replace("。", "。\n").rstrip("\n")


def test_cutting_a_text() -> None:
    text = "谈笑间、樯橹灰飞烟灭。\n故国神游，多情应笑我；早生华发！\n人间如梦？一尊还酹江月"
    assert song(text) == Song(
        ("谈笑间", "樯橹灰飞烟灭", "故国神游", "多情应笑我", "早生华发", "人间如梦", "一尊还酹江月"),
        ("、", "。", "，", "，", "。", "。", "。"),
    )


@pytest.mark.parametrize("score", [DREAM, SAMAN])
def test_a_tune_comes_back(score: str) -> None:
    (variant,) = learn("某调", many(score, 150))
    assert format_score(variant.lines) == score
    assert (variant.tune, variant.number, variant.poems) == ("某调", 1, 150)


def test_the_order_of_poems_does_not_matter() -> None:
    songs = many(DREAM, 40) + many(SAMAN, 60)
    other = list(reversed(songs))
    assert learn("某调", songs) == learn("某调", other)


def test_the_commonest_form_is_first_and_rare_ones_are_left_out() -> None:
    songs = many(DREAM, OTHERS) + many(SAMAN, FIRST) + many(PAUSED, OTHERS - 1)
    assert [(one.number, one.poems, len(one.lines)) for one in learn("某调", songs)] == [
        (1, FIRST, 8),
        (2, OTHERS, 7),
    ]
    assert learn("某调", many(SAMAN, FIRST - 1)) == ()
    assert learn("某调", []) == ()


def test_a_pause_may_be_written_or_not() -> None:
    paused = many(PAUSED, 12)
    joined = [
        Song((one.texts[0] + one.texts[1], *one.texts[2:]), one.ends[1:]) for one in many(PAUSED, 9, 50)
    ]
    moved = [
        Song((one.texts[0] + one.texts[1][:1], one.texts[1][1:], *one.texts[2:]), ("，", *one.ends[1:]))
        for one in many(PAUSED, 4, 90)
    ]
    found = frames(paused + joined + moved)
    assert [len(one) for one in found] == [21, 4]
    assert {one.lengths for one in found[0]} == {(3, 3, 4, 3, 5)}


def test_level_and_oblique_rhymes_are_two_sets() -> None:
    level = "中平中仄，中仄仄平平甲。中仄中平中仄，中平中仄平平甲。"
    oblique = "中平中仄，中仄平平仄甲。中仄中平中仄，中平平仄中仄甲。"
    songs = many(level, 30) + many(oblique, 25, 100)
    assert sorted(map(len, by_rhyme_tone(songs))) == [25, 30]
    assert [one.lines[1].pattern[-1] for one in learn("某调", songs)] == ["平", "仄"]


def test_lines_that_only_seem_to_rhyme() -> None:
    """A word said twice is no rhyme, and a 。 without a partner neither."""
    songs = [
        Song((one.texts[0][:-1] + "人", one.texts[1], "人人", "人人"), ("，", "。", "，", "。"))
        for one in many("中平甲，中仄仄平平甲。", 40)
    ]
    assert [line.rhyme for line in learn_lines("某调", songs)] == [None] * 4


def test_the_end_of_a_line_said_again() -> None:
    songs = [
        Song((*one.texts[:2], one.texts[1][-3:], one.texts[2]), ("。",) * 4)
        for one in many("平中仄甲。中平中仄平平仄甲。中仄平平仄甲。", 60)
    ]
    assert [line.echoes for line in learn_lines("某调", songs)] == [None, None, 1, None]


@pytest.mark.parametrize(
    ("level", "oblique", "unknown", "asked"),
    [
        (100, 0, 0, "平"),
        (0, 100, 0, "仄"),
        (91, 9, 50, "平"),
        (89, 11, 0, "中"),
        (9, 91, 0, "仄"),
        (50, 50, 0, "中"),
        (10, 0, 0, "平"),
        (9, 1, 0, "中"),
        (1, 0, 9, "中"),
        (0, 0, 10, "中"),
    ],
)
def test_the_tone_of_a_place(level: int, oblique: int, unknown: int, asked: str) -> None:
    assert tone("平" * level + "仄" * oblique + "通" * unknown) == asked


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("build_tunes", ROOT / "scripts" / "build_tunes.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def prepared(folder: Path, documents: list[Document]) -> Path:
    """A folder as prepare.py leaves it."""
    vocabulary = Vocabulary.of_characters("".join(one.body + one.tune + one.title for one in documents))
    vocabulary.save(folder / "vocabulary.txt")
    ids = [number for one in documents for number in encode_document(one, vocabulary)]
    np.array(ids, dtype=np.uint16).tofile(folder / "train.bin")
    return folder


def test_the_script_writes_a_table(
    script: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    poems = [Document(body(one), form="词", tune="如梦令") for one in many(DREAM, 60)]
    other_name = [Document(body(one), form="词", tune="忆仙姿", title="某") for one in many(DREAM, 20, 70)]
    ignored = [
        Document(body(one), form=form, tune=tune)
        for form, tune in (("曲", "如梦令"), ("词", "失调名"), ("", ""))
        for one in many(SAMAN, 30)
    ]
    data = prepared(tmp_path, ignored + poems + other_name)
    for name in ("one.tsv", "two.tsv"):
        assert script.main(["--data", str(data), "--output", str(tmp_path / name)]) == 0
    table = (tmp_path / "one.tsv").read_bytes()
    assert table == (tmp_path / "two.tsv").read_bytes()
    assert table.decode() == f"词牌\t格\t首数\t字数\t谱\n如梦令\t1\t80\t33\t{DREAM}\n"
    assert "1 调 1 格，由 80 首学得，占有调名的 80 首之 100.0%" in capsys.readouterr().out


def test_the_script_without_data(script: ModuleType, tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="prepare"):
        script.main(["--data", str(tmp_path), "--output", str(tmp_path / "out.tsv")])
