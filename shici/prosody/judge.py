"""What a poem is: its form, whether it obeys the rules of that form, and its rhyme. Fast: for a whole corpus.

Any recorded reading of a character is accepted. A verdict is given only when it doesn't depend on a character
whose reading is not known. shici.prosody.verdict comes to the same decision on a form that is asked for,
and gives the reasons.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shici.prosody.patterns import REGULATED_FORMS, form_by_shape, schemes
from shici.prosody.readings import Lexicon, lexicon_for
from shici.prosody.rhymes import LEVEL, RhymeBook

REGULAR, IRREGULAR, UNDECIDED = "合律", "不合律", ""


@dataclass(frozen=True, slots=True)
class Label:
    """form: one of the forms of verse. regulated: 合律, 不合律 or "". rhyme: a group of the book or ""."""

    form: str
    regulated: str
    rhyme: str


@dataclass(frozen=True, slots=True)
class Rhyme:
    """The groups that all known rhyme words share, in the order of the book.

    level: those of level tone. first: all groups of the word that ends the first line. unknown: whether the
    reading of some rhyme word is not known. book: the one whose groups these are.
    """

    groups: tuple[str, ...]
    level: tuple[str, ...]
    first: frozenset[str]
    unknown: bool
    book: RhymeBook


def label(lines: Sequence[str], lexicon: Lexicon | None = None) -> Label:
    """The form, verdict and rhyme of a 诗.

    lines: verse without punctuation (split at ，。！？；、： and line feeds), best in traditional.
    lexicon: which readings to accept, and by its book which groups rhyme; by default all readings that are
    recorded for the script of the text, in 平水韵.

    regulated: 合律 or 不合律 for the shapes of 绝句 and 律诗; 合律 alone for 排律, since ten or more lines
    that break the rules are 古诗; "" for other forms, and where the verdict hangs on a character whose
    reading is not known. To obey is to fit one of the four schemes of tones and to rhyme in one level group
    throughout, with no rhyme word twice.
    rhyme: see `choose`; "" as well where the even lines do not share one group.
    """
    lines = [line for line in lines if line]
    if not lines:
        return Label("杂言", UNDECIDED, "")
    lexicon = lexicon or lexicon_for("".join(lines))
    form = form_by_shape(lines)
    rhyme = shared_rhyme(lines, lexicon)
    regulated = regulation(lines, rhyme, lexicon) if form in REGULATED_FORMS else UNDECIDED
    if form in ("五排", "七排") and regulated != REGULAR:
        form, regulated = form[0] + "古", UNDECIDED
    return Label(form, regulated, choose(rhyme))


def regulation(lines: Sequence[str], rhyme: Rhyme, lexicon: Lexicon) -> str:
    """合律, 不合律 or "" for lines that have the shape of a regulated form."""
    found = schemes([lexicon.tones(line) for line in lines])
    words = rhyme_words(lines)
    first = first_line_fits(rhyme) and lines[0][-1] not in words
    rhymed = found.rhymed and first
    if not rhyme.level or len(set(words)) < len(words) or not (rhymed or found.unrhymed):
        return IRREGULAR
    rhymed_certain = found.rhymed_certain and first and bool(rhyme.first)
    certain = not rhyme.unknown and (rhymed_certain or found.unrhymed_certain)
    return REGULAR if certain else UNDECIDED


def rhyme_words(lines: Sequence[str]) -> list[str]:
    """The last characters of the even lines."""
    return [line[-1] for line in lines[1::2]]


def shared_rhyme(lines: Sequence[str], lexicon: Lexicon) -> Rhyme:
    """What the rhyme words have in common; nothing if there are fewer than two."""
    words = rhyme_words(lines)
    found = [groups for word in words if (groups := lexicon.groups(word))]
    shared = frozenset.intersection(*found) if len(words) > 1 and found else frozenset()
    book = lexicon.book
    ordered = tuple(book.sorted(shared))
    level = tuple(group for group in ordered if book.tone_of(group) == LEVEL)
    return Rhyme(ordered, level, lexicon.groups(lines[0][-1]), len(found) < len(words), book)


def choose(rhyme: Rhyme) -> str:
    """The group to name: "" if there is none or a rhyme word is unknown.

    Where the words leave several: a level one before an oblique one, then one that the end of the first line
    belongs to as well, then the earliest in the book.
    """
    if rhyme.unknown or not rhyme.groups:
        return ""
    candidates = rhyme.level or rhyme.groups
    return next((group for group in candidates if group in rhyme.first), candidates[0])


def first_line_fits(rhyme: Rhyme) -> bool:
    """Whether the first line may count as rhymed: in the poem's group, in a neighbour (邻韵), or unknown."""
    return not rhyme.first or any(
        group in rhyme.first or not rhyme.book.neighbours(group).isdisjoint(rhyme.first)
        for group in rhyme.level
    )


def label_ci(sentences: Sequence[str], lexicon: Lexicon | None = None) -> str:
    """The part of 词林正韵 (or of the lexicon's book) that the last words of all sentences share, or "".

    sentences: the text before each 。 (other punctuation inside does no harm). Fewer than two, or an unknown
    rhyme word: "". Where several parts are left, the first in the book.
    """
    lexicon = lexicon or lexicon_for("".join(sentences))
    found = [lexicon.parts(sentence[-1]) for sentence in sentences if sentence]
    if len(found) < 2 or not all(found):
        return ""
    shared = frozenset.intersection(*found)
    return min(shared, key=lexicon.book.parts.index, default="")
