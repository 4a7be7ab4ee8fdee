"""中华新韵: modern readings, the fourteen rhymes, and poems that one law accepts and the other doesn't.

pytest tests/test_prosody_modern.py
"""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shici.errors import ProsodyError
from shici.prosody.judge import Label, label, label_ci
from shici.prosody.modern import (
    dictionaries,
    modern_lexicon,
    reader_lexicon,
    reading,
    strict_modern_lexicon,
    word_counts,
)
from shici.prosody.readings import Reading, lexicon_for, simplified_lexicon, strict_lexicon
from shici.prosody.rhymes import LEVEL_GROUPS, MODERN, MODERN_RHYMES, PINGSHUI
from shici.prosody.verdict import judge

# The book's list: each 韵 with words that it gives as examples, one for each of its finals.
FOURTEEN = [
    ("一麻", "麻 加 花"),
    ("二波", "波 歌 锅"),
    ("三皆", "街 月"),
    ("四开", "开 怀"),
    ("五微", "飞 归"),
    ("六豪", "高 桥"),
    ("七尤", "楼 秋"),
    ("八寒", "寒 天 欢 泉"),
    ("九文", "门 春 新 云"),
    ("十唐", "唐 江 光"),
    ("十一庚", "风 清 东 兄 翁"),
    ("十二齐", "期 鱼 儿"),
    ("十三支", "诗 迟 思 词 日"),
    ("十四姑", "姑 书"),
]

# Entering tones of the old books, and what became of them: level in the first row, oblique in the second.
ENTERING = [
    ("白国独一石竹菊出说息席德节别急食拾夕昔", "平"),
    ("月日雪客北尺玉色落叶力客木目绿墨", "仄"),
]

# By 平水韵 all of these are 合律; by modern sound they break the rule that is named.
OLD_ONLY = [
    ("白日依山尽，黄河入海流。欲穷千里目，更上一层楼。", "三平尾"),  # 一
    ("远上寒山石径斜，白云生处有人家。停车坐爱枫林晚，霜叶红于二月花。", "落韵"),  # 斜
    ("不惜千金买宝刀，貂裘换酒也堪豪。一腔热血勤珍重，洒去犹能化碧涛。", "出律"),  # 惜
    ("无情未必真豪杰，怜子如何不丈夫。知否兴风狂啸者，回眸时看小於菟。", "出律"),  # 杰
    ("投身革命即为家，血雨腥风应有涯。取义成仁今日事，人间遍种自由花。", "三平尾"),  # 即
]

# By modern sound 合律; by 平水韵 they break the rule that is named. The last is the modern rhyme.
MODERN_ONLY = [
    ("渌水净素月，月明白鹭飞。郎听采菱女，一道夜歌归。", "出律", "五微平"),  # 白, level, mends 素
    ("一抹明霞黯淡红，瓦沟已见雪花融。前山未放晓寒散，犹锁白云三两峰。", "落韵", "十一庚平"),  # 东 and 冬
    ("下却诸滩水渐平，舟行已远上饶城。酒家便有江乡景，绿柳梢头挂玉瓶。", "落韵", "十一庚平"),  # 庚 and 青
    ("独下长亭念过秦，五松不见见舆薪。只应既斩斯高后，寻被樵人用斧斤。", "落韵", "九文平"),  # 真 and 文
]

BOTH = [
    ("断头今日意如何，创业艰难百战多。此去泉台招旧部，旌旗十万斩阎罗。", "五歌", "二波平"),
    ("朝辞白帝彩云间，千里江陵一日还。两岸猿声啼不住，轻舟已过万重山。", "十五删", "八寒平"),
]


def split(text: str) -> list[str]:
    return [line for line in re.split("[，。]", text) if line]


@pytest.mark.parametrize(("rhyme", "examples"), FOURTEEN)
def test_the_fourteen_rhymes(rhyme: str, examples: str) -> None:
    for character in examples.split():
        assert rhyme in modern_lexicon().parts(character), character


def test_the_book() -> None:
    assert MODERN.parts == MODERN_RHYMES == tuple(rhyme for rhyme, _ in FOURTEEN)
    assert MODERN.level == tuple(f"{rhyme}平" for rhyme in MODERN_RHYMES)
    assert MODERN.groups == MODERN.level + tuple(f"{rhyme}仄" for rhyme in MODERN_RHYMES)
    assert [MODERN.tone_of(group) for group in ("一麻平", "一麻仄")] == ["平", "仄"]
    assert not any(MODERN.neighbours(group) for group in MODERN.groups)
    assert not set(MODERN.groups) & set(PINGSHUI.groups)


