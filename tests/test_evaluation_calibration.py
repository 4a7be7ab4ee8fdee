"""Calibration of known distributions, and the loss at each place of a line.

Run: pytest tests/test_evaluation_calibration.py
"""

from __future__ import annotations

import numpy as np
import pytest
import torch

from shici.corpus.document import Document
from shici.evaluation.calibration import Candidates, by_place, calibration_report, reliability
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
    assert found["odd"][0]["error"] == pytest.approx(np.std([1, 7, 3, 7]) / 2)


def test_only_poems_of_that_length_have_places() -> None:
    uneven = Document("甲乙，丙丁戊。")
    assert by_place([uneven], [scored_with([1.0] * 8)], 2) == {"odd": [], "even": []}
