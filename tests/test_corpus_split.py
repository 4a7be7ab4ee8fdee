"""98/1/1 from a hash, stable as the corpus grows; one's own text by rank. Run: pytest tests/test_corpus_split.py"""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shici.corpus.build import (
    classical_characters,
    common_characters,
    fewest_documents,
    restrict,
)
from shici.corpus.document import Document
from shici.corpus.split import assign, by_rank, fill_validation, split_of, text_hash


def test_the_hash_is_the_same_everywhere() -> None:
    assert text_hash("床前明月光") == 0x12FF56F2F9C71144


def test_shares() -> None:
    counts = Counter(split_of(text_hash(str(number))) for number in range(100_000))
    assert 97_700 < counts["train"] < 98_300
    assert 850 < counts["val"] < 1_150
    assert 850 < counts["test"] < 1_150


@given(st.lists(st.text(max_size=8), unique=True, max_size=30), st.lists(st.text(max_size=8), max_size=30))
def test_a_poem_keeps_its_place_when_the_corpus_grows(texts: list[str], more: list[str]) -> None:
    before = assign([text_hash(text) for text in texts], range(len(texts)))
    grown = texts + more
    assert assign([text_hash(text) for text in grown], range(len(grown)))[: len(texts)] == before


def test_a_cluster_goes_where_its_first_poem_goes() -> None:
    hashes = [text_hash(str(number)) for number in range(1000)]
    validating = next(number for number, value in enumerate(hashes) if split_of(value) == "val")
    training = next(number for number, value in enumerate(hashes) if split_of(value) == "train")
    assert assign([hashes[validating], hashes[training]], [0, 0]) == ["val", "val"]


@pytest.mark.parametrize(
    ("splits", "expected"),
    [
        (["train", "val", "test"], [("train",), ("val",), ("test",)]),
        (["train", "train", "train"], [("train",), ("val",), ("train",)]),
        (["val", "val"], [("train",), ("val",)]),
        (["test"], [("train", "val")]),
    ],
)
def test_small_texts_train_and_validate(splits: list[str], expected: list[tuple[str, ...]]) -> None:
    assert fill_validation(splits, [3, 1, 2][: len(splits)]) == expected


@pytest.mark.parametrize(
    ("documents", "held", "testing"),
    [
        (2, 1, 0),
        (19, 1, 0),
        (20, 2, 2),
        (30, 3, 3),
        (100, 10, 10),
        (400, 40, 40),
        (3000, 100, 100),
        (20_000, 200, 200),
    ],
)
def test_of_ones_own_text_the_lowest_validate_and_the_next_test(
    documents: int, held: int, testing: int
) -> None:
    hashes = [text_hash(str(number)) for number in range(documents)]
    splits = by_rank(hashes)
    counts = Counter(splits)
    assert counts == Counter({("val",): held, ("test",): testing, ("train",): documents - held - testing})
    ranked = [split for _, split in sorted(zip(hashes, splits, strict=True))]
    assert ranked[:held] == [("val",)] * held
    assert ranked[held + testing :] == [("train",)] * (documents - held - testing)


def test_rank_alone_decides_not_how_low_the_hashes_are() -> None:
    """As where one's own text is a slice of the corpus, which is in the order of its hashes."""
    assert Counter(by_rank(range(50))) == Counter({("val",): 5, ("test",): 5, ("train",): 40})


def test_the_same_text_with_another_heading_stays_with_it() -> None:
    hashes = [*range(40), *range(40)]
    splits = by_rank(hashes)
    assert splits[:40] == splits[40:]
    assert by_rank([7]) == [("train", "val")]
    assert by_rank([7, 7]) == [("train", "val"), ("train", "val")]


def test_a_rare_character_costs_a_body_but_only_the_field_of_a_name() -> None:
    documents = [
        Document("春江潮水", author="张若虚"),
        Document("春江花月", author="张龘"),
        Document("春江龘龘"),
    ]
    characters = common_characters(documents, 2) | set("潮水花月张若虚")
    assert "龘" in common_characters(documents, 2)
    without = frozenset(characters - {"龘"})
    assert restrict(documents[0], without) == documents[0]
    assert restrict(documents[1], without) == Document("春江花月")
    assert restrict(documents[2], without) is None


def test_the_oldest_verse_keeps_its_characters() -> None:
    documents = [
        Document("参差荇菜", dynasty="先秦"),
        Document("神龟虽寿", dynasty="汉"),
        Document("春江", dynasty="唐"),
    ]
    assert classical_characters(documents) == frozenset("参差荇菜神龟虽寿")


def test_a_small_choice_of_collections_loses_nothing() -> None:
    assert fewest_documents(305) == 1
    assert fewest_documents(300_000) > fewest_documents(20_000) > 1
