"""Poems as segments of a flat token file, and what an epoch leaves of them after dropping fields.

A document is a run of segments: `<bos>`, each field with its text, `<body>` with the verse, `<eos>`. Dropping a
field is leaving out its segment, so an epoch is a choice of segments, made for all documents at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from shici.errors import TrainingError
from shici.vocabulary import Vocabulary

Tokens = npt.NDArray[np.uint16]
Integers = npt.NDArray[np.int64]
KEPT = ("<bos>", "<body>", "<eos>")  # segments that are never dropped


@dataclass(frozen=True, slots=True)
class Documents:
    """Documents in a flat file.

    tokens: (N,) uint16. starts, lengths: (S,) of each segment, in file order. first: (D + 1,) the number of each
    document's first segment. fixed: (S,) bool, segments that stay.
    """

    tokens: Tokens
    starts: Integers
    lengths: Integers
    first: Integers
    fixed: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.first) - 1

    def totals(self) -> Integers:
        """(D,) tokens of each document with all its fields."""
        return np.add.reduceat(self.lengths, self.first[:-1])


def preparing(data: Path) -> str:
    """The command that fills this folder: with the corpus, or with a text of the user's own."""
    door = "python data/poetry/prepare.py"
    return door if data == Path("data/poetry") else f"{door} --input=FILE --out-dir={data}"


def read_documents(path: Path, vocabulary: Vocabulary) -> Documents:
    """The documents of a .bin file. Raises TrainingError if it is missing, damaged or of another vocabulary."""
    if not path.is_file():
        raise TrainingError(
            f"找不到 {path}。请先运行 {preparing(path.parent)}。",
            f"No {path}. Run {preparing(path.parent)} first.",
        )
    if path.stat().st_size % 2:
        raise TrainingError(
            f"{path} 残缺：{path.stat().st_size} 字节不是整数个 uint16。请重新准备数据。",
            f"{path} is damaged: {path.stat().st_size} bytes are no whole number of uint16. Prepare the data again.",
        )
    tokens = np.fromfile(path, dtype=np.uint16)
    if len(tokens) and int(tokens.max()) >= len(vocabulary):
        raise TrainingError(
            f"{path} 里有编号 {tokens.max()}，词表只有 {len(vocabulary)} 个字：两者不是同一次准备的。请重新准备数据。",
            f"{path} holds token {tokens.max()}, but the vocabulary has {len(vocabulary)}: prepare the data again.",
        )
    return split_documents(tokens, vocabulary)


def split_documents(tokens: Tokens, vocabulary: Vocabulary) -> Documents:
    """Find documents and their segments by the control tokens. Raises TrainingError if there is no document."""
    if not vocabulary.has_controls or len(tokens) == 0 or tokens[0] != vocabulary.bos:
        raise TrainingError(
            "数据里没有一首从 <bos> 开始的诗。请用本项目的 prepare.py 准备数据（--input 可用自己的文本）。",
            "The data holds no document that starts with <bos>. Prepare it with this project's prepare.py "
            "(--input takes your own text).",
        )
    marks = np.flatnonzero(tokens < vocabulary.control_count).astype(np.int64)  # a mark opens a segment
    lengths = np.diff(np.append(marks, len(tokens)))
    kinds = tokens[marks]
    first = np.append(np.flatnonzero(kinds == vocabulary.bos), len(marks)).astype(np.int64)
    fixed = np.isin(kinds, [vocabulary.ids[name] for name in KEPT])
    return Documents(tokens, marks, lengths, first, fixed)


@dataclass(frozen=True, slots=True)
class Epoch:
    """One pass over documents with some of their fields left out.

    kept: (S,) bool, the segments that are read. tokens: those of all documents, end to end. starts, lengths: (D,) where
    each document is among them.
    """

    kept: npt.NDArray[np.bool_]
    tokens: Tokens
    starts: Integers
    lengths: Integers

    def tokens_of(self, document: int) -> Tokens:
        """The tokens left of one document, `<bos>` to `<eos>`."""
        start = self.starts[document]
        return self.tokens[start : start + self.lengths[document]]


def choose_fields(
    documents: Documents, *, field_dropout: float, bare_share: float, generator: np.random.Generator
) -> Epoch:
    """Drop each field with probability field_dropout, and all of them in a share bare_share of the documents."""
    kept = generator.random(len(documents.starts)) >= field_dropout
    bare = generator.random(len(documents)) < bare_share
    kept &= ~np.repeat(bare, np.diff(documents.first))
    kept |= documents.fixed
    lengths = np.add.reduceat(documents.lengths * kept, documents.first[:-1])
    tokens = documents.tokens[np.repeat(kept, documents.lengths)]
    return Epoch(kept, tokens, np.cumsum(lengths) - lengths, lengths)
