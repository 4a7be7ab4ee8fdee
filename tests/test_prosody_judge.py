"""Forms, verdicts and rhymes of attested poems, and of the same poems broken on purpose.

pytest tests/test_prosody_judge.py
"""

from __future__ import annotations

import re
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shici.errors import ProsodyError
from shici.prosody.judge import Label, label, label_ci
from shici.prosody.patterns import KINDS, REGULATED_FORMS, VERSE_FORMS, form_by_shape, kinds_of
from shici.prosody.verdict import FAULTS, NOTES, judge

TOWER = "白日依山尽，黄河入海流。欲穷千里目，更上一层楼。"  # 登鹳雀楼
BAIDI = "朝辞白帝彩云间，千里江陵一日还。两岸猿声啼不住，轻舟已过万重山。"
GUANSHAN = "我宿五松下，寂寥无所欢。田家秋作苦，邻女夜舂寒。跪进雕胡饭，月光明素盘。令人惭漂母，三谢不能餐。"
XIANSHAN = "人事有代谢，往来成古今。江山留胜迹，我辈复登临。水落鱼梁浅，天寒梦泽深。羊公碑尚在，读罢泪沾襟。"
XIANG = (
    "善鼓云和瑟，常闻帝子灵。冯夷空自舞，楚客不堪听。苦调凄金石，清音入杳冥。"
    "苍梧来怨慕，白芷动芳馨。流水传潇浦，悲风过洞庭。曲终人不见，江上数峰青。"
)
SPRING = "国破山河在，城春草木深。感时花溅泪，恨别鸟惊心。烽火连三月，家书抵万金。白头搔更短，浑欲不胜簪。"
HEIGHT = (
    "风急天高猿啸哀，渚清沙白鸟飞回。无边落木萧萧下，不尽长江滚滚来。"
    "万里悲秋常作客，百年多病独登台。艰难苦恨繁霜鬓，潦倒新停浊酒杯。"
)
CHANGMEN = (
    "阊门四望郁苍苍，始觉州雄土俗强。十万夫家供课税，五千子弟守封疆。阖闾城碧铺秋草，乌鹊桥红带夕阳。"
    "处处楼前飘管吹，家家门外泊舟航。云埋虎寺山藏色，月耀娃宫水放光。曾赏钱唐嫌茂苑，今来未敢苦夸张。"
)
WEICHENG = "渭城朝雨浥轻尘，客舍青青柳色新。劝君更尽一杯酒，西出阳关无故人。"

NEW_YEAR = (
    "旅馆寒灯独不眠，客心何事转凄然。故乡今夜思千里，百岁老翁不种田。"  # 高适《除夜》, 王力's example of 孤平
)
PLAIN = "向晚意不适，驱车登古原。夕阳无限好，只是近黄昏。"
TEMPLE = "清晨入古寺，初日照高林。曲径通幽处，禅房花木深。山光悦鸟性，潭影空人心。万籁此俱寂，但余钟磬音。"
XIANYANG = (
    "一上高城万里愁，蒹葭杨柳似汀洲。溪云初起日沉阁，山雨欲来风满楼。"
    "鸟下绿芜秦苑夕，蝉鸣黄叶汉宫秋。行人莫问当年事，故国东来渭水流。"
)
YUEYANG = "昔闻洞庭水，今上岳阳楼。吴楚东南坼，乾坤日夜浮。亲朋无一字，老病有孤舟。戎马关山北，凭轩涕泗流。"
FRIEND = "故人具鸡黍，邀我至田家。绿树村边合，青山郭外斜。开轩面场圃，把酒话桑麻。待到重阳日，还来就菊花。"
CREEK = "独怜幽草涧边生，上有黄鹂深树鸣。春潮带雨晚来急，野渡无人舟自横。"

