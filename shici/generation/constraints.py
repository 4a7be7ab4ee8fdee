"""Which tokens may come next: masks that the sampler applies before anything is cut.

A constraint follows all poems that are written together, like a Reader: it answers for the next token, is told
what was drawn, and which poems go on. Several are joined by "and".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import torch
from torch import Tensor

from shici.vocabulary import Vocabulary


class Constraint(Protocol):
    def allowed(self) -> Tensor:
        """(B, V) or (1, V) bool: may token v come next in poem b?"""
        ...

    def append(self, drawn: Tensor) -> None:
        """One more token for each poem; drawn: (B,) int64."""
        ...

    def select(self, rows: Tensor) -> None:
        """Go on with these poems; rows: (B',) int64, where a row may come more than once."""
        ...


class Structure:
    """A body is at least one character and ends with `<eos>`; no other control token is ever drawn.

    begins: the prompt has no character of the body yet. `size` is the model's vocabulary size: ids past the
    vocabulary (nanoGPT pads it to 50304) are never drawn.
    """

    def __init__(self, vocabulary: Vocabulary, size: int, *, begins: bool) -> None:
        self._within = torch.zeros(1, size, dtype=torch.bool)
        self._within[:, vocabulary.control_count : len(vocabulary)] = True
        self._anywhere = self._within.clone()
        if vocabulary.has_controls:
            self._anywhere[:, vocabulary.eos] = True
        self._begins = begins

    def allowed(self) -> Tensor:
        """(1, V): all poems have the same prompt, so either all bodies are empty or none."""
        return self._within if self._begins else self._anywhere

    def append(self, drawn: Tensor) -> None:
        self._begins = False

    def select(self, rows: Tensor) -> None:
        """Nothing: the answer is the same for all poems."""


def allowed_by_all(constraints: Sequence[Constraint]) -> Tensor:
    """(B, V) or (1, V) bool: allowed by each of the constraints, of which there is at least one."""
    first, *others = constraints
    allowed = first.allowed()
    for other in others:
        allowed = allowed & other.allowed()
    return allowed
