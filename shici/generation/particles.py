"""Sequential Monte Carlo: several particles write one poem, so that the form bends the model less.

The plain mask writes what is legal, one character at a time, and finds out too late that a line leads nowhere good.
Here N particles write side by side. Each step multiplies a particle's weight by Z_t, the probability that the model
gave to what was allowed (and kept by the cuts); a pinned character's Z_t is its probability, so what comes before
prepares for it. Where the effective sample size falls under N / 2 the particles are resampled (systematic), and at
the end one is drawn by weight. The product of the mean weights estimates how likely it is that the model, at this
temperature, keeps the form by itself; and as N grows the poem drawn is distributed as the model's own poems of that
form. The cuts come after the mask: with cuts both speak only of those poems of the form whose every character is among
what the cuts leave of the allowed ones, which is not what a model that is cut first would write. Where title and author
guide the poem (guidance.py), the model is the guided one.
Source: Lew et al. 2023 (arXiv 2306.03081); Naesseth et al. 2019 for the algorithm.
Letters: P poems, N particles of each, B = P * N rows, V vocabulary.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from shici.generation.decoder import Reader
from shici.generation.form import FormConstraint
from shici.generation.sampler import Cuts, Dice, Step, take_step

RESAMPLE_STREAM = 2  # of a poem's random streams, the one that resamples and chooses


@dataclass(frozen=True, slots=True)
class ParticleStep:
    """One step of all particles.

    step: all stages of the draw, each with B rows, after resampling; poem p has rows p * N ... p * N + N - 1.
    log_mass: (P, N) log Z_t of each. log_weights: (P, N) with it, before any resampling. ess: (P,) effective sample
    sizes. ancestors: (P, N) which particle each one goes on from.
    """

    step: Step
    log_mass: Tensor
    log_weights: Tensor
    ess: Tensor
    ancestors: Tensor


@dataclass(frozen=True, slots=True)
class Draft:
    """A finished poem. tokens: what was drawn, `<eos>` included. log_evidence: the estimate of log P(the form is kept).

    log_mass: the sum of log Z_t along this poem's own line of ancestors.
    """

    number: int
    tokens: tuple[int, ...]
    log_evidence: float
    log_mass: float


class Cloud:
    """The weights of P poems' particles, and their random numbers."""

    def __init__(self, seed: int, numbers: Sequence[int], particles: int) -> None:
        self.numbers, self.particles = tuple(numbers), particles
        self.dice = Dice(
            seed, [stream(number, one, particles) for number in numbers for one in range(particles)]
        )
        self._choice = [np.random.default_rng((seed, number, RESAMPLE_STREAM)) for number in numbers]
        self.log_weights = torch.zeros(len(self.numbers), particles, dtype=torch.float64)
        self.log_mass = torch.zeros_like(self.log_weights)  # along each particle's ancestors
        self.log_evidence = torch.zeros(len(self.numbers), dtype=torch.float64)

    def weigh(self, log_mass: Tensor) -> Tensor:
        """Take in (P, N) log Z_t; returns the effective sample sizes (P,)."""
        self.log_weights = self.log_weights + log_mass
        self.log_mass = self.log_mass + log_mass
        shares = torch.softmax(self.log_weights, -1)
        return 1 / (shares**2).sum(-1)

    def resample(self, ess: Tensor) -> Tensor:
        """(P, N) ancestors; weights start anew where the particles were resampled."""
        ancestors = torch.arange(self.particles).repeat(len(self.numbers), 1)
        for poem in (ess < self.particles / 2).nonzero()[:, 0].tolist():
            weights = torch.softmax(self.log_weights[poem], -1).numpy()
            ancestors[poem] = torch.from_numpy(systematic(weights, self._choice[poem].random()))
            self.log_evidence[poem] += log_mean(self.log_weights[poem])
            self.log_weights[poem] = 0.0
            self.log_mass[poem] = self.log_mass[poem, ancestors[poem]]
        return ancestors

    def winners(self) -> list[int]:
        """The particle of each poem that is drawn by weight."""
        shares = torch.softmax(self.log_weights, -1).numpy()
        return [
            int(
                np.searchsorted(share.cumsum(), dice.random() * share.sum(), side="right").clip(
                    0, len(share) - 1
                )
            )
            for share, dice in zip(shares, self._choice, strict=True)
        ]

    def evidence(self) -> Tensor:
        """(P,) the estimates of log P(the form is kept): the products of the mean weights."""
        return self.log_evidence + torch.stack([log_mean(row) for row in self.log_weights])


def write_particles(
    reader: Reader, constraint: FormConstraint, cloud: Cloud, *, cuts: Cuts, length: int
) -> Iterator[ParticleStep]:
    """Write `length` tokens with each particle; the reader's rows are the particles, poem by poem.

    After the last step the reader holds the poems, and the cloud their weights: see `drafts`.
    """
    P, N = len(cloud.numbers), cloud.particles
    for _ in range(length):
        uniforms = cloud.dice.roll()
        step = take_step(reader.logits(), constraint.allowed(), cuts, uniforms)
        # what is allowed weighs the same whichever character is drawn: so the particles are chosen first and copies
        # of one go different ways
        log_mass = (step.log_allowed() + step.log_uncut()).view(P, N)
        ess = cloud.weigh(log_mass)
        log_weights = cloud.log_weights.clone()
        ancestors = cloud.resample(ess)
        rows = (ancestors + torch.arange(P)[:, None] * N).flatten()
        if not torch.equal(rows, torch.arange(P * N)):
            step = step.select(rows, uniforms)
            for follower in (reader, constraint):
                follower.select(rows)
        yield ParticleStep(step, log_mass, log_weights, ess, ancestors)
        for follower in (reader, constraint):
            follower.append(step.drawn)


def write_drafts(
    reader: Reader, constraint: FormConstraint, cloud: Cloud, *, cuts: Cuts, length: int
) -> list[Draft]:
    """One finished poem for each number, for those who need not see the steps: see `write_particles`."""
    prompt_length = reader.tokens.size(1)
    for _ in write_particles(reader, constraint, cloud, cuts=cuts, length=length):
        pass
    return drafts(reader, cloud, prompt_length)


def drafts(reader: Reader, cloud: Cloud, prompt_length: int) -> list[Draft]:
    """One finished poem for each number, drawn by weight."""
    evidence = cloud.evidence()
    return [
        Draft(
            number,
            tuple(reader.tokens[poem * cloud.particles + winner, prompt_length:].tolist()),
            float(evidence[poem]),
            float(cloud.log_mass[poem, winner]),
        )
        for poem, (number, winner) in enumerate(zip(cloud.numbers, cloud.winners(), strict=True))
    ]


def systematic(weights: np.ndarray, uniform: float) -> np.ndarray:
    """Indices of as many particles as there are weights, by one uniform number: (N,) float64 summing to 1 -> (N,).

    Particle i comes floor(N w_i) or ceil(N w_i) times.
    """
    positions = (np.arange(len(weights)) + uniform) / len(weights)
    return np.searchsorted(weights.cumsum() / weights.sum(), positions, side="right").clip(
        0, len(weights) - 1
    )


def log_mean(log_weights: Tensor) -> Tensor:
    """The log of the mean of weights (N,) given as logs."""
    mean: Tensor = torch.logsumexp(log_weights, -1) - math.log(log_weights.size(-1))
    return mean


def stream(number: int, particle: int, particles: int) -> int | tuple[int, ...]:
    """The name of a particle's random stream; a single particle draws as a poem without particles does."""
    return number if particles == 1 else (number, particle, particles)
