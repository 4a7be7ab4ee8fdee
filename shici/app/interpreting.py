"""What the page 解读 asks of the model: measurements of shici.explanation, kept for whoever asks again, and poems
written with a head silenced."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import streamlit as st
import torch
from torch import Tensor

from shici.app.reading import constraints_at, trace_of
from shici.app.state import Session, Writing
from shici.checkpoint import LoadedModel
from shici.explanation.ablation import Head, losses_without_each_head, token_losses, without_heads
from shici.explanation.cards import Cards, cards_for
from shici.explanation.classes import class_masks, rhyme_group
from shici.explanation.lens import Lens, logit_lens
from shici.explanation.recall import (
    Baseline,
    Recalled,
    TrainingText,
    baseline,
    build_index,
    load_index,
    open_text,
    recall,
)
from shici.explanation.suffixes import Places
from shici.explanation.verse import lay_out
from shici.generation.decoder import Decoder
from shici.generation.engine import write
from shici.generation.runtime import cuts_of
from shici.generation.wishes import BREAKS
from shici.model.gpt import GPT
from shici.prosody.judge import REGULAR
from shici.prosody.verdict import Remark, judge

DATA = "SHICI_DATA"  # the folder of the training text; by default data/poetry
POEMS = 8  # are written of each kind: so many rows cost a Decoder no more than one
MOST = 128  # characters of a poem
WAYS = ("zero", "mean")


@dataclass(frozen=True, slots=True)
class Silenced:
    """What silencing each head does to the loss of these tokens. Of tokens 1, 2, ... in the order of the row.

    whole: (T - 1,) nats with all heads. zero, mean: (L, nh, T - 1) nats with one head silenced that way.
    """

    whole: Tensor
    zero: Tensor
    mean: Tensor


@dataclass(frozen=True, slots=True)
class Poem:
    """A poem with its verdict. body: line as typed, and what was written after it (`written` characters)."""

    body: str
    written: int
    ended: bool
    form: str
    even: bool
    rhyme: str
    regulated: str
    faults: tuple[Remark, ...]


@dataclass(frozen=True, slots=True)
class Experiment:
    """The same dice with all heads, without one, and without another that a throw of dice chose.

    poems: for each of the three the poems of the same numbers, POEMS each. losses: for each of the three the loss of
    the line as typed, nats a character; empty for a line without any.
    """

    head: Head
    control: Head
    way: str
    poems: tuple[tuple[Poem, ...], ...]
    losses: tuple[float, ...]


@st.cache_resource(show_spinner=False, max_entries=4)
def _cards(_loaded: LoadedModel, origin: str) -> Cards:
    return cards_for(_loaded)


def cards_of(loaded: LoadedModel) -> Cards:
    """The scores of this model's heads, from its file or measured now."""
    return _cards(loaded, str(loaded.origin))


@st.cache_resource(show_spinner=False, max_entries=16)
def _lens(_loaded: LoadedModel, origin: str, tokens: tuple[int, ...]) -> tuple[Lens, str]:
    trace = trace_of(_loaded, tokens)
    seen = trace.idx[0].tolist()
    rhyme = rhyme_group(seen, lay_out(seen, _loaded.vocabulary), _loaded.vocabulary)
    masks = class_masks(_loaded.vocabulary, _loaded.model.config.vocab_size, rhyme)
    return logit_lens(_loaded.model, trace, masks), rhyme


def lens_of(loaded: LoadedModel, tokens: Sequence[int]) -> tuple[Lens, str]:
    """The logit lens on what the model sees of `tokens`, and the rhyme whose mass it adds up ("" for none)."""
    return _lens(loaded, str(loaded.origin), tuple(tokens))


@st.cache_resource(show_spinner=False, max_entries=16)
def _silenced(_loaded: LoadedModel, origin: str, tokens: tuple[int, ...]) -> Silenced:
    model, means = _loaded.model, cards_of(_loaded).means
    return Silenced(
        token_losses(model, tokens),
        losses_without_each_head(model, tokens),
        losses_without_each_head(model, tokens, means),
    )


def silenced_on(loaded: LoadedModel, seen: Sequence[int]) -> Silenced:
    """The loss of these tokens (at most a block, at least two) with each head silenced in turn."""
    return _silenced(loaded, str(loaded.origin), tuple(seen))


def control_of(model: GPT, head: Head, seed: int) -> Head:
    """Another head, by the dice; the same one for the same seed and head."""
    layer, number = head
    heads = model.config.n_head
    others = model.config.n_layer * heads - 1
    if others == 0:
        return head
    drawn = int(np.random.default_rng((seed, layer, number)).integers(others))
    drawn += drawn >= layer * heads + number
    return drawn // heads, drawn % heads


