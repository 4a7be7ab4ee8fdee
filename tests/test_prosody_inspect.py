"""The verdict in the terminal, and the command that prints it.

pytest tests/test_prosody_inspect.py
"""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path

import pytest

from shici.errors import ProsodyError, TextInputError
from shici.prosody.inspect import main, name_used, render, unheeded, verdict_on
from shici.prosody.pasted import Poem, poems
from shici.prosody.tune_naming import heading_author, heading_title, heading_tune
from shici.prosody.tune_verdict import judge_tune
from shici.prosody.verdict import judge

TOWER = "白日依山尽，黄河入海流。\n欲穷千里目，更上一层楼。\n"
BROKEN = ["白日依山尽", "黄河入江流", "欲穷千里目", "更上高层楼"]

LONG = "帝高阳之苗裔兮，朕皇考曰伯庸。摄提贞于孟陬兮，惟庚寅吾以降。" * 200  # as many lines as 离骚 and more
PICTURE = """\
五绝　不合律　押十一尤韵
  1　白日依山尽
 调　仄仄平平仄
 律　中仄中平仄
  2　黄河入江流
 调　平平仄平平
 律　平平中仄平
 　　　　　误韵
  3　欲穷千里目
 调　仄平平仄仄
 律　中平中仄仄
  4　更上高层楼
 调　通仄平平平
 律　中仄仄平平
 　　　　误　韵
第2句第4字　出律　“江”平声，此处当仄
第4句第3字　三平尾　句末“高层楼”三字皆平，“高”当仄
出律: a level tone where an oblique one is due, or the other way round
三平尾: a line that ends in three level tones
"""


def test_the_picture() -> None:
    assert render(judge(BROKEN), colour=False) == PICTURE


DREAM = "昨夜雨疏风骤，浓睡不消残酒。试问卷帘人，却道海棠依旧。知否，知否？应是绿肥红瘦。"
SAMAN = "郁孤台下清江水，中间多少行人泪。西北望长安，可怜无数山。\n青山遮不住，毕竟东流去。江晚正愁余，山深闻鹧鸪。"
SAND = "日照澄洲江雾开，淘金女伴满江隈。美人首饰侯王印，尽是沙中浪底来。"

TUNE_PICTURE = Path(__file__).parent / "data" / "inspected_tune.txt"


def test_the_picture_of_a_tune() -> None:
    upper = "明月别枝惊鹊 清风半夜鸣蝉 稻花香里说丰年 听取蛙声一片"
    lower = "七八个星天外 两三点雨山前 旧时茅店社林边 路转溪桥忽遇"
    shown = render(judge_tune([*upper.split(), *lower.split()], "西江月"), colour=False)
    assert shown == TUNE_PICTURE.read_text(encoding="utf-8")


def test_several_rhymes_have_letters() -> None:
    (poem,) = poems(f"菩萨蛮\n{SAMAN}")
    shown = render(verdict_on(poem), colour=False)
    assert shown.startswith("词·菩萨蛮　合律　押第三部、第七部、第四部、第四部韵\n")
    assert re.findall("[甲乙丙丁]", shown) == list("甲甲乙乙丙丙丁丁")


@pytest.mark.parametrize(
    ("heading", "tune", "title"),
    [
        ("辛弃疾：《菩萨蛮》", "菩萨蛮", ""),
        ("菩萨蛮", "菩萨蛮", ""),
        ("菩萨蛮·书江西造口壁", "菩萨蛮", "书江西造口壁"),
        ("水调歌头（丙辰中秋）", "水调歌头", "丙辰中秋"),
        ("水調歌頭 丙辰中秋", "水调歌头", "丙辰中秋"),
        ("苏轼《念奴娇·赤壁怀古》", "念奴娇", "赤壁怀古"),
        ("【百字令】", "念奴娇", ""),
        ("忆江南三首", "忆江南", ""),
        ("浪淘沙 其二", "浪淘沙", ""),
        ("登鹳雀楼", "", ""),
        ("苏轼", "", ""),
        ("", "", ""),
    ],
)
def test_headings(heading: str, tune: str, title: str) -> None:
    assert heading_tune(heading) == tune
    assert heading_title(heading) == title


