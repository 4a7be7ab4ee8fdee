"""What each token can be in verse: its tones and rhymes as masks over the vocabulary. Prosody meets token ids here.

Letters: V vocabulary, G rhyme groups.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property, partial

import numpy as np
import numpy.typing as npt

from shici.prosody.lines import is_han
from shici.prosody.patterns import FREE
from shici.prosody.readings import NONE, Lexicon
from shici.prosody.rhymes import LEVEL, OBLIQUE, PINGSHUI
from shici.prosody.second_opinion import CONTRARY, ELSEWHERE, MISSING, TWOFOLD, second_opinion
from shici.prosody.template import ANY_RHYME, LEVEL_RHYME, PART_RHYME
from shici.vocabulary import Vocabulary

Mask = npt.NDArray[np.bool_]  # (V,)


class Alphabet:
    """The characters of a vocabulary, as a lexicon reads them.

    strict: a place with a fixed tone takes only characters that have no other, and a rhyme only those of a single
    group; characters about which another rhyme book disagrees are left out as well (for 平水韵, the book that the
    other one types). Not strict: any of a character's readings in `lexicon` will do.
    size: the model's vocabulary size, at least len(vocabulary). lenient: the readings that a pinned character may
    have, which the writer chose and not the model; by default those of `lexicon`.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        size: int,
        lexicon: Lexicon,
        *,
        strict: bool,
        lenient: Lexicon | None = None,
    ) -> None:
        self.vocabulary, self.size, self.lexicon, self.strict = vocabulary, size, lexicon, strict
        self._lenient = lenient or lexicon
        self._rhymes: dict[str, Rhymes] = {}
        self._doubts: Mapping[str, str] = second_opinion() if strict and lexicon.book is PINGSHUI else {}

    @cached_property
    def lenient(self) -> Alphabet:
        """The same characters by any of their readings."""
        if not self.strict and self._lenient is self.lexicon:
            return self
        return Alphabet(self.vocabulary, self.size, self._lenient, strict=False)

    @cached_property
    def characters(self) -> Mask:
        """Chinese characters: what may stand at a free place."""
        return self._mask(is_han)

    @cached_property
    def tones(self) -> Mapping[str, Mask]:
        """平 仄 中 -> what may stand there inside a line."""
        return {tone: self._mask(partial(self._fits, tone)) for tone in (LEVEL, OBLIQUE, FREE)}

    @cached_property
    def endings(self) -> Mapping[str, Mask]:
        """平 仄 中 -> what may stand at the end of a line, where a second tone would make a rhyme doubtful."""
        twofold = self._mask(lambda one: self._doubts.get(one) == TWOFOLD)
        free = self.tones[FREE]
        return {tone: mask if mask is free else mask & ~twofold for tone, mask in self.tones.items()}

    def rhymes(self, kind: str) -> Rhymes:
        """The groups of a kind of rhyme (LEVEL_RHYME, ANY_RHYME, PART_RHYME)."""
        if kind not in self._rhymes:
            book = self.lexicon.book
            names = {LEVEL_RHYME: book.level, ANY_RHYME: book.groups, PART_RHYME: book.parts}[kind]
            self._rhymes[kind] = Rhymes(self, names, by_part=kind == PART_RHYME)
        return self._rhymes[kind]

    def _fits(self, tone: str, character: str) -> bool:
        if tone == FREE:
            return is_han(character)
        if self.strict and self._doubts.get(character) in (MISSING, CONTRARY):
            return False
        heard = {LEVEL if one.tone == LEVEL else OBLIQUE for one in self.lexicon.readings(character)}
        return heard == {tone} if self.strict else tone in heard

    def groups(self, character: str, tone: str, *, by_part: bool) -> frozenset[str]:
        """In which groups or parts the character may rhyme where `tone` (平 仄 中) is asked."""
        found = {
            one.part if by_part else one.group
            for one in self.lexicon.readings(character)
            if tone == FREE or (one.tone == LEVEL) == (tone == LEVEL)
        }
        if not self.strict:
            return frozenset(found)
        doubtful = self._doubts.get(character, "")
        sound = doubtful == "" or (doubtful == ELSEWHERE and by_part)
        return frozenset(found) if len(found) == 1 and sound and self._fits(tone, character) else NONE

    def _mask(self, holds: Callable[[str], bool]) -> Mask:
        mask = np.zeros(self.size, dtype=np.bool_)
        tokens = self.vocabulary.tokens
        mask[: len(tokens)] = [len(token) == 1 and holds(token) for token in tokens]
        return mask


class Rhymes:
    """Who rhymes with whom. Sets of groups are bits of an int: bit i is names[i]."""

    def __init__(self, alphabet: Alphabet, names: tuple[str, ...], *, by_part: bool) -> None:
        self.names = names
        self.everything = (1 << len(names)) - 1
        self._alphabet, self._by_part = alphabet, by_part
        self._place = {name: place for place, name in enumerate(names)}
        self._bits: dict[str, list[int]] = {}  # tone -> the groups of each token
        self._members: dict[str, npt.NDArray[np.bool_]] = {}  # tone -> (G, V)
        self._sizes: dict[str, npt.NDArray[np.int64]] = {}  # tone -> how many tokens each group has

    def bit(self, name: str) -> int:
        """The set of one group; nothing if the name is of another book."""
        return 1 << self._place[name] if name in self._place else 0

    def bits(self, tone: str) -> list[int]:
        """For each token the groups in which it may rhyme at a place of this tone."""
        if tone not in self._bits:
            alphabet = self._alphabet
            found = [0] * alphabet.size
            for index, token in enumerate(alphabet.vocabulary.tokens):
                if len(token) == 1:
                    groups = alphabet.groups(token, tone, by_part=self._by_part)
                    found[index] = sum(self.bit(name) for name in groups)
            self._bits[tone] = found
        return self._bits[tone]

    def members(self, tone: str) -> npt.NDArray[np.bool_]:
        """(G, V) which tokens may rhyme in which group at a place of this tone."""
        if tone not in self._members:
            bits = self.bits(tone)
            rows = [[bool(one >> place & 1) for one in bits] for place in range(len(self.names))]
            self._members[tone] = np.array(rows, dtype=np.bool_)
        return self._members[tone]

    def sizes(self, tone: str) -> npt.NDArray[np.int64]:
        """(G,) how many tokens may rhyme in each group at a place of this tone."""
        if tone not in self._sizes:
            self._sizes[tone] = self.members(tone).sum(1)
        return self._sizes[tone]

    def near(self, groups: int) -> int:
        """These groups and their neighbours (邻韵)."""
        book = self._alphabet.lexicon.book
        found = groups
        for name in self.named(groups):
            found |= sum(self.bit(other) for other in book.neighbours(name))
        return found

    def named(self, groups: int) -> list[str]:
        """The names of a set of groups, in the order of the book."""
        return [name for place, name in enumerate(self.names) if groups >> place & 1]