def experiment(loaded: LoadedModel, session: Session, writing: Writing, head: Head, way: str) -> Experiment:
    """Write the line's poems anew without `head`, and without a control, from the same dice."""
    model, means = loaded.model, cards_of(loaded).means if way == "mean" else None
    control = control_of(model, head, session.settings.seed)
    models = (model, without_heads(model, [head], means), without_heads(model, [control], means))
    written = tuple(poems_of(each, loaded, session, writing) for each in models)
    return Experiment(head, control, way, written, losses_of_line(models, loaded, writing.prompt.ids))


def losses_of_line(models: Sequence[GPT], loaded: LoadedModel, ids: Sequence[int]) -> tuple[float, ...]:
    """For each model the mean loss of the verse in `ids`, nats a character, of what fits its block; () for none."""
    seen = list(ids[-loaded.model.config.block_size :])
    first = max(1, lay_out(seen, loaded.vocabulary).body)
    if first >= len(seen):
        return ()
    return tuple(float(token_losses(model, seen)[first - 1 :].double().mean()) for model in models)


def poems_of(model: GPT, loaded: LoadedModel, session: Session, writing: Writing) -> tuple[Poem, ...]:
    """POEMS poems after the line as typed: that of the session's number first."""
    vocabulary, prompt = loaded.vocabulary, writing.prompt.ids
    eos = vocabulary.eos if vocabulary.has_controls else None
    numbers = range(session.number, session.number + POEMS)
    rows: dict[int, list[int]] = {number: [] for number in numbers}
    events = write(
        Decoder(model, prompt, POEMS),
        numbers,
        constraints=constraints_at(loaded, prompt, ()),
        cuts=cuts_of(session.settings),
        seed=session.settings.seed,
        max_new_tokens=MOST,
        eos=eos,
    )
    for event in events:
        for number, token in zip(event.numbers, event.step.drawn.tolist(), strict=True):
            rows[number].append(token)
    start = writing.prompt.document.body
    return tuple(judged(start, vocabulary.decode(row), bool(row) and row[-1] == eos) for row in rows.values())


def judged(start: str, written: str, ended: bool) -> Poem:
    """The judge's word on a poem, who knows nothing of how it was written."""
    body = start + written
    lines = [line for line in BREAKS.split(body) if line]
    if not lines:
        return Poem(body, len(written), ended, "", False, "", "", ())
    verdict = judge(lines)
    return Poem(
        body,
        len(written),
        ended,
        verdict.form,
        len({len(line) for line in lines}) == 1,
        verdict.rhyme,
        verdict.regulated,
        verdict.faults,
    )


def counts(poems: Sequence[Poem]) -> dict[str, int]:
    """How many of the poems have lines of one length, one rhyme, and keep the rules of their form."""
    return {
        "all": len(poems),
        "ended": sum(poem.ended for poem in poems),
        "even": sum(poem.even for poem in poems),
        "rhyme": sum(poem.rhyme != "" for poem in poems),
        "regulated": sum(poem.regulated == REGULAR for poem in poems),
    }


def data_folder() -> Path:
    return Path(os.environ.get(DATA) or "data/poetry")


@st.cache_resource(show_spinner=False, max_entries=2)
def _text(folder: str, changed: int) -> TrainingText:
    return open_text(Path(folder))


def training_text() -> TrainingText:
    """The training text, if it is there. Raises CorpusError, with the command that makes it."""
    path = data_folder() / "train.bin"
    return _text(str(data_folder()), path.stat().st_mtime_ns if path.is_file() else 0)


@st.cache_resource(show_spinner=False, max_entries=2)
def _index(_text: TrainingText, index: str) -> tuple[Places, Baseline | None]:
    if not _text.indexed:
        build_index(_text)
    order = load_index(_text)
    return order, baseline(_text, order)


def index_text(text: TrainingText) -> None:
    """Build the index, once for all sessions: others who ask meanwhile wait for the same one."""
    _index(text, str(text.index))


def recalled(text: TrainingText, characters: Sequence[str]) -> tuple[list[Recalled], Baseline | None]:
    """The runs of a verse in the training text, and those of held-out poems. The index must be there."""
    order, usual = _index(text, str(text.index))
    return recall(text, order, characters), usual


def lens_means(lens: Lens, groups: dict[str, tuple[int, list[int]]]) -> dict[str, list[float]]:
    """For each named group (class, positions) the mass of the class at every stage, averaged over the positions."""
    return {
        name: lens.masses[:, places, which].mean(-1).tolist()
        for name, (which, places) in groups.items()
        if places
    }


def stages_to(masses: Tensor, share: float = 0.5) -> int | None:
    """The first stage from which on a mass (S,) stays at `share` or above; None if it does not end there."""
    below = torch.nonzero(masses < share)[:, 0].tolist()
    first = below[-1] + 1 if below else 0
    return first if first < len(masses) else None
