"""A text of verse cut into its lines (句), at every mark and blank."""

from __future__ import annotations

import re

BREAKS = re.compile(r"[，。！？；、：,.!?;:\s]+")


def lines_of(text: str) -> list[str]:
    """The lines without their marks, empty ones left out."""
    return [line for line in BREAKS.split(text) if line]