@pytest.mark.parametrize(
    ("heading", "author"),
    [
        ("苏轼《念奴娇·赤壁怀古》", "苏轼"),
        ("辛弃疾：《菩萨蛮》", "辛弃疾"),
        ("《菩萨蛮》", ""),
        ("菩萨蛮·书江西造口壁", ""),
    ],
)
def test_an_author_stands_before_the_brackets(heading: str, author: str) -> None:
    assert heading_author(heading) == author


HORSE = "胡马，胡马，远放燕支山下。跑沙跑雪独嘶，东望西望路迷。迷路，迷路，边草无穷日暮。"
FAN = "团扇，团扇，美人病来遮面。玉颜憔悴三年，谁复商量管弦。弦管，弦管，春草昭阳路断。"


@pytest.mark.parametrize(
    ("text", "headline"),
    [
        (f"如梦令\n李清照\n{DREAM}", "词·如梦令　合律　押第十二部韵"),
        (DREAM, "词·如梦令　合律　押第十二部韵"),  # by its shape
        (
            f"如梦令\n{DREAM}".replace("，", " ").replace("。", " ").replace("？", " "),
            "词·如梦令　合律　押第十二部韵",
        ),
        (f"菩萨蛮（书江西造口壁，一首）\n{SAMAN}", "词·菩萨蛮　合律　押第三部、第七部、第四部、第四部韵"),
        (
            SAMAN.replace("\n", "\n\n").join(["菩萨蛮·书江西造口壁\n", ""]),
            "词·菩萨蛮　合律　押第三部、第七部、第四部、第四部韵",
        ),
        (HORSE, "词·古调笑　合律　押第十部、第三部、第四部韵"),  # by its shape
        (f"宫中调笑\n王建\n{FAN}", "词·古调笑　合律　押第七部、第七部、第七部韵"),
        (f"杂曲歌辞·宫中调笑\n王建\n{FAN}", "词·古调笑　合律　押第七部、第七部、第七部韵"),
        (f"调笑令·其二\n{HORSE}", "词·古调笑　合律　押第十部、第三部、第四部韵"),  # a name of both tunes
        ("三台令\n不寐倦长更，披衣出户行。\n月寒秋竹冷，风切夜窗声。", "五绝　合律　押八庚韵"),
        (f"浪淘沙\n{SAND}", "七绝　合律　押十灰韵"),  # a 诗 under the name of a tune
        ("蜀道难\n噫吁嚱，危乎高哉！蜀道之难，难于上青天！", "杂言　不拘平仄　不押一韵"),
    ],
)
def test_a_tune_is_told_by_its_heading_or_shape(text: str, headline: str) -> None:
    found = poems(text)
    assert len(found) == 1
    assert render(verdict_on(found[0]), colour=False).splitlines()[0] == headline


def test_stanzas_are_joined_but_poems_are_not() -> None:
    stanzas = SAMAN.replace("\n", "\n\n")
    found = poems(f"菩萨蛮\n\n{stanzas}\n\n{DREAM}\n\n菩萨蛮\n{stanzas}")
    assert [len(poem.lines) for poem in found] == [8, 7, 8]


