"""A corpus of a few dozen short documents, and a run on it that takes a second."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from shici.config.parse import parse_settings
from shici.config.train import TrainSettings
from shici.corpus.dataset import write_meta
from shici.corpus.document import Document, encode_document
from shici.training.loop import Trainer
from shici.vocabulary import Vocabulary

COUPLETS = (  # 王之涣、李白、王维、孟浩然、柳宗元、杜甫、李商隐、白居易
    "白日依山尽，黄河入海流。", "欲穷千里目，更上一层楼。", "床前明月光，疑是地上霜。", "举头望明月，低头思故乡。",
    "空山不见人，但闻人语响。", "返景入深林，复照青苔上。", "春眠不觉晓，处处闻啼鸟。", "夜来风雨声，花落知多少。",
    "千山鸟飞绝，万径人踪灭。", "孤舟蓑笠翁，独钓寒江雪。", "两个黄鹂鸣翠柳，一行白鹭上青天。",
    "窗含西岭千秋雪，门泊东吴万里船。", "向晚意不适，驱车登古原。", "夕阳无限好，只是近黄昏。",
    "离离原上草，一岁一枯荣。", "野火烧不尽，春风吹又生。",
)  # fmt: skip
AUTHORS = ("李白", "王维", "杜甫", "孟浩然")


def tiny_documents(count: int = 96) -> list[Document]:
    """Documents of 1 to 4 couplets, some with fields and some without; always the same ones."""
    documents = []
    for number in range(count):
        lines = [COUPLETS[(number * 5 + k * 3) % len(COUPLETS)] for k in range(1 + number % 4)]
        author = AUTHORS[number % 4] if number % 3 else ""
        form, dynasty = ("五绝", "唐") if number % 2 else ("", "")
        documents.append(Document("\n".join(lines), form=form, dynasty=dynasty, author=author))
    return documents


def tiny_dataset(folder: Path, documents: Sequence[Document] | None = None) -> Vocabulary:
    """Write train.bin, val.bin and meta.pkl of `documents` to `folder`; returns the vocabulary."""
    documents = tiny_documents() if documents is None else documents
    vocabulary = Vocabulary.of_characters("".join(d.body + d.author + d.title + d.tune for d in documents))
    folder.mkdir(parents=True)
    for name, part in (("train", documents), ("val", documents[:8])):
        ids = [index for document in part for index in encode_document(document, vocabulary)]
        np.array(ids, dtype=np.uint16).tofile(folder / f"{name}.bin")
    write_meta(folder / "meta.pkl", vocabulary)
    return vocabulary


def tiny_arguments(data: Path, out: Path, **changes: object) -> list[str]:
    """The command line of a run of 20 steps of 512 tokens on `data` into `out`, with `changes`."""
    settings = {
        "dataset": data, "out_dir": out, "block_size": 64, "n_layer": 2, "n_head": 2, "n_embd": 32,
        "batch_size": 8, "max_iters": 20, "eval_interval": 10, "eval_iters": 1, "log_interval": 5,
        "warmup_iters": 2, "device": "cpu", "history": False,
    }  # fmt: skip
    return [f"--{name}={value}" for name, value in (settings | changes).items()]


def tiny_settings(data: Path, out: Path, **changes: object) -> TrainSettings:
    """The same as settings."""
    return parse_settings(TrainSettings, tiny_arguments(data, out, **changes), prog="train.py")


def stop_after(monkeypatch: pytest.MonkeyPatch, iteration: int) -> None:
    """From now on a run gets SIGTERM after its step `iteration`."""
    step = Trainer.step

    def stopped(self: Trainer, *arguments: object) -> float:
        loss: float = step(self, *arguments)  # type: ignore[arg-type]
        if self.progress.iteration == iteration:
            os.kill(os.getpid(), signal.SIGTERM)
        return loss

    monkeypatch.setattr(Trainer, "step", stopped)
