"""古体: verse that rhymes, in whatever tone, and asks for no tones besides."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from shici.prosody.judge import rhyme_words, shared_rhyme
from shici.prosody.readings import Lexicon, in_use
from shici.prosody.remarks import Remark
from shici.prosody.rhymes import LEVEL, OBLIQUE
from shici.prosody.tune_rhymes import parts_in_tone

# What verse of the shape of 绝句 or 律诗 is if it rhymes in an oblique tone.
OLD_FORMS = {
    "五绝": "五绝（古绝，仄韵）",
    "七绝": "七绝（古绝，仄韵）",
    "五律": "五古（仄韵）",
    "七律": "七古（仄韵）",
}


def rhymes_in_oblique(lines: Sequence[str], lexicon: Lexicon) -> bool:
    """Whether the even lines rhyme, and not in a level tone: in one group, or in neighbouring ones (通押).

    By one group any recorded reading counts; by neighbours only words that are never level in use.
    """
    words, rhyme = rhyme_words(lines), shared_rhyme(lines, lexicon)
    if len(words) < 2 or rhyme.unknown or rhyme.level:
        return False
    return bool(rhyme.groups) or (
        all(reading.tone != LEVEL for word in words for reading in in_use(word, lexicon))
        and bool(frozenset.intersection(*(parts_in_tone(lexicon, word, OBLIQUE) for word in words)))
    )


def oblique(lines: Sequence[str], lexicon: Lexicon) -> Iterator[Remark]:
    """仄韵 and 通押: why verse of a regulated shape is not judged by its rules, and how it rhymes."""
    yield Remark("仄韵", len(lines) - 1, None, "押仄声韵，作古体看，不拘平仄")
    if not shared_rhyme(lines, lexicon).groups:
        words = "，".join(f"“{word}”属{heard(word, lexicon)}" for word in dict.fromkeys(rhyme_words(lines)))
        yield Remark("通押", len(lines) - 1, None, f"{words}，古体可通押")


def heard(word: str, lexicon: Lexicon) -> str:
    """The groups of a word: 四纸、四寘."""
    return "、".join(lexicon.book.sorted(lexicon.groups(word)))


def heard_rhymes(lines: Sequence[str], lexicon: Lexicon) -> tuple[bool, ...]:
    """For each line whether it rhymes: an even one with the even one before or after it, the first with the second."""
    ends = [line[-1] for line in lines]
    even = range(1, len(lines), 2)
    pairs = [(at, at + 2) for at in even if at + 2 < len(lines)]
    found = {
        at for one, other in pairs if rhyme_together(ends[one], ends[other], lexicon) for at in (one, other)
    }
    if 1 in found and lexicon.groups(ends[0]) & lexicon.groups(ends[1]):
        found.add(0)
    return tuple(at in found for at in range(len(lines)))


def rhyme_together(one: str, other: str, lexicon: Lexicon) -> bool:
    """Whether two words, read in one tone, belong to one part of the book."""
    return any(
        not parts_in_tone(lexicon, one, tone).isdisjoint(parts_in_tone(lexicon, other, tone))
        for tone in (LEVEL, OBLIQUE)
    )
