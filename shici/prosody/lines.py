"""A text of verse cut into its lines (句), at every mark and blank."""

from __future__ import annotations

import re
import unicodedata

BREAKS = re.compile(r"[，。！？；、：,.!?;:\s]+")


def lines_of(text: str) -> list[str]:
    """The lines without their marks, empty ones left out."""
    return [line for line in BREAKS.split(text) if line]


def is_han(character: str) -> bool:
    """Whether this is a Chinese character (and not a mark, a letter or a sign for a gap)."""
    return unicodedata.category(character) == "Lo" and unicodedata.name(character, "").startswith("CJK")
