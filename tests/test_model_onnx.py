"""The ONNX graph against torch: whole lines, lines in pieces with the cache, and int8's distance.

Run: pytest tests/test_model_onnx.py
"""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from torch import Tensor

from shici.errors import ConfigError
from shici.model import onnx_graph
from shici.model.gpt import GPT, GPTConfig
from shici.model.onnx_graph import BLOCK, Weights, build_graph, quantise

VOCABULARY_SIZE = 50


def random_model(width: int = 16, heads: int = 2, *, bias: bool = False) -> GPT:
    """Two layers, with weights large enough that every part of them matters."""
    torch.manual_seed(0)
    model = GPT(GPTConfig(24, VOCABULARY_SIZE, 2, heads, width, bias=bias)).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.2)
    return model


def random_ids(rows: int, length: int) -> Tensor:
    return torch.randint(VOCABULARY_SIZE, (rows, length), generator=torch.Generator().manual_seed(1))


def read_in_pieces(graph: onnx.ModelProto, model: GPT, ids: Tensor, pieces: list[int]) -> Tensor:
    """(B, T, V): the logits of all positions, the present of each piece being the past of the next."""
    session = onnxruntime.InferenceSession(graph.SerializeToString(), providers=["CPUExecutionProvider"])
    c = model.config
    empty = np.zeros((ids.size(0), c.n_head, 0, c.n_embd // c.n_head), dtype=np.float32)
    names = [one.name for one in session.get_inputs() if one.name != "input_ids"]
    past = dict.fromkeys(names, empty)
    found = []
    for piece in ids.split(pieces, dim=1):
        logits, *present = session.run(None, {"input_ids": piece.numpy(), **past})
        found.append(torch.from_numpy(logits))
        produced = [one.name.replace("present", "past_key_values") for one in session.get_outputs()[1:]]
        past = dict(zip(produced, present, strict=True))
    return torch.cat(found, dim=1)


@pytest.mark.parametrize("bias", [False, True], ids=["no bias", "bias"])
@pytest.mark.parametrize(("width", "heads"), [(16, 2), (15, 3), (40, 1)])
def test_the_graph_gives_torchs_logits_in_any_pieces(width: int, heads: int, bias: bool) -> None:
    model = random_model(width, heads, bias=bias)
    graph = build_graph(model)
    onnx.checker.check_model(graph, full_check=True)
    ids = random_ids(3, 14)
    with torch.no_grad():
        expected = model(ids, return_details=True)[2].logits
    for pieces in ([14], [1] * 14, [5, 1, 4, 4]):
        found = read_in_pieces(graph, model, ids, pieces)
        torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)


def test_the_exported_graph_needs_standard_operators_alone() -> None:
    graph = build_graph(random_model())
    assert {node.domain for node in graph.graph.node} == {""}
    assert [one.name for one in graph.graph.output][:3] == ["logits", "present.0.key", "present.0.value"]


@pytest.mark.parametrize("width", [16, 64, 40], ids=["one block, padded", "whole blocks", "padded"])
def test_int8_is_the_model_of_the_rounded_weights(width: int) -> None:
    """What is left when the weights are rounded in torch too is the rounding of the activations: little."""
    model = random_model(width)
    ids = random_ids(2, 12)
    found = read_in_pieces(build_graph(model, weights="int8"), model, ids, [1] * 12)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if weight.dim() == 2 and "wpe" not in name:
                weight.copy_(rounded(weight))
        expected = model(ids, return_details=True)[2].logits
    assert float((found - expected).std()) < 0.05 * float(expected.std())


def rounded(weight: Tensor) -> Tensor:
    cells, scales = quantise(weight.numpy())
    back = (cells.astype(np.float32) - 128) * scales[..., None]
    return torch.from_numpy(back.reshape(len(back), -1)[:, : weight.size(1)])


def test_quantised_numbers_are_within_half_a_step() -> None:
    matrix = np.random.default_rng(0).normal(size=(7, 2 * BLOCK + 5)).astype(np.float32)
    matrix[3] = 0
    cells, scales = quantise(matrix)
    assert cells.shape == (7, 3, BLOCK)
    assert scales.shape == (7, 3)
    back = ((cells.astype(np.float32) - 128) * scales[..., None]).reshape(7, -1)
    assert (back[:, 2 * BLOCK + 5 :] == 0).all()
    steps = np.repeat(scales, BLOCK, axis=1)[:, : 2 * BLOCK + 5]
    assert (np.abs(back[:, : 2 * BLOCK + 5] - matrix) <= steps * 0.5001).all()


@pytest.mark.parametrize(("weights", "bytes_each"), [("float32", 4), ("int8", 1)])
def test_a_model_too_large_for_one_file_is_refused(
    monkeypatch: pytest.MonkeyPatch, weights: Weights, bytes_each: int
) -> None:
    model = random_model()
    monkeypatch.setattr(onnx_graph, "LARGEST", bytes_each * model.parameter_count())
    build_graph(model, weights=weights)
    monkeypatch.setattr(onnx_graph, "LARGEST", bytes_each * model.parameter_count() - 1)
    with pytest.raises(ConfigError, match="2 GiB"):
        build_graph(model, weights=weights)