def test_an_asked_form_or_tune_is_used(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "poem.txt"
    path.write_text(f"浪淘沙\n{SAND}", encoding="utf-8")
    assert main([str(path), "--tune=賣花聲"]) == 0
    assert "词·浪淘沙（卖花声）　不合律" in capsys.readouterr().out
    path.write_text(f"{DREAM}", encoding="utf-8")
    assert main([str(path), "--form=词", "--colour=always"]) == 0
    assert "\033[32m合律\033[0m" in capsys.readouterr().out
    assert main([str(path), "--form=杂言"]) == 0
    assert "杂言　不拘平仄" in capsys.readouterr().out


def test_colour_adds_nothing_but_colour() -> None:
    coloured = render(judge(BROKEN), colour=True)
    assert "\033[31m江\033[0m" in coloured
    assert re.sub(r"\033\[\d+m", "", coloured) == PICTURE


@pytest.mark.parametrize(
    ("lines", "headline"),
    [
        (["白日依山尽", "黄河入海流", "欲穷千里目", "更上一层楼"], "五绝　合律　押十一尤韵"),
        (
            ["白日依山尽", "黄河入□流", "欲穷千里目", "更上一层楼"],
            "五绝　缺字或读音未知，不能判定　押十一尤韵",
        ),
        (["对酒当歌", "人生几何", "譬如朝露", "去日苦多"], "四言　不拘平仄　押五歌韵"),
        (["前不见古人", "后不见来者"], "五古　不拘平仄　不押一韵"),
        (
            ["千山鸟飞绝", "万径人踪灭", "孤舟蓑笠翁", "独钓寒江雪"],
            "五绝（古绝，仄韵）　不拘平仄　押九屑韵",
        ),
    ],
)
def test_headlines(lines: list[str], headline: str) -> None:
    assert render(judge(lines), colour=False).splitlines()[0] == headline


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("白日依山尽，黄河入海流。", [Poem((), ("白日依山尽", "黄河入海流"))]),
        (
            "登鹳雀楼\n王之涣\n白日依山尽，黄河入海流。",
            [Poem(("登鹳雀楼", "王之涣"), ("白日依山尽", "黄河入海流"))],
        ),
        ("登鹳雀楼\n\n白日依山尽，\n黄河入海流。", [Poem(("登鹳雀楼",), ("白日依山尽", "黄河入海流"))]),
        ("白日依山尽\n黄河入海流\n", [Poem((), ("白日依山尽", "黄河入海流"))]),
        ("白日依山尽 黄河入海流", [Poem((), ("白日依山尽", "黄河入海流"))]),
        ("白日依山尽，\n黄河入海流\n欲穷千里目", [Poem((), ("白日依山尽", "黄河入海流", "欲穷千里目"))]),
        ("甲。\n \n乙。\n", [Poem((), ("甲",)), Poem((), ("乙",))]),
        (" \n\n", []),
    ],
)
def test_poems_of_a_text(text: str, found: list[Poem]) -> None:
    assert poems(text) == found


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_the_command_reads_a_file(encoding: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "poem.txt").write_text(f"登鹳雀楼\n{TOWER}\n{TOWER}", encoding=encoding)
    assert main([str(tmp_path / "poem.txt")]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("登鹳雀楼\n五绝　合律　押十一尤韵\n")
    assert shown.count("合律") == 2
    assert "\033" not in shown


def test_the_command_reads_standard_input(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(TOWER.encode())))
    assert main(["-", "--form=七绝", "--colour=always"]) == 0
    shown = capsys.readouterr().out
    assert "每句7字，这句5字" in shown
    assert "\033[31m不合律\033[0m" in shown


@pytest.mark.parametrize(
    ("law", "headline"),
    [("平水韵", "五绝　合律　押十一尤韵"), ("新韵", "五绝　不合律　押七尤平韵")],  # 一 is level today: 三平尾
)
def test_the_law_of_rhyme(
    law: str, headline: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "poem.txt").write_text(TOWER, encoding="utf-8")
    assert main([str(tmp_path / "poem.txt"), f"--law={law}"]) == 0
    assert capsys.readouterr().out.startswith(headline)