# Text, form, verdict, rhyme.
POEMS = [
    (TOWER, "五绝", "合律", "十一尤"),
    ("白日依山盡，黃河入海流。欲窮千里目，更上一層樓。", "五绝", "合律", "十一尤"),
    ("红豆生南国，春来发几枝。愿君多采撷，此物最相思。", "五绝", "合律", "四支"),
    (PLAIN, "五绝", "合律", "十三元"),  # 拗救
    (NEW_YEAR, "七绝", "合律", "一先"),  # by the books
    (TEMPLE, "五律", "合律", "十二侵"),
    (XIANYANG, "七律", "合律", "十一尤"),
    (YUEYANG, "五律", "不合律", "十一尤"),
    (CREEK, "七绝", "不合律", "八庚"),
    ("床前明月光，疑是地上霜。举头望明月，低头思故乡。", "五绝", "不合律", "七阳"),
    ("春眠不觉晓，处处闻啼鸟。夜来风雨声，花落知多少。", "五绝", "不合律", "十七筱"),
    (BAIDI, "七绝", "合律", "十五删"),
    ("月落乌啼霜满天，江枫渔火对愁眠。姑苏城外寒山寺，夜半钟声到客船。", "七绝", "合律", "一先"),
    ("清明时节雨纷纷，路上行人欲断魂。借问酒家何处有，牧童遥指杏花村。", "七绝", "合律", "十三元"),  # 借韵
    (WEICHENG, "七绝", "不合律", "十一真"),  # 失粘
    (SPRING, "五律", "合律", "十二侵"),
    (
        "空山新雨后，天气晚来秋。明月松间照，清泉石上流。竹喧归浣女，莲动下渔舟。随意春芳歇，王孙自可留。",
        "五律",
        "合律",
        "十一尤",
    ),
    (
        "城阙辅三秦，风烟望五津。与君离别意，同是宦游人。海内存知己，天涯若比邻。无为在歧路，儿女共沾巾。",
        "五律",
        "合律",
        "十一真",
    ),
    (GUANSHAN, "五律", "合律", "十四寒"),
    (XIANSHAN, "五律", "合律", "十二侵"),
    (HEIGHT, "七律", "合律", "十灰"),
    (
        "锦瑟无端五十弦，一弦一柱思华年。庄生晓梦迷蝴蝶，望帝春心托杜鹃。"
        "沧海月明珠有泪，蓝田日暖玉生烟。此情可待成追忆，只是当时已惘然。",
        "七律",
        "合律",
        "一先",
    ),
    (
        "昔人已乘黄鹤去，此地空余黄鹤楼。黄鹤一去不复返，白云千载空悠悠。"
        "晴川历历汉阳树，芳草萋萋鹦鹉洲。日暮乡关何处是，烟波江上使人愁。",
        "七律",
        "不合律",
        "十一尤",
    ),
    (XIANG, "五排", "合律", "九青"),
    (CHANGMEN, "七排", "合律", "七阳"),
    (XIANG.replace("江上数峰青", "江上有高人"), "五古", "", ""),
    ("慈母手中线，游子身上衣。临行密密缝，意恐迟迟归。谁言寸草心，报得三春晖。", "五古", "", "五微"),
    ("对酒当歌，人生几何。譬如朝露，去日苦多。", "四言", "", "五歌"),
    ("前不见古人，后不见来者。念天地之悠悠，独怆然而涕下。", "杂言", "", "二十一马"),
    ("桃红复含宿雨，柳绿更带朝烟。花落家童未扫，莺啼山客犹眠。", "六言", "", "一先"),
]


def couplets(text: str, *order: int) -> str:
    """The couplets of a poem in another order."""
    parts = re.findall("[^。]+。", text)
    return "".join(parts[at] for at in order)


def rhymed(text: str, words: str) -> str:
    """A poem with other words at the ends of its even lines."""
    given = iter(words)
    return re.sub("(?<=，)([^，]*).。", lambda found: f"{found[1]}{next(given)}。", text)


