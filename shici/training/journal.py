"""What a run tells: a bar in the terminal, log.csv always, Weights & Biases and TensorBoard on request, a curve.

log.csv has one row every log_interval steps and one at every evaluation (empty cells where nothing was measured):
    iter, epoch, tokens, minutes, train_loss, val_loss, val_fields_loss, lr, tokens_per_second
Losses are in nats: train_loss per token, the others per character of verse (see shici.training.evaluate).
"""

from __future__ import annotations

import csv
import importlib
import math
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from shici.checkpoint import replacing
from shici.config.parse import describe
from shici.config.train import TrainSettings
from shici.errors import TrainingError
from shici.language import Text

LOG = "log.csv"
COLUMNS = (
    "iter", "epoch", "tokens", "minutes", "train_loss", "val_loss", "val_fields_loss", "lr", "tokens_per_second",
)  # fmt: skip


class Journal:
    """Writes the rows of one run. In a process that is not the main one nothing is written (`active` False)."""

    def __init__(self, settings: TrainSettings, start: int, *, active: bool) -> None:
        self.active = active
        self.folder = Path(settings.out_dir)
        self.path = self.folder / LOG
        self.bar = None
        if not active:
            return
        # first what may be missing: then an old log stays as it is
        self.tensorboard = _tensorboard(self.folder) if settings.tensorboard_log else None
        self.wandb = _wandb(settings) if settings.wandb_log else None
        self._keep_rows_up_to(start)
        self.bar = _bar(start, settings.max_iters)

    def _keep_rows_up_to(self, start: int) -> None:
        """Begin the file, or drop the rows of steps that a resumed run will make again."""
        rows = read_log(self.path) if start and self.path.is_file() else []
        with replacing(self.path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, COLUMNS)
            writer.writeheader()
            writer.writerows(row for row in rows if int(row["iter"]) <= start)

    def row(self, values: Mapping[str, Any]) -> None:
        """Append one row; `values` has some of COLUMNS, "iter" among them."""
        if not self.active:
            return
        with self.path.open("a", newline="", encoding="utf-8") as file:
            csv.DictWriter(file, COLUMNS).writerow({k: _short(v) for k, v in values.items()})
        numbers = {key: value for key, value in values.items() if key != "iter"}
        if self.wandb is not None:
            self.wandb.log(numbers, step=values["iter"])
        if self.tensorboard is not None:
            for key, value in numbers.items():
                self.tensorboard.add_scalar(key, value, values["iter"])

    def progress(self, iteration: int, *, loss: float, lr: float, speed: float, epoch: float) -> None:
        """Move the bar to `iteration`. loss in nats per token, speed in tokens per second."""
        if self.bar is not None:
            self.bar.set_postfix_str(
                f"loss {loss:.4f} lr {lr:.2e} {speed:,.0f} tok/s epoch {epoch:.2f}", refresh=False
            )
            self.bar.update(iteration - self.bar.n)

    def say(self, text: str) -> None:
        """Print a text without breaking the bar."""
        if self.bar is not None:
            self.bar.write(text)

    def close(self) -> None:
        """End the bar and draw the curve."""
        if not self.active:
            return
        if self.bar is not None:
            self.bar.close()
        if self.wandb is not None:
            self.wandb.finish()
        if self.tensorboard is not None:
            self.tensorboard.close()
        try:
            draw_curve(self.path, self.folder / "loss.png")
        except OSError as error:  # the weights are saved, or an error on its way says why they are not
            print(unwritten(self.folder / "loss.png", error).aside, file=sys.stderr)


def unwritten(path: Path, error: OSError) -> Text:
    return Text(f"{path} 没有写成：{error.strerror}", f"{path} was not written: {error.strerror}")


def read_log(path: Path) -> list[dict[str, str]]:
    """The rows of a log.csv, but for those that are damaged: no run ends for the sake of its log."""
    with path.open(newline="", encoding="utf-8", errors="replace") as file:
        return [row for row in csv.DictReader(file) if _is_whole(row)]


def _is_whole(row: Mapping[str | None, Any]) -> bool:
    """Whether all columns are there and numbers, or empty but for the step."""
    try:
        numbers = [float(value or 0) for value in row.values()]
        return set(row) == set(COLUMNS) and int(row["iter"]) >= 0 and all(map(math.isfinite, numbers))
    except (TypeError, ValueError):
        return False


def _short(value: Any) -> Any:
    return f"{value:.6g}" if isinstance(value, float) else value


class _PlainBar:
    """Stands in for tqdm where it is not installed: one line a report."""

    def __init__(self, start: int, total: int) -> None:
        self.n, self.total, self._text = start, total, ""

    def set_postfix_str(self, text: str, refresh: bool = True) -> None:
        self._text = text

    def update(self, steps: int) -> None:
        self.n += steps
        self.write(f"{self.n}/{self.total} {self._text}")

    def write(self, text: str) -> None:
        print(text, flush=True)

    def close(self) -> None:
        """Nothing to end."""


def _bar(start: int, total: int) -> Any:
    try:
        tqdm = importlib.import_module("tqdm").tqdm
    except ImportError:
        return _PlainBar(start, total)
    # in a file or a pipe a bar that redraws itself is noise: one line every half minute is enough
    interval = 0.5 if sys.stderr.isatty() else 30.0
    return tqdm(total=total, initial=start, unit="步", mininterval=interval, dynamic_ncols=True)


def _optional(module: str, flag: str, package: str) -> Any:
    try:
        return importlib.import_module(module)
    except ImportError:
        raise TrainingError(
            f"--{flag} 要用 {package}，这里没有装。请 pip install {package}，或去掉 --{flag}。",
            f"--{flag} needs {package}, which is not installed: pip install {package}, or leave the flag out.",
        ) from None


def _wandb(settings: TrainSettings) -> Any:
    wandb = _optional("wandb", "wandb_log", "wandb")
    return wandb.init(project=settings.wandb_project, name=settings.wandb_run_name, config=describe(settings))


def _tensorboard(folder: Path) -> Any:
    return _optional("torch.utils.tensorboard", "tensorboard_log", "tensorboard").SummaryWriter(
        folder / "tensorboard"
    )


def draw_curve(log: Path, picture: Path) -> bool:
    """Draw the losses of a log.csv over the steps. Returns False where matplotlib is not installed."""
    try:
        figure = importlib.import_module("matplotlib.figure").Figure(figsize=(8, 4.5), layout="constrained")
    except ImportError:
        return False
    rows = read_log(log)
    axes = figure.subplots()
    # English labels: a machine without a Chinese font would draw boxes
    for column, label in (
        ("train_loss", "train (nats per token)"),
        ("val_loss", "validation, verse alone (nats per character)"),
        ("val_fields_loss", "validation, with fields"),
    ):
        points = [(int(row["iter"]), float(row[column])) for row in rows if row[column]]
        if points:
            axes.plot(*zip(*points, strict=True), label=label, linewidth=1 if column == "train_loss" else 2)
    axes.set(xlabel="step", ylabel="loss")
    axes.grid(alpha=0.3)
    if axes.lines:
        axes.legend()
    with replacing(picture) as temporary:
        figure.savefig(temporary, dpi=120, format="png")
    return True
