"""Which characters may come next so that the finished poem keeps its form: exact, with no dead ends.

A state is the cell reached, the ways of the section that are still open, the rhyme groups that are still open in
each scheme, and the text. A character is allowed where some scheme remains that can be brought to its end: tones
and pins ahead are looked up by backward reachability, rhymes by counting whether each open group has enough
unused words for the places that are left. So every poem that follows `allowed` satisfies everything, and with
lenient readings every poem that the judge accepts can be written.
Letters: V vocabulary.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from shici.generation.alphabet import Alphabet, Mask
from shici.generation.grid import Cell, Pins, lay_out, origin_of, rhyme_places
from shici.generation.repetition import Repetition
from shici.generation.rhyming import Groups, Rhyming
from shici.prosody.repeats import RepeatLimits
from shici.prosody.template import Section, Template, Way

# what each scheme may still rhyme in; None once it is out of the question
Schemes = tuple[Groups | None, ...]


@dataclass(frozen=True, slots=True)
class State:
    """cell: the next to be written. ways: bit i for way i of its section. groups: what may still be rhymed in.
    text: the characters so far, without marks. doublings, repeats: what is used up of the limits.
    """

    cell: int
    ways: int
    groups: Schemes
    text: tuple[int, ...] = ()
    doublings: int = 0
    repeats: int = 0


class Automaton:
    """A form with pins, over an alphabet.

    pins: as shici.generation.grid.settle leaves them. rhyme: the name of the group to rhyme in, "" for any.
    limits: how often characters may come again, None for as often as they like.
    `possible` is False where the pins cannot be reconciled with the form; then there is no start. repetition: of the
    limits, None lifts them.
    """

    def __init__(
        self,
        template: Template,
        alphabet: Alphabet,
        pins: Pins | None = None,
        rhyme: str = "",
        limits: RepeatLimits | None = None,
    ) -> None:
        self.template, self.alphabet = template, alphabet
        self.pins = pins or {}
        self.grid = lay_out(template, self.pins, alphabet.vocabulary)
        self.repetition = Repetition(limits, self.grid) if limits else None
        self._rhyming = Rhyming(template, alphabet, self.grid, rhyme)
        self._rhymed = [rhyme_places(template, scheme) for scheme in range(len(template.rhymes))]
        self._last = {origin_of(template, (at, one.length - 1)) for at, one in enumerate(template.lines)}
        self._sections = [section for section in template.sections for _ in section.lines]  # of each line
        self._alive = self._reachable()
        self._masks: dict[int, Mask] = {}

    def __len__(self) -> int:
        """How many tokens a poem has, `<eos>` included."""
        return len(self.grid.cells)

    @property
    def possible(self) -> bool:
        return self._first() is not None

    def start(self) -> State:
        """Nothing written. Raises ValueError where nothing is possible: ask `possible` first."""
        state = self._first()
        if state is None:
            raise ValueError("the pins contradict the form")
        return state

    def open_rhymes(self) -> list[str]:
        """The groups in which the (first) rhyme of a poem can be written, in the order of the book."""
        state = self._first()
        if state is None:
            return []
        open_groups = (state.groups[way.scheme] for way in self.ways(state))
        groups = 0
        for found in open_groups:
            groups |= found[0] if found else 0
        return self.alphabet.rhymes(self.template.rhyme).named(groups)

    def _first(self) -> State | None:
        groups = tuple(self._rhyming.opening(scheme) for scheme in range(len(self.template.rhymes)))
        ways = sum(
            1 << place
            for place, way in enumerate(self.template.sections[0].ways)
            if self._alive[0] >> place & 1 and groups[way.scheme] is not None
        )
        return State(0, ways, groups) if ways else None

    def allowed(self, state: State) -> Mask:
        """(V,) what may be written in the state's cell. Not to be changed: masks are shared."""
        cell = self.grid.cells[state.cell]
        fixed = self._fixed(cell, state)
        if fixed is not None:
            return self._only(fixed)
        section = self._sections[cell.line]
        asked = {
            self._demand(section, way, cell)
            for place, way in enumerate(section.ways)
            if state.ways >> place & 1
        }
        mask = self._union(asked, cell, state)
        if self.repetition is None:
            return mask
        return self.repetition.fresh(mask, state.cell, state.text, state.doublings, state.repeats)

    def advance(self, state: State, token: int) -> State | None:
        """The state after `token`; None if it was not allowed (by the form; the limits are not asked)."""
        cell = self.grid.cells[state.cell]
        fixed = self._fixed(cell, state)
        if fixed is not None and token != fixed:
            return None
        if cell.place is None:
            return replace(state, cell=state.cell + 1, ways=self._carried(state, cell))
        ways, groups = self._accepting(cell, state, token)
        ways &= self._alive[state.cell + 1] if state.cell + 1 < len(self._alive) else ways
        return self._written(state, cell, token, ways, groups) if ways else None

    def ways(self, state: State) -> list[Way]:
        """The ways that are still open in the section at hand: what a page may show of the pattern."""
        if state.cell >= len(self.grid.cells):
            return []
        section = self._sections[self.grid.cells[state.cell].line]
        return [way for place, way in enumerate(section.ways) if state.ways >> place & 1]

    def open_ways(self) -> list[list[Way]]:
        """For each section the ways in which some poem of this form with these pins is written; none if impossible.

        What a page may show of the whole pattern before anything is written.
        """
        state = self._first()
        schemes = {way.scheme for way in self.ways(state)} if state else set()
        return [
            [
                way
                for place, way in enumerate(section.ways)
                if way.scheme in schemes and self._alive[self.grid.at[section.first, 0]] >> place & 1
            ]
            for section in self.template.sections
        ]

    # what a place asks

    def _demand(self, section: Section, way: Way, cell: Cell) -> tuple[str, int, int | None]:
        """(tone, scheme, rhyme number or None) of a place by one way; the scheme is 0 where nothing rhymes."""
        assert cell.place is not None
        pattern = way.patterns[cell.line - section.first]
        rhyme = self._rhymed[way.scheme].get((cell.line, cell.place))
        return pattern[cell.place], way.scheme if rhyme is not None else 0, rhyme

    def _ends(self, cell: Cell) -> bool:
        """Whether the character ends a line, this one or one that says it again."""
        assert cell.place is not None
        return origin_of(self.template, (cell.line, cell.place)) in self._last

    def _tones(self, cell: Cell, alphabet: Alphabet, tone: str) -> Mask:
        return (alphabet.endings if self._ends(cell) else alphabet.tones)[tone]

    def _fixed(self, cell: Cell, state: State) -> int | None:
        """The only token of a cell: a mark, a pinned character, or the one that the line repeats."""
        if cell.place is None or cell.token is not None or not self._repeats_a_line(cell):
            return cell.token
        line, place = origin_of(self.template, (cell.line, cell.place))
        return state.text[sum(shape.length for shape in self.template.lines[:line]) + place]

    def _union(self, asked: set[tuple[str, int, int | None]], cell: Cell, state: State) -> Mask:
        masks = []
        for tone, scheme, rhyme in sorted(asked, key=str):
            groups = state.groups[scheme]
            if rhyme is None:
                masks.append(self._tones(cell, self.alphabet, tone))
            elif groups is not None:
                masks.append(self._rhyming.words(cell, scheme, groups, state.text))
        if len(masks) == 1:
            return masks[0]
        union: Mask = np.logical_or.reduce(masks)
        return union

    def _only(self, token: int) -> Mask:
        if token not in self._masks:
            mask = np.zeros(self.alphabet.size, dtype=np.bool_)
            mask[token] = True
            self._masks[token] = mask
        return self._masks[token]

    # what a character leaves open

    def _accepting(self, cell: Cell, state: State, token: int) -> tuple[int, Schemes]:
        """The ways of the section that accept the character, and the groups that it leaves to each scheme."""
        section = self._sections[cell.line]
        alphabet = self.alphabet if cell.token is None else self.alphabet.lenient
        groups = list(state.groups)
        rhymed: set[int] = set()
        ways = 0
        for place, way in enumerate(section.ways):
            if not state.ways >> place & 1:
                continue
            tone, scheme, rhyme = self._demand(section, way, cell)
            if rhyme is None or self._repeats_a_line(cell):
                ways |= bool(self._tones(cell, alphabet, tone)[token]) << place
                continue
            before = state.groups[scheme]
            if scheme not in rhymed and before is not None:
                rhymed.add(scheme)
                groups[scheme] = self._rhyming.after(cell, scheme, before, state.text, token)
            ways |= (groups[scheme] is not None) << place
        return ways, tuple(groups)

    def _repeats_a_line(self, cell: Cell) -> bool:
        return self.template.lines[cell.line].same_as is not None

    def _written(self, state: State, cell: Cell, token: int, ways: int, groups: Schemes) -> State:
        doublings, repeats = state.doublings, state.repeats
        if self.repetition and cell.token is None and not self._repeats_a_line(cell):
            doubled, again = self.repetition.used(state.cell, state.text, token)
            doublings, repeats = doublings + doubled, repeats + again
        return State(state.cell + 1, ways, groups, (*state.text, token), doublings, repeats)

    def _carried(self, state: State, cell: Cell) -> int:
        """The open ways after a mark: in a new section those of the schemes that are still open."""
        if state.cell + 1 == len(self.grid.cells):
            return state.ways
        section, following = self._sections[cell.line], self._sections[self.grid.cells[state.cell + 1].line]
        if section is following:
            return state.ways
        schemes = {way.scheme for place, way in enumerate(section.ways) if state.ways >> place & 1}
        ways = sum(1 << place for place, way in enumerate(following.ways) if way.scheme in schemes)
        return ways & self._alive[state.cell + 1]

    # what lies ahead

    def _reachable(self) -> list[int]:
        """For each cell the ways of its section from which the end can be reached, as far as tones and pins go."""
        alive = [0] * len(self.grid.cells)
        open_schemes = set(range(len(self.template.rhymes)))
        for at in range(len(self.grid.cells) - 1, -1, -1):
            cell = self.grid.cells[at]
            section = self._sections[cell.line]
            last = at + 1 == len(self.grid.cells)
            if not last and self._sections[self.grid.cells[at + 1].line] is section:
                ways = alive[at + 1]
            else:
                if not last:
                    following = self._sections[self.grid.cells[at + 1].line].ways
                    open_schemes = {
                        way.scheme for place, way in enumerate(following) if alive[at + 1] >> place & 1
                    }
                ways = sum(1 << place for place, way in enumerate(section.ways) if way.scheme in open_schemes)
            alive[at] = ways if cell.place is None else self._with_room(ways, section, cell)
        return alive

    def _with_room(self, ways: int, section: Section, cell: Cell) -> int:
        """Those of the ways that leave some character for the place, or fit the pinned one; rhymes aside."""
        kept = 0
        for place, way in enumerate(section.ways):
            if not ways >> place & 1:
                continue
            tone, _, rhyme = self._demand(section, way, cell)
            if cell.token is None:
                fits = rhyme is not None or bool(self._tones(cell, self.alphabet, tone).any())
            else:
                fits = bool(self._tones(cell, self.alphabet.lenient, tone)[cell.token])
            kept |= fits << place
        return kept
