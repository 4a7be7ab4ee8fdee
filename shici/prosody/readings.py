"""What is known of each character's sound: tables/readings.tsv, read once.

A reading is a tone (平 上 去 入), a group of 平水韵 and a part of 词林正韵. A character may have several;
one that the table lacks has none, and is never taken for 平 or 仄.

Traditional and simplified texts read some characters differently: 干 is 干 alone in the one, 干, 乾 or 幹
in the other. So there are two lexicons, and `lexicon_for` chooses by what is written (`source_lexicon` for the
texts of the corpus). The traditional text of a poem is judged more exactly. A third, `strict_lexicon`, leaves out
what stands in the books but hardly ever in the poems; `in_use` does so for one character of any of them.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from types import MappingProxyType
from typing import TypeVar

from shici.prosody.rhymes import LEVEL, OBLIQUE, PINGSHUI, RhymeBook

EITHER, UNKNOWN = "通", "？"

NONE: frozenset[str] = frozenset()

Name = TypeVar("Name", bound=Hashable)

# These stay as they are in some words of simplified texts: 乾坤, 宫徵, 於菟.
KEPT = frozenset("乾於徵麽脩釐蒐")

BASIC_PLANE = 0xFFFF

# A reading seen in a smaller share of at least so many uses is one of paper: 风 as 仄, 不 as 平.
RARE_SHARE = 0.03
MINIMUM_USES = 20

# Of the characters with a tone that is rare in verse: those that have both tones in modern speech as well, each with
# its own meaning (空 empty, 空 a blank; 漂 to drift, 漂 to wash). tests/test_prosody_readings.py compares.
TWO_MEANINGS = frozenset(
    "中亲俟偻僂冉凉划单句只咽單堕墮奔娑峤嶠差庵徵憧懞懽戯扇攒攢朓朴杆横歛氏涼淙"
    "湓溟漂澹煖燎王瓠睇瞿硙磑稽空筒粼翘翹膏臾芊茆莉菲著蒙蓂薔衣親觜謾谩鉏阆黯"
)


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a character. tone: of TONES; group and part: of the groups and parts of a RhymeBook.

    group, part: "" where only the tone is known.
    """

    tone: str
    group: str
    part: str


class ToneClasses(dict[int, str]):
    """For `str.translate`: code point -> 平, 仄, 通 (both) or, for every other character, ？."""

    def __missing__(self, code_point: int) -> str:
        return UNKNOWN


class Lexicon:
    """The readings of all characters in one script, by the rhymes of one book. Read only."""

    def __init__(self, rows: Mapping[str, tuple[Reading, ...]], book: RhymeBook = PINGSHUI) -> None:
        self.book = book
        self.rows = MappingProxyType(dict(rows))
        self._groups = {one: frozenset(r.group for r in found if r.group) for one, found in rows.items()}
        self._parts = {one: frozenset(r.part for r in found if r.part) for one, found in rows.items()}
        self._classes = ToneClasses((ord(one), tone_class(found)) for one, found in rows.items())

    def readings(self, character: str) -> tuple[Reading, ...]:
        """All readings, in the order of the rhyme book; empty if the character is not known."""
        return self.rows.get(character, ())

    def groups(self, character: str) -> frozenset[str]:
        """The groups of the book that a character belongs to."""
        return self._groups.get(character, NONE)

    def parts(self, character: str) -> frozenset[str]:
        """The parts of the book (词林正韵 beside 平水韵) that a character belongs to."""
        return self._parts.get(character, NONE)

    def tones(self, text: str) -> str:
        """平, 仄, 通 or ？ for each character of `text`; same length."""
        return text.translate(self._classes)


def tone_class(found: Iterable[Reading]) -> str:
    """平, 仄, or 通 where there are readings of both kinds."""
    level = {reading.tone == LEVEL for reading in found}
    return EITHER if len(level) == 2 else LEVEL if True in level else OBLIQUE


def lexicon_for(text: str) -> Lexicon:
    """The traditional lexicon if most of the characters of `text` that tell the script are traditional.

    A glyph whose simplified form few machines can show (巘) tells nothing: simplified texts keep it.
    """
    traditional = sum(one in traditional_only() and one not in kept_glyphs() for one in text)
    simplified = sum(one in simplified_only() for one in text)
    return traditional_lexicon() if traditional > simplified else simplified_lexicon()


