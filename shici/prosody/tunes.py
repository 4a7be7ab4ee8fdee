"""词谱: what each 词 tune asks of a poem, learned from the poems themselves; tables/tunes.tsv, read once.

A tune has one or more variants (格), the commonest first; a variant is a sequence of lines, cut at every mark, 、
included. What too few poems are left of to learn from stands in tables/tunes_book.tsv, taken from the named books.
One row of a table is one variant (scripts/build_tunes.py rebuilds tunes.tsv):

    中平中仄平平仄甲。中平中仄平平仄甲。中仄仄平平乙。中平中仄平乙。｜中平平仄仄丙。…

平 仄 中 for each character; then the rhyme, if the line has one (lines with the same letter 甲 乙 丙 rhyme), with 换
before it where it must be of another part of the rhyme book than the rhyme before; then `=5`, if the line repeats the
fifth, or, being shorter, its end, or `倒5`, if it says that end backwards; then the mark. ｜ ends a stanza.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from types import MappingProxyType

from shici.errors import ProsodyError
from shici.prosody.readings import rows

RHYMES = "甲乙丙丁戊己庚辛壬癸"
PAUSE, COMMA, STOP, STANZA = "、，。｜"
CHANGE = "换"
AGAIN, BACKWARDS = "=倒"
LINE = re.compile(
    rf"([平仄中]+)(?:({CHANGE}?)([{RHYMES}]))?(?:([{AGAIN}{BACKWARDS}])(\d+))?([{PAUSE}{COMMA}{STOP}])({STANZA}?)"
)

BRACKETS = " 　《》【】〔〕[]"


@dataclass(frozen=True, slots=True)
class TuneLine:
    """One line of a tune.

    pattern: 平 仄 中 for each character. rhyme: lines with the same number rhyme with one another, whatever
    their tones (the last character of `pattern` tells which); None: no rhyme. end: the mark that follows in
    most poems: ， 。 、. breaks: a line feed follows in the training documents. same_as: the index of an
    earlier line that this one repeats (如梦令). stanza: a stanza ends here. echoes: the index of an earlier,
    longer line whose last characters this one repeats (忆秦娥). changes: the rhyme must be of another part of the
    rhyme book than the one before it, which has the same tone (换韵, 钗头凤). mirrors: the index of an earlier line
    whose last characters this one says in the opposite order (倒叠, 古调笑).
    """

    pattern: str
    rhyme: int | None
    end: str
    breaks: bool
    same_as: int | None
    stanza: bool
    echoes: int | None = None
    changes: bool = False
    mirrors: int | None = None

    @property
    def origin(self) -> int | None:
        """The earlier line that this one repeats, or whose end it repeats or says backwards."""
        return next((one for one in (self.same_as, self.echoes, self.mirrors) if one is not None), None)

    def again(self, earlier: str) -> str:
        """What this line says if `earlier` is the text of its origin."""
        end = earlier[-len(self.pattern) :]
        return end if self.mirrors is None else end[::-1]


@dataclass(frozen=True, slots=True)
class Variant:
    """One form of a tune. number: 1 is the commonest. poems: how many it was learned from, 0 if from a book."""

    tune: str
    number: int
    lines: tuple[TuneLine, ...]
    poems: int

    @property
    def changes(self) -> tuple[tuple[int, int], ...]:
        """The pairs of rhymes, by number, that must be of different parts of the rhyme book."""
        rhymed = [(line.rhyme, line.changes) for line in self.lines if line.rhyme is not None]
        pairs = {(min(one, other), max(one, other)) for (one, _), (other, new) in pairwise(rhymed) if new}
        return tuple(sorted(pairs))


@cache
def tunes() -> Mapping[str, tuple[Variant, ...]]:
    """All tunes by name, those with the most poems first; the variants of each likewise."""
    found: dict[str, list[Variant]] = {}
    learned = ((name, cells[3], int(cells[1])) for name, cells in rows("tunes.tsv"))
    from_books = ((name, cells[1], 0) for name, cells in rows("tunes_book.tsv"))
    for name, score, poems in (*learned, *from_books):
        variants = found.setdefault(name, [])
        variants.append(Variant(name, len(variants) + 1, parse_score(score), poems))
    return MappingProxyType({name: tuple(variants) for name, variants in found.items()})


@cache
def aliases() -> Mapping[str, str]:
    """Other names of tunes -> the name in `tunes()`: 百字令 -> 念奴娇."""
    found = {alias: cells[0] for alias, cells in rows("tune_aliases.tsv") if alias not in tunes()}
    return MappingProxyType(found)


@cache
def namesakes() -> Mapping[str, str]:
    """Names in `tunes()` -> another tune that bears the same name: 调笑令 -> 古调笑."""
    return MappingProxyType({name: cells[0] for name, cells in rows("tune_aliases.tsv") if name in tunes()})


def find_tune(name: str) -> tuple[Variant, ...]:
    """The variants of a tune by any of its names, in simplified or traditional characters.

    Where two tunes bear the name, those of both. The tune's own name is `find_tune(name)[0].tune`. Raises
    ProsodyError for an unknown name, with the nearest known ones.
    """
    known = canonical_name(name)
    if known:
        return (*tunes()[known], *tunes().get(namesakes().get(known, ""), ()))
    near = nearest_names(simplified_name(name))
    hint_zh, hint_en = ("相近的有", "Near names") if near else ("有谱的如", "Some that are known")
    shown = "、".join(near or list(tunes())[:5])
    raise ProsodyError(
        f"没有词牌“{name}”的谱（共有 {len(tunes())} 调）。{hint_zh}：{shown}。",
        f"No pattern is known for the tune {name!r} ({len(tunes())} are). {hint_en}: {shown}.",
    )


def canonical_name(name: str) -> str:
    """The name of a tune in `tunes()`, or "" if it is not known."""
    plain = simplified_name(name)
    known = aliases().get(plain, plain)
    return known if known in tunes() else ""


def simplified_name(name: str) -> str:
    """`name` without blanks and brackets around it, each character in its simplified form."""
    return name.strip(BRACKETS).translate(simplified_forms())


@cache
def simplified_forms() -> Mapping[int, str]:
    """Code point -> simplified character, for `str.translate`."""
    return MappingProxyType({ord(one): cells[2] for one, cells in rows("readings.tsv") if cells[2]})


def nearest_names(name: str) -> list[str]:
    """At most five known names like `name`: first those that are spelt alike, then those that share a character."""
    near = difflib.get_close_matches(name, sorted({*tunes(), *aliases()}), n=5, cutoff=0.5)
    shared = [one for one in tunes() if one not in near and not set(one).isdisjoint(name)]
    return (near + shared)[:5]


def format_score(lines: Sequence[TuneLine]) -> str:
    """The lines of a tune as the table writes them."""
    return "".join(map(format_line, lines))


def format_line(line: TuneLine) -> str:
    """One line of a tune as the table writes it."""
    rhyme = "" if line.rhyme is None else CHANGE * line.changes + RHYMES[line.rhyme]
    sign = AGAIN if line.mirrors is None else BACKWARDS
    repeat = "" if line.origin is None else f"{sign}{line.origin + 1}"
    return line.pattern + rhyme + repeat + line.end + (STANZA if line.stanza else "")


def parse_score(text: str) -> tuple[TuneLine, ...]:
    """The inverse of `format_score`. Raises ProsodyError for a damaged row."""
    found = list(LINE.finditer(text))
    early = all(0 < int(one[5]) <= at for at, one in enumerate(found) if one[5])
    if not found or not early or not all_change(found) or "".join(one[0] for one in found) != text:
        raise ProsodyError(
            f"词谱的这一行读不懂：{text[:40]}。请用 scripts/build_tunes.py 重建。",
            f"This row of the table of tunes is damaged: {text[:40]}. Rebuild it by scripts/build_tunes.py.",
        )
    patterns = [one[1] for one in found]
    return tuple(parse_line(one, patterns, last=at == len(found) - 1) for at, one in enumerate(found))


def all_change(found: Sequence[re.Match[str]]) -> bool:
    """Whether each rhyme marked 换 follows another one of the same tone: else there is nothing to mark."""
    rhymed = [(one[2], one[3], one[1][-1]) for one in found if one[3]]
    marked = [(one, other) for one, other in pairwise(rhymed) if other[0]]
    return not (rhymed and rhymed[0][0]) and all(
        one[1] != other[1] and one[2] == other[2] for one, other in marked
    )


def parse_line(found: re.Match[str], patterns: Sequence[str], *, last: bool) -> TuneLine:
    """One line of a tune; `patterns` are those of all lines."""
    pattern, change, rhyme, sign, repeat, end, stanza = found.groups()
    origin = int(repeat) - 1 if repeat else None
    backwards = sign == BACKWARDS
    whole = not backwards and origin is not None and len(patterns[origin]) == len(pattern)
    return TuneLine(
        pattern=pattern,
        rhyme=RHYMES.index(rhyme) if rhyme else None,
        end=end,
        breaks=end == STOP and not last,
        same_as=origin if whole else None,
        stanza=bool(stanza),
        echoes=None if whole or backwards else origin,
        changes=bool(change),
        mirrors=origin if backwards else None,
    )
