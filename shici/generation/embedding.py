"""嵌字: characters that a poem must use, wherever they fit."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from shici.errors import GenerationError
from shici.generation.alphabet import Alphabet
from shici.generation.automaton import Automaton
from shici.generation.contradiction import contradiction
from shici.generation.grid import Pins, settle
from shici.generation.placing import Placing, free_places
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
    """The pins with each of the characters in some place, at random.

    Raises GenerationError where there are too many, where they cannot all stand in the form, or no way was found.
    """
    wanted = missing(characters, pins)
    found = placed(template, alphabet, pins, wanted, rhyme, dice)
    if found is None:
        build(template, alphabet, pins, rhyme)  # says so, if it was impossible before
        raise refusal(template, alphabet, pins, wanted, rhyme)
    return found


def missing(characters: str, pins: Pins) -> list[str]:
    """Those of the characters that no pin says, each once."""
    return [one for one in dict.fromkeys(characters) if one not in pins.values()]


def placed(
    template: Template,
    alphabet: Alphabet,
    pins: Pins,
    wanted: Sequence[str],
    rhyme: str,
    dice: np.random.Generator,
) -> Pins | None:
    """The pins with the wanted characters, or None: by matching, else (where words are scarce) by trying."""
    placing = Placing(template, alphabet, pins, rhyme)
    found = placing.find(wanted, dice)
    if found is not None:
        trial = settle(template, [*pins.items(), *found.items()])
        if Automaton(template, alphabet, trial, rhyme).possible:
            return trial
    elif placing.settled:
        return None
    return tried(template, alphabet, pins, wanted, rhyme, dice)


def tried(
    template: Template,
    alphabet: Alphabet,
    pins: Pins,
    wanted: Sequence[str],
    rhyme: str,
    dice: np.random.Generator,
) -> Pins | None:
    """The pins with the wanted characters, found by trying places, with backtracking; None after MOST_TRIALS."""
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

    return place(0, pins)


def possible_rhymes(
    template: Template, alphabet: Alphabet, pins: Pins, embed: str, rhyme: str
) -> tuple[str, ...]:
    """The groups in which the (first) rhyme can be written, 嵌字 and all.

    Raises GenerationError where there is none, so that a contradiction is found before anything is drawn.
    """
    names = build(template, alphabet, pins, rhyme).open_rhymes()
    wanted = missing(embed, pins)
    if not wanted:
        return tuple(names)
    placing = Placing(template, alphabet, pins, rhyme)
    if placing.find(wanted) is None and placing.settled:  # in no group
        raise refusal(template, alphabet, pins, wanted, rhyme)
    found = [
        name
        for name in names or [""]
        if placed(template, alphabet, pins, wanted, name, np.random.default_rng(0)) is not None
    ]
    if not found:
        raise refusal(template, alphabet, pins, wanted, rhyme)
    return tuple(name for name in found if name)


def refusal(
    template: Template, alphabet: Alphabet, pins: Pins, wanted: Sequence[str], rhyme: str
) -> GenerationError:
    """The error for characters that cannot all be placed."""
    room = len(free_places(template, pins))
    if len(wanted) > room:
        return GenerationError(
            f"嵌字要放 {len(wanted)} 个字，{template.name}只有 {room} 处空着。请少定几个字，或换体裁。",
            f"{len(wanted)} characters are to be placed, {template.name} has {room} places left. Use fewer, or another "
            "form.",
        )
    named = "".join(fewest_unplaced(Placing(template, alphabet, pins, rhyme), wanted))
    few_zh, few_en = ("，或少定几个字", ", or pin fewer") if len(named) > 1 else ("", "")
    return GenerationError(
        f"嵌字“{named}”在{f'押{rhyme}的' if rhyme else ''}{template.name}里没有找到放得下的地方：平仄、押韵不合。"
        f"请换字{few_zh}。",
        f"No places were found in {template.name} for the characters {named}: their tones and rhymes do not fit. "
        f"Use others{few_en}.",
    )


def fewest_unplaced(placing: Placing, wanted: Sequence[str]) -> Sequence[str]:
    """Characters that provably cannot stand in the form together, none of which can be spared; else all."""

    def impossible(characters: Sequence[str]) -> bool:
        return placing.find(characters) is None and placing.settled

    if not impossible(wanted):
        return wanted
    size = max(1, len(wanted) // 2)
    while True:
        for start in range(0, len(wanted), size):
            fewer = [*wanted[:start], *wanted[start + size :]]
            if impossible(fewer):
                wanted = fewer
                break
        else:
            if size == 1:
                return wanted
            size //= 2
