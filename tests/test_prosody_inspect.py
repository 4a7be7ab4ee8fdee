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
from shici.prosody.inspect import Poem, main, poems, render
from shici.prosody.verdict import judge

TOWER = "白日依山尽，黄河入海流。\n欲穷千里目，更上一层楼。\n"
BROKEN = ["白日依山尽", "黄河入江流", "欲穷千里目", "更上高层楼"]

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
    ("content", "arguments", "error", "message"),
    [
        (None, [], TextInputError, "读不了"),
        (b"", [], TextInputError, "没有诗句"),
        (b"\x00\xff\x00\xff", [], TextInputError, "不是文本"),
        (TOWER.encode(), ["--form=七言"], ProsodyError, "不认识诗体"),
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
