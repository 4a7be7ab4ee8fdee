"""Calibration of known distributions, and the loss at each place of a line.

Run: pytest tests/test_evaluation_calibration.py
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from shici.corpus.document import Document
from shici.evaluation.calibration import Candidates, by_place, calibration_report, reliability
from shici.evaluation.model import plain
from shici.evaluation.pictures import draw_places
from shici.evaluation.scoring import Scored, score
from shici.evaluation.text import Speller
from tests.tiny_writer import POEMS, VOCABULARY, tiny_model


def test_reliability_by_hand() -> None:
    """Ten at 0.9 of which nine come, and ten at 0.5 of which eight: gaps 0 and 0.3, half the predictions each."""
    confidence = np.array([0.9] * 10 + [0.5] * 10)
    hit = np.array([True] * 9 + [False] + [True] * 8 + [False] * 2)
    found = reliability(confidence, hit)
    assert found["ece"] == pytest.approx(0.15)
    assert found["accuracy"] == pytest.approx(17 / 20)
    assert found["confidence"] == pytest.approx(0.7)
    assert [row["predictions"] for row in found["bins"]] == [10, 10]
    assert found["bins"][0]["accuracy"] == pytest.approx(0.8)
    assert found["bins"][0]["low"] == pytest.approx(7 / 15)


def test_gaps_within_a_bin_may_cancel_but_not_across_bins() -> None:
    over, under = np.array([0.95] * 4), np.array([0.15] * 4)
    hits = np.array([True, True, False, False, True, True, False, False])
    assert reliability(np.concatenate([over, under]), hits)["ece"] == pytest.approx((0.45 + 0.35) / 2)


def test_certainty_has_a_bin_and_nan_does_not_count() -> None:
    found = reliability(np.array([1.0, np.nan]), np.array([True, False]))
    assert (found["ece"], found["predictions"]) == (0.0, 1)
    assert reliability(np.array([np.nan]), np.array([False]))["bins"] == []


def test_a_calibrated_distribution_comes_true() -> None:
    """Targets drawn from the very distribution: in every bin as many come as its probabilities promise."""
    generator = torch.Generator().manual_seed(0)
    probabilities = torch.tensor([0.6, 0.25, 0.1, 0.04, 0.01])
    logits = probabilities.log().expand(20_000, -1) + 3.0  # a shift changes nothing
    targets = torch.multinomial(probabilities, 20_000, replacement=True, generator=generator)
    watcher = Candidates()
    for some, wanted in zip(logits.split(7_000), targets.split(7_000), strict=True):
        watcher(some, wanted)
    rows = watcher.report()
    assert [row["candidates"] for row in rows] == [20_000] * 5
    assert [row["probability"] for row in rows] == pytest.approx([0.01, 0.04, 0.1, 0.25, 0.6], rel=1e-4)
    for row in rows:
        doubt = 4 * np.sqrt(row["probability"] * (1 - row["probability"]) / 20_000)
        assert row["share"] == pytest.approx(row["probability"], abs=doubt)
    assert sum(row["came"] for row in rows) == 20_000


def test_an_overconfident_one_does_not() -> None:
    watcher = Candidates()
    watcher(torch.tensor([[4.0, 0.0]] * 10), torch.tensor([0, 1] * 5))
    low, high = watcher.report()
    assert low["share"] == high["share"] == 0.5
    assert high["probability"] == pytest.approx(0.982, abs=1e-3)


def test_candidates_of_a_model_are_all_of_them() -> None:
    model, speller, watcher = tiny_model(), Speller(VOCABULARY), Candidates()
    lines = [speller.line(Document(POEMS[0])), speller.line(Document(POEMS[2]))]
    scored = score(model, lines, watch=watcher)
    rows = watcher.report()
    predictions = sum(len(one.nats) for one in scored)
    assert sum(row["candidates"] for row in rows) == predictions * len(VOCABULARY)
    assert sum(row["came"] for row in rows) == predictions
    assert sum(row["probability"] * row["candidates"] for row in rows) == pytest.approx(predictions, rel=1e-5)
    report = calibration_report(lines, scored, rows)
    assert report["all"]["predictions"] == predictions
    assert report["ideographs"]["predictions"] == 20 + 14


def scored_with(nats: list[float]) -> Scored:
    size = len(nats)
    return Scored(np.array(nats), np.full(size, 0.5), np.zeros(size, np.bool_), np.ones(size, np.bool_))


def test_places_by_hand() -> None:
    """Two poems: the places of first and second lines apart, the mark last, line feed and end nowhere."""
    body = "甲乙，丙丁。\n戊己，庚辛。"
    one = scored_with([1, 2, 3, 4, 5, 6, 99, 7, 8, 9, 10, 11, 12, 99])
    other = scored_with([3, 2, 3, 4, 5, 6, 99, 7, 8, 9, 10, 11, 12, 99])
    found = by_place([Document(body)] * 2, [one, other], 2)
    assert [row["nats"] for row in found["odd"]] == [(1 + 7 + 3 + 7) / 4, 5, 6]
    assert [row["nats"] for row in found["even"]] == [7, 8, 9]
    assert [row["place"] for row in found["even"]] == [1, 2, 3]
    assert found["odd"][0]["count"] == 4
    assert found["odd"][0]["poems"] == 2
    # totals 8 and 10 of 2 characters each: residuals -1 and 1
    assert found["odd"][0]["error"] == pytest.approx(np.sqrt(2 / 1 * (1 + 1)) / 4)
    assert found["odd"][1]["error"] == 0


def test_characters_of_one_poem_are_no_independent_evidence() -> None:
    """Ten poems, each with a level of its own: four characters a place say no more than one does."""
    body = "甲乙，丙丁。\n" * 3 + "甲乙，丙丁。"
    levels = np.random.default_rng(0).normal(4, 1, 10)
    long = by_place([Document(body)] * 10, [scored_with([level] * 28) for level in levels], 2)
    short = by_place([Document(body[:6])] * 10, [scored_with([level] * 7) for level in levels], 2)
    assert [row["count"] for row in long["odd"]] == [40] * 3
    for row, other in zip(long["odd"], short["odd"], strict=True):
        assert (
            row["error"]
            == pytest.approx(other["error"])
            == pytest.approx(np.std(levels, ddof=1) / np.sqrt(10))
        )


def test_a_single_poem_has_no_error(tmp_path: Path) -> None:
    found = by_place([Document("甲乙，丙丁。")], [scored_with([1.0] * 7)], 2)
    assert np.isnan(found["odd"][0]["error"])
    draw_places({"2": {"bare": plain(found)}}, tmp_path / "x.png")


@pytest.mark.parametrize(
    ("body", "odd", "even"),
    [
        ("甲乙！？丙丁。", [[0], [1], [2]], [[4], [5], [6]]),
        ("“甲乙，丙丁。”\n戊己，庚辛。", [[1, 9], [2, 10], [3, 11]], [[4, 12], [5, 13], [6, 14]]),
        ("甲乙”，丙丁。", [[0], [1], [2]], [[4], [5], [6]]),
        ("甲乙\n丙丁\n戊己\n庚辛", [[0, 6], [1, 7]], [[3, 9], [4, 10]]),
        ("甲乙，\n丙丁。\n", [[0], [1], [2]], [[4], [5], [6]]),
    ],
    ids=["two marks", "quotation marks", "a quotation mark inside", "no marks", "a line a verse"],
)
def test_marks_do_not_shift_places(body: str, odd: list[list[int]], even: list[list[int]]) -> None:
    """The loss of each character is its index, so that the means tell which were taken."""
    found = by_place([Document(body)], [scored_with([float(at) for at in range(len(body) + 1)])], 2)
    assert [row["nats"] for row in found["odd"]] == [np.mean(one) for one in odd]
    assert [row["nats"] for row in found["even"]] == [np.mean(one) for one in even]


def test_only_poems_of_that_length_have_places() -> None:
    uneven = Document("甲乙，丙丁戊。")
    assert by_place([uneven], [scored_with([1.0] * 8)], 2) == {"odd": [], "even": []}
