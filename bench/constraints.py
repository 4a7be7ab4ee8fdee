"""What keeping a form costs: the automaton's share of a step's time, and how long particles take.

Run: python bench/constraints.py [--batches=1,16,64] [--repeats=3] [--threads=0]

A step is the model's logits, what the form allows, the draw, and bringing all three up to date. The same poems are
written in every repeat, and of each part the fastest repeat counts: other work on the machine slows a repeat down,
never speeds one up. Then seconds for one 七绝 by 16 particles, from the prompt to the choice. A table for people, then
one JSON line for programs.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import torch

from shici.checkpoint import LoadedModel
from shici.config.fields import option
from shici.config.help import display_width, pad
from shici.config.parse import describe, parse_settings
from shici.config.sample import SampleSettings
from shici.errors import run_door
from shici.generation.backend import MakeReader, sole_writer
from shici.generation.form import FormConstraint
from shici.generation.prompts import Prompt, build_prompt
from shici.generation.runtime import Job, cuts_of, load, poems_of_particles, prepare
from shici.generation.sampler import Dice, take_step
from shici.generation.verse import Verse, plan_verse

FORMS = {"七绝": {"form": "七绝"}, "七律": {"form": "七律"}, "沁园春": {"tune": "沁园春"}}
ENGINES = ("onnx", "torch")
HEADINGS = ("体裁", "引擎", "首", "模型", "约束", "抽字", "约束占")
TARGET_SHARE, TARGET_SECONDS, PARTICLES = 0.10, 2.0, 16


@dataclass(frozen=True)
class BenchSettings:
    """约束测速：守格律占一步的几成；粒子写一首要几秒。
    Benchmark of the constraint: its share of a step, and the seconds that particles take for a poem.
    """

    batches: tuple[int, ...] = option(
        (1, 16, 64), "一批几首，逗号隔开", "poems in a batch, with commas between"
    )
    repeats: int = option(3, "每种跑几遍，取最快的", "runs of each, the fastest counts", minimum=1)
    threads: int = option(0, "线程数，0 不改", "threads, 0: as they are", minimum=0)
    polyphones: str = option("strict", "同 sample.py", "as for sample.py", choices=("strict", "loose"))


@dataclass(frozen=True, slots=True)
class Parts:
    """Seconds of a whole batch, prompt aside: model, constraint, draw."""

    model: float
    constraint: float
    draw: float
    steps: int

    @property
    def share(self) -> float:
        """Of the constraint."""
        return self.constraint / (self.model + self.constraint + self.draw)

    def fastest(self, other: Parts) -> Parts:
        """Part by part the smaller of the two."""
        return Parts(
            min(self.model, other.model),
            min(self.constraint, other.constraint),
            min(self.draw, other.draw),
            self.steps,
        )


@dataclass(frozen=True, slots=True)
class Writer:
    """A form ready to be written with an engine."""

    settings: SampleSettings
    loaded: LoadedModel
    verse: Verse
    prompt: Prompt
    make_reader: MakeReader

    def job(self, poems: int) -> Job:
        return prepare(range(poems), self.loaded, self.prompt, self.settings, self.verse)


def main(argv: list[str]) -> int:
    settings = parse_settings(BenchSettings, argv, prog="bench/constraints.py")
    if settings.threads:
        torch.set_num_threads(settings.threads)
    print(f"{torch.get_num_threads()} 线程，torch {torch.__version__}；毫秒每步")
    rows = [HEADINGS]
    shares: dict[str, float] = {}
    for form in FORMS:
        for engine in ENGINES:
            with the_writer(form, engine, settings) as writer:
                for poems in settings.batches:
                    parts = fastest(partial(measure, writer, poems), settings.repeats)
                    rows.append((form, engine, str(poems), *milliseconds(parts), f"{parts.share:.1%}"))
                    shares[f"{form}/{engine}/{poems}"] = round(parts.share, 4)
    print_table(rows)
    print(f"目标：约束至多占 {TARGET_SHARE:.0%}；最多 {max(shares.values()):.1%}")
    seconds = {engine: particle_seconds(engine, settings) for engine in ENGINES}
    for engine, one in seconds.items():
        print(f"{PARTICLES} 个粒子写一首七绝（{engine}）：{one:.2f} 秒；目标 {TARGET_SECONDS:g} 秒以内")
    numbers = {
        "bench": "constraints",
        **describe(settings),
        "threads": torch.get_num_threads(),
        "constraint_share": shares,
        "particles": PARTICLES,
        "particle_seconds": {engine: round(one, 3) for engine, one in seconds.items()},
        "targets": {"share": TARGET_SHARE, "seconds": TARGET_SECONDS},
    }
    print(json.dumps(numbers, ensure_ascii=False))
    return 0


@contextmanager
def the_writer(form: str, engine: str, settings: BenchSettings) -> Iterator[Writer]:
    """The shipped model on this form, as sample.py writes."""
    asked = replace(
        SampleSettings(init_from="pretrained", engine=engine, polyphones=settings.polyphones), **FORMS[form]
    )
    loaded = load(asked)
    verse = plan_verse(asked, loaded.vocabulary, loaded.model.config.vocab_size)
    assert verse is not None
    prompt = build_prompt(verse.settings, loaded.vocabulary, loaded.model.config.block_size)
    with sole_writer(loaded.model, asked) as make_reader:
        yield Writer(verse.settings, loaded, verse, prompt, make_reader)


def measure(writer: Writer, poems: int) -> Parts:
    """Write a batch of poems once."""
    job = writer.job(poems)
    reader, constraint = writer.make_reader(job.prompts, poems), FormConstraint(job.automata)
    dice, cuts, clock = Dice(0, range(poems)), cuts_of(writer.settings), time.perf_counter
    model = bound = draw = 0.0
    steps = len(job.automata[0])
    for _ in range(steps):
        marks = [clock()]
        logits = reader.logits()
        marks.append(clock())
        allowed = constraint.allowed()
        marks.append(clock())
        step = take_step(logits, allowed, cuts, dice.roll())
        marks.append(clock())
        reader.append(step.drawn)
        marks.append(clock())
        constraint.append(step.drawn)
        marks.append(clock())
        read, asked, drawn, kept, followed = (b - a for a, b in pairwise(marks))
        model, bound, draw = model + read + kept, bound + asked + followed, draw + drawn
    return Parts(model, bound, draw, steps)


def fastest(run: Callable[[], Parts], repeats: int) -> Parts:
    """The fastest of each part, after one run to warm up."""
    run()
    found = run()
    for _ in range(repeats - 1):
        found = found.fastest(run())
    return found


def particle_seconds(engine: str, settings: BenchSettings) -> float:
    """One 七绝 by PARTICLES particles, the fastest of the repeats; loading the model is not counted."""
    best = float("inf")
    with the_writer("七绝", engine, settings) as writer:
        asked = replace(writer.settings, num_samples=1, particles=PARTICLES)
        for _ in range(settings.repeats + 1):
            began = time.perf_counter()
            list(poems_of_particles(writer.loaded, writer.prompt, asked, writer.verse, writer.make_reader))
            best = min(best, time.perf_counter() - began)
    return best


def milliseconds(parts: Parts) -> list[str]:
    """Of a step: model, constraint, draw."""
    return [f"{one / parts.steps * 1e3:.2f}" for one in (parts.model, parts.constraint, parts.draw)]


def print_table(rows: Sequence[Sequence[str]]) -> None:
    widths = [max(display_width(row[column]) for row in rows) for column in range(len(HEADINGS))]
    for first, second, *rest in rows:
        cells = (
            " " * (width - display_width(cell)) + cell for cell, width in zip(rest, widths[2:], strict=True)
        )
        print("  ".join((pad(first, widths[0]), pad(second, widths[1]), *cells)))


if __name__ == "__main__":
    run_door(main)
