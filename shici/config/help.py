"""What `--help` prints: beside each setting its text in Chinese, then in English; below it what it may be.

--top_k=200                  只在最可能的 k 个字里选；0 或 None 不限
  整数 integer | None, ≥ 0   sample from the k likeliest characters; 0 or None: no limit
"""

from __future__ import annotations

import inspect
import re
import unicodedata
from collections.abc import Iterator, Mapping
from itertools import zip_longest

from shici.config.fields import Setting, show
from shici.language import Text

KINDS = {int: "整数 integer", float: "数 number", bool: "True | False", str: "文字 text"}
WIDTH = 96  # columns of a line
LONGEST_NAME = 36  # columns of the settings' names; what is wider gets a line of its own
GAP = 2
# What is not to be broken. Chinese: a run of narrow characters or one wide character, with the marks that cling to it.
CHINESE = re.compile(r" +|[（《“]*(?:[^ （《“”\u3000-\u9fff\uff01-\uff60]+|[^ ])[，。；：、）》”！？…]*")
ENGLISH = re.compile(r" +|[^ ]+")


def help_text(cls: type, settings: Mapping[str, Setting], usage: Text) -> str:
    """The whole help of a door. usage: the command and its words; `cls.__doc__` stands above the table."""
    lines = [f"用法：{usage.zh} [--名字=值 …]", f"Usage: {usage.en} [--name=value …]", ""]
    # A dataclass without a docstring gets its own signature as one, which says nothing to a reader.
    zh, _, en = inspect.cleandoc(cls.__doc__ or "").partition("\n")
    if zh and not zh.startswith(f"{cls.__name__}("):
        lines += [*_wrapped(Text(zh, " ".join(en.split())), WIDTH), ""]
    lines += [
        "设置（等号后是默认值；后给的盖过先给的）：",
        "Settings (defaults after the equals sign; later values win):",
    ]
    left = {name: _left(setting) for name, setting in settings.items()}
    widths = [display_width(line) for side in left.values() for line in side]
    column = min(LONGEST_NAME, max(widths, default=0))
    for name, setting in settings.items():
        lines.extend(_beside(left[name], setting.help, column))
    return "\n".join(lines)


def display_width(text: str) -> int:
    """Columns in a terminal: a wide character takes two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def pad(text: str, width: int) -> str:
    """`text` and blanks up to `width` columns."""
    return text + " " * (width - display_width(text))


def pad_left(text: str, width: int) -> str:
    """Blanks up to `width` columns, and `text`."""
    return " " * (width - display_width(text)) + text


def wrap(text: str, width: int, pieces: re.Pattern[str]) -> list[str]:
    """`text` in lines of `width` columns at most (wider only for a piece that is wider itself)."""
    lines = [""]
    for piece in pieces.findall(text):
        if lines[-1] and display_width(lines[-1] + piece) > width:
            lines[-1] = lines[-1].rstrip()
            lines.append(piece.lstrip())
        else:
            lines[-1] += piece
    return lines


def _wrapped(text: Text, width: int) -> list[str]:
    return [
        line
        for words, pieces in zip(text, (CHINESE, ENGLISH), strict=True)
        for line in wrap(words, width, pieces)
    ]


def _left(setting: Setting) -> list[str]:
    """`  --name=default`, and below it what the setting may be."""
    allowed = wrap(_allowed(setting), LONGEST_NAME - 4, ENGLISH)
    return [f"  --{setting.name}={_default(setting)}", *(f"    {line}" for line in allowed)]


def _beside(left: list[str], text: Text, column: int) -> Iterator[str]:
    right = _wrapped(text, WIDTH - column - GAP)
    if display_width(left[0]) > column:
        yield left[0]
        left = left[1:]
    for one, other in zip_longest(left, right, fillvalue=""):
        yield f"{pad(one, column + GAP)}{other}".rstrip()


def _default(setting: Setting) -> str:
    return "（必填 required）" if setting.required else show(setting.default).replace("\n", "\\n")


def _allowed(setting: Setting) -> str:
    kind = " | ".join(map(str, setting.choices)) or KINDS[setting.kind]
    limits = [f"≥ {setting.minimum}"] if setting.minimum is not None else []
    limits += [f"≤ {setting.maximum}"] if setting.maximum is not None else []
    whole = kind + (", …" if setting.many else "") + (" | None" if setting.optional else "")
    return ", ".join([whole, *limits])
