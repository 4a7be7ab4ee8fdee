"""A poem as a link: the options of sample.py that it was written with, and what its owner changed.

    ?form=七绝&title=早春&seed=7&poem=2&kept=春□□□…&held=1,1

poem: which of the seed's poems. kept: what was fixed before the rest of this version was written, □ for the rest;
held: which of these places its owner chose. The same link gives the same text.
"""

from __future__ import annotations

import dataclasses
import re
import shlex
from collections.abc import Mapping

from shici.app.composition import Composition, Task, kept_text, sensible
from shici.config.parse import parse_settings
from shici.config.sample import SampleSettings
from shici.generation.wishes import placed_pins
from shici.prosody.tunes import find_tune

OPTIONS = (
    "form", "tune", "variant", "lines", "regulated", "law", "polyphones", "rhyme", "dynasty", "author", "title",
    "pin", "temperature", "top_k", "top_p", "min_p", "particles",
    "guidance_scale", "seed", "num_samples",
)  # fmt: skip
POEM, KEPT, HELD = "poem", "kept", "held"
ALWAYS = ("form", "seed")
PLACE = re.compile(r"(\d{1,3}),(\d{1,3})")
LONGEST = 2000  # characters of one value


def options_of(settings: SampleSettings) -> dict[str, str]:
    """The options that differ from sample.py's own, and those that a reader will want to see."""
    plain = SampleSettings()
    return {
        name: str(value)
        for name in OPTIONS
        if (value := getattr(settings, name)) != getattr(plain, name) or name in ALWAYS
    }


def query_of(composition: Composition) -> dict[str, str]:
    """The parameters of the poem shown; of the wishes alone where none is."""
    planned, version = composition.plan, composition.shown
    if planned is None:
        return {}
    query = options_of(planned.settings)
    if version is None:
        return query
    query[POEM] = str(version.poem.number)
    if version.poem.kept != planned.verse.pins or version.held != frozenset(version.poem.kept):
        query[KEPT] = kept_text(planned, version.poem.kept)
        query[HELD] = ";".join(f"{line + 1},{place + 1}" for line, place in sorted(version.held))
    return query


def command_of(settings: SampleSettings) -> str:
    """What writes the same poems in a terminal."""
    options = options_of(settings)
    return " ".join(
        ["python sample.py", *(f"--{name}={shlex.quote(value)}" for name, value in options.items())]
    )


def open_link(query: Mapping[str, str], composition: Composition) -> None:
    """Take over the parameters of a link and ask for its poem. Raises ShiciError for one that cannot be read."""
    asked = {name: query[name][:LONGEST] for name in OPTIONS if name in query}
    if not asked:
        return
    plain = {name: getattr(SampleSettings(), name) for name in OPTIONS}  # what a link leaves out
    settings = take_wishes(dataclasses.replace(composition.settings, **plain), asked)
    composition.pins = dict(placed_pins(settings.pin))
    composition.settings = dataclasses.replace(settings, pin="")
    number = query.get(POEM, "")
    chosen = int(number) if re.fullmatch(r"\d{1,2}", number) else None
    held = frozenset((int(line) - 1, int(place) - 1) for line, place in PLACE.findall(query.get(HELD, "")))
    composition.task = Task(True, chosen, query.get(KEPT, "")[:LONGEST], held)


def take_wishes(settings: SampleSettings, asked: Mapping[str, object]) -> SampleSettings:
    """`settings` with the options in `asked`, read as sample.py reads them, within what the page offers.

    Raises ConfigError for a value that an option cannot have, ProsodyError for an unknown tune.
    """
    if asked.get("tune"):
        find_tune(str(asked["tune"]))  # raises, with the nearest names
    words = [f"--{name}={asked[name]}" for name in OPTIONS if name in asked]
    read = parse_settings(SampleSettings, words, prog="GPT_show.py")
    chosen = {name: getattr(read, name) for name in OPTIONS if name in asked}
    return sensible(dataclasses.replace(settings, **chosen))
