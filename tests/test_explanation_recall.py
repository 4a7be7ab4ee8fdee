"""The suffix array against the slow way, and the longest runs of a verse in a small training text.

Run: pytest tests/test_explanation_recall.py
"""

from __future__ import annotations

import shutil
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shici.errors import CorpusError
from shici.explanation.recall import TrainingText, baseline, build_index, load_index, open_text, recall
from shici.explanation.suffixes import LARGEST, longest, span, suffix_array
from tests.tiny import tiny_dataset, tiny_documents

rows = st.lists(st.integers(0, 3), max_size=60)


def array(tokens: list[int]) -> np.ndarray:
    return np.array(tokens, np.uint16)


@given(rows)
def test_places_are_sorted_by_what_follows(tokens: list[int]) -> None:
    order = suffix_array(array(tokens))
    assert order.tolist() == sorted(range(len(tokens)), key=lambda place: tokens[place:])


@pytest.mark.parametrize("tokens", [[5] * 300, [1, 2] * 200, list(range(50)) * 5, [LARGEST, 0, LARGEST]])
def test_repetitive_texts(tokens: list[int]) -> None:
    order = suffix_array(array(tokens))
    assert order.tolist() == sorted(range(len(tokens)), key=lambda place: tokens[place:])


def test_a_token_that_leaves_no_room_for_the_end() -> None:
    with pytest.raises(ValueError, match="16 bits"):
        suffix_array(array([LARGEST + 1]))


@given(rows, st.lists(st.integers(0, 3), min_size=1, max_size=8))
def test_runs_are_found_and_counted(tokens: list[int], run: list[int]) -> None:
    text, order = array(tokens), suffix_array(array(tokens))
    at = [place for place in range(len(tokens)) if tokens[place : place + len(run)] == run]
    low, high = span(text, order, run)
    assert sorted(order[low:high].tolist()) == at
    reach = max(
        (n for n in range(len(run) + 1) for p in range(len(tokens)) if tokens[p : p + n] == run[:n]),
        default=0,
    )
    assert longest(text, order, run) == reach


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> TrainingText:
    folder = tmp_path_factory.mktemp("data") / "tiny"
    tiny_dataset(folder)
    opened = open_text(folder)
    assert not opened.indexed
    build_index(opened)
    return opened


VERSE = "白日依山尽，床前明月光！"


def test_the_longest_run_that_ends_in_each_character(text: TrainingText) -> None:
    verses = [document.body for document in tiny_documents()]
    fields = [part for one in tiny_documents() for part in (one.author, one.title)]
    found = recall(text, load_index(text), VERSE)
    assert [one.length for one in found] == [1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 0]
    for place, one in enumerate(found):
        run = VERSE[place + 1 - one.length : place + 1]
        everywhere = [*verses, *fields]
        times = sum(body[at:].startswith(run) for body in everywhere for at in range(len(body)) if run)
        assert one.count == times
    for before, one in pairwise(found):
        assert one.context == before.length
        assert one.length <= before.length + 1
        assert one.continued == (one.count if one.length == before.length + 1 else 0)
    assert found[4].continued == found[4].context_count  # 白日依山 goes on with 尽 wherever it stands


def test_the_source_is_a_poem_with_that_run(text: TrainingText) -> None:
    found = recall(text, load_index(text), VERSE)
    source = found[5].source
    assert source is not None
    assert source.body.endswith("白日依山尽，")
    assert source.author in ("", "李白", "王维", "杜甫", "孟浩然")
    assert source.body in [document.body[: len(source.body)] for document in tiny_documents()]
    assert found[-1].source is None


def test_a_character_that_the_text_lacks_breaks_the_run(text: TrainingText) -> None:
    assert [one.length for one in recall(text, load_index(text), "白日龘依山尽")] == [1, 2, 0, 1, 2, 3]


def test_held_out_poems_give_the_baseline(text: TrainingText) -> None:
    found = baseline(text, load_index(text))
    assert found is not None
    assert found.poems == 8
    # the tiny val.bin is part of the tiny train.bin: every poem is found whole
    bodies = [document.body for document in tiny_documents()[:8]]
    assert found.longest_most == max(map(len, bodies))
    lengths = [place + 1 for body in bodies for place in range(len(body))]
    assert found.mean == pytest.approx(np.mean(lengths))


def test_another_text_has_another_index(text: TrainingText, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(text.folder, folder)
    assert open_text(folder).indexed
    with (folder / "train.bin").open("ab") as more:
        more.write(b"\x01\x00")
    assert not open_text(folder).indexed


def test_what_is_missing_or_damaged_is_said(text: TrainingText, tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"prepare\.py"):
        open_text(tmp_path)
    folder = tmp_path / "copy"
    shutil.copytree(text.folder, folder)
    opened = open_text(folder)
    opened.index.write_bytes(b"no array")
    with pytest.raises(CorpusError, match="索引"):
        load_index(opened)
    with (folder / "train.bin").open("ab") as more:
        more.write(b"\x01")
    with pytest.raises(CorpusError, match="残缺"):
        open_text(folder)
