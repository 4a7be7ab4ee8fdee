"""An exponential average of the weights along a run: what is evaluated and saved, while training goes on from the raw.

The decay starts small and grows to its value, so that the first steps are soon forgotten. With a rate that falls to
zero the end of a run is an average already; the two are alternatives (Hägele et al. 2024, arXiv 2405.18392).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor


class Average:
    """weights: parameter name -> float32 master. decay: how much of the average stays at each step."""

    def __init__(self, weights: Mapping[str, Tensor], decay: float) -> None:
        self.decay, self.steps = decay, 0
        self.values = {name: weight.detach().clone() for name, weight in weights.items()}

    @torch.no_grad()
    def update(self, weights: Mapping[str, Tensor]) -> None:
        """Take in the weights after a step."""
        self.steps += 1
        decay = min(self.decay, self.steps / (self.steps + 9))
        for name, value in self.values.items():
            value.lerp_(weights[name], 1 - decay)

    @contextmanager
    def in_place_of(self, parameters: Mapping[str, Tensor]) -> Iterator[None]:
        """While it lasts the parameters (of any precision) hold the average."""
        raw = {name: parameter.detach().clone() for name, parameter in parameters.items()}
        self._fill(parameters, self.values)
        try:
            yield
        finally:
            self._fill(parameters, raw)

    @staticmethod
    @torch.no_grad()
    def _fill(parameters: Mapping[str, Tensor], values: Mapping[str, Tensor]) -> None:
        for name, parameter in parameters.items():
            parameter.copy_(values[name])

    def load(self, values: Mapping[str, Tensor], steps: int) -> None:
        """Go on from a saved average after `steps` steps."""
        self.steps = steps
        self._fill(self.values, values)
