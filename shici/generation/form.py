"""A form as a constraint: an automaton followed along each poem of a batch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from shici.generation.automaton import Automaton, State


class FormConstraint:
    """The rows of a batch, each in a state of its automaton (poems of one form may rhyme in different groups).

    automata: one for each row.
    """

    def __init__(self, automata: Sequence[Automaton]) -> None:
        self._automata = list(automata)
        self.states: list[State] = [automaton.start() for automaton in automata]

    def allowed(self) -> Tensor:
        """(B, V) bool."""
        masks = [automaton.allowed(state) for automaton, state in self._rows()]
        return torch.from_numpy(np.stack(masks))

    def append(self, drawn: Tensor) -> None:
        """drawn: (B,) int64. Raises ValueError for a token that was not allowed."""
        following = [
            automaton.advance(state, token)
            for (automaton, state), token in zip(self._rows(), drawn.tolist(), strict=True)
        ]
        states = [state for state in following if state is not None]
        if len(states) < len(following):
            raise ValueError("a token was drawn that the form does not allow")
        self.states = states

    def select(self, rows: Tensor) -> None:
        """Go on with these rows; rows: (B',) int64."""
        chosen = rows.tolist()
        self._automata = [self._automata[row] for row in chosen]
        self.states = [self.states[row] for row in chosen]

    def _rows(self) -> list[tuple[Automaton, State]]:
        return list(zip(self._automata, self.states, strict=True))
