"""The console command `shici`: one name for each door, and the start of the doors themselves.

    shici prepare | train | sample | couplet | explain | evaluate | inspect | export [arguments of that door]

A door's code is loaded only when it is asked for: `shici --help` is instant, `shici train` needs no OpenCC.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import NamedTuple, cast

import shici
from shici.config.fields import nearest
from shici.config.help import display_width, pad
from shici.errors import ConfigError, ShiciError, run_door

Main = Callable[[list[str]], int | None]


class Command(NamedTuple):
    """A subcommand: the module whose `main(argv) -> int` does it, and what it does."""

    module: str
    zh: str
    en: str


COMMANDS = {
    "prepare": Command(
        "shici.corpus.prepare", "整理语料，得到训练数据", "turn the corpus into training data"
    ),
    "train": Command("shici.training.main", "训练模型", "train a model"),
    "sample": Command("shici.generation.main", "写诗", "write poems"),
    "couplet": Command(
        "shici.generation.couplet", "对对子：给上联，写下联", "answer the first line of a couplet"
    ),
    "explain": Command(
        "shici.generation.explain_main", "写诗，把每一步的数摊开", "write a poem with every step laid open"
    ),
    "evaluate": Command(
        "shici.evaluation.main", "评测一个模型，写成报告", "measure a model and write a report"
    ),
    "inspect": Command(
        "shici.prosody.inspect", "看一首诗的平仄、押韵与体裁", "show the tones, rhymes and form of a poem"
    ),
    "export": Command(
        "shici.export.main",
        "写成 Hugging Face、nanoGPT、ONNX 的格式",
        "write a model for Hugging Face, nanoGPT or ONNX",
    ),
}


def main(argv: list[str]) -> int:
    """Run the subcommand that `argv` begins with. Errors: ConfigError for an unknown one."""
    if not argv or argv[0] in ("-h", "--help", "help"):
        print(_help())
        return 0
    if argv[0] in ("-V", "--version"):
        print(f"shici {shici.__version__}")
        return 0
    name, *rest = argv
    if name not in COMMANDS:
        guess = nearest(name, COMMANDS) or " | ".join(COMMANDS)
        raise ConfigError(
            f"没有 {name!r} 这个命令。是不是 shici {guess}？",
            f"There is no command {name!r}. Did you mean shici {guess}?",
        )
    return load_main(COMMANDS[name].module)(rest) or 0


def entry() -> None:
    """The console command."""
    run_door(main)


def run_module(module: str) -> None:
    """What a door does: run `main` of that module on the command line and exit."""
    run_door(lambda argv: load_main(module)(argv))


def load_main(module: str) -> Main:
    """`main` of a module of this package. Errors: ShiciError if a library that it needs is not installed."""
    try:
        return cast(Main, importlib.import_module(module).main)
    except ModuleNotFoundError as error:
        library = (error.name or "").partition(".")[0]
        if library in ("", "shici"):
            raise
        raise ShiciError(
            f"没有安装 {library}。请先运行 make show，再用 .venv/bin/python；或者 pip install -e .",
            f"{library} is not installed. Run make show and use .venv/bin/python, or pip install -e .",
        ) from None


def _help() -> str:
    lines = ["用法：shici 命令 [设置 …]，每个命令都有 --help"]
    lines += ["Usage: shici COMMAND [setting ...]; every command has --help", ""]
    column = max(display_width(command.zh) for command in COMMANDS.values())
    lines += [f"  {name:<8}  {pad(command.zh, column)}  {command.en}" for name, command in COMMANDS.items()]
    return "\n".join([*lines, "", f"  --version {pad('版本', column)}  version"])