def test_a_character_that_the_books_lack(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "poem.txt").write_text(TOWER.replace("入海", "碰海"), encoding="utf-8")
    assert main([str(tmp_path / "poem.txt")]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("五绝　合律　押十一尤韵")
    assert "第2句第3字　今音　韵书无“碰”字，依今音作仄声\n今音: " in shown


def test_a_tune_by_modern_sound(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = "如梦令\n昨夜雨疏风骤，浓睡不消残酒。试问卷帘人，却道海棠依旧。知否，知否？应是绿肥红瘦。"
    (tmp_path / "poem.txt").write_text(text, encoding="utf-8")
    assert main([str(tmp_path / "poem.txt"), "--law=新韵"]) == 0
    assert "押七尤韵" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "arguments", "error", "message"),
    [
        (None, [], TextInputError, "读不了"),
        (b"", [], TextInputError, "没有诗句"),
        (b"\x00\xff\x00\xff", [], TextInputError, "不是文本"),
        (TOWER.encode(), ["--form=七言"], ProsodyError, "不认识诗体“七言”"),
        (TOWER.encode(), ["--form=词"], ProsodyError, "看不出"),
        (TOWER.encode(), ["--tune=念奴桥"], ProsodyError, "念奴娇"),
    ],
)
def test_clear_errors(
    content: bytes | None, arguments: list[str], error: type[Exception], message: str, tmp_path: Path
) -> None:
    path = tmp_path / "poem.txt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(error, match=message):
        main([str(path), *arguments])


def test_a_poem_of_any_length_is_judged() -> None:
    verdict = verdict_on(next(iter(poems(LONG))))
    assert verdict.regulated == ""


def test_what_holds_no_chinese_character_is_no_verse(tmp_path: Path) -> None:
    (tmp_path / "poem.txt").write_text("hello world", encoding="utf-8")
    with pytest.raises(TextInputError, match="no Chinese character"):
        main([str(tmp_path / "poem.txt")])


def shown(text: str) -> list[tuple[str, str]]:
    """The headline of each poem of a text, and all remarks on it in Chinese."""
    found = []
    for poem in poems(text):
        verdict = verdict_on(poem)
        headline = render(verdict, colour=False, called=name_used(poem, verdict)).splitlines()[0]
        found.append((headline, "".join(one.zh for one in (*poem.remarks, *unheeded(poem, verdict)))))
    return found


SNOW = "绿蚁新醅酒，红泥小火炉。晚来天欲雪，“能饮一杯无？”"
STOREY = "白日依山尽，黄河入海流。\n欲穷千里目，更上一层楼。"
STOREYS = "五绝　合律　押十一尤韵"


@pytest.mark.parametrize(
    ("text", "headline", "remark"),
    [
        (SNOW, "五绝　合律　押七虞韵", ""),
        (DREAM.replace("海棠依旧", "“海棠依旧”"), "词·如梦令　合律　押第十二部韵", ""),
        (f"“{STOREY}”", STOREYS, ""),
        (f"「{STOREY}」", STOREYS, ""),
        (f"({STOREY})".replace("\n", ""), STOREYS, "不是汉字，不计：“(”“)”。"),
        ("白日依山尽——黄河入海流……欲穷千里目·更上一层楼~", STOREYS, ""),
        ("白日依山尽/黄河入海流/欲穷千里目/更上一层楼", STOREYS, ""),
        (
            STOREY.replace("尽", "（jìn）尽"),
            STOREYS,
            "括号里的当作注，不计：“（jìn）”。",
        ),
        ("> " + STOREY.replace("\n", "\n> "), STOREYS, "不是汉字，不计：“>”。"),
        (STOREY.replace("流", "流①"), STOREYS, "不是汉字，不计：“①”。"),
        (f"{STOREY}\n【注释】\n①白日：太阳。\n②穷：尽。", STOREYS, "从“【注释】”起是注，不评。"),
        (f"{STOREY}\n\n译文：\n\n夕阳依山，慢慢沉没。", STOREYS, "从“译文：”起是注，不评。"),
        (f"{STOREY}\n——王之涣《登鹳雀楼》", STOREYS, "“王之涣《登鹳雀楼》”当作落款，不当诗句。"),
        (f"{STOREY}——王之涣《登鹳雀楼》", STOREYS, "“王之涣《登鹳雀楼》”当作落款，不当诗句。"),
        (f"{STOREY}\n\n——王之涣《登鹳雀楼》", STOREYS, "“王之涣《登鹳雀楼》”当作落款，不当诗句。"),
    ],
)
def test_quotation_marks_notes_and_signs_are_no_characters(text: str, headline: str, remark: str) -> None:
    assert shown(text) == [(headline, remark)]


