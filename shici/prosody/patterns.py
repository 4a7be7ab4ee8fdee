"""Forms by shape, the kinds of line in regulated verse, and the ways in which lines make a poem.

The four kinds of line (王力《汉语诗律学》), by the tones of the last five characters:

    a  仄仄平平仄    b  平平平仄仄    A  仄仄仄平平    B  平平仄仄平

A line of seven puts two characters before a line of five, the second of the opposite tone to the fourth.
Couplets go a-B or b-A by turns (粘对); the first may rhyme as well: A-B or B-A.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from shici.prosody.readings import EITHER, UNKNOWN
from shici.prosody.rhymes import LEVEL, OBLIQUE

FREE = "中"

# Kind -> the tone patterns that count as such a line: first the plain one, then accepted 拗救.
FIVE = {
    "a": ("中仄中平仄",),
    "b": ("中平中仄仄", "平平仄平仄"),  # the second: 特拗, 平平平仄仄 with its third and fourth exchanged
    "A": ("中仄仄平平",),  # a level third would be 三平尾
    "B": ("平平中仄平", "中平平仄平"),  # 孤平 unless the first or the third is level
    "a拗": ("中仄中仄仄",),  # the fourth is oblique where it should be level: the next line must mend it
    "B救": ("中平平仄平",),  # a line of kind B whose level third mends a拗 (and 孤平)
}
SEVEN = {
    kind: tuple(FREE + (LEVEL if pattern[1] == OBLIQUE else OBLIQUE) + pattern for pattern in patterns)
    for kind, patterns in FIVE.items()
}
KINDS = {5: FIVE, 7: SEVEN}

# What the second line of a couplet must be after a first of this kind.
OPPOSED = {"a": "B", "b": "A", "A": "B", "B": "A"}

VERSE_FORMS = ("五绝", "七绝", "五律", "七律", "五排", "七排", "五古", "七古", "四言", "六言", "杂言")
LINE_COUNTS = {"绝": 4, "律": 8}
REGULATED_FORMS = ("五绝", "七绝", "五律", "七律", "五排", "七排")


def form_by_shape(lines: Sequence[str]) -> str:
    """One of the forms of verse by the number and length of `lines`.

    Ten or more lines of five or seven, in pairs, count as 五排 or 七排; if they turn out to break the rules
    they are 五古 or 七古.
    """
    lengths = {len(line) for line in lines}
    if len(lengths) != 1:
        return "杂言"
    length = lengths.pop()
    if length in (4, 6):
        return "四言" if length == 4 else "六言"
    if length not in (5, 7):
        return "杂言"
    count = len(lines)
    name = "五" if length == 5 else "七"
    fixed = next((one for one, lines in LINE_COUNTS.items() if lines == count), None)
    return name + (fixed or ("排" if count >= 10 and count % 2 == 0 else "古"))


def fits(tone: str, wanted: str) -> bool:
    """Whether a character of class `tone` (平 仄 通 ？) can stand where 平, 仄 or 中 is `wanted`; ？ can."""
    return wanted in (FREE, tone) or tone in (EITHER, UNKNOWN)


@dataclass(frozen=True, slots=True)
class Kinds:
    """Which kinds a line can be, and which it is whatever its unknown characters turn out to be."""

    possible: frozenset[str]
    certain: frozenset[str]


@cache
def kinds_of(classes: str) -> Kinds:
    """The kinds of a line of five or seven, given as tone classes: `kinds_of("平仄平平仄")`."""
    patterns = KINDS[len(classes)]
    strict = classes.replace(UNKNOWN, "无")  # fits only where any tone will do
    return Kinds(
        *(frozenset(kind for kind in patterns if matches(one, patterns[kind])) for one in (classes, strict))
    )


def matches(classes: str, patterns: Sequence[str]) -> bool:
    """Whether the line fits one of the patterns at every place."""
    return any(all(map(fits, classes, pattern)) for pattern in patterns)


def couplet_fits(first: frozenset[str], second: frozenset[str], template: str) -> bool:
    """Whether two lines of the given kinds make the couplet `template`: aB, bA, AB or BA."""
    if template[0] in first and template[1] in second:
        return True
    return template == "aB" and "a拗" in first and "B救" in second


@dataclass(frozen=True, slots=True)
class Schemes:
    """Whether the tones of a poem fit a scheme: with a first line that rhymes, and with one that doesn't.

    certain: holds whatever its unknown characters turn out to be.
    """

    rhymed: bool
    unrhymed: bool
    rhymed_certain: bool
    unrhymed_certain: bool


def schemes(lines: Sequence[str]) -> Schemes:
    """Compare a poem with the four schemes of regulated verse.

    lines: tone classes (平 仄 通 ？), all of five or all of seven, in pairs.
    """
    kinds = [kinds_of(line) for line in lines]
    possible = scheme_pair([kind.possible for kind in kinds])
    if not any(possible):
        return Schemes(False, False, False, False)
    return Schemes(*possible, *scheme_pair([kind.certain for kind in kinds]))


def scheme_pair(kinds: Sequence[frozenset[str]]) -> tuple[bool, bool]:
    """(fits a scheme whose first line rhymes, fits one whose first line doesn't)."""
    rhymed = unrhymed = False
    for opening in ("aB", "bA"):
        other = "bA" if opening == "aB" else "aB"
        rest = all(
            couplet_fits(kinds[at], kinds[at + 1], other if at % 4 else opening)
            for at in range(2, len(kinds), 2)
        )
        if rest:
            unrhymed |= couplet_fits(kinds[0], kinds[1], opening)
            rhymed |= couplet_fits(kinds[0], kinds[1], ("A" if opening == "aB" else "B") + opening[1])
    return rhymed, unrhymed
