"""The desk of the page 作诗: what its component draws, and what is done to the pins there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from shici.app.composer import FieldError, Options, Plan, alternatives, field_errors, plan
from shici.app.composition import (
    FORMS,
    LINES,
    Composition,
    check_characters,
    grid_of,
    named_places,
    spoken,
)
from shici.app.glosses import GLOSSES
from shici.app.language import Language, Text
from shici.app.link import take_wishes
from shici.app.shelf import name_of, sounds_of, stanza_ends, verdict_parts
from shici.checkpoint import LoadedModel
from shici.config.sample import SampleSettings
from shici.errors import ProsodyError, ShiciError
from shici.generation.automaton import Automaton
from shici.generation.grid import Place, alike
from shici.generation.verse import Verse
from shici.generation.wishes import acrostic_pins, opening_pins
from shici.prosody.patterns import FREE
from shici.prosody.template import Template
from shici.prosody.tunes import aliases, find_tune, tunes
from shici.vocabulary import DYNASTIES

WISHES = (
    "form", "tune", "variant", "lines", "regulated", "law", "polyphones", "rhyme", "dynasty", "author", "title",
    "temperature", "particles", "guidance_scale", "seed", "num_samples",
)  # fmt: skip
SEEDS = 2**32  # as many as the field of compose_wishes.js counts through
LONGEST_SEED = 20  # digits, with noughts before it


def blank_plan(loaded: LoadedModel, settings: SampleSettings) -> Plan:
    """The form alone, which nothing contradicts."""
    return plan(loaded, replace(settings, pin="", rhyme="", title="", author=""))


def header_of(loaded: LoadedModel, composition: Composition, language: Language) -> dict[str, Any]:
    """All that compose.js draws; a contradiction is found here, before anything is written."""
    blank = blank_plan(loaded, composition.settings)
    planned, error = blank, composition.error
    faulty = {one.field: one for one in field_errors(loaded, composition.settings)}
    if isinstance(error, FieldError):
        faulty[error.field], error = error, None
    asked = composition.wishes
    title, author = ("" if name in faulty else getattr(asked, name) for name in ("title", "author"))
    try:
        check_characters(composition.pins)
        planned = plan(loaded, replace(asked, title=title, author=author))
        composition.pins = {place: planned.verse.pins[place] for place in composition.pins}
    except ShiciError as caught:
        error = error or caught
    version, shown = composition.shown, composition.plan
    on_sheet = shown if version is not None and shown is not None else planned
    template = on_sheet.verse.template
    text = version.poem.text if version else planned.verse.pins
    return {
        "language": language,
        "forms": FORMS,
        "lines_open": LINES,
        "tunes": tune_list(),
        "dynasties": DYNASTIES,
        "glosses": GLOSSES if language == "en" else {},
        "rhymes": rhyme_list(blank, composition),
        "wishes": {name: str(getattr(composition.settings, name)) for name in WISHES},
        "heard": composition.heard,
        "pins": [[line, place, one] for (line, place), one in composition.pins.items()],
        "revision": composition.revision,
        "shape": shape_of(template, composition.settings.tune if version is None else on_sheet.settings.tune),
        "marks": marks_of(on_sheet.verse, version.poem.text if version else on_sheet.verse.pins,
                          version.poem.rhyme if version else on_sheet.verse.rhyme),
        "sheet": [
            [text.get((line, place), "") for place in range(shape.length)]
            for line, shape in enumerate(template.lines)
        ],
        "fields": {name: spoken(one).said(language) for name, one in faulty.items()},
        "error": spoken(error).said(language) if error else "",
        "bad": named_places(error, composition.pins) if error else [],
        "remarks": [one.said(language) for one in (*composition.remarks, *planned.remarks)],
        "poem": poem_on_sheet(composition, language),
        "writing": composition.task is not None,
    }  # fmt: skip


def poem_on_sheet(composition: Composition, language: Language) -> dict[str, Any] | None:
    """The chosen poem: who wrote what, what else might stand where, and the judge's word."""
    version, planned = composition.shown, composition.plan
    if version is None or planned is None:
        return None
    if version.options is None:
        version.options = alternatives(planned, version.poem, version.held)
    lengths = [line.length for line in planned.verse.template.lines]
    options = {
        mode: [
            [option_of(found[line, place]) for place in range(length)] for line, length in enumerate(lengths)
        ]
        for mode, found in version.options.items()
    }
    seen = {
        one for found in version.options.values() for option in found.values() for one, _ in option.likeliest
    }
    return {
        "number": version.poem.number,
        "held": sorted(version.held),
        "undo": len(composition.versions) > 1,
        "options": options,
        "sounds": sounds_of(planned.verse, sorted(seen | set(version.poem.text.values()))),
        "verdict": verdict_parts(planned, version.poem, language),
    }


