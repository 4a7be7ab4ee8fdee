"""How often real poems use a character again: limits that 95 % of them keep, by genre and length.

scripts/measure_repeats.py prints the table from the prepared corpus.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RepeatLimits:
    """doublings: how many times a character may follow itself (叠字: 萧萧). repeats: how many characters may stand
    again elsewhere. times: how often any one character may be used, 2 or more.
    """

    doublings: int
    repeats: int
    times: int


# Up to so many characters (0: more): the limits. Regulated verse and 词 of the training split.
VERSE_LIMITS = {
    27: RepeatLimits(1, 2, 2),
    55: RepeatLimits(1, 2, 2),
    69: RepeatLimits(2, 3, 2),
    97: RepeatLimits(2, 4, 2),
    111: RepeatLimits(2, 6, 2),
    0: RepeatLimits(3, 29, 4),
}
TUNE_LIMITS = {
    27: RepeatLimits(1, 3, 2),
    55: RepeatLimits(2, 6, 3),
    69: RepeatLimits(2, 7, 3),
    97: RepeatLimits(2, 11, 4),
    111: RepeatLimits(3, 11, 3),
    0: RepeatLimits(3, 18, 4),
}


def repeat_limits(characters: int, *, tune: bool) -> RepeatLimits:
    """The limits of a 诗, or of a 词 (tune), of so many characters."""
    table = TUNE_LIMITS if tune else VERSE_LIMITS
    return next((limits for most, limits in table.items() if characters <= most), table[0])
