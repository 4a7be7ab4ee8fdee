"""Where characters can stand in a form (嵌字): a way to place them all, or the proof that there is none.

A place takes a character by its tone, and at a rhyme by its groups. Which tones and which groups depends on what is
still open: the scheme, the way of each section, the group of each rhyme. While all is open a place takes what any of
these would; if even so the characters cannot be dealt to the places, each to one of its own (a matching, Kuhn 1955),
then they cannot at all. If they can, but two of them contradict each other, one of the open choices is made, in each
possible way (branch and bound). What is left out, that words must remain for the free rhymes, only the automaton knows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from shici.generation.alphabet import Alphabet
from shici.generation.grid import Pins, Place, rhyme_places
from shici.generation.rhyming import Groups, bits_of
from shici.prosody.template import Template, Way

MOST_MATCHINGS = 400  # before neither a way nor a proof is found; a matching takes milliseconds


@dataclass(frozen=True, slots=True)
class Choice:
    """What is still open in a scheme. ways: of each section. groups: of each rhyme, as bits."""

    scheme: int
    ways: tuple[tuple[Way, ...], ...]
    groups: Groups


class Placing:
    """The free places of a form with pins, and what they take, by any reading of a character.

    pins: as shici.generation.grid.settle leaves them. rhyme: the name of the group to rhyme in, "" for any.
    """

    def __init__(self, template: Template, alphabet: Alphabet, pins: Pins, rhyme: str) -> None:
        self._template, self._alphabet, self._pins = template, alphabet.lenient, pins
        self._rhymes = alphabet.lenient.rhymes(template.rhyme)
        self._rhyme = self._rhymes.bit(rhyme) if rhyme else self._rhymes.everything
        self._numbers = [rhyme_places(template, scheme) for scheme in range(len(template.rhymes))]
        self._sections = [at for at, section in enumerate(template.sections) for _ in section.lines]
        self._free = free_places(template, pins)
        self.matchings = 0

    @property
    def settled(self) -> bool:
        """Whether the last search came to an end: then finding nothing is a proof."""
        return self.matchings < MOST_MATCHINGS

    def find(self, characters: Sequence[str], dice: np.random.Generator | None = None) -> Pins | None:
        """A place for each of the (different) characters; None if there is none, or was not found: see `settled`.

        dice: for a way at random; without it the first.
        """
        self.matchings = 0
        if len(characters) > len(self._free):
            return None
        for at in order(len(self._template.rhymes), dice):
            choice = self._opening(at)
            found = self._search(choice, characters, dice) if choice else None
            if found is not None:
                return found
        return None

    def _opening(self, scheme: int) -> Choice | None:
        """All that the pins leave open in a scheme; None if they leave nothing."""
        ways = tuple(
            tuple(way for way in section.ways if way.scheme == scheme) for section in self._template.sections
        )
        groups = [self._rhymes.everything] * (1 + max(self._numbers[scheme].values(), default=-1))
        if groups:
            groups[0] = self._rhyme
        return self._narrowed(Choice(scheme, ways, tuple(groups)), self._pins)

    def _narrowed(self, choice: Choice, placed: Pins) -> Choice | None:
        """What the placed characters leave open; None if they contradict it."""
        groups = list(choice.groups)
        for place, one in placed.items():
            number = self._numbers[choice.scheme].get(place)
            if number is not None:
                groups[number] &= self._groups_of(choice, place, one)
        ways = tuple(
            tuple(way for way in some if self._takes_all(way, at, placed))
            for at, some in enumerate(choice.ways)
        )
        return replace(choice, ways=ways, groups=tuple(groups)) if all(ways) and all(groups) else None

    def _takes_all(self, way: Way, section: int, placed: Pins) -> bool:
        return all(
            self._tones(way, place)[self._token(one)]
            for place, one in placed.items()
            if self._sections[place[0]] == section
        )

    def _tones(self, way: Way, place: Place) -> np.ndarray:
        """(V,) what has the tone that a way asks of a place."""
        line, column = place
        first = self._template.sections[self._sections[line]].first
        return self._alphabet.tones[way.patterns[line - first][column]]

    def _groups_of(self, choice: Choice, place: Place, character: str) -> int:
        """In which groups the poem may rhyme if the character stands at this rhyme."""
        line, column = place
        section = self._template.sections[self._sections[line]]
        tone = choice.ways[self._sections[line]][0].patterns[line - section.first][column]
        groups = self._rhymes.bits(tone)[self._token(character)]
        return self._rhymes.near(groups) if self._template.borrowing and line == 0 else groups

    def _token(self, character: str) -> int:
        return self._alphabet.vocabulary.ids[character]

    def _search(
        self, choice: Choice, characters: Sequence[str], dice: np.random.Generator | None
    ) -> Pins | None:
        if not self.settled:
            return None
        self.matchings += 1
        dealt = self._match(choice, characters, dice)
        if dealt is None or self._narrowed(choice, dealt) is not None:
            return dealt
        branches = list(self._branches(choice, dealt))
        for at in order(len(branches), dice):
            found = self._search(branches[at], characters, dice)
            if found is not None:
                return found
        return None

    def _branches(self, choice: Choice, placed: Pins) -> Iterator[Choice]:
        """Each way to decide the first thing on which the placed characters contradict each other."""
        for at, some in enumerate(choice.ways):
            if not any(self._takes_all(way, at, placed) for way in some):
                for way in some:
                    yield replace(choice, ways=(*choice.ways[:at], (way,), *choice.ways[at + 1 :]))
                return
        for number, groups in enumerate(choice.groups):
            left = groups
            for place, one in placed.items():
                if self._numbers[choice.scheme].get(place) == number:
                    left &= self._groups_of(choice, place, one)
            if not left:
                for bit in bits_of(groups):
                    yield replace(
                        choice, groups=(*choice.groups[:number], 1 << bit, *choice.groups[number + 1 :])
                    )
                return

    def _match(
        self, choice: Choice, characters: Sequence[str], dice: np.random.Generator | None
    ) -> dict[Place, str] | None:
        """A place of its own for each character, of those that some open choice gives it; None if there is none."""
        holder: dict[Place, str] = {}
        open_to = {one: self._open_to(choice, one, dice) for one in characters}

        def seat(one: str, tried: set[Place]) -> bool:
            for place in open_to[one]:
                if place not in tried:
                    tried.add(place)
                    if place not in holder or seat(holder[place], tried):
                        holder[place] = one
                        return True
            return False

        return holder if all(seat(characters[at], set()) for at in order(len(characters), dice)) else None

    def _open_to(self, choice: Choice, character: str, dice: np.random.Generator | None) -> list[Place]:
        """The free places that may take the character, in order or at random."""
        token = self._token(character)
        found = []
        for at in order(len(self._free), dice):
            place = self._free[at]
            number = self._numbers[choice.scheme].get(place)
            ways = choice.ways[self._sections[place[0]]]
            if number is not None and not self._groups_of(choice, place, character) & choice.groups[number]:
                continue
            if any(self._tones(way, place)[token] for way in ways):
                found.append(place)
        return found


def free_places(template: Template, pins: Pins) -> list[Place]:
    """The places that hold no pin and repeat no other."""
    return [
        (line, place)
        for line, shape in enumerate(template.lines)
        for place in range(shape.length)
        if (line, place) not in pins and shape.same_as is None
    ]


def order(count: int, dice: np.random.Generator | None) -> list[int]:
    """0 .. count - 1, at random if there are dice."""
    return list(range(count)) if dice is None else [int(one) for one in dice.permutation(count)]
