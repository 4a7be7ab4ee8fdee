"""Part 1: nats and bits per character of verse, all poems and by form, dynasty, collection and kind of character.

What counts is what the validation loss and the model card count: every character, mark and line feed of the body and
`<eos>`, in the first window (`inside`). `whole` counts the rest of the long poems as well.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from shici.evaluation.poems import UNNAMED, Split
from shici.evaluation.scoring import Scored
from shici.evaluation.statistics import Interval, ratio
from shici.evaluation.text import END, HAN, LINE_FEED, MARK, UNKNOWN_NATS, Line, unknown_count

Report = dict[str, Any]
Choice = Callable[[Line, Scored], npt.NDArray[np.bool_]]  # which characters count: (characters,)

DEFINITION = (
    "nats per character of verse: every character, mark and line feed of the body and its end (<eos>); "
    "95 % intervals by bootstrap over the poems, none of fewer than 30"
)


def inside(line: Line, scored: Scored) -> npt.NDArray[np.bool_]:
    """What the validation loss counts."""
    return scored.inside


def everything(line: Line, scored: Scored) -> npt.NDArray[np.bool_]:
    """The tails of long poems as well."""
    return np.ones(line.characters, np.bool_)


def of_kind(kind: str) -> Choice:
    """What the validation loss counts, of one kind: Han, mark, line feed or end."""
    return lambda line, scored: scored.inside & (np.array(line.kinds) == kind)


def figure(lines: Sequence[Line], scored: Sequence[Scored], choice: Choice, seed: int) -> Report:
    """{"nats", "bits", "low", "high", "characters"}: low and high bound the nats; NaN where there are few poems."""
    chosen = [choice(line, one) for line, one in zip(lines, scored, strict=True)]
    totals = np.array([one.nats[mask].sum() for one, mask in zip(scored, chosen, strict=True)])
    counts = np.array([mask.sum() for mask in chosen], np.float64)
    return {**in_nats(ratio(totals, counts, seed=seed)), "characters": int(counts.sum())}


def in_nats(interval: Interval) -> Report:
    """An interval of nats as the report keeps it."""
    bits = interval.value / math.log(2)
    return {"nats": interval.value, "bits": bits, "low": interval.low, "high": interval.high}


def loss_report(
    split: Split,
    lines: dict[str, list[Line]],
    scored: dict[str, list[Scored]],
    seed: int,
) -> Report:
    """Both losses in every grouping. lines, scored: under "bare" and, where the model knows fields, "fields"."""

    def both(numbers: Sequence[int], choice: Choice) -> Report:
        return {
            way: figure([lines[way][i] for i in numbers], [scored[way][i] for i in numbers], choice, seed)
            for way in lines
        }

    def grouped(names: Sequence[str]) -> Report:
        groups: dict[str, list[int]] = {}
        for number, name in enumerate(names):
            groups.setdefault(name or UNNAMED, []).append(number)
        ordered = sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))
        return {name: {"poems": len(numbers), **both(numbers, inside)} for name, numbers in ordered}

    everyone = range(len(split))
    strangers = unknown_count(lines["bare"])
    verse = sum(line.characters - 1 for line in lines["bare"])
    return {
        "definition": DEFINITION,
        "poems": len(split),
        "all": both(everyone, inside),
        "whole": both(everyone, everything),
        "unknown": {
            "characters": strangers,
            "share": strangers / max(1, verse),
            "nats_each": UNKNOWN_NATS,
        },
        "by_kind": {kind: both(everyone, of_kind(kind)) for kind in (HAN, MARK, LINE_FEED, END)},
        "by_form": grouped([poem.form for poem in split.poems]),
        "by_dynasty": grouped([poem.dynasty for poem in split.poems]),
        "by_collection": grouped(split.collections) if any(split.collections) else {},
    }


def ccpc_report(
    split: Split, lines: dict[str, list[Line]], scored: dict[str, list[Scored]], seed: int
) -> Report:
    """Of a THU-CCPC file: all that is predicted, and the ideographs alone (the file itself has no marks)."""
    return {
        "poems": len(split),
        "unknown": unknown_count(lines["bare"]),
        "all": {way: figure(lines[way], scored[way], inside, seed) for way in lines},
        "ideographs": {way: figure(lines[way], scored[way], of_kind(HAN), seed) for way in lines},
    }
