"""Settings -> a model ready to write, and the poems of a prompt as events."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor

from shici.checkpoint import PRETRAINED, LoadedModel, load_model
from shici.config.sample import SampleSettings, WritingSettings
from shici.corpus.document import Document, encode_prompt
from shici.generation.automaton import Automaton
from shici.generation.backend import CPU_ENGINES, MakeReader, reader_maker
from shici.generation.constraints import Structure
from shici.generation.decoder import Reader
from shici.generation.engine import Event, write
from shici.generation.form import FormConstraint
from shici.generation.guidance import GuidedReader, guides, unguided
from shici.generation.particles import Cloud, Draft, write_drafts
from shici.generation.prompts import Prompt
from shici.generation.rhyme_choice import choose_rhymes
from shici.generation.sampler import Cuts
from shici.generation.verse import Verse
from shici.language import Text
from shici.model.device import choose_device


def load(settings: WritingSettings, option: str = "--out_dir") -> LoadedModel:
    """The model that the settings name, on their device and in their precision. option: what the user named it by.

    Raises CheckpointError or VocabularyError for its files, ConfigError for a device that is not there or a
    temperature out of bounds (before any file is read).
    """
    cuts_of(settings)
    on_cpu = settings.device == "auto" and settings.engine in CPU_ENGINES
    device = choose_device("cpu" if on_cpu else settings.device)
    shipped = settings.init_from == "pretrained" or not settings.out_dir
    loaded = load_model(PRETRAINED if shipped else Path(settings.out_dir), str(device), option)
    loaded.model.to(getattr(torch, settings.dtype))
    if settings.compile:
        loaded.model.compile(dynamic=True)
    return loaded


def unused_model(settings: WritingSettings) -> list[Text]:
    """A remark where a folder is named beside the bundled model."""
    if settings.init_from != "pretrained" or not settings.out_dir:
        return []
    named = f"--out_dir={settings.out_dir}"
    return [
        Text(
            f"{named} 用不上：--init_from=pretrained 用随附的模型。",
            f"{named} is not used: --init_from=pretrained takes the bundled model.",
        )
    ]


def crowded(settings: WritingSettings, particles: int) -> list[Text]:
    """A remark where one poem's particles are more rows than a batch should have."""
    if particles <= settings.batch_size:
        return []
    batch = f"--batch_size={settings.batch_size}"
    return [
        Text(
            f"一首的 {particles} 个粒子不能分开写，多于 {batch}：时间与内存都随粒子增加。",
            f"The {particles} particles of a poem cannot be parted and are more than {batch}: time and memory grow "
            "with them.",
        )
    ]


def cuts_of(settings: WritingSettings) -> Cuts:
    """Temperature and cuts; temperature 0 is the most likely character, undivided."""
    if settings.temperature == 0:
        return Cuts(top_k=1)
    return Cuts(settings.temperature, settings.top_k or 0, settings.top_p, settings.min_p)


def poems(
    loaded: LoadedModel,
    prompt: Prompt,
    settings: SampleSettings,
    make_reader: MakeReader | None = None,
    verse: Verse | None = None,
) -> Iterator[Event]:
    """The events of all poems that the settings ask for, batch_size poems at a time.

    make_reader: what `reader_maker` returned for this model, for those who write more than once. verse: the form to
    be kept.
    """
    make_reader = make_reader or reader_maker(loaded.model, settings)
    for first in range(0, settings.num_samples, settings.batch_size):
        numbers = range(first, min(first + settings.batch_size, settings.num_samples))
        job = prepare(numbers, loaded, prompt, settings, verse)
        yield from write_with(job.reader(make_reader), job, loaded, settings)