# Form, text, what must be found: (kind, line, place), from 0.
BROKEN = [
    ("五绝", TOWER.replace("入海", "入江"), ("出律", 1, 3)),
    ("五绝", TOWER.replace("黄河", "白河"), ("孤平", 1, 1)),
    ("五绝", TOWER.replace("一层", "高层"), ("三平尾", 3, 2)),
    ("五绝", "欲穷千里目，黄河入海流。白头搔更短，更上一层楼。", ("失对", 1, None)),
    ("五绝", "白日依山尽，黄河入海流。万里悲秋客，江边夜夜舟。", ("失粘", 2, None)),
    ("五绝", TOWER.replace("层楼", "层山"), ("落韵", 3, 4)),
    ("五绝", TOWER.replace("层楼", "层流"), ("重韵", 3, 4)),
    ("五绝", TOWER.replace("一层", "一□"), ("缺字", 3, 3)),
    ("五绝", rhymed(TOWER, "月雪"), ("仄韵", 1, 4)),
    ("七绝", BAIDI.replace("轻舟", "轻楫"), ("出律", 3, 1)),
    ("七绝", BAIDI.replace("江陵", "武陵"), ("孤平", 1, 3)),
    ("七绝", BAIDI.replace("万重", "千重"), ("三平尾", 3, 4)),
    ("七绝", BAIDI.replace("朝辞白帝彩云间", "借问酒家何处有"), ("失对", 1, None)),
    ("七绝", WEICHENG, ("失粘", 2, None)),
    ("七绝", BAIDI.replace("彩云间", "彩云舟"), ("落韵", 0, 6)),
    ("七绝", BAIDI.replace("万重山", "万重峰"), ("落韵", 3, 6)),
    ("七绝", BAIDI.replace("万重山", "万重还"), ("重韵", 3, 6)),
    ("七绝", BAIDI.replace("一日", "一□"), ("缺字", 1, 5)),
    ("七绝", rhymed(BAIDI, "绝灭"), ("仄韵", 1, 6)),
    ("五律", SPRING.replace("草木", "草林"), ("出律", 1, 3)),
    ("五律", XIANSHAN.replace("往来成", "从来见"), ("出律", 0, 3)),  # 拗 that nothing mends
    ("五律", SPRING.replace("家书", "寄书"), ("孤平", 5, 1)),
    ("五律", SPRING.replace("鸟惊", "莺惊"), ("三平尾", 3, 2)),
    ("五律", SPRING.replace("国破山河在", "空山新雨后"), ("失对", 1, None)),
    ("五律", couplets(SPRING, 1, 0, 2, 3), ("失粘", 4, None)),
    ("五律", SPRING.replace("万金", "万钱"), ("落韵", 5, 4)),
    ("五律", SPRING.replace("不胜簪", "不胜心"), ("重韵", 7, 4)),
    ("五律", SPRING.replace("万金", "□金"), ("缺字", 5, 3)),
    ("五律", rhymed(SPRING, "晓了鸟小"), ("仄韵", 1, 4)),
    ("七律", HEIGHT.replace("无边", "无限"), ("出律", 2, 1)),
    ("七律", HEIGHT.replace("长江", "大江"), ("孤平", 3, 3)),
    ("七律", HEIGHT.replace("独登台", "初登台"), ("三平尾", 5, 4)),
    ("七律", HEIGHT.replace("风急天高猿啸哀", "锦江春色来天地"), ("失对", 1, None)),
    ("七律", couplets(HEIGHT, 0, 2, 1, 3), ("失粘", 2, None)),
    ("七律", HEIGHT.replace("浊酒杯", "浊酒壶"), ("落韵", 7, 6)),
    ("七律", HEIGHT.replace("浊酒杯", "浊酒台"), ("重韵", 7, 6)),
    ("七律", HEIGHT.replace("滚滚", "滚□"), ("缺字", 3, 5)),
    ("七律", rhymed(HEIGHT, "晓了鸟小"), ("仄韵", 1, 6)),
    ("五排", XIANG.replace("常闻", "常忆"), ("出律", 1, 1)),
    ("五排", XIANG.replace("清音", "玉音"), ("孤平", 5, 1)),
    ("五排", XIANG.replace("动芳馨", "飘芳馨"), ("三平尾", 7, 2)),
    ("五排", XIANG.replace("善鼓云和瑟", "空山新雨后"), ("失对", 1, None)),
    ("五排", couplets(XIANG, 1, 0, 2, 3, 4, 5), ("失粘", 4, None)),
    ("五排", XIANG.replace("数峰青", "数峰山"), ("落韵", 11, 4)),
    ("五排", XIANG.replace("数峰青", "数峰灵"), ("重韵", 11, 4)),
    ("五排", XIANG.replace("过洞", "过□"), ("缺字", 9, 3)),
    ("五排", rhymed(XIANG, "晓了鸟小少渺"), ("仄韵", 1, 4)),
    ("七排", CHANGMEN.replace("月耀", "月明"), ("出律", 9, 1)),
    ("七排", CHANGMEN.replace("娃宫", "宝宫"), ("孤平", 9, 3)),
    ("七排", CHANGMEN.replace("泊舟航", "停舟航"), ("三平尾", 7, 4)),
    ("七排", CHANGMEN.replace("阊门四望郁苍苍", "借问酒家何处有"), ("失对", 1, None)),
    ("七排", couplets(CHANGMEN, 0, 2, 1, 3, 4, 5), ("失粘", 2, None)),
    ("七排", CHANGMEN.replace("苦夸张", "苦夸人"), ("落韵", 11, 6)),
    ("七排", CHANGMEN.replace("苦夸张", "苦夸强"), ("重韵", 11, 6)),
    ("七排", CHANGMEN.replace("水放", "水□"), ("缺字", 9, 5)),
    ("七排", rhymed(CHANGMEN, "晓了鸟小少渺"), ("仄韵", 1, 6)),
]

