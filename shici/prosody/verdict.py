"""Why a poem obeys or breaks the rules of its form: a reason for each character that is out of place.

Of a form that is asked for, `judge` says 合律 exactly where shici.prosody.judge.label does; it takes longer and tells
more. It accepts any recorded reading too, and notes where only one that poets hardly ever use will do.
"""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from shici.errors import ProsodyError
from shici.prosody.alignment import FALSE_RHYME, Line, align, is_placed
from shici.prosody.judge import (
    IRREGULAR,
    REGULAR,
    UNDECIDED,
    Rhyme,
    choose,
    first_line_fits,
    regulation,
    rhyme_words,
    shared_rhyme,
)
from shici.prosody.notes import (
    GAPS,
    borrowed,
    broken_waist,
    mended,
    rare_rhymes,
    rare_tones,
    tone_fault_kind,
    unknown,
)
from shici.prosody.old_verse import OLD_FORMS, heard, heard_rhymes, oblique, rhymes_in_oblique
from shici.prosody.patterns import LINE_COUNTS, REGULATED_FORMS, VERSE_FORMS, form_by_shape
from shici.prosody.readings import Lexicon, lexicon_for, tones_in_use
from shici.prosody.remarks import FAULTS, NOTES, RHYME_FAULTS, TONE_FAULTS, Remark, in_order

