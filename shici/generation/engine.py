"""Many poems at once, a character at a time, until each has ended.

    prompt ids -> Decoder -> logits -> constraints -> sampler -> one token for each poem -> ...

A poem that has drawn `<eos>` leaves the batch and the others go on. The events come out while the poems are
written, so that a door can show characters as they are drawn.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from torch import Tensor

from shici.generation.constraints import Constraint, allowed_by_all
from shici.generation.decoder import Reader
from shici.generation.sampler import Cuts, Dice, Step, take_step


@dataclass(frozen=True, slots=True)
class Event:
    """One step of all poems still being written.

    numbers: the poems' numbers, B of them.
    position: how many tokens stand before the drawn ones, the prompt included.
    step: all stages of the draw, each with B rows. Nobody else keeps it: it goes when the event goes.
    ended: (B,) bool, where `<eos>` was drawn.
    """

    numbers: tuple[int, ...]
    position: int
    step: Step
    ended: Tensor


def write(
    reader: Reader,
    numbers: Sequence[int],
    *,
    constraints: Sequence[Constraint],
    cuts: Cuts,
    seed: int,
    max_new_tokens: int,
    eos: int | None,
) -> Iterator[Event]:
    """Continue the reader's lines; row i is poem numbers[i]. eos: what ends a poem, None where nothing does.

    The reader is still at the step of an event while the event is looked at. A poem is what its number and
    the seed make it, whatever else is in the batch.
    Raises GenerationError where the constraints leave nothing.
    """
    dice = Dice(seed, numbers)
    alive = tuple(numbers)
    for _ in range(max_new_tokens):
        position = reader.tokens.size(1)
        step = take_step(reader.logits(), allowed_by_all(constraints), cuts, dice.roll())
        ended = step.drawn == (-1 if eos is None else eos)
        yield Event(alive, position, step, ended)
        followers: list[Reader | Constraint] = [reader, *constraints]
        for follower in followers:
            follower.append(step.drawn)
        if bool(ended.any()):
            rows = (~ended).nonzero()[:, 0]
            if not len(rows):
                return
            for follower in followers:
                follower.select(rows)
            dice.select(rows)
            alive = tuple(alive[row] for row in rows.tolist())
