"""What there is to say of a poem beside its faults: licences it takes, and readings that are not the usual ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from shici.prosody.alignment import Line, compare
from shici.prosody.judge import Rhyme, choose, rhyme_words
from shici.prosody.patterns import fits
from shici.prosody.readings import TWO_MEANINGS, UNKNOWN, Lexicon, in_use
from shici.prosody.remarks import Remark
from shici.prosody.rhymes import LEVEL, OBLIQUE

GAPS = "□■"


def mended(lines: Sequence[str], found: Sequence[Line], usual: Sequence[str]) -> Iterator[Remark]:
    """拗救: departures from the plain line that the rules accept, as the characters are usually read."""
    for at, line in enumerate(found):
        tones = usual[at]
        if len(tones) != len(line.pattern) or line.misfits or line.rare:
            continue
        saver = saving(lines, found, usual, at)
        if line.kind == "a拗" and saver:
            yield Remark("拗救", at, len(tones) - 2, f"此字拗，下句“{saver}”以平声救（大拗）")
        elif line.kind == "a" and tones[-3] == OBLIQUE and saver:
            yield Remark("拗救", at, len(tones) - 3, f"此字拗，下句“{saver}”以平声救（小拗）")
        elif line.kind == "b" and line.pattern.endswith("仄平仄"):
            yield Remark("拗救", at, len(tones) - 3, "平平仄平仄，末三字平仄互换（特拗）")
        elif line.kind == "B" and line.pattern[-5] == "中" and tones[-5] == OBLIQUE:
            yield Remark("拗救", at, len(tones) - 5, f"此字拗，本句“{lines[at][-3]}”以平声救，免于孤平")


def saving(lines: Sequence[str], found: Sequence[Line], usual: Sequence[str], at: int) -> str:
    """The level third (of the last five) of the line after line `at`, if that line is good; else ""."""
    if at % 2 or at + 1 >= len(found) or found[at + 1].misfits or len(usual[at + 1]) != len(usual[at]):
        return ""
    return lines[at + 1][-3] if found[at + 1].kind == "B" and usual[at + 1][-3] == LEVEL else ""


def rare_tones(lines: Sequence[str], found: Sequence[Line], usual: Sequence[str]) -> Iterator[Remark]:
    """僻读: characters in a tone that is hardly ever theirs, and what the line would be as they are usually read."""
    for at, line in enumerate(found):
        if line.misfits:
            continue
        plain = compare(usual[at], line.kind, len(line.pattern), usual[at])
        for place in line.rare:
            kinds = [fault_kind(usual[at], plain, at, one) for one in plain.misfits]
            yield rare_tone(lines[at], at, place, usual[at][place], f"此句{'、'.join(dict.fromkeys(kinds))}")
        if line.kind == "a拗" and at + 1 < len(found) and not fits(usual[at + 1][-3], LEVEL):
            place = len(lines[at + 1]) - 3
            yield rare_tone(lines[at + 1], at + 1, place, usual[at + 1][place], "上句大拗未救")


def rare_tone(text: str, at: int, place: int, tone: str, otherwise: str) -> Remark:
    """The remark on one character. tone: the usual one."""
    character, other = text[place], OBLIQUE if tone == LEVEL else LEVEL
    if character in TWO_MEANINGS:
        reason = f"“{character}”须作{other}声方合，那是另一义；照常用的{tone}声，{otherwise}"
    else:
        reason = f"“{character}”须作{other}声方合，诗中罕有此读；照常读{tone}声，{otherwise}"
    return Remark("僻读", at, place, reason)


def rare_rhymes(
    lines: Sequence[str], found: Sequence[Line], rhyme: Rhyme, lexicon: Lexicon
) -> Iterator[Remark]:
    """僻读: level rhyme words in a group that is hardly ever theirs, where the usual ones do not rhyme."""
    usual = [frozenset(one.group for one in in_use(word, lexicon)) for word in rhyme_words(lines)]
    group = choose(rhyme)
    if not rhyme.level or not group or not frozenset.intersection(*usual).isdisjoint(rhyme.level):
        return
    for number, groups in enumerate(usual):
        at = 2 * number + 1
        if group not in groups and len(lines[at]) - 1 not in found[at].rare:
            named = "、".join(lexicon.book.sorted(groups))
            reason = f"“{lines[at][-1]}”押{group}，诗中罕见；照常读属{named}"
            yield Remark("僻读", at, len(lines[at]) - 1, reason)


def fault_kind(tones: str, line: Line, at: int, place: int) -> str:
    """出律, 孤平, 三平尾; 落韵 at the end of an even line, which is left to the rhyme."""
    if place == len(tones) - 1 and at % 2:
        return "落韵"
    return tone_fault_kind(tones, line, place)


def tone_fault_kind(tones: str, line: Line, place: int) -> str:
    """孤平: a line of kind B that has no other fault than its two oblique tones around a level one."""
    end = place - len(tones)
    if len(line.misfits) == 1 and line.kind == "B" and end in (-5, -3) and fits(tones[-4], LEVEL):
        return "孤平"
    return "三平尾" if len(line.misfits) == 1 and line.kind == "A" and end == -3 else "出律"


def borrowed(
    lines: Sequence[str], rhyming: Sequence[bool], shared: Sequence[str], lexicon: Lexicon
) -> Iterator[Remark]:
    """借韵: a first line that rhymes with a neighbour of a group that the others share."""
    word, groups = lines[0][-1], lexicon.groups(lines[0][-1])
    near = [group for group in shared if not lexicon.book.neighbours(group).isdisjoint(groups)]
    if rhyming[0] and near and groups.isdisjoint(shared):
        reason = f"首句“{word}”属{'、'.join(lexicon.book.sorted(groups))}，借{near[0]}之邻韵"
        yield Remark("借韵", 0, len(lines[0]) - 1, reason)


def broken_waist(faults: Sequence[Remark], count: int) -> Iterator[Remark]:
    """折腰: of `count` lines, a quatrain whose only fault is that its couplets are not linked."""
    if count == 4 and [fault.kind for fault in faults] == ["失粘"]:
        yield Remark("折腰", faults[0].line, None, "余皆合律，绝句如此称折腰体")


def unknown(lines: Sequence[str], lexicon: Lexicon) -> Iterator[Remark]:
    """未知: characters whose reading the tables lack. 今音: those of which only the modern tone is known."""
    for at, line in enumerate(lines):
        for place, character in enumerate(line):
            if character in GAPS:
                continue
            tone = lexicon.tones(character)
            if tone == UNKNOWN:
                yield Remark("未知", at, place, f"“{character}”读音未知")
            elif not lexicon.groups(character):
                yield Remark("今音", at, place, f"韵书无“{character}”字，依今音作{tone}声")
