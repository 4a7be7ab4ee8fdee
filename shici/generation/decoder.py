"""Reads lines that grow by a token at a time and gives the logits of the next one.

`Decoder` keeps keys and values, so that a step costs one position. `TracingDecoder` reads the whole line anew
each time and keeps the trace, for those who want to look inside. Both give the same logits.
Letters: B poems, T tokens so far, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Tensor

from shici.model.cache import KVCache
from shici.model.gpt import GPT
from shici.model.trace import Trace

# A matrix product of a few rows is summed in another order than one of many. Rows are padded to a multiple of
# this, so that a poem's logits are the same whatever else is in the batch (on a CPU, to the last bit). It costs a
# poem written alone a third of its speed, which is still far above reading speed.
ROWS = 8


class Reader(Protocol):
    """What the engine needs of a decoder."""

    @property
    def tokens(self) -> Tensor:
        """(B, T) int64 on the CPU: the prompt and all that was appended."""
        ...

    def logits(self) -> Tensor:
        """(B, V) float32 on the CPU, of the next token."""
        ...

    def append(self, drawn: Tensor) -> None:
        """One more token for each poem; drawn: (B,) int64."""
        ...

    def select(self, rows: Tensor) -> None:
        """Go on with these poems; rows: (B',) int64, where a row may come more than once."""
        ...


class Decoder:
    """Lines that begin with a prompt, with a KV cache.

    prompt: the ids that all `rows` lines begin with, or (rows, T) int64 where they begin differently (one poem in
    七阳, the next in 一东). Past the model's block the window slides: as in nanoGPT, each step reads the last
    block_size tokens anew.
    """

    rows_multiple = ROWS  # of the cache; another engine may need no padding

    def __init__(self, model: GPT, prompt: Sequence[int] | Tensor, rows: int) -> None:
        self._model = model
        self.tokens = prompt_rows(prompt, rows)
        self._places = torch.arange(rows)  # the cache's row of each poem
        self._cache: KVCache | None = None
        self._logits: Tensor | None = None  # (B, V), once computed
        if self.tokens.size(1) <= model.config.block_size:
            self._read_prompts()

    def _read_prompts(self) -> None:
        """Each different prompt is read once, alone, and shared out."""
        different, which = torch.unique(self.tokens, dim=0, return_inverse=True)  # (D, T), (B,)
        caches = [self._model.empty_cache(1) for _ in different]
        logits = [self._read(prompt[None], cache) for prompt, cache in zip(different, caches, strict=True)]
        self._logits = torch.cat(logits)[which]
        self._cache = KVCache.gather(caches, F.pad(which, (0, self._padded(len(which)) - len(which))))

    def logits(self) -> Tensor:
        if self._logits is None:
            self._logits = self._next_logits()
        return self._logits

    def append(self, drawn: Tensor) -> None:
        self.tokens = torch.cat((self.tokens, drawn[:, None]), dim=1)
        self._logits = None

    def select(self, rows: Tensor) -> None:
        self.tokens = self.tokens[rows]
        self._places = self._places[rows]
        if self._logits is not None:
            self._logits = self._logits[rows]
        if self._cache is not None:
            self._cache = self._selected(self._cache)

    def _selected(self, cache: KVCache) -> KVCache:
        """`cache` with no more rows than self._places needs, none twice; the places are brought up to date.

        Free rows stay until a whole group of them can go: reading them costs less than moving the others.
        """
        rows = len(self._places)
        size = self._padded(rows)
        if len(set(self._places.tolist())) < rows:
            places, self._places = self._places, torch.arange(rows)
            return cache.select(F.pad(places, (0, size - rows)))
        if size < cache.batch:
            free = sorted(set(range(size)).difference(self._places.tolist()))
            moving = self._places >= size
            target = torch.tensor(free[: int(moving.sum())], dtype=torch.int64)
            cache.shrink(size, self._places[moving], target)
            self._places = self._places.masked_scatter(moving, target)
        return cache

    def _next_logits(self) -> Tensor:
        if self._cache is not None and self.tokens.size(1) > self._cache.capacity:
            self._cache = None
        if self._cache is None:
            return self._read(self.tokens[:, -self._model.config.block_size :], None)
        unread = self.tokens[:, self._cache.length :]  # (B, n)
        idx = torch.zeros(self._cache.batch, unread.size(1), dtype=torch.int64)
        idx[self._places] = unread
        return self._read(idx, self._cache)[self._places]

    @torch.inference_mode()
    def _read(self, idx: Tensor, cache: KVCache | None) -> Tensor:
        """(rows, V) float32 on the CPU: the logits behind the last of idx (rows, n)."""
        logits: Tensor = self._model(idx.to(self._model.lm_head.weight.device), cache=cache)[0]
        return logits[:, -1].float().cpu()

    def _padded(self, rows: int) -> int:
        return -(-rows // self.rows_multiple) * self.rows_multiple


class TracingDecoder:
    """A Reader that reads the whole window at every step and keeps the trace of it."""

    def __init__(self, model: GPT, prompt: Sequence[int] | Tensor, rows: int) -> None:
        self._model = model
        self.tokens = prompt_rows(prompt, rows)
        self._trace: Trace | None = None

    @property
    def trace(self) -> Trace:
        """Of the forward pass that gave the latest logits."""
        if self._trace is None:
            self._trace = self._read()
        return self._trace

    def logits(self) -> Tensor:
        self._trace = self._read()
        return self._trace.logits[:, -1].float().cpu()

    def append(self, drawn: Tensor) -> None:
        self.tokens = torch.cat((self.tokens, drawn[:, None]), dim=1)

    def select(self, rows: Tensor) -> None:
        self.tokens = self.tokens[rows]

    @torch.inference_mode()
    def _read(self) -> Trace:
        idx = self.tokens.to(self._model.lm_head.weight.device)
        trace: Trace = self._model(idx, return_details=True)[2]
        return trace


def prompt_rows(prompt: Sequence[int] | Tensor, rows: int) -> Tensor:
    """(rows, T) int64: one prompt for all, or one for each as it is."""
    if isinstance(prompt, Tensor):
        return prompt
    return torch.tensor([list(prompt)], dtype=torch.int64).expand(rows, -1)
