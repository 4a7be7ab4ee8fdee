"""Intervals: by hand, by textbook, by how often they hold. Run: pytest tests/test_evaluation_statistics.py"""

from __future__ import annotations

import math

import numpy as np
import pytest

from shici.evaluation.card import section
from shici.evaluation.model import plain
from shici.evaluation.statistics import ratio, share
from shici.evaluation.table import interval


def test_a_ratio_and_its_interval() -> None:
    """Twice as many nats as characters everywhere: no doubt. Else near the normal law of a mean: 1.96 s / sqrt(n)."""
    counts = np.array([3.0, 5.0, 7.0, 9.0] * 8)
    sure = ratio(2 * counts, counts, seed=0)
    assert (sure.value, sure.low, sure.high) == pytest.approx((2, 2, 2))
    values = np.random.default_rng(0).normal(4.0, 1.0, size=400)
    found = ratio(values, np.ones(400), seed=1)
    assert found.value == pytest.approx(values.mean())
    assert found.high - found.low == pytest.approx(2 * 1.96 * values.std() / 20, rel=0.1)
    assert ratio(values, np.ones(400), seed=1) == found
    assert math.isnan(ratio(np.zeros(2), np.zeros(2), seed=0).value)


@pytest.mark.parametrize("poems", [1, 2, 29])
def test_few_poems_have_no_interval(poems: int) -> None:
    """Nor have many, of which few count."""
    values = np.arange(1.0, 41.0)
    found = ratio(values[:poems], np.ones(poems), seed=0)
    assert found.value == pytest.approx(values[:poems].mean())
    assert math.isnan(found.low)
    assert math.isnan(found.high)
    few = (np.arange(40) < poems).astype(np.float64)
    assert math.isnan(ratio(values * few, few, seed=0).low)


@pytest.mark.parametrize("poems", [30, 60])
def test_an_interval_holds_the_truth_as_often_as_it_says(poems: int) -> None:
    """Of 400 samples of poems of uneven length, with means that lean to one side: 95 %, give or take what 400 tell."""
    generator, held = np.random.default_rng(poems), 0
    for number in range(400):
        counts = generator.integers(20, 200, poems).astype(np.float64)
        totals = counts * (3 + generator.gamma(4.0, 0.25, poems))  # 4 nats a character
        found = ratio(totals, counts, seed=number, rounds=300)
        held += found.low <= 4 <= found.high
    assert 0.90 <= held / 400 <= 0.98


@pytest.mark.parametrize("poems", [20, 30, 60])
def test_a_share_that_is_drawn_again_stays_a_share(poems: int) -> None:
    """One hit in so many: its interval doesn't go below nothing, its complement's not beyond all."""
    hit = (np.arange(poems) == 0).astype(np.float64)
    for totals in (hit, 1 - hit):
        found = ratio(totals, np.ones(poems), seed=1)
        assert math.isnan(found.low) if poems < 30 else 0 <= found.low <= found.value <= found.high <= 1


def test_a_share_and_its_interval() -> None:
    """Wilson's interval of 8 in 10 and of none in 10, as textbooks have them."""
    found = share(8, 10)
    assert (found.value, found.low, found.high) == pytest.approx((0.8, 0.4902, 0.9433), abs=1e-4)
    none = share(0, 10)
    assert (none.value, none.low, none.high) == pytest.approx((0.0, 0.0, 0.2775), abs=1e-4)
    assert math.isnan(share(0, 0).value)


def test_no_interval_is_a_dash_and_null() -> None:
    few = plain({"nats": 3.5, "bits": 5.05, "low": math.nan, "high": math.nan, "characters": 24})
    assert few["low"] is None
    assert interval(few) == "—"
    assert interval({"low": 3.0, "high": 4.25}) == "[3.000, 4.250]"
    report = {
        "settings": {"samples": 1, "seed": 0, "limit": 1},
        "data": {"split": "test"},
        "ccpc": {"poems": 1, "all": {"bare": few}, "ideographs": {"bare": few}},
    }
    assert "| 全部 all | 3.500 — |" in section(report)
