"""Make the folder that ships from a training run: weights in half precision, vocabulary, model card.

    python scripts/release.py --run=out-poetry --weights-only     then measure the folder:
    shici evaluate --model=shici/pretrained --out=out-poetry/evaluation
    python scripts/release.py --run=out-poetry --report=out-poetry/evaluation/report.json

Takes the run's last checkpoint (the end of the learning rate's decay) and writes config.json, model.safetensors,
vocabulary.txt and what transformers needs beside them; the run's history.json and log.csv go along, where it has
them, since the interface shows how the model learned. Unless --weights-only is given, the rounded weights are then
scored on the whole validation and test splits and write poems with fixed seeds; MODEL_CARD.md says all that was
measured, with the summary of a report.json of `shici evaluate` on this very folder where one is given.
More options: --dataset=poetry, --to=shici/pretrained, --remark=TEXT. Without a report it takes five minutes of a core.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import math
import shutil
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

import torch

from shici.checkpoint import (
    LAST,
    PRETRAINED,
    LoadedModel,
    load_model,
    read_checkpoint,
    save_released,
    weights_hash,
)
from shici.config.train import TrainSettings
from shici.errors import ShiciError, TrainingError, run_door
from shici.evaluation.card import read_report, section
from shici.export.hugging_face import write_companions
from shici.generation.main import main as write_poems
from shici.training.documents import read_documents
from shici.training.evaluate import Validation, validate
from shici.training.history import HISTORY, recipe_of
from shici.training.journal import LOG
from shici.training.machine import Machine, hardware

ROOT = Path(__file__).resolve().parent.parent
TEMPLATE = ROOT / "scripts" / "model_card.md"
SAMPLES = (
    ("--num_samples=4",),
    ("--start=白玉为堂金作马", "--num_samples=3"),
    ("--form=七绝", "--regulated=True", "--dynasty=唐", "--title=秋夜", "--num_samples=3"),
    ("--form=词", "--tune=浣溪沙", "--dynasty=宋", "--num_samples=2"),
)

# settings that say nothing about the model
ELSEWHERE = (
    "out_dir", "dataset", "init_from", "max_minutes", "eval_interval", "eval_iters",
    "eval_only", "history", "log_interval", "always_save_checkpoint", "wandb_log", "wandb_project", "wandb_run_name",
    "tensorboard_log", "device", "dtype", "compile", "backend", "teachers",
)  # fmt: skip
CORPUS = """\
chinese-poetry 2.0.1（MIT），由 `python data/poetry/prepare.py` 准备：读 {read} 篇，清洗、去重之后留 {kept} 篇；\
与 THU-CCPC 测试集共有一联的诗不在训练、验证、测试之中。
Prepared by `python data/poetry/prepare.py`; poems that share a couplet with the test split of THU-CCPC are in no split.
"""
OWN_TEXT = "自己的文本，由 `python data/poetry/prepare.py --input` 准备。A text of the user's own.\n"
COUNTS = """训练 {poems:,} 篇、{tokens:,} 个记号，其中 {longer:,} 篇长于上下文，只读开头。简体。\
`train.bin` 的 SHA-256：`{hash}`。"""


def main(argv: list[str]) -> int:
    """Write the released folder. Raises ShiciError where a file is missing or does not fit."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--run", type=Path, default=Path("out-poetry"))
    parser.add_argument("--dataset", default="poetry")
    parser.add_argument("--to", type=Path, default=PRETRAINED)
    parser.add_argument("--weights-only", action="store_true", help="no scores and no card")
    parser.add_argument("--remark", default="", help="a sentence for the card about how the run went")
    parser.add_argument("--report", type=Path, help="report.json of shici evaluate on the folder that ships")
    arguments = parser.parse_args(argv)
    to: Path = arguments.to
    checkpoint, trained = read_checkpoint(arguments.run / LAST), load_model(arguments.run / LAST)
    if "progress" not in checkpoint:
        raise TrainingError(
            f"{arguments.run / LAST} 不是 train.py 的检查点，没有写明练了多少。",
            f"{arguments.run / LAST} is no checkpoint of train.py: it does not say how far it was trained.",
        )
    notes = notes_of(checkpoint["progress"])
    save_released(to, trained.model, trained.vocabulary, notes=notes)
    write_companions(to, trained.vocabulary, trained.model.config.block_size)
    copy_course(arguments.run, to)
    if arguments.weights_only:
        print(f"已写入 {to}，还没有模型卡")
        return 0
    released = load_model(to)  # what is scored is what ships: the rounded weights
    report = arguments.report and read_report(arguments.report, weights_hash(released.model))
    data = Path("data") / arguments.dataset
    scores = {split: score(released, data / f"{split}.bin") for split in ("val", "test")}
    values = {
        **model_values(released),
        **training_values(checkpoint),
        "data": data_text(data, released),
        "scores": rows(scores),
        "remark": arguments.remark,
        "evaluation": section(report) if report else "",
        "samples": samples(to),
    }
    (to / "MODEL_CARD.md").write_text(TEMPLATE.read_text(encoding="utf-8").format(**values), encoding="utf-8")
    # last: scripts/release_stands.py takes it for the sign that the card is written
    notes["val_loss"] = round(scores["val"].bare, 4)
    save_released(to, trained.model, trained.vocabulary, notes=notes)
    print(f"已写入 {to}：验证 {scores['val'].bare:.4f}，测试 {scores['test'].bare:.4f} 奈特/字")
    return 0