__all__ = [
    "FAULTS",
    "NOTES",
    "RHYME_FAULTS",
    "TONE_FAULTS",
    "Remark",
    "Verdict",
    "gaps",
    "in_order",
    "judge",
    "unknown",
]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a poem is and what is wrong with it.

    lines: the verse. form, regulated, rhyme: as in Label. tones: 平 仄 通 ？ for each character. patterns:
    what is asked of each (平 仄 中), empty for forms without rules and for lines of the wrong length.
    rhyming: for each line whether it should rhyme. faults, notes: in the order of the text.
    """

    lines: tuple[str, ...]
    form: str
    regulated: str
    rhyme: str
    tones: tuple[str, ...]
    patterns: tuple[str, ...]
    rhyming: tuple[bool, ...]
    faults: tuple[Remark, ...]
    notes: tuple[Remark, ...]


def judge(lines: Sequence[str], form: str | None = None, lexicon: Lexicon | None = None) -> Verdict:
    """Judge a 诗 by the rules of `form`, or of the form that its shape suggests.

    No form asked for: verse of the shape of 绝句 or 律诗 that rhymes in an oblique tone is judged as 古体, and ten or
    more lines that break the rules as well.
    lines: verse without punctuation; □ stands for a missing character. lexicon: as for `label`. Raises
    ProsodyError for an unknown form and for an empty poem.
    """
    lines = [line for line in lines if line]
    check(lines, form)
    lexicon = lexicon or lexicon_for("".join(lines))
    shape = form or form_by_shape(lines)
    if shape not in REGULATED_FORMS:
        return free_verdict(lines, shape, lexicon)
    if form is None and shape in OLD_FORMS and rhymes_in_oblique(lines, lexicon):
        return free_verdict(lines, OLD_FORMS[shape], lexicon, tuple(oblique(lines, lexicon)))
    verdict = regulated_verdict(lines, shape, lexicon)
    if form is None and shape[1] == "排" and verdict.regulated != REGULAR:
        return free_verdict(lines, shape[0] + "古", lexicon)
    return verdict


def check(lines: Sequence[str], form: str | None) -> None:
    """Raise ProsodyError for what cannot be judged."""
    if not lines:
        raise ProsodyError(
            "没有诗句可评。请给出至少一句。", "There is no verse to judge. Give at least one line."
        )
    if form is not None and form not in VERSE_FORMS:
        near = difflib.get_close_matches(form, VERSE_FORMS, n=1, cutoff=0.3)
        hint_zh, hint_en = (f"是否想写“{near[0]}”？", f" Did you mean {near[0]}?") if near else ("", "")
        known = "、".join(VERSE_FORMS)
        raise ProsodyError(
            f"不认识诗体“{form}”，可用：{known}。{hint_zh}",
            f"Unknown form {form!r}; expected one of {known}.{hint_en}",
        )


def free_verdict(lines: Sequence[str], form: str, lexicon: Lexicon, notes: Sequence[Remark] = ()) -> Verdict:
    """The verdict on a form without rules of tone: only its rhyme is told."""
    return Verdict(
        lines=tuple(lines),
        form=form,
        regulated=UNDECIDED,
        rhyme=choose(shared_rhyme(lines, lexicon)),
        tones=tuple(lexicon.tones(line) for line in lines),
        patterns=("",) * len(lines),
        rhyming=heard_rhymes(lines, lexicon),
        faults=(),
        notes=tuple(sorted([*notes, *unknown(lines, lexicon)], key=in_order)),
    )


def regulated_verdict(lines: Sequence[str], form: str, lexicon: Lexicon) -> Verdict:
    """The verdict by the rules of 绝句, 律诗 or 排律."""
    length = 5 if form[0] == "五" else 7
    rhyme = shared_rhyme(lines, lexicon)
    group = choose(rhyme) or most_used(lines, lexicon)
    tones = tuple(lexicon.tones(line) for line in lines)
    usual = tuple(tones_in_use(line, lexicon) for line in lines)
    found = align(tones, length, first_rhyme_price(lines, rhyme), borrowed=is_borrowed(rhyme), usual=usual)
    rhyming = tuple(line.kind in "AB" for line in found)
    shape = [*wrong_shape(lines, form, length), *gaps(lines)]
    faults = [
        *shape,
        *wrong_tones(lines, tones, found),
        *wrong_places(found),
        *wrong_rhymes(lines, rhyming, rhyme, group, lexicon),
    ]
    notes = [
        *mended(lines, found, usual),
        *rare_tones(lines, found, usual),
        *rare_rhymes(lines, found, rhyme, lexicon),
        *broken_waist(faults, len(lines)),
        *borrowed(lines, rhyming, rhyme.level or (group,), lexicon),
        *unknown(lines, lexicon),
    ]
    return Verdict(
        lines=tuple(lines),
        form=form,
        regulated=decide(lines, rhyme, faults, lexicon),
        rhyme=choose(rhyme),
        tones=tones,
        patterns=tuple(line.pattern if len(lines[at]) == length else "" for at, line in enumerate(found)),
        rhyming=rhyming,
        faults=tuple(sorted(faults, key=in_order)),
        notes=tuple(sorted(notes, key=in_order)),
    )


def decide(lines: Sequence[str], rhyme: Rhyme, faults: Sequence[Remark], lexicon: Lexicon) -> str:
    """不合律 for any fault but a gap; else what the unknown characters leave certain."""
    if any(fault.kind != "缺字" for fault in faults):
        return IRREGULAR
    return regulation(lines, rhyme, lexicon)


def first_rhyme_price(lines: Sequence[str], rhyme: Rhyme) -> int:
    """What it costs to take the first line as rhymed: its word must rhyme, and not be used again."""
    if lines[0][-1] in rhyme_words(lines) or not (first_line_fits(rhyme) and rhyme.level):
        return FALSE_RHYME
    return 0


def is_borrowed(rhyme: Rhyme) -> bool:
    """Whether the word that ends the first line is of none of the groups that the others share."""
    return rhyme.first.isdisjoint(rhyme.level)


def most_used(lines: Sequence[str], lexicon: Lexicon) -> str:
    """The level group that most rhyme words share where not all do: the earliest in the poem among equals."""
    counts = Counter(
        group
        for word in rhyme_words(lines)
        for group in lexicon.book.sorted(lexicon.groups(word))
        if group in lexicon.book.level
    )
    return counts.most_common(1)[0][0] if counts else ""


def wrong_shape(lines: Sequence[str], form: str, length: int) -> Iterator[Remark]:
    """字数 and 句数: what keeps the verse from having the form asked for."""
    for at, line in enumerate(lines):
        if len(line) != length:
            yield Remark("字数", at, None, f"{form}每句{length}字，这句{len(line)}字")
    count = LINE_COUNTS.get(form[1])
    if count and len(lines) != count:
        yield Remark("句数", len(lines) - 1, None, f"{form}{count}句，这里{len(lines)}句")
    elif not count and (len(lines) < 10 or len(lines) % 2):
        yield Remark("句数", len(lines) - 1, None, f"{form}至少十句且成对，这里{len(lines)}句")


def gaps(lines: Sequence[str]) -> Iterator[Remark]:
    """缺字: a sign that stands for a lost character."""
    for at, line in enumerate(lines):
        for place, character in enumerate(line):
            if character in GAPS:
                yield Remark("缺字", at, place, "此处缺一字")


def wrong_tones(lines: Sequence[str], tones: Sequence[str], found: Sequence[Line]) -> Iterator[Remark]:
    """出律, 孤平, 三平尾. The end of an even line is left to the rhyme."""
    for at, line in enumerate(found):
        for place in line.misfits:
            if place == len(line.pattern) - 1 and at % 2:
                continue
            yield tone_fault(lines[at], tones[at], line, at, place)


def tone_fault(text: str, tones: str, line: Line, at: int, place: int) -> Remark:
    """Name the fault of the character at `place`."""
    kind = tone_fault_kind(tones, line, place)
    if kind == "孤平":
        lonely = len(text) - 4
        return Remark(kind, at, lonely, f"除韵脚外只有“{text[lonely]}”一个平声，前后皆仄")
    if kind == "三平尾":
        return Remark(kind, at, place, f"句末“{text[-3:]}”三字皆平，“{text[place]}”当仄")
    wanted, heard = line.pattern[place], tones[place]
    return Remark(kind, at, place, f"“{text[place]}”{heard}声，此处当{wanted}{because(line, place)}")


def because(line: Line, place: int) -> str:
    """What else to say of a wrong tone: in which kind of line it stands."""
    end = place - len(line.pattern)
    if line.kind == "a" and end == -2:
        return "，下句又未救"
    return "（特拗首字必平）" if line.kind == "b" and line.pattern.endswith("仄平仄") and end == -5 else ""


def wrong_places(found: Sequence[Line]) -> Iterator[Remark]:
    """失对 and 失粘: good lines that don't follow each other."""
    for at in range(1, len(found)):
        last, kind = found[at - 1].kind, found[at].kind
        if is_placed(at, last, kind):
            continue
        kind, follows = ("失对", "相对") if at % 2 else ("失粘", "相粘")
        yield Remark(kind, at, None, f"第{at + 1}句与第{at}句平仄不{follows}")