NOTED = [
    (XIANSHAN, ("拗救", 0, 3)),
    (GUANSHAN, ("拗救", 5, 0)),
    (PLAIN, ("拗救", 0, 3)),
    (XIANYANG, ("拗救", 2, 4)),  # 日, saved by 风,
    (XIANYANG, ("拗救", 3, 2)),  # which saves 欲 as well
    ("清明时节雨纷纷，路上行人欲断魂。借问酒家何处有，牧童遥指杏花村。", ("借韵", 0, 6)),
    (TOWER.replace("依山", "依☯"), ("未知", 0, 3)),
    (NEW_YEAR, ("僻读", 3, 4)),
    (TOWER.replace("千里目", "千里空"), ("僻读", 2, 4)),
    (TOWER.replace("一层楼", "空山楼"), ("僻读", 3, 2)),
    (GUANSHAN, ("僻读", 6, 3)),  # 漂母
    (TEMPLE, ("僻读", 5, 2)),  # 空人心
    ("春眠不觉晓，处处闻啼鸟。夜来风雨声，花落知多少。", ("仄韵", 3, None)),
    ("君自故乡来，应知故乡事。来日绮窗前，寒梅著花未。", ("通押", 3, None)),
]


def split(text: str) -> list[str]:
    return [line for line in re.split("[，。]", text) if line]


def asked(lines: list[str]) -> str | None:
    """The form to ask for, so that verse in oblique rhyme is judged by the rules as `label` does."""
    form = form_by_shape(lines)
    return form if form[1] in "绝律" else None


@pytest.mark.parametrize(("text", "form", "regulated", "rhyme"), POEMS)
def test_attested_poems(text: str, form: str, regulated: str, rhyme: str) -> None:
    assert label(split(text)) == Label(form, regulated, rhyme)
    verdict = judge(split(text), asked(split(text)))
    assert (verdict.form, verdict.regulated, verdict.rhyme) == (form, regulated, rhyme)
    assert bool(verdict.faults) == (regulated == "不合律")


@pytest.mark.parametrize(("form", "text", "fault"), BROKEN)
def test_broken_poems(form: str, text: str, fault: tuple[str, int, int | None]) -> None:
    verdict = judge(split(text), form)
    assert [(found.kind, found.line, found.place) for found in verdict.faults][:1] == [fault]
    assert len({found.kind for found in verdict.faults}) == 1
    assert verdict.regulated == ("" if fault[0] == "缺字" else "不合律")
    if form[1] == "排":  # ten lines that break the rules are 古诗
        assert label(split(text)) == Label(form[0] + "古", "", verdict.rhyme)
    else:
        assert label(split(text)) == Label(form, verdict.regulated, verdict.rhyme)


def test_every_fault_is_tried_in_every_form() -> None:
    kinds = set(FAULTS) - {"字数", "句数"}
    assert {(form, kind) for form, _, (kind, *_) in BROKEN} == set(product(REGULATED_FORMS, kinds))


@pytest.mark.parametrize(("text", "note"), NOTED)
def test_notes(text: str, note: tuple[str, int, int | None]) -> None:
    verdict = judge(split(text))
    assert note in [(found.kind, found.line, found.place) for found in verdict.notes]
    assert not verdict.faults


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (NEW_YEAR, "“不”须作平声方合，诗中罕有此读；照常读仄声，此句孤平"),
        (TOWER.replace("一层楼", "空山楼"), "“空”须作仄声方合，那是另一义；照常用的平声，此句三平尾"),
        (
            "江夏多豪士，清谈何所闻。故人千里别，相见复论不。",
            "“不”须作平声方合，诗中罕有此读；照常读仄声，此句落韵",
        ),
    ],
)
def test_what_only_the_books_read_is_said(text: str, reason: str) -> None:
    notes = judge(split(text)).notes
    assert [note.reason for note in notes if note.kind == "僻读"] == [reason]
    assert "拗救" not in {note.kind for note in notes}


@pytest.mark.parametrize("text", [PLAIN, TOWER, BAIDI, SPRING, HEIGHT, XIANG, CHANGMEN, XIANYANG])
def test_usual_readings_need_no_word(text: str) -> None:
    assert "僻读" not in {note.kind for note in judge(split(text)).notes}


