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
from shici.prosody.inspect import Poem, main, poems, render, verdict_on
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
    assert "词·浪淘沙　不合律" in capsys.readouterr().out
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
        (TOWER.encode(), ["--form=七言"], ProsodyError, "不认识诗体"),
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
