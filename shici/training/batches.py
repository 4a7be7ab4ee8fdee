"""From an epoch's poems to tensors: rows of one length on a CPU, packed rows on a GPU.

A step reads about `step_tokens` tokens, cut into equal micro-batches. To waste little on padding and yet mix long and
short poems, poems are shuffled, a pool of several steps is sorted by length and cut into micro-batches, and these are
dealt to the steps at random; a step of one micro-batch (2,048 places on a CPU) has poems of about one length. All of it
follows from (seed, epoch), so a resumed run reads on exactly.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from shici.model.losses import IGNORED
from shici.training.documents import Documents, Epoch, Integers, choose_fields

# Tokens of a micro-batch over all processes. On two cores larger ones are no faster, and small ones pad less.
MICRO_TOKENS = {"cpu": 4096, "cuda": 65536}
POOL_STEPS = 16


@dataclass(frozen=True, slots=True)
class BatchPlan:
    """How an epoch is read.

    step_tokens: tokens of a step over all processes. micro_tokens: at most this many places in a micro-batch.
    micro_steps: at least so many micro-batches in a step.
    block_size: longest row; what a poem has beyond it is cut off. packed: several poems share a row.
    ramp_steps: so many steps at the start of a run are smaller (small steps learn more from a token early on).
    The plan does not depend on the number of processes: each takes its share of every micro-batch's rows.
    """

    step_tokens: int
    block_size: int
    packed: bool = False
    micro_tokens: int = MICRO_TOKENS["cpu"]
    field_dropout: float = 0.0
    bare_share: float = 0.0
    seed: int = 0
    ramp_steps: int = 0
    micro_steps: int = 1

    @property
    def micro_count(self) -> int:
        """How many micro-batches make a step."""
        return max(self.micro_steps, math.ceil(self.step_tokens / self.micro_tokens))

    @property
    def micro_limit(self) -> int:
        """The most places of a micro-batch, padding counted, unless one row alone has more."""
        return math.ceil(self.step_tokens / self.micro_count)


@dataclass(frozen=True, slots=True)
class Batch:
    """One micro-batch. idx, targets: (B, T) int64, targets -1 where nothing is to be learned.

    documents, positions: (B, T) int64 in packed rows, else None.
    """

    idx: Tensor
    targets: Tensor
    documents: Tensor | None = None
    positions: Tensor | None = None


Rows = list[list[int]]  # document numbers, row by row; one a row unless packed


@dataclass(frozen=True, slots=True)
class Step:
    """The micro-batches of one optimizer step, as document numbers, and how many targets they hold together.

    height: packed micro-batches are filled up to so many rows, that all have one shape. read: the share of the epoch
    that is read with this step.
    """

    epoch: Epoch
    micro: list[Rows]
    target_count: int
    height: int
    read: float


def steps(documents: Documents, plan: BatchPlan, epoch_number: int, start: int = 0) -> Iterator[Step]:
    """The steps of an epoch from step `start` on. What fills no step waits for the next pool's, and at the end of the
    epoch, less than one step, for another epoch.
    """
    generator = np.random.default_rng([plan.seed, epoch_number])
    epoch = choose_fields(
        documents, field_dropout=plan.field_dropout, bare_share=plan.bare_share, generator=generator
    )
    places = np.minimum(epoch.lengths - 1, plan.block_size)  # a row holds all but the last token
    order = generator.permutation(len(documents))
    seen, total = 0, int(places.sum())
    for number, (chosen, height) in enumerate(_dealt(order, places, plan, epoch_number, generator)):
        targets = sum(int(places[row].sum()) for rows in chosen for row in rows)
        seen += targets
        if number >= start:
            yield Step(epoch, chosen, targets, height, seen / total)


def _dealt(
    order: Integers, places: Integers, plan: BatchPlan, epoch_number: int, generator: np.random.Generator
) -> Iterator[tuple[list[Rows], int]]:
    """The micro-batches of each step of an epoch, and how high a packed one has to be."""
    number = 0
    waiting: list[Rows] = []
    for pool in _pools(order, places, plan):
        micros = waiting + list(_micro_batches(pool, places, plan, generator))
        height = max(map(len, micros)) if plan.packed else 0
        dealt = [micros[i] for i in generator.permutation(len(micros))]
        while (taken := _ramped(plan.micro_count, number, epoch_number, plan)) <= len(dealt):
            yield dealt[:taken], height
            dealt, number = dealt[taken:], number + 1
        waiting = dealt
    if waiting and not number:  # a text too small for one step makes one step of all it has
        yield waiting, height


def _ramped(per_step: int, number: int, epoch_number: int, plan: BatchPlan) -> int:
    """How many micro-batches a step has: in the first ramp_steps of a run from a quarter up to per_step."""
    if epoch_number or number >= plan.ramp_steps:
        return per_step
    return max(1, round(per_step * (0.25 + 0.75 * number / plan.ramp_steps)))


@dataclass(frozen=True, slots=True)
class PoemSource:
    """Poems as rows, reshuffled every epoch: how a run reads, unless it reads windows (shici.training.windows)."""

    documents: Documents
    plan: BatchPlan

    def steps(self, epoch_number: int, start: int = 0) -> Iterator[Step]:
        """The steps of an epoch from step `start` on."""
        return steps(self.documents, self.plan, epoch_number, start)

    def batches(self, step: Step, rank: int = 0, world: int = 1) -> Iterator[Batch]:
        """The micro-batches of a step, this process's share of each."""
        for rows in step.micro:
            yield build(step.epoch, rows, self.plan, rank, world, step.height)