def source_lexicon(text: str) -> Lexicon:
    """The traditional lexicon if any character of `text` is written otherwise in simplified texts.

    So the corpus is labelled and the tables are counted. By `lexicon_for` some poems of mixed script would get
    another label, and the prepared data be other data than the shipped model has read.
    """
    return simplified_lexicon() if traditional_only().isdisjoint(text) else traditional_lexicon()


@cache
def traditional_lexicon() -> Lexicon:
    """Readings in texts that keep traditional characters."""
    return Lexicon({one: parsed(cells[0]) for one, cells in rows("readings.tsv")})


@cache
def simplified_lexicon() -> Lexicon:
    """Readings in simplified texts: a character has those of all that it stands for."""
    return Lexicon({one: parsed(cells[1] or cells[0]) for one, cells in rows("readings.tsv")})


@cache
def strict_lexicon() -> Lexicon:
    """The simplified lexicon without the readings that poets hardly ever use: to write by, not to judge."""
    used = usage()
    kept = simplified_lexicon().rows.items()
    return Lexicon({one: pruned(found, used[one]) if one in used else found for one, found in kept})


def tones_in_use(text: str, lexicon: Lexicon) -> str:
    """平, 仄, 通 or ？ for each character of `text` by the readings that poets use; same length."""
    return "".join(tone_class(found) if (found := in_use(one, lexicon)) else UNKNOWN for one in text)


def in_use(character: str, lexicon: Lexicon) -> tuple[Reading, ...]:
    """The readings in the lexicon that poets use, of a traditional or a simplified character."""
    found = lexicon.readings(character)
    return pruned_by_use(character, found) if lexicon.book is PINGSHUI and len(found) > 1 else found


@lru_cache(maxsize=1 << 14)
def pruned_by_use(character: str, found: tuple[Reading, ...]) -> tuple[Reading, ...]:
    """The readings in use, by the row of the character or of its simplified form."""
    cells = usage().get(character) or usage().get(short_forms().get(character, ""))
    return pruned(found, cells) if cells else found


@cache
def usage() -> Mapping[str, list[str]]:
    """The rows of usage.tsv."""
    return dict(rows("usage.tsv"))


@cache
def short_forms() -> Mapping[str, str]:
    """Traditional character -> its simplified form."""
    return {one: cells[2] for one, cells in rows("readings.tsv") if cells[2]}


def pruned(found: tuple[Reading, ...], cells: Sequence[str]) -> tuple[Reading, ...]:
    """The readings in use, by a row of usage.tsv (平, 仄, 韵); all of them if none would be left."""
    level, oblique, rhymes = int(cells[0]), int(cells[1]), dict(name.split(":") for name in cells[2].split())
    rare_tones = rare({LEVEL: level, OBLIQUE: oblique})
    rare_groups = rare({group: int(times) for group, times in rhymes.items()})
    kept = [
        reading
        for reading in found
        if (LEVEL if reading.tone == LEVEL else OBLIQUE) not in rare_tones
        and reading.group not in rare_groups
    ]
    return tuple(kept) or found


def rare(counts: Mapping[Name, int]) -> set[Name]:
    """The names whose share of all counts is rare; none if there are too few counts to tell."""
    total = sum(counts.values())
    return {name for name, times in counts.items() if total >= MINIMUM_USES and times < RARE_SHARE * total}


@cache
def traditional_only() -> frozenset[str]:
    """The characters that a simplified text writes otherwise, whatever the word."""
    return frozenset(one for one, cells in rows("readings.tsv") if cells[2]) - KEPT


@cache
def kept_glyphs() -> frozenset[str]:
    """Of `traditional_only` those that simplified texts keep: their short form is beyond the basic plane."""
    return frozenset(one for one, cells in rows("readings.tsv") if cells[2] and ord(cells[2]) > BASIC_PLANE)


@cache
def simplified_only() -> frozenset[str]:
    """The characters that only simplified texts write: the table has their readings from a traditional form."""
    return frozenset(one for one, cells in rows("readings.tsv") if cells[3].startswith("简"))


def rows(name: str) -> Iterator[tuple[str, list[str]]]:
    """Each character of a table with the other cells of its row."""
    path = resources.files("shici.prosody").joinpath("tables", name)
    lines = path.read_text(encoding="utf-8").split("\n")
    for line in lines[1:-1]:
        character, *cells = line.split("\t")
        yield character, cells


@cache
def parsed(names: str) -> tuple[Reading, ...]:
    """The readings written in a cell: `parsed("平/二冬/第一部 上/二肿/第一部")`."""
    return tuple(Reading(*name.split("/")) for name in names.split())
