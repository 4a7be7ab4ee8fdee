"""The record: how soon runs of ours are as good as a run of nanoGPT's recipe, and how far below it they end.

    python bench/record.py --baseline=out-nanogpt-baseline --ours=out-record-1337,out-record-1 [--dataset=poetry]

`runs/record_cpu.sh` makes the runs. Losses: nats per character of verse over the whole validation split, from each
run's last checkpoint. The baseline never saw a poem stand alone, so it is scored with the poems before it in its
window as well (and with the tails of long poems), and the better number is taken (with short windows, below 256,
always the second: alone the poems would be cut off). Clocks: the tokens that a run has
read, over the speed of its loop as measured here, nanoGPT's plain loop (float32, eager; bench/train.py) and ours in
turn in one process, on whatever the machine is doing now; evaluations are outside both, and nothing is compiled.
--nanogpt=FOLDER times nanoGPT's own model.py.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np
import torch

from bench.train import BLOCK, ROWS, measure, nanogpts_model, our_loop, plain_loop, plain_model
from shici.checkpoint import LAST, model_of, read_checkpoint
from shici.config.train import TrainSettings
from shici.errors import TrainingError, run_door
from shici.model.gpt import GPT
from shici.model.losses import IGNORED
from shici.training.batches import BatchPlan
from shici.training.documents import Documents
from shici.training.evaluate import validate
from shici.training.machine import Machine, set_up
from shici.training.start import Start, begin, model_config
from shici.training.windows import stream_of


@dataclass(frozen=True, slots=True)
class Finished:
    """A run that has done all its steps, and what its last checkpoint is worth."""

    folder: Path
    settings: TrainSettings
    tokens: int
    nats: float


def finished(folder: Path, start: Start, machine: Machine) -> Finished:
    """The run in `folder`, scored. Raises CheckpointError, TrainingError if it has steps left."""
    checkpoint = read_checkpoint(folder / LAST)
    known = {field.name for field in fields(TrainSettings)}
    settings = TrainSettings(**{k: v for k, v in checkpoint["config"].items() if k in known})
    if checkpoint["iter_num"] < settings.max_iters:
        done, steps = checkpoint["iter_num"], settings.max_iters
        raise TrainingError(
            f"{folder} 才到第 {done} 步，共 {steps} 步。请先用 --init_from=resume 练完。",
            f"{folder} stands at step {done} of {steps}. Finish it with --init_from=resume.",
        )
    model = model_of(checkpoint, folder / LAST)
    nats = validate(model, start.val, start.vocabulary.body, machine, batches=None).bare
    if settings.data_order == "windows":
        company = in_company(model, start.val, start.vocabulary.body, start.vocabulary.bos)
        # alone, a poem longer than the block is cut off there: too little is scored if the block is a short one
        nats = min(nats, company) if model.config.block_size >= BLOCK else company
    return Finished(folder, settings, checkpoint["progress"]["tokens"], nats)


@torch.no_grad()
def in_company(model: GPT, documents: Documents, body: int, bos: int) -> float:
    """Nats per character of the verse of all documents, laid end to end without fields, each token with at least
    half a block before it (but for the first)."""
    block = model.config.block_size
    stream = stream_of(documents, BatchPlan(step_tokens=1, block_size=block, bare_share=1.0)).astype(np.int64)
    counted = ~np.isin(stream, (bos, body))  # (N,) the verse, its marks and line feeds, and <eos>
    half = block // 2
    nats = 0.0
    starts = np.arange(0, len(stream) - block - 1, half)
    for some in np.array_split(starts, max(1, len(starts) // 32)):
        rows = torch.from_numpy(np.stack([stream[at : at + block + 1] for at in some]))
        targets = rows[:, 1:].clone()
        targets[~torch.from_numpy(np.stack([counted[at + 1 : at + block + 1] for at in some]))] = IGNORED
        targets[torch.from_numpy(some) > 0, :half] = IGNORED  # counted in the window before
        total, _ = model.loss(rows[:, :-1].contiguous(), targets)
        nats += float(total)
    return nats / int(counted[1 : starts[-1] + block + 1].sum())


def speeds(
    ours: Finished, baseline: Finished, start: Start, nanogpt: Path | None, rounds: int
) -> dict[str, float]:
    """Tokens per second of nanoGPT's loop with the baseline's sizes and of ours with ours."""
    theirs = baseline.settings
    config = replace(model_config(theirs, len(start.vocabulary)), dropout=theirs.dropout)
    plain: Any = nanogpts_model(nanogpt, config) if nanogpt else plain_model(config)
    rows = min(ROWS, theirs.batch_size)
    steps = max(ours.settings.max_iters, rounds + 2)  # so many are taken, however short the run was
    loops = {
        "nanoGPT": plain_loop(plain, start.train.tokens, rows, theirs.block_size, theirs.batch_size // rows),
        "ours": our_loop(start, replace(ours.settings, max_iters=steps, device="cpu")),
    }
    return measure(loops, rounds)


def table(baseline: Finished, ours: list[Finished], speed: dict[str, float]) -> list[dict[str, Any]]:
    """A row for each run: name, tokens, minutes, nats, and times the baseline's clock."""
    clock = baseline.tokens / speed["nanoGPT"] / 60
    rows = [{"run": baseline.folder.name, "tokens": baseline.tokens, "minutes": clock, "nats": baseline.nats}]
    for run in ours:
        minutes = run.tokens / speed["ours"] / 60
        rows.append({"run": run.folder.name, "tokens": run.tokens, "minutes": minutes, "nats": run.nats})
    return [{**row, "times": clock / row["minutes"]} for row in rows]


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--baseline", type=Path, required=True)
    parser.add_argument("--ours", type=lambda text: [Path(one) for one in text.split(",")], required=True)
    parser.add_argument("--dataset", default="poetry", help="data/<dataset>, prepared before")
    parser.add_argument("--rounds", type=int, default=6, help="steps of each loop that are timed")
    parser.add_argument("--nanogpt", type=Path)
    arguments = parser.parse_args(argv)
    start = begin(TrainSettings(dataset=arguments.dataset))
    machine = set_up(TrainSettings(dataset=arguments.dataset, device="cpu", dtype="float32"))
    baseline = finished(arguments.baseline, start, machine)
    ours = [finished(folder, start, machine) for folder in arguments.ours]
    speed = speeds(ours[0], baseline, start, arguments.nanogpt, arguments.rounds)
    rows = table(baseline, ours, speed)
    print(f"{torch.get_num_threads()} threads; {speed['nanoGPT']:,.0f} and {speed['ours']:,.0f} tokens/s")
    print(f"{'run':28} {'tokens':>12} {'minutes':>8} {'times':>6} {'nats':>7}")
    for row in rows:
        print(
            f"{row['run']:28} {row['tokens']:12,} {row['minutes']:8.1f} {row['times']:6.1f} {row['nats']:7.4f}"
        )
    mean = statistics.mean(run.nats for run in ours)
    print(f"ours in the mean {mean:.4f}, {mean - baseline.nats:+.4f} against the baseline")
    print(json.dumps({"bench": "record", "speed": speed, "rows": rows}))
    return 0


if __name__ == "__main__":
    run_door(main)
