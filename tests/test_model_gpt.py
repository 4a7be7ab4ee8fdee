"""The model against the plain reference, its fast ways against the slow. Run: pytest tests/test_model_gpt.py"""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from shici.errors import ConfigError
from shici.model.gpt import GPT, GPTConfig
from shici.model.reference import reference_logits, reference_loss

CONFIGS = [
    pytest.param(GPTConfig(24, 50, n_layer=2, n_head=2, n_embd=32), id="plain"),
    pytest.param(GPTConfig(24, 50, n_layer=3, n_head=4, n_embd=32, bias=True), id="with biases"),
    pytest.param(GPTConfig(24, 50, n_layer=1, n_head=1, n_embd=16), id="one head"),
]


def make(config: GPTConfig, seed: int = 0) -> GPT:
    """A model with weights large enough that every part of it matters."""
    torch.manual_seed(seed)
    model = GPT(config).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.15)
    return model


def line(config: GPTConfig, batch: int, length: int, seed: int = 1) -> Tensor:
    return torch.randint(config.vocab_size, (batch, length), generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("config", CONFIGS)
def test_logits_and_loss_are_the_references(config: GPTConfig) -> None:
    model, idx = make(config), line(config, 2, 17)
    targets = line(config, 2, 17, seed=2)
    targets[0, 3] = targets[1, 16] = -1
    logits, loss = model(idx, targets)
    expected = torch.stack([reference_logits(model.state_dict(), config, row) for row in idx])
    torch.testing.assert_close(logits, expected, rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(
        loss, reference_loss(expected.flatten(0, 1), targets.flatten()), rtol=1e-5, atol=1e-5
    )


@pytest.mark.parametrize("config", CONFIGS)
def test_gradients_are_the_references(config: GPTConfig) -> None:
    model, idx, targets = make(config), line(config, 1, 9), line(config, 1, 9, seed=2)
    total, count = model.loss(idx, targets)
    (total / count).backward()
    leaves = {name: value.detach().clone().requires_grad_() for name, value in model.state_dict().items()}
    leaves["lm_head.weight"] = leaves["transformer.wte.weight"]
    reference_loss(reference_logits(leaves, config, idx[0]), targets[0]).backward()
    for name, parameter in model.named_parameters():
        torch.testing.assert_close(parameter.grad, leaves[name].grad, rtol=1e-4, atol=1e-5, msg=name)


def test_training_loss_is_the_forward_loss() -> None:
    config = CONFIGS[0].values[0]
    model, idx, targets = make(config), line(config, 5, 20), line(config, 5, 20, seed=2)
    targets[:, 15:] = -1
    total, count = model.loss(idx, targets)
    assert count == 5 * 15
    torch.testing.assert_close(total / count, model(idx, targets)[1])


def test_what_comes_later_changes_nothing_before() -> None:
    config = CONFIGS[0].values[0]
    model, idx = make(config), line(config, 1, 20)
    changed = idx.clone()
    changed[0, 12:] = (changed[0, 12:] + 1) % config.vocab_size
    before, after = (model(x, x)[0][0, :12] for x in (idx, changed))
    torch.testing.assert_close(before, after)


def test_batch_is_single() -> None:
    config = CONFIGS[1].values[0]
    model, idx = make(config), line(config, 6, 11)
    together = model(idx)[0]
    alone = torch.cat([model(row[None])[0] for row in idx])
    torch.testing.assert_close(together, alone)


@pytest.mark.parametrize("config", CONFIGS)
@pytest.mark.parametrize("first", [1, 5])
def test_cache_is_no_cache(config: GPTConfig, first: int) -> None:
    model, idx = make(config), line(config, 3, config.block_size)
    cache = model.empty_cache(3)
    model(idx[:, :first], cache=cache)
    for t in range(first, config.block_size):
        cached = model(idx[:, t : t + 1], cache=cache)[0]
        torch.testing.assert_close(cached, model(idx[:, : t + 1])[0], rtol=1e-4, atol=1e-5)
    assert cache.length == config.block_size


def test_cache_reads_several_tokens_at_once() -> None:
    config = CONFIGS[0].values[0]
    model, idx = make(config), line(config, 2, 20)
    cache = model.empty_cache(2)
    model(idx[:, :7], cache=cache)
    torch.testing.assert_close(model(idx[:, 7:], cache=cache)[0], model(idx)[0], rtol=1e-4, atol=1e-5)


def test_selected_cache_rows_go_on_as_their_own_poems() -> None:
    config = CONFIGS[0].values[0]
    model, idx = make(config), line(config, 3, 10)
    cache = model.empty_cache(3)
    model(idx[:, :9], cache=cache)
    rows = torch.tensor([2, 0, 2, 2])
    picked = model(idx[rows, 9:], cache=cache.select(rows))[0]
    torch.testing.assert_close(picked, model(idx[rows])[0], rtol=1e-4, atol=1e-5)


def test_packed_rows_are_separate_documents() -> None:
    config = CONFIGS[0].values[0]
    model, idx, targets = make(config), line(config, 1, 24), line(config, 1, 24, seed=2)
    lengths = [7, 12, 5]
    documents = torch.repeat_interleave(torch.arange(3), torch.tensor(lengths))[None]
    positions = torch.cat([torch.arange(n) for n in lengths])[None]
    packed, _ = model.loss(idx, targets, documents=documents, positions=positions)
    parts = zip(torch.split(idx, lengths, dim=1), torch.split(targets, lengths, dim=1), strict=True)
    alone = sum(model.loss(x, y)[0] for x, y in parts)
    torch.testing.assert_close(packed, alone)


def test_compiled_is_eager() -> None:
    config = CONFIGS[0].values[0]
    model, idx, targets = make(config), line(config, 4, 16), line(config, 4, 16, seed=2)
    compiled = torch.compile(model.loss, backend="aot_eager")
    torch.testing.assert_close(compiled(idx, targets)[0], model.loss(idx, targets)[0])


def test_longer_than_the_block_is_read_through_a_window() -> None:
    config = CONFIGS[0].values[0]
    model, idx = make(config), line(config, 2, config.block_size + 9)
    torch.testing.assert_close(model(idx)[0], model(idx[:, 9:])[0])
    assert model(idx, return_details=True)[2].window_start == 9
    with pytest.raises(ValueError, match="the block holds 24"):
        model(idx, idx)
    with pytest.raises(ValueError, match="the block holds 24"):
        model(idx, cache=model.empty_cache(2))


def test_generate_is_forward_and_draw_past_the_block() -> None:
    config = CONFIGS[0].values[0]
    model, idx = make(config), line(config, 2, 20)
    out = model.generate(idx, 12, temperature=0.8, top_k=5, generator=torch.Generator().manual_seed(3))
    assert out.shape == (2, 32)
    generator = torch.Generator().manual_seed(3)
    for t in range(20, 32):
        logits = model(out[:, max(0, t - config.block_size) : t])[0][:, -1] / 0.8
        kept = logits >= logits.topk(5).values[:, -1:]
        probabilities = F.softmax(logits.masked_fill(~kept, float("-inf")), dim=-1)
        assert torch.equal(out[:, t : t + 1], torch.multinomial(probabilities, 1, generator=generator))


def test_tied_weights_count_once() -> None:
    config = GPTConfig(8, 10, n_layer=1, n_head=1, n_embd=4)
    # wte 40, wpe 32, two norms and the last 3 * 4, attention 4 * 16, MLP 2 * 64
    assert GPT(config).parameter_count() == 40 + 32 + 12 + 64 + 128


@pytest.mark.parametrize(
    ("sizes", "words"),
    [
        ({"n_embd": 384, "n_head": 5}, "multiple of n_head"),
        ({"n_layer": 0}, "n_layer must be positive"),
        ({"dropout": 1.0}, "dropout must lie"),
    ],
)
def test_impossible_sizes_are_refused(sizes: dict[str, int], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        GPTConfig(**sizes)
