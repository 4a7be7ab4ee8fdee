"""How often characters come again in a poem being written: a wish, which gives way where nothing else could stand.

Letters: V vocabulary.
"""

from __future__ import annotations

from collections import Counter

from shici.generation.alphabet import Mask
from shici.generation.grid import Grid
from shici.prosody.repeats import RepeatLimits


class Repetition:
    """The limits, for a form that is laid out with its pins."""

    def __init__(self, limits: RepeatLimits, grid: Grid) -> None:
        self._limits = limits
        self._places = [cell.place for cell in grid.cells]
        self._pinned = pinned_from_each_cell(grid)

    def used(self, cell: int, text: tuple[int, ...], token: int) -> tuple[int, int]:
        """What `token` uses up of (doublings, repeats) in a free cell, after `text`."""
        if self._places[cell] and text[-1] == token:
            return 1, 0
        return 0, int(token in text or token in self._pinned[cell])

    def fresh(self, mask: Mask, cell: int, text: tuple[int, ...], doublings: int, repeats: int) -> Mask:
        """(V,) `mask` without what would come too often; as it is if nothing would be left.

        doublings, repeats: what is used up so far.
        """
        limits = self._limits
        before = text[-1] if self._places[cell] else None
        blocked = {token for token, times in Counter(text).items() if times >= limits.times}
        if repeats >= limits.repeats:
            blocked |= (set(text) | self._pinned[cell]) - {before}
        if before is not None and doublings >= limits.doublings:
            blocked.add(before)
        if not blocked:
            return mask
        limited = mask.copy()
        limited[sorted(blocked)] = False
        return limited if limited.any() else mask


def pinned_from_each_cell(grid: Grid) -> list[frozenset[int]]:
    """For each cell the characters pinned to it or behind it."""
    found: list[frozenset[int]] = []
    later: frozenset[int] = frozenset()
    for cell in reversed(grid.cells):
        if cell.place is not None and cell.token is not None:
            later |= {cell.token}
        found.append(later)
    return found[::-1]
