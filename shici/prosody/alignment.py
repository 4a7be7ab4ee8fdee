"""Read each line of a poem as the kind of line that it was most likely meant to be.

A poem that obeys the rules fits one of the four schemes. For one that doesn't, the question is which rule
it breaks: a wrong tone in a line, or a good line in the wrong place (失对, 失粘). `align` finds the reading
with the least of both by dynamic programming over the lines. Of readings that are equal in this, it is the one that
asks for the fewest readings of characters that poets hardly ever use: 向晚意不适 is a line that the next one mends,
and not one with 不 in the level tone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from shici.prosody.patterns import KINDS, OPPOSED, fits
from shici.prosody.rhymes import LEVEL

# Price of a wrong tone, of a line in the wrong place, and of a first line that rhymes, but with nothing.
WRONG_TONE, MISPLACED, FALSE_RHYME = 2, 3, 2

# What is no fault only turns the scale: a reading that is hardly in use, and a first line that rhymes with a neighbour.
RARE_READING, BORROWED_RHYME = 2, 1

LINE_KINDS = ("A", "B", "a", "b", "a拗")


@dataclass(frozen=True, slots=True)
class Line:
    """A line read as `kind` (of LINE_KINDS), against `pattern` (平 仄 中).

    misfits: the places that don't fit. rare: those that fit, but not by a reading in use.
    """

    kind: str
    pattern: str
    misfits: tuple[int, ...]
    rare: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Path:
    """The cheapest reading of the lines so far that ends in a certain kind.

    false_rhyme: what of the price is paid for the rhyme of the first line. doubt: what turns the scale.
    """

    price: int
    false_rhyme: int
    doubt: int
    lines: tuple[Line, ...]


NOWHERE = Path(0, 0, 0, ())


def align(
    classes: Sequence[str],
    length: int,
    false_rhyme: int = 0,
    *,
    borrowed: bool = False,
    usual: Sequence[str] | None = None,
) -> tuple[Line, ...]:
    """The most likely kind of each line.

    classes: tone classes of each line. length: 5 or 7; a line of another length fits anywhere. false_rhyme:
    what it costs to read the first line as one that rhymes. borrowed: whether it would rhyme with a neighbour. usual:
    the classes by the readings in use, if they are others.
    """
    usual = usual or classes
    paths: dict[str, Path] = {}
    for at, tones in enumerate(classes):
        after: dict[str, Path] = {}
        for kind in candidates(at):
            if kind == "a拗" and not mends(classes, at, length):
                continue
            line = compare(tones, kind, length, usual[at])
            steps = (step(at, last, path, kind) for last, path in paths.items())
            before = min(steps, key=cheapness, default=NOWHERE)
            rhymed = at == 0 and kind in "AB"
            price = WRONG_TONE * len(line.misfits) + false_rhyme * rhymed
            rare = len(line.rare) + (kind == "a拗" and not mends(usual, at, length))
            doubt = RARE_READING * rare + BORROWED_RHYME * (borrowed and rhymed)
            after[kind] = Path(
                before.price + price,
                before.false_rhyme + false_rhyme * rhymed,
                before.doubt + doubt,
                (*before.lines, line),
            )
        paths = after
    return min(paths.values(), key=cheapness).lines


def cheapness(path: Path) -> tuple[int, int, int]:
    """Sort by the price, in which a wrong tone weighs more than a false rhyme; then by the doubt."""
    return path.price, -path.false_rhyme, path.doubt


def step(at: int, last: str, path: Path, kind: str) -> Path:
    """The path that ends in `last`, with what it costs to put `kind` after it as line `at`."""
    return replace(path, price=path.price + misplaced(at, last, kind))


def candidates(at: int) -> tuple[str, ...]:
    """The kinds that line `at` may be: lines of odd index rhyme, the others don't, the first is free."""
    if at == 0:
        return LINE_KINDS
    return ("A", "B") if at % 2 else ("a", "b", "a拗")


def mends(classes: Sequence[str], at: int, length: int) -> bool:
    """Whether the line after line `at` has the level third (of the last five) that mends a拗."""
    following = classes[at + 1] if at + 1 < len(classes) else ""
    return len(following) == length and fits(following[-3], LEVEL)


def misplaced(at: int, last: str, kind: str) -> int:
    """The price of `kind` after `last`: nothing where 粘 or 对 holds."""
    return 0 if is_placed(at, last, kind) else MISPLACED


def is_placed(at: int, last: str, kind: str) -> bool:
    """Whether `kind` may follow `last` as line `at`: 对 within a couplet, 粘 between couplets."""
    if at % 2:
        return OPPOSED[last[0]] == kind and (last != "a拗" or kind == "B")
    return last.lower() == kind[0]


def compare(tones: str, kind: str, length: int, usual: str) -> Line:
    """The pattern of `kind` that fits best, and the places where the line departs from it.

    Of two that fit equally well it is the one that the last three characters keep: 仄平仄平仄 is 平平仄平仄 with a
    wrong first tone, and not 中平中仄仄 with a wrong fourth.
    """
    if len(tones) != length:
        return Line(kind, KINDS[length][kind][0], (), ())
    lines = [against(pattern, kind, tones, usual) for pattern in KINDS[length][kind]]
    return min(
        lines,
        key=lambda line: (len(line.misfits), len(line.rare), max(line.misfits, default=0) >= length - 3),
    )


def against(pattern: str, kind: str, tones: str, usual: str) -> Line:
    """The line of that kind and pattern that has these tones, by all readings and by those in use."""
    wrong = tuple(at for at, tone in enumerate(tones) if not fits(tone, pattern[at]))
    rare = tuple(at for at, tone in enumerate(usual) if not fits(tone, pattern[at]) and at not in wrong)
    return Line(kind, pattern, wrong, rare)
