"""The table that `--help` prints: name and default, kind, help and limits, one setting a line."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

from shici.config.fields import Setting, show

KINDS = {int: "整数", float: "数", bool: "是否", str: "文字"}
LONGEST_NAME = 36  # columns; a longer one gets a line of its own


def help_text(cls: type, settings: Mapping[str, Setting], usage: str) -> str:
    """The whole help of a door. usage: the command and its words; `cls.__doc__` stands above the table."""
    options = {name: f"--{name}={_default(setting)}" for name, setting in settings.items()}
    column = min(LONGEST_NAME, max(map(display_width, options.values()), default=0))
    kinds = {name: KINDS[setting.kind] + ("…" if setting.many else "") for name, setting in settings.items()}
    kind_column = max(map(display_width, kinds.values()), default=0)
    lines = [f"用法：{usage} [--名字=值 …]", ""]
    # A dataclass without a docstring gets its own signature as one, which says nothing to a reader.
    summary = (cls.__doc__ or "").strip()
    if summary and not summary.startswith(f"{cls.__name__}("):
        lines += [summary.splitlines()[0], ""]
    lines.append("设置（等号后是默认值；后给的盖过先给的）：")
    for name, setting in settings.items():
        option, kind = options[name], pad(kinds[name], kind_column)
        if display_width(option) > column:
            lines.append(f"  {option}")
            option = ""
        lines.append(f"  {pad(option, column)}  {kind}  {_remark(setting)}".rstrip())
    return "\n".join(lines)


def display_width(text: str) -> int:
    """Columns in a terminal: a wide character takes two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def pad(text: str, width: int) -> str:
    """`text` and blanks up to `width` columns."""
    return text + " " * (width - display_width(text))


def _default(setting: Setting) -> str:
    return "（必填）" if setting.required else show(setting.default).replace("\n", "\\n")


def _remark(setting: Setting) -> str:
    limits = []
    if setting.choices:
        limits.append("可选 " + " | ".join(map(str, setting.choices)))
    if setting.minimum is not None:
        limits.append(f"≥ {setting.minimum}")
    if setting.maximum is not None:
        limits.append(f"≤ {setting.maximum}")
    return setting.help + (f"（{'，'.join(limits)}）" if limits else "")
