"""The sampler's stages against a slow reference, row by row. Run: pytest tests/test_generation_sampler.py"""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from shici.errors import ConfigError, GenerationError
from shici.generation.sampler import Cuts, Dice, cut, draw, entropy, take_step

CUTS = [
    Cuts(),
    Cuts(temperature=0.5),
    Cuts(top_k=1),
    Cuts(top_k=3),
    Cuts(top_k=1000),
    Cuts(top_p=0.0),
    Cuts(top_p=0.6),
    Cuts(top_p=0.999),
    Cuts(min_p=0.2),
    Cuts(min_p=1.0),
    Cuts(temperature=1.7, top_k=8, top_p=0.9, min_p=0.05),
]


def reference(logits: list[float], allowed: list[bool], cuts: Cuts) -> list[float]:
    """Temperature, softmax, top-k, top-p, min-p by the definition, on plain numbers."""
    scaled = [
        logit / cuts.temperature if ok else -math.inf for logit, ok in zip(logits, allowed, strict=True)
    ]
    weights = [math.exp(x - max(scaled)) for x in scaled]
    p = [weight / sum(weights) for weight in weights]
    if cuts.top_k:
        kth = sorted(p, reverse=True)[: cuts.top_k][-1]
        p = [x if x >= kth else 0.0 for x in p]
        p = [x / sum(p) for x in p]
    if cuts.top_p < 1:
        mass, threshold = 0.0, 0.0
        for x in sorted(p, reverse=True):
            mass, threshold = mass + x, x
            if mass >= cuts.top_p:
                break
        p = [x if x >= threshold else 0.0 for x in p]
        p = [x / sum(p) for x in p]
    p = [x if x >= cuts.min_p * max(p) else 0.0 for x in p]
    return [x / sum(p) for x in p]


def random_logits(batch: int, size: int, seed: int = 0) -> Tensor:
    return 3 * torch.randn(batch, size, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("cuts", CUTS, ids=str)
@pytest.mark.parametrize("size", [1, 7, 40])
def test_the_stages_are_the_references(cuts: Cuts, size: int) -> None:
    logits = random_logits(5, size)
    allowed = torch.rand(5, size, generator=torch.Generator().manual_seed(1)) < 0.7
    allowed[:, 0] = True
    step = take_step(logits, allowed, cuts, torch.linspace(0, 0.99, 5, dtype=torch.float64))
    for row in range(5):
        expected = reference(logits[row].tolist(), allowed[row].tolist(), cuts)
        assert step.kept[row].tolist() == pytest.approx(expected, rel=1e-5, abs=1e-12)
        before = reference(logits[row].tolist(), allowed[row].tolist(), Cuts(cuts.temperature))
        assert step.probabilities[row].tolist() == pytest.approx(before, rel=1e-5, abs=1e-12)


@given(
    logits=st.lists(st.floats(-200, 200, width=32), min_size=1, max_size=30),
    temperature=st.floats(0.01, 50),
    top_k=st.integers(0, 40),
    top_p=st.floats(0, 1),
    min_p=st.floats(0, 1),
    uniform=st.floats(0, 1, exclude_max=True),
)
def test_whatever_the_numbers_a_likely_token_is_drawn(
    logits: list[float], temperature: float, top_k: int, top_p: float, min_p: float, uniform: float
) -> None:
    values = torch.tensor([logits])
    allowed = torch.ones_like(values, dtype=torch.bool)
    cuts = Cuts(temperature, top_k, top_p, min_p)
    step = take_step(values, allowed, cuts, torch.tensor([uniform], dtype=torch.float64))
    assert float(step.probabilities.sum()) == pytest.approx(1, abs=1e-9)
    assert float(step.kept.sum()) == pytest.approx(1, abs=1e-9)
    assert float(step.kept[0, int(step.drawn)]) > 0
    assert float(step.kept[0, int(values.argmax())]) > 0, "the most likely is always kept"


def test_equally_likely_candidates_are_kept_or_dropped_together() -> None:
    p = torch.tensor([[0.3, 0.2, 0.2, 0.2, 0.1]], dtype=torch.float64)
    for cuts in (Cuts(top_k=2), Cuts(top_p=0.4)):
        assert (cut(p, cuts) > 0).tolist() == [[True, True, True, True, False]]


def test_a_wide_nucleus_is_found_beyond_the_first_candidates() -> None:
    p = torch.softmax(random_logits(3, 3000) / 100, dim=-1, dtype=torch.float64)  # nearly flat
    kept = cut(p, Cuts(top_p=0.9)) > 0
    for row in range(3):
        ordered = p[row].sort(descending=True).values.cumsum(0)
        assert int(kept[row].sum()) == int((ordered < 0.9).sum()) + 1


def test_draws_fall_as_the_probabilities_say() -> None:
    p = torch.tensor([[0.5, 0.0, 0.25, 0.25, 0.0]], dtype=torch.float64)
    uniforms = torch.tensor([0.0, 0.4999, 0.5, 0.7499, 0.75, 1 - 2**-53], dtype=torch.float64)
    assert draw(p.expand(6, -1), uniforms).tolist() == [0, 0, 2, 2, 3, 3]
    many = Dice(0, range(4000)).roll()
    shares = torch.bincount(draw(p.expand(4000, -1), many), minlength=5) / 4000
    assert shares.tolist() == pytest.approx(p[0].tolist(), abs=0.03)


def test_a_poems_dice_do_not_depend_on_the_others() -> None:
    together, alone = Dice(7, range(8)), Dice(7, [5])
    first = together.roll()
    assert first[5] == alone.roll()[0]
    assert len(set(first.tolist())) == 8
    together.select(torch.tensor([2, 5]))
    assert together.roll()[1] == alone.roll()[0]


def test_entropy_and_rank() -> None:
    logits = torch.log(torch.tensor([[0.5, 0.25, 0.25], [0.1, 0.2, 0.7]]))
    step = take_step(logits, torch.ones(1, 3, dtype=torch.bool), Cuts(), torch.tensor([0.6, 0.05]))
    assert step.drawn.tolist() == [1, 0]
    assert step.rank().tolist() == [2, 3]
    expected = [1.5 * math.log(2), -sum(p * math.log(p) for p in (0.1, 0.2, 0.7))]
    assert entropy(step.probabilities).tolist() == pytest.approx(expected, rel=1e-6)
    assert entropy(torch.eye(2, dtype=torch.float64)).tolist() == [0, 0]


def test_an_impossible_constraint_and_broken_logits_are_told_apart() -> None:
    uniforms = torch.zeros(2, dtype=torch.float64)
    allowed = torch.tensor([[True, True], [False, False]])
    with pytest.raises(GenerationError, match="要求太严"):
        take_step(torch.zeros(2, 2), allowed, Cuts(), uniforms)
    for broken in (math.nan, math.inf):
        logits = torch.tensor([[0.0, 1.0], [0.0, broken]])
        with pytest.raises(GenerationError, match="logit"):
            take_step(logits, torch.ones(1, 2, dtype=torch.bool), Cuts(), uniforms)


@pytest.mark.parametrize(
    "bad",
    [{"temperature": 0}, {"temperature": 1e-45}, {"temperature": math.inf}, {"top_k": -1}, {"top_p": 1.1}],
)
def test_impossible_cuts_are_refused(bad: dict[str, float]) -> None:
    with pytest.raises(ConfigError):
        Cuts(**bad)  # type: ignore[arg-type]
