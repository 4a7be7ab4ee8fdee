"""Make the folder that ships from a training run: weights in half precision, vocabulary, model card.

    python scripts/release.py --run=out-poetry [--dataset=poetry] [--to=shici/pretrained] [--report=FILE]

Takes the run's last checkpoint (the end of the learning rate's decay), scores it on the whole validation and test
splits, writes config.json, model.safetensors, vocabulary.txt and what transformers needs beside them, lets the
written model write the card's poems with fixed seeds, and puts everything that was measured into MODEL_CARD.md.
The run's history.json and log.csv go along, where it has them: the interface shows how the model learned.
The report.json of `shici evaluate` on the folder, given in a second run, adds its summary to the card.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import torch

from shici.checkpoint import LAST, PRETRAINED, LoadedModel, load_model, read_checkpoint, save_released
from shici.errors import run_door
from shici.evaluation.card import read_report, section
from shici.evaluation.model import weights_hash
from shici.export.hugging_face import write_companions
from shici.training.documents import read_documents
from shici.training.evaluate import Validation, validate
from shici.training.history import HISTORY
from shici.training.journal import LOG
from shici.training.machine import Machine

ROOT = Path(__file__).resolve().parent.parent
TEMPLATE = ROOT / "scripts" / "model_card.md"
SAMPLES = (
    ("--num_samples=4",),
    ("--start=白玉为堂金作马", "--num_samples=3"),
    ("--form=七绝", "--regulated=True", "--dynasty=唐", "--title=秋夜", "--num_samples=3"),
    ("--form=词", "--tune=浣溪沙", "--dynasty=宋", "--num_samples=2"),
)


def main(argv: list[str]) -> int:
    """Write the released folder. Raises ShiciError where a file is missing or does not fit."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--run", type=Path, default=Path("out-poetry"))
    parser.add_argument("--dataset", default="poetry")
    parser.add_argument("--to", type=Path, default=PRETRAINED)
    parser.add_argument("--remark", default="", help="a sentence for the card about how the run went")
    parser.add_argument("--report", type=Path, help="report.json of shici evaluate on the folder that ships")
    arguments = parser.parse_args(argv)
    data = Path("data") / arguments.dataset
    checkpoint = read_checkpoint(arguments.run / LAST)
    trained = load_model(arguments.run / LAST)
    progress = checkpoint["progress"]
    notes = {
        "iter_num": progress["iteration"],
        "tokens": progress["tokens"],
        "minutes": round(progress["minutes"], 1),
    }
    save_released(arguments.to, trained.model, trained.vocabulary, notes=notes)
    released = load_model(arguments.to)  # what is scored is what ships: the rounded weights
    evaluation = ""
    if arguments.report is not None:
        evaluation = section(read_report(arguments.report, weights_hash(released)))
    scores = {split: score(released, data / f"{split}.bin") for split in ("val", "test")}
    notes["val_loss"] = round(scores["val"].bare, 4)
    save_released(arguments.to, trained.model, trained.vocabulary, notes=notes)
    write_companions(arguments.to, trained.vocabulary, trained.model.config.block_size)
    manifest = json.loads((data / "manifest.json").read_text(encoding="utf-8"))
    text = card(released, checkpoint, scores, manifest, data, arguments.remark, evaluation)
    (arguments.to / "MODEL_CARD.md").write_text(text, encoding="utf-8")
    for name in (HISTORY, LOG):  # how it learned, for the interface
        if (arguments.run / name).is_file():
            shutil.copyfile(arguments.run / name, arguments.to / name)
    print(f"已写入 {arguments.to}：验证 {scores['val'].bare:.4f}，测试 {scores['test'].bare:.4f} 奈特/字")
    return 0


def score(loaded: LoadedModel, path: Path) -> Validation:
    """Nats per character of verse over a whole split, in float32."""
    documents = read_documents(path, loaded.vocabulary)
    machine = Machine(torch.device("cpu"), torch.float32, compile=False)
    return validate(loaded.model, documents, loaded.vocabulary.body, machine, batches=None)


def samples(folder: Path) -> str:
    """The poems of the card, as sample.py wrote them."""
    blocks = []
    for options in SAMPLES:
        command = [sys.executable, str(ROOT / "sample.py"), f"--out_dir={folder}", *options]
        done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
        blocks.append(f"`python sample.py {' '.join(options)}`\n\n```\n{done.stdout.strip()}\n```")
    return "\n\n".join(blocks)


def machine_text() -> str:
    processor = next(
        (
            line.split(":", 1)[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        platform.processor(),
    )
    return f"{os.cpu_count()} × {processor}"


def rows(scores: dict[str, Validation]) -> str:
    lines = []
    for split, name in (("val", "验证 validation"), ("test", "测试 test")):
        found = scores[split]
        bits = found.bare / math.log(2)
        lines.append(f"| {name} | {found.bare:.4f} | {bits:.3f} | {found.fields:.4f} |")
    return "\n".join(lines)


def card(
    loaded: LoadedModel,
    checkpoint: dict[str, Any],
    scores: dict[str, Validation],
    manifest: dict[str, Any],
    data: Path,
    remark: str,
    evaluation: str,
) -> str:
    """The model card: what it is, what it was made from, what it can do, what it cannot."""
    c, settings, progress = loaded.model.config, checkpoint["config"], checkpoint["progress"]
    train = read_documents(data / "train.bin", loaded.vocabulary)
    longer = int((train.totals() - 1 > c.block_size).sum())
    recipe = ", ".join(
        f"{key}={settings[key]}"
        for key in (
            "batch_size", "block_size", "max_iters", "warmup_iters", "cooldown_iters", "optimizer",
            "muon_learning_rate", "learning_rate", "weight_decay", "field_dropout", "bare_share", "dropout", "seed",
        )
    )  # fmt: skip
    values = {
        "layers": c.n_layer,
        "heads": c.n_head,
        "width": c.n_embd,
        "block": c.block_size,
        "parameters": f"{loaded.model.parameter_count():,}",
        "vocabulary": c.vocab_size,
        "controls": loaded.vocabulary.control_count,
        "read": total(manifest, "read"),
        "kept": total(manifest, "kept"),
        "train_poems": f"{len(train):,}",
        "train_tokens": f"{len(train.tokens):,}",
        "longer": f"{longer:,}",
        "train_hash": manifest["outputs"]["train.bin"],
        "recipe": recipe,
        "tokens": f"{progress['tokens']:,}",
        "epoch": progress["epoch"] + 1,
        "steps": f"{progress['iteration']:,}",
        "minutes": f"{progress['minutes']:.0f}",
        "machine": machine_text(),
        "scores": rows(scores),
        "remark": remark,
        "evaluation": evaluation,
        "samples": samples(loaded.origin),
    }
    return TEMPLATE.read_text(encoding="utf-8").format(**values)


def total(manifest: dict[str, Any], kind: str) -> str:
    """How many poems of all collections were read or kept."""
    return f"{sum(collection[kind]['poems'] for collection in manifest['collections'].values()):,}"


if __name__ == "__main__":
    run_door(main)