def may_borrow(rhyme: Rhyme, group: str) -> bool:
    """Whether the first line rhymes with a neighbour: of the poem's groups, or of the one that most words share."""
    near = rhyme.book.neighbours(group)
    return first_line_fits(rhyme) if rhyme.level else not near.isdisjoint(rhyme.first)


def wrong_rhymes(
    lines: Sequence[str], rhyming: Sequence[bool], rhyme: Rhyme, group: str, lexicon: Lexicon
) -> Iterator[Remark]:
    """落韵, 仄韵 and 重韵."""
    seen: set[str] = set()
    in_oblique = rhymes_in_oblique(lines, lexicon)
    for at, line in enumerate(lines):
        if not rhyming[at] or (in_oblique and at == 0):
            continue
        word, place = line[-1], len(line) - 1
        groups = lexicon.groups(word)
        if word in seen:
            yield Remark("重韵", at, place, f"“{word}”字重押")
        elif in_oblique:
            yield Remark("仄韵", at, place, f"“{word}”属{heard(word, lexicon)}，律诗当押平声韵")
        elif groups and group not in groups and not (at == 0 and may_borrow(rhyme, group)):
            wanted = f"，此诗押{group}" if group else "，律诗当押平声韵"
            yield Remark("落韵", at, place, f"“{word}”属{heard(word, lexicon)}{wanted}")
        seen.add(word)
    if len(rhyme_words(lines)) < 2:
        yield Remark("落韵", len(lines) - 1, None, "韵脚不足两个")
