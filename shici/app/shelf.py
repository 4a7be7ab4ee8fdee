"""The poems that were written, as the page 作诗 shows them: their characters, tones and the judge's verdict."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from shici.app.composer import Plan, Poem
from shici.app.judgement import remark_in_words, word
from shici.app.language import Language, Text
from shici.config.sample import SampleSettings
from shici.generation.verdicts import free_word, verdict_of
from shici.generation.verse import Verse
from shici.generation.voicing import lexicons
from shici.prosody.patterns import FREE
from shici.prosody.readings import EITHER, Reading
from shici.prosody.rhymes import LEVEL, OBLIQUE
from shici.prosody.template import PART_RHYME, Template
from shici.prosody.tunes import tunes

NUMERALS = "一二三四五六七八"


def poem_of(planned: Plan, poem: Poem, language: Language = "zh") -> dict[str, Any]:
    """A card: lines with their marks, tones and what rhymes; the verdict; how much room the form left."""
    template, asked = planned.verse.template, verdict_of(poem.body, planned.verse).patterns
    lines, ends = [], stanza_ends(template, planned.settings.tune)
    for at, shape in enumerate(template.lines):
        text = "".join(poem.text[at, place] for place in range(shape.length))
        tones = tones_in_place(planned.verse, text, asked[at])
        lines.append({"text": text, "mark": shape.mark, "stanza": ends[at], "tones": tones})
    return {
        "number": poem.number,
        "numeral": ordinal(poem.number)[1:],
        "lines": lines,
        "verdict": verdict_parts(planned, poem, language),
        "legal_share": poem.legal_share,
    }


def name_of(settings: SampleSettings, language: Language = "zh") -> str:
    """七绝, 五古 10 句, 浣溪沙, 沁园春 第 2 体: the form of a batch of poems."""
    if settings.tune:
        variant = Text(f"第 {settings.variant} 体", f"variant {settings.variant}")
        return f"{settings.tune} {variant.said(language)}" if settings.variant > 1 else settings.tune
    lines = Text(f"{settings.lines} 句", f"{settings.lines} lines")
    return f"{settings.form} {lines.said(language)}" if settings.lines else settings.form


def written_out(planned: Plan, poem: Poem) -> str:
    """The poem to be pasted elsewhere: its title, whom it is after, its lines with their marks, its stanzas apart."""
    document, settings = planned.prompt.document, planned.settings
    heading = "·".join(part for part in (settings.tune, document.title) if part) or settings.form
    rows, ends = [""], stanza_ends(planned.verse.template, settings.tune)
    for at, shape in enumerate(planned.verse.template.lines):
        rows[-1] += "".join(poem.text[at, place] for place in range(shape.length)) + shape.mark
        if ends[at]:
            rows += ["", ""]
        elif shape.breaks:
            rows.append("")
    head = [heading, *([f"拟{document.author}"] if document.author else [])]
    return "\n".join([*head, "", *rows]).rstrip()


def verdict_parts(planned: Plan, poem: Poem, language: Language = "zh") -> dict[str, Any]:
    """The judge's word in its parts, in `language`; places of faults as [line, place]."""
    verdict, settings = verdict_of(poem.body, planned.verse), planned.verse.settings
    return {
        "name": settings.tune or settings.form,
        "regulated": word(verdict.regulated or free_word(verdict), language),
        "rhyme": verdict.rhyme,
        "faults": [remark_in_words(one, language) for one in verdict.faults],
        "notes": [remark_in_words(one, language) for one in verdict.notes],
        "places": [[one.line, one.place] for one in verdict.faults if one.place is not None],
    }


def tones_in_place(verse: Verse, text: str, asked: str) -> str:
    """平, 仄, 通 or ？ for each character of a line by the readings in use; where the form asks for a tone
    that only the books know, that one. asked: 平, 仄 or 中 for each, "" for none.
    """
    known, used = lexicons(verse.settings.law)
    return "".join(
        tone if tone in (EITHER, wanted) or known.tones(one) != EITHER or wanted == FREE else wanted
        for one, tone, wanted in zip(text, used.tones(text), asked or FREE * len(text), strict=True)
    )


def sounds_of(verse: Verse, characters: Sequence[str]) -> dict[str, list[Any]]:
    """character -> [平, 仄, 通 or ？, its rhyme groups in words, the same of each tone that only the books know].

    The first two by the readings in use, by the law that the verse is written by.
    """
    known, used = lexicons(verse.settings.law)
    return {
        one: [
            used.tones(one),
            groups_of(verse, used.readings(one)),
            {
                tone: groups_of(verse, found)
                for tone in (LEVEL, OBLIQUE)
                if used.tones(one) not in (tone, EITHER)
                and (found := [r for r in known.readings(one) if (r.tone == LEVEL) == (tone == LEVEL)])
            },
        ]
        for one in characters
    }


def groups_of(verse: Verse, readings: Sequence[Reading]) -> str:
    """The rhyme groups of readings in words, those of level tone first; their parts in a 词."""
    by_part = verse.template.rhyme == PART_RHYME
    level_first = sorted(readings, key=lambda heard: heard.tone != LEVEL)
    return " / ".join(dict.fromkeys(one.part if by_part else one.group for one in level_first))


def stanza_ends(template: Template, tune: str) -> list[bool]:
    """For each line whether a stanza ends there; a 诗 has one."""
    lengths = [line.length for line in template.lines]
    variants = tunes().get(tune, ())
    found = [one for one in variants if [len(line.pattern) for line in one.lines] == lengths]
    return [line.stanza for line in found[0].lines] if found else [False] * len(lengths)


def ordinal(number: int) -> str:
    """其一, 其二 ...: poem `number`, counted from 0."""
    return f"其{NUMERALS[number]}" if number < len(NUMERALS) else f"其{number + 1}"
