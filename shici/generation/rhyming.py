"""The rhymes of a form being filled: which words may stand at a rhyme, and which groups that leaves open.

A group is open where it fits all rhyme words so far and all that are pinned, and has enough other words for the
places that are left, since no rhyme word may come twice. All places of one rhyme draw on the same words (those of
the group, by tone), so counting them is exact. The one exception, a first line that may borrow from a neighbour
(邻韵), is not counted but must leave enough.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from shici.generation.alphabet import Alphabet, Mask
from shici.generation.grid import Cell, Grid
from shici.prosody.template import Template


@dataclass(frozen=True, slots=True)
class Slot:
    """A place that rhymes in some scheme. cell: its number. start: of the text: its place without marks.
    borrows: a neighbour of the group will do. pinned: the token, if any.
    """

    cell: int
    start: int
    line: int
    number: int
    tone: str
    borrows: bool
    pinned: int | None


class Rhyming:
    """rhyme: the name of the group to rhyme in (in the first rhyme of a 词), "" for any."""

    def __init__(self, template: Template, alphabet: Alphabet, grid: Grid, rhyme: str) -> None:
        self._rhymes = alphabet.rhymes(template.rhyme)
        self._lenient = alphabet.lenient.rhymes(template.rhyme)
        self._rhyme = rhyme
        self._slots = [slots_of(template, grid, scheme) for scheme in range(len(template.rhymes))]
        self._numbers = 1 + max(
            (number for row in template.rhymes for number in row if number is not None), default=-1
        )
        self._masks: dict[tuple[str, int], Mask] = {}

    def opening(self) -> tuple[tuple[int, ...], ...]:
        """For each scheme and rhyme number the groups that are open before anything is written; 0 where none is."""
        return tuple(
            tuple(self._open(scheme, number) for number in range(self._numbers))
            for scheme in range(len(self._slots))
        )

    def _open(self, scheme: int, number: int) -> int:
        slots = [slot for slot in self._slots[scheme] if slot.number == number]
        pinned = [slot.pinned for slot in self._slots[scheme] if slot.pinned is not None]
        if len(set(pinned)) < len(pinned):
            return 0  # a rhyme word pinned twice
        groups = self._rhymes.bit(self._rhyme) if self._rhyme and number == 0 else self._rhymes.everything
        for slot in slots:
            if slot.pinned is not None:
                groups &= self._groups_of(slot, slot.pinned)
        return self._roomy(scheme, number, groups, -1, frozenset()) if slots else groups

    def words(self, cell: Cell, tone: str, scheme: int, groups: int, text: tuple[int, ...]) -> Mask:
        """(V,) the words that may stand at a free rhyme. groups: those still open. text: the poem so far."""
        slot = self._slot(cell, scheme)
        taken = self._taken(scheme, text)
        mask = self._borrowed(slot, scheme, groups, taken) if slot.borrows else self._members(tone, groups)
        if not taken:
            return mask
        mask = mask.copy()
        mask[sorted(taken)] = False
        return mask

    def after(
        self, cell: Cell, tone: str, scheme: int, groups: int, text: tuple[int, ...], token: int
    ) -> int:
        """The groups that are open once `token` stands at the rhyme; 0 if it must not."""
        slot = self._slot(cell, scheme)
        if slot.pinned is None and token in self._taken(scheme, text):
            return 0
        left = groups & self._groups_of(slot, token)
        taken = self._taken(scheme, text) | {token}
        return self._roomy(scheme, slot.number, left, slot.cell, taken)

    def _borrowed(self, slot: Slot, scheme: int, groups: int, taken: frozenset[int]) -> Mask:
        """What may end a first line that may borrow: no word that would leave too few for the rest."""
        found: list[Mask] = []
        for place in bits_of(groups):
            near = self._members(slot.tone, self._rhymes.near(1 << place))
            spare = self._spare(scheme, slot.number, place, slot.cell, taken)
            if spare >= 1:
                found.append(near)
            elif spare == 0:
                found.append(near & ~self._rhymes.members(slot.tone)[place])
        if not found:
            return np.zeros_like(self._members(slot.tone, self._rhymes.everything))
        union: Mask = np.logical_or.reduce(found)
        return union

    def _roomy(self, scheme: int, number: int, groups: int, cell: int, taken: frozenset[int]) -> int:
        """Those of the groups that have enough words for the free places behind `cell`."""
        return sum(
            1 << place for place in bits_of(groups) if self._spare(scheme, number, place, cell, taken) >= 0
        )

    def _spare(self, scheme: int, number: int, place: int, cell: int, taken: frozenset[int]) -> int:
        """How many words group `place` has beyond the free places behind `cell`, at the tone where it is scarcest."""
        reserved = {slot.pinned for slot in self._slots[scheme] if slot.pinned is not None}
        free = Counter(
            slot.tone
            for slot in self._slots[scheme]
            if slot.cell > cell and slot.pinned is None and not slot.borrows
        )
        mine = {slot.tone for slot in self._slots[scheme] if slot.number == number and not slot.borrows}
        return min(
            self._rhymes.sizes(tone)[place]
            - sum(self._rhymes.bits(tone)[word] >> place & 1 for word in taken | reserved)
            - free[tone]
            for tone in mine
        )

    def _taken(self, scheme: int, text: tuple[int, ...]) -> frozenset[int]:
        """The rhyme words of the scheme, written or pinned."""
        written = (text[slot.start] for slot in self._slots[scheme] if slot.start < len(text))
        pinned = (slot.pinned for slot in self._slots[scheme] if slot.pinned is not None)
        return frozenset((*written, *pinned))

    def _groups_of(self, slot: Slot, token: int) -> int:
        rhymes = self._rhymes if slot.pinned is None else self._lenient
        groups = rhymes.bits(slot.tone)[token]
        return self._rhymes.near(groups) if slot.borrows else groups

    def _members(self, tone: str, groups: int) -> Mask:
        key = (tone, groups)
        if key not in self._masks:
            rows = self._rhymes.members(tone)[bits_of(groups)]
            self._masks[key] = np.logical_or.reduce(rows, axis=0)
        return self._masks[key]

    def _slot(self, cell: Cell, scheme: int) -> Slot:
        return next(slot for slot in self._slots[scheme] if slot.line == cell.line)


def slots_of(template: Template, grid: Grid, scheme: int) -> list[Slot]:
    """The rhymes of a scheme in the order of the text; a line that repeats another does not rhyme anew."""
    slots, start = [], 0
    for line, (shape, number) in enumerate(zip(template.lines, template.rhymes[scheme], strict=True)):
        start += shape.length
        if number is None or shape.same_as is not None:
            continue
        cell = grid.at[line, shape.length - 1]
        pinned = grid.cells[cell].token
        tone = end_tone(template, scheme, line)
        slots.append(Slot(cell, start - 1, line, number, tone, template.borrowing and line == 0, pinned))
    return slots


def end_tone(template: Template, scheme: int, line: int) -> str:
    """The tone (平 仄 中) that the ways of a scheme ask of the end of a line; they agree where it rhymes."""
    section = next(one for one in template.sections if line in one.lines)
    return next(way.patterns[line - section.first][-1] for way in section.ways if way.scheme == scheme)


def bits_of(groups: int) -> list[int]:
    """The places of the bits that are set."""
    return [place for place in range(groups.bit_length()) if groups >> place & 1]
