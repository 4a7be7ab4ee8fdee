"""How varied poems are: distinct n-grams over all of them, and repetition within each.

distinct-n falls as more text is looked at, so what is compared must be cut to the same number of characters;
repetition grows with a poem's length, so it is compared form by form.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from shici.corpus.characters import han_only, verse_lines


def han_count(bodies: Sequence[str]) -> int:
    """Ideographs of all poems together."""
    return sum(len(han_only(body)) for body in bodies)


def distinct(bodies: Sequence[str], n: int, budget: int) -> float:
    """distinct-n (Li et al. 2016): different n-grams / all, within verse lines, over the first `budget` characters.

    NaN where there is none.
    """
    grams: list[str] = []
    left = budget
    for body in bodies:
        for whole in verse_lines(body):
            line = whole[:left]
            left -= len(line)
            grams.extend(line[i : i + n] for i in range(len(line) - n + 1))
    return len(set(grams)) / len(grams) if grams else float("nan")


def repetition(bodies: Sequence[str]) -> float:
    """The mean over poems of the share of characters that stood in the same poem before; NaN for no poems."""
    shares = [1 - len(set(text)) / len(text) for text in map(han_only, bodies) if text]
    return float(np.mean(shares)) if shares else float("nan")


def repeated_poems(bodies: Sequence[str]) -> int:
    """How many poems are the very text of an earlier one."""
    return len(bodies) - len(set(bodies))
