"""Poems under a form with their weights, to measure distortion by; and poems that keep it without being made to.

Temperature 1 and no cuts: the model's own distribution.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import torch

from shici.corpus.document import Document, encode_prompt
from shici.evaluation.prosody_forms import Desk, batches
from shici.generation.form import FormConstraint
from shici.generation.particles import Cloud, Draft, drafts, write_particles
from shici.generation.runtime import Job, prepare
from shici.generation.sampler import Cuts, Dice, take_step

Progress = Callable[[int], object]

UNCUT = Cuts()


@dataclass(frozen=True, slots=True)
class Draws:
    """P poems that were drawn in one way.

    bodies: as text. rhymes: named in each prompt, or "". log_mass: (P,) sum of log Z_t along each poem. log_evidence:
    (P,) log of each cloud's estimate of Z; with one particle the same. seconds: of CPU time, for each poem.
    """

    bodies: tuple[str, ...]
    rhymes: tuple[str, ...]
    log_mass: npt.NDArray[np.float64]
    log_evidence: npt.NDArray[np.float64]
    seconds: float


def draw(place: Desk, count: int, particles: int, *, codes: bool, progress: Progress) -> Draws:
    """Draw `count` poems, each by so many particles. codes: whether the prompt names form, 合律 and rhyme."""
    began = time.process_time()
    found: list[Draft] = []
    rhymes: list[str] = []
    for numbers in batches(count, max(1, place.settings.batch_size // particles)):
        job, names = job_of(place, numbers, codes=codes)
        reader, constraint = job.reader(place.make_reader, particles), job.constraint(particles)
        cloud = Cloud(place.settings.seed, numbers, particles)
        for _ in write_particles(reader, constraint, cloud, cuts=UNCUT, length=len(job.automata[0])):
            pass
        found += drafts(reader, cloud, job.prompts.size(1))
        rhymes += names
        progress(len(numbers))
    return Draws(
        tuple(text_of(place, draft.tokens) for draft in found),
        tuple(rhymes),
        np.array([draft.log_mass for draft in found]),
        np.array([draft.log_evidence for draft in found]),
        (time.process_time() - began) / count,
    )


def job_of(place: Desk, numbers: range, *, codes: bool) -> tuple[Job, list[str]]:
    """The prompts and automata of some poems, and the rhyme that each prompt names."""
    if codes:
        job = prepare(numbers, place.loaded, place.prompt, place.settings, place.verse)
        tokens, control = place.loaded.vocabulary.tokens, place.loaded.vocabulary.control_count
        named = [[tokens[one][1:-1] for one in row if one < control] for row in job.prompts.tolist()]
        groups = place.verse.alphabet.rhymes(place.verse.template.rhyme).names
        return job, [next((one for one in row if one in groups), "") for row in named]
    prompt = encode_prompt(Document(""), place.loaded.vocabulary)
    automaton = place.verse.automaton(0)
    job = Job(numbers, torch.tensor([prompt] * len(numbers)), (automaton,) * len(numbers))
    return job, [""] * len(numbers)


def text_of(place: Desk, tokens: tuple[int, ...]) -> str:
    """A poem without its `<eos>`."""
    return place.loaded.vocabulary.decode(list(tokens[:-1]))


@dataclass(frozen=True, slots=True)
class Kept:
    """Poems of the model that keep the form of themselves: exact draws from p*. tries: out of how many."""

    bodies: tuple[str, ...]
    rhymes: tuple[str, ...]
    tries: int


def reject(place: Desk, tries: int, *, progress: Progress) -> Kept:
    """Draw poems with codes and without any mask; keep those each of whose tokens the automaton allows.

    A poem is given up at its first token that is not allowed. That is the form as the automaton has it: with the
    rhyme that the prompt names, strict readings, and the limits to repetition.
    """
    bodies: list[str] = []
    rhymes: list[str] = []
    for numbers in batches(tries, place.settings.batch_size):
        job, names = job_of(place, numbers, codes=True)
        for row, body in survivors(place, job):
            bodies.append(body)
            rhymes.append(names[row])
        progress(len(numbers))
    return Kept(tuple(bodies), tuple(rhymes), tries)


def survivors(place: Desk, job: Job) -> list[tuple[int, str]]:
    """The poems of one batch that came to their end, each with its row."""
    reader = place.make_reader(job.prompts, len(job.numbers))
    constraint = FormConstraint(job.automata)
    dice = Dice(place.settings.seed, job.numbers)
    everything = torch.ones(1, place.loaded.model.config.vocab_size, dtype=torch.bool)
    alive = torch.arange(len(job.numbers))
    for _ in range(len(job.automata[0])):
        drawn = take_step(reader.logits(), everything, UNCUT, dice.roll()).drawn
        fits = constraint.allowed().gather(1, drawn[:, None])[:, 0]
        rows = fits.nonzero()[:, 0]
        if not len(rows):
            return []
        reader.append(drawn)
        for follower in (reader, constraint, dice):
            follower.select(rows)
        constraint.append(drawn[rows])
        alive = alive[rows]
    texts = [text_of(place, tuple(row)) for row in reader.tokens[:, job.prompts.size(1) :].tolist()]
    return list(zip(alive.tolist(), texts, strict=True))


def with_seed(place: Desk, seed: int) -> Desk:
    """The same desk with other random numbers."""
    settings = replace(place.settings, seed=seed)
    return replace(place, settings=settings, verse=replace(place.verse, settings=settings))
