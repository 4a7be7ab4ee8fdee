"""嵌字: characters that a poem must use, wherever they fit."""

from __future__ import annotations

import numpy as np

from shici.errors import GenerationError
from shici.generation.alphabet import Alphabet
from shici.generation.automaton import Automaton
from shici.generation.contradiction import contradiction
from shici.generation.grid import Pins, Place, settle
from shici.prosody.repeats import RepeatLimits
from shici.prosody.template import Template

MOST_TRIALS = 2000  # of places, before the search is given up


def build(
    template: Template, alphabet: Alphabet, pins: Pins, rhyme: str, limits: RepeatLimits | None = None
) -> Automaton:
    """The automaton of a form with pins. Raises GenerationError that names the places where they contradict it."""
    automaton = Automaton(template, alphabet, pins, rhyme, limits)
    if not automaton.possible:
        raise contradiction(automaton, rhyme)
    return automaton


def embedded(
    template: Template,
    alphabet: Alphabet,
    pins: Pins,
    characters: str,
    rhyme: str,
    dice: np.random.Generator,
) -> Pins:
    """The pins with each of the characters in some place: found by trying, at random and with backtracking.

    Raises GenerationError where there are too many or no way was found.
    """
    wanted = [one for one in dict.fromkeys(characters) if one not in pins.values()]
    room = len(free_places(template, pins))
    if len(wanted) > room:
        raise GenerationError(
            f"嵌字要放 {len(wanted)} 个字，{template.name}只有 {room} 处空着。请少定几个字，或换体裁。",
            f"{len(wanted)} characters are to be placed, {template.name} has {room} places left. Use fewer, or another "
            "form.",
        )
    left = MOST_TRIALS

    def place(at: int, so_far: Pins) -> Pins | None:
        nonlocal left
        if at == len(wanted):
            return so_far
        free = free_places(template, so_far)
        for which in dice.permutation(len(free)).tolist():
            if left == 0:
                return None
            left -= 1
            trial = settle(template, [*so_far.items(), (free[which], wanted[at])])
            if Automaton(template, alphabet, trial, rhyme).possible:
                found = place(at + 1, trial)
                if found is not None:
                    return found
        return None

    found = place(0, pins)
    if found is None:
        build(template, alphabet, pins, rhyme)  # says so, if it was impossible before
        raise GenerationError(
            f"嵌字“{''.join(wanted)}”在{template.name}里没有找到放得下的地方。请换字，或少定几个字。",
            f"No places were found in {template.name} for the characters {''.join(wanted)}. Use others, or pin fewer.",
        )
    return found


def free_places(template: Template, pins: Pins) -> list[Place]:
    """The places that hold no pin and repeat no other."""
    return [
        (line, place)
        for line, shape in enumerate(template.lines)
        for place in range(shape.length)
        if (line, place) not in pins and shape.same_as is None
    ]
