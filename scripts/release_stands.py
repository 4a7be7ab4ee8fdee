"""Whether a part of the released folder is there and made from this run: exit status 0 if so, 1 if not.

    python -m scripts.release_stands PART --run=out-release --to=shici/pretrained [--report=report.json]

PART: weights (config.json states the run's steps), heads (head_scores.json is of the folder's weights), report (so is
report.json) or card (written after the weights). It goes by what the files say and not by their times, which copying
to another machine changes; runs/steps.sh asks it what is left to do.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from scripts.release import notes_of
from shici.checkpoint import LAST, PRETRAINED, load_model, read_checkpoint, weights_hash
from shici.errors import CheckpointError, run_door
from shici.evaluation.card import read_report
from shici.explanation.cards import cards_path, key_of, load_cards, rows_for


def main(argv: list[str]) -> int:
    """Raises CheckpointError where the run has no checkpoint."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("part", choices=STANDS)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--to", type=Path, default=PRETRAINED)
    parser.add_argument("--report", type=Path)
    arguments = parser.parse_args(argv)
    return not STANDS[arguments.part](arguments.run, arguments.to, arguments.report)


def weights(run: Path, to: Path, report: Path | None) -> bool:
    made = notes_of(read_checkpoint(run / LAST)["progress"])
    return _stated(to).items() >= made.items()


def heads(run: Path, to: Path, report: Path | None) -> bool:
    loaded = load_model(to)
    return load_cards(cards_path(loaded), key_of(loaded.model, rows_for(loaded))) is not None


def report_(run: Path, to: Path, report: Path | None) -> bool:
    try:
        read_report(report or run / "evaluation" / "report.json", weights_hash(load_model(to).model))
    except CheckpointError:
        return False
    return True


def card(run: Path, to: Path, report: Path | None) -> bool:
    """The card's loss stands beside the weights, written after it (scripts/release.py)."""
    return "val_loss" in _stated(to) and (to / "MODEL_CARD.md").is_file()


STANDS = {"weights": weights, "heads": heads, "report": report_, "card": card}


def _stated(to: Path) -> dict[str, object]:
    """What config.json says about the training; nothing if it is missing or damaged."""
    try:
        found = json.loads((to / "config.json").read_text(encoding="utf-8"))["shici"]
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return found if isinstance(found, dict) else {}


if __name__ == "__main__":
    run_door(main)
