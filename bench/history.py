"""What a run's memory costs: a record of history.json against a training step. python bench/history.py [--rounds=5]

Steps and records of the shipped recipe alternate on this machine, records of an untrained model (whose poems never
end, the dearest) and of the shipped one by turns, so that what else the machine does falls on all; figures are
medians, in seconds of wall clock and of processor. The share is that of all records of the recipe in all of its time.
"""

from __future__ import annotations

import argparse
import copy
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from shici.checkpoint import PRETRAINED, load_model
from shici.config.parse import parse_settings
from shici.config.train import TrainSettings
from shici.errors import run_door
from shici.training.loop import Trainer
from shici.training.machine import set_up
from shici.training.observation import observe, plan_for
from shici.training.start import begin

ROOT = Path(__file__).resolve().parent.parent


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds of wall clock and of processor."""
    wall, processor = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - processor


def recorded(settings: TrainSettings) -> int:
    """How many records a whole run writes."""
    powers = {0, *(2**power for power in range(64))}
    looks = {*range(0, settings.max_iters, settings.eval_interval), settings.max_iters}
    return len(looks | {step for step in powers if step <= settings.max_iters})


def main(argv: list[str]) -> int:
    """Print a table and a JSON line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--dataset", default="poetry")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as out:
        recipe = [
            str(ROOT / "config" / "train_poetry.py"),
            f"--dataset={arguments.dataset}",
            f"--out_dir={out}",
        ]
        settings = parse_settings(TrainSettings, [*recipe, "--history=False"], prog="bench/history.py")
        machine = set_up(settings)
        trainer = Trainer(settings, begin(settings), machine)
        plan = plan_for(trainer.vocabulary, trainer.documents.tokens, settings.block_size, settings.seed)
        fresh = copy.deepcopy(trainer.model)
        shipped = load_model(PRETRAINED)
        trained = shipped.model.to(machine.device, machine.dtype)
        steps = trainer.source.steps(0, 0)
        figures: dict[str, list[tuple[float, float]]] = {"step": [], "untrained": [], "trained": []}
        for _ in range(arguments.rounds):
            step = next(steps)
            figures["step"].append(timed(lambda step=step: trainer.step(step)))  # type: ignore[misc]
            figures["untrained"].append(timed(lambda: observe(fresh, trainer.vocabulary, plan)))
            figures["trained"].append(timed(lambda: observe(trained, shipped.vocabulary, plan)))
    wall, processor = (
        {name: statistics.median(pair[which] for pair in pairs) for name, pairs in figures.items()}
        for which in (0, 1)
    )
    records = recorded(settings)
    print(f"{'':12}{'wall s':>10}{'processor s':>14}")
    for name in figures:
        print(f"{name:12}{wall[name]:10.3f}{processor[name]:14.3f}")
    share = {
        kind: records * max(of["untrained"], of["trained"]) / (settings.max_iters * of["step"])
        for kind, of in (("wall", wall), ("processor", processor))
    }
    print(f"{records} records in {settings.max_iters} steps: at most {share['wall']:.2%} of the time")
    print(json.dumps({"wall": wall, "processor": processor, "records": records, "share": share}))
    return 0


if __name__ == "__main__":
    run_door(main)
