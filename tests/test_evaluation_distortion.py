"""The estimates of distortion against the exact figures, on a form whose every poem can be listed.

Run: pytest tests/test_evaluation_distortion.py
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import cache

import numpy as np
import numpy.typing as npt
import pytest

from shici.corpus.document import Document, encode_prompt
from shici.evaluation.prosody_distortion import rhyme_share
from shici.evaluation.prosody_draws import Draws, draw, reject
from shici.evaluation.prosody_estimates import divergence, evidence, largest_share, log_mean
from shici.generation.rhyme_choice import rhyme_shares
from tests.tiny_verse import FREE, VOCABULARY, Exact, enumerate_all, tiny_desk, tiny_reader

Floats = npt.NDArray[np.float64]
PINNED_LATE = FREE[:2]  # the last rhyme is pinned as well: the first character ought to prepare for it
CLOUDS = {1: 600, 4: 300, 16: 150}


@cache
def bare(free: tuple[tuple[int, int], ...] = FREE) -> Exact:
    """All poems, after a prompt without codes."""
    return enumerate_all(tiny_desk(free=free).verse.automaton(0), encode_prompt(Document(""), VOCABULARY))


@cache
def coded() -> tuple[dict[str, float], dict[str, Exact]]:
    """The probability of each rhyme, and all poems after the prompt that names it."""
    place = tiny_desk()
    names = place.verse.automaton(0).open_rhymes()
    shares = rhyme_shares(tiny_reader(), place.prompt.document, names)
    poems = {
        name: enumerate_all(
            place.verse.automaton(0, name),
            encode_prompt(replace(place.prompt.document, rhyme=name), VOCABULARY),
        )
        for name in names
    }
    return dict(zip(names, shares.tolist(), strict=True)), poems


@cache
def draws(particles: int, *, codes: bool, free: tuple[tuple[int, int], ...] = FREE) -> Draws:
    return draw(tiny_desk(free=free, seed=particles), CLOUDS[particles], particles, codes=codes, progress=id)


def joint() -> tuple[float, float]:
    """log Z and KL(q || p*) of pairs of rhyme and poem."""
    shares, poems = coded()
    log_z = float(np.log(sum(shares[name] * np.exp(one.log_z) for name, one in poems.items())))
    mass = sum(shares[name] * float(np.exp(one.log_q) @ one.log_mass) for name, one in poems.items())
    return log_z, log_z - mass


def test_the_case_is_worth_looking_at() -> None:
    shares, poems = coded()
    assert set(shares) == {"一先", "十一尤"}
    assert all(len(one.texts) > 100 for one in poems.values())
    assert len(bare(PINNED_LATE).texts) > 30
    for one in (*poems.values(), bare(), bare(PINNED_LATE)):
        assert np.exp(np.logaddexp.reduce(one.log_q)) == pytest.approx(1)


@pytest.mark.parametrize("free", [FREE, PINNED_LATE])
def test_each_poems_mass_is_the_exact_one(free: tuple[tuple[int, int], ...]) -> None:
    exact = dict(zip(bare(free).texts, bare(free).log_mass.tolist(), strict=True))
    for particles in (1, 4):
        found = draws(particles, codes=False, free=free)
        assert found.log_mass == pytest.approx([exact[body] for body in found.bodies], abs=1e-4)


def test_one_particle_has_its_own_mass_as_evidence() -> None:
    found = draws(1, codes=True)
    assert found.log_evidence == pytest.approx(found.log_mass)


@pytest.mark.parametrize("free", [FREE, PINNED_LATE])
@pytest.mark.parametrize("particles", CLOUDS)
def test_every_way_estimates_the_same_evidence(particles: int, free: tuple[tuple[int, int], ...]) -> None:
    found = evidence(draws(particles, codes=False, free=free).log_evidence, seed=0)
    assert abs(found.value - bare(free).log_z) < 4 * found.error < 0.6


@pytest.mark.parametrize("particles", CLOUDS)
def test_with_a_rhyme_for_each_poem_it_is_the_evidence_of_the_pairs(particles: int) -> None:
    found = evidence(draws(particles, codes=True).log_evidence, seed=0)
    assert abs(found.value - joint()[0]) < 4 * found.error < 0.6


@pytest.mark.parametrize("free", [FREE, PINNED_LATE])
def test_the_divergence_of_the_mask_is_the_exact_one(free: tuple[tuple[int, int], ...]) -> None:
    exact = bare(free)
    kl = float(np.exp(exact.log_q) @ (exact.log_q - exact.log_p + exact.log_z))
    own, best = (draws(size, codes=False, free=free) for size in (1, 16))
    found = divergence(own.log_mass, best.log_evidence, paired=False, seed=0)
    assert abs(found.value - kl) < 4 * found.error < 0.6
    paired = divergence(own.log_mass, own.log_mass, paired=True, seed=0)
    assert abs(paired.value - kl) < 4 * paired.error
    assert found.low < found.value < found.high


def test_with_codes_it_is_that_of_the_pairs() -> None:
    own, best = draws(1, codes=True), draws(16, codes=True)
    found = divergence(own.log_mass, best.log_evidence, paired=False, seed=0)
    assert abs(found.value - joint()[1]) < 4 * found.error


def test_what_is_due_to_the_choice_of_the_rhyme() -> None:
    """KL between how rhymes are drawn and how they ought to be."""
    shares, poems = coded()
    exact = joint()[0] - sum(shares[name] * one.log_z for name, one in poems.items())
    assert rhyme_share(draws(16, codes=True)) == pytest.approx(exact, abs=0.05)
    logs = np.log([0.1, 0.3, 0.7, 0.9])
    known = Draws(("",) * 4, ("a", "a", "b", "b"), logs, logs, 0.0)
    assert rhyme_share(known) == pytest.approx(np.log(0.5) - np.log([0.2, 0.8]).mean())


def test_with_more_particles_the_poems_are_distributed_as_the_models_own() -> None:
    """Total variation of the first character, which the mask draws before it knows how the poem must end."""
    exact = bare(PINNED_LATE)
    target, mask = (marginal(exact.texts, np.exp(one)) for one in (exact.log_p - exact.log_z, exact.log_q))
    assert variation(mask, target) > 0.2
    distances, bounds = [], []
    for particles in CLOUDS:
        found = draws(particles, codes=False, free=PINNED_LATE)
        drawn = marginal(found.bodies, np.full(len(found.bodies), 1 / len(found.bodies)))
        distances.append(variation(drawn, target))
        bounds.append(exact.log_z - float(found.log_evidence.mean()))
    assert distances[0] == pytest.approx(variation(mask, target), abs=0.08)
    assert distances[0] > 2 * distances[1]
    assert distances[2] < 0.08  # as far as so many draws can tell
    assert bounds[0] > 1.5 * bounds[1] > 2 * bounds[2] > 0


def marginal(bodies: tuple[str, ...], weights: Floats) -> Counter[str]:
    """The distribution of the first character."""
    found: Counter[str] = Counter()
    for body, weight in zip(bodies, weights.tolist(), strict=True):
        found[body[0]] += weight
    return found


def variation(one: Counter[str], other: Counter[str]) -> float:
    """Total variation distance."""
    return sum(abs(one[key] - other[key]) for key in one | other) / 2


def test_rejection_gives_the_models_own_poems_of_the_form() -> None:
    shares, poems = coded()
    kept = reject(tiny_desk(seed=5), 1500, progress=id)
    probability = np.exp(joint()[0])
    error = np.sqrt(probability * (1 - probability) / kept.tries)
    assert abs(len(kept.bodies) / kept.tries - probability) < 4 * error < 0.1
    assert all(body in poems[rhyme].texts for body, rhyme in zip(kept.bodies, kept.rhymes, strict=True))
    posterior = shares["一先"] * np.exp(poems["一先"].log_z) / probability
    assert kept.rhymes.count("一先") / len(kept.rhymes) == pytest.approx(posterior, abs=0.05)


def test_the_log_of_a_mean() -> None:
    logs = np.log([1.0, 2.0, 6.0]) - 800
    assert log_mean(logs) == pytest.approx(np.log(3) - 800)
    assert largest_share(logs) == pytest.approx(6 / 9)
    assert evidence(logs, seed=0).value == pytest.approx(np.log(3) - 800)
    assert divergence(logs, logs, paired=True, seed=0).value == pytest.approx(np.log(3) - np.log(12) / 3)
