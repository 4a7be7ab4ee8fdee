"""Shape, rhyme, tone and regulation of many poems, judged like a single one by shici.prosody.

Human poems and samples go through the same judge with the same two lexicons: `lenient` accepts any recorded reading
of a simplified character, `strict` only those that poets use.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from shici.corpus.characters import verse_lines
from shici.evaluation.statistics import share
from shici.prosody.judge import REGULAR, rhyme_words, shared_rhyme
from shici.prosody.patterns import form_by_shape
from shici.prosody.readings import Lexicon, simplified_lexicon, strict_lexicon
from shici.prosody.verdict import TONE_FAULTS, judge

Report = dict[str, Any]

REQUESTED = ("五绝", "七绝", "五律", "七律")  # the forms that are asked for; 绝 and 律 have rules of tone


def shape_of(lines: Sequence[str]) -> str:
    """The form that the lines have by number and length; an odd number of lines is 杂言."""
    lines = [line for line in lines if line]
    return form_by_shape(lines) if lines and len(lines) % 2 == 0 else "杂言"


def metre_report(bodies: Sequence[str], form: str = "") -> Report:
    """Shares with Wilson intervals.

    form given: of all poems, those with its line lengths ("shape"), and of all poems those that have them and
    whose even lines rhyme in one group, level or not, with no word twice ("rhyme"), that keep the tones ("tone"),
    and that obey in full, which asks for a level rhyme ("regulated"); the latter three under "lenient" and "strict".
    form "": "shape" is one of even lines of 4 to 7 characters, all alike; "shapes" counts each form; the rest is
    of those poems that have the shape of 绝句 or 律诗 ("judged").
    """
    verses = [[line for line in verse_lines(body) if line] for body in bodies]
    shapes = [shape_of(lines) for lines in verses]
    if form:
        chosen = [lines for lines, shape in zip(verses, shapes, strict=True) if shape == form]
        whole, shaped = len(verses), len(chosen)
    else:
        chosen = [lines for lines, shape in zip(verses, shapes, strict=True) if shape in REQUESTED]
        whole, shaped = len(chosen), sum(shape != "杂言" for shape in shapes)
    report: Report = {"poems": len(bodies), "shape": asdict(share(shaped, len(bodies)))}
    if not form:
        names = sorted(set(shapes), key=lambda name: (-shapes.count(name), name))
        report["shapes"] = {name: shapes.count(name) / len(shapes) for name in names}
        report["judged"] = whole
    for name, lexicon in (("lenient", simplified_lexicon()), ("strict", strict_lexicon())):
        report[name] = _shares(chosen, whole, lexicon)
    return report


def _shares(verses: Sequence[Sequence[str]], whole: int, lexicon: Lexicon) -> Report:
    verdicts = [judge(lines, form_by_shape(lines), lexicon) for lines in verses]
    counts = {
        "rhyme": sum(rhymes(lines, lexicon) for lines in verses),
        "tone": sum(TONE_FAULTS.isdisjoint(fault.kind for fault in one.faults) for one in verdicts),
        "regulated": sum(one.regulated == REGULAR for one in verdicts),
    }
    return {name: asdict(share(count, whole)) for name, count in counts.items()}


def rhymes(lines: Sequence[str], lexicon: Lexicon) -> bool:
    """Whether the even lines end in different words of one group. Words of unknown reading are passed over."""
    words = rhyme_words(lines)
    return bool(shared_rhyme(lines, lexicon).groups) and len(set(words)) == len(words)
