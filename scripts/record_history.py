"""Add checkpoints to a history.json: what each writes, seen by the same code that a training run sees itself with.

    python scripts/record_history.py CKPT... --to=shici/pretrained/history.json [--from=out-poetry/history.json]
        [--dataset=poetry] [--name=NAME] [--remark CHINESE ENGLISH]

For runs that were trained without a recorder, and to put one history together from several runs: each record says
which run it is of. --from: copies this history first, where --to does not exist yet. --name, --remark: of the run
that the checkpoints are of; its name is their folder's if it is left out. A checkpoint's seed decides the dice of a
new file; a file that exists keeps its own.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from shici.checkpoint import LoadedModel, load_model, read_checkpoint
from shici.errors import TrainingError, run_door
from shici.training.documents import read_documents
from shici.training.history import History, Run, read_history, recipe_of, record_of, write_history
from shici.training.journal import LOG, read_log
from shici.training.observation import Plan, observe, plan_for
from shici.training.start import Progress


def main(argv: list[str]) -> int:
    """Write the file. Raises ShiciError where something is missing or does not fit together."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("checkpoints", type=Path, nargs="*", metavar="CKPT")
    parser.add_argument("--to", type=Path, required=True)
    parser.add_argument("--from", type=Path, dest="first")
    parser.add_argument("--dataset", default="poetry")
    parser.add_argument("--name", default="")
    parser.add_argument("--remark", default=(), nargs=2, metavar=("CHINESE", "ENGLISH"))
    arguments = parser.parse_args(argv)
    history = None
    if arguments.to.is_file() or arguments.first is not None:
        history = read_history(arguments.to if arguments.to.is_file() else arguments.first)
    for path in arguments.checkpoints:
        checkpoint, loaded = read_checkpoint(path), load_model(path)
        plan = _plan(loaded, Path("data") / arguments.dataset, checkpoint)
        if history is not None and history.plan != plan:
            raise TrainingError(
                f"{arguments.to} 记的是别的开头或别的骰子，与 {path} 放不到一起。请换 --to。",
                f"{arguments.to} keeps other prompts or dice, so {path} does not belong there. Use another --to.",
            )
        history = history or History(plan, ())
        if "progress" not in checkpoint:
            raise TrainingError(
                f"{path} 没写明是第几步：不是这里训练的检查点。",
                f"{path} does not say its step: it is no checkpoint of train.py.",
            )
        run = Run(
            arguments.name or path.resolve().parent.name,
            "\n".join(arguments.remark),
            recipe_of(checkpoint["config"]),
        )
        history = with_checkpoint(history, loaded, checkpoint, run)
    if history is not None:
        write_history(arguments.to, history)
        print(f"{arguments.to}：{len(history.runs)} 次训练，{len(history.records)} 个时刻")
    return 0


def _plan(loaded: LoadedModel, data: Path, checkpoint: dict[str, Any]) -> Plan:
    tokens = read_documents(data / "train.bin", loaded.vocabulary).tokens
    return plan_for(
        loaded.vocabulary, tokens, loaded.model.config.block_size, int(checkpoint["config"]["seed"])
    )


def with_checkpoint(history: History, loaded: LoadedModel, checkpoint: dict[str, Any], run: Run) -> History:
    """`history` with the record of one checkpoint, in float32. Its validation loss is that of the log beside it."""
    history, place = history.with_run(run)
    progress = Progress(**checkpoint["progress"])
    seen = observe(loaded.model, loaded.vocabulary, history.plan)
    log = loaded.origin.parent / LOG
    rows = read_log(log) if log.is_file() else []
    losses = [
        float(row["val_loss"]) for row in rows if row["iter"] == str(progress.iteration) and row["val_loss"]
    ]
    loss = losses[-1] if losses else None
    return history.with_record(record_of(seen, place, progress.iteration, progress.tokens, loss))


if __name__ == "__main__":
    run_door(main)
