"""A GPT as an ONNX graph with a KV cache, written node by node from its weights in a few milliseconds.

Two graphs from one description, which differ in how they attend:
    runtime   GroupQueryAttention of ONNX Runtime, which writes keys and values in place into buffers of the caller
    portable  standard operators alone (with float32 weights), keys and values joined to the past: what is exported

Weights are float32, or int8: each output's row in blocks of BLOCK numbers with one scale a block, and each
input row quantised block by block as it comes (MatMulNBits). No row's numbers depend on another row of the batch.
Letters: B rows, T new tokens, P past, S = P + T, C n_embd, nh n_head, hs = C / nh, V vocab_size.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

from shici.errors import ConfigError
from shici.model.gpt import GPT

Weights = Literal["float32", "int8"]
OPSET, IR_VERSION = 20, 10  # the first opset with Gelu
MICROSOFT = "com.microsoft"  # ONNX Runtime's own operators
BLOCK = 32  # numbers that share a scale; of 32, 64, 128 the closest to float32, and as fast
LARGEST = 2**31 - 2**20  # bytes of weights that one ONNX message can hold
Array = npt.NDArray[Any]


def build_graph(
    model: GPT, *, weights: Weights = "float32", portable: bool = True, all_logits: bool = True
) -> onnx.ModelProto:
    """The graph of `model`.

    Inputs: input_ids (B, T) int64; past_key_values.{layer}.key and .value (B, nh, P, hs) float32.
    Outputs: logits (B, T, V) float32, or (B, V) of the last position unless `all_logits`;
    present.{layer}.key and .value (B, nh, S, hs).
    Not portable: the buffers of past and present are the same and of any capacity; the extra inputs position_ids (T)
    int64, seqlens_k (B) int32 = S - 1 and total_sequence_length () int32 = S say how far they are filled.
    Raises ConfigError for a model that is too large for one file.
    """
    size = model.parameter_count() * (4 if weights == "float32" else 1)
    if size > LARGEST:
        raise ConfigError(
            f"模型有 {size / 2**30:.1f} GiB，超过 ONNX 一个文件的 2 GiB。请用小一些的模型。",
            f"The model takes {size / 2**30:.1f} GiB, more than the 2 GiB of an ONNX file. Use a smaller one.",
        )
    graph = _Writer(model, weights)
    attend = graph.attend_portably if portable else graph.attend_in_place
    positions = graph.count_positions() if portable else graph.input("position_ids", TensorProto.INT64, ["T"])
    x = graph.node("Add", "embedding", graph.embed(), graph.gather("wpe", positions))  # (B, T, C)
    for layer in range(model.config.n_layer):
        name = f"h.{layer}"
        qkv = graph.linear(f"{name}.attn.c_attn", graph.norm(f"{name}.ln_1", x))  # (B, T, 3C)
        heads = attend(layer, qkv)  # (B, T, C)
        x = graph.node("Add", f"{name}.middle", x, graph.linear(f"{name}.attn.c_proj", heads))
        hidden = graph.linear(f"{name}.mlp.c_fc", graph.norm(f"{name}.ln_2", x))  # (B, T, 4C)
        activated = graph.node("Gelu", f"{name}.mlp.activated", hidden)
        x = graph.node("Add", f"{name}.out", x, graph.linear(f"{name}.mlp.c_proj", activated))
    if not all_logits:
        x = graph.node("Gather", "last", x, graph.number("minus_one", -1), axis=1)  # (B, C)
    graph.head(graph.norm("ln_f", x), ["B", "T"] if all_logits else ["B"])
    return graph.finish()


def quantise(matrix: Array) -> tuple[Array, Array]:
    """(N, K) float32 -> (N, blocks, BLOCK) uint8 around 128 and (N, blocks) float32 scales; K is padded with zeros."""
    rows, width = matrix.shape
    blocks = -(-width // BLOCK)
    padded = np.zeros((rows, blocks * BLOCK), dtype=np.float32)
    padded[:, :width] = matrix
    cells = padded.reshape(rows, blocks, BLOCK)
    scales = np.abs(cells).max(axis=-1) / 127
    scales[scales == 0] = 1
    return (np.round(cells / scales[..., None]) + 128).astype(np.uint8), scales.astype(np.float32)


class _Writer:
    """Collects nodes; each method returns the name of the tensor that it adds."""

    def __init__(self, model: GPT, weights: Weights) -> None:
        self._config, self._weights = model.config, weights
        self._head_size = model.config.n_embd // model.config.n_head
        self._state = {
            name.removeprefix("transformer."): tensor.detach().float().numpy()
            for name, tensor in model.state_dict().items()
        }
        self._nodes: list[onnx.NodeProto] = []
        self._constants: dict[str, onnx.TensorProto] = {}
        self._inputs: list[onnx.ValueInfoProto] = []
        self._outputs: list[onnx.ValueInfoProto] = []
        self.input("input_ids", TensorProto.INT64, ["B", "T"])

    def finish(self) -> onnx.ModelProto:
        *cache, logits = self._outputs
        graph = helper.make_graph(
            self._nodes, "gpt", self._inputs, [logits, *cache], list(self._constants.values())
        )
        opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(MICROSOFT, 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION, producer_name="shici")

    def input(self, name: str, kind: int, shape: list[str | int]) -> str:
        self._inputs.append(helper.make_tensor_value_info(name, kind, shape))
        return name

    def output(self, name: str, shape: list[str | int]) -> str:
        self._outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))
        return name

    def constant(self, name: str, array: Array) -> str:
        if name not in self._constants:
            self._constants[name] = numpy_helper.from_array(array.copy(order="C"), name)
        return name

    def number(self, name: str, value: int) -> str:
        return self.constant(name, np.array(value, dtype=np.int64))

    def numbers(self, name: str, *values: int) -> str:
        return self.constant(name, np.array(values, dtype=np.int64))

    def node(self, operator: str, name: str, *inputs: str, domain: str = "", **attributes: Any) -> str:
        self._nodes.append(
            helper.make_node(operator, list(inputs), [name], name=name, domain=domain, **attributes)
        )
        return name

    def gather(self, weight: str, indices: str) -> str:
        """Rows of a weight."""
        table = self.constant(f"{weight}.weight", self._state[f"{weight}.weight"])
        return self.node("Gather", f"{weight}.rows", table, indices)

    def embed(self) -> str:
        """(B, T, C): the tokens' rows of the tied embedding."""
        if self._weights == "float32":
            return self.gather("wte", "input_ids")
        cells, scales = self._quantised("wte", self._state["wte.weight"])
        rows = self.node("Gather", "wte.cells", cells, "input_ids")  # (B, T, blocks, BLOCK)
        rows = self.node("Cast", "wte.float", rows, to=TensorProto.FLOAT)
        rows = self.node("Sub", "wte.centred", rows, self.constant("wte.zero", np.array(128, np.float32)))
        scale = self.node("Gather", "wte.scale", scales, "input_ids")  # (B, T, blocks)
        scale = self.node("Unsqueeze", "wte.column", scale, self.numbers("last_axis", -1))
        rows = self.node("Mul", "wte.scaled", rows, scale)
        rows = self.node("Reshape", "wte.joined", rows, self.numbers("wte.shape", 0, 0, -1))
        if self._config.n_embd % BLOCK == 0:
            return rows
        ends = self.numbers("wte.from", 0), self.numbers("wte.to", self._config.n_embd)
        return self.node("Slice", "wte.rows", rows, *ends, self.numbers("last_axis", -1))

    def norm(self, name: str, x: str) -> str:
        parameters = [
            self.constant(f"{name}.{part}", self._state[f"{name}.{part}"])
            for part in ("weight", "bias")
            if f"{name}.{part}" in self._state
        ]
        return self.node("LayerNormalization", name, x, *parameters, axis=-1, epsilon=1e-5)

    def linear(self, name: str, x: str) -> str:
        """x W^T + b."""
        weight, bias = self._state[f"{name}.weight"], self._state.get(f"{name}.bias")
        if self._weights == "int8":
            out = self._multiply_int8(name, x, weight)
        else:
            out = self.node("MatMul", name, x, self.constant(f"{name}.weight", weight.T))
        return (
            out if bias is None else self.node("Add", f"{name}.sum", out, self.constant(f"{name}.bias", bias))
        )

    def head(self, x: str, rows: list[str | int]) -> None:
        """Logits by the tied embedding."""
        name = self.output("logits", [*rows, self._config.vocab_size])
        wte = self._state["wte.weight"]
        if self._weights == "int8":
            self._multiply_int8("wte", x, wte, out=name)
        elif len(rows) == 1:  # Gemm takes the embedding as it lies: no second copy
            self.node("Gemm", name, x, self.constant("wte.weight", wte), transB=1)
        else:
            turned = self.node("Transpose", "wte.turned", self.constant("wte.weight", wte), perm=[1, 0])
            self.node("MatMul", name, x, turned)

    def _quantised(self, name: str, matrix: Array) -> tuple[str, str]:
        if f"{name}.int8" not in self._constants:
            cells, scales = quantise(matrix)
            self.constant(f"{name}.int8", cells)
            self.constant(f"{name}.scales", scales)
        return f"{name}.int8", f"{name}.scales"

    def _multiply_int8(self, name: str, x: str, matrix: Array, out: str = "") -> str:
        """x matrix^T, both sides in int8 (accuracy level 4). matrix: (N, K)."""
        rows, width = matrix.shape
        return self.node(
            "MatMulNBits", out or name, x, *self._quantised(name, matrix), domain=MICROSOFT,
            K=width, N=rows, bits=8, block_size=BLOCK, accuracy_level=4,
        )  # fmt: skip

    def _cache(self, layer: int, past: str, present: str) -> tuple[list[str], list[str]]:
        """Names of the past and the present key and value of a layer."""
        c, size = self._config, self._head_size
        before = [f"past_key_values.{layer}.{part}" for part in ("key", "value")]
        after = [f"present.{layer}.{part}" for part in ("key", "value")]
        for name in before:
            self.input(name, TensorProto.FLOAT, ["B", c.n_head, past, size])
        for name in after:
            self.output(name, ["B", c.n_head, present, size])
        return before, after

    def attend_in_place(self, layer: int, qkv: str) -> str:
        """(B, T, 3C) -> (B, T, C). Present and past are one buffer."""
        before, after = self._cache(layer, "capacity", "capacity")
        if layer == 0:
            self.input("seqlens_k", TensorProto.INT32, ["B"])
            self.input("total_sequence_length", TensorProto.INT32, [])
        heads = f"h.{layer}.attn.heads"
        self._nodes.append(
            helper.make_node(
                "GroupQueryAttention",
                [qkv, "", "", *before, "seqlens_k", "total_sequence_length"],
                [heads, *after],
                name=heads,
                domain=MICROSOFT,
                num_heads=self._config.n_head,
                kv_num_heads=self._config.n_head,
                scale=self._head_size**-0.5,
            )
        )
        return heads

    def count_positions(self) -> str:
        """(T,) the places of the new tokens, from P on; and `mask` (T, S), 0 where seen and -inf where not."""
        before, _ = "past_key_values.0.key", None
        zero, one = self.number("zero", 0), self.number("one", 1)
        first = self.numbers("first_axis", 0)
        new = self.node("Squeeze", "T", self.node("Shape", "T.shape", "input_ids", start=1, end=2), first)
        past = self.node("Squeeze", "P", self.node("Shape", "P.shape", before, start=2, end=3), first)
        total = self.node("Add", "S", past, new)
        places = self.node("Range", "positions", past, total, one)
        column = self.node("Unsqueeze", "positions.column", places, self.numbers("last_axis", -1))
        seen = self.node("LessOrEqual", "seen", self.node("Range", "places", zero, total, one), column)
        clear = self.constant("clear", np.array(0, np.float32))
        self.node("Where", "mask", seen, clear, self.constant("hidden", np.array(-np.inf, np.float32)))
        return places

    def attend_portably(self, layer: int, qkv: str) -> str:
        """(B, T, 3C) -> (B, T, C): softmax(q k^T / sqrt(hs)) v, written out."""
        before, after = self._cache(layer, "P", "S")
        name, c = f"h.{layer}.attn", self._config
        shape = self.numbers("heads.shape", 0, 0, 3, c.n_head, self._head_size)
        split = self.node("Reshape", f"{name}.split", qkv, shape)
        turned = self.node("Transpose", f"{name}.turned", split, perm=[2, 0, 3, 1, 4])  # (3, B, nh, T, hs)
        q, k, v = (
            self.node("Gather", f"{name}.{part}", turned, self.number(f"part.{index}", index), axis=0)
            for index, part in enumerate("qkv")
        )
        k = self.node("Concat", after[0], before[0], k, axis=2)  # (B, nh, S, hs)
        v = self.node("Concat", after[1], before[1], v, axis=2)
        scale = self.constant("scale", np.array(self._head_size**-0.5, np.float32))
        q = self.node("Mul", f"{name}.scaled", q, scale)
        scores = self.node(
            "MatMul", f"{name}.scores", q, self.node("Transpose", f"{name}.kt", k, perm=[0, 1, 3, 2])
        )
        weights = self.node(
            "Softmax", f"{name}.weights", self.node("Add", f"{name}.masked", scores, "mask"), axis=-1
        )
        heads = self.node("MatMul", f"{name}.heads", weights, v)  # (B, nh, T, hs)
        heads = self.node("Transpose", f"{name}.back", heads, perm=[0, 2, 1, 3])
        return self.node("Reshape", f"{name}.joined", heads, self.numbers("joined.shape", 0, 0, c.n_embd))
