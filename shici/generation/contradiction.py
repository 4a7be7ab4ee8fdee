"""Why wishes cannot be met together: the fewest pins that contradict the form, named with their sounds."""

from __future__ import annotations

from dataclasses import replace

from shici.errors import GenerationError
from shici.generation.automaton import Automaton
from shici.generation.grid import Pins, Place, alike, name, name_en, origin_of, settle
from shici.prosody.patterns import FREE, REGULATED_FORMS
from shici.prosody.template import LEVEL_RHYME, PART_RHYME, verse_template
from shici.prosody.tunes import canonical_name, find_tune


def contradiction(automaton: Automaton, rhyme: str) -> GenerationError:
    """The error for an automaton that is not possible."""
    pins = fewest(automaton, rhyme)
    form, book = automaton.template.name, automaton.alphabet.lexicon.book.name
    if automaton.template.rhyme == PART_RHYME:
        book = "词林正韵"
    in_rhyme = (f"押{rhyme}的" if rhyme else "") + form
    if not pins:
        return no_words(automaton, rhyme, in_rhyme, book)
    named = [(*called(automaton, place), one) for place, one in pins.items()]
    places = "、".join(f"{zh}“{one}”（{sound(automaton, one)}）" for zh, _, one in named)
    english = ", ".join(f"{en} {one}" for _, en, one in named)
    together = "放不到一起" if len(pins) > 1 else "放不下"
    why, why_en = "没有一种平仄、押韵都合的写法", "no tones and rhymes fit"
    if rhyme_word_twice(automaton, pins):
        why, why_en = "同一个字不能押两次韵", "one character cannot rhyme twice"
    elif unchanged(automaton, pins, rhyme):
        why, why_en = "换韵处前后不能同部", "where the rhyme changes it must not stay in one part of the book"
    remedy_zh, remedy_en = remedy(automaton, rhyme)
    return GenerationError(
        f"{in_rhyme}里{places}{together}：{why}。请改字、换位置{remedy_zh}。",
        f"No way to write {form} satisfies {english}: {why_en}. Change a character or its place{remedy_en}.",
    )


def no_words(automaton: Automaton, rhyme: str, what: str, book: str) -> GenerationError:
    """The error for a rhyme that has too few words of the tones that the form asks for."""
    template, alphabet = automaton.template, automaton.alphabet
    others = [
        name
        for name in alphabet.rhymes(template.rhyme).names
        if name != rhyme and Automaton(template, alphabet, {}, name).possible
    ]
    if rhyme and others:
        remedy_zh, remedy_en = f"可押：{' '.join(others)}。", f"It can rhyme in: {' '.join(others)}."
    else:
        remedy_zh, remedy_en = "请换体裁或韵书（--law）。", "Take another form or another rhyme book (--law)."
    return GenerationError(
        f"{what}写不成：{book}里合平仄的韵字太少。{remedy_zh}",
        f"{template.name} rhyming in {rhyme or 'any group'} is impossible: too few rhyme words of its tones. "
        f"{remedy_en}",
    )


def remedy(automaton: Automaton, rhyme: str) -> tuple[str, str]:
    """What else helps (Chinese, English): a form without tones if that is possible, a tune's variants if it has any."""
    template = automaton.template
    if template.rhyme == LEVEL_RHYME and template.name in REGULATED_FORMS:
        free = verse_template(template.name, regulated=False, lines=len(template.lines))
        if Automaton(free, automaton.alphabet, automaton.pins, rhyme).possible:
            return "，或用 --regulated=False", ", or use --regulated=False"
    if template.rhyme == PART_RHYME and canonical_name(template.name) and len(find_tune(template.name)) > 1:
        return "，或换一体（--variant）", ", or take another --variant"
    return "", ""


def fewest(automaton: Automaton, rhyme: str) -> Pins:
    """Pins that are impossible together, none of which can be spared; found by leaving out ever smaller parts.

    Places that must hold the same character (叠句) are left out together, and the first of them stands for all.
    """
    template = automaton.template
    groups = {origin_of(template, place): one for place, one in automaton.pins.items()}
    size = max(1, len(groups) // 2)
    while True:
        for start in range(0, len(groups), size):
            left_out = list(groups)[start : start + size]
            fewer = {place: one for place, one in groups.items() if place not in left_out}
            pins = settle(template, fewer.items())
            if not Automaton(template, automaton.alphabet, pins, rhyme).possible:
                groups = fewer
                break
        else:
            if size == 1:
                return groups
            size //= 2


def called(automaton: Automaton, place: Place) -> tuple[str, str]:
    """A place with those that must hold the same character (Chinese, English)."""
    places = alike(automaton.template, place)
    return "即".join(map(name, places)), " = ".join(map(name_en, places))


def rhyme_word_twice(automaton: Automaton, pins: Pins) -> bool:
    """Whether one character is pinned to two rhymes."""
    lines = automaton.template.lines
    ends = [one for (line, place), one in pins.items() if place == lines[line].length - 1]
    return len(pins) == len(ends) and len(set(ends)) < len(ends)


def unchanged(automaton: Automaton, pins: Pins, rhyme: str) -> bool:
    """Whether nothing is wrong but that a rhyme doesn't change where it must (换韵)."""
    loose = replace(automaton.template, apart=())
    return bool(automaton.template.apart) and Automaton(loose, automaton.alphabet, pins, rhyme).possible


def sound(automaton: Automaton, character: str) -> str:
    """The tone and the groups of a character: 平，七阳."""
    alphabet, template = automaton.alphabet.lenient, automaton.template
    rhymes = alphabet.rhymes(template.rhyme)
    token = alphabet.vocabulary.ids[character]
    tone = alphabet.lexicon.tones(character)
    return "，".join([tone, *rhymes.named(rhymes.bits(FREE)[token])])
