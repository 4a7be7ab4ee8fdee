"""shici evaluate: what a checkpoint is worth, in one report.

    shici evaluate [--model=DIR] [--data=data/poetry] [--split=test] [--samples=1000] [--ccpc=FILE] [--out=DIR]

The first bare word chooses the report; without one it is the model's.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import cast

from shici.config.fields import nearest
from shici.errors import ConfigError

# The word on the command line -> the module whose `main(argv) -> int` makes that report.
REPORTS = {"model": "shici.evaluation.model", "prosody": "shici.evaluation.prosody"}


def main(argv: list[str]) -> int:
    """Make the report that the command line asks for. Raises ShiciError."""
    name, rest = choose(argv)
    run = cast(Callable[[list[str]], int], importlib.import_module(REPORTS[name]).main)
    return run(rest)


def choose(argv: list[str]) -> tuple[str, list[str]]:
    """The report's name and its arguments; a config file may stand first as well. Raises ConfigError."""
    if not argv or argv[0].startswith("-") or argv[0].endswith(".py") or Path(argv[0]).is_file():
        return "model", argv
    name, *rest = argv
    if name in REPORTS:
        return name, rest
    guess = nearest(name, REPORTS) or " | ".join(REPORTS)
    raise ConfigError(
        f"没有 {name!r} 这种评测。是不是 shici evaluate {guess}？选模型请用 --model=。",
        f"There is no report {name!r}. Did you mean shici evaluate {guess}? A model is named by --model=.",
    )
