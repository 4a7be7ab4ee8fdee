"""Classifier-free guidance: the poem heeds its title and author more than the model would by itself.

Every poem is read twice, after the whole prompt and after the same prompt without title and author, and drawn by

    plain + guidance_scale * (asked - plain)          logits; softmax makes one distribution of them

1 is the model's own distribution given the prompt, 0 its own without title and author; above 1, what they make
likelier is made likelier still. It costs a second reading of each character.
Source: Sanchez et al. 2023 (arXiv 2306.17806), after Ho and Salimans 2022 (arXiv 2207.12598).
Letters: B poems, T tokens so far, V vocabulary.
"""

from __future__ import annotations

from dataclasses import replace

from torch import Tensor

from shici.config.sample import GUIDANCE_SCALE
from shici.corpus.document import Document
from shici.generation.decoder import Reader
from shici.language import Text


class GuidedReader:
    """A Reader whose logits are led from those of `plain` towards those of `asked`, and beyond.

    asked, plain: readers of the same poems after different prompts, which may have different lengths.
    """

    def __init__(self, asked: Reader, plain: Reader, scale: float) -> None:
        self._asked, self._plain, self._scale = asked, plain, scale

    @property
    def tokens(self) -> Tensor:
        """(B, T) int64: the whole prompt and all that was appended."""
        return self._asked.tokens

    def logits(self) -> Tensor:
        """(B, V) float32 on the CPU."""
        plain = self._plain.logits()
        return plain + self._scale * (self._asked.logits() - plain)

    def append(self, drawn: Tensor) -> None:
        self._asked.append(drawn)
        self._plain.append(drawn)

    def select(self, rows: Tensor) -> None:
        self._asked.select(rows)
        self._plain.select(rows)


def unguided(document: Document) -> Document:
    """The document that a guided one is led away from."""
    return replace(document, title="", author="")


def guides(scale: float, document: Document) -> bool:
    """Whether a poem after this prompt is read twice."""
    return scale != 1 and unguided(document) != document


def unguiding(scale: float, document: Document, missing: Text) -> list[Text]:
    """A remark where a scale is asked for and there is nothing to be guided by. missing: what is not given."""
    if scale in (1, GUIDANCE_SCALE) or unguided(document) != document:
        return []
    option = f"--guidance_scale={scale:g}"
    return [Text(f"{option} 用不上：{missing.zh}。", f"{option} is not used: {missing.en}.")]
