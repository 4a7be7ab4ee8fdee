"""Chinese and English: each page keeps a small table of messages, written by hand in both.

MESSAGES = {"play": Text("播放", "Play"), ...}
words = in_language(MESSAGES, session.language)   # {"play": "播放", ...}, what a component gets
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

Language = Literal["zh", "en"]


class Text(NamedTuple):
    """The same words in both languages."""

    zh: str
    en: str

    def said(self, language: Language) -> str:
        return self.zh if language == "zh" else self.en


def in_language(messages: Mapping[str, Text], language: Language) -> dict[str, str]:
    """The table in one language."""
    return {name: text.said(language) for name, text in messages.items()}
