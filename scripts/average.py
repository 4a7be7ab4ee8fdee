"""Average the weights of two checkpoints of one run: where its rate had come down to zero once, and at its end.

    python scripts/average.py --earlier=out-release/cooled.pt --run=out-release --share=0.5 --to=out-release/averaged

Each stands on one side of the same valley and the point between is lower (Izmailov et al. 2018, arXiv 1803.05407;
Wortsman et al. 2022, arXiv 2203.05482). share: of the run's last checkpoint, the rest is the earlier one's. Writes
ckpt.pt, which cannot be resumed, and takes the run's log.csv and history.json along. Where that was made already of
the same two, nothing is done.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path
from typing import Any

from shici.checkpoint import LAST, model_of, read_checkpoint, save_checkpoint, weights_hash
from shici.errors import CheckpointError, ConfigError, run_door
from shici.training.history import HISTORY
from shici.training.journal import LOG

OF_THE_WEIGHTS = ("optimizer", "raw_model", "val_loss", "best_val_loss")  # not true of the average


def main(argv: list[str]) -> int:
    """Raises CheckpointError for a missing file and for two that do not belong together, ConfigError for a share."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--earlier", type=Path, required=True)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--share", type=float, default=0.5)
    parser.add_argument("--to", type=Path, required=True)
    arguments = parser.parse_args(argv)
    if not 0 <= arguments.share <= 1:
        raise ConfigError(
            f"--share 应在 0 与 1 之间，得到 {arguments.share:g}。",
            f"Expected --share in [0, 1], got {arguments.share:g}.",
        )
    later_path, to = arguments.run / LAST, arguments.to / LAST
    earlier, later = read_checkpoint(arguments.earlier), read_checkpoint(later_path)
    check_kin(earlier, later, arguments.earlier, later_path)
    parts = ((earlier, arguments.earlier), (later, later_path))
    made_of = [arguments.share, *(weights_hash(model_of(one, path)) for one, path in parts)]
    if not (to.is_file() and read_checkpoint(to).get("made_of") == made_of):
        save_checkpoint(to, averaged(earlier, later, arguments.share) | {"made_of": made_of})
    for name in (HISTORY, LOG):
        if (arguments.run / name).is_file():
            shutil.copy2(arguments.run / name, arguments.to / name)
    return 0


def check_kin(earlier: dict[str, Any], later: dict[str, Any], first: Path, second: Path) -> None:
    """Raise CheckpointError unless the two have the same sizes and the same vocabulary."""
    differing = [key for key in ("model_args", "vocabulary") if earlier.get(key) != later.get(key)]
    if differing:
        raise CheckpointError(
            f"{first} 与 {second} 不是同一次训练的：{'、'.join(differing)} 不同，不能平均。",
            f"{first} and {second} are not of one run: {', '.join(differing)} differ, there is no average.",
        )


def averaged(earlier: dict[str, Any], later: dict[str, Any], share: float) -> dict[str, Any]:
    """The later checkpoint with the weights (1 - share) * earlier + share * later."""
    weights = {name: earlier["model"][name].lerp(late, share) for name, late in later["model"].items()}
    kept = {key: value for key, value in later.items() if key not in OF_THE_WEIGHTS}
    return kept | {"model": weights}


if __name__ == "__main__":
    run_door(main)
