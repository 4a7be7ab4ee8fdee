"""A tiny model with the vocabulary of a few poems: it writes nonsense, but by all the rules."""

from __future__ import annotations

import pytest
import torch

from shici.model.gpt import GPT, GPTConfig
from shici.vocabulary import Vocabulary

POEMS = (
    "白日依山尽，黄河入海流。\n欲穷千里目，更上一层楼。",
    "床前明月光，疑是地上霜。\n举头望明月，低头思故乡。",
    "白玉为堂金作马，珍珠如土金如铁。",
    "早发白帝城李白？！；、：",
)
VOCABULARY = Vocabulary.of_characters("".join(POEMS))
PLAIN_VOCABULARY = Vocabulary(sorted(set("".join(POEMS))))  # as nanoGPT makes it: no control tokens
BLOCK_SIZE = 24

# Rows that stay, one selection after another, of a batch of 20 or of what the one before has left.
SELECTIONS = [
    pytest.param([[*range(7, 20)], [0, 12], [1]], id="finished poems dropped"),
    pytest.param([[19], [0]], id="all but the last dropped"),
    pytest.param([[3] * 20, [*range(20)], [0, 0, 19]], id="particles resampled"),
    pytest.param([[5, 5], [*range(2)] * 12, [23, 0]], id="more rows than before"),
    pytest.param([[*reversed(range(20))], [17, 3, 4]], id="another order"),
]


def tiny_model(vocabulary: Vocabulary = VOCABULARY, *, block_size: int = BLOCK_SIZE, seed: int = 0) -> GPT:
    """A model in eval mode with weights large enough that every part of it matters."""
    torch.manual_seed(seed)
    model = GPT(GPTConfig(block_size, len(vocabulary), n_layer=2, n_head=2, n_embd=16)).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.2)
    return model
