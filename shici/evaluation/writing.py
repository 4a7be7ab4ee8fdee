"""Poems for the measurements, written as sample.py writes them, with nothing but the prompt to hold them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from shici.checkpoint import LoadedModel
from shici.config.sample import SampleSettings
from shici.corpus.characters import NOT_HAN
from shici.generation.backend import reader_maker
from shici.generation.prompts import build_prompt
from shici.generation.runtime import poems

# How characters are drawn: the model's own distribution, and what sample.py does unless it is told otherwise.
SAMPLERS: dict[str, dict[str, Any]] = {
    "plain": {"temperature": 1.0, "top_k": 0, "guidance_scale": 1.0},
    "default": {},
}
# How poems with a title or an author are drawn besides.
FIELD_SAMPLERS = SAMPLERS | {"unguided": {"guidance_scale": 1.0}}
BATCH = 128  # poems written at a time
STREAM_TOKENS = 200  # a model that ends no poem of itself is cut off here


@dataclass(frozen=True, slots=True)
class Written:
    """A poem of a model. finished: whether it came to its end."""

    body: str
    finished: bool


class Writer:
    """Writes for one model; its engine is made once.

    stream: as in EvaluateSettings. progress: told how many poems have ended.
    """

    def __init__(
        self, loaded: LoadedModel, stream: str = "blocks", progress: Callable[[int], object] | None = None
    ) -> None:
        self.loaded, self.stream = loaded, stream
        self.progress = progress or (lambda ended: None)
        self._make_reader = reader_maker(loaded.model, SampleSettings())

    def write(self, count: int, *, seed: int, sampler: str, **fields: Any) -> list[Written]:
        """`count` poems drawn as FIELD_SAMPLERS[sampler] says, with `fields` (form, author ...) of its settings.

        Raises GenerationError, UnknownCharacterError for a field.
        """
        vocabulary, block = self.loaded.vocabulary, self.loaded.model.config.block_size
        settings = SampleSettings(
            num_samples=count, seed=seed, batch_size=BATCH, **FIELD_SAMPLERS[sampler], **fields
        )
        prompt = build_prompt(settings, vocabulary, block)
        room = max(1, block - len(prompt.ids))
        settings = replace(
            settings, max_new_tokens=room if vocabulary.has_controls else min(room, STREAM_TOKENS)
        )
        texts, ended = [""] * count, [False] * count
        for event in poems(self.loaded, prompt, settings, self._make_reader):
            for number, token, end in zip(
                event.numbers, event.step.drawn.tolist(), event.ended.tolist(), strict=True
            ):
                ended[number] = bool(end)
                if not end:
                    texts[number] += vocabulary.tokens[token]
            self.progress(int(event.ended.sum()))
        self.progress(ended.count(False))
        if vocabulary.has_controls:
            return [Written(text, end) for text, end in zip(texts, ended, strict=True)]
        return [first_of_stream(text, self.stream) for text in texts]


def first_of_stream(text: str, stream: str) -> Written:
    """The first poem of a stream: up to a blank line (or a line's end), without the title and author above it."""
    block, blank, _ = text.strip("\n").partition("\n\n" if stream == "blocks" else "\n")
    rows = block.split("\n")
    while len(rows) > 1 and not NOT_HAN.search(rows[0]):
        rows.pop(0)
    return Written("\n".join(rows), bool(blank))
