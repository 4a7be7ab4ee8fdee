"""The couplets of a benchmark that must never be trained on, by their fingerprints (tables/README.md)."""

from __future__ import annotations

from functools import cache
from hashlib import blake2b
from importlib import resources
from itertools import pairwise

from shici.corpus.characters import han_only, segments


@cache
def heldout_fingerprints() -> frozenset[str]:
    """The table: 16 hexadecimal digits for each couplet."""
    path = resources.files("shici.corpus") / "tables" / "heldout_fingerprints.txt"
    return frozenset(path.read_text(encoding="ascii").split())


def fingerprints(text: str) -> list[str]:
    """Of every two consecutive segments of a poem in simplified characters (OpenCC t2s), in order."""
    bare = [han_only(segment) for segment in segments(text)]
    return [blake2b((a + b).encode("utf-8"), digest_size=8).hexdigest() for a, b in pairwise(bare)]


def is_held_out(text: str) -> bool:
    """Whether the poem shares a couplet with the benchmark's test split."""
    return not heldout_fingerprints().isdisjoint(fingerprints(text))
