"""What a judge has to say of a poem, and what the words mean."""

from __future__ import annotations

from dataclasses import dataclass

# What the words of a verdict mean. Faults make a poem irregular; notes don't.
FAULTS = {
    "出律": "a level tone where an oblique one is due, or the other way round",
    "孤平": "a rhyming line with a single level tone but for the rhyme",
    "三平尾": "a line that ends in three level tones",
    "失对": "the second line of a couplet is not opposed to the first",
    "失粘": "a couplet does not take up the tones of the one before",
    "落韵": "a rhyme word outside the rhyme of the poem",
    "仄韵": "the poem rhymes in an oblique tone, as old verse may; regulated verse rhymes in a level one",
    "重韵": "a rhyme word used twice",
    "缺字": "a character is missing",
    "字数": "a line is too long or too short for the form",
    "句数": "too many or too few lines for the form",
}
RHYME_FAULTS = {"落韵", "仄韵", "重韵"}
TONE_FAULTS = {"出律", "孤平", "三平尾", "失对", "失粘"}
NOTES = {
    "拗救": "an irregular tone, mended as the rules allow",
    "借韵": "the first line rhymes in a neighbouring group",
    "通押": "rhyme words of neighbouring groups, as old verse allows",
    "折腰": "a quatrain whose second couplet does not take up the tones of the first, and has no other fault",
    "僻读": "the rules are kept only by a reading that poets hardly ever use, or by another meaning of the word",
    "今音": "the rhyme book lacks this character; its tone is that of modern speech",
    "未知": "the reading of this character is not known",
}


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing to say. kind: of FAULTS or NOTES. line, place: from 0; place None means the whole line."""

    kind: str
    line: int
    place: int | None
    reason: str


def in_order(remark: Remark) -> tuple[int, int]:
    """Sort by line, then by place, what concerns a whole line first."""
    return remark.line, -1 if remark.place is None else remark.place
