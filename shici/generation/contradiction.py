"""Why wishes cannot be met together: the fewest pins that contradict the form, named with their sounds."""

from __future__ import annotations

from shici.errors import GenerationError
from shici.generation.automaton import Automaton
from shici.generation.grid import Pins, alike, name, name_en, origin_of
from shici.prosody.patterns import FREE
from shici.prosody.template import LEVEL_RHYME


def contradiction(automaton: Automaton, rhyme: str) -> GenerationError:
    """The error for an automaton that is not possible."""
    pins = fewest(automaton, rhyme)
    form, book = automaton.template.name, automaton.alphabet.lexicon.book.name
    in_rhyme = (f"押{rhyme}的" if rhyme else "") + form
    if not pins:
        return GenerationError(
            f"{in_rhyme}写不成：{book}里合用的韵字太少。请换韵部，或用 --polyphones=loose。",
            f"{form} rhyming in {rhyme or 'any group'} is impossible: too few rhyme words. Use another group, or "
            "--polyphones=loose.",
        )
    places = "、".join(f"{name(place)}“{one}”（{sound(automaton, one)}）" for place, one in pins.items())
    english = ", ".join(f"{name_en(place)} {one}" for place, one in pins.items())
    several = len({origin_of(automaton.template, place) for place in pins}) > 1
    together = "放不到一起" if several else "放不下"
    regulated = automaton.template.rhyme == LEVEL_RHYME
    return GenerationError(
        f"{in_rhyme}里{places}{together}：没有一种平仄、押韵都合的写法。"
        + ("请改字、换位置，或用 --regulated=False。" if regulated else "请改字或换位置。"),
        f"No way to write {form} satisfies {english}. Change a character or its place"
        + (", or use --regulated=False." if regulated else "."),
    )


def fewest(automaton: Automaton, rhyme: str) -> Pins:
    """Pins that are impossible together, none of which can be spared; places that must be alike go together."""
    pins = dict(automaton.pins)
    for place in list(pins):
        same = alike(automaton.template, place)
        fewer = {one: character for one, character in pins.items() if one not in same}
        if not Automaton(automaton.template, automaton.alphabet, fewer, rhyme).possible:
            pins = fewer
    return pins


def sound(automaton: Automaton, character: str) -> str:
    """The tone and the groups of a character: 平，七阳."""
    alphabet, template = automaton.alphabet.lenient, automaton.template
    rhymes = alphabet.rhymes(template.rhyme)
    token = alphabet.vocabulary.ids[character]
    tone = alphabet.lexicon.tones(character)
    return "，".join([tone, *rhymes.named(rhymes.bits(FREE)[token])])
