"""Modern sound: each character's readings in 普通话, grouped by 中华新韵. Needs pypinyin, only when it is used.

A reading's tone is 平 (阴平, 阳平) or 仄 (上, 去); its group is a 韵 with that tone, its part the 韵 alone.
Traditional and simplified characters stand in the one table.
"""

from __future__ import annotations

from functools import cache

from shici.prosody.readings import Lexicon, Reading
from shici.prosody.rhymes import LEVEL, MODERN, MODERN_RHYMES, OBLIQUE

# The finals of each 韵, spelt in full (iou, uei, uen), ü as v.
FINALS = (
    "a ia ua",
    "o e uo",
    "ie ve ê",
    "ai uai",
    "ei uei",
    "ao iao",
    "ou iou",
    "an ian uan van",
    "en in uen vn",
    "ang iang uang",
    "eng ing ueng ong iong",
    "i er v",
    "-i",
    "u",
)
RHYME_OF = {final: rhyme for rhyme, row in zip(MODERN_RHYMES, FINALS, strict=True) for final in row.split()}
HISSING = frozenset(("zh", "ch", "sh", "r", "z", "c", "s"))
TONE_OF = {"1": LEVEL, "2": LEVEL, "3": OBLIQUE, "4": OBLIQUE}


@cache
def modern_lexicon() -> Lexicon:
    """Readings by modern sound, in the book 中华新韵. ModuleNotFoundError if pypinyin is not installed."""
    from pypinyin.constants import PINYIN_DICT

    found = {chr(code): readings(syllables) for code, syllables in PINYIN_DICT.items()}
    return Lexicon({one: some for one, some in found.items() if some}, MODERN)


@cache
def readings(syllables: str) -> tuple[Reading, ...]:
    """The readings written as `"zhōng,zhòng"`, each once, in that order."""
    found = (reading(syllable) for syllable in syllables.split(","))
    return tuple(dict.fromkeys(one for one in found if one))


@cache
def reading(syllable: str) -> Reading | None:
    """The reading of a syllable like `zhōng`; None for one without a tone or a vowel (de, ńg)."""
    from pypinyin.contrib.tone_convert import to_finals_tone3, to_initials

    final = to_finals_tone3(syllable, neutral_tone_with_five=True)
    name, tone = final[:-1], TONE_OF.get(final[-1:])
    if name == "i" and to_initials(syllable) in HISSING:
        name = "-i"
    rhyme = RHYME_OF.get(name)
    return Reading(tone, rhyme + tone, rhyme) if rhyme and tone else None