def test_traditional_text_is_read_as_usual_too() -> None:
    lines = split("白日依山盡，黃河入海流。欲窮千里風，更上一層樓。")
    assert [(one.kind, one.line, one.place) for one in judge(lines).notes] == [("僻读", 2, 4)]


@pytest.mark.parametrize(
    ("text", "line", "faults"),
    [
        (
            "暮投石壕村，有吏夜捉人。老翁逾墙走，老妇出门看。",
            1,
            ["“有”仄声，此处当平", "“吏”仄声，此处当平"],
        ),
        (
            "种豆南山下，草盛豆苗稀。晨兴理荒秽，带月荷锄归。道狭草木长，夕露沾我衣。衣沾不足惜，但使愿无违。",
            1,
            ["“草”仄声，此处当平", "“苗”平声，此处当仄"],
        ),
        (YUEYANG, 0, ["“昔”仄声，此处当平（特拗首字必平）"]),
        (FRIEND, 0, ["“故”仄声，此处当平（特拗首字必平）"]),
    ],
)
def test_the_blame_is_put_where_it_belongs(text: str, line: int, faults: list[str]) -> None:
    found = [one for one in judge(split(text)).faults if one.line == line]
    assert [one.reason for one in found] == faults
    assert {one.kind for one in found} == {"出律"}


@pytest.mark.parametrize("text", [WEICHENG, CREEK])
def test_a_broken_waist_has_its_name(text: str) -> None:
    verdict = judge(split(text))
    assert [fault.kind for fault in verdict.faults] == ["失粘"]
    assert ("折腰", 2) in [(note.kind, note.line) for note in verdict.notes]


def test_a_first_line_without_rhyme_borrows_nothing() -> None:
    assert judge(split(BAIDI.replace("彩云间", "彩云舟"))).notes == ()


@pytest.mark.parametrize(
    ("character", "replaced", "regulated"),
    [
        ("☯", "白", "合律"),  # either tone will do here
        ("☯", "河", ""),  # it depends
        ("☯", "楼", ""),  # a rhyme word
    ],
)
def test_an_unknown_character_decides_nothing(character: str, replaced: str, regulated: str) -> None:
    assert label(split(TOWER.replace(replaced, character))).regulated == regulated
    assert judge(split(TOWER.replace(replaced, character))).regulated == regulated


def test_a_poem_that_fails_anyway_is_irregular_whatever_the_unknown() -> None:
    assert label(split(TOWER.replace("白", "☯").replace("入海", "入江"))).regulated == "不合律"


def test_what_is_asked_of_each_character() -> None:
    verdict = judge(split(TOWER))
    assert verdict.tones == ("仄仄平平仄", "平平仄仄平", "仄平平仄仄", "通仄仄平平")
    assert verdict.patterns == ("中仄中平仄", "平平中仄平", "中平中仄仄", "中仄仄平平")
    assert verdict.rhyming == (False, True, False, True)


@pytest.mark.parametrize(
    ("lines", "form", "faults"),
    [
        (split(TOWER)[:3], "五绝", ["句数"]),
        ([*split(TOWER)[:3], "更上层楼"], "五绝", ["字数"]),
        (split(TOWER), "七绝", ["字数"]),
        (split(TOWER), "五排", ["句数"]),
    ],
)
def test_a_form_that_the_verse_does_not_have(lines: list[str], form: str, faults: list[str]) -> None:
    verdict = judge(lines, form)
    assert verdict.form == form
    assert verdict.regulated == "不合律"
    assert set(faults) <= {fault.kind for fault in verdict.faults}


def test_unknown_form_names_the_nearest() -> None:
    with pytest.raises(ProsodyError, match="七绝"):
        judge(split(TOWER), "七绝句")


@pytest.mark.parametrize("lines", [[], ["", ""]])
def test_no_verse(lines: list[str]) -> None:
    assert label(lines) == Label("杂言", "", "")
    with pytest.raises(ProsodyError):
        judge(lines)


@pytest.mark.parametrize(
    ("counts", "form"),
    [
        ([5] * 4, "五绝"),
        ([7] * 8, "七律"),
        ([5] * 10, "五排"),
        ([7] * 6, "七古"),
        ([5] * 9, "五古"),
        ([5] * 2, "五古"),
        ([4] * 8, "四言"),
        ([6] * 4, "六言"),
        ([5, 5, 7, 7], "杂言"),
        ([3] * 4, "杂言"),
    ],
)
def test_form_by_shape(counts: list[int], form: str) -> None:
    assert form_by_shape(["字" * count for count in counts]) == form


