"""The judge's words in English: every remark that the judges make is known, and says the same.

Run: pytest tests/test_app_judgement.py
"""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shici.app.judgement import KINDS, WORDS, reason_in_english, remark_in_words, word
from shici.generation.form_asked import FIXED_FORMS
from shici.generation.verdicts import fault
from shici.prosody.judge import IRREGULAR, REGULAR
from shici.prosody.readings import lexicon_for
from shici.prosody.shape_verdict import judge_shape
from shici.prosody.template import verse_template
from shici.prosody.tune_verdict import TUNE_FAULTS, TUNE_NOTES, judge_tune
from shici.prosody.verdict import FAULTS, NOTES, Remark, judge
from tests.test_prosody_judge import BROKEN, NOTED, near_verse, split
from tests.test_prosody_tune_verdict import broken_poems

ROWS = [
    (Remark("出律", 1, 0, "“天”平声，此处当仄"), "line 2, wrong tone: 天 is level, here oblique is due"),
    (
        Remark("出律", 2, 0, "“万”仄声，此处当平，下句又未救"),
        "line 3, wrong tone: 万 is oblique, here level is due, and the next line does not mend it",
    ),
    (
        Remark("落韵", 3, 4, "“垓”属十灰、九佳，此诗押五歌"),
        "line 4, off rhyme: 垓 belongs to 十灰 and 九佳; this poem rhymes in 五歌",
    ),
    (Remark("失粘", 2, None, "第3句与第2句平仄不相粘"), "line 3, couplets not linked: line 3 does not take up the "
     "tones of line 2"),
    (Remark("句数", 3, None, "五律8句，这里4句"), "line 4, number of lines: 五律 has 8 lines, here are 4"),
    (Remark("句数", 1, None, "谱中第3句（6字）这里没有"), "line 2, number of lines: line 3 of the tune (6 characters) "
     "is not here"),
    (Remark("换韵", 3, 2, "第4、5句与第1、2句同押第十二部，此处当换韵"), "line 4, rhyme not changed: lines 4, 5 rhyme "
     "in 第十二部 as lines 1, 2 do; here the rhyme ought to change"),
    (
        Remark("僻读", 3, 4, "“不”须作平声方合，诗中罕有此读；照常读仄声，此句孤平"),
        "line 4, unusual reading: 不 fits only if it is level, as it hardly ever is in poems; as usual it is oblique, "
        "with a lone level tone",
    ),
    (
        Remark("僻读", 5, 2, "“空”须作仄声方合，那是另一义；照常用的平声，此句三平尾"),
        "line 6, unusual reading: 空 fits only if it is oblique, in another meaning; as usual it is level, with three "
        "level tones at the end",
    ),
    (
        Remark("僻读", 1, 2, "“共”须作平声方合，诗中罕有此读；照常读仄声，上句大拗未救"),
        "line 2, unusual reading: 共 fits only if it is level, as it hardly ever is in poems; as usual it is oblique, "
        "with nothing that mends the line before",
    ),
    (
        Remark("僻读", 1, 4, "“不”押十一尤，诗中罕见；照常读属五物"),
        "line 2, unusual reading: 不 rhymes in 十一尤, as it hardly ever does in poems; as usual it belongs to 五物",
    ),
    (
        Remark("通押", 3, None, "“事”属四寘，“未”属五未，古体可通押"),
        "line 4, neighbouring rhymes: 事 belongs to 四寘, 未 belongs to 五未; old verse may rhyme them together",
    ),
    (
        Remark("今音", 1, 5, "韵书无“碰”字，依今音作仄声"),
        "line 2, modern sound: the rhyme book lacks 碰; as it is spoken today it is oblique",
    ),
    (
        Remark("出律", 0, 0, "“昔”仄声，此处当平（特拗首字必平）"),
        "line 1, wrong tone: 昔 is oblique; the set exception level level oblique level oblique begins with a level "
        "tone",
    ),
    (Remark("叠句", 5, None, "当倒叠第5句末“迷路”"), "line 6, refrain: ought to say the end of line 5 backwards, 迷路"),
]  # fmt: skip


@pytest.mark.parametrize(("remark", "said"), ROWS)
def test_remarks_in_english(remark: Remark, said: str) -> None:
    assert remark_in_words(remark, "en") == said
    assert remark_in_words(remark, "zh") == fault(remark)


def check(remarks: tuple[Remark, ...]) -> None:
    """Each is known: without the characters and names that it quotes no Chinese is left, and no gap is unfilled."""
    for remark in remarks:
        said = remark_in_words(remark, "en")
        assert said.startswith(f"line {remark.line + 1}, {KINDS[remark.kind]}: ")
        assert not said.endswith(remark.reason)
        assert "{" not in said
        assert re.findall(r"\d+", remark.reason) == [] or re.search(r"\d", said.partition(": ")[2])


@pytest.mark.parametrize("text", [text for _, text, _ in BROKEN] + [text for text, _ in NOTED])
def test_every_remark_on_attested_and_broken_verse(text: str) -> None:
    verdict = judge(split(text))
    check((*verdict.faults, *verdict.notes))


@given(near_verse(), st.sampled_from(FIXED_FORMS))
@settings(max_examples=60)
def test_every_remark_of_the_judges_of_verse(lines: list[str], form: str) -> None:
    lexicon = lexicon_for("".join(lines))
    for verdict in (
        judge(lines, form),
        judge_shape(lines, verse_template(form, regulated=False, strict=False, lines=None), lexicon),
    ):
        check((*verdict.faults, *verdict.notes))


@given(broken_poems())
@settings(max_examples=40)
def test_every_remark_of_the_judge_of_tunes(drawn: tuple[str, list[str]]) -> None:
    tune, lines = drawn
    verdict = judge_tune(lines, tune)
    check((*verdict.faults, *verdict.notes))


def test_every_kind_has_an_english_name() -> None:
    assert set(FAULTS) | set(NOTES) | set(TUNE_FAULTS) | set(TUNE_NOTES) == set(KINDS)
    assert {REGULAR, IRREGULAR, "合式", "不合式"} <= set(WORDS)
    assert word("不合律", "en") == "irregular"
    assert word("不合律", "zh") == "不合律"
    assert word("五绝", "en") == "五绝"


def test_what_is_not_known_says_so() -> None:
    assert reason_in_english("天凉好个秋") == "in Chinese, 天凉好个秋"
