"""Nats, confidence and hit of every predicted character, many poems at a time.

A poem longer than the model's block is read on in windows that overlap by half a block, each character predicted
from at least that much of what stands before it. `inside` marks the characters of the first window: those alone
count in the validation loss (shici.training.evaluate cuts off the rest) and in the model card.
Letters: B rows, T tokens, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from shici.evaluation.text import UNKNOWN_NATS, Line
from shici.model.gpt import GPT
from shici.model.losses import IGNORED

BATCH_TOKENS = 1024  # 36 MB of float32 logits for a vocabulary of 8,670: more of them are slower on a CPU
Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Scored:
    """One poem: arrays over its characters (verse and end).

    nats: of each. confidence: the probability of the likeliest token there. hit: whether that was it.
    inside: whether the first window holds it. A character written by two tokens has the sum of their nats and the
    first one's confidence; one that costs nothing or is unknown has confidence NaN.
    """

    nats: Array
    confidence: Array
    hit: npt.NDArray[np.bool_]
    inside: npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Window:
    """ids[start:stop] of line `line` are read; those from `counted` on are predicted."""

    line: int
    start: int
    stop: int
    counted: int


Watcher = Callable[[Tensor, Tensor], None]  # (n, V) logits, (n,) targets


@torch.inference_mode()
def score(
    model: GPT,
    lines: Sequence[Line],
    *,
    watch: Watcher | None = None,
    progress: Callable[[int], object] | None = None,
) -> list[Scored]:
    """Score every line. watch sees the logits of what counts, progress the number of tokens that are done."""
    block, device = model.config.block_size, model.lm_head.weight.device
    parts: list[dict[int, list[Array]]] = [{} for _ in lines]  # of each line: a window's start -> its figures
    for batch in _batches(list(_windows(lines, block))):
        idx, targets = _tensors(lines, batch)
        logits = model(idx.to(device), targets.to(device))[0].float()  # (B, T, V)
        counts = targets != IGNORED  # (B, T)
        chosen, wanted = logits[counts.to(device)], targets[counts].to(device)  # (n, V), (n,)
        found = _measure(chosen, wanted)
        if watch is not None:
            watch(chosen, wanted)
        at = 0
        for window, size in zip(batch, counts.sum(dim=1).tolist(), strict=True):
            parts[window.line][window.start] = [values[at : at + size] for values in found]
            at += size
        if progress is not None:
            progress(sum(window.stop - window.start - 1 for window in batch))
    return [_by_character(line, part, block) for line, part in zip(lines, parts, strict=True)]


def tokens_to_read(lines: Sequence[Line], block: int) -> int:
    """How many tokens `score` will report as done."""
    return sum(window.stop - window.start - 1 for window in _windows(lines, block))


def _windows(lines: Sequence[Line], block: int) -> Iterator[Window]:
    """Windows of at most `block` predictions, in order for each line."""
    half = max(1, block // 2)
    for number, line in enumerate(lines):
        size, start, counted = len(line.ids), 0, line.first
        while counted < size:
            stop = min(size, start + block + 1)
            if stop > counted:
                yield Window(number, start, stop, counted)
                counted = stop
            start += half


def _batches(windows: list[Window]) -> Iterator[list[Window]]:
    """Windows of like length together."""
    batch: list[Window] = []
    for window in sorted(windows, key=lambda w: (w.stop - w.start, w.line, w.start)):
        if batch and (len(batch) + 1) * (window.stop - window.start - 1) > BATCH_TOKENS:
            yield batch
            batch = []
        batch.append(window)
    if batch:
        yield batch


def _tensors(lines: Sequence[Line], batch: Sequence[Window]) -> tuple[Tensor, Tensor]:
    """(B, T) int64 both; targets -1 where nothing counts."""
    width = max(window.stop - window.start for window in batch) - 1
    idx = np.zeros((len(batch), width), np.int64)
    targets = np.full((len(batch), width), IGNORED, np.int64)
    for row, window in enumerate(batch):
        ids = np.array(lines[window.line].ids[window.start : window.stop])
        idx[row, : len(ids) - 1] = ids[:-1]
        first = window.counted - window.start
        targets[row, first - 1 : len(ids) - 1] = ids[first:]
    return torch.from_numpy(idx), torch.from_numpy(targets)


def _measure(logits: Tensor, targets: Tensor) -> list[Array]:
    """nats, confidence and hit of n predictions: (n, V), (n,) -> three (n,)."""
    total = torch.logsumexp(logits, dim=-1)  # (n,)
    best, likeliest = logits.max(dim=-1)
    own = logits.gather(-1, targets[:, None])[:, 0]
    found = (total - own, (best - total).exp(), likeliest == targets)
    return [values.cpu().double().numpy() for values in found]


def _by_character(line: Line, parts: Mapping[int, Sequence[Array]], block: int) -> Scored:
    """From predicted tokens to characters. parts: by the start of a window, in whatever order they came."""
    ordered = [parts[start] for start in sorted(parts)]
    nats, confidence, hit = (np.concatenate([part[i] for part in ordered]) for i in range(3))
    places = line.first + np.arange(len(line.owner))
    size = line.characters
    summed, seen = np.zeros(size), np.full(size, np.nan)
    hits, inside = np.zeros(size, np.bool_), np.zeros(size, np.bool_)
    np.add.at(summed, line.owner, nats)
    heads = np.unique(line.owner, return_index=True)[1]  # the first token of each character
    seen[line.owner[heads]], hits[line.owner[heads]] = confidence[heads], hit[heads] > 0
    inside[line.owner] = places <= block
    free = np.ones(size, np.bool_)
    free[line.owner] = False
    if free.any():  # a line feed that the stream does not have: inside where what follows it is
        following = np.minimum(np.flatnonzero(free) + 1, size - 1)
        inside[free] = inside[following]
    summed[line.unknown], seen[line.unknown], hits[line.unknown] = UNKNOWN_NATS, np.nan, False
    return Scored(summed, seen, hits, inside)
