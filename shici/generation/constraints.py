"""Which tokens may come next: masks that the sampler applies before anything is cut.

A constraint sees all poems so far and answers for all of them at once. Several are joined by "and".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import torch
from torch import Tensor

from shici.vocabulary import Vocabulary


class Constraint(Protocol):
    def allowed(self, tokens: Tensor) -> Tensor:
        """(B, V) or (1, V) bool: may token v come next in poem b?

        tokens: (B, T) int64, the prompt and all that was drawn. The rows are the poems still being written;
        the same row may hold another poem at the next call, so an answer depends on `tokens` alone.
        """
        ...


class Structure:
    """A body is at least one character and ends with `<eos>`; no other control token is ever drawn.

    `size` is the model's vocabulary size: ids past the vocabulary (nanoGPT pads it to 50304) are never drawn.
    """

    def __init__(self, vocabulary: Vocabulary, size: int) -> None:
        self._within = torch.zeros(1, size, dtype=torch.bool)
        self._within[:, vocabulary.control_count : len(vocabulary)] = True
        self._anywhere = self._within.clone()
        self._body: int | None = None
        if vocabulary.has_controls:
            self._anywhere[:, vocabulary.eos] = True
            self._body = vocabulary.body

    def allowed(self, tokens: Tensor) -> Tensor:
        """(1, V): all poems have the same prompt, so either all bodies are empty or none."""
        begins = self._body is not None and int(tokens[0, -1]) == self._body
        return self._within if begins else self._anywhere


def allowed_by_all(constraints: Sequence[Constraint], tokens: Tensor) -> Tensor:
    """(B, V) or (1, V) bool: allowed by each of the constraints, of which there is at least one."""
    first, *others = constraints
    allowed = first.allowed(tokens)
    for other in others:
        allowed = allowed & other.allowed(tokens)
    return allowed