def option_of(options: Options) -> dict[str, Any]:
    return {
        "likeliest": options.likeliest,
        "count": options.count,
        "mass": options.mass,
        "own": options.own,
        "rank": options.rank,
    }


def shape_of(template: Template, tune: str) -> list[dict[str, Any]]:
    """For each line its length, its mark, whether a line feed or a stanza ends there."""
    return [
        {"length": line.length, "mark": line.mark, "breaks": line.breaks, "stanza": stanza}
        for line, stanza in zip(template.lines, stanza_ends(template, tune), strict=True)
    ]


def marks_of(verse: Verse, pins: Mapping[Place, str], rhyme: str) -> list[list[list[Any]]]:
    """For each place [平 仄 or 中, how it rhymes: 0 not, 1 perhaps, 2 surely, which rhyme] in the ways still open."""
    template = verse.template
    automaton = Automaton(template, verse.alphabet, pins, rhyme)
    ways = (
        automaton.open_ways() if automaton.possible else [list(section.ways) for section in template.sections]
    )
    schemes = {way.scheme for section in ways for way in section}
    found: list[list[list[Any]]] = []
    for section, open_ways in zip(template.sections, ways, strict=True):
        for line in section.lines:
            patterns = [way.patterns[line - section.first] for way in open_ways]
            tones = [
                "".join(sorted({pattern[place] for pattern in patterns})) for place in range(len(patterns[0]))
            ]
            row: list[list[Any]] = [[one if len(one) == 1 else FREE, 0, None] for one in tones]
            numbers = [template.rhymes[scheme][line] for scheme in sorted(schemes)]
            rhymed = [number for number in numbers if number is not None]
            if rhymed:
                row[-1][1:] = [2 if len(rhymed) == len(numbers) else 1, rhymed[0]]
            found.append(row)
    return found


def rhyme_list(blank: Plan, composition: Composition) -> list[list[Any]]:
    """[name, whether a poem with these pins can rhyme in it], in the order of the book."""
    verse = blank.verse
    try:
        pinned = plan(blank.loaded, replace(composition.wishes, rhyme="", title="", author="")).verse
        still_open = pinned.automaton(0).open_rhymes()
    except ShiciError:
        still_open = []
    return [[name, name in still_open] for name in verse.alphabet.rhymes(verse.template.rhyme).names]


@cache
def tune_list() -> list[dict[str, Any]]:
    """All tunes, those with the most poems first."""
    other: dict[str, list[str]] = {}
    for alias, name in aliases().items():
        other.setdefault(name, []).append(alias)
    return [
        {
            "name": name,
            "aliases": other.get(name, []),
            "sizes": [sum(len(line.pattern) for line in variant.lines) for variant in variants],
        }
        for name, variants in tunes().items()
    ]


# what is done to the wishes and the pins


def take_asked(composition: Composition, asked: dict[str, Any]) -> None:
    """The wishes as the browser has them; what cannot be is said, and the others are taken all the same."""
    settings = composition.settings
    try:
        if asked.get("tune"):
            find_tune(str(asked["tune"]))
    except ProsodyError as error:
        composition.error = FieldError("tune", error.zh, error.en)
        asked = asked | {"form": settings.form, "tune": settings.tune, "variant": str(settings.variant)}
    if "seed" in asked:
        seed = whole_seed(str(asked["seed"]))
        if seed is None:
            composition.error = no_seed(str(asked["seed"]), settings.seed)
        asked = asked | {"seed": str(settings.seed if seed is None else seed)}
    composition.settings = take_wishes(settings, asked)


def whole_seed(typed: str) -> int | None:
    """The seed as typed; None for what is none."""
    digits = typed.strip()
    seed = int(digits) if digits.isdecimal() and len(digits) <= LONGEST_SEED else SEEDS
    return seed if seed < SEEDS else None