def epoch_rows(epoch: Epoch, plan: BatchPlan, limit: int | None = None) -> Iterator[Rows]:
    """Micro-batches over the first documents of an epoch in file order, about `limit` of them, or over all."""
    places = np.minimum(epoch.lengths - 1, plan.block_size)
    count = len(places)
    if limit is not None:
        count = int(np.searchsorted(np.cumsum(places), limit * plan.micro_tokens)) + 1
    yield from _micro_batches(np.arange(count)[: len(places)], places, plan, np.random.default_rng(plan.seed))


def _pools(order: Integers, places: Integers, plan: BatchPlan) -> Iterator[Integers]:
    """Cut the shuffled documents into pools of about POOL_STEPS steps."""
    size = plan.step_tokens * POOL_STEPS
    total = np.cumsum(places[order])
    count = max(1, round(int(total[-1]) / size))
    cuts = np.searchsorted(total, total[-1] * np.arange(1, count) / count)
    yield from np.split(order, cuts)


def _micro_batches(
    pool: Integers, places: Integers, plan: BatchPlan, generator: np.random.Generator
) -> Iterator[Rows]:
    """A pool's rows cut into micro-batches of at most micro_limit places, padding counted.

    Rows of one document go by length, so that little is padded; packed rows, all of one width, at random.
    """
    limit = plan.micro_limit
    if plan.packed:
        packed = _packed_rows(pool, places, plan.block_size)
        rows = [packed[row] for row in generator.permutation(len(packed))]
        widths = np.full(len(rows), plan.block_size)
    else:
        rows = [[int(document)] for document in pool]
        widths = places[pool]
    batch: Rows = []
    for at in np.argsort(widths, kind="stable"):
        if batch and (len(batch) + 1) * widths[at] > limit:
            yield batch
            batch = []
        batch.append(rows[at])
    if batch:
        yield batch


def _packed_rows(pool: Integers, places: Integers, block_size: int) -> Rows:
    """Best fit, longest first: each document goes to the fullest row that still has room for it."""
    room: list[list[int]] = [[] for _ in range(block_size + 1)]  # rows by places left
    rows: Rows = []
    for document in pool[np.argsort(-places[pool], kind="stable")]:
        need = int(places[document])
        left = next((left for left in range(need, block_size + 1) if room[left]), None)
        if left is None:
            rows.append([])
            row, left = len(rows) - 1, block_size
        else:
            row = room[left].pop()
        rows[row].append(int(document))
        room[left - need].append(row)
    return rows


def build(epoch: Epoch, rows: Rows, plan: BatchPlan, rank: int = 0, world: int = 1, height: int = 0) -> Batch:
    """The tensors of one micro-batch, or of every world-th row of it from `rank` on (at least one row).

    height: where packed, so many rows over all processes at least, empty ones behind the others: compiled once.
    """
    mine = rows[rank::world]
    batch = _fill(epoch, mine or rows[:1], plan, math.ceil(height / world))
    if not mine:  # fewer rows than processes: run along with nothing to learn
        batch.targets.fill_(IGNORED)
    return batch


def _fill(epoch: Epoch, rows: Rows, plan: BatchPlan, height: int) -> Batch:
    texts = [[epoch.tokens_of(d)[: plan.block_size + 1].astype(np.int64) for d in row] for row in rows]
    width = max(sum(len(text) - 1 for text in row) for row in texts)
    shape = (max(height, len(rows)), plan.block_size) if plan.packed else (len(rows), width)
    idx, targets = np.zeros(shape, np.int64), np.full(shape, IGNORED, np.int64)
    documents, positions = np.full(shape, -1, np.int64), np.zeros(shape, np.int64)
    for r, row in enumerate(texts):
        at = 0
        for number, text in enumerate(row):
            end = at + len(text) - 1
            idx[r, at:end], targets[r, at:end] = text[:-1], text[1:]
            documents[r, at:end], positions[r, at:end] = number, np.arange(len(text) - 1)
            at = end
    made = [torch.from_numpy(array) for array in (idx, targets, documents, positions)]
    return Batch(made[0], made[1], made[2], made[3]) if plan.packed else Batch(made[0], made[1])


def padding_share(documents: Documents, plan: BatchPlan, sample: int = 50) -> float:
    """The share of places that hold no poem, over the first `sample` steps of an epoch."""
    used = places = 0
    for _, step in zip(range(sample), steps(documents, plan, 0), strict=False):
        for rows in step.micro:
            batch = build(step.epoch, rows, plan, height=step.height)
            used += int((batch.targets != IGNORED).sum())
            places += batch.idx.numel()
    return 1.0 - used / max(1, places)
