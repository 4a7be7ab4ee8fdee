"""Two judges of regulated verse: ours, and the package pingshui-rhyme (MIT), which shares no code or table with it.

The writer knows both: strict writing keeps clear of characters on which the tables differ, see
shici.prosody.second_opinion.

The other judge reads traditional characters by a rhyme table that others typed. Simplified poems are brought to it by
OpenCC's s2t; where that gives a glyph that its table lacks (峯 牀 羣), the one that the table has for the same
character stands instead (峰 床 群). It is asked both of its questions: does the poem rhyme, does it keep the tones.
"""

from __future__ import annotations

import importlib
import importlib.util
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import Any

from shici.corpus.characters import verse_lines
from shici.corpus.normalize import normalize
from shici.prosody.judge import REGULAR
from shici.prosody.lines import lines_of
from shici.prosody.readings import simplified_lexicon
from shici.prosody.tune_verdict import judge_tune
from shici.prosody.tunes import Variant
from shici.prosody.verdict import Verdict, judge

PACKAGE = "pingshui_rhyme"
MISSING_MODULE = "pkg_resources"  # which the package imports, and setuptools no longer has
ADVICE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Opinion:
    """What the other judge says of a poem. rhymes, metre: its two answers; why: its words for what it refuses."""

    rhymes: bool
    metre: bool
    why: str

    @property
    def accepts(self) -> bool:
        return self.rhymes and self.metre


def our_verdict(body: str, form: str) -> Verdict:
    """The verdict on a 诗 by any recorded reading."""
    return judge(whole_lines(body), form, simplified_lexicon())


def keeps_verse(body: str, form: str) -> bool:
    """Whether our judge finds nothing wrong with a poem of a regulated form."""
    verdict = our_verdict(body, form)
    return not verdict.faults and verdict.regulated == REGULAR


def keeps_tune(body: str, variant: Variant) -> bool:
    """Whether our judge finds nothing wrong with a 词 by its tune."""
    verdict = judge_tune(lines_of(body), variant.tune, simplified_lexicon())
    return not verdict.faults and verdict.regulated == REGULAR


def whole_lines(body: str) -> list[str]:
    """The lines of a 诗 without marks, 、 not parting them; empty ones left out."""
    return [line for line in verse_lines(body) if line]


def other_opinion(body: str, *, respelt: bool = True) -> Opinion | None:
    """What pingshui-rhyme says of a simplified poem of at least one line; None where it is not installed.

    respelt: False leaves the glyphs as s2t gives them, also those that the other table lacks.
    """
    checker = other_checker()
    if checker is None:
        return None
    lines = whole_lines(body)
    text = "，".join(map(in_its_glyphs if respelt else traditional, lines))
    (rhymes, first), (metre, second) = (
        checker.check_poem_rhyming(text),
        checker.check_poem_pingze_meter(text),
    )
    said = [words for fine, words in ((rhymes, first), (metre, second)) if not fine]
    return Opinion(bool(rhymes), bool(metre), ADVICE.sub(" ", " ".join(said)))


def traditional(line: str) -> str:
    """A line by OpenCC's s2t; of the same length."""
    converted: str = _s2t().convert(line)
    return converted


def in_its_glyphs(line: str) -> str:
    """A simplified line as the other judge reads it."""
    return "".join(map(its_glyph, line, traditional(line)))


def its_glyph(simplified: str, glyph: str) -> str:
    """The glyph, or where the other table lacks it, the one that it has for the same character, if any."""
    listed = other_checker().rhyme_checker.rhyme_dict
    return glyph if glyph in listed else its_glyphs().get(simplified, glyph)


@cache
def its_glyphs() -> Mapping[str, str]:
    """Simplified character -> how the other table spells it: the same if it has that, else its first by code."""
    found: dict[str, str] = {}
    for glyph in sorted(other_checker().rhyme_checker.rhyme_dict):
        simplified = normalize(glyph)
        if glyph == simplified:
            found[simplified] = glyph
        else:
            found.setdefault(simplified, glyph)
    return MappingProxyType(found)


@cache
def _s2t() -> Any:
    import opencc

    return opencc.OpenCC("s2t")


@cache
def other_checker() -> Any:
    """The other package's checker; None where it is not installed (it is a development package)."""
    if importlib.util.find_spec(PACKAGE) is None:
        return None
    with stand_in():
        return importlib.import_module(PACKAGE).PoemStructureChecker()


@contextmanager
def stand_in() -> Iterator[None]:
    """While the package is imported: the one function of pkg_resources that it calls, where setuptools has none."""
    if importlib.util.find_spec(MISSING_MODULE) is not None:
        yield
        return
    module = ModuleType(MISSING_MODULE)
    vars(module)["resource_filename"] = resource_filename
    sys.modules[MISSING_MODULE] = module
    try:
        yield
    finally:
        del sys.modules[MISSING_MODULE]


def resource_filename(module: str, name: str) -> str:
    """The path of a file beside a module, as pkg_resources.resource_filename gives it."""
    return str(Path(str(sys.modules[module].__file__)).parent / name)
