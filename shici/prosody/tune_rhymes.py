"""Which lines of a tune rhyme with one another, found by how often their last words do."""

from __future__ import annotations

from collections.abc import Sequence

from shici.prosody.readings import Lexicon, simplified_lexicon
from shici.prosody.rhymes import LEVEL, OBLIQUE

# Two lines rhyme if their words share a part of 词林正韵 in so large a share of the poems. By chance one pair
# in ten does, where a rhyme is due nine in ten; what lies between is left to the poet.
AGREE = 2 / 3
MINIMUM_PAIRS = 5


def parts_in_tone(lexicon: Lexicon, word: str, tone: str) -> frozenset[str]:
    """The parts of 词林正韵 that a word belongs to when it is read in `tone`: 平, 仄 or, for any, 中."""
    return frozenset(
        one.part
        for one in lexicon.readings(word)
        if tone not in (LEVEL, OBLIQUE) or (one.tone == LEVEL) == (tone == LEVEL)
    )


def rhyme_groups(columns: Sequence[Sequence[str]], tones: Sequence[str]) -> list[int | None]:
    """The number of the rhyme of each line, from 0 in the order of the text; None for a line without.

    columns: for each line what all poems have there. tones: in which tone each line ends.
    """
    agree = agreement([[text[-1] for text in column] for column in columns], tones)
    groups: list[int | None] = [None] * len(columns)
    count = 0
    for at, row in enumerate(agree):
        partners = [other for other in range(at) if row[other] >= AGREE]
        if partners and groups[partners[0]] is None:
            groups[partners[0]], count = count, count + 1
        if partners:
            groups[at] = groups[partners[0]]
    return groups


def agreement(columns: Sequence[Sequence[str]], tones: Sequence[str]) -> list[list[float]]:
    """How often the words of each two columns share a part, each word read in the tone of its column."""
    lexicon = simplified_lexicon()
    parts = [
        [parts_in_tone(lexicon, word, tone) for word in column]
        for column, tone in zip(columns, tones, strict=True)
    ]
    numbers = range(len(columns))
    return [[shares(columns[i], columns[j], parts[i], parts[j]) for j in numbers] for i in numbers]


def shares(
    words: Sequence[str],
    others: Sequence[str],
    parts: Sequence[frozenset[str]],
    other_parts: Sequence[frozenset[str]],
) -> float:
    """The share of pairs with a common part, of those with two different known words; 0 if they are few."""
    known = [
        not one.isdisjoint(other)
        for word, next_word, one, other in zip(words, others, parts, other_parts, strict=True)
        if word != next_word and one and other
    ]
    return sum(known) / len(known) if len(known) >= MINIMUM_PAIRS else 0.0
