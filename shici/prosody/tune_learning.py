"""Learn the variants of a tune from its poems, by counting. scripts/build_tunes.py does it for the whole corpus.

1. Poems with the same line lengths belong together (`frames`); whether a 、 is written makes no difference.
2. Of those, poems whose rhymes have the same tones (`by_rhyme_tone`): 满江红 has an oblique and a level form.
3. In each such set: marks, rhymes, the tone of each character, lines that repeat, the stanza.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise

from shici.prosody.patterns import FREE
from shici.prosody.readings import strict_lexicon
from shici.prosody.rhymes import LEVEL, OBLIQUE
from shici.prosody.tune_rhymes import rhyme_groups
from shici.prosody.tune_stanzas import stanza_end
from shici.prosody.tunes import COMMA, PAUSE, STOP, TuneLine, Variant

LINES = re.compile(r"([^，。！？；、：\s]+)([，。！？；、：]?)")
MARKS = {"，": COMMA, "；": COMMA, "：": COMMA, "、": PAUSE}

# A variant needs so many poems: the first of a tune, and the others.
FIRST, OTHERS = 20, 12

# A tone is fixed where so large a share of the poems have it, a quarter of a poem added to both tones so that
# few poems fix little. A line repeats another if so many poems do.
FIXED, ADDED, REPEATS = 0.9, 0.25, 0.9

# A poem belongs to a set if its rhyme words differ in tone at no more than this share of the places.
OTHER_TONES = 0.25


@dataclass(frozen=True, slots=True)
class Song:
    """A 词 cut at its marks. texts: the lines. ends: the mark after each, one of ， 。 、."""

    texts: tuple[str, ...]
    ends: tuple[str, ...]

    @property
    def lengths(self) -> tuple[int, ...]:
        """How many characters each line has."""
        return tuple(map(len, self.texts))

    @property
    def marks(self) -> dict[int, str]:
        """Where each line ends, in characters from the start, and the mark there."""
        return dict(zip(accumulate(self.lengths), self.ends, strict=True))


def song(body: str) -> Song:
    """Cut a text at its marks: ；： count as ，, ！？ and a line without a mark as 。."""
    found = LINES.findall(body)
    return Song(tuple(text for text, _ in found), tuple(MARKS.get(mark, STOP) for _, mark in found))


def learn(tune: str, songs: Sequence[Song]) -> tuple[Variant, ...]:
    """The variants of a tune, the commonest first; none if even the first has too few poems."""
    sets = [one for frame in frames(songs) for one in by_rhyme_tone(frame)]
    sets.sort(key=lambda one: (-len(one), one[0].lengths))
    if not sets or len(sets[0]) < FIRST:
        return ()
    kept = [one for one in sets if len(one) >= OTHERS]
    return tuple(
        Variant(tune, number, learn_lines(tune, one), len(one)) for number, one in enumerate(kept, start=1)
    )


def frames(songs: Sequence[Song]) -> list[list[Song]]:
    """Sets of songs with the same lines. Those that differ in their 、 alone are cut like the commonest of them."""
    by_lengths: dict[tuple[int, ...], list[Song]] = {}
    for one in songs:
        by_lengths.setdefault(one.lengths, []).append(one)
    models: list[Song] = []
    found: list[list[Song]] = []
    for _, group in sorted(by_lengths.items(), key=lambda item: (-len(item[1]), item[0])):
        model = Song(group[0].texts, common_ends(group))
        near = (at for at, other in enumerate(models) if differ_in_pauses(model, other))
        at = next(near, None)
        if at is None:
            models.append(model)
            found.append(group)
        else:
            found[at].extend(recut(one, models[at]) for one in group)
    return found


def common_ends(songs: Sequence[Song]) -> tuple[str, ...]:
    """The commonest mark after each line."""
    columns = zip(*(one.ends for one in songs), strict=True)
    return tuple(Counter(column).most_common(1)[0][0] for column in columns)


def differ_in_pauses(one: Song, other: Song) -> bool:
    """Whether two songs are cut in the same way but for places where one of them has 、."""
    mine, theirs = one.marks, other.marks
    odd = mine.keys() ^ theirs.keys()
    return max(mine) == max(theirs) and all((mine | theirs)[place] == PAUSE for place in odd)


def recut(one: Song, model: Song) -> Song:
    """The same text cut like the model, with its own marks where it has some."""
    text, marks = "".join(one.texts), model.marks
    texts = tuple(text[start:end] for start, end in pairwise((0, *marks)))
    return Song(texts, tuple(one.marks.get(place, mark) for place, mark in marks.items()))


def by_rhyme_tone(songs: Sequence[Song]) -> Iterator[list[Song]]:
    """Sets of songs whose 。 lines end in the same tones; songs unlike every common set are left out."""
    stops = [at for at, end in enumerate(common_ends(songs)) if end == STOP]
    tones = strict_lexicon().tones
    waiting = [(one, tones("".join(one.texts[at][-1] for at in stops))) for one in songs]
    while waiting:
        common = Counter(found for _, found in waiting).most_common(1)[0][0]
        model = majority([found for _, found in waiting if differing(found, common) <= OTHER_TONES])
        near = [one for one, found in waiting if differing(found, model) <= OTHER_TONES]
        if len(near) < OTHERS:
            return
        yield near
        waiting = [(one, found) for one, found in waiting if differing(found, model) > OTHER_TONES]


def majority(rows: Sequence[str]) -> str:
    """The commoner of 平 and 仄 in each column."""
    columns = zip(*rows, strict=True)
    return "".join(LEVEL if column.count(LEVEL) >= column.count(OBLIQUE) else OBLIQUE for column in columns)


def differing(tones: str, model: str) -> float:
    """The share of places with another tone than the model's, of those where both are known."""
    pairs = [pair for pair in zip(tones, model, strict=True) if {LEVEL, OBLIQUE}.issuperset(pair)]
    return sum(one != other for one, other in pairs) / max(1, len(pairs))


