"""Batched, cached writing against the slow way: one poem, no cache, plain loop.

Run: pytest tests/test_generation_engine.py
"""

from __future__ import annotations

from collections.abc import Sequence

import pytest
import torch
from torch import Tensor

from shici.corpus.document import Document, encode_prompt
from shici.generation.constraints import Constraint, Structure, allowed_by_all
from shici.generation.decoder import ROWS, Decoder, TracingDecoder
from shici.generation.engine import write
from shici.generation.sampler import Cuts, Dice, take_step
from shici.model.gpt import GPT
from tests.tiny_writer import BLOCK_SIZE, PLAIN_VOCABULARY, SELECTIONS, VOCABULARY, tiny_model

PROMPT = encode_prompt(Document("白日依山尽，", form="五绝", author="李白"), VOCABULARY)


def structure(*, begins: bool = False) -> Structure:
    return Structure(VOCABULARY, len(VOCABULARY), begins=begins)


CUTS = Cuts(1.0, top_k=30, top_p=0.95)


def poems(
    model: GPT,
    numbers: Sequence[int],
    *,
    prompt: Sequence[int] = PROMPT,
    length: int = 40,
    constraints: Sequence[Constraint] = (),
    eos: int | None = VOCABULARY.eos,
) -> dict[int, list[int]]:
    """Each poem's drawn tokens, `<eos>` included."""
    drawn: dict[int, list[int]] = {number: [] for number in numbers}
    reader = Decoder(model, prompt, len(numbers))
    for event in write(
        reader,
        numbers,
        constraints=constraints or [structure(begins=prompt[-1] == VOCABULARY.body)],
        cuts=CUTS,
        seed=3,
        max_new_tokens=length,
        eos=eos,
    ):
        for number, token in zip(event.numbers, event.step.drawn.tolist(), strict=True):
            drawn[number].append(token)
    return drawn


@torch.no_grad()
def plain_poem(model: GPT, number: int, length: int = 40) -> list[int]:
    """The slow way: the last block_size tokens are read anew for each character."""
    tokens, dice = list(PROMPT), Dice(3, [number])
    for _ in range(length):
        logits = model(torch.tensor([tokens[-model.config.block_size :]]))[0][:, -1]
        step = take_step(logits, structure().allowed(), CUTS, dice.roll())
        tokens.append(int(step.drawn))
        if tokens[-1] == VOCABULARY.eos:
            break
    return tokens[len(PROMPT) :]


def test_cached_batches_write_what_the_plain_loop_writes() -> None:
    model = tiny_model()
    fast = poems(model, range(12))
    assert fast == {number: plain_poem(model, number) for number in range(12)}
    lengths = {len(poem) for poem in fast.values()}
    assert len(lengths) > 3, "the poems should end at different places, or this shows little"
    assert max(lengths) > BLOCK_SIZE, "some should go past the block"


@pytest.mark.parametrize("size", [1, 2, 8, 9, 33])
def test_a_poem_does_not_depend_on_the_batch(size: int) -> None:
    model = tiny_model(seed=5)
    everything = poems(model, range(33))
    for first in range(0, 33, size):
        some = poems(model, range(first, min(33, first + size)))
        assert some == {number: everything[number] for number in some}
        if size == 1 and first == 7:
            break


def test_prompts_that_differ_by_row_are_written_as_if_alone() -> None:
    model, forms = tiny_model(seed=5), ("五绝", "七绝", "五绝", "词", "七绝")
    prompts = torch.tensor([encode_prompt(Document("白日", form=form), VOCABULARY) for form in forms])
    together = Decoder(model, prompts, len(forms))
    for row, prompt in enumerate(prompts):
        alone = Decoder(model, prompt.tolist(), 1)
        assert torch.equal(alone.logits()[0], together.logits()[row])
    together.append(prompts[:, -1])
    assert torch.equal(together.logits()[0], together.logits()[2])
    assert not torch.allclose(together.logits()[0], together.logits()[1])


def test_a_poem_ends_at_eos_and_only_there() -> None:
    for number, poem in poems(tiny_model(), range(20), length=60).items():
        assert VOCABULARY.eos not in poem[:-1], number
        assert poem[-1] == VOCABULARY.eos or len(poem) == 60


def test_without_an_end_token_a_poem_has_the_length_asked_for() -> None:
    model = tiny_model(PLAIN_VOCABULARY)
    plain = Structure(PLAIN_VOCABULARY, len(PLAIN_VOCABULARY), begins=False)
    prompt = PLAIN_VOCABULARY.encode("白日")
    drawn = poems(model, range(3), prompt=prompt, constraints=[plain], eos=None)
    assert [len(poem) for poem in drawn.values()] == [40, 40, 40]


