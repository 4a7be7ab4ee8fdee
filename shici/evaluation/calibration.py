"""Part 3: does a probability of 6 % come true in 6 % of the cases, and how does the loss run along a line?

Reliability of the likeliest token (expected calibration error, Guo et al. 2017: equal bins of confidence) and of
every candidate, whatever its rank: that is what the list of candidates on the screen shows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from shici.corpus.characters import NOT_HAN, verse_lines
from shici.corpus.document import Document
from shici.evaluation.scoring import Array, Scored
from shici.evaluation.text import HAN, Line

Report = dict[str, Any]

BINS = 15
DECADES = 6  # of probability, from 1e-6 to 1
PER_DECADE = 4


def reliability(confidence: Array, hit: np.ndarray[Any, np.dtype[np.bool_]], bins: int = BINS) -> Report:
    """Mean confidence and share of hits in equal bins of confidence: (N,) both; NaN confidences do not count.

    {"ece", "confidence", "accuracy", "predictions", "bins": [{"low", "high", "predictions", "confidence",
    "accuracy"}]}, empty bins left out. ece: the mean gap between the two, weighted by the predictions in a bin.
    """
    known = ~np.isnan(confidence)
    confidence, hit = confidence[known], hit[known]
    if not len(confidence):
        return {"ece": None, "confidence": None, "accuracy": None, "predictions": 0, "bins": []}
    which = np.minimum((confidence * bins).astype(np.int64), bins - 1)
    counts = np.bincount(which, minlength=bins)
    believed = np.bincount(which, weights=confidence, minlength=bins)
    true = np.bincount(which, weights=hit, minlength=bins)
    rows = [
        {
            "low": k / bins,
            "high": (k + 1) / bins,
            "predictions": int(counts[k]),
            "confidence": float(believed[k] / counts[k]),
            "accuracy": float(true[k] / counts[k]),
        }
        for k in np.flatnonzero(counts)
    ]
    return {
        "ece": float(np.abs(believed - true).sum() / counts.sum()),
        "confidence": float(confidence.mean()),
        "accuracy": float(hit.mean()),
        "predictions": len(confidence),
        "bins": rows,
    }


class Candidates:
    """A watcher of `score`: every token's probability, in bins of equal width on a logarithmic scale."""

    def __init__(self) -> None:
        size = DECADES * PER_DECADE
        self.counts, self.believed, self.true = (np.zeros(size + 1) for _ in range(3))

    def __call__(self, logits: Tensor, targets: Tensor) -> None:
        """logits: (n, V). targets: (n,)."""
        logits, targets = logits.cpu(), targets.cpu()  # not every device has float64
        probabilities = torch.softmax(logits, dim=-1)  # (n, V)
        places = ((probabilities.log10() + DECADES) * PER_DECADE).clamp(0, DECADES * PER_DECADE)
        which = places.to(torch.int64)  # (n, V)
        size = len(self.counts)
        flat = which.flatten()
        self.counts += torch.bincount(flat, minlength=size).numpy()
        weights = probabilities.flatten().double()
        self.believed += torch.bincount(flat, weights=weights, minlength=size).numpy()
        own = which.gather(-1, targets[:, None])[:, 0]
        self.true += torch.bincount(own, minlength=size).numpy()

    def report(self) -> list[Report]:
        """For each bin that is not empty: how many candidates, their mean probability, how many came."""
        edges = 10.0 ** (np.arange(len(self.counts)) / PER_DECADE - DECADES)
        return [
            {
                "from": float(edges[k]) if k else 0.0,
                "candidates": int(self.counts[k]),
                "probability": float(self.believed[k] / self.counts[k]),
                "came": int(self.true[k]),
                "share": float(self.true[k] / self.counts[k]),
            }
            for k in np.flatnonzero(self.counts)
        ]


def calibration_report(
    lines: Sequence[Line], scored: Sequence[Scored], candidates: Sequence[Report]
) -> Report:
    """Reliability over all that is predicted and over the ideographs alone, and of every candidate."""
    confidence = np.concatenate([one.confidence for one in scored])
    hit = np.concatenate([one.hit for one in scored])
    han = np.concatenate([np.array(line.kinds) == HAN for line in lines])
    return {
        "all": reliability(confidence, hit),
        "ideographs": reliability(confidence[han], hit[han]),
        "candidates": list(candidates),
    }


def by_place(
    poems: Sequence[Document], scored: Sequence[Scored], length: int
) -> dict[str, list[dict[str, float]]]:
    """Mean nats at each place of a line, for poems all of whose lines have `length` characters.

    "odd", "even": the first and the second line of the couplets, places 1 to `length`, and the mark behind it.
    Each with {"place", "nats", "error" (of the mean, see `clustered_error`), "count", "poems"}.
    """
    chosen = [
        (poem, one)
        for poem, one in zip(poems, scored, strict=True)
        if {len(line) for line in verse_lines(poem.body) if line} == {length} and "、" not in poem.body
    ]
    totals, counts = np.zeros((2, len(chosen), 2, length + 1))  # (poems, odd or even line, place)
    for number, (poem, one) in enumerate(chosen):
        for at, even, place in _places(poem.body, length):
            totals[number, even, place] += one.nats[at]
            counts[number, even, place] += 1
    return {
        name: [
            _mean_at(place + 1, totals[:, even, place], counts[:, even, place])
            for place in np.flatnonzero(counts[:, even].sum(axis=0)).tolist()
        ]
        for even, name in enumerate(("odd", "even"))
    }


def _places(body: str, length: int) -> Iterator[tuple[int, int, int]]:
    """(index, 0 or 1 for the first or second line of a couplet, place) of the characters and marks that have a place.

    A mark has one behind the last character of a line: not a quotation mark before it, nor a second mark after it.
    """
    place, even = 0, 0
    for at, character in enumerate(body):
        is_mark = bool(NOT_HAN.fullmatch(character))
        if place == length:
            if is_mark and character != "\n":
                yield at, even, place
            place, even = 0, 1 - even
        if not is_mark:
            yield at, even, place
            place += 1


def _mean_at(place: int, totals: Array, counts: Array) -> dict[str, float]:
    return {
        "place": place,
        "nats": float(totals.sum() / counts.sum()),
        "error": clustered_error(totals, counts),
        "count": int(counts.sum()),
        "poems": int(np.count_nonzero(counts)),
    }


def clustered_error(totals: Array, counts: Array) -> float:
    """Standard error of sum(totals) / sum(counts), where characters of one poem are not independent; NaN of one poem.

    totals, counts: (poems,). The linearised ratio, as of a sample in clusters (Cochran, Sampling Techniques 1977, 6.4).
    """
    poems = int(np.count_nonzero(counts))
    if poems < 2:
        return float("nan")
    residuals = totals - totals.sum() / counts.sum() * counts
    return float(np.sqrt(poems / (poems - 1) * (residuals**2).sum()) / counts.sum())