def learn_lines(tune: str, songs: Sequence[Song]) -> tuple[TuneLine, ...]:
    """What songs with the same lines and rhyme tones have in common."""
    columns = list(zip(*(one.texts for one in songs), strict=True))
    finals = [majority([strict_lexicon().tones(text[-1]) for text in column]) for column in columns]
    rhymes = rhyme_groups(columns, finals)
    last = len(columns) - 1
    lines = [
        TuneLine(
            pattern=pattern(column) if rhymes[at] is None else pattern(column)[:-1] + finals[at],
            rhyme=rhymes[at],
            end=end if at < last else STOP,
            breaks=end == STOP and at < last,
            same_as=repeated(columns, at, whole=True),
            stanza=False,
            echoes=repeated(columns, at, whole=False),
        )
        for at, (column, end) in enumerate(zip(columns, common_ends(songs), strict=True))
    ]
    stop = stanza_end(tune, lines)
    return tuple(replace(line, stanza=at == stop) for at, line in enumerate(lines))


def pattern(column: Sequence[str]) -> str:
    """平 仄 中 for each character of a line, from what the poets wrote there."""
    places = zip(*(strict_lexicon().tones(text) for text in column), strict=True)
    return "".join(map(tone, places))


def tone(classes: Sequence[str]) -> str:
    """The tone that a place asks for."""
    level, oblique = classes.count(LEVEL) + ADDED, classes.count(OBLIQUE) + ADDED
    if max(level, oblique) < FIXED * (level + oblique):
        return FREE
    return LEVEL if level > oblique else OBLIQUE


def repeated(columns: Sequence[Sequence[str]], at: int, *, whole: bool) -> int | None:
    """The index of the first earlier line that line `at` repeats; or whose end, if it is longer."""
    for earlier in range(at):
        as_long = len(columns[earlier][0]) == len(columns[at][0])
        pairs = list(zip(columns[earlier], columns[at], strict=True))
        if as_long == whole and sum(one.endswith(other) for one, other in pairs) >= REPEATS * len(pairs):
            return earlier
    return None