def no_seed(typed: str, seed: int) -> FieldError:
    shown = typed[:12]
    return FieldError(
        "seed",
        f"种子是 0 到 {SEEDS - 1} 的整数，“{shown}”没有采用，仍是 {seed}。",
        f"A seed is a whole number from 0 to {SEEDS - 1}; {shown!r} was not taken, it is still {seed}.",
    )


def take_pins(composition: Composition, event: dict[str, Any]) -> None:
    """The pins as the browser has them: [[line, place, character], ...], unless they are older than those at hand."""
    sent, revision = event.get("pins"), event.get("revision")
    if not isinstance(sent, list) or not isinstance(revision, int) or revision < composition.revision:
        return
    composition.pins = {
        (line, place): one
        for line, place, one in (entry for entry in sent if isinstance(entry, list) and len(entry) == 3)
        if isinstance(line, int) and isinstance(place, int) and isinstance(one, str) and one
    }
    composition.revision = revision


def after_change(loaded: LoadedModel, composition: Composition, before: SampleSettings) -> None:
    """Another form has another grid: the pins go with the old one, a rhyme it cannot have goes, so does the poem."""
    settings = composition.settings
    if grid_of(settings) != grid_of(before):
        composition.chosen = None
        move_pins(loaded, composition, before)
    composition.settings = replace(settings, rhyme=known_rhyme(loaded, settings))


def move_pins(loaded: LoadedModel, composition: Composition, before: SampleSettings) -> None:
    """To another grid, and say what became of them.

    From one 诗 to another the places keep their sense (the head of a line), and pins go along where there is room. A 词
    has lines of its own: there the pins of each grid wait until it is asked for again.
    """
    settings, pins = composition.settings, composition.pins
    if not settings.tune and not before.tune:
        lines = blank_plan(loaded, settings).verse.template.lines
        kept = {at: one for at, one in pins.items() if at[0] < len(lines) and at[1] < lines[at[0]].length}
        said = along(len(pins), len(kept))
    else:
        composition.set_aside(grid_of(before))
        kept = composition.aside.pop(grid_of(settings), {})
        said = back(settings, len(kept)) if kept else waiting(before, len(pins))
    if pins or kept:
        composition.remarks += (said,)
    composition.set_pins(kept)


def along(pins: int, kept: int) -> Text:
    zh, en = f"{kept} 个定字随着换了体裁", f"{kept} pinned characters came along to the new form"
    if kept < pins:
        zh, en = f"{zh}，另 {pins - kept} 个没有位置，已去掉", f"{en}; {pins - kept} had no room and are gone"
    return Text(f"{zh}。", f"{en}.")


def waiting(left: SampleSettings, pins: int) -> Text:
    return Text(
        f"{name_of(left)}的 {pins} 个定字收着，选回它时还在。",
        f"The {pins} pinned characters of {name_of(left, 'en')} wait until you choose it again.",
    )


def back(settings: SampleSettings, pins: int) -> Text:
    return Text(
        f"{name_of(settings)}先前的 {pins} 个定字放回来了。",
        f"The {pins} pinned characters that {name_of(settings, 'en')} had before are back.",
    )


def known_rhyme(loaded: LoadedModel, settings: SampleSettings) -> str:
    """The rhyme asked for, if the form can have it."""
    if not settings.rhyme:
        return ""
    verse = blank_plan(loaded, settings).verse
    return settings.rhyme if settings.rhyme in verse.alphabet.rhymes(verse.template.rhyme).names else ""


def fill(loaded: LoadedModel, composition: Composition, sent: Any) -> None:
    """Pin an acrostic or an opening: {"what", "text", "place"}. Raises ShiciError where it does not fit the form."""
    if not isinstance(sent, dict):
        return
    template = blank_plan(loaded, composition.settings).verse.template
    text, pins = str(sent.get("text", "")), dict(composition.pins)
    if sent.get("what") == "acrostic":
        place = sent.get("place") if isinstance(sent.get("place"), int) else 1
        new = dict(acrostic_pins(text, int(place or 1), template))
        column = [(at, int(place or 1) - 1 if int(place or 1) > 0 else line.length - 1)
                  for at, line in enumerate(template.lines)]  # fmt: skip
        pins = {at: one for at, one in pins.items() if at not in column}
    else:
        new = dict(opening_pins(text, template))
    for at in new:
        for same in alike(template, at):
            pins.pop(same, None)
    composition.chosen = None
    composition.set_pins(pins | new)