def test_control_tokens_are_never_drawn_and_a_body_is_not_empty() -> None:
    model = tiny_model()
    with torch.no_grad():
        model.transformer.wte.weight[: VOCABULARY.control_count] *= 10  # the model badly wants control tokens
    empty = encode_prompt(Document(""), VOCABULARY)
    for poem in poems(model, range(16), prompt=empty).values():
        assert poem[0] != VOCABULARY.eos
        assert all(token >= VOCABULARY.control_count or token == VOCABULARY.eos for token in poem)


def test_ids_beyond_the_vocabulary_are_never_allowed() -> None:
    allowed = Structure(PLAIN_VOCABULARY, 300, begins=False).allowed()
    assert allowed.shape == (1, 300)
    assert int(allowed.sum()) == len(PLAIN_VOCABULARY)
    assert not allowed[:, len(PLAIN_VOCABULARY) :].any()


class Every:
    """Wants `token` at each place whose number from the start of the line divides by `period`."""

    def __init__(self, token: int, period: int) -> None:
        self.token, self.period = token, period
        self.length = len(PROMPT)

    def allowed(self) -> Tensor:
        mask = torch.ones(1, len(VOCABULARY), dtype=torch.bool)
        if self.length % self.period == 0:
            mask[:] = False
            mask[:, self.token] = True
        return mask

    def append(self, drawn: Tensor) -> None:
        self.length += 1

    def select(self, rows: Tensor) -> None: ...


def test_constraints_are_joined() -> None:
    comma = VOCABULARY.ids["，"]
    other = [Every(comma, 5)]
    for poem in poems(tiny_model(), range(9), constraints=[structure(), *other]).values():
        placed = dict(enumerate(poem, start=len(PROMPT)))
        assert all(token == comma for place, token in placed.items() if place % 5 == 0)
    assert not allowed_by_all([structure(), *other])[:, VOCABULARY.bos].any()


def uncached(model: GPT, tokens: Tensor) -> Tensor:
    with torch.no_grad():
        return model(tokens[:, -model.config.block_size :])[0][:, -1]


@pytest.mark.parametrize("rows", [1, 5, 20])
def test_logits_are_those_of_the_whole_line_before_and_past_the_block(rows: int) -> None:
    model = tiny_model()
    decoder, tracing = Decoder(model, PROMPT, rows), TracingDecoder(model, PROMPT, rows)
    generator = torch.Generator().manual_seed(0)
    for _ in range(2 * BLOCK_SIZE):
        expected = uncached(model, decoder.tokens)
        torch.testing.assert_close(decoder.logits(), expected, rtol=1e-4, atol=1e-5)
        torch.testing.assert_close(tracing.logits(), expected, rtol=1e-4, atol=1e-5)
        drawn = torch.randint(len(VOCABULARY), (rows,), generator=generator)
        decoder.append(drawn)
        tracing.append(drawn)


@pytest.mark.parametrize("length", [BLOCK_SIZE - 1, BLOCK_SIZE, BLOCK_SIZE + 1, 3 * BLOCK_SIZE])
def test_prompts_around_the_block_size(length: int) -> None:
    model = tiny_model()
    generator = torch.Generator().manual_seed(length)
    decoder = Decoder(model, torch.randint(len(VOCABULARY), (length,), generator=generator).tolist(), 3)
    for _ in range(3):
        torch.testing.assert_close(decoder.logits(), uncached(model, decoder.tokens), rtol=1e-4, atol=1e-5)
        decoder.append(torch.tensor([1, 2, 3]))


@pytest.mark.parametrize("selections", SELECTIONS)
@pytest.mark.parametrize("asked", [True, False], ids=["after the logits", "before the logits"])
def test_selected_rows_go_on_as_they_would_have(selections: list[list[int]], asked: bool) -> None:
    model = tiny_model()
    decoder = Decoder(model, PROMPT, 20)
    generator = torch.Generator().manual_seed(0)
    for rows in selections:
        for _ in range(2):
            decoder.append(torch.randint(len(VOCABULARY), (decoder.tokens.size(0),), generator=generator))
            if asked:
                decoder.logits()
        expected = decoder.tokens[rows]
        decoder.select(torch.tensor(rows))
        assert decoder.tokens.tolist() == expected.tolist()
        torch.testing.assert_close(decoder.logits(), uncached(model, expected), rtol=1e-4, atol=1e-5)


def test_the_cache_shrinks_as_poems_end() -> None:
    decoder = Decoder(tiny_model(), PROMPT, 3 * ROWS)
    for left, held in ((2 * ROWS + 1, 3), (2 * ROWS, 2), (ROWS + 1, 2), (1, 1)):
        decoder.select(torch.arange(left))
        assert decoder._cache is not None
        assert decoder._cache.batch == held * ROWS