def test_the_book_of_pingshui() -> None:
    assert PINGSHUI.level == LEVEL_GROUPS
    assert len(PINGSHUI.groups) == 106
    assert PINGSHUI.neighbours("十三元") == set("十一真 十二文 十四寒 十五删 一先".split())
    assert PINGSHUI.neighbours("十一尤") == PINGSHUI.neighbours("一董") == frozenset()
    assert PINGSHUI.sorted({"十五咸", "一董", "一东"}) == ["一东", "十五咸", "一董"]
    with pytest.raises(KeyError):
        PINGSHUI.tone_of("一麻平")


def test_every_lexicon_keeps_to_its_book() -> None:
    for lexicon in (modern_lexicon(), strict_modern_lexicon(), strict_lexicon(), simplified_lexicon()):
        for found in lexicon.rows.values():
            assert found
            for one in found:
                assert lexicon.book.tone_of(one.group) == one.tone
                assert one.part in lexicon.book.parts


@pytest.mark.parametrize(("characters", "tone"), ENTERING)
def test_entering_tones_went_two_ways(characters: str, tone: str) -> None:
    assert strict_modern_lexicon().tones(characters) == tone * len(characters)
    assert set(strict_lexicon().tones(characters)) == {"仄"}


@pytest.mark.parametrize(
    ("syllable", "expected"),
    [
        ("zhī", Reading("平", "十三支平", "十三支")),
        ("jī", Reading("平", "十二齐平", "十二齐")),
        ("ér", Reading("平", "十二齐平", "十二齐")),
        ("rì", Reading("仄", "十三支仄", "十三支")),
        ("lǜ", Reading("仄", "十二齐仄", "十二齐")),
        ("lù", Reading("仄", "十四姑仄", "十四姑")),
        ("xué", Reading("平", "三皆平", "三皆")),
        ("yún", Reading("平", "九文平", "九文")),
        ("yuán", Reading("平", "八寒平", "八寒")),
        ("liú", Reading("平", "七尤平", "七尤")),
        ("guī", Reading("平", "五微平", "五微")),
        ("wēng", Reading("平", "十一庚平", "十一庚")),
        ("xiōng", Reading("平", "十一庚平", "十一庚")),
        ("de", None),
        ("ńg", None),
    ],
)
def test_syllables(syllable: str, expected: Reading | None) -> None:
    assert reading(syllable) == expected


def test_every_syllable_with_a_tone_has_a_rhyme() -> None:
    characters, _ = dictionaries()
    toned = {one for row in characters.values() for one in row.split(",") if re.search("[^a-zêü]", one)}
    assert {one for one in toned if reading(one) is None} == set("ń ň ǹ ńg ňg ǹg ḿ m̀ m̄".split())


@pytest.mark.parametrize(
    ("character", "recorded", "strict"),
    [
        ("看", "八寒平 八寒仄", "八寒平 八寒仄"),
        ("知", "十三支平 十三支仄", "十三支平"),  # zhì in few words
        ("听", "十一庚平", "十一庚平"),  # yǐn in none
        ("聽", "十一庚平", "十一庚平"),  # by the words of 听
        ("忘", "十唐仄", "十唐仄"),
        ("一", "十二齐平", "十二齐平"),  # yí and yì are 变调
        ("不", "七尤仄 十四姑仄", "十四姑仄"),
        ("了", "六豪仄", "六豪仄"),  # le has no tone
        ("子", "十三支仄", "十三支仄"),
        ("泠", "十一庚平 十一庚仄", "十一庚平"),  # in no word
        ("☯", "", ""),
    ],
)
def test_readings_in_use(character: str, recorded: str, strict: str) -> None:
    assert modern_lexicon().groups(character) == set(recorded.split())
    assert strict_modern_lexicon().groups(character) == set(strict.split())


def test_strict_readings_are_recorded_ones() -> None:
    for character, found in strict_modern_lexicon().rows.items():
        assert set(found) <= set(modern_lexicon().readings(character))


def test_words_are_counted_without_neutral_tones_and_sandhi() -> None:
    words = {"一定": [["yí"], ["dìng"]], "知了": [["zhī"], ["le"]], "知音": [["zhī"], ["yīn"]]}
    counts = {one: found.total() for one, found in word_counts(words).items()}
    assert counts == {"定": 1, "知": 2, "音": 1}


@pytest.mark.parametrize(("text", "fault"), OLD_ONLY)
def test_poems_that_only_the_old_law_accepts(text: str, fault: str) -> None:
    assert label(split(text)).regulated == "合律"
    assert label(split(text), modern_lexicon()).regulated == "不合律"
    assert fault in {found.kind for found in judge(split(text), lexicon=modern_lexicon()).faults}


