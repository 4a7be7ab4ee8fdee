"""The model as one ONNX file with a KV cache, for any runtime of ONNX (int8: for ONNX Runtime and its web build)."""

from __future__ import annotations

from pathlib import Path

from shici.checkpoint import LoadedModel, replacing
from shici.export.tokenizer import write_tokenizer
from shici.model.onnx_graph import Weights, build_graph


def export_onnx(loaded: LoadedModel, out: Path, weights: Weights) -> None:
    """Write model.onnx (see `build_graph` for its inputs), vocabulary.txt and the tokenizer's files.

    The names of inputs and outputs are those that optimum and transformers.js use.
    """
    graph = build_graph(loaded.model, weights=weights)
    with replacing(out / "model.onnx") as temporary:
        temporary.write_bytes(graph.SerializeToString())
    with replacing(out / "vocabulary.txt") as temporary:
        loaded.vocabulary.save(temporary)
    write_tokenizer(out, loaded.vocabulary, loaded.model.config.block_size)
