"""Going on with the poem: by the dice, or by hand."""

from __future__ import annotations

import torch
from torch import Tensor

from shici.app.reading import Next, constraints_at, next_of, step, uniform
from shici.app.state import Node, Session, Writing
from shici.checkpoint import LoadedModel
from shici.generation.constraints import allowed_by_all
from shici.generation.decoder import Decoder
from shici.generation.runtime import cuts_of
from shici.generation.sampler import Step, take_step


def ended(loaded: LoadedModel, writing: Writing) -> bool:
    """Whether the poem has come to its `<eos>`."""
    vocabulary = loaded.vocabulary
    at = writing.current
    return vocabulary.has_controls and at is not None and writing.nodes[at].token == vocabulary.eos


def form_mask(writing: Writing) -> Tensor | None:
    """(1, V) bool: what the form allows here; None without a form and behind its end."""
    state = writing.state()
    if writing.kept is None or state is None or state.cell >= len(writing.kept.automaton):
        return None
    return torch.from_numpy(writing.kept.automaton.allowed(state))[None]


def following(loaded: LoadedModel, writing: Writing) -> Next:
    """What comes next, by the model and by the form that is kept."""
    free, mask = next_of(loaded, writing.prompt.ids, writing.written()), form_mask(writing)
    if mask is None:
        return free
    allowed = free.allowed & mask
    forbidden = torch.softmax(free.logits, -1).where(~allowed, 0.0).sum()
    return Next(free.logits, allowed, float(forbidden))


def throw_for(session: Session, writing: Writing) -> float:
    """The dice for the next character: sample.py throws for every place of a form, those of the typed line too."""
    opening = writing.kept.opening if writing.kept else 0
    return uniform(session.settings.seed, session.number, opening + len(writing.path()))


def coming(loaded: LoadedModel, session: Session, writing: Writing) -> tuple[Step, float]:
    """The sampler's stages for the next character, and the throw of the dice that waits for it."""
    throw = throw_for(session, writing)
    return step(following(loaded, writing), session.settings, throw), throw


def draw_one(loaded: LoadedModel, session: Session, writing: Writing) -> None:
    """Write what the dice chose."""
    if not ended(loaded, writing):
        stages, _ = coming(loaded, session, writing)
        writing.add(node_of(stages, int(stages.drawn[0]), writing.current, taken=False))


def take(loaded: LoadedModel, session: Session, writing: Writing, token: int) -> None:
    """Write `token` instead of what the dice chose; one that is not allowed is ignored."""
    stages, _ = coming(loaded, session, writing)
    allowed = 0 <= token < stages.masked.size(1) and bool(stages.masked[0, token].isfinite())
    if allowed and not ended(loaded, writing):
        drawn = int(stages.drawn[0]) == token
        writing.add(node_of(stages, token, writing.current, taken=not drawn))


def write_on(loaded: LoadedModel, session: Session, writing: Writing, count: int) -> None:
    """Write up to `count` characters by the dice, with a cache: the same ones that single steps would give."""
    settings = session.settings
    reader = Decoder(loaded.model, writing.tokens(), 1)
    constraints = constraints_at(loaded, writing.prompt.ids, writing.written())
    for _ in range(count):
        if ended(loaded, writing):
            return
        throws = torch.tensor([throw_for(session, writing)], dtype=torch.float64)
        allowed, mask = allowed_by_all(constraints), form_mask(writing)
        allowed = allowed if mask is None else allowed & mask
        stages = take_step(reader.logits(), allowed, cuts_of(settings), throws)
        writing.add(node_of(stages, int(stages.drawn[0]), writing.current, taken=False))
        reader.append(stages.drawn)
        for constraint in constraints:
            constraint.append(stages.drawn)


def node_of(stages: Step, token: int, parent: int | None, *, taken: bool) -> Node:
    rank = int((stages.masked[0] > stages.masked[0, token]).sum()) + 1
    return Node(token, parent, rank, float(stages.kept[0, token]), taken)
