"""The facts of the model that ships, read from the files beside it: nothing of them is written down here."""

from __future__ import annotations

import json
from functools import cache
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

import shici
from shici.checkpoint import PRETRAINED
from shici.config.parse import parse_settings
from shici.config.train import TrainSettings
from shici.errors import ShiciError

CARD = PRETRAINED / "MODEL_CARD.md"
RECIPE = Path(shici.__file__).resolve().parent.parent / "config" / "train_poetry.py"
SECTIONS = (
    "数据",
    "训练",
    "结果",
    "局限",
)  # of the card, by the first word of their headings; the rest is long


@cache
def main_facts() -> str:
    """The card's table and the sections that say most, as Markdown; "" where there is no card."""
    if not CARD.is_file():
        return ""
    first, *others = CARD.read_text(encoding="utf-8").split("\n## ")
    chosen = [f"##### {section}" for section in others if section.startswith(SECTIONS)]
    return "\n".join((first.split("\n", 1)[1], *chosen))


def shipped_steps() -> int | None:
    """How many steps the model was trained; None where its config.json does not say."""
    try:
        steps = json.loads((PRETRAINED / "config.json").read_text(encoding="utf-8"))["shici"]["iter_num"]
    except (OSError, ValueError, KeyError):
        return None
    return int(steps)


def recipe_steps() -> int | None:
    """How many steps `python train.py config/train_poetry.py` takes; None where the recipe is not installed."""
    try:
        return parse_settings(TrainSettings, [str(RECIPE)], prog="train.py").max_iters
    except ShiciError:
        return None


def licence() -> str:
    """The package's, which is the model's too; "" where the package is not installed."""
    try:
        known = metadata("shici")
    except PackageNotFoundError:
        return ""
    return str(known["License-Expression"]) if "License-Expression" in known else ""
