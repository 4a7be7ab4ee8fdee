"""Training, validation and test, from hashes of the texts alone: the corpus by cluster, one's own text by rank.

The corpus is parted 98/1/1 by where its hashes fall. The hash is that of the cluster's first poem in the order of
preference: the member least likely to change when the corpus grows, since new poems come later in that order. (The
smallest hash of all members would move with every second newcomer.) So a poem's place never depends on how many others
there are, nor on a seed.

A text of one's own may be too short to leave that to chance, or may itself be a part of the corpus in the order of
these hashes. So of that the texts of lowest hash validate and test, however low or high these are.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b

SPLITS = ("train", "val", "test")
Splits = list[
    tuple[str, ...]
]  # of each document those that it goes to: one, or both of a document that is alone
_SHARE = 0.01
FEW_DOCUMENTS = 20  # below it a text is validated on one document, and none is left to test


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


def by_cluster(hashes: Sequence[int], clusters: Sequence[int]) -> Splits:
    """The splits of the corpus; see `assign`."""
    return fill_validation(assign(hashes, clusters), hashes)


def fill_validation(splits: Sequence[str], hashes: Sequence[int]) -> Splits:
    """The splits that each document goes to, with at least one document in both training and validation.

    Where chance has left one of the two empty, the document of lowest hash validates and the others train;
    a document that is alone does both.
    """
    if {"train", "val"} <= set(splits):
        return [(split,) for split in splits]
    if len(splits) == 1:
        return [("train", "val")]
    lowest = min(range(len(splits)), key=hashes.__getitem__)
    return [("val",) if index == lowest else ("train",) for index in range(len(splits))]


def by_rank(hashes: Sequence[int]) -> Splits:
    """The splits of a text of one's own: the lowest hashes validate, the next as many test, the others train.

    Equal hashes, of texts that differ in marks or headings alone, stay together.
    """
    order = sorted(set(hashes))
    if len(order) == 1:
        return [("train", "val")] * len(hashes)
    held = held_documents(len(order))
    testing = held if len(order) >= FEW_DOCUMENTS else 0
    split = {
        value: ("val",) if rank < held else ("test",) for rank, value in enumerate(order[: held + testing])
    }
    return [split.get(value, ("train",)) for value in hashes]


def held_documents(count: int) -> int:
    """How many of `count` documents validate: a tenth, at most 100, of more than 10,000 one in a hundred."""
    return max(1, min(count // 10, 100), int(_SHARE * count))
