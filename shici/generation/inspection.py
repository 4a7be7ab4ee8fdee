"""The numbers of one step that are worth a look, picked from the sampler's stages and the model's trace.

Nothing is computed anew here: logits and probabilities are the step's, attention is the trace's.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch

from shici.generation.sampler import Step, entropy
from shici.model.trace import Trace


@dataclass(frozen=True, slots=True)
class Candidate:
    """A token that might come next.

    rank: 1 for the most likely. probability: before the cuts. kept: after them.
    """

    token: int
    rank: int
    logit: float
    scaled: float
    probability: float
    kept: float
    drawn: bool


@dataclass(frozen=True, slots=True)
class Forbidden:
    """A token that was not allowed, and its probability before it was struck out."""

    token: int
    probability: float


@dataclass(frozen=True, slots=True)
class Attended:
    """A place of the window that a layer looked at from the last place.

    weight: the mean over the layer's heads.
    """

    place: int
    token: int
    weight: float


@dataclass(frozen=True, slots=True)
class Inspection:
    """One step of one poem.

    candidates: the most likely ones, most likely first; the drawn one stands last if it is not among them.
    allowed: how much of the model's probability at this temperature is on what may stand there (by the form; without
    one, anything but a control token). forbidden: the most likely tokens that may not, most likely first.
    entropy, entropy_kept: in nats, before and after the cuts. survivors: how many candidates the cuts left.
    attention: for each layer the places most attended to, most first.
    """

    candidates: tuple[Candidate, ...]
    rank: int
    allowed: float
    forbidden: tuple[Forbidden, ...]
    entropy: float
    entropy_kept: float
    survivors: int
    attention: tuple[tuple[Attended, ...], ...]


def inspect(step: Step, trace: Trace, *, row: int = 0, candidates: int = 5, attended: int = 3) -> Inspection:
    """What happened to poem `row` at this step.

    trace: of the forward pass that gave the step's logits.
    """
    rank = int(step.rank()[row])
    return Inspection(
        candidates=_candidates(step, row, candidates, rank),
        rank=rank,
        allowed=math.exp(float(step.log_allowed()[row])),
        forbidden=_forbidden(step, row, candidates),
        entropy=float(entropy(step.probabilities)[row]),
        entropy_kept=float(entropy(step.kept)[row]),
        survivors=int((step.kept[row] > 0).sum()),
        attention=tuple(_attended(trace, row, layer, attended) for layer in range(len(trace.layers))),
    )


def _candidates(step: Step, row: int, count: int, rank: int) -> tuple[Candidate, ...]:
    possible = int(step.masked[row].isfinite().sum())
    tokens = step.masked[row].topk(min(count, possible)).indices.tolist()
    drawn = int(step.drawn[row])
    ranked = list(enumerate(tokens, start=1))
    if drawn not in tokens:
        ranked.append((rank, drawn))
    return tuple(
        Candidate(
            token=token,
            rank=place,
            logit=float(step.logits[row, token]),
            scaled=float(step.scaled[row, token]),
            probability=float(step.probabilities[row, token]),
            kept=float(step.kept[row, token]),
            drawn=token == drawn,
        )
        for place, token in ranked
    )


def _forbidden(step: Step, row: int, count: int) -> tuple[Forbidden, ...]:
    everything = torch.softmax(step.logits[row].double() / step.temperature, -1)  # (V,)
    struck = everything.masked_fill(step.masked[row].isfinite(), 0.0)
    top = struck.topk(min(count, len(struck)))
    return tuple(
        Forbidden(token, probability)
        for token, probability in zip(top.indices.tolist(), top.values.tolist(), strict=True)
        if probability > 0
    )


def _attended(trace: Trace, row: int, layer: int, count: int) -> tuple[Attended, ...]:
    weights = (
        trace.layers[layer].weights[row, :, -1].float().mean(0)
    )  # (T,): the last place's row, over heads
    top = weights.topk(min(count, len(weights)))
    return tuple(
        Attended(place, int(trace.idx[row, place]), weight)
        for place, weight in zip(top.indices.tolist(), top.values.tolist(), strict=True)
    )