RAIN = (
    "莫听穿林打叶声，何妨吟啸且徐行。竹杖芒鞋轻胜马，谁怕？一蓑烟雨任平生。\n"
    "料峭春风吹酒醒，微冷，山头斜照却相迎。回首向来萧瑟处，归去，也无风雨也无晴。"
)
RAINS = "词·定风波　合律　押第十一部、第十部、第十一部、第四部韵"
MOON = (
    "明月几时有？把酒问青天。不知天上宫阙，今夕是何年。我欲乘风归去，又恐琼楼玉宇，高处不胜寒。起舞弄清影，何似在人间？\n"
    "转朱阁，低绮户，照无眠。不应有恨，何事长向别时圆？人有悲欢离合，月有阴晴圆缺，此事古难全。但愿人长久，千里共婵娟。"
)
MOONS = "词·水调歌头（第3体，共4体）　合律　押第七部韵"
MOON_PREFACE = "丙辰中秋，欢饮达旦，大醉，作此篇，兼怀子由。"
YANGZHOU = (
    "淮左名都，竹西佳处，解鞍少驻初程。过春风十里。尽荠麦青青。自胡马窥江去后，废池乔木，犹厌言兵。渐黄昏，清角吹寒。都在空城。\n"
    "杜郎俊赏，算而今、重到须惊。纵豆蔻词工，青楼梦好，难赋深情。二十四桥仍在，波心荡、冷月无声。念桥边红药，年年知为谁生。"
)
YANGZHOU_PREFACE = (
    "淳熙丙申至日，予过维扬。夜雪初霁，荠麦弥望。入其城，则四顾萧条，寒水自碧，暮色渐起，戍角悲吟。"
    "予怀怆然，感慨今昔，因自度此曲。千岩老人以为有“黍离”之悲也。"
)
BROTHERS = "戍鼓断人行，边秋一雁声。露从今夜白，月是故乡明。有弟皆分散，无家问死生。寄书长不达，况乃未休兵。"
QUIET = "床前明月光，疑是地上霜。举头望明月，低头思故乡。"


def unmarked(text: str) -> str:
    """Every line in a row of its own, without marks."""
    return "\n".join(re.findall(r"\w+", text))


@pytest.mark.parametrize(
    ("headings", "verse", "headline", "remark"),
    [
        (["定风波·三月七日，沙湖道中遇雨"], RAIN, RAINS, "定风波"),
        (["定风波·三月七日，沙湖道中遇雨", "苏轼"], RAIN, RAINS, "苏轼"),
        (["八月十五日夜，湓亭望月"], "\n".join([BROTHERS]), "五律　合律　押八庚韵", "湓亭"),
        (["登鹳雀楼", "作者：王之涣"], STOREY, STOREYS, ""),
        (["词牌：定风波", "作者：苏轼"], RAIN, RAINS, ""),
        (["水调歌头", "苏轼", MOON_PREFACE], MOON, MOONS, "丙辰中秋"),
        (["水调歌头", MOON_PREFACE], MOON.replace("\n", "\n\n"), MOONS, "丙辰中秋"),
        (["水调歌头", "", MOON_PREFACE, ""], MOON, MOONS, "丙辰中秋"),
        (["水调歌头", f"（{MOON_PREFACE}）"], MOON, MOONS, ""),
        (["扬州慢", "姜夔", YANGZHOU_PREFACE], YANGZHOU, "词·扬州慢　合律　押第十一部韵", "淳熙"),
        (["静夜思", "李白"], unmarked(STOREY), STOREYS, "李白"),
        (["静夜思", "", "李白", ""], unmarked(STOREY), STOREYS, "李白"),
        (["月夜忆舍弟"], unmarked(BROTHERS), "五律　合律　押八庚韵", "月夜忆舍弟"),  # nine lines of five
        (["如梦令", "李清照"], unmarked(DREAM), "词·如梦令　合律　押第十二部韵", "李清照"),
        (["李清照"], unmarked(DREAM), "词·如梦令　合律　押第十二部韵", "李清照"),
    ],
)
def test_a_title_and_a_preface_are_no_verse(
    headings: list[str], verse: str, headline: str, remark: str
) -> None:
    ((found, told),) = shown("\n".join([*headings, verse]))
    assert found == headline
    assert remark in told
    assert bool(told) == bool(remark)


