"""Why a poem obeys or breaks the rules of its form: a reason for each character that is out of place.

`judge` says 合律 exactly where shici.prosody.judge.label does; it takes longer and tells more.
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
from shici.prosody.patterns import LINE_COUNTS, REGULATED_FORMS, VERSE_FORMS, form_by_shape
from shici.prosody.readings import UNKNOWN, Lexicon, lexicon_for

# What the words of a verdict mean. Faults make a poem irregular; notes don't.
FAULTS = {
    "出律": "a level tone where an oblique one is due, or the other way round",
    "孤平": "a rhyming line with a single level tone but for the rhyme",
    "三平尾": "a line that ends in three level tones",
    "失对": "the second line of a couplet is not opposed to the first",
    "失粘": "a couplet does not take up the tones of the one before",
    "落韵": "a rhyme word outside the rhyme of the poem",
    "重韵": "a rhyme word used twice",
    "缺字": "a character is missing",
    "字数": "a line is too long or too short for the form",
    "句数": "too many or too few lines for the form",
}
RHYME_FAULTS = {"落韵", "重韵"}
TONE_FAULTS = {"出律", "孤平", "三平尾", "失对", "失粘"}
NOTES = {
    "拗救": "an irregular tone, mended as the rules allow",
    "借韵": "the first line rhymes in a neighbouring group",
    "未知": "the reading of this character is not known",
}
GAPS = "□■"


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing to say. kind: of FAULTS or NOTES. line, place: from 0; place None means the whole line."""

    kind: str
    line: int
    place: int | None
    reason: str


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

    lines: verse without punctuation; □ stands for a missing character. lexicon: as for `label`. Raises
    ProsodyError for an unknown form and for an empty poem.
    """
    lines = [line for line in lines if line]
    check(lines, form)
    lexicon = lexicon or lexicon_for("".join(lines))
    shape = form or form_by_shape(lines)
    if shape not in REGULATED_FORMS:
        return free_verdict(lines, shape, lexicon)
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


def free_verdict(lines: Sequence[str], form: str, lexicon: Lexicon) -> Verdict:
    """The verdict on a form without rules of tone: only its rhyme is told."""
    return Verdict(
        lines=tuple(lines),
        form=form,
        regulated=UNDECIDED,
        rhyme=choose(shared_rhyme(lines, lexicon)),
        tones=tuple(lexicon.tones(line) for line in lines),
        patterns=("",) * len(lines),
        rhyming=tuple(at % 2 == 1 for at in range(len(lines))),
        faults=(),
        notes=tuple(unknown(lines, lexicon)),
    )


def regulated_verdict(lines: Sequence[str], form: str, lexicon: Lexicon) -> Verdict:
    """The verdict by the rules of 绝句, 律诗 or 排律."""
    length = 5 if form[0] == "五" else 7
    rhyme = shared_rhyme(lines, lexicon)
    group = choose(rhyme) or most_used(lines, lexicon)
    tones = tuple(lexicon.tones(line) for line in lines)
    found = align(tones, length, first_rhyme_price(lines, rhyme))
    rhyming = tuple(line.kind in "AB" for line in found)
    shape = [*wrong_shape(lines, form, length), *gaps(lines)]
    faults = [
        *shape,
        *wrong_tones(lines, tones, found),
        *wrong_places(found),
        *wrong_rhymes(lines, rhyming, rhyme, group, lexicon),
    ]
    notes = [
        *mended(found, tones),
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


def in_order(remark: Remark) -> tuple[int, int]:
    """Sort by line, then by place, what concerns a whole line first."""
    return remark.line, -1 if remark.place is None else remark.place


def first_rhyme_price(lines: Sequence[str], rhyme: Rhyme) -> int:
    """What it costs to take the first line as rhymed: its word must rhyme, and not be used again."""
    if lines[0][-1] in rhyme_words(lines) or not (first_line_fits(rhyme) and rhyme.level):
        return FALSE_RHYME
    return 0 if rhyme.first.intersection(rhyme.level) else FALSE_RHYME // 2


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
    end = place - len(text)
    if line.kind == "B" and end in (-5, -3):
        lonely = len(text) - 4
        return Remark("孤平", at, lonely, f"除韵脚外只有“{text[lonely]}”一个平声，前后皆仄")
    if line.kind == "A" and end == -3 and len(line.misfits) == 1:
        return Remark("三平尾", at, place, f"句末“{text[-3:]}”三字皆平，“{text[place]}”当仄")
    wanted, heard = line.pattern[place], tones[place]
    mend = "，下句又未救" if line.kind == "a" and end == -2 else ""
    return Remark("出律", at, place, f"“{text[place]}”{heard}声，此处当{wanted}{mend}")


def wrong_places(found: Sequence[Line]) -> Iterator[Remark]:
    """失对 and 失粘: good lines that don't follow each other."""
    for at in range(1, len(found)):
        last, kind = found[at - 1].kind, found[at].kind
        if is_placed(at, last, kind):
            continue
        kind, follows = ("失对", "相对") if at % 2 else ("失粘", "相粘")
        yield Remark(kind, at, None, f"第{at + 1}句与第{at}句平仄不{follows}")


