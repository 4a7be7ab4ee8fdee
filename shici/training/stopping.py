"""Ending a run from outside: Ctrl-C and SIGTERM ask it to stop after the step at hand."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Stop:
    """is_set: whether the run was asked to end."""

    is_set = False


@contextmanager
def stopping() -> Iterator[Stop]:
    """While it lasts, Ctrl-C and SIGTERM only set a flag; a second Ctrl-C interrupts at once."""
    stop = Stop()

    def ask(number: int, frame: FrameType | None) -> None:
        if stop.is_set and number == signal.SIGINT:
            raise KeyboardInterrupt
        stop.is_set = True

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
