"""The command that prints the shares of the corpus, on a few poems laid out as in the npm package.

pytest tests/test_prosody_shares.py
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scripts.prosody_shares import (
    FAULT_KINDS,
    FORMS,
    REFERENCE,
    Poem,
    faults_of,
    main,
    measure,
    read,
    rows,
    shuffled,
    summary,
)
from shici.errors import CorpusError
from shici.prosody.readings import simplified_lexicon

TOWER = ["白日依山盡，黃河入海流。", "欲窮千里目，更上一層樓。"]
MOON = ["床前明月光，疑是地上霜。", "舉頭望明月，低頭思故鄉。"]
XIANSHAN = [
    *("人事有代謝，往來成古今。", "江山留勝迹，我輩復登臨。"),
    *("水落魚梁淺，天寒夢澤深。", "羊公碑尚在，讀罷淚沾襟。"),
]
QINGMING = ["清明時節雨紛紛，路上行人欲斷魂。", "借問酒家何處有，牧童遙指杏花村。"]
PEAK = ["先得朝陽一段紅，何年鳴鳳集梧桐。", "歸舟行到灣環處，知是沙溪第一峰。"]
NEW_YEAR = ["爆竹聲中一歲除，春風送暖入屠蘇。", "千門萬戶曈曈日，總把新桃換舊符。"]
CLEAR = ["喜見家山喜見晴，乾坤都屬舞雩春。", "家山自是山無數，認得春風定可人。"]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A folder in the layout of npm: three poems of 唐 (and one with a note, one fragment), four of 宋."""
    folder = tmp_path / "quantangshi"
    folder.mkdir()
    tang = [TOWER, MOON, XIANSHAN, [TOWER[0], TOWER[1].replace("目", "目（一作客）")]]
    for name, poems in (("tang", tang), ("song", [QINGMING, PEAK, NEW_YEAR, CLEAR])):
        records = [{"title": "詩", "author": "某", "paragraphs": poem} for poem in poems]
        records.append({"title": "句", "author": "某", "paragraphs": TOWER})
        (folder / f"poet.{name}.0.json").write_text(json.dumps(records, ensure_ascii=False), "utf-8")
    return tmp_path


def poem(paragraphs: list[str]) -> Poem:
    lines = tuple("".join(paragraphs).replace("。", "，").rstrip("，").split("，"))
    return Poem("唐五绝", lines, lines)


def test_poems_are_read_in_both_scripts(source: Path) -> None:
    found = list(read(source, with_notes=False))
    assert [one.shape for one in found] == ["唐五绝", "唐五绝", "唐五律", *["宋七绝"] * 4]
    assert found[0].lines[0] == "白日依山盡"
    assert found[0].plain[0] == "白日依山尽"
    assert len(list(read(source, with_notes=True))) == len(found) + 1


@pytest.mark.parametrize(
    ("paragraphs", "one_group", "neighbours", "regulated", "their_rules", "faults"),
    [
        (TOWER, True, False, True, True, ""),
        (XIANSHAN, True, False, True, False, ""),  # 大拗, mended
        (QINGMING, True, False, True, True, ""),  # a neighbour at the end of the first line
        (CLEAR, True, False, False, True, "首句落韵"),  # 晴 is none of 真
        (PEAK, False, True, False, False, "他句落韵"),  # 东 and 冬
        (NEW_YEAR, True, False, True, True, ""),
        (MOON, True, False, False, False, "出律多字"),
        (["白日依山盡，黃河入江流。", "欲窮千里目，更上一層山。"], False, False, False, False, "兼犯"),
    ],
)
def test_what_is_counted(
    paragraphs: list[str], one_group: bool, neighbours: bool, regulated: bool, their_rules: bool, faults: str
) -> None:
    found = measure(poem(paragraphs))
    assert (found.one_group, found.neighbours) == (one_group, neighbours)
    assert (found.regulated, found.undecided, found.their_rules) == (regulated, False, their_rules)
    assert found.faults == faults


def test_unused_readings_count_until_they_are_pruned() -> None:
    """何 may be oblique in the books (as 荷, to carry), never in the poems."""
    found = measure(poem(["白日依山盡，黃河入何流。", TOWER[1]]))
    assert (found.regulated, found.pruned) == (True, False)


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        ("入海", "入江", "出律一字"),
        ("黃河", "白河", "孤平"),
        ("一層", "高層", "三平尾"),
        ("層樓", "層流", "重韵"),
        ("層樓", "層山", "他句落韵"),
    ],
)
def test_kinds_of_fault(old: str, new: str, kind: str) -> None:
    lines = poem([line.replace(old, new) for line in TOWER]).lines
    assert faults_of(lines, simplified_lexicon()) == kind
    assert kind in FAULT_KINDS


def test_shuffled_poems_mostly_fail() -> None:
    found = shuffled([poem(TOWER)] * 200)
    assert found["characters"] < 2 > found["characters but the rhymes"]
    assert 0 < found["lines, if any moved"] < found["lines"] < 30
    assert shuffled([poem(TOWER)] * 200) == found


def test_the_table_and_the_line_for_programs(source: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--source", str(source)]) == 0
    *table, last = capsys.readouterr().out.strip().split("\n")
    result = json.loads(last)
    assert result["shares"]["宋七绝"]["regulated"] == 50
    assert result["shares"]["宋七绝"]["faults"]["首句落韵"] == 25
    assert result["shares"]["唐五绝"]["poems"] == 2
    assert set(result["shares"]) == {"唐五绝", "唐五律", "宋七绝"}
    song = next(row for row in table if row.startswith("宋七绝"))
    assert "50.0 (88.4 -38.4)" in song
    assert "75.0 (88.4 -13.4)" in song


def test_every_shape_has_its_reference() -> None:
    assert set(REFERENCE) == {dynasty + form for dynasty in "唐宋" for form in FORMS}
    one = summary([measure(poem(TOWER))])
    table = list(rows(dict.fromkeys(REFERENCE, one), {"characters": 0.1}))
    assert table[1].startswith("唐五绝       1 ( 3,976)")
    assert "100.0 (55.2 +44.8)" in table[1]


def test_a_source_without_them(tmp_path: Path) -> None:
    (tmp_path / "songci").mkdir()
    with pytest.raises(CorpusError, match="--source"):
        main(["--source", str(tmp_path)])
