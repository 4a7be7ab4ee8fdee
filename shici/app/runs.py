"""Training runs on this machine, for the page 训练: which there are, their log.csv as curves, whether one is live."""

from __future__ import annotations

import csv
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from shici.checkpoint import PRETRAINED
from shici.errors import TrainingError
from shici.training.history import HISTORY, History, read_history
from shici.training.journal import COLUMNS, LOG

PATTERN = "out-*"
LIVE = 15 * 60  # seconds: a run on a slow machine reports every few minutes
POINTS = 1500  # of a curve; longer ones are averaged in bins
CURVES = ("iter", "minutes", "train_loss", "val_loss", "val_fields_loss", "lr", "tokens_per_second")

Column = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Curves:
    """A log.csv. columns: of CURVES, each (rows,), NaN where nothing was measured, of at most POINTS rows.
    rows: in the file. step: the last one. epoch: where that stands."""

    columns: Mapping[str, Column]
    rows: int
    step: int
    epoch: float


def folders(given: str) -> dict[str, Path]:
    """Name -> folder: the shipped model's, then the runs under the current folder, the newest first, then `given`.

    given: --out_dir of the command line, "" where there is none; a checkpoint stands for its folder.
    """
    found = {"": PRETRAINED}
    here = [path for path in Path().glob(PATTERN) if path.resolve() != PRETRAINED and holds_run(path)]
    for path in sorted(here, key=lambda path: (-changed(path), path.name)):
        found[path.name] = path
    if given:
        path = Path(given)
        path = path if path.is_dir() else path.parent
        known = {other.resolve() for other in found.values()}
        if path.resolve() not in known and holds_run(path):
            found[str(path)] = path
    return found


def holds_run(folder: Path) -> bool:
    return any((folder / name).is_file() for name in (LOG, HISTORY))


def stamp(folder: Path) -> tuple[tuple[int, int], ...]:
    """When the two files were last written (nanoseconds) and how large they are; zeros where there is none."""
    found = []
    for name in (LOG, HISTORY):
        try:
            status = (folder / name).stat()
        except OSError:
            found.append((0, 0))
        else:
            found.append((status.st_mtime_ns, status.st_size))
    return tuple(found)


def changed(folder: Path) -> float:
    """When the run last wrote, in seconds."""
    return max(when for when, _ in stamp(folder)) / 1e9


def is_live(folder: Path) -> bool:
    """Whether the run wrote lately; the shipped one never does."""
    return folder.resolve() != PRETRAINED and time.time() - changed(folder) < LIVE


@lru_cache(maxsize=8)
def history_at(folder: Path, stamped: tuple[tuple[int, int], ...]) -> History:
    """The history of a folder, read once for each `stamp`. Raises TrainingError."""
    return read_history(folder / HISTORY)


@lru_cache(maxsize=8)
def curves_at(folder: Path, stamped: tuple[tuple[int, int], ...]) -> Curves:
    """The curves of a folder, read once for each `stamp`. Raises TrainingError."""
    return read_curves(folder / LOG)


def read_curves(path: Path) -> Curves:
    """The curves of a log.csv. A last row that is being written at this moment is left out.

    Raises TrainingError if the file is missing, damaged or something else.
    """
    try:
        with path.open(newline="", encoding="utf-8") as file:
            reader = csv.DictReader(file)
            if tuple(reader.fieldnames or ()) != COLUMNS:
                raise ValueError("other columns")
            lines = list(reader)
    except FileNotFoundError:
        raise TrainingError(
            f"{path.parent} 里没有 {LOG}：还没有开始训练。",
            f"No {LOG} in {path.parent}: no training has begun.",
        ) from None
    except (OSError, ValueError, csv.Error) as error:
        raise unreadable(path, str(error) or type(error).__name__) from None
    rows: list[list[float]] = []
    for number, line in enumerate(lines):
        try:
            rows.append([cell(line[name]) for name in ("epoch", *CURVES)])
            if not rows[-1][1].is_integer():
                raise ValueError("no step")
        except (ValueError, TypeError):
            if number == len(lines) - 1:
                del rows[number:]
                break
            raise unreadable(path, f"row {number + 2}") from None
    table = np.array(rows, dtype=np.float64).reshape(-1, 1 + len(CURVES))
    epochs = table[:, 0][~np.isnan(table[:, 0])]
    columns = {name: thinned(table[:, 1 + at]) for at, name in enumerate(CURVES)}
    step = int(table[-1, 1]) if len(table) else 0
    return Curves(columns, len(table), step, float(epochs[-1]) if len(epochs) else 0.0)


def cell(text: str) -> float:
    """A number, NaN for an empty cell. Raises ValueError for anything else, TypeError for a missing cell."""
    number = float(text) if text != "" else math.nan
    if math.isinf(number) or (text != "" and math.isnan(number)):
        raise ValueError("not a number")
    return number


def thinned(column: Column) -> Column:
    """At most POINTS numbers: the means of bins of equal length, NaN for an empty bin."""
    width = -(-len(column) // POINTS)
    if width <= 1:
        return column
    padded = np.full(-(-len(column) // width) * width, np.nan)
    padded[: len(column)] = column
    bins = padded.reshape(-1, width)
    there = ~np.isnan(bins)
    count = there.sum(axis=1)
    total = np.where(there, bins, 0.0).sum(axis=1)
    return np.where(count > 0, total / np.maximum(1, count), np.nan)


def unreadable(path: Path, reason: str) -> TrainingError:
    return TrainingError(
        f"读不懂 {path}（{reason}）：不是训练写下的 log.csv，或已损坏。",
        f"Cannot read {path} ({reason}): not a log.csv that training wrote, or damaged.",
    )
