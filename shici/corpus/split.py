"""Training, validation and test: 98/1/1 by cluster, from a hash of the text alone.

The hash is that of the cluster's first poem in the order of preference: the member least likely to change
when the corpus grows, since new poems come later in that order. (The smallest hash of all members would move
with every second newcomer.) So a poem's place never depends on how many others there are, nor on a seed.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b

SPLITS = ("train", "val", "test")
_SHARE = 0.01


def text_hash(text: str) -> int:
    """64 bits of BLAKE2b of a text's characters."""
    return int.from_bytes(blake2b(text.encode("utf-8"), digest_size=8).digest(), "big")


def split_of(first_hash: int) -> str:
    """train, val or test for the cluster whose first poem has this `text_hash`."""
    place = first_hash / 2**64
    return "test" if place < _SHARE else "val" if place < 2 * _SHARE else "train"


def assign(hashes: Sequence[int], clusters: Sequence[int]) -> list[str]:
    """The split of each poem. hashes: `text_hash` of each. clusters: index of each one's first relative."""
    return [split_of(hashes[cluster]) for cluster in clusters]
