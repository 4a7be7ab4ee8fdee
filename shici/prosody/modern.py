"""Modern sound: each character's readings in 普通话, grouped by 中华新韵. Needs pypinyin, only when it is used.

A reading's tone is 平 (阴平, 阳平) or 仄 (上, 去); its group is a 韵 with that tone, its part the 韵 alone.
Traditional and simplified characters stand in the one table.

The dictionary in pypinyin holds old readings too: 听 yǐn, 胜 xīng, 忘 wáng. By all of them 28 % of the
characters in classical verse could be level or oblique. So a reading counts if one of the package's 47,000
words is said with it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import NamedTuple

from shici.errors import ProsodyError
from shici.prosody.lines import is_han
from shici.prosody.readings import UNKNOWN, Lexicon, Reading, lexicon_for, rare, rows
from shici.prosody.rhymes import LEVEL, MODERN, MODERN_RHYMES, OBLIQUE

# The finals of each 韵, spelt in full (iou, uei, uen), with v for ü and -i for the vowel of 支 and 思.
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

# What these become before other tones. Verse reads them as they stand in the dictionary.
SANDHI = {"一": frozenset(("yí", "yì")), "不": frozenset(("bú",))}


class Entry(NamedTuple):
    """A character: the readings in the dictionary, the commonest first, and in how many words each is used."""

    character: str
    recorded: tuple[Reading, ...]
    uses: Counter[Reading]


@cache
def modern_lexicon() -> Lexicon:
    """The readings in use, in the book 中华新韵: to judge by. ProsodyError if pypinyin is not installed.

    A character that stands in no word has all readings of the dictionary.
    """
    return gathered((entry, entry.uses or entry.recorded) for entry in entries())


@cache
def strict_modern_lexicon() -> Lexicon:
    """The modern lexicon without readings of few words, such as 知 zhì: to write by, not to judge.

    A character that stands in no word has the commonest reading alone.
    """
    return gathered((entry, frequent(entry.uses) or entry.recorded[:1]) for entry in entries())


def reader_lexicon(text: str) -> Lexicon:
    """The lexicon for the script of `text`, with the modern tone of what the old books lack: to tell a reader by.

    碰 搞 您 have that tone and no rhyme, for nobody can say in which group they would stand.
    """
    lexicon = lexicon_for(text)
    lacking = {one for one in text if is_han(one) and lexicon.tones(one) == UNKNOWN}
    found = {one: toned(modern_lexicon().readings(one)) for one in lacking}
    return Lexicon({**lexicon.rows, **found}, lexicon.book) if any(found.values()) else lexicon


def toned(found: Iterable[Reading]) -> tuple[Reading, ...]:
    """The tones of the readings, without their rhymes."""
    return tuple(Reading(tone, "", "") for tone in dict.fromkeys(reading.tone for reading in found))


def frequent(uses: Counter[Reading]) -> list[Reading]:
    """The readings of more than a few of the words."""
    few = rare(uses)
    return [found for found in uses if found not in few]


def gathered(chosen: Iterable[tuple[Entry, Iterable[Reading]]]) -> Lexicon:
    """The lexicon with the readings chosen for each entry, in the order of the book."""
    readings = {
        entry.character: tuple(sorted(found, key=lambda one: MODERN.order[one.group]))
        for entry, found in chosen
    }
    return Lexicon(readings, MODERN)


def entries() -> Iterator[Entry]:
    """The characters of the dictionary that have a reading. A traditional one counts the words of its short form."""
    characters, words = dictionaries()
    short = {one: cells[2] for one, cells in rows("readings.tsv") if cells[2]}
    uses = word_counts(words)
    for code, syllables in characters.items():
        one = chr(code)
        spelt = [syllable for syllable in syllables.split(",") if syllable not in SANDHI.get(one, ())]
        recorded = tuple(dict.fromkeys(found for syllable in spelt if (found := reading(syllable))))
        if recorded:
            both = Counter(uses.get(one)) + Counter(uses.get(short.get(one, "")))
            yield Entry(one, recorded, Counter({found: both[found] for found in recorded if found in both}))


def word_counts(words: Mapping[str, list[list[str]]]) -> dict[str, Counter[Reading]]:
    """For each character, how many words read it so: `word_counts({"知音": [["zhī"], ["yīn"]]})`."""
    counts: dict[str, Counter[Reading]] = {}
    for word, syllables in words.items():
        for character, (syllable, *_) in zip(word, syllables, strict=False):
            found = reading(syllable)
            if found and syllable not in SANDHI.get(character, ()):
                counts.setdefault(character, Counter())[found] += 1
    return counts


def dictionaries() -> tuple[Mapping[int, str], Mapping[str, list[list[str]]]]:
    """pypinyin's characters (code point -> `zhōng,zhòng`) and words. ProsodyError if it is not installed."""
    try:
        from pypinyin.phrases_dict import phrases_dict
        from pypinyin.pinyin_dict import pinyin_dict
    except ModuleNotFoundError:
        raise ProsodyError(
            "新韵的读音出自 pypinyin，这里没有安装。请运行 pip install -e . 再试。",
            "The readings of 新韵 come from pypinyin, which is not installed. Run pip install -e . first.",
        ) from None
    return pinyin_dict, phrases_dict


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
