"""How far a way of writing under a constraint is from the model's own poems that keep it: estimates with intervals.

p    the model: a prompt, then a poem x, by its own probabilities
Z    the probability that a poem of the model keeps the form
p*   p restricted to the poems that keep it: p(x) / Z there. It is what one would like to draw from
q    what is drawn from instead. The mask renormalises every step: q(x) = p(x) / prod_t Z_t(x), where Z_t is the
     probability that the model gives to what is allowed at step t

so for the mask  log q(x) / p*(x) = log Z - sum_t log Z_t  and  Z = E_q[prod_t Z_t], hence

     KL(q || p*) = log E_q[prod_t Z_t] - E_q[sum_t log Z_t]                          (exact; estimated by sampling)

The poem that N particles draw has a q that cannot be written down. In the space of all that the algorithm draws
(particles, ancestors, the choice), the ratio of what is drawn to the target, whose marginal is p*, is Z / Z^, where Z^
is the algorithm's own unbiased estimate of Z. Leaving out all but the poem can only lower a divergence, so

     KL(q_N || p*) <= log Z - E[log Z^_N]                                           (a bound; 0 as N grows)

With one particle both are the same. Source: Andrieu, Doucet and Holenstein 2010 for the extended space; Maddison et
al. 2017 and Naesseth et al. 2018 for the bound.

Where a prompt names a rhyme r, drawn from pi(r), a poem is the pair (r, x): p = pi(r) p(x | r), Z = sum_r pi(r) Z_r.
Everything in nats a poem.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

ROUNDS = 1000
CHUNK = 50  # rounds of the bootstrap at a time


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure, its standard error and 95 % interval, both by a bootstrap over poems."""

    value: float
    error: float
    low: float
    high: float


def log_mean(logs: Floats) -> float:
    """The log of the mean of weights given as logs, (N,) -> nats."""
    top = float(logs.max())
    return top + math.log(float(np.exp(logs - top).mean()))


def largest_share(logs: Floats) -> float:
    """The largest weight's share of their sum: near 1, the estimate of the mean hangs on a single draw."""
    weights = np.exp(logs - logs.max())
    return float(weights.max() / weights.sum())


def evidence(logs: Floats, *, seed: int) -> Estimate:
    """log Z from unbiased estimates of Z: prod_t Z_t of masked poems, or Z^ of particles; (N,) logs."""
    return bootstrap([logs], lambda counts: weighted_log_mean(logs, counts[0]), seed=seed)


def divergence(log_ratio: Floats, log_estimates: Floats, *, paired: bool, seed: int) -> Estimate:
    """log mean exp(log_estimates) - mean(log_ratio): KL of the mask, or the bound for particles.

    log_ratio: (P,) sum_t log Z_t of the mask's poems, or log Z^ of each cloud of the way that is measured.
    log_estimates: (E,) logs of unbiased estimates of Z. paired: the two come from the same poems.
    """

    def statistic(counts: Sequence[Floats]) -> Floats:
        own, others = counts[0], counts[0 if paired else 1]
        difference: Floats = weighted_log_mean(log_estimates, others) - own @ log_ratio / own.sum(-1)
        return difference

    return bootstrap([log_ratio] if paired else [log_ratio, log_estimates], statistic, seed=seed)


def weighted_log_mean(logs: Floats, counts: Floats) -> Floats:
    """log_mean where each is taken so many times: (N,), (R, N) -> (R,)."""
    top = float(logs.max())
    with np.errstate(divide="ignore"):  # a round without any weight that counts: -inf
        found: Floats = top + np.log(counts @ np.exp(logs - top) / counts.sum(-1))
    return found


def bootstrap(
    samples: Sequence[Floats], statistic: Callable[[Sequence[Floats]], Floats], *, seed: int
) -> Estimate:
    """A statistic of independent samples, drawn again by poems. statistic: counts (R, N) of each -> (R,)."""
    once = statistic([np.ones((1, len(one))) for one in samples])
    generator, found = np.random.default_rng(seed), []
    for _ in range(ROUNDS // CHUNK):
        counts = [
            generator.multinomial(len(one), np.full(len(one), 1 / len(one)), size=CHUNK).astype(np.float64)
            for one in samples
        ]
        found.append(statistic(counts))
    rounds = np.concatenate(found)
    low, high = np.percentile(rounds, [2.5, 97.5])
    return Estimate(float(once[0]), float(rounds.std(ddof=1)), float(low), float(high))


def shared_log_means(logs: Floats, names: Sequence[str]) -> Floats:
    """For each of N estimates the log of the mean of all that have its name: log Z_r of its rhyme; (N,)."""
    found = {name: log_mean(logs[[one == name for one in names]]) for name in sorted(set(names))}
    return np.array([found[name] for name in names])
