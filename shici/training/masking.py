"""Input masking: some of the characters that the model reads are hidden from it, so that it leans on no single one.

The targets stay: the model still learns to say what was hidden. For runs of many epochs, beside dropout.
"""

from __future__ import annotations

import torch
from torch import Tensor

from shici.vocabulary import Vocabulary


class InputMask:
    """Replaces a share of the characters by `<mask>`; control tokens are never hidden."""

    def __init__(self, vocabulary: Vocabulary, share: float) -> None:
        self._mask, self._first, self._share = vocabulary.ids["<mask>"], vocabulary.control_count, share

    def __call__(self, idx: Tensor) -> Tensor:
        """idx (B, T) int64 on the CPU with some characters hidden; drawn from torch's global generator."""
        hidden = (torch.rand(idx.shape) < self._share) & (idx >= self._first)
        return idx.masked_fill(hidden, self._mask)
