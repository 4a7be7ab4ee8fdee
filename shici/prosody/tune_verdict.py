"""Why a 词 keeps or breaks its tune: a reason for each character that is out of place.

`judge_tune` says 合律 exactly where shici.prosody.tune_fit.keeps_tune says yes of one of the tune's variants.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from shici.prosody.judge import IRREGULAR, REGULAR, UNDECIDED
from shici.prosody.patterns import fits
from shici.prosody.readings import Lexicon, lexicon_for
from shici.prosody.tune_alignment import Alignment, align_tune
from shici.prosody.tune_fit import commonest_part, different_parts, keeps_tune, shared_parts
from shici.prosody.tune_rhymes import parts_in_tone
from shici.prosody.tunes import TuneLine, Variant, find_tune
from shici.prosody.verdict import Remark, Verdict, check, gaps, in_order, unknown

CI = "词"

# Kinds of remark that a 诗 cannot have. A rhyme word used twice is a note: one 词 of twenty has one.
TUNE_FAULTS = {
    "叠句": "a line that should repeat an earlier one, or its end (倒叠: backwards), and doesn't",
    "换韵": "the rhyme should change here to another part of the rhyme book, and doesn't",
}
TUNE_NOTES = {"句读": "the pauses between two rhymes lie elsewhere"}


@dataclass(frozen=True, slots=True)
class TuneVerdict(Verdict):
    """The verdict on a 词. form: 词.

    rhyme: the part of the rhyme book if the tune has one rhyme, else "". parts: those of all its rhymes, in
    the order of the tune ("" where no word is known). variant: the one it was judged by. places: for each of
    `lines` the index of the variant's line that it stands for, or None.
    """

    variant: Variant
    parts: tuple[str, ...]
    places: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class RhymeWord:
    """A word at a rhyme: where it stands, the number of its rhyme, and the tone that it must have."""

    line: int
    word: str
    rhyme: int
    tone: str


def judge_tune(lines: Sequence[str], tune: str, lexicon: Lexicon | None = None) -> TuneVerdict:
    """Judge a 词 by the variant of its tune that it fits best.

    lines: verse without punctuation, cut at its marks (pauses between two rhymes may lie elsewhere); □ stands for
    a missing character. tune: any name of it. lexicon: as for `keeps_tune`. Raises ProsodyError for a tune without a
    pattern and for an empty poem.
    """
    lines = [line for line in lines if line]
    check(lines, None)
    lexicon = lexicon or lexicon_for("".join(lines))
    found = []
    for variant in find_tune(tune):
        alignment = align_tune(lines, variant)
        verdict = judge_variant(lines, variant, alignment, lexicon)
        broken = 0 if alignment.fits else alignment.price
        found.append((broken, len(verdict.faults), verdict.regulated != REGULAR, alignment.price, verdict))
    return min(found, key=lambda one: one[:4])[4]


def judge_variant(
    lines: Sequence[str], variant: Variant, alignment: Alignment, lexicon: Lexicon
) -> TuneVerdict:
    """The verdict by one variant."""
    texts = [laid.text for laid in alignment.lines]
    tones = tuple(map(lexicon.tones, texts))
    asked = [None if laid.at is None else variant.lines[laid.at] for laid in alignment.lines]
    words = rhyme_words(texts, asked)
    parts = chosen_parts(words, variant, lexicon)
    faults = [
        *wrong_lines(alignment, variant),
        *gaps(texts),
        *wrong_tones(texts, tones, asked),
        *wrong_rhymes(words, parts, texts, lexicon),
        *unchanged_rhymes(words, parts, texts, asked),
        *wrong_repeats(alignment, variant),
    ]
    notes = [*moved_pauses(alignment), *used_twice(words, texts, asked), *unknown(texts, lexicon)]
    if any(fault.kind != "缺字" for fault in faults):
        regulated = IRREGULAR
    else:
        regulated = REGULAR if keeps_tune(lines, variant, lexicon) else UNDECIDED
    return TuneVerdict(
        lines=tuple(texts),
        form=CI,
        regulated=regulated,
        rhyme=parts[0] if len(parts) == 1 else "",
        tones=tones,
        patterns=tuple(
            line.pattern if line and len(line.pattern) == len(text) else ""
            for line, text in zip(asked, texts, strict=True)
        ),
        rhyming=tuple(line is not None and line.rhyme is not None for line in asked),
        faults=tuple(sorted(faults, key=in_order)),
        notes=tuple(sorted(notes, key=in_order)),
        variant=variant,
        parts=parts,
        places=tuple(laid.at for laid in alignment.lines),
    )


def rhyme_words(texts: Sequence[str], asked: Sequence[TuneLine | None]) -> list[RhymeWord]:
    """The words at the rhymes, in the order of the text."""
    return [
        RhymeWord(at, text[-1], line.rhyme, line.pattern[-1])
        for at, (text, line) in enumerate(zip(texts, asked, strict=True))
        if line is not None and line.rhyme is not None
    ]


def chosen_parts(words: Sequence[RhymeWord], variant: Variant, lexicon: Lexicon) -> tuple[str, ...]:
    """For each rhyme a part that all its known words have, else the one that most have.

    Where the words leave several: the first in the book, or one that makes the rhyme change where it must.
    """
    count = max((word.rhyme for word in words), default=-1) + 1
    rhymes = [[(one.word, one.tone) for one in words if one.rhyme == number] for number in range(count)]
    commonest = tuple(commonest_part(some, lexicon) for some in rhymes)
    shared = {number: known_parts(rhymes[number], lexicon) or [part] for number, part in enumerate(commonest)}
    found = different_parts(shared, [pair for pair in variant.changes if max(pair) < count])
    return tuple(found.values()) if found else commonest


def known_parts(words: Sequence[tuple[str, str]], lexicon: Lexicon) -> list[str]:
    """The parts that all words of the right tone and of known reading share, in the order of the book."""
    known = [(word, tone) for word, tone in words if parts_in_tone(lexicon, word, tone)]
    return sorted(shared_parts(known, lexicon), key=lexicon.book.parts.index) if known else []


def wrong_lines(alignment: Alignment, variant: Variant) -> Iterator[Remark]:
    """字数 and 句数: lines of another length, too many or too few."""
    last = 0
    for at, laid in enumerate(alignment.lines):
        length = len(laid.text)
        if laid.at is None:
            yield Remark("句数", at, None, f"谱中没有这一句（{length}字）")
        elif length != (wanted := len(variant.lines[laid.at].pattern)):
            yield Remark("字数", at, None, f"此处当{wanted}字，这句{length}字")
    for missing in alignment.missing:
        before = [at for at, laid in enumerate(alignment.lines) if laid.at is not None and laid.at < missing]
        last = before[-1] if before else 0
        wanted = len(variant.lines[missing].pattern)
        yield Remark("句数", last, None, f"谱中第{missing + 1}句（{wanted}字）这里没有")


def wrong_tones(
    texts: Sequence[str], tones: Sequence[str], asked: Sequence[TuneLine | None]
) -> Iterator[Remark]:
    """出律, in lines of the right length; and at the end of any line that rhymes."""
    for at, (text, heard, line) in enumerate(zip(texts, tones, asked, strict=True)):
        if line is None:
            continue
        if len(text) == len(line.pattern):
            pairs = list(enumerate(zip(heard, line.pattern, strict=True)))
        elif line.rhyme is not None:
            pairs = [(len(text) - 1, (heard[-1], line.pattern[-1]))]
        else:
            continue
        for place, (tone, wanted) in pairs:
            if not fits(tone, wanted):
                yield Remark("出律", at, place, f"“{text[place]}”{tone}声，此处当{wanted}")


def wrong_rhymes(
    words: Sequence[RhymeWord], parts: Sequence[str], texts: Sequence[str], lexicon: Lexicon
) -> Iterator[Remark]:
    """落韵: a word of the right tone in another part than its rhyme."""
    for one in words:
        heard = parts_in_tone(lexicon, one.word, one.tone)
        wanted = parts[one.rhyme]
        if heard and wanted not in heard:
            named = "、".join(sorted(heard, key=lexicon.book.parts.index))
            reason = f"“{one.word}”属{named}，此处押{wanted}"
            yield Remark("落韵", one.line, len(texts[one.line]) - 1, reason)


def unchanged_rhymes(
    words: Sequence[RhymeWord],
    parts: Sequence[str],
    texts: Sequence[str],
    asked: Sequence[TuneLine | None],
) -> Iterator[Remark]:
    """换韵: lines that rhyme in the part of the lines before them, where the rhyme should have changed."""
    runs = [list(run) for _, run in groupby(words, key=lambda one: one.rhyme)]
    for before, run in pairwise(runs):
        line, part = asked[run[0].line], parts[run[0].rhyme]
        if line is not None and line.changes and part and part == parts[before[0].rhyme]:
            reason = f"{numbered(run)}与{numbered(before)}同押{part}，此处当换韵"
            yield Remark("换韵", run[0].line, len(texts[run[0].line]) - 1, reason)


def numbered(words: Sequence[RhymeWord]) -> str:
    """第4、5、7句."""
    return f"第{'、'.join(str(one.line + 1) for one in words)}句"


def wrong_repeats(alignment: Alignment, variant: Variant) -> Iterator[Remark]:
    """叠句: a line that doesn't say again what it should."""
    where = {laid.at: at for at, laid in enumerate(alignment.lines) if laid.at is not None}
    for place, at in where.items():
        line = variant.lines[place]
        if line.origin is None or line.origin not in where:
            continue
        first, again = where[line.origin], alignment.lines[at].text
        said = line.again(alignment.lines[first].text)
        if again != said:
            how = "叠" if line.mirrors is None else "倒叠"
            which = "末" if line.same_as is None else ""
            yield Remark("叠句", at, None, f"当{how}第{first + 1}句{which}“{said}”")