def test_an_author_may_stand_below() -> None:
    assert shown(f"{unmarked(STOREY)}\n王之涣") == [(STOREYS, "“王之涣”当作落款，不当诗句。")]


@pytest.mark.parametrize(
    "text",
    [
        "登幽州台歌\n陈子昂\n前不见古人，后不见来者。\n念天地之悠悠，独怆然而涕下！",
        "金陵\n韩偓\n风雨萧萧，石头城下木兰桡。\n烟月迢迢，金陵渡口去来潮。\n自古风流皆暗销，才魂妖魂谁与招。\n"
        "彩笺丽句今已矣，罗袜金莲何寂寥。",
        "翠柳堤边舞\n黄莺树上鸣\n瞿昙真实相\n历历在而今\n谁言入灭向双林",
    ],
)
def test_free_verse_keeps_its_first_and_its_last_lines(text: str) -> None:
    ((found, _),) = shown(text)
    assert found.startswith("杂言")


SPRING = (
    "国破山河在，城春草木深。\n感时花溅泪，恨别鸟惊心。",
    "烽火连三月，家书抵万金。\n白头搔更短，浑欲不胜簪。",
)
ONCE = (
    "春花秋月何时了？往事知多少。小楼昨夜又东风，故国不堪回首月明中。",
    "雕栏玉砌应犹在，只是朱颜改。问君能有几多愁？恰似一江春水向东流。",
)


@pytest.mark.parametrize(
    ("blocks", "headlines"),
    [
        (["春望\n杜甫\n" + SPRING[0], SPRING[1]], ["五律　合律　押十二侵韵"]),
        (SPRING, ["五律　合律　押十二侵韵"]),
        ("\n".join(SPRING).split("\n"), ["五律　合律　押十二侵韵"]),  # a blank line after each couplet
        (ONCE, ["词·虞美人（第1体，共2体）　合律　押第八部、第一部、第五部、第十二部韵"]),
        ([STOREY, QUIET], [STOREYS, "五绝　不合律　押七阳韵"]),  # in different rhymes
        ([STOREY, f"静夜思\n{QUIET}"], [STOREYS, "五绝　不合律　押七阳韵"]),
        ([STOREY, STOREY], [STOREYS, STOREYS]),
        ([DREAM, DREAM], ["词·如梦令　合律　押第十二部韵"] * 2),
    ],
)
def test_a_blank_line_inside_a_poem(blocks: list[str], headlines: list[str]) -> None:
    assert [headline for headline, _ in shown("\n\n".join(blocks))] == headlines


def test_that_blocks_are_joined_is_said() -> None:
    assert shown("\n\n".join(SPRING))[0][1] == "空行隔开的 2 段合作一首看。"