@pytest.mark.parametrize(
    ("classes", "kinds"),
    [
        ("仄仄平平仄", {"a"}),
        ("平平平仄仄", {"b"}),
        ("平平仄平仄", {"b"}),
        ("仄平仄平仄", set()),  # 特拗 wants its first level
        ("仄仄仄平平", {"A"}),
        ("仄仄平平平", set()),  # 三平尾
        ("平平仄仄平", {"B"}),
        ("仄平仄仄平", set()),  # 孤平
        ("仄平平仄平", {"B", "B救"}),
        ("仄仄仄仄仄", {"a拗"}),
        ("仄仄平平平仄仄", {"b"}),
        ("仄仄仄平仄仄平", set()),  # 孤平 in a line of seven
        ("仄仄平平通平仄", {"b"}),
        ("通仄平平通仄仄", {"b"}),
    ],
)
def test_kinds_of_line(classes: str, kinds: set[str]) -> None:
    assert kinds_of(classes).possible == kinds_of(classes).certain == kinds


@pytest.mark.parametrize(
    ("sentences", "part"),
    [
        (["明月几时有，把酒问青天", "不知天上宫阙，今夕是何年", "但愿人长久，千里共婵娟"], "第七部"),
        (["春花秋月何时了", "往事知多少"], "第八部"),
        (["寻寻觅觅，冷冷清清，凄凄惨惨戚戚", "乍暖还寒时候，最难将息"], "第十七部"),
        (["花间一壶酒", "独酌无相亲"], ""),
        (["只有一句"], ""),
        (["大江东去☯", "浪淘尽物"], ""),
        ([], ""),
    ],
)
def test_rhyme_of_ci(sentences: list[str], part: str) -> None:
    assert label_ci(sentences) == part


def test_every_kind_of_remark_is_explained() -> None:
    found = {fault for _, _, (fault, *_) in BROKEN} | {"字数", "句数"}
    assert found == set(FAULTS)
    noted = {note for _, (note, *_) in NOTED} - {"仄韵"}
    assert noted | {"折腰", "今音"} == set(NOTES)  # 今音: tests/test_prosody_modern.py


BY_CLASS = {"平": "东风江南红", "仄": "月白水玉上", "通": "看过思重为", "？": "☯"}
WRITTEN = {"拗": "a拗", "救": "B救"}
RHYMES = "东风空红中公同宫虹翁工鸿"


@st.composite
def near_verse(draw: st.DrawFn) -> list[str]:
    """Lines of the right kinds that rhyme in 一东, with up to three characters put in anywhere."""
    length = draw(st.sampled_from([5, 7]))
    count = draw(st.sampled_from([4, 8, 10]))
    kinds = draw(st.sampled_from(["aBbA", "bAaB", "ABbA", "BAaB", "拗救bA"]))
    order = (kinds + ("bAaB" if kinds[1] == "A" else "aBbA") * 2)[:count]
    rhymes = draw(st.permutations(RHYMES))
    lines = []
    for at, kind in enumerate(order):
        pattern = draw(st.sampled_from(KINDS[length][WRITTEN.get(kind, kind)]))
        letters = [
            draw(st.sampled_from("".join(BY_CLASS.values()) if wanted == "中" else BY_CLASS[wanted]))
            for wanted in pattern
        ]
        if kind in "AB救":
            letters[-1] = rhymes[at]
        lines.append(letters)
    for _ in range(draw(st.sampled_from([0, 0, 1, 2, 3]))):
        line = draw(st.sampled_from(lines))
        line[draw(st.integers(0, length - 1))] = draw(st.sampled_from("".join(BY_CLASS.values())))
    return ["".join(line) for line in lines]


@given(near_verse())
def test_label_and_judge_agree(lines: list[str]) -> None:
    quick, full = label(lines), judge(lines, asked(lines))
    assert (full.form, full.regulated, full.rhyme) == (quick.form, quick.regulated, quick.rhyme)
    if full.regulated:
        assert bool(full.faults) == (full.regulated == "不合律")


@given(st.lists(st.text("东月看☯□", min_size=1, max_size=8), min_size=1, max_size=11))
def test_any_lines_get_a_label_and_a_verdict(lines: list[str]) -> None:
    quick, full = label(lines), judge(lines, asked(lines))
    assert quick.form in VERSE_FORMS
    assert (full.form, full.regulated, full.rhyme) == (quick.form, quick.regulated, quick.rhyme)