def moved_pauses(alignment: Alignment) -> Iterator[Remark]:
    """句读: runs of lines that the text itself cuts otherwise."""
    places = [at for at, laid in enumerate(alignment.lines) if laid.moved]
    for at in places:
        if at - 1 not in places:
            stop = next(end for end in range(at, len(alignment.lines) + 1) if end not in places)
            named = "，".join(laid.text for laid in alignment.lines[at:stop])
            yield Remark("句读", at, None, f"原文断句不同，谱断作“{named}”")


def used_twice(
    words: Sequence[RhymeWord], texts: Sequence[str], asked: Sequence[TuneLine | None]
) -> Iterator[Remark]:
    """重韵: a rhyme word used again, where the tune doesn't ask for it, and the poet doesn't on purpose (叠韵)."""
    seen: set[tuple[int, str]] = set()
    for one in words:
        line = asked[one.line]
        again = (line is not None and line.origin is not None) or doubles(texts, one.line)
        if (one.rhyme, one.word) in seen and not again:
            yield Remark("重韵", one.line, len(texts[one.line]) - 1, f"“{one.word}”字重押")
        seen.add((one.rhyme, one.word))


def doubles(texts: Sequence[str], at: int) -> bool:
    """Whether line `at` says the end of the one before it again: 爱上层楼，爱上层楼; 汴水流，泗水流."""
    return at > 0 and len(texts[at]) == len(texts[at - 1]) and texts[at][-2:] == texts[at - 1][-2:]
