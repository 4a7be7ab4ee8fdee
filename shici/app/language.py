"""Chinese and English: each page keeps a small table of messages, written by hand in both.

MESSAGES = {"play": Text("播放", "Play"), ...}
words = in_language(MESSAGES, session.language)   # {"play": "播放", ...}, what a component gets
"""

from __future__ import annotations

from collections.abc import Mapping

from shici.language import Language as Language
from shici.language import Text as Text


def in_language(messages: Mapping[str, Text], language: Language) -> dict[str, str]:
    """The table in one language."""
    return {name: text.said(language) for name, text in messages.items()}
