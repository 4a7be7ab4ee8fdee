"""What is known of each character's sound: tables/readings.tsv, read once.

A reading is a tone (平 上 去 入), a group of 平水韵 and a part of 词林正韵. A character may have several; one that
the table lacks has none, and is never taken for 平 or 仄. Traditional and simplified characters both have rows;
a simplified one has the readings of all that it may stand for, so a poem's traditional text is the more exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType

LEVEL, OBLIQUE, EITHER, UNKNOWN = "平", "仄", "通", "？"


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a character. tone: of TONES; group: of RHYME_GROUPS; part: of CI_RHYME_GROUPS."""

    tone: str
    group: str
    part: str


@cache
def table() -> MappingProxyType[str, tuple[Reading, ...]]:
    """Character -> its readings, in the order of the rhyme book. Read only, about 24,000 characters."""
    text = resources.files("shici.prosody").joinpath("tables", "readings.tsv").read_text(encoding="utf-8")
    known: dict[str, Reading] = {}
    rows: dict[str, tuple[Reading, ...]] = {}
    for line in text.splitlines()[1:]:
        character, names, _source = line.split("\t")
        for name in names.split():
            if name not in known:
                known[name] = Reading(*name.split("/"))
        rows[character] = tuple(known[name] for name in names.split())
    return MappingProxyType(rows)


def readings(character: str) -> tuple[Reading, ...]:
    """All readings of a character; empty if it is not known."""
    return table().get(character, ())


class ToneClasses(dict[int, str]):
    """For `str.translate`: code point -> 平, 仄, 通 (both) or, for every other character, ？."""

    def __missing__(self, code_point: int) -> str:
        return UNKNOWN


@cache
def tone_classes() -> ToneClasses:
    """The translation table that turns verse into 平, 仄, 通 and ？, character by character."""
    classes = ToneClasses()
    for character, found in table().items():
        tones = {reading.tone == "平" for reading in found}
        classes[ord(character)] = EITHER if len(tones) == 2 else LEVEL if True in tones else OBLIQUE
    return classes


def tones(text: str) -> str:
    """平, 仄, 通 or ？ for each character of `text`; same length."""
    return text.translate(tone_classes())
