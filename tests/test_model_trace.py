"""The trace is what the model computes: each tensor follows from the others. Run: pytest tests/test_model_trace.py"""

from __future__ import annotations

import math

import pytest
import torch
import torch.nn.functional as F

from shici.model.gpt import GPT, GPTConfig
from shici.model.trace import LAYER_FIELDS, Trace

CONFIG = GPTConfig(16, 40, n_layer=3, n_head=2, n_embd=24, bias=True)
B, T, C, NH, HS, V = 2, 13, 24, 2, 12, 40
SHAPES = {
    **dict.fromkeys(
        ("residual_in", "ln_1", "attention", "residual_mid", "ln_2", "mlp", "residual_out"), (B, T, C)
    ),
    **dict.fromkeys(("q", "k", "v", "heads"), (B, NH, T, HS)),
    **dict.fromkeys(("scores", "masked_scores", "weights"), (B, NH, T, T)),
    **dict.fromkeys(("mlp_hidden", "mlp_activated"), (B, T, 4 * C)),
}


@pytest.fixture(scope="module")
def model() -> GPT:
    torch.manual_seed(4)
    model = GPT(CONFIG).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.2)
    return model


@pytest.fixture(scope="module")
def trace(model: GPT) -> Trace:
    idx = torch.randint(V, (B, T), generator=torch.Generator().manual_seed(5))
    return model(idx, return_details=True)[2]


def test_shapes_are_as_documented(trace: Trace) -> None:
    assert set(SHAPES) == set(LAYER_FIELDS)
    assert len(trace.layers) == CONFIG.n_layer
    for layer in trace.layers:
        assert {name: tuple(getattr(layer, name).shape) for name in LAYER_FIELDS} == SHAPES
    assert trace.idx.shape == (B, T)
    assert trace.positions.tolist() == list(range(T))
    assert trace.token_embedding.shape == trace.embedding.shape == trace.ln_f.shape == (B, T, C)
    assert trace.position_embedding.shape == (T, C)
    assert trace.logits.shape == (B, T, V)
    assert trace.probabilities.shape == (B, V)


def test_embeddings_open_and_logits_close(model: GPT, trace: Trace) -> None:
    close = torch.testing.assert_close
    close(trace.token_embedding, model.transformer.wte.weight[trace.idx])
    close(trace.position_embedding, model.transformer.wpe.weight[:T])
    close(trace.embedding, trace.token_embedding + trace.position_embedding)
    close(trace.layers[0].residual_in, trace.embedding)
    close(trace.ln_f, model.transformer.ln_f(trace.layers[-1].residual_out))
    close(trace.logits, trace.ln_f @ model.lm_head.weight.T)
    close(trace.probabilities, F.softmax(trace.logits[:, -1], dim=-1))


@pytest.mark.parametrize("number", range(CONFIG.n_layer))
def test_a_layer_follows_from_its_own_parts(model: GPT, trace: Trace, number: int) -> None:
    close, layer, block = torch.testing.assert_close, trace.layers[number], model.transformer.h[number]
    if number:
        close(layer.residual_in, trace.layers[number - 1].residual_out)
    close(layer.ln_1, block.ln_1(layer.residual_in))
    side_by_side = torch.cat(
        [x.transpose(1, 2).reshape(B, T, C) for x in (layer.q, layer.k, layer.v)], dim=-1
    )
    close(side_by_side, block.attn.c_attn(layer.ln_1))
    close(layer.scores, torch.einsum("bhtd,bhsd->bhts", layer.q, layer.k) / math.sqrt(HS))
    seen = torch.arange(T)[:, None] >= torch.arange(T)[None, :]
    close(layer.masked_scores, torch.where(seen, layer.scores, -torch.inf))
    close(layer.weights, F.softmax(layer.masked_scores, dim=-1))
    assert layer.weights[:, :, ~seen].abs().max() == 0
    close(layer.heads, torch.einsum("bhts,bhsd->bhtd", layer.weights, layer.v))
    close(layer.attention, block.attn.c_proj(layer.heads.transpose(1, 2).reshape(B, T, C)))
    close(layer.residual_mid, layer.residual_in + layer.attention)
    close(layer.ln_2, block.ln_2(layer.residual_mid))
    close(layer.mlp_hidden, block.mlp.c_fc(layer.ln_2))
    close(layer.mlp_activated, F.gelu(layer.mlp_hidden))
    close(layer.mlp, block.mlp.c_proj(layer.mlp_activated))
    close(layer.residual_out, layer.residual_mid + layer.mlp)


def test_details_change_no_number(model: GPT, trace: Trace) -> None:
    logits, loss = model(trace.idx)
    detailed, detailed_loss, _ = model(trace.idx, return_details=True)
    # the output weights are applied to 1 row or to T, which may round differently
    torch.testing.assert_close(logits, detailed)
    assert torch.equal(detailed[:, 0], trace.logits[:, -1])
    assert loss is None
    assert detailed_loss is None


def test_details_with_targets_give_both(model: GPT, trace: Trace) -> None:
    targets = trace.idx.roll(-1, dims=1)
    logits, loss, again = model(trace.idx, targets, return_details=True)
    torch.testing.assert_close(loss, model(trace.idx, targets)[1])
    assert torch.equal(logits, again.logits)


def test_the_trace_does_not_follow_later_changes(model: GPT, trace: Trace) -> None:
    idx = trace.idx.clone()
    logits, _, kept = model(idx, return_details=True)
    before = kept.logits.clone()
    with torch.no_grad():
        logits.div_(2)
    idx.zero_()
    assert torch.equal(kept.logits, before)
    assert torch.equal(kept.idx, trace.idx)


def test_without_details_nothing_is_kept(model: GPT, trace: Trace) -> None:
    assert len(model(trace.idx)) == 2
    assert not any(isinstance(value, Trace) for value in vars(model).values())


def test_a_trace_wants_the_whole_line(model: GPT, trace: Trace) -> None:
    with pytest.raises(ValueError, match="no cache"):
        model(trace.idx, return_details=True, cache=model.empty_cache(B))
