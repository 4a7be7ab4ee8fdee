"""The parser of every door: config files and `--key=value`, in any order, into a frozen settings object.

    settings = parse_settings(TrainSettings, argv, prog="train.py")

Accepted, later wins over earlier: a path to a config file (see `shici.config.assignments`), `--key=value`,
`--key value`, a bare `--flag` for booleans, `--help`. `--a-b` is the same as `--a_b`. A misspelt key is an
error wherever it stands. A door that takes words of its own (a line of verse, a file) reads them by `parse_words`
instead; it takes no config files.
"""

from __future__ import annotations

import dataclasses
import os.path
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from shici.config.assignments import read_assignments
from shici.config.fields import BOOLEANS, Setting, Value, nearest, settings_of
from shici.config.help import help_text
from shici.errors import ConfigError
from shici.language import Text

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

JSON = None | bool | int | float | str | list["JSON"] | dict[str, "JSON"]
Settings = TypeVar("Settings", bound="DataclassInstance")


def parse_settings(cls: type[Settings], argv: Sequence[str], *, prog: str) -> Settings:
    """The settings that `argv` asks for; `prog` names the door in the help.

    Errors: ConfigError for an unknown key, a value of the wrong kind or out of its limits, an unreadable
    config file or a required setting that was not given. `--help` prints all settings and leaves by
    SystemExit(0).
    """
    known, values = settings_of(cls), dict[str, Value]()
    _help_if_asked(cls, known, argv, Text(f"{prog} [配置文件.py …]", f"{prog} [CONFIG.py …]"))
    for word in _other_words(argv, known, values):
        _take_file(word, known, values)
    return _made(cls, known, values)


def called(door: str, command: str) -> str:
    """`prog`, by how the program was started: `python sample.py`, or the console command `shici sample`."""
    return command if Path(sys.argv[0]).stem == "shici" else door


def parse_words(cls: type[Settings], argv: Sequence[str], *, usage: Text) -> tuple[Settings, list[str]]:
    """The settings, and the words that are neither options nor their values (`-` is one). usage: heads the help.

    Errors: ConfigError as from `parse_settings`.
    """
    known, values = settings_of(cls), dict[str, Value]()
    _help_if_asked(cls, known, argv, usage)
    words = list(_other_words(argv, known, values))
    misspelt = next((word for word in words if word.startswith("-") and word != "-"), None)
    if misspelt is not None:
        option = "--" + misspelt.lstrip("-")
        raise ConfigError(
            f"不明白 {misspelt!r}。设置要写成 --名字=值；是不是 {option}？",
            f"Cannot read {misspelt!r}. Settings are --name=value; did you mean {option}?",
        )
    return _made(cls, known, values), words


def describe(settings: DataclassInstance) -> dict[str, JSON]:
    """All settings by name, as a checkpoint or a log keeps them: tuples become lists."""
    values = {field.name: getattr(settings, field.name) for field in dataclasses.fields(settings)}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


def _help_if_asked(cls: type, known: Mapping[str, Setting], argv: Sequence[str], usage: Text) -> None:
    if any(word in ("--help", "-h") for word in argv):
        print(help_text(cls, known, usage))
        raise SystemExit(0)


def _other_words(
    argv: Sequence[str], known: Mapping[str, Setting], values: dict[str, Value]
) -> Iterator[str]:
    """The words that are no options, one by one; what stands before a word is in `values` when it comes."""
    words = list(argv)
    while words:
        word = words.pop(0)
        if word.startswith("--"):
            _take_option(word, words, known, values)
        else:
            yield word


def _made(cls: type[Settings], known: Mapping[str, Setting], values: Mapping[str, Value]) -> Settings:
    for setting in known.values():
        if setting.required and setting.name not in values:
            raise ConfigError(
                f"缺少设置 {setting.name}。请加上 --{setting.name}=值：{setting.help.zh}。",
                f"The setting {setting.name} is missing. Add --{setting.name}=value: {setting.help.en}.",
            )
    return cls(**values)


def _take_option(word: str, rest: list[str], known: Mapping[str, Setting], values: dict[str, Value]) -> None:
    """Read one `--key...`; its value may be the next word, which is then taken from `rest`."""
    key, equals, text = word[2:].partition("=")
    setting = _find(key.replace("-", "_"), known, word)
    if not equals:
        if setting.is_flag:
            text = rest.pop(0) if rest and _is_flag_value(rest[0], setting) else "True"
        elif rest and not rest[0].startswith("--"):
            text = rest.pop(0)
        else:
            raise ConfigError(
                f"{word} 后面缺少值。请写成 {word}=值。", f"{word} needs a value. Write {word}=value."
            )
    values[setting.name] = setting.from_text(text, word)


def _is_flag_value(word: str, setting: Setting) -> bool:
    return word in setting.choices or word.lower() in BOOLEANS


def _take_file(word: str, known: Mapping[str, Setting], values: dict[str, Value]) -> None:
    bare = word.lstrip("-").partition("=")[0]
    if word.startswith("-") or (bare.replace("-", "_") in known and not os.path.exists(word)):
        option = "--" + word.lstrip("-")
        raise ConfigError(
            f"不明白 {word!r}。应为配置文件或 --名字=值；是不是 {option}？",
            f"Cannot read {word!r}. Expected a config file or --name=value; did you mean {option}?",
        )
    defaults = {setting.name: setting.default for setting in known.values() if not setting.required}
    for name, value, where in read_assignments(Path(word), defaults | values):
        values[name] = _find(name, known, where).from_literal(value, where)


def _find(name: str, known: Mapping[str, Setting], where: str) -> Setting:
    """The setting of that name. Errors: ConfigError with the nearest name."""
    if name in known:
        return known[name]
    guess = nearest(name, known)
    raise ConfigError(
        f"{where}：没有名为 {name!r} 的设置。" + (f"是不是 {guess}？" if guess else "用 --help 看全部设置。"),
        f"{where}: no setting is named {name!r}. "
        + (f"Did you mean {guess}?" if guess else "See --help for all of them."),
    )
