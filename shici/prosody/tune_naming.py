"""Which tune a text is written to, from what stands above it or from its shape."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from types import MappingProxyType

from shici.prosody.patterns import form_by_shape
from shici.prosody.tune_alignment import CHARACTER, align_tune
from shici.prosody.tune_fit import lay
from shici.prosody.tune_verdict import judge_tune
from shici.prosody.tunes import canonical_name, find_tune, tunes

# 念奴娇·赤壁怀古, 水调歌头（丙辰中秋）, 苏轼《念奴娇 赤壁怀古》; 忆江南三首, 浪淘沙其二
NAME = re.compile(r"[\s【〔\[]*(?:[^《》]*《)?\s*([^\s·・•‧∙．.（(\[\]【】〔〕《》〈:：—-]+)")
AROUND_TITLE = " \t　·・•‧∙．.（()）[]【】〔〕《》〈〉:：—-"
LABELS = "作者|题目|題目|标题|標題|诗名|詩名|词名|詞名|词牌|詞牌|朝代|年代|体裁|體裁|出处|出處"
LABEL = re.compile(rf"\s*(?:{LABELS})\s*[:：]\s*")  # 作者：王之涣
COUNT = re.compile(r"其?[一二三四五六七八九十]+首?$")
NAMELESS = "杂言"

# A text under the name of a tune is one of it if its lines are as near as this (see `distance`).
NEAR = 1.0


def heading_tune(heading: str) -> str:
    """The tune that a heading begins with, or ""."""
    return canonical_name(heading_name(heading))


def heading_name(heading: str) -> str:
    """The name that a heading begins with, as it is written there: 钗头凤·题沈园 -> 钗头凤."""
    found = NAME.match(LABEL.sub("", heading, count=1))
    return COUNT.sub("", found[1]) if found else ""


def heading_title(heading: str) -> str:
    """What a heading that begins with a tune says after it, 念奴娇·赤壁怀古 -> 赤壁怀古; "" for a mere number."""
    found = NAME.match(heading)
    rest = heading[found.end() :].strip(AROUND_TITLE) if found else ""
    return "" if COUNT.fullmatch(rest) else rest


def heading_author(heading: str) -> str:
    """What stands before the brackets of a heading, 苏轼《念奴娇·赤壁怀古》 -> 苏轼."""
    before, bracket, _ = heading.partition("《")
    return before.strip(AROUND_TITLE) if bracket else ""


def named_tune(headings: Sequence[str], lines: Sequence[str]) -> str:
    """The tune that a heading names, if the lines are at least near its shape; else "".

    Some tunes are titles of 诗 as well: 浪淘沙 over a 七绝 is none.
    """
    for heading in headings:
        tune = heading_tune(heading)
        if tune and distance(lines, tune) <= NEAR:
            return tune
    return ""


def distance(lines: Sequence[str], tune: str) -> float:
    """What it costs to take the lines for those of the nearest variant, for each line of that: 0 if all fits."""
    prices = (align_tune(lines, variant).price / len(variant.lines) for variant in find_tune(tune))
    return min(prices) / CHARACTER


def fits_tune(lines: Sequence[str], tune: str) -> bool:
    """Whether the lines are those of a variant, none too many, too few, too long or too short."""
    if sum(map(len, lines)) not in sizes()[tune]:
        return False
    return any(lay(lines, variant) is not None for variant in find_tune(tune))


@cache
def sizes() -> Mapping[str, frozenset[int]]:
    """Tune -> how many characters its variants have; for a name of two tunes those of both."""
    counted = {
        name: frozenset(sum(len(line.pattern) for line in variant.lines) for variant in find_tune(name))
        for name in tunes()
    }
    return MappingProxyType(counted)


def tune_by_shape(lines: Sequence[str]) -> str:
    """The tune whose lines these are, the one with the fewest faults if there are several; "" if there is none.

    Only for lines of several lengths: equal ones are a 诗 unless someone says otherwise.
    """
    if form_by_shape(lines) != NAMELESS:
        return ""
    fitting = [name for name in tunes() if fits_tune(lines, name) and distance(lines, name) == 0]
    return min(fitting, key=lambda name: len(judge_tune(lines, name).faults), default="")
