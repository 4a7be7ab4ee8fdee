"""One character swapped: how far the distribution of the next character moves at every place (KL divergence).

KL(p || q) is what it costs, in nats a character, to expect q where p holds (Kullback and Leibler 1951). It says how
much the model's expectation hangs on that character, not whether for the better: the swapped text may be one that no
poet would write, and then the model is surprised for that reason alone.

Letters: T positions, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from shici.model.gpt import GPT


@dataclass(frozen=True, slots=True)
class Swap:
    """Position t is the distribution after token t.

    place: of the swapped token. before, after: the tokens there.
    divergence       (T,) float64  KL(original || swapped) in nats; 0 before `place`, which cannot see it
    likeliest        (T,) int64    the likeliest next token of the original
    likeliest_after  (T,) int64    ... and once swapped
    surprise, surprise_after       nats of the token itself at `place`, given what stands before it; 0 at place 0
    """

    place: int
    before: int
    after: int
    divergence: Tensor
    likeliest: Tensor
    likeliest_after: Tensor
    surprise: float
    surprise_after: float


@torch.inference_mode()
def swap(model: GPT, ids: Sequence[int], place: int, token: int) -> Swap:
    """Put `token` at `place` of `ids` and compare. Raises ValueError for a place outside, or more than a block."""
    if not 0 <= place < len(ids) <= model.config.block_size:
        raise ValueError(f"place {place} of {len(ids)} tokens; the block holds {model.config.block_size}")
    rows = torch.tensor([list(ids), list(ids)], device=model.lm_head.weight.device)
    rows[1, place] = token
    logits = model(rows, return_details=True)[2].logits.cpu().double()  # (2, T, V)
    p, q = torch.log_softmax(logits, dim=-1).unbind(0)  # (T, V) each
    divergence = (p.exp() * (p - q)).sum(-1).clamp(min=0.0)  # rounding may leave -1e-17
    divergence[:place] = 0.0
    surprises = [-float(p[place - 1, one]) if place else 0.0 for one in (ids[place], token)]
    likeliest, likeliest_after = logits.argmax(-1).unbind(0)
    return Swap(place, ids[place], token, divergence, likeliest, likeliest_after, surprises[0], surprises[1])
