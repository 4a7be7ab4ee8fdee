"""Tiny poems, data and settings for the tests of training: a run of seconds that goes through everything."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from shici.config.parse import parse_settings
from shici.config.train import TrainSettings
from shici.corpus.dataset import write_meta
from shici.corpus.document import Document, encode_document
from shici.vocabulary import Vocabulary

CHARACTERS = "春眠不觉晓处闻啼鸟夜来风雨声花落知多少白日依山尽黄河入海流"
AUTHORS = ("孟浩然", "王之涣", "李白")
DYNASTIES = ("唐", "宋")


def tiny_documents(count: int = 120) -> list[Document]:
    """`count` quatrains of five or seven characters a line, some with fields; always the same ones."""
    chance = random.Random(0)
    return [_document(chance) for _ in range(count)]


def _document(chance: random.Random) -> Document:
    length = chance.choice((5, 7))
    first = [chance.randrange(len(CHARACTERS)) for _ in range(4)]
    # a line is a run of neighbours, so that there is something to learn
    lines = ["".join(CHARACTERS[(at + step) % len(CHARACTERS)] for step in range(length)) for at in first]
    return Document(
        f"{lines[0]}，{lines[1]}。\n{lines[2]}，{lines[3]}。",
        form={5: "五绝", 7: "七绝"}[length],
        dynasty=chance.choice(DYNASTIES),
        author=chance.choice(AUTHORS),
    )


def tiny_dataset(folder: Path, documents: Sequence[Document] | None = None) -> Vocabulary:
    """Write train.bin, val.bin and meta.pkl into `folder`; returns the vocabulary. Validation reads the first few."""
    documents = tiny_documents() if documents is None else documents
    vocabulary = Vocabulary.of_characters("".join(d.body + d.author + d.title + d.tune for d in documents))
    folder.mkdir(parents=True)
    for name, part in (("train", documents), ("val", documents[:20])):
        ids = [index for document in part for index in encode_document(document, vocabulary)]
        np.array(ids, dtype=np.uint16).tofile(folder / f"{name}.bin")
    write_meta(folder / "meta.pkl", vocabulary)
    return vocabulary


def tiny_arguments(data: Path, out: Path, **changes: object) -> list[str]:
    """The command line of a run of 20 steps with `changes`."""
    settings = {
        "dataset": data, "out_dir": out, "block_size": 64, "n_layer": 2, "n_head": 2, "n_embd": 32,
        "batch_size": 8, "max_iters": 20, "eval_interval": 10, "eval_iters": 2, "log_interval": 5,
        "warmup_iters": 2, "device": "cpu", "compile": "False",
    }  # fmt: skip
    return [f"--{name}={value}" for name, value in (settings | changes).items()]


def tiny_settings(data: Path, out: Path, **changes: object) -> TrainSettings:
    """The settings of that command line."""
    return parse_settings(TrainSettings, tiny_arguments(data, out, **changes), prog="train.py")
