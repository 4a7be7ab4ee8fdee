"""What a lesson knows while it is shown: the line, its trace, what was done on the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor

from shici.app.language import Language, Text
from shici.app.reading import Next, next_of, trace_of
from shici.app.state import Session
from shici.app.tokens import shown
from shici.checkpoint import LoadedModel
from shici.generation.prompts import Prompt
from shici.model.trace import Trace
from shici.prosody.lines import is_han

WHOLE = 64  # up to so many tokens all layers are sent at once


@dataclass(frozen=True, slots=True)
class Situation:
    """opened: the ids of the line when the lesson was opened. evidence: what was pointed at or set on this line."""

    loaded: LoadedModel
    session: Session
    prompt: Prompt
    trace: Trace
    opened: tuple[int, ...]
    evidence: Mapping[str, Any]

    @property
    def language(self) -> Language:
        return self.session.language

    @property
    def tokens(self) -> list[int]:
        """What the model sees: the last block of the prompt."""
        found: list[int] = self.trace.idx[0].tolist()
        return found

    @property
    def last(self) -> int:
        return int(self.trace.idx.size(1)) - 1

    @property
    def changed(self) -> bool:
        """Whether another line has been typed since the lesson was opened."""
        return self.prompt.ids != self.opened

    @property
    def following(self) -> Next:
        return next_of(self.loaded, self.prompt.ids, ())

    def opened_trace(self) -> Trace:
        return trace_of(self.loaded, self.opened)

    def opened_following(self) -> Next:
        return next_of(self.loaded, self.opened, ())

    def name(self, token: int) -> str:
        return shown(self.loaded.vocabulary, token, self.language)

    def names(self, tokens: Sequence[int]) -> list[str]:
        return [self.name(token) for token in tokens]

    def at(self, place: int) -> str:
        return self.name(self.tokens[place])

    def text(self, token: int) -> str:
        """The token itself, "" for one of a padded vocabulary."""
        vocabulary = self.loaded.vocabulary
        return vocabulary.tokens[token] if token < len(vocabulary) else ""

    def characters(self) -> list[int]:
        """The places of the characters of the verse, without marks and what stands before it."""
        vocabulary, tokens = self.loaded.vocabulary, self.tokens
        first = tokens.index(vocabulary.body) + 1 if has_body(self.loaded, tokens) else 0
        return [place for place in range(first, len(tokens)) if is_character(self.text(tokens[place]))]

    def place(self, name: str, least: int, beyond: int) -> int | None:
        """A whole number of the evidence in [least, beyond), or None."""
        value = self.evidence.get(name)
        return value if isinstance(value, int) and whole(value) and least <= value < beyond else None


@dataclass(frozen=True, slots=True)
class Shown:
    """What a lesson shows. facts: for its text. data, tensors: for its views."""

    facts: Mapping[str, Any]
    data: Mapping[str, Any] = field(default_factory=dict)
    tensors: Mapping[str, Tensor] = field(default_factory=dict)


SILENT = Text("", "")


@dataclass(frozen=True, slots=True)
class Verdict:
    """done: whether the task is done now. words: where one stands, or what was found."""

    done: bool
    words: Text = SILENT


WAITING = Verdict(False)


def is_character(token: str) -> bool:
    """Whether a token is a Chinese character."""
    return len(token) == 1 and is_han(token)


def whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def has_body(loaded: LoadedModel, tokens: Sequence[int]) -> bool:
    return loaded.vocabulary.has_controls and loaded.vocabulary.body in tokens


def minus(number: float, digits: int) -> str:
    """A number as the page writes it."""
    return f"{number:.{digits}f}".replace("-", "−")
