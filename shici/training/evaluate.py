"""Validation loss while training: nats per character of verse, from `<bos>` alone and with all fields given."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from shici.model.gpt import GPT
from shici.model.losses import IGNORED
from shici.training.batches import BatchPlan, build, epoch_rows
from shici.training.documents import Documents, choose_fields
from shici.training.machine import Machine


@dataclass(frozen=True, slots=True)
class Validation:
    """Nats per target on the verse: every character, mark and line feed after `<body>`, and `<eos>`.

    bare: the poem alone. fields: with form, verdict, rhyme, dynasty, tune, author and title before it.
    """

    bare: float
    fields: float


@torch.no_grad()
def validate(
    model: GPT, documents: Documents, body: int, machine: Machine, *, batches: int | None
) -> Validation:
    """Both losses on the first documents of a validation file: about `batches` x 4,096 tokens, or all for None.

    The same documents each time, in every process its share. body: the id of `<body>`.
    """
    was_training = model.training
    model.eval()
    losses = [_nats(model, documents, body, machine, batches, bare) for bare in (True, False)]
    model.train(was_training)
    return Validation(bare=losses[0], fields=losses[1])


def _nats(
    model: GPT, documents: Documents, body: int, machine: Machine, batches: int | None, bare: bool
) -> float:
    epoch = choose_fields(
        documents, field_dropout=0.0, bare_share=float(bare), generator=np.random.default_rng(0)
    )
    plan = BatchPlan(step_tokens=4096, block_size=model.config.block_size)
    nats = count = 0.0
    for rows in epoch_rows(epoch, plan, batches):
        batch = build(epoch, rows, plan, machine.rank, machine.world)
        # what comes before <body> is given, not predicted: targets count from <body>'s own place on
        seen = (batch.idx == body).cumsum(dim=1) > 0
        targets = torch.where(seen, batch.targets, IGNORED)
        total, counted = model.loss(batch.idx.to(machine.device), targets.to(machine.device))
        nats += float(total)
        count += int(counted)
    return machine.total(nats) / max(1.0, machine.total(count))
