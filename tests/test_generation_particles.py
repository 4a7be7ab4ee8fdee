"""Laws of the particles. Run: pytest tests/test_generation_particles.py

That their evidence is unbiased and that the poems come to be distributed as the model's own is checked against exact
figures in test_evaluation_distortion.py.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from shici.evaluation.prosody_forms import Desk
from shici.generation.particles import Cloud, log_mean, systematic
from shici.generation.runtime import poems, poems_of_particles
from tests.tiny_verse import VOCABULARY, tiny_desk
from tests.verdicts import keeps_form

POEMS = 6
WEIGHTS = st.lists(st.floats(0, 1), min_size=1, max_size=40).filter(lambda weights: sum(weights) > 1e-3)


def shares(weights: list[float]) -> np.ndarray:
    return np.array(weights) / sum(weights)


@given(WEIGHTS, st.floats(0, 1, exclude_max=True))
def test_systematic_resampling_takes_each_as_often_as_its_weight_says(
    weights: list[float], uniform: float
) -> None:
    share = shares(weights)
    chosen = systematic(share, uniform)
    counts = np.bincount(chosen, minlength=len(share))
    expected = len(share) * share
    assert len(chosen) == len(share)
    assert (np.diff(chosen) >= 0).all()
    assert (counts >= np.floor(expected - 1e-9)).all()
    assert (counts <= np.ceil(expected + 1e-9)).all()


@given(WEIGHTS)
def test_over_all_uniform_numbers_it_takes_each_just_so_often(weights: list[float]) -> None:
    share, rounds = shares(weights), 500
    uniforms = (np.arange(rounds) + 0.5) / rounds
    counts = np.mean(
        [np.bincount(systematic(share, one), minlength=len(share)) for one in uniforms.tolist()], axis=0
    )
    assert counts == pytest.approx(len(share) * share, abs=2 / rounds)


def written_plainly(place: Desk) -> list[list[int]]:
    """The tokens of each poem, by the plain mask."""
    tokens: list[list[int]] = [[] for _ in range(POEMS)]
    for event in poems(place.loaded, place.prompt, place.settings, place.make_reader, place.verse):
        for number, token in zip(event.numbers, event.step.drawn.tolist(), strict=True):
            tokens[number].append(token)
    return tokens


def written_by_particles(place: Desk, particles: int) -> list[list[int]]:
    settings = replace(place.settings, particles=particles)
    found = poems_of_particles(place.loaded, place.prompt, settings, place.verse, place.make_reader)
    return [list(draft.tokens) for draft in found]


@pytest.mark.parametrize("cuts", [{}, {"temperature": 0.7, "top_k": 3}, {"temperature": 0.0}])
def test_one_particle_is_the_plain_mask(cuts: dict[str, object]) -> None:
    place = tiny_desk(seed=11, num_samples=POEMS, **cuts)
    assert written_by_particles(place, 1) == written_plainly(place)


def test_a_poem_is_the_same_whatever_else_is_written() -> None:
    place = tiny_desk(seed=3, num_samples=POEMS)
    alone = tiny_desk(seed=3, num_samples=POEMS, batch_size=4)
    assert written_by_particles(place, 4) == written_by_particles(alone, 4)


def test_what_particles_write_keeps_the_form_and_the_pins() -> None:
    place = tiny_desk(seed=2, num_samples=POEMS)
    for tokens in written_by_particles(place, 8):
        body = VOCABULARY.decode(tokens[:-1])
        lines = body.replace("，", "。").replace("\n", "").split("。")
        assert all(lines[line][at] == one for (line, at), one in place.verse.pins.items())
        assert keeps_form(body, place.verse)


def test_weights_resampling_and_evidence_by_hand() -> None:
    """Two poems of four particles; the first is resampled once, the second never."""
    cloud = Cloud(0, [0, 1], 4)
    first = torch.tensor([[0.8, 0.1, 0.05, 0.05], [0.25, 0.25, 0.25, 0.25]], dtype=torch.float64)
    ess = cloud.weigh(first.log())
    assert ess.tolist() == pytest.approx([1 / (0.8**2 + 0.1**2 + 2 * 0.05**2), 4.0])
    ancestors = cloud.resample(ess)
    assert ancestors[1].tolist() == [0, 1, 2, 3]
    assert ancestors[0].tolist().count(0) in (3, 4)  # 4 x 0.8 = 3.2
    assert cloud.log_weights[0].tolist() == [0.0] * 4
    assert cloud.log_mass[0].exp().tolist() == pytest.approx(first[0, ancestors[0]].tolist())
    second = torch.tensor([[0.5, 0.5, 0.25, 0.25], [0.1, 0.2, 0.3, 0.4]], dtype=torch.float64)
    cloud.weigh(second.log())
    assert cloud.evidence().exp().tolist() == pytest.approx([0.25 * 0.375, 0.25 * 0.25])


def test_log_mean_of_weights() -> None:
    assert float(log_mean(torch.tensor([1.0, 2.0, 6.0]).log() - 700)) == pytest.approx(np.log(3) - 700)
