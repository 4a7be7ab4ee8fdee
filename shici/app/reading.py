"""The model, loaded once for all sessions, and what it makes of a line: the only place where the app runs it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st
import torch
from torch import Tensor

from shici.checkpoint import LoadedModel
from shici.config.sample import LAWS, SampleSettings
from shici.generation.constraints import Constraint, Structure, allowed_by_all
from shici.generation.decoder import TracingDecoder
from shici.generation.runtime import cuts_of, load
from shici.generation.sampler import Dice, Step, take_step
from shici.generation.voicing import lexicons
from shici.model.trace import Trace


@st.cache_resource(show_spinner=False)
def model_at(out_dir: str, init_from: str, device: str, dtype: str) -> LoadedModel:
    """The model that the command line names. Raises ShiciError."""
    return load(SampleSettings(out_dir=out_dir, init_from=init_from, device=device, dtype=dtype))


def model_for(settings: SampleSettings) -> LoadedModel:
    return model_at(settings.out_dir, settings.init_from, settings.device, settings.dtype)


@dataclass(frozen=True, slots=True)
class Next:
    """What the model says of the next token.

    logits: (1, V) float32. allowed: (1, V) bool, which may be drawn.
    forbidden_mass: the share of the model's own softmax that falls on tokens that may not.
    """

    logits: Tensor
    allowed: Tensor
    forbidden_mass: float


@st.cache_resource(show_spinner=False, max_entries=4)  # a trace of 256 tokens takes 70 MB
def _trace(_loaded: LoadedModel, origin: str, tokens: tuple[int, ...]) -> Trace:
    return TracingDecoder(_loaded.model, tokens, 1).trace


@st.cache_resource(show_spinner=False, max_entries=512)  # 80 kB each
def _next(_loaded: LoadedModel, origin: str, prompt: tuple[int, ...], path: tuple[int, ...]) -> Next:
    trace = TracingDecoder(_loaded.model, prompt + path, 1).trace
    allowed = allowed_by_all(constraints_at(_loaded, prompt, path))
    forbidden = float(trace.probabilities.cpu().where(~allowed, 0.0).sum())
    return Next(trace.logits[:, -1].float().cpu().clone(), allowed, forbidden)


def constraints_at(loaded: LoadedModel, prompt: Sequence[int], path: Sequence[int]) -> list[Constraint]:
    """The constraints that hold after `prompt`, brought to the end of `path`.

    A form that is kept joins them in shici.app.writer.
    """
    vocabulary = loaded.vocabulary
    begins = vocabulary.has_controls and prompt[-1] == vocabulary.body
    constraints: list[Constraint] = [Structure(vocabulary, loaded.model.config.vocab_size, begins=begins)]
    for token in path:
        for constraint in constraints:
            constraint.append(torch.tensor([token]))
    return constraints


def trace_of(loaded: LoadedModel, tokens: Sequence[int]) -> Trace:
    """The forward pass over `tokens`. Read only: the last few are kept for whoever asks again."""
    return _trace(loaded, str(loaded.origin), tuple(tokens))


def next_of(loaded: LoadedModel, prompt: Sequence[int], path: Sequence[int]) -> Next:
    """What comes after `prompt` and `path`. Read only: kept for whoever returns to this place."""
    return _next(loaded, str(loaded.origin), tuple(prompt), tuple(path))


def uniform(seed: int, number: int, depth: int) -> float:
    """The dice's throw for character `depth` (0 the first) of poem `number`: what sample.py throws there."""
    dice = Dice(seed, [number])
    for _ in range(depth):
        dice.roll()
    return float(dice.roll())


def step(following: Next, settings: SampleSettings, throw: float) -> Step:
    """The sampler's stages for the next character."""
    throws = torch.tensor([throw], dtype=torch.float64)
    return take_step(following.logits, following.allowed, cuts_of(settings), throws)


def sounds(character: str, law: str = LAWS[0]) -> list[list[str]]:
    """The readings in use of a character by this law: [[tone, rhyme group], ...]; empty where none is known."""
    return [[reading.tone, reading.group] for reading in lexicons(law)[1].readings(character)]
