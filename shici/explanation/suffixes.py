"""A suffix array: all places of a row of tokens, in the order of what is read from there on.

Any run of tokens is then found by bisection, exactly and with the number of times it occurs (Manber and Myers 1990).
Built by prefix doubling, only for the places that are not told apart yet (Larsson and Sadakane 1999), with NumPy's
sort: a library in C would be faster, but this needs none.

Letters: N tokens.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

FIRST = 4  # tokens that all places are sorted by at first
LARGEST = 2**16 - 2  # a token, for 0 stands for "past the end"

Tokens = npt.NDArray[np.uint16]
Places = npt.NDArray[np.int32]
Tell = Callable[[str], None]


def suffix_array(text: Tokens, tell: Tell = lambda told: None) -> Places:
    """(N,) the places of `text` (N,), sorted by what follows; a text that ends earlier comes first.

    tell: is told of each round. Raises ValueError for a token above LARGEST or a text of 2^31 tokens and more.
    """
    count = len(text)
    if count >= 2**31 or (count and int(text.max()) > LARGEST):
        raise ValueError("too long, or a token that does not fit in 16 bits beside the end")
    order, changes = sorted_by_first(text)
    rank = np.empty(count, np.int32)  # of each place: where its group of equals begins
    rank[order] = group_starts(changes)
    length = FIRST
    while True:
        alone = changes & np.append(changes[1:], True)[:count]
        open_slots = np.flatnonzero(~alone)
        tell(f"{length}: {len(open_slots)}")
        if not len(open_slots):
            return order
        places = order[open_slots].astype(np.int64)
        further = np.where(places + length < count, rank[np.minimum(places + length, count - 1)] + 1, 0)
        pairs = (rank[places].astype(np.int64) << 32) | further
        by = np.argsort(pairs)
        order[open_slots], pairs = places[by], pairs[by]
        changes[open_slots] = np.append(True, pairs[1:] != pairs[:-1])
        rank[order[open_slots]] = group_starts(changes)[open_slots]
        length *= 2


def sorted_by_first(text: Tokens) -> tuple[Places, npt.NDArray[np.bool_]]:
    """(N,) the places sorted by their first FIRST tokens, and for each slot whether these differ from the last slot's.

    By one token after another, the last first: NumPy sorts 16 bits by radix, much faster than 64 by comparison.
    """
    count = len(text)
    padded = np.append(text + np.uint16(1), np.zeros(FIRST - 1, np.uint16))  # past the end 0
    order = np.arange(count, dtype=np.int32)
    for offset in reversed(range(FIRST)):
        order = order[np.argsort(padded[offset : offset + count][order], kind="stable")]
    changes = np.zeros(count, np.bool_)
    changes[:1] = True
    for offset in range(FIRST):
        sorted_tokens = padded[offset : offset + count][order]
        changes[1:] |= sorted_tokens[1:] != sorted_tokens[:-1]
    return order, changes


def group_starts(changes: npt.NDArray[np.bool_]) -> Places:
    """For each slot the slot where its group begins."""
    slots = np.where(changes, np.arange(len(changes), dtype=np.int32), 0)
    return np.maximum.accumulate(slots).astype(np.int32) if len(slots) else slots


def span(text: Tokens, order: Places, run: Sequence[int]) -> tuple[int, int]:
    """From and to which slot of `order` the places lie where `run` stands; empty if it does not occur."""
    wanted = list(run)
    size = len(wanted)
    low = bisect(text, order, size, lambda found: found < wanted)
    high = bisect(text, order, size, lambda found: found <= wanted, low)
    return low, high


def bisect(text: Tokens, order: Places, size: int, before: Callable[[list[int]], bool], low: int = 0) -> int:
    """The first slot from `low` on of whose first `size` tokens `before` is false."""
    high = len(order)
    while low < high:
        middle = (low + high) // 2
        place = int(order[middle])
        if before(text[place : place + size].tolist()):
            low = middle + 1
        else:
            high = middle
    return low


def longest(text: Tokens, order: Places, run: Sequence[int]) -> int:
    """How many of the first tokens of `run` stand together somewhere in the text."""
    wanted = list(run)
    at = bisect(text, order, len(wanted), lambda found: found < wanted)
    near = [int(order[slot]) for slot in (at - 1, at) if 0 <= slot < len(order)]
    return max((agreement(text[place : place + len(wanted)].tolist(), wanted) for place in near), default=0)


def agreement(one: Sequence[int], other: Sequence[int]) -> int:
    """How many tokens two rows begin with in common."""
    for place, (a, b) in enumerate(zip(one, other, strict=False)):
        if a != b:
            return place
    return min(len(one), len(other))
