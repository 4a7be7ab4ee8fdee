"""Where the first stanza of a tune ends. The poems are stored without stanzas, so this is inferred.

The two stanzas of a tune (双调: 前段 and 后段) are sung to the same music but for a few bars, mostly the first
ones. So the break is where what follows is most like what comes before, line by line from the end. The few tunes
for which that is wrong stand in tables/tune_stanzas.tsv with the book that says better.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from itertools import accumulate
from types import MappingProxyType

from shici.prosody.patterns import FREE
from shici.prosody.readings import rows
from shici.prosody.tunes import STOP, TuneLine

# A tune of so many characters has one stanza (单调). A stanza has no smaller share of a tune than this.
ONE_STANZA, SMALLEST = 35, 0.35


def stanza_end(tune: str, lines: Sequence[TuneLine]) -> int | None:
    """The index of the last line of the first stanza; None for a tune of one stanza."""
    ends = list(accumulate(len(line.pattern) for line in lines))
    total = ends[-1]
    known = known_stanzas().get(tune, 0)
    if known in ends:
        return ends.index(known) if known < total else None
    if total <= ONE_STANZA:
        return None
    candidates = [
        at
        for at, line in enumerate(lines)
        if line.end == STOP and SMALLEST <= ends[at] / total <= 1 - SMALLEST
    ]
    return max(candidates, key=lambda at: likeness(lines[: at + 1], lines[at + 1 :]), default=None)


@cache
def known_stanzas() -> Mapping[str, int]:
    """Tune -> the characters of its first stanza, where a book had to be asked."""
    return MappingProxyType({name: int(cells[0]) for name, cells in rows("tune_stanzas.tsv")})


def likeness(first: Sequence[TuneLine], second: Sequence[TuneLine]) -> float:
    """The share of characters in lines that are alike, counted from the end of both stanzas."""
    pairs = zip(reversed(first), reversed(second), strict=False)
    alike = sum(2 * len(one.pattern) for one, other in pairs if same_music(one, other))
    return alike / sum(len(line.pattern) for line in (*first, *second))


def same_music(one: TuneLine, other: TuneLine) -> bool:
    """Whether two lines are as long, rhyme or don't, and have no place where one wants 平 and the other 仄."""
    if len(one.pattern) != len(other.pattern) or (one.rhyme is None) != (other.rhyme is None):
        return False
    return all(a == b or FREE in (a, b) for a, b in zip(one.pattern, other.pattern, strict=True))
