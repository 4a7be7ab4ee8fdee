"""What training minimises, over a few rows of logits at a time.

Letters: N places of a batch, C n_embd, V vocab_size. A few rows of logits stay in the processor's cache, all N x V of
them do not. What is kept for the way back is no less for it.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

IGNORED = -1  # a target that does not count, as in nanoGPT
ROWS = {"cpu": 512, "cuda": 8192}  # rows of logits made at once


def rows_for(device: torch.device) -> int:
    """How many rows of logits to make at once on this device."""
    return ROWS.get(device.type, 4096)


def chunked_cross_entropy(x: Tensor, weight: Tensor, targets: Tensor, rows: int) -> Tensor:
    """Summed cross-entropy in nats (float32) of `x @ weight.T` against `targets`, `rows` rows of logits at a time.

    x: (N, C). weight: (V, C). targets: (N,), -1 where none.
    """
    total = torch.zeros((), dtype=torch.float32, device=x.device)
    for some, wanted in zip(torch.split(x, rows), torch.split(targets, rows), strict=True):
        logits = F.linear(some, weight).float()  # (rows, V)
        total = total + F.cross_entropy(logits, wanted, ignore_index=IGNORED, reduction="sum")
    return total


def chunked_distillation(
    x: Tensor, weight: Tensor, targets: Tensor, teachers: Sequence[tuple[Tensor, Tensor]], rows: int
) -> tuple[Tensor, Tensor]:
    """Summed cross-entropy against `targets`, and summed KL(teachers || model); in nats, float32.

    x: (N, C). weight: (V, C). targets: (N,), -1 where none: such a place counts in neither sum.
    teachers: of each its own x (N, its C) and weight (V, its C); what they teach is the mean of their distributions.
    Source: Hinton, Vinyals, Dean, "Distilling the Knowledge in a Neural Network", 2015, at temperature 1.
    """
    nats = torch.zeros((), dtype=torch.float32, device=x.device)
    divergence = torch.zeros((), dtype=torch.float32, device=x.device)
    for at in range(0, len(x), rows):
        part = slice(at, at + rows)
        log_p = F.log_softmax(F.linear(x[part], weight).float(), dim=-1)  # (rows, V)
        taught = taught_distribution([(features[part], w) for features, w in teachers])  # (rows, V)
        nats = nats + F.nll_loss(log_p, targets[part], ignore_index=IGNORED, reduction="sum")
        each = F.kl_div(log_p, taught, reduction="none").sum(dim=-1)  # (rows,)
        divergence = divergence + each.masked_fill(targets[part] == IGNORED, 0.0).sum()
    return nats, divergence


@torch.no_grad()
def taught_distribution(teachers: Sequence[tuple[Tensor, Tensor]]) -> Tensor:
    """The mean of the teachers' next-token distributions (rows, V), float32; of each x (rows, C) and weight (V, C)."""
    total = sum(F.softmax(F.linear(x, weight).float(), dim=-1) for x, weight in teachers)
    assert isinstance(total, Tensor)
    return total / len(teachers)
