"""Poems in a form, for the page 作诗: planned, written with progress, and what else might stand at each place.

plan(settings) -> Plan;  draw(plan, numbers) -> poems;  alternatives(plan, poem) -> for each place the legal characters
The distributions are the sampler's stages of the model's own logits; nothing is computed here.
Letters: V vocabulary.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import streamlit as st
import torch
from torch import Tensor

from shici.app.language import Text
from shici.app.reading import next_of, trace_of
from shici.checkpoint import LoadedModel
from shici.config.sample import SampleSettings
from shici.errors import GenerationError, ShiciError
from shici.generation.alphabet import Mask
from shici.generation.automaton import Automaton
from shici.generation.backend import MakeReader, reader_maker
from shici.generation.grid import Place, alike, origin_of
from shici.generation.particles import Cloud, drafts, write_particles
from shici.generation.prompts import Prompt, build_prompt
from shici.generation.runtime import cuts_of, prepare
from shici.generation.sampler import Cuts, take_step
from shici.generation.spelling import spell
from shici.generation.verse import Verse, plan_verse
from shici.prosody.tunes import find_tune
from shici.vocabulary import CI_RHYME_GROUPS, RHYME_GROUPS, Vocabulary, control

Pins = Mapping[Place, str]
Report = Callable[[int, int], None]  # (steps done, steps in all)

LONGEST = {"author": ("作者", "The author", 20), "title": ("题目", "The title", 60)}
SHOWN = 12  # alternatives at a place
NAMED = 6  # of many unknown characters


class FieldError(GenerationError):
    """What was typed into a field cannot be used; `field` is that of the settings."""

    def __init__(self, field: str, zh: str, en: str) -> None:
        super().__init__(zh, en)
        self.field = field


@dataclass(frozen=True, slots=True)
class Plan:
    """What was asked for, checked and ready to be written."""

    loaded: LoadedModel
    settings: SampleSettings
    verse: Verse
    prompt: Prompt

    @property
    def remarks(self) -> tuple[Text, ...]:
        return (*self.verse.remarks, *self.prompt.remarks)


@dataclass(frozen=True, slots=True)
class Poem:
    """number: which of the seed's poems. rhyme: the group it was written in, "" where none was named.

    kept: what was fixed before it was written. text: its characters by place. body: with its marks.
    legal_share: how much of the probability lay on what the form and the cuts allow, the geometric mean over the
    steps; None where every character was fixed.
    """

    number: int
    rhyme: str
    kept: Pins
    text: Pins
    body: str
    legal_share: float | None


@dataclass(frozen=True, slots=True)
class Options:
    """What may stand at a place. likeliest: (character, share among what may stand there), the likeliest first.

    count: how many characters may. mass: the share of the model's own softmax that falls on them. own: the share of
    the character that stands there, None if it may only because it was asked for. rank: its place among them.
    """

    likeliest: tuple[tuple[str, float], ...]
    count: int
    mass: float
    own: float | None
    rank: int


@st.cache_resource(show_spinner=False)
def _readers(_loaded: LoadedModel, origin: str, engine: str, dtype: str, device: str) -> MakeReader:
    settings = SampleSettings(engine=engine, dtype=dtype, device=device)
    return reader_maker(_loaded.model, settings)


def readers_for(loaded: LoadedModel, settings: SampleSettings) -> MakeReader:
    """The engine that the settings name, made ready once for all sessions."""
    return _readers(loaded, str(loaded.origin), settings.engine, settings.dtype, settings.device)


def plan(loaded: LoadedModel, settings: SampleSettings) -> Plan:
    """Check what was asked for. Raises ShiciError; a contradiction names its places."""
    for error in field_errors(loaded, settings):
        raise error
    if settings.tune:
        find_tune(settings.tune)  # raises, with the nearest names
    verse = plan_verse(settings, loaded.vocabulary, loaded.model.config.vocab_size)
    if verse is None:
        raise GenerationError(
            "这里要有固定的格式：请选一种诗体或词牌（并用懂得体裁的模型，即 train.py 训练的）。",
            "A form with fixed places is needed here: choose one (and use a model trained by train.py).",
        )
    prompt = build_prompt(verse.settings, loaded.vocabulary, loaded.model.config.block_size)
    return Plan(loaded, settings, verse, prompt)


def field_errors(loaded: LoadedModel, settings: SampleSettings) -> list[FieldError]:
    """What is wrong with each of the names that were typed."""
    found = []
    for field, (zh, en, most) in LONGEST.items():
        text = "".join(getattr(settings, field).split())
        if len(text) > most:
            found.append(
                FieldError(
                    field,
                    f"{zh}至多 {most} 字，这里有 {len(text)} 字。请写短些。",
                    f"{en} may have {most} characters, not {len(text)}. Make it shorter.",
                )
            )
        elif strange := strangers(text, loaded.vocabulary):
            found.append(FieldError(field, *unknown_in(zh, en, strange)))
    return found


def strangers(text: str, vocabulary: Vocabulary) -> dict[str, ShiciError]:
    """The characters that the model does not know, each once, with what there is to say about it."""
    found = {}
    for one in dict.fromkeys(text):
        try:
            spell(one, vocabulary)
        except ShiciError as error:
            found[one] = error
    return found


def unknown_in(zh: str, en: str, strange: Mapping[str, ShiciError]) -> tuple[str, str]:
    """All of them in one sentence, or the one with what may stand for it. zh, en: the field."""
    if len(strange) == 1:
        (error,) = strange.values()
        return f"{zh}：{error.zh}", f"{en}: {error.en}"
    named, more = list(strange)[:NAMED], len(strange) - NAMED
    listed_zh = "".join(f"“{one}”" for one in named) + (f"等 {len(strange)} 个字" if more > 0 else "")
    listed_en = ", ".join(map(repr, named)) + (f" and {more} more" if more > 0 else "")
    return (
        f"{zh}：模型不认识{listed_zh}。它只认识汉字和它学过的标点，请换字或删去。",
        f"{en}: the model does not know {listed_en}. It knows Chinese characters and the punctuation it was "
        "trained on; change these or leave them out.",
    )


def draw(
    planned: Plan, numbers: Sequence[int], make_reader: MakeReader, report: Report, *, rhyme: str = ""
) -> list[Poem]:
    """The poems of these numbers: what sample.py writes with the same settings, whatever else is drawn beside them.

    rhyme: the group to write in; by default as the model chooses.
    """
    settings, loaded = planned.settings, planned.loaded
    verse = replace(planned.verse, rhyme=rhyme) if rhyme else planned.verse
    together = max(1, settings.batch_size // settings.particles)
    found: list[Poem] = []
    for first in range(0, len(numbers), together):
        part = numbers[first : first + together]
        job = prepare(part, loaded, planned.prompt, settings, verse)
        reader, constraint = job.reader(make_reader, settings.particles), job.constraint(settings.particles)
        cloud, length = Cloud(settings.seed, part, settings.particles), len(job.automata[0])
        steps = write_particles(reader, constraint, cloud, cuts=cuts_of(settings), length=length)
        for done, _ in enumerate(steps, start=1):
            report(first * length + done * len(part), len(numbers) * length)
        for row, draft in enumerate(drafts(reader, cloud, job.prompts.size(1))):
            text = {
                place: loaded.vocabulary.tokens[draft.tokens[at]]
                for place, at in job.automata[0].grid.at.items()
            }
            named = named_rhyme(job.prompts[row].tolist(), planned) or verse.rhyme
            body = loaded.vocabulary.decode(draft.tokens[:-1])
            share = float(np.exp(draft.log_mass / length))
            found.append(Poem(draft.number, named, dict(verse.pins), text, body, share))
    return found


def named_rhyme(prompt: Sequence[int], planned: Plan) -> str:
    """The rhyme group that a prompt names, or ""."""
    ids = planned.loaded.vocabulary.ids
    groups = (*RHYME_GROUPS, *CI_RHYME_GROUPS)
    return next((one for one in groups if ids.get(control(one)) in prompt), "")


def with_pins(planned: Plan, pins: Pins, rhyme: str) -> Plan:
    """The same with other pins, of a poem in `rhyme`."""
    return replace(planned, verse=planned.verse.with_pins(pins, rhyme))


def rewritten(planned: Plan, poem: Poem, pins: Pins, make_reader: MakeReader, report: Report) -> Poem:
    """`poem` with `pins` kept and all else written anew, in the same rhyme and with the same dice.

    Raises GenerationError, with the places named, where the pins contradict the form.
    """
    changed = with_pins(planned, pins, poem.rhyme)
    automaton = changed.verse.automaton(poem.number, poem.rhyme)
    if len(pins) < len(automaton.grid.at):
        return draw(changed, [poem.number], make_reader, report, rhyme=poem.rhyme)[0]
    tokens = planned.loaded.vocabulary.tokens
    body = "".join(tokens[cell.token] for cell in automaton.grid.cells[:-1] if cell.token is not None)
    return Poem(poem.number, poem.rhyme, dict(pins), dict(pins), body, None)


def tokens_of(planned: Plan, poem: Poem) -> tuple[tuple[int, ...], list[int]]:
    """The ids of the prompt that the poem was written after, and of the poem."""
    verse = replace(planned.verse, rhyme=poem.rhyme, pins=dict(poem.kept))
    job = prepare([poem.number], planned.loaded, planned.prompt, planned.settings, verse)
    return tuple(job.prompts[0].tolist()), planned.loaded.vocabulary.encode(poem.body)


# what else might stand there


def alternatives(planned: Plan, poem: Poem, held: frozenset[Place]) -> dict[str, dict[Place, Options]]:
    """For each place what may stand there: "follow" if all behind it but `held` is written anew, "only" if all stays.

    The model's own distribution at the place (not guided), given what stands before, at temperature 1, among what is
    legal.
    """
    prompt, tokens = tokens_of(planned, poem)
    planned = with_pins(
        planned, poem.text, poem.rhyme
    )  # a character put in by hand may need the books' reading
    logits = logits_along(planned.loaded, prompt, tokens)
    cells = Automaton(planned.verse.template, planned.verse.alphabet).grid.at
    found: dict[str, dict[Place, Options]] = {"follow": {}, "only": {}}
    for place, cell in cells.items():
        for mode, options in found.items():
            if origin_of(planned.verse.template, place) != place:
                options[place] = options[origin_of(planned.verse.template, place)]
                continue
            pins = pins_without(planned, poem, held, place, follow=mode == "follow")
            mask = legal(planned, pins, poem.rhyme, tokens[:cell])
            options[place] = options_of(planned, logits[cell], mask, poem.text[place])
    return found


def pins_without(
    planned: Plan, poem: Poem, held: frozenset[Place], place: Place, *, follow: bool
) -> dict[Place, str]:
    """What stays when the character at `place` is chosen anew: all else, or what comes before and what is held."""
    changed = set(alike(planned.verse.template, place))
    return {
        one: character
        for one, character in poem.text.items()
        if one not in changed and (not follow or one < place or one in held)
    }


def legal(planned: Plan, pins: Pins, rhyme: str, before: Sequence[int]) -> Mask | None:
    """(V,) what may come behind the tokens `before`; None where nothing may."""
    verse = planned.verse
    automaton = Automaton(verse.template, verse.alphabet, pins, rhyme, verse.limits)
    state = automaton.start() if automaton.possible else None
    for token in before:
        state = state and automaton.advance(state, token)
    return automaton.allowed(state) if state else None


def options_of(planned: Plan, logits: Tensor, mask: Mask | None, character: str) -> Options:
    """The likeliest of a place; logits: (V,)."""
    vocabulary = planned.loaded.vocabulary
    if mask is None or not mask.any():
        return Options((), 0, 0.0, None, 0)
    allowed = torch.from_numpy(mask)
    stages = take_step(logits[None], allowed[None], Cuts(), torch.zeros(1, dtype=torch.float64))
    shares, own = stages.probabilities[0], vocabulary.ids[character]
    count = int(allowed.sum())
    likeliest = shares.topk(min(SHOWN, count))
    return Options(
        tuple(
            (vocabulary.tokens[token], share)
            for share, token in zip(likeliest.values.tolist(), likeliest.indices.tolist(), strict=True)
        ),
        count,
        float(stages.log_allowed().exp()),
        float(shares[own]) if mask[own] else None,
        int((shares > shares[own]).sum()) + 1 if mask[own] else 0,
    )


def logits_along(loaded: LoadedModel, prompt: Sequence[int], tokens: Sequence[int]) -> Tensor:
    """(len(tokens), V) float32: the model's logits for each token of a poem, given what stands before it."""
    block, whole = loaded.model.config.block_size, [*prompt, *tokens]
    first = trace_of(loaded, whole[:block]).logits[0].float().cpu()
    seen = first[len(prompt) - 1 : len(prompt) - 1 + len(tokens)]
    beyond = [next_of(loaded, whole[:end], ()).logits for end in range(block + 1, len(whole))]
    return torch.cat([seen, *beyond])[: len(tokens)]