def poems_of_particles(
    loaded: LoadedModel,
    prompt: Prompt,
    settings: SampleSettings,
    verse: Verse,
    make_reader: MakeReader | None = None,
) -> Iterator[Draft]:
    """All poems that the settings ask for, by number, each written by settings.particles particles."""
    make_reader = make_reader or reader_maker(loaded.model, settings)
    size = max(1, settings.batch_size // settings.particles)
    for first in range(0, settings.num_samples, size):
        numbers = range(first, min(first + size, settings.num_samples))
        job = prepare(numbers, loaded, prompt, settings, verse)
        reader, constraint = job.reader(make_reader, settings.particles), job.constraint(settings.particles)
        cloud = Cloud(settings.seed, numbers, settings.particles)
        length = len(job.automata[0])
        yield from write_drafts(reader, constraint, cloud, cuts=cuts_of(settings), length=length)


@dataclass(frozen=True, slots=True)
class Job:
    """Poems that are written together. prompts: (B, T) int64. automata: one for each poem; empty without a form.

    plain: (B, T') int64, the prompts that guidance leads away from; None without guidance, where the scale is not used.
    """

    numbers: Sequence[int]
    prompts: Tensor
    automata: tuple[Automaton, ...]
    plain: Tensor | None = None
    guidance_scale: float = 1.0

    def reader(self, make_reader: MakeReader, particles: int = 1) -> Reader:
        """What reads the poems, each in so many rows that follow each other."""
        each = self._rows(particles)
        asked = make_reader(self.prompts[each], len(each))
        if self.plain is None:
            return asked
        return GuidedReader(asked, make_reader(self.plain[each], len(each)), self.guidance_scale)

    def constraint(self, particles: int = 1) -> FormConstraint:
        """The form of the same rows."""
        return FormConstraint([self.automata[poem] for poem in self._rows(particles).tolist()])

    def _rows(self, particles: int) -> Tensor:
        return torch.arange(len(self.numbers)).repeat_interleave(particles)


def prepare(
    numbers: Sequence[int], loaded: LoadedModel, prompt: Prompt, settings: SampleSettings, verse: Verse | None
) -> Job:
    """The prompt of each poem, with its rhyme where the form has one, and its automaton."""
    if verse is None:
        return _job(numbers, [prompt.document] * len(numbers), (), loaded, settings)
    rhymes = choose_rhymes(loaded, prompt.document, verse, numbers)
    automata = tuple(verse.automaton(number, rhyme) for number, rhyme in zip(numbers, rhymes, strict=True))
    named = [rhyme if verse.names_rhyme else "" for rhyme in rhymes]
    documents = [replace(prompt.document, rhyme=rhyme) for rhyme in named]
    return _job(numbers, documents, automata, loaded, settings)


def _job(
    numbers: Sequence[int],
    documents: Sequence[Document],
    automata: tuple[Automaton, ...],
    loaded: LoadedModel,
    settings: SampleSettings,
) -> Job:
    def encoded(each: Sequence[Document]) -> Tensor:
        return torch.tensor([encode_prompt(document, loaded.vocabulary) for document in each])

    guided = bool(documents) and guides(settings.guidance_scale, documents[0])
    plain = encoded([unguided(document) for document in documents]) if guided else None
    return Job(numbers, encoded(documents), automata, plain, settings.guidance_scale)


def write_with(
    reader: Reader,
    job: Job,
    loaded: LoadedModel,
    settings: SampleSettings,
) -> Iterator[Event]:
    """The events of these poems, read by this reader and drawn as the settings say."""
    vocabulary = loaded.vocabulary
    begins = vocabulary.has_controls and int(reader.tokens[0, -1]) == vocabulary.body
    free = Structure(vocabulary, loaded.model.config.vocab_size, begins=begins)
    return write(
        reader,
        job.numbers,
        constraints=[FormConstraint(job.automata) if job.automata else free],
        cuts=cuts_of(settings),
        seed=settings.seed,
        max_new_tokens=max([settings.max_new_tokens, *map(len, job.automata)]),
        eos=vocabulary.eos if vocabulary.has_controls else None,
    )
