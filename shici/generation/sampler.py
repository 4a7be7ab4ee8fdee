"""From logits to a drawn character, one function a stage, in the order in which they run.

    logits -> masked -> / temperature -> probabilities -> after top-k, top-p, min-p -> drawn

Everything after the model runs on the CPU and, from the probabilities on, in float64. A cut is a threshold on
the probability, so candidates that are equally likely are kept or dropped together, as in nanoGPT's top_k.
Letters: B poems, V vocabulary.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from shici.errors import ConfigError, GenerationError

COLDEST, HOTTEST = (
    1e-6,
    1e6,
)  # divided by less, a logit may overflow; at more, all are equally likely long since
FIRST_CANDIDATES = 256  # how many the nucleus is looked for in at first; most lie within


@dataclass(frozen=True, slots=True)
class Cuts:
    """How the distribution is sharpened and cut.

    temperature: from COLDEST to HOTTEST; the logits are divided by it.
    top_k: keep the k most likely, 0 keeps all.
    top_p: of these, keep the most likely that together just reach this share of the probability, 1 keeps all.
    min_p: of these, keep those that are at least this share as likely as the most likely, 0 keeps all.
    The most likely is always kept.
    """

    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0
    min_p: float = 0.0

    def __post_init__(self) -> None:
        if not COLDEST <= self.temperature <= HOTTEST:
            raise ConfigError(
                f"温度应在 {COLDEST:g} 与 {HOTTEST:,.0f} 之间（或 0，总取最可能的字），得到 {self.temperature:g}。"
                "请改 --temperature。",
                f"Expected a temperature of {COLDEST:g} to {HOTTEST:,.0f} (or 0: always the likeliest), got "
                f"{self.temperature:g}. Change --temperature.",
            )
        if self.top_k < 0:
            raise ConfigError(
                f"top_k 至少为 0，得到 {self.top_k}。请改 --top_k。",
                f"Expected top_k >= 0, got {self.top_k}. Change --top_k.",
            )
        if not (0 <= self.top_p <= 1 and 0 <= self.min_p <= 1):
            raise ConfigError(
                f"top_p、min_p 应在 0 与 1 之间，得到 {self.top_p} 和 {self.min_p}。",
                f"top_p and min_p must lie in [0, 1], got {self.top_p} and {self.min_p}.",
            )


@dataclass(frozen=True, slots=True)
class Step:
    """All stages of one step; row b is poem b.

    logits         (B, V) float32  the model's own, or guided
    masked         (B, V) float32  -inf where a token is not allowed
    scaled         (B, V) float32  masked / temperature
    probabilities  (B, V) float64  softmax(scaled): before the cuts
    kept           (B, V) float64  after the cuts, summing to 1 again; 0 where cut off
    drawn          (B,)   int64    the token that the uniform number fell on
    temperature    what the logits were divided by
    """

    logits: Tensor
    masked: Tensor
    scaled: Tensor
    probabilities: Tensor
    kept: Tensor
    drawn: Tensor
    temperature: float

    def select(self, rows: Tensor, uniforms: Tensor) -> Step:
        """The stages of these rows (B',), where a row may come more than once, drawn from anew by uniforms (B',)."""
        kept = self.kept[rows]
        stages = (self.logits[rows], self.masked[rows], self.scaled[rows], self.probabilities[rows])
        return Step(*stages, kept, draw(kept, uniforms), self.temperature)

    def log_allowed(self) -> Tensor:
        """(B,) float64: the log of the probability that was allowed, out of all at this temperature."""
        drawn = self.drawn[:, None]
        scaled, probability = (
            self.scaled.gather(-1, drawn),
            self.probabilities.gather(-1, drawn),
        )  # (B, 1) each
        allowed = (scaled.double() - probability.log())[:, 0]
        return allowed - torch.logsumexp(self.logits / self.temperature, -1).double()

    def log_uncut(self) -> Tensor:
        """(B,) float64: the log of the share of what was allowed that the cuts left."""
        drawn = self.drawn[:, None]
        return (self.probabilities.gather(-1, drawn).log() - self.kept.gather(-1, drawn).log())[:, 0]

    def rank(self) -> Tensor:
        """(B,) the place of the drawn token among all allowed ones, 1 for the most likely."""
        drawn = self.masked.gather(-1, self.drawn[:, None])  # (B, 1)
        rank: Tensor = (self.masked > drawn).sum(-1) + 1
        return rank


class Dice:
    """One stream of uniform numbers for each poem, from the seed and the poem's number alone.

    So poem 3 comes out the same whether it is written alone or among a hundred. A poem that is written by several
    particles has a tuple of numbers for each.
    """

    def __init__(self, seed: int, numbers: Sequence[int | tuple[int, ...]]) -> None:
        names = [(number,) if isinstance(number, int) else number for number in numbers]
        self._streams = [np.random.default_rng((seed, *name)) for name in names]

    def roll(self) -> Tensor:
        """(B,) float64 in [0, 1), one for each poem."""
        return torch.tensor([stream.random() for stream in self._streams], dtype=torch.float64)

    def select(self, rows: Tensor) -> None:
        """Go on with these poems only; rows: (B',) int64."""
        self._streams = [self._streams[row] for row in rows.tolist()]


def take_step(logits: Tensor, allowed: Tensor, cuts: Cuts, uniforms: Tensor) -> Step:
    """One character for each poem.

    logits: (B, V). allowed: (B, V) or (1, V) bool. uniforms: (B,) in [0, 1).
    Raises GenerationError where no token is allowed or the model's numbers are not numbers.
    """
    masked = logits.masked_fill(~allowed, -math.inf)  # (B, V)
    scaled = masked / cuts.temperature  # (B, V)
    probabilities = torch.softmax(scaled, dim=-1, dtype=torch.float64)  # (B, V)
    _check(probabilities, allowed)
    kept = cut(probabilities, cuts)  # (B, V)
    return Step(logits, masked, scaled, probabilities, kept, draw(kept, uniforms), cuts.temperature)


def cut(probabilities: Tensor, cuts: Cuts) -> Tensor:
    """The distribution after top-k, then top-p, then min-p: (B, V) both, each row summing to 1."""
    kept, candidates = probabilities, None
    if 0 < cuts.top_k < kept.size(-1):
        candidates = _largest(kept, cuts.top_k)  # (B, k)
        kept = kept.where(kept >= candidates[:, -1:], 0.0)
        total = kept.sum(-1, keepdim=True)
        kept, candidates = kept / total, candidates / total
    if cuts.top_p < 1:
        if candidates is None:
            candidates = _candidates(kept, cuts.top_p)
        kept = _normalised(kept.where(kept >= _nucleus_threshold(candidates, cuts.top_p), 0.0))
    if cuts.min_p > 0:
        kept = _normalised(kept.where(kept >= cuts.min_p * kept.amax(-1, keepdim=True), 0.0))
    return kept


def draw(kept: Tensor, uniforms: Tensor) -> Tensor:
    """The token that each uniform falls on, all laid side by side in id order: (B, V), (B,) -> (B,).

    In id order, not by likelihood: two candidates that are almost equally likely cannot change places when
    rounding differs, so a poem does not hang on the last bit of a logit.
    """
    cumulative = kept.cumsum(-1)  # (B, V)
    total = cumulative[:, -1:]  # (B, 1)
    target = torch.minimum(uniforms[:, None] * total, torch.nextafter(total, torch.zeros_like(total)))
    return torch.searchsorted(cumulative, target, right=True)[:, 0]


def entropy(distribution: Tensor) -> Tensor:
    """(B,) in nats, of a distribution (B, V)."""
    nats: Tensor = torch.special.entr(distribution).sum(-1)
    return nats


def _normalised(weights: Tensor) -> Tensor:
    return weights / weights.sum(-1, keepdim=True)


def _largest(values: Tensor, k: int) -> Tensor:
    """The k largest of each row, largest first: (B, k). NumPy selects faster than torch.topk on a CPU."""
    array, size = values.numpy(), values.size(-1)
    top = array if k == size else np.partition(array, size - k, axis=-1)[:, size - k :]
    return torch.from_numpy(np.sort(top, axis=-1)[:, ::-1].copy())


def _candidates(probabilities: Tensor, top_p: float) -> Tensor:
    """(B, k) the most likely of each row, largest first, as many as reach top_p in every row."""
    size = probabilities.size(-1)
    k = min(FIRST_CANDIDATES, size)
    largest = _largest(probabilities, k)
    while k < size and bool((largest.sum(-1) < top_p).any()):
        k = min(4 * k, size)
        largest = _largest(probabilities, k)
    return largest


def _nucleus_threshold(candidates: Tensor, top_p: float) -> Tensor:
    """(B, 1) the probability of the last token that is needed to reach top_p; candidates: (B, k), largest first.

    The last candidate where they do not reach it: top_k kept more than k, equally likely ones, and these are the rest.
    """
    needed = (candidates.cumsum(-1) < top_p).sum(-1, keepdim=True)  # (B, 1) how many do not suffice
    return candidates.gather(-1, needed.clamp(max=candidates.size(-1) - 1))


def _check(probabilities: Tensor, allowed: Tensor) -> None:
    if not bool(probabilities[:, 0].isnan().any()):  # softmax spreads a NaN over its whole row
        return
    if not bool(allowed.any(-1).all()):
        raise GenerationError(
            "要求太严：下一个字没有一个合用的。请放宽要求。",
            "The constraints leave no character for the next place. Ask for less.",
        )
    raise GenerationError(
        "模型算出的 logit 不是有限的数：权重可能损坏，或 float16 溢出。请换一个模型，或用 --dtype=float32。",
        "The model's logits are not finite: damaged weights, or float16 overflow. Use another model or "
        "--dtype=float32.",
    )
