"""A case of constrained writing that is small enough to list: a 五绝 most of whose characters are pinned.

The first character and two rhymes are free, over two rhyme groups. The model has seen such poems, in which the first
character mostly tells the rhyme, so that a mask that finds out too late bends it a good deal.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from shici.checkpoint import LoadedModel
from shici.config.sample import SampleSettings
from shici.corpus.document import Document, encode_prompt
from shici.evaluation.prosody_forms import Desk, desk
from shici.generation.automaton import Automaton, State
from shici.generation.decoder import Decoder
from shici.model.gpt import GPT, GPTConfig
from shici.vocabulary import Vocabulary

REAL = ("白日依山尽", "黄河入海流", "欲穷千里目", "更上一层楼")
CHARACTERS = "".join(REAL) + "天年秋愁明"
VOCABULARY = Vocabulary.of_characters("，。\n" + CHARACTERS)
FREE = ((0, 0), (1, 4), (3, 4))
# How poems of each rhyme begin in what the model has read.
FIRST = {"十一尤": "白白白更更更一一一黄", "一先": "黄黄黄千千千明明明白"}
RHYMES = {"十一尤": "流楼秋愁", "一先": "天年"}
STEPS = 160  # after which the model has found out what the first character tells


def pins(free: Sequence[tuple[int, int]] = FREE) -> str:
    """All characters of the poem but the free ones, as --pin has them."""
    return ";".join(
        f"{line + 1},{place + 1}={character}"
        for line, text in enumerate(REAL)
        for place, character in enumerate(text)
        if (line, place) not in free
    )


def poem(first: str, second: str, fourth: str) -> str:
    """The body with the free characters filled in."""
    lines = (first + REAL[0][1:], REAL[1][:4] + second, REAL[2], REAL[3][:4] + fourth)
    return f"{lines[0]}，{lines[1]}。\n{lines[2]}，{lines[3]}。"


def read_poems() -> list[Document]:
    """What the model has read."""
    return [
        Document(poem(first, *pair), form="五绝", regulated="合律", rhyme=rhyme)
        for rhyme, words in RHYMES.items()
        for first in FIRST[rhyme]
        for pair in zip(words, words[1:] + words[:1], strict=True)
    ]


@cache
def tiny_reader() -> LoadedModel:
    """A model that was trained for a second on these poems, with and without codes."""
    torch.manual_seed(0)
    model = GPT(GPTConfig(48, len(VOCABULARY), n_layer=2, n_head=2, n_embd=32))
    texts = [
        [*encode_prompt(document, VOCABULARY), VOCABULARY.eos]
        for full in read_poems()
        for document in (full, Document(full.body))
    ]
    ids = torch.full((len(texts), max(map(len, texts))), VOCABULARY.eos)
    targets = torch.full_like(ids, -1)
    for row, text in enumerate(texts):
        ids[row, : len(text)] = torch.tensor(text)
        targets[row, : len(text) - 1] = ids[row, 1 : len(text)]
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2, weight_decay=0.0)
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = model(ids, targets)[1]
        assert loss is not None
        loss.backward()
        optimizer.step()
    return LoadedModel(model.eval(), VOCABULARY, Path())


def tiny_desk(*, free: Sequence[tuple[int, int]] = FREE, seed: int = 0, **settings: object) -> Desk:
    """A desk for the pinned 五绝."""
    asked = SampleSettings(
        form="五绝", pin=pins(free), temperature=1.0, top_k=0, seed=seed, batch_size=512, engine="torch"
    )
    loaded = tiny_reader()
    return desk(loaded, replace(asked, **settings), lambda prompt, rows: Decoder(loaded.model, prompt, rows))


@dataclass(frozen=True, slots=True)
class Exact:
    """All poems that can be written: text, log p, and sum of log Z_t of each, by the model without cache."""

    texts: tuple[str, ...]
    log_p: npt.NDArray[np.float64]
    log_mass: npt.NDArray[np.float64]

    @property
    def log_z(self) -> float:
        return float(np.logaddexp.reduce(self.log_p))

    @property
    def log_q(self) -> npt.NDArray[np.float64]:
        """Of the mask."""
        return self.log_p - self.log_mass


def enumerate_all(automaton: Automaton, prompt: Sequence[int]) -> Exact:
    """Every poem of the automaton after this prompt."""
    vocabulary = automaton.alphabet.vocabulary
    walks = list(walk(automaton))
    ids = torch.tensor([[*prompt, *tokens] for tokens, _ in walks])
    model = tiny_reader().model
    with torch.inference_mode():
        logits = torch.cat([model(part, part)[0] for part in ids[:, :-1].split(64)])
    log_p = torch.log_softmax(logits.double(), -1)[:, len(prompt) - 1 :]  # (poems, length, V)
    drawn = ids[:, len(prompt) :, None]
    masks = torch.from_numpy(np.stack([np.stack(masks) for _, masks in walks]))  # (poems, length, V)
    mass = log_p.masked_fill(~masks, -torch.inf).logsumexp(-1).sum(-1)
    return Exact(
        tuple(vocabulary.decode(list(tokens[:-1])) for tokens, _ in walks),
        log_p.gather(-1, drawn)[..., 0].sum(-1).numpy(),
        mass.numpy(),
    )


def walk(automaton: Automaton) -> Iterator[tuple[tuple[int, ...], tuple[npt.NDArray[np.bool_], ...]]]:
    """The tokens of each poem that can be written, with what was allowed at each step."""
    stack: list[tuple[State, tuple[int, ...], tuple[npt.NDArray[np.bool_], ...]]] = [
        (automaton.start(), (), ())
    ]
    while stack:
        state, tokens, masks = stack.pop()
        if state.cell == len(automaton):
            yield tokens, masks
            continue
        allowed = automaton.allowed(state)
        assert allowed.any(), "a dead end"
        for token in allowed.nonzero()[0].tolist():
            following = automaton.advance(state, token)
            assert following is not None
            stack.append((following, (*tokens, token), (*masks, allowed)))
