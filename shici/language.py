"""The two languages of everything that a reader is told: Chinese and English."""

from __future__ import annotations

from typing import Literal, NamedTuple

Language = Literal["zh", "en"]


class Text(NamedTuple):
    """The same words in both languages."""

    zh: str
    en: str

    def said(self, language: Language) -> str:
        return self.zh if language == "zh" else self.en

    @property
    def both(self) -> str:
        """As a terminal shows it: Chinese first, English below."""
        return f"{self.zh}\n{self.en}"

    @property
    def aside(self) -> str:
        """The same in brackets, as a remark beside what was asked for."""
        return f"［{self.zh}］\n[{self.en}]"
