"""A composition of the page 作诗 without the page: its poems written, small and quick."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from shici.app.composer import Poem, readers_for
from shici.app.composition import Composition, Task, Version, carry_out, sensible, starting
from shici.checkpoint import LoadedModel
from shici.config.sample import SampleSettings

BASE = starting(SampleSettings(engine="torch"))


def composed(loaded: LoadedModel, pins: str = "", **wishes: Any) -> Composition:
    """A composition whose poems are written; two 五绝 with one particle unless otherwise asked."""
    asked = {"form": "五绝", "num_samples": 2, "particles": 1, **wishes}
    found = Composition(sensible(replace(BASE, **asked)))
    found.pins = {at: one for at, one in zip(places("五五五五"), pins, strict=False) if one != "□"}
    found.task = Task(fresh=True)
    work(loaded, found)
    return found


def work(loaded: LoadedModel, composition: Composition) -> list[tuple[int, int]]:
    """Carry out the task; the steps that were reported."""
    steps: list[tuple[int, int]] = []
    carry_out(composition, loaded, readers_for(loaded, BASE), lambda done, total: steps.append((done, total)))
    return steps


def places(lengths: str) -> list[tuple[int, int]]:
    return [(line, place) for line, one in enumerate(lengths) for place in range("四五六七".index(one) + 4)]


def shown(composition: Composition) -> Version:
    assert composition.shown is not None
    return composition.shown


def lines_of(poem: Poem) -> list[str]:
    return [line for line in re.split(r"[，。、\n]", poem.body) if line]


def event(composition: Composition, **done: Any) -> dict[str, Any]:
    """What the browser sends along with everything."""
    pins = [[line, place, one] for (line, place), one in composition.pins.items()]
    return {"wishes": {}, "pins": pins, "revision": composition.revision, **done}