def notes_of(progress: dict[str, Any]) -> dict[str, Any]:
    """What config.json says about the training."""
    return {
        "iter_num": progress["iteration"],
        "tokens": progress["tokens"],
        "minutes": round(progress["minutes"], 1),
    }


def copy_course(run: Path, to: Path) -> None:
    """How the model learned, for the interface. Says where the folder keeps that of an earlier model."""
    for name in (HISTORY, LOG):
        if (run / name).is_file():
            shutil.copyfile(run / name, to / name)
        elif (to / name).is_file():
            print(f"！{run} 里没有 {name}：{to / name} 还是从前那个模型的。", file=sys.stderr)


def score(loaded: LoadedModel, path: Path) -> Validation:
    """Nats per character of verse over a whole split, in float32."""
    documents = read_documents(path, loaded.vocabulary)
    machine = Machine(torch.device("cpu"), torch.float32, compile=False)
    return validate(loaded.model, documents, loaded.vocabulary.body, machine, batches=None)


def samples(folder: Path) -> str:
    """The poems of the card, as sample.py writes them; what this model cannot be asked for is left out."""
    blocks = []
    for options in SAMPLES:
        written = io.StringIO()
        try:
            with contextlib.redirect_stdout(written):
                write_poems([f"--out_dir={folder}", *options])
        except ShiciError as error:  # a small vocabulary: of a text of one's own
            print(f"！样诗略去 {' '.join(options)}：{error.zh}", file=sys.stderr)
            continue
        blocks.append(f"`python sample.py {' '.join(options)}`\n\n```\n{written.getvalue().strip()}\n```")
    return "\n\n".join(blocks)


def rows(scores: dict[str, Validation]) -> str:
    lines = []
    for split, name in (("val", "验证 validation"), ("test", "测试 test")):
        found = scores[split]
        bits = found.bare / math.log(2)
        lines.append(f"| {name} | {found.bare:.4f} | {bits:.3f} | {found.fields:.4f} |")
    return "\n".join(lines)


def model_values(loaded: LoadedModel) -> dict[str, Any]:
    """What the card says about the model itself."""
    c = loaded.model.config
    return {
        "layers": c.n_layer,
        "heads": c.n_head,
        "width": c.n_embd,
        "block": c.block_size,
        "parameters": f"{loaded.model.parameter_count():,}",
        "vocabulary": c.vocab_size,
        "controls": loaded.vocabulary.control_count,
    }


def training_values(checkpoint: dict[str, Any]) -> dict[str, Any]:
    """What the card says about the training: the recipe, how far it went, and on what."""
    settings, progress = checkpoint["config"], checkpoint["progress"]
    defaults = {field.name: field.default for field in fields(TrainSettings)}
    told = recipe_of(settings)
    told |= {
        name: value
        for name, value in settings.items()
        if name not in ELSEWHERE and value != defaults.get(name)
    }
    # a checkpoint from before training noted its machine: taken to be this one
    machine = checkpoint.get(
        "machine", {"hardware": hardware(torch.device("cpu")), "dtype": settings["dtype"]}
    )
    return {
        "recipe": ", ".join(f"{name}={value}" for name, value in told.items()),
        "tokens": f"{progress['tokens']:,}",
        "epoch": progress["epoch"] + 1,
        "steps": f"{progress['iteration']:,}",
        "minutes": f"{progress['minutes']:.0f}",
        "machine": f"{machine['hardware']}，{machine['dtype']}",
    }


def data_text(data: Path, loaded: LoadedModel) -> str:
    """What the card says about the poems."""
    manifest = json.loads((data / "manifest.json").read_text(encoding="utf-8"))
    train = read_documents(data / "train.bin", loaded.vocabulary)
    longer = int((train.totals() - 1 > loaded.model.config.block_size).sum())
    corpus = "collections" in manifest
    source = CORPUS.format(read=total(manifest, "read"), kept=total(manifest, "kept")) if corpus else OWN_TEXT
    counts = COUNTS.format(
        poems=len(train), tokens=len(train.tokens), longer=longer, hash=manifest["outputs"]["train.bin"]
    )
    return f"{source}\n{counts}"


def total(manifest: dict[str, Any], kind: str) -> str:
    """How many poems of all collections were read or kept."""
    return f"{sum(collection[kind]['poems'] for collection in manifest['collections'].values()):,}"


if __name__ == "__main__":
    run_door(main)
