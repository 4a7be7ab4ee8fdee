"""How far the engines are from torch in float32: logits and distributions on the same poems, token by token."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from shici.corpus.dataset import find_meta, read_meta
from shici.corpus.document import document_starts
from shici.generation.backend import MakeReader
from shici.vocabulary import Vocabulary

LONGEST = 120  # tokens of a poem that is looked at
BATCH = 32


@dataclass(frozen=True, slots=True)
class Distance:
    """Of one engine from torch, over the body of all poems.

    largest: of the differences between two logits. divergence: KL(torch, engine), nats per character.
    loss: the engine's cross-entropy less torch's, nats per character.
    """

    characters: int
    largest: float
    divergence: float
    loss: float


def validation_poems(folder: Path, vocabulary: Vocabulary, count: int) -> list[list[int]]:
    """`count` poems of the folder's val.bin, evenly spread; none where it is missing or of another vocabulary."""
    meta = find_meta(folder)
    if meta is None or not (folder / "val.bin").is_file() or read_meta(meta) != vocabulary:
        return []
    tokens = np.fromfile(folder / "val.bin", dtype=np.uint16)
    starts = document_starts(tokens, vocabulary.bos)
    poems = [tokens[a:b].tolist() for a, b in pairwise(starts) if b - a <= LONGEST]
    return poems[:: max(1, len(poems) // count)][:count]


def distances(
    engines: Mapping[str, MakeReader], poems: Sequence[list[int]], vocabulary: Vocabulary
) -> dict[str, Distance]:
    """Each engine's distance from engines["torch"]."""
    sums = {name: torch.zeros(3, dtype=torch.float64) for name in engines if name != "torch"}
    characters = 0
    for first in range(0, len(poems), BATCH):
        ids, counts = padded(poems[first : first + BATCH], vocabulary)
        expected, targets = logits_of(engines["torch"], ids)[counts], ids[:, 1:][counts]
        characters += len(targets)
        for name, total in sums.items():
            found = logits_of(engines[name], ids)[counts]
            p, q = expected.double().log_softmax(-1), found.double().log_softmax(-1)  # (N, V)
            loss = (p - q).gather(1, targets[:, None]).sum()
            total[0] = torch.maximum(total[0], (expected - found).abs().max())
            total[1:] += torch.stack(((p.exp() * (p - q)).sum(), loss))
    return {
        name: Distance(
            characters, float(total[0]), float(total[1]) / characters, float(total[2]) / characters
        )
        for name, total in sums.items()
    }


def padded(poems: Sequence[list[int]], vocabulary: Vocabulary) -> tuple[Tensor, Tensor]:
    """(B, T) ids, and (B, T - 1) bool: the token behind this one is of a body, or the end of it."""
    longest = max(map(len, poems))
    ids = torch.full((len(poems), longest), vocabulary.pad)
    counts = torch.zeros(len(poems), longest - 1, dtype=torch.bool)
    for row, poem in enumerate(poems):
        ids[row, : len(poem)] = torch.tensor(poem)
        counts[row, poem.index(vocabulary.body) : len(poem) - 1] = True
    return ids, counts


def logits_of(make_reader: MakeReader, ids: Tensor) -> Tensor:
    """(B, T - 1, V): behind each token but the last, read one by one as in writing."""
    reader = make_reader(ids[:, :1].contiguous(), len(ids))
    found = [reader.logits()]
    for column in ids[:, 1:-1].T:
        reader.append(column)
        found.append(reader.logits())
    return torch.stack(found, dim=1)
