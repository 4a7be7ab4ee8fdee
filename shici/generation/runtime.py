"""Settings -> a model ready to write, and the poems of a prompt as events."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import torch

from shici.checkpoint import PRETRAINED, LoadedModel, load_model
from shici.config.sample import SampleSettings
from shici.generation.backend import CPU_ENGINES, MakeReader, reader_maker
from shici.generation.constraints import Structure
from shici.generation.decoder import Reader
from shici.generation.engine import Event, write
from shici.generation.prompts import Prompt
from shici.generation.sampler import Cuts
from shici.model.device import choose_device


def load(settings: SampleSettings) -> LoadedModel:
    """The model that the settings name, on their device and in their precision.

    Raises CheckpointError or VocabularyError for its files, ConfigError for a device that is not there.
    """
    on_cpu = settings.device == "auto" and settings.engine in CPU_ENGINES
    device = choose_device("cpu" if on_cpu else settings.device)
    shipped = settings.init_from == "pretrained" or not settings.out_dir
    loaded = load_model(PRETRAINED if shipped else Path(settings.out_dir), str(device))
    loaded.model.to(getattr(torch, settings.dtype))
    if settings.compile:
        loaded.model.compile(dynamic=True)
    return loaded


def cuts_of(settings: SampleSettings) -> Cuts:
    """Temperature and cuts; temperature 0 is the most likely character, undivided."""
    if settings.temperature == 0:
        return Cuts(top_k=1)
    return Cuts(settings.temperature, settings.top_k or 0, settings.top_p, settings.min_p)


def poems(
    loaded: LoadedModel, prompt: Prompt, settings: SampleSettings, make_reader: MakeReader | None = None
) -> Iterator[Event]:
    """The events of all poems that the settings ask for, batch_size poems at a time.

    make_reader: what `reader_maker` returned for this model, for those who write more than once.
    """
    if make_reader is None:
        make_reader = reader_maker(loaded.model, settings)
    for first in range(0, settings.num_samples, settings.batch_size):
        numbers = range(first, min(first + settings.batch_size, settings.num_samples))
        reader = make_reader(prompt.ids, len(numbers))
        yield from write_with(reader, numbers, loaded, settings)


def write_with(
    reader: Reader,
    numbers: Sequence[int],
    loaded: LoadedModel,
    settings: SampleSettings,
) -> Iterator[Event]:
    """The events of these poems, read by this reader and drawn as the settings say."""
    vocabulary = loaded.vocabulary
    begins = vocabulary.has_controls and int(reader.tokens[0, -1]) == vocabulary.body
    return write(
        reader,
        numbers,
        constraints=[Structure(vocabulary, loaded.model.config.vocab_size, begins=begins)],
        cuts=cuts_of(settings),
        seed=settings.seed,
        max_new_tokens=settings.max_new_tokens,
        eos=vocabulary.eos if vocabulary.has_controls else None,
    )
