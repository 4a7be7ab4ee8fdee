"""A poem as a model reads it: what is given, what is predicted, and which characters it cannot spell.

With control tokens: `<bos>`, the fields that are asked for, `<body>`, then every character of the verse (marks and
line feeds too) and `<eos>` are predicted; the same as shici.training.evaluate counts.

Without (nanoGPT's, trained on a stream of text) the poem stands as it does in that text, after what ends the
poem before it. What ends this poem takes the place of `<eos>`, so that the same things are predicted and the
nats of both kinds of model are code lengths of the same text:
    blocks   "\\n\\n" + [title "\\n" author "\\n"] + verse, ended by "\\n\\n"; the head only where fields are asked for
    lines    "\\n" + the verse without line feeds, ended by "\\n"; there are no fields. A line feed that the stream
             does not have costs nothing and still counts as a character

A character that the vocabulary lacks is read as STAND_IN and costs UNKNOWN_NATS: the price under a model that sets
aside ESCAPE of every prediction for strangers and then names one among all ideographs. (Such a model would pay
0.0001 nats more for each known character, which is left out.) So a small vocabulary is never an advantage.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from shici.corpus.characters import NOT_HAN
from shici.corpus.document import Document, encode_prompt
from shici.errors import VocabularyError
from shici.vocabulary import Vocabulary, control

FIELDS = ("form", "regulated", "rhyme", "dynasty", "tune", "author", "title")
CLOSED = ("form", "regulated", "rhyme", "dynasty")

ESCAPE = 1e-4
IDEOGRAPHS = 97_680  # of Unicode 16, compatibility ideographs aside
UNKNOWN_NATS = math.log(IDEOGRAPHS) - math.log(ESCAPE)
STAND_IN = "一"

HAN, MARK, LINE_FEED, END = "字", "标点", "换行", "终止"  # kinds of what is predicted


@dataclass(frozen=True, slots=True)
class Line:
    """One poem for one model.

    ids: all tokens read. first: the place in ids of the first predicted one. owner: (targets,) which character
    each predicted token belongs to, so that two line feeds may stand for one end. unknown: (characters,) bool.
    kinds: of each character. characters: verse and its end.
    """

    ids: tuple[int, ...]
    first: int
    owner: npt.NDArray[np.int64]
    unknown: npt.NDArray[np.bool_]
    kinds: tuple[str, ...]

    @property
    def characters(self) -> int:
        return len(self.kinds)


class Speller:
    """Documents -> Lines for one vocabulary. stream: blocks or lines, for a vocabulary without control tokens.

    Raises VocabularyError for one without control tokens and without a line feed: nothing separates its poems.
    """

    def __init__(self, vocabulary: Vocabulary, stream: str = "blocks") -> None:
        self.vocabulary = vocabulary
        self.has_controls = vocabulary.has_controls
        self._between = "\n\n" if stream == "blocks" else "\n"
        self._one_line = not self.has_controls and stream == "lines"
        self._stand_in = vocabulary.ids.get(STAND_IN, vocabulary.control_count)
        if not self.has_controls and "\n" not in vocabulary:
            raise VocabularyError(
                "这个模型的词表既没有控制记号也没有换行：不知道一首诗从哪里开始，无法评测。",
                "This model's vocabulary has neither control tokens nor a line feed: nothing tells where a poem "
                "begins, so it cannot be evaluated.",
            )

    def line(self, document: Document, fields: Collection[str] = ()) -> Line:
        """The poem with those of its `fields` (names of FIELDS) that the model can spell."""
        kinds = (*map(kind_of, document.body), END)
        if self.has_controls:
            given = encode_prompt(self.kept(document, fields), self.vocabulary)
            texts = [*document.body]
            end = [self.vocabulary.eos]
        else:
            given = self.vocabulary.encode(self._between + self._head(document, fields))
            texts = ["" if self._one_line and c == "\n" else c for c in document.body]
            end = self.vocabulary.encode(self._between)
        owner = [place for place, text in enumerate(texts) if text] + [len(texts)] * len(end)
        ids = [self.vocabulary.ids.get(text, self._stand_in) for text in texts if text]
        unknown = np.array([text not in self.vocabulary for text in texts if text] + [False], np.bool_)
        flags = np.zeros(len(kinds), np.bool_)
        flags[sorted(set(owner))] = unknown
        return Line((*given, *ids, *end), len(given), np.array(owner, np.int64), flags, kinds)

    def kept(self, document: Document, fields: Collection[str]) -> Document:
        """No body, and of the fields those asked for that the vocabulary can spell."""
        values = {name: getattr(document, name) for name in FIELDS if name in fields}
        for name, value in values.items():
            known = control(value) in self.vocabulary if name in CLOSED else self._spells(value)
            values[name] = value if known else ""
        return replace(Document(""), **values)

    def _head(self, document: Document, fields: Collection[str]) -> str:
        """Title and author as prepare.py writes them above a poem; "" where fewer than both are asked for."""
        if self._one_line or not {"title", "author"} <= set(fields):
            return ""
        name = "·".join(filter(None, (document.tune, document.title)))
        if not name and not document.author:
            return ""
        head = f"{name or '无题'}\n{document.author or '佚名'}\n"
        return head if self._spells(head) else ""

    def _spells(self, text: str) -> bool:
        return all(character in self.vocabulary for character in text)


def kind_of(character: str) -> str:
    """字, 标点 or 换行."""
    if character == "\n":
        return LINE_FEED
    return MARK if NOT_HAN.fullmatch(character) else HAN


def unknown_count(lines: Sequence[Line]) -> int:
    """How many characters of the verse a model cannot spell."""
    return sum(int(line.unknown.sum()) for line in lines)
