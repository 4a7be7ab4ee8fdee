"""Read each line of a poem as the kind of line that it was most likely meant to be.

A poem that obeys the rules fits one of the four schemes. For one that doesn't, the question is which rule
it breaks: a wrong tone in a line, or a good line in the wrong place (失对, 失粘). `align` finds the reading
with the least of both by dynamic programming over the lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shici.prosody.patterns import KINDS, OPPOSED, fits
from shici.prosody.rhymes import LEVEL

# Price of a wrong tone, of a line in the wrong place, and of a first line that rhymes, but with nothing.
WRONG_TONE, MISPLACED, FALSE_RHYME = 2, 3, 2

LINE_KINDS = ("A", "B", "a", "b", "a拗")


@dataclass(frozen=True, slots=True)
class Line:
    """A line read as `kind` (of LINE_KINDS), against `pattern` (平 仄 中), with the places that don't fit."""

    kind: str
    pattern: str
    misfits: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Path:
    """The cheapest reading of the lines so far that ends in a certain kind."""

    price: int
    lines: tuple[Line, ...]


def align(classes: Sequence[str], length: int, false_rhyme: int = 0) -> tuple[Line, ...]:
    """The most likely kind of each line.

    classes: tone classes of each line. length: 5 or 7; a line of another length fits anywhere. false_rhyme:
    what it costs to read the first line as one that rhymes.
    """
    paths: dict[str, Path] = {}
    for at, tones in enumerate(classes):
        following = classes[at + 1] if at + 1 < len(classes) else ""
        after: dict[str, Path] = {}
        for kind in candidates(at):
            if kind == "a拗" and not mends(following, length):
                continue
            line = compare(tones, kind, length)
            price = WRONG_TONE * len(line.misfits) + (false_rhyme if at == 0 and kind in "AB" else 0)
            before = min(
                (Path(path.price + misplaced(at, last, kind), path.lines) for last, path in paths.items()),
                key=lambda path: path.price,
                default=Path(0, ()),
            )
            after[kind] = Path(before.price + price, (*before.lines, line))
        paths = after
    return min(paths.values(), key=lambda path: path.price).lines


def candidates(at: int) -> tuple[str, ...]:
    """The kinds that line `at` may be: lines of odd index rhyme, the others don't, the first is free."""
    if at == 0:
        return LINE_KINDS
    return ("A", "B") if at % 2 else ("a", "b", "a拗")


def mends(following: str, length: int) -> bool:
    """Whether the next line has the level third (of the last five) that mends a拗."""
    return len(following) == length and fits(following[-3], LEVEL)


def misplaced(at: int, last: str, kind: str) -> int:
    """The price of `kind` after `last`: nothing where 粘 or 对 holds."""
    return 0 if is_placed(at, last, kind) else MISPLACED


def is_placed(at: int, last: str, kind: str) -> bool:
    """Whether `kind` may follow `last` as line `at`: 对 within a couplet, 粘 between couplets."""
    if at % 2:
        return OPPOSED[last[0]] == kind and (last != "a拗" or kind == "B")
    return last.lower() == kind[0]


def compare(tones: str, kind: str, length: int) -> Line:
    """The pattern of `kind` that fits best, and the places where the line departs from it."""
    patterns = KINDS[length][kind]
    if len(tones) != length:
        return Line(kind, patterns[0], ())
    misfits = [
        tuple(at for at, tone in enumerate(tones) if not fits(tone, pattern[at])) for pattern in patterns
    ]
    best = min(range(len(patterns)), key=lambda which: len(misfits[which]))
    return Line(kind, patterns[best], misfits[best])