WILLOWS = (
    "柳阴直，烟里丝丝弄碧。隋堤上、曾见几番，拂水飘绵送行色。登临望故国，谁识京华倦客？长亭路，年去岁来，应折柔条过千尺。\n"
    "闲寻旧踪迹，又酒趁哀弦，灯照离席。梨花榆火催寒食。愁一箭风快，半篙波暖，回头迢递便数驿，望人在天北。\n"
    "凄恻，恨堆积！渐别浦萦回，津堠岑寂，斜阳冉冉春无极。念月榭携手，露桥闻笛。沉思前事，似梦里，泪暗滴。"
)


def test_a_rhyme_may_be_hidden_in_a_line() -> None:
    (poem,) = poems(f"兰陵王·柳\n{WILLOWS}")
    picture = render(verdict_on(poem), colour=False)
    assert picture.startswith("词·兰陵王　合律　押第十七部韵\n")
    assert "句读　原文断句不同，谱断作“谁识，京华倦客”" in picture


@pytest.mark.parametrize(
    ("text", "headline", "remark"),
    [
        (
            "六丑\n周邦彦\n正单衣试酒，怅客里、光阴虚掷。愿春暂留，春归如过翼，一去无迹。",
            "杂言　不拘平仄　不押一韵",
            "没有《六丑》的谱：若是词，也只能按杂言看。",
        ),
        (
            "天净沙·秋思\n马致远\n枯藤老树昏鸦，小桥流水人家，古道西风瘦马。夕阳西下，断肠人在天涯。",
            "杂言　不拘平仄　不押一韵",
            "没有《天净沙》的谱：若是词，也只能按杂言看。",
        ),
        (
            "定风波\n柳永\n自春来、惨绿愁红，芳心是事可可。日上花梢，莺穿柳带，犹压香衾卧。暖酥消，腻云亸，终日厌厌倦梳裹。",
            "杂言　不拘平仄　不押一韵",
            "题为定风波，字句与谱相去太远，按杂言判。要按谱判，请加 --tune=定风波。",
        ),
        (
            "蝶恋花\n平林漠漠烟如织，寒山一带伤心碧。暝色入高楼，有人楼上愁。\n"
            "玉阶空伫立，宿鸟归飞急。何处是归程？长亭更短亭。",
            "词·菩萨蛮　合律　押第十七部、第十二部、第十七部、第十一部韵",
            "题为蝶恋花，字句与谱相去太远，按菩萨蛮判。要按谱判，请加 --tune=蝶恋花。",
        ),
        (f"登鹳雀楼\n{STOREY}", STOREYS, ""),
        (f"调笑令·其二\n{HORSE}", "词·古调笑（调笑令）　合律　押第十部、第三部、第四部韵", ""),
        (
            "钗头凤\n红酥手，黄縢酒，满城春色宫墙柳。东风恶，欢情薄。一怀愁绪，几年离索。错、错、错。\n"
            "春如旧，人空瘦，泪痕红浥鲛绡透。桃花落，闲池阁。山盟虽在，锦书难托。莫、莫、莫！",
            "词·撷芳词（钗头凤）　合律　押第十二部、第十六部韵",
            "",
        ),
    ],
)
def test_what_became_of_the_tune_in_the_heading_is_said(text: str, headline: str, remark: str) -> None:
    assert shown(text) == [(headline, remark)]


@pytest.mark.parametrize(
    ("text", "arguments", "headline"),
    [
        ("朝辞白帝彩云间，千里江陵一日还。两岸猿声啼不住，轻舟已过万重山。", ["--form=七絕"], "七绝　合律"),
        (RAIN, ["--tune=定风波·三月七日"], "词·定风波　合律"),
        (RAIN, ["--tune=苏轼《定风波》", "--form=词"], "词·定风波　合律"),
    ],
)
def test_forms_and_tunes_may_be_asked_for_as_in_writing(
    text: str, arguments: list[str], headline: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "poem.txt").write_text(text, encoding="utf-8")
    assert main([str(tmp_path / "poem.txt"), *arguments]) == 0
    assert capsys.readouterr().out.startswith(headline)
