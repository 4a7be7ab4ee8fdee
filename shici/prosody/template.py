"""What a form asks of a poem before it is written: lines, marks, tones and rhymes, with all ways to satisfy it.

A template is made of sections (a couplet of regulated verse, a whole 词), each of which may be written in several
ways: a way gives the tones of its lines and belongs to a scheme (仄起首句入韵 and the like), which must be the
same in all sections and which decides what rhymes with what. No token ids here: shici.generation turns a
template into masks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from shici.errors import ProsodyError
from shici.prosody.patterns import FREE, KINDS, LINE_COUNTS, REGULATED_FORMS, form_by_shape
from shici.prosody.rhymes import LEVEL, OBLIQUE
from shici.prosody.tunes import TuneLine, Variant

COMMA, STOP = "，", "。"

# What a rhyme is: one group of level tone (近体), one group of any tone (古体), one part by tone (词).
LEVEL_RHYME, ANY_RHYME, PART_RHYME = "level", "any", "part"

# The line of a couplet after which it is called: a-B is the couplet that begins 仄 (in lines of five).
OTHER = {"aB": "bA", "bA": "aB"}
RHYMED = {"aB": "AB", "bA": "BA"}

# How many lines where the form leaves it open: as many as is common in the corpus.
OPEN_LENGTHS = {"五排": 12, "七排": 12, "五古": 12, "七古": 12, "四言": 8, "六言": 4}
LINE_LENGTHS = {"四": 4, "五": 5, "六": 6, "七": 7}

# How many lines an open form may have (Chinese, English), by the second character of its name.
OPEN_COUNTS = {
    "排": ("偶数句，至少十句", "an even number of lines, at least ten"),
    "古": ("偶数句，不是四句或八句", "an even number of lines, neither four nor eight"),
    "言": ("偶数句", "an even number of lines"),
}


@dataclass(frozen=True, slots=True)
class LineShape:
    """A line: how many characters, the mark after it, whether a line feed follows.

    same_as: the earlier line that this one repeats, or whose end it repeats if it is shorter. backwards: it says
    that end in the opposite order.
    """

    length: int
    mark: str
    breaks: bool
    same_as: int | None = None
    backwards: bool = False


@dataclass(frozen=True, slots=True)
class Way:
    """One way to write a section. scheme: index into Template.rhymes. patterns: 平 仄 中, one for each line."""

    scheme: int
    patterns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """Lines first, first + 1, ... of the poem, as many as each way has patterns."""

    first: int
    ways: tuple[Way, ...]

    @property
    def lines(self) -> range:
        return range(self.first, self.first + len(self.ways[0].patterns))


@dataclass(frozen=True, slots=True)
class Template:
    """A form ready to be filled.

    lines: all lines. sections: in order, together all lines. rhyme: LEVEL_RHYME, ANY_RHYME or PART_RHYME.
    rhymes: for each scheme and line the number of its rhyme, or None; lines of one number rhyme together.
    borrowing: whether the first line may end in a neighbour (邻韵) of the poem's group.
    apart: pairs of rhymes, by number, that must have different groups (换韵).
    """

    name: str
    lines: tuple[LineShape, ...]
    sections: tuple[Section, ...]
    rhyme: str
    rhymes: tuple[tuple[int | None, ...], ...]
    borrowing: bool = False
    apart: tuple[tuple[int, int], ...] = ()


def verse_template(
    form: str, *, regulated: bool = True, strict: bool = True, lines: int | None = None
) -> Template:
    """The template of a 诗.

    form: 五绝 七绝 五律 七律 五排 七排 五古 七古 四言 六言. regulated: by the rules of 近体 where the form has
    them; else only length and rhyme are kept. strict: only the plain lines; else 特拗, 大拗 with its rescue and
    a first line that borrows its rhyme are accepted as well, as by the judge. lines: how many, where the form
    leaves it open.
    Raises ProsodyError for a form without a fixed line, and for a number of lines that the form cannot have.
    """
    length = LINE_LENGTHS.get(form[:1])
    if (form not in OPEN_LENGTHS and form not in REGULATED_FORMS) or length is None:
        raise ProsodyError(
            f"“{form}”没有定式，不能按格律写。可用：{'、'.join((*REGULATED_FORMS, *OPEN_LENGTHS))}；词请用词牌。",
            f"{form!r} has no fixed shape to write by. Use one of {', '.join(REGULATED_FORMS)}, or a tune for 词.",
        )
    count = line_count(form, length, lines)
    shapes = tuple(
        LineShape(length, STOP if at % 2 else COMMA, bool(at % 2) and at < count - 1) for at in range(count)
    )
    if regulated and form in REGULATED_FORMS:
        return Template(
            form, shapes, couplets(length, count, strict), LEVEL_RHYME, regulated_rhymes(count), not strict
        )
    free = Section(0, (Way(0, (FREE * length,) * count),))
    even = tuple(0 if at % 2 else None for at in range(count))
    return Template(form, shapes, (free,), ANY_RHYME, (even,))


def line_count(form: str, length: int, lines: int | None) -> int:
    """How many lines the form has; `lines` where that is open. Raises ProsodyError if it cannot have so many."""
    fixed = LINE_COUNTS.get(form[1])
    count = lines if lines is not None else fixed or OPEN_LENGTHS[form]
    wanted = form.replace("排", "古")
    found = form_by_shape(["字" * length] * count).replace("排", "古") if count > 0 and count % 2 == 0 else ""
    if (fixed and count != fixed) or found != wanted or (form[1] == "排" and count < 10):
        zh, en = (f"{fixed}句", f"{fixed} lines") if fixed else OPEN_COUNTS[form[1]]
        raise ProsodyError(
            f"{form}应是{zh}，得到 {count} 句。请改句数（--lines 或 --template）。",
            f"{form} has {en}, not {count}. Change their number (--lines or --template).",
        )
    return count


def regulated_rhymes(count: int) -> tuple[tuple[int | None, ...], ...]:
    """Schemes 0, 1: a-B first, without and with a first line that rhymes; 2, 3: b-A first."""
    plain = tuple(0 if at % 2 else None for at in range(count))
    return (plain, (0, *plain[1:])) * 2


def couplets(length: int, count: int, strict: bool) -> tuple[Section, ...]:
    """The couplets of regulated verse, each with the ways of all four schemes."""
    sections = []
    for at in range(0, count, 2):
        ways: list[Way] = []
        for scheme in range(4):
            opening = ("aB", "bA")[scheme // 2]
            kind = OTHER[opening] if at % 4 else opening
            if at == 0 and scheme % 2:
                kind = RHYMED[opening]
            ways += (Way(scheme, patterns) for patterns in couplet_patterns(kind, length, strict))
        sections.append(Section(at, tuple(ways)))
    return tuple(sections)


@cache
def couplet_patterns(kind: str, length: int, strict: bool) -> tuple[tuple[str, str], ...]:
    """All pairs of patterns that make the couplet `kind` (aB, bA, AB, BA)."""
    patterns = KINDS[length]
    first, second = (patterns[one] for one in kind)
    if strict:
        first = first[:1] if kind[0] == "b" else first  # without 特拗
    pairs = [(upper, lower) for upper in first for lower in second]
    if kind == "aB" and not strict:
        pairs += [(upper, lower) for upper in patterns["a拗"] for lower in patterns["B救"]]
    return tuple(pairs)


def tune_template(variant: Variant) -> Template:
    """The template of a 词 by one variant of its tune: one section that can be written in one way."""
    patterns = shared_patterns(variant.lines)
    last = len(variant.lines) - 1
    shapes = tuple(tune_line(line, at == last) for at, line in enumerate(variant.lines))
    rhymes = tuple(line.rhyme for line in variant.lines)
    section = Section(0, (Way(0, patterns),))
    return Template(variant.tune, shapes, (section,), PART_RHYME, (rhymes,), apart=variant.changes)


def shared_patterns(lines: Sequence[TuneLine]) -> tuple[str, ...]:
    """The patterns of all lines, where what is said more than once fits every place that says it."""
    patterns = [line.pattern for line in lines]
    order = range(len(lines))
    for at in (*reversed(order), *order):  # up to the line that is said first, and back down
        origin = lines[at].origin
        if origin is not None:
            head, tail = halves(patterns[origin], len(lines[at].pattern))
            said = lines[at].again(tail)
            shared = "".join(narrower(one, other) for one, other in zip(patterns[at], said, strict=True))
            patterns[at], patterns[origin] = shared, head + lines[at].again(shared)
    return tuple(patterns)


def tune_line(line: TuneLine, last: bool) -> LineShape:
    """A line of a tune; the poem ends without a line feed."""
    mark, breaks = STOP if last else line.end, line.breaks and not last
    return LineShape(len(line.pattern), mark, breaks, line.origin, line.mirrors is not None)


def halves(pattern: str, length: int) -> tuple[str, str]:
    """A pattern without its last `length` places, and those: what a shorter line repeats is the end of the longer."""
    return pattern[: len(pattern) - length], pattern[len(pattern) - length :]


def narrower(tone: str, other: str) -> str:
    """The stricter of two demands on one place; the second where they contradict each other."""
    return tone if other == FREE else other


def answer_template(upper_tones: str) -> Template:
    """The template of a 下联: a line of the same length whose tones answer those of the 上联.

    upper_tones: 平 仄 or another sign where the tone is open. At the even places and at the end the tones are
    opposed (王力: 一三五不论，二四六分明); elsewhere they are free. An open end asks for nothing but the level
    tone with which a couplet closes.
    """
    last = len(upper_tones) - 1
    opposed = {LEVEL: OBLIQUE, OBLIQUE: LEVEL}
    pattern = "".join(
        opposed.get(tone, FREE) if at % 2 or at == last else FREE for at, tone in enumerate(upper_tones)
    )
    if pattern[-1] == FREE:
        pattern = pattern[:-1] + LEVEL
    shape = LineShape(len(pattern), STOP, False)
    return Template("对联", (shape,), (Section(0, (Way(0, (pattern,)),)),), ANY_RHYME, ((None,),))
