"""Which characters may stand in a poem, and how verse is cut into segments and sentences."""

from __future__ import annotations

import re

# The two blocks of common ideographs, the round zero 〇 and the supplementary ideographic planes.
HAN_RANGES = "\u3007\u3400-\u9fff\U00020000-\U0003ffff"
PAUSES = "，。！？；、："

NOT_HAN = re.compile(f"[^{HAN_RANGES}]+")
_SEGMENT = re.compile(f"[^{PAUSES}\n]+")
_VERSE_LINE = re.compile("[^，。！？；：\n]+")
_RHYMED = re.compile("[^。！？\n]+")


def han_only(text: str) -> str:
    """`text` without everything that is not a Chinese character."""
    return NOT_HAN.sub("", text)


def segments(text: str) -> list[str]:
    """The pieces between pauses (，。！？；、：) and line ends: what the held-out fingerprints count."""
    return _SEGMENT.findall(text)


def verse_lines(text: str) -> list[str]:
    """The verse lines (句) of a poem without punctuation; 、 stands inside a line, so it does not cut one."""
    return [han_only(line) for line in _VERSE_LINE.findall(text)]


def sentences(text: str) -> list[str]:
    """The pieces that end in 。！？, characters alone: in 词 each ends in a rhyme word."""
    return [han_only(line) for line in _RHYMED.findall(text)]
