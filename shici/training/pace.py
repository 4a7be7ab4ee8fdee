"""What a run reports of its pace: the loss and the speed over the steps since its last report."""

from __future__ import annotations

import time


class Pace:
    """Loss and speed over the steps since the last report."""

    def __init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        self.tokens, self.nats, self.seconds = 0, 0.0, 0.0
        self.resume()

    def resume(self) -> None:
        """Go on after a pause that was no step."""
        self._last = time.perf_counter()

    def add(self, tokens: int, loss: float) -> float:
        """Count one step; returns the minutes it took."""
        now = time.perf_counter()
        taken, self._last = now - self._last, now
        self.tokens += tokens
        self.nats += loss * tokens
        self.seconds += taken
        return taken / 60

    @property
    def loss(self) -> float:
        return self.nats / max(1, self.tokens)

    @property
    def speed(self) -> float:
        return self.tokens / max(1e-9, self.seconds)