@pytest.mark.parametrize(("text", "fault", "rhyme"), MODERN_ONLY)
def test_poems_that_only_the_new_law_accepts(text: str, fault: str, rhyme: str) -> None:
    assert label(split(text)).regulated == "不合律"
    assert fault in {found.kind for found in judge(split(text)).faults}
    for lexicon in (modern_lexicon(), strict_modern_lexicon()):
        verdict = judge(split(text), lexicon=lexicon)
        assert (verdict.regulated, verdict.rhyme, verdict.faults) == ("合律", rhyme, ())
        assert label(split(text), lexicon) == Label(verdict.form, "合律", rhyme)


@pytest.mark.parametrize(("text", "old", "new"), BOTH)
def test_poems_that_both_accept(text: str, old: str, new: str) -> None:
    assert [label(split(text), book).rhyme for book in (None, modern_lexicon())] == [old, new]
    assert not judge(split(text)).faults
    assert not judge(split(text), lexicon=modern_lexicon()).faults


def test_no_neighbour_helps_the_first_line() -> None:
    """清明: 纷 borrows for 魂 and 村 by 平水韵; by modern sound all three are one rhyme anyway."""
    text = "清明时节雨纷纷，路上行人欲断魂。借问酒家何处有，牧童遥指杏花村。"
    assert {note.kind for note in judge(split(text)).notes} == {"借韵"}
    assert "借韵" not in {note.kind for note in judge(split(text), lexicon=modern_lexicon()).notes}


def test_faults_name_the_modern_group() -> None:
    lines = split(OLD_ONLY[1][0])
    reasons = [found.reason for found in judge(lines, lexicon=modern_lexicon()).faults]
    assert "“斜”属三皆平，此诗押一麻平" in reasons


def test_free_verse_rhymes_by_modern_sound() -> None:
    """青松: 直 is an entering tone in the old books, and rhymes with 时 today."""
    lines = split("大雪压青松，青松挺且直。要知松高洁，待到雪化时。")
    assert label(lines).rhyme == ""
    assert label(lines, modern_lexicon()).rhyme == "十三支平"


def test_ci_rhyme_in_the_fourteen_whatever_the_tone() -> None:
    sentences = ["明月几时有，把酒问青天", "不知天上宫阙，今夕是何年", "但愿人长久，千里共婵娟", "一片"]
    assert label_ci(sentences[:3], modern_lexicon()) == label_ci(sentences, modern_lexicon()) == "八寒"


VERSE = st.text("东月看白国独☯□一", min_size=5, max_size=5) | st.text(
    "东月看白国独☯□一", min_size=7, max_size=7
)


@given(st.lists(VERSE, min_size=4, max_size=10))
def test_label_and_judge_agree_by_modern_sound(lines: list[str]) -> None:
    quick, full = label(lines, modern_lexicon()), judge(lines, lexicon=modern_lexicon())
    assert (full.form, full.regulated, full.rhyme) == (quick.form, quick.regulated, quick.rhyme)


def test_pypinyin_is_imported_only_when_asked_for() -> None:
    program = (
        "import sys, shici.prosody.modern, shici.prosody.verdict as v\n"
        "v.judge(['白日依山尽', '黄河入海流', '欲穷千里目', '更上一层楼'])\n"
        "sys.exit('pypinyin' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_without_pypinyin_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pypinyin.phrases_dict", None)
    with pytest.raises(ProsodyError, match="pip install"):
        dictionaries()


MOCKING = (  # 鲁迅《自嘲》
    "运交华盖欲何求，未敢翻身已碰头。破帽遮颜过闹市，漏船载酒泛中流。"
    "横眉冷对千夫指，俯首甘为孺子牛。躲进小楼成一统，管他冬夏与春秋。"
)


def test_what_the_old_books_lack_has_its_modern_tone_for_a_reader() -> None:
    lines = [line for line in re.split("[，。]", MOCKING) if line]
    assert label(lines) == Label("七律", "", "十一尤")
    verdict = judge(lines, lexicon=reader_lexicon("".join(lines)))
    assert verdict.regulated == "合律"
    assert [(one.line, one.place, one.reason) for one in verdict.notes if one.kind == "今音"] == [
        (1, 5, "韵书无“碰”字，依今音作仄声")
    ]


def test_a_modern_tone_is_no_rhyme() -> None:
    lexicon = reader_lexicon("碰搞您☯白")
    assert lexicon.tones("碰搞您☯白") == "仄仄平？仄"
    assert lexicon.groups("碰") == lexicon.parts("碰") == frozenset()
    assert lexicon.readings("白") == simplified_lexicon().readings("白")
    lines = ["白日依山尽", "黄河入海您", "欲穷千里目", "更上一层楼"]
    assert judge(lines, lexicon=reader_lexicon("".join(lines))).regulated == ""


def test_a_text_that_the_books_know_is_read_by_them_alone() -> None:
    assert reader_lexicon("白日依山尽") is lexicon_for("白日依山尽")
    assert reader_lexicon("白日☯") is lexicon_for("白日☯")
