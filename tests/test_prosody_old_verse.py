"""Verse that rhymes in an oblique tone, and which lines of any verse rhyme.

Run: pytest tests/test_prosody_old_verse.py
"""

from __future__ import annotations

import pytest

from shici.prosody.patterns import form_by_shape
from shici.prosody.verdict import judge
from tests.test_prosody_judge import split

OLD_VERSE = [
    ("春眠不觉晓，处处闻啼鸟。夜来风雨声，花落知多少。", "五绝（古绝，仄韵）", "十七筱"),
    ("千山鸟飞绝，万径人踪灭。孤舟蓑笠翁，独钓寒江雪。", "五绝（古绝，仄韵）", "九屑"),
    ("空山不见人，但闻人语响。返景入深林，复照青苔上。", "五绝（古绝，仄韵）", "二十二养"),
    ("独坐幽篁里，弹琴复长啸。深林人不知，明月来相照。", "五绝（古绝，仄韵）", "十八啸"),
    (
        "松下问童子，言师采药去。只在此山中，云深不知处。",
        "五绝（古绝，仄韵）",
        "六语",
    ),  # or 六御, later in the book
    ("锄禾日当午，汗滴禾下土。谁知盘中餐，粒粒皆辛苦。", "五绝（古绝，仄韵）", "七麌"),
    ("君自故乡来，应知故乡事。来日绮窗前，寒梅著花未。", "五绝（古绝，仄韵）", ""),
    (
        "岱宗夫如何，齐鲁青未了。造化钟神秀，阴阳割昏晓。荡胸生曾云，决眦入归鸟。会当凌绝顶，一览众山小。",
        "五古（仄韵）",
        "十七筱",
    ),
]


@pytest.mark.parametrize(("text", "form", "rhyme"), OLD_VERSE)
def test_verse_in_oblique_rhyme_is_old_verse(text: str, form: str, rhyme: str) -> None:
    verdict = judge(split(text))
    assert (verdict.form, verdict.regulated, verdict.rhyme, verdict.faults) == (form, "", rhyme, ())
    assert all(verdict.rhyming[1::2])
    strict = judge(split(text), form_by_shape(split(text)))
    assert strict.regulated == "不合律"
    assert "仄韵" in {fault.kind for fault in strict.faults}
    assert "落韵" not in {fault.kind for fault in strict.faults}


@pytest.mark.parametrize(
    ("text", "rhyming"),
    [
        ("前不见古人，后不见来者。念天地之悠悠，独怆然而涕下。", "-+-+"),
        ("东月，东风。山水，江河。明月，山歌。", "---+-+"),  # 风 rhymes with nothing
        ("慈母手中线，游子身上衣。临行密密缝，意恐迟迟归。谁言寸草心，报得三春晖。", "-+-+-+"),
        ("白日，黄河。", "--"),
    ],
)
def test_only_what_rhymes_is_marked(text: str, rhyming: str) -> None:
    assert "".join("-+"[one] for one in judge(split(text)).rhyming) == rhyming
