"""nanoGPT's way to read a text: windows of block_size tokens from anywhere in one long stream.

Kept for comparison (config/train_nanogpt_baseline.py): a window starts in the middle of one poem and ends in the
middle of another, and what stands before a poem is seen from it. Offsets are drawn with replacement, as there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch

from shici.errors import TrainingError
from shici.model.losses import IGNORED
from shici.training.batches import Batch, BatchPlan
from shici.training.documents import Documents, Tokens, choose_fields


@dataclass(frozen=True, slots=True)
class WindowStep:
    """The windows of one optimizer step: where each begins, micro-batch by micro-batch.

    read: the share of an epoch (the stream's length) that is read with it.
    """

    micro: list[list[int]]
    target_count: int
    read: float


class WindowSource:
    """Random windows of the poems laid end to end, their fields dropped as the plan says (once, for the whole run)."""

    def __init__(self, documents: Documents, plan: BatchPlan) -> None:
        self.plan = plan
        self.stream = stream_of(documents, plan)
        if len(self.stream) < plan.block_size + 2:
            raise TrainingError(
                f"文本只有 {len(self.stream)} 个词元，不够一个窗口（{plan.block_size}）。请减小 --block_size。",
                f"The text has {len(self.stream)} tokens, less than a window ({plan.block_size}). Lower --block_size.",
            )

    def steps(self, epoch_number: int, start: int = 0) -> Iterator[WindowStep]:
        """As many steps as read the stream's length once, from step `start` on."""
        plan = self.plan
        rows = max(1, plan.step_tokens // plan.block_size)
        per_micro = max(1, plan.micro_limit // plan.block_size)
        count = max(1, len(self.stream) // (rows * plan.block_size))
        for number in range(start, count):
            generator = np.random.default_rng([plan.seed, epoch_number, number])
            starts = generator.integers(0, len(self.stream) - plan.block_size, rows).tolist()
            micro = [starts[at : at + per_micro] for at in range(0, rows, per_micro)]
            yield WindowStep(micro, rows * plan.block_size, (number + 1) / count)

    def batches(self, step: WindowStep, rank: int = 0, world: int = 1) -> Iterator[Batch]:
        """The micro-batches of a step, this process's share of each."""
        for starts in step.micro:
            yield self.build(starts, rank, world)

    def build(self, starts: list[int], rank: int = 0, world: int = 1) -> Batch:
        """The tensors of one micro-batch, or of every world-th window of it from `rank` on."""
        rows = np.stack(
            [self.stream[at : at + self.plan.block_size + 1] for at in starts[rank::world] or starts[:1]]
        )
        tokens = torch.from_numpy(rows.astype(np.int64))  # (B, T + 1)
        batch = Batch(tokens[:, :-1].contiguous(), tokens[:, 1:].contiguous())
        if not starts[rank::world]:  # fewer windows than processes: run along with nothing to learn
            batch.targets.fill_(IGNORED)
        return batch


def stream_of(documents: Documents, plan: BatchPlan) -> Tokens:
    """All documents end to end, without the fields that are dropped."""
    generator = np.random.default_rng([plan.seed, 0])
    return choose_fields(
        documents, field_dropout=plan.field_dropout, bare_share=plan.bare_share, generator=generator
    ).tokens
