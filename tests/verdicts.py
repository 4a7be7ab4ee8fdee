"""Whether a poem that was written keeps what was asked of it."""

from __future__ import annotations

from shici.generation.verdicts import verdict_of
from shici.generation.verse import Verse
from shici.prosody.judge import REGULAR
from shici.prosody.template import LEVEL_RHYME


def keeps_form(body: str, verse: Verse) -> bool:
    """Whether the judge finds the form kept."""
    verdict = verdict_of(body, verse)
    ruled = bool(verse.settings.tune) or verse.template.rhyme == LEVEL_RHYME
    return not verdict.faults and (verdict.regulated == REGULAR or not ruled)
