"""A word on each finished poem: what it is, whether it keeps its form, in which rhyme, and what is wrong if not.

The verdict is the judge's, who knows nothing of how the poem was written.
"""

from __future__ import annotations

from shici.generation.verse import Verse
from shici.prosody.lines import lines_of
from shici.prosody.shape_verdict import judge_shape
from shici.prosody.template import LEVEL_RHYME
from shici.prosody.tune_verdict import judge_tune
from shici.prosody.tunes import simplified_name
from shici.prosody.verdict import Remark, Verdict, judge


def verdict_of(body: str, verse: Verse) -> Verdict:
    """Judge a finished poem by the form and the law that were asked for."""
    lines = lines_of(body)
    settings, lexicon = verse.settings, verse.alphabet.lenient.lexicon
    if settings.tune:
        return judge_tune(lines, settings.tune, lexicon)
    if verse.template.rhyme != LEVEL_RHYME:
        return judge_shape(lines, verse.template, lexicon)
    return judge(lines, settings.form, lexicon)


def summary(body: str, verse: Verse) -> str:
    """One line: 〔七绝　合律　押七阳〕, with the faults that the judge finds."""
    verdict = verdict_of(body, verse)
    name = simplified_name(verse.settings.tune) or verse.settings.form
    parts = [name, verdict.regulated or free_word(verdict)]
    if verdict.rhyme:
        parts.append(f"押{verdict.rhyme}")
    parts += [fault(one) for one in verdict.faults]
    return "〔" + "　".join(part for part in parts if part) + "〕"


def free_word(verdict: Verdict) -> str:
    """What to say of a form without rules of tone."""
    return "合式" if not verdict.faults else "不合式"


def fault(remark: Remark) -> str:
    """第2句 失对：…"""
    return f"第{remark.line + 1}句{remark.kind}：{remark.reason}"
