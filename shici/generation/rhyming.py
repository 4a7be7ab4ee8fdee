"""The rhymes of a form being filled: which words may stand at a rhyme, and which groups that leaves open.

No rhyme word may come twice, so a group is open only while the poem can still be finished in it: there must be a
group for every rhyme and a word for every place that is left, all different. Where a group has more unused words
than places are left in the whole poem, nothing can stand in its way and counting decides (`ample`); only where words
are scarce are they dealt out one by one (`dealt`). Both are exact, for several rhymes and for a first line that may
borrow from a neighbour (邻韵) as well. Where the rhyme must change (换韵), a group is open only while the other rhyme
has another one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from shici.generation.alphabet import Alphabet, Mask
from shici.generation.grid import Cell, Grid, Place, rhyme_places
from shici.prosody.template import Template

Groups = tuple[int, ...]  # for each rhyme of a scheme the set of groups that are open, as bits


@dataclass(frozen=True, slots=True)
class Slot:
    """A place that rhymes in some scheme. cell: its number. place: line and place in the line. start: its place in the
    text without marks. number: of the rhyme. borrows: a neighbour of the group will do. pinned: the token, if any.
    """

    cell: int
    place: Place
    start: int
    number: int
    tone: str
    borrows: bool
    pinned: int | None


class Rhyming:
    """rhyme: the name of the group to rhyme in (in the first rhyme of a 词), "" for any."""

    def __init__(self, template: Template, alphabet: Alphabet, grid: Grid, rhyme: str) -> None:
        self._rhymes = alphabet.rhymes(template.rhyme)
        self._lenient = alphabet.lenient.rhymes(template.rhyme)
        self._rhyme, self._apart = rhyme, template.apart
        self._slots = [slots_of(template, grid, scheme) for scheme in range(len(template.rhymes))]
        self._count = 1 + max(
            (number for row in template.rhymes for number in row if number is not None), default=-1
        )
        self._masks: dict[tuple[str, int], Mask] = {}

    def opening(self, scheme: int) -> Groups | None:
        """The groups that are open before anything is written; None where the scheme cannot be written."""
        pinned = [(slot, slot.pinned) for slot in self._slots[scheme] if slot.pinned is not None]
        words = frozenset(word for _, word in pinned)
        if len(words) < len(pinned):
            return None  # a rhyme word pinned twice
        groups = [self._rhymes.everything] * self._count
        if self._rhyme and groups:
            groups[0] = self._rhymes.bit(self._rhyme)
        for slot, word in pinned:
            groups[slot.number] &= self._groups_of(slot, word)
        return self._open(scheme, tuple(groups), -1, words)

    def words(self, cell: Cell, scheme: int, groups: Groups, text: tuple[int, ...]) -> Mask:
        """(V,) the words that may stand at a free rhyme. groups: those still open. text: the poem so far."""
        slot = self._slot(cell, scheme)
        taken = self._taken(scheme, text)
        mask = self._pool(slot, groups[slot.number])
        if taken:
            mask = mask.copy()
            mask[sorted(taken)] = False
        if self._plenty(scheme, groups, slot.cell, taken):
            return mask
        fitting = np.zeros_like(mask)
        for word in np.flatnonzero(mask).tolist():
            fitting[word] = self.after(cell, scheme, groups, text, word) is not None
        return fitting

    def after(
        self, cell: Cell, scheme: int, groups: Groups, text: tuple[int, ...], token: int
    ) -> Groups | None:
        """The groups that are open once `token` stands at the rhyme; None if it must not."""
        slot = self._slot(cell, scheme)
        taken = self._taken(scheme, text)
        if slot.pinned is None and token in taken:
            return None
        left = list(groups)
        left[slot.number] &= self._groups_of(slot, token)
        return self._open(scheme, tuple(left), slot.cell, taken | {token})

    # whether the poem can be finished

    def _open(self, scheme: int, groups: Groups, cell: int, taken: frozenset[int]) -> Groups | None:
        """Those of the groups in which all free places behind `cell` can be filled; None if there is no way."""
        free = self._free(scheme, cell)
        ample = self._ample(groups, free, taken, len(free))
        kept = list(groups)
        independent = all(ample.values()) and not self._apart
        for number in ample:
            kept[number] = ample[number] if independent else 0
            for place in bits_of(groups[number] & ~kept[number]):
                if self._finishes(groups, ample, free, taken, {number: place}):
                    kept[number] |= 1 << place
        return tuple(kept) if all(kept) else None

    def _plenty(self, scheme: int, groups: Groups, cell: int, taken: frozenset[int]) -> bool:
        """Whether any word of any open group can stand at `cell` without leaving too few behind it."""
        free = self._free(scheme, cell)
        ample = self._ample(groups, free, taken, len(free) + 1)
        return all(found == groups[number] for number, found in ample.items())

    def _ample(
        self, groups: Groups, free: Sequence[Slot], taken: frozenset[int], needed: int
    ) -> dict[int, int]:
        """For each rhyme that is not settled those of its groups that have `needed` unused words at every tone.

        Not settled is one with free places, and one whose group depends on another rhyme's.
        """
        changing = (number for pair in self._apart for number in pair)
        found = {number: groups[number] for number in (*(slot.number for slot in free), *changing)}
        for number, tone in sorted({(slot.number, slot.tone) for slot in free}):
            left = self._rhymes.sizes(tone) - self._rhymes.members(tone)[:, sorted(taken)].sum(1)
            enough = left >= needed
            found[number] = sum(1 << place for place in bits_of(found[number]) if enough[place])
        return found

    def _finishes(
        self,
        groups: Groups,
        ample: dict[int, int],
        free: Sequence[Slot],
        taken: frozenset[int],
        chosen: dict[int, int],
    ) -> bool:
        """Whether the free places can be filled with different words once the `chosen` rhymes have their groups."""
        # those with words to spare can always be dealt theirs at the end
        scarce = [
            slot
            for slot in free
            if slot.number in chosen and not ample[slot.number] >> chosen[slot.number] & 1
        ]
        if not self._dealt(scarce, taken, chosen):
            return False
        number = next((one for one in ample if one not in chosen), None)
        if number is None:
            return True
        places = self._places(number, groups[number], ample[number], chosen)
        return any(self._finishes(groups, ample, free, taken, {**chosen, number: place}) for place in places)

    def _places(self, number: int, groups: int, ample: int, chosen: dict[int, int]) -> list[int]:
        """The groups to try for a rhyme once others have theirs."""
        pairs = [pair for pair in self._apart if number in pair]
        others = {other for pair in pairs for other in pair if other != number}
        left = groups & ~sum(1 << place for place in {chosen[one] for one in others if one in chosen})
        if others:
            return bits_of(left & ample) + bits_of(left & ~ample)
        # a group with words to spare is as good as any other could be
        return bits_of(ample)[:1] or bits_of(groups)

    def _dealt(self, free: Sequence[Slot], taken: frozenset[int], chosen: dict[int, int]) -> bool:
        """Whether every free place gets a word of its own: a matching, by augmenting paths (Kuhn 1955)."""
        holder: dict[int, int] = {}  # word -> place that has it
        choices = [self._choices(slot, taken, chosen[slot.number], len(free)) for slot in free]

        def place(at: int, tried: set[int]) -> bool:
            for word in choices[at]:
                if word not in tried:
                    tried.add(word)
                    if word not in holder or place(holder[word], tried):
                        holder[word] = at
                        return True
            return False

        return all(place(at, set()) for at in range(len(free)))

    def _choices(self, slot: Slot, taken: frozenset[int], group: int, most: int) -> list[int]:
        """Unused words for a place; more than there are places are never needed."""
        words = (word for word in np.flatnonzero(self._pool(slot, 1 << group)).tolist() if word not in taken)
        return [word for word, _ in zip(words, range(most), strict=False)]

    # what is known of places and words

    def _free(self, scheme: int, cell: int) -> list[Slot]:
        return [slot for slot in self._slots[scheme] if slot.cell > cell and slot.pinned is None]

    def _taken(self, scheme: int, text: tuple[int, ...]) -> frozenset[int]:
        """The rhyme words of the scheme, written or pinned."""
        written = (text[slot.start] for slot in self._slots[scheme] if slot.start < len(text))
        pinned = (slot.pinned for slot in self._slots[scheme] if slot.pinned is not None)
        return frozenset((*written, *pinned))

    def _groups_of(self, slot: Slot, token: int) -> int:
        """In which groups the poem may rhyme if the word stands there; a pinned one by any of its readings."""
        rhymes = self._rhymes if slot.pinned is None else self._lenient
        groups = rhymes.bits(slot.tone)[token]
        return self._rhymes.near(groups) if slot.borrows else groups

    def _pool(self, slot: Slot, groups: int) -> Mask:
        """(V,) the words of the groups, with those of their neighbours where the place may borrow."""
        key = (slot.tone, self._rhymes.near(groups) if slot.borrows else groups)
        if key not in self._masks:
            rows = self._rhymes.members(slot.tone)[bits_of(key[1])]
            self._masks[key] = np.logical_or.reduce(rows, axis=0)
        return self._masks[key]

    def _slot(self, cell: Cell, scheme: int) -> Slot:
        return next(slot for slot in self._slots[scheme] if slot.place == (cell.line, cell.place))


def slots_of(template: Template, grid: Grid, scheme: int) -> list[Slot]:
    """The rhymes of a scheme in the order of the text; a line that repeats another does not rhyme anew."""
    starts = [0, *accumulate(shape.length for shape in template.lines)]
    slots = []
    for (line, place), number in sorted(rhyme_places(template, scheme).items()):
        cell = grid.at[line, place]
        tone = tone_at(template, scheme, (line, place))
        borrows = template.borrowing and line == 0
        pinned = grid.cells[cell].token
        slots.append(Slot(cell, (line, place), starts[line] + place, number, tone, borrows, pinned))
    return slots


def tone_at(template: Template, scheme: int, place: Place) -> str:
    """The tone (平 仄 中) that the ways of a scheme ask of a place; they agree where it rhymes."""
    line, column = place
    section = next(one for one in template.sections if line in one.lines)
    return next(way.patterns[line - section.first][column] for way in section.ways if way.scheme == scheme)


def bits_of(groups: int) -> list[int]:
    """The places of the bits that are set."""
    return [place for place in range(groups.bit_length()) if groups >> place & 1]