def wrong_rhymes(
    lines: Sequence[str], rhyming: Sequence[bool], rhyme: Rhyme, group: str, lexicon: Lexicon
) -> Iterator[Remark]:
    """落韵 and 重韵."""
    seen: set[str] = set()
    for at, line in enumerate(lines):
        if not rhyming[at]:
            continue
        word, place = line[-1], len(line) - 1
        groups = lexicon.groups(word)
        if word in seen:
            yield Remark("重韵", at, place, f"“{word}”字重押")
        elif groups and group not in groups and not (at == 0 and rhyme.level and first_line_fits(rhyme)):
            heard = "、".join(lexicon.book.sorted(groups))
            wanted = f"，此诗押{group}" if group else "，律诗当押平声韵"
            yield Remark("落韵", at, place, f"“{word}”属{heard}{wanted}")
        elif groups and group not in lexicon.book.level:
            yield Remark("落韵", at, place, f"“{word}”押{group}，律诗当押平声韵")
        seen.add(word)
    if len(rhyme_words(lines)) < 2:
        yield Remark("落韵", len(lines) - 1, None, "韵脚不足两个")


def mended(found: Sequence[Line], tones: Sequence[str]) -> Iterator[Remark]:
    """拗救: departures from the plain line that the rules accept."""
    for at, line in enumerate(found):
        if len(tones[at]) != len(line.pattern) or line.misfits:
            continue
        if line.kind == "a拗":
            yield Remark("拗救", at, len(line.pattern) - 2, "此字拗，下句第三字（七言第五字）以平声救")
        elif line.kind == "b" and line.pattern.endswith("仄平仄"):
            yield Remark("拗救", at, len(line.pattern) - 3, "平平仄平仄，末三字平仄互换（特拗）")
        elif line.kind == "B" and line.pattern[-5] == "中" and tones[at][-5] == "仄":
            yield Remark("拗救", at, len(line.pattern) - 5, "此字拗，本句以平声救，免于孤平")


def borrowed(
    lines: Sequence[str], rhyming: Sequence[bool], shared: Sequence[str], lexicon: Lexicon
) -> Iterator[Remark]:
    """借韵: a first line that rhymes with a neighbour of a group that the others share."""
    word, groups = lines[0][-1], lexicon.groups(lines[0][-1])
    near = [group for group in shared if not lexicon.book.neighbours(group).isdisjoint(groups)]
    if rhyming[0] and near and groups.isdisjoint(shared):
        reason = f"首句“{word}”属{'、'.join(lexicon.book.sorted(groups))}，借{near[0]}之邻韵"
        yield Remark("借韵", 0, len(lines[0]) - 1, reason)


def unknown(lines: Sequence[str], lexicon: Lexicon) -> Iterator[Remark]:
    """未知: characters whose reading the tables lack."""
    for at, line in enumerate(lines):
        for place, character in enumerate(line):
            if character not in GAPS and lexicon.tones(character) == UNKNOWN:
                yield Remark("未知", at, place, f"“{character}”读音未知")
