"""The fast engine on a CPU: the model as an ONNX graph, run by ONNX Runtime; float32 or int8.

Float32 gives torch's logits to 1e-4, and on the machines measured the same bits whatever else is in the batch
and however many threads there are, so that nothing is padded. Int8 is another, slightly coarser model.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import onnxruntime  # type: ignore[import-untyped]
import torch
from torch import Tensor

from shici.generation.decoder import Decoder
from shici.model.cache import KVCache
from shici.model.gpt import GPT
from shici.model.onnx_graph import Weights, build_graph

QUIET = 3  # ONNX Runtime's level of errors: its warnings are for those who tune it


class OnnxNetwork:
    """A float32 model on the CPU made ready for ONNX Runtime, once for all readers."""

    def __init__(self, model: GPT, weights: Weights = "float32") -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = torch.get_num_threads()
        options.log_severity_level = QUIET
        # threads that wait for work give way to whoever draws, instead of spinning beside it
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        graph = build_graph(model, weights=weights, portable=False, all_logits=False)
        self.model = model
        self.session = onnxruntime.InferenceSession(
            graph.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )


class OnnxReader(Decoder):
    """A Decoder whose steps are computed by ONNX Runtime, in place in the same KV cache."""

    rows_multiple = 1

    def __init__(self, network: OnnxNetwork, prompt: Sequence[int] | Tensor, rows: int) -> None:
        self._session = network.session
        self._binding = self._session.io_binding()
        self._bound: tuple[KVCache, int] | None = None  # the cache, and its rows, whose memory is bound
        self._window: KVCache | None = None  # holds nothing from one step to the next
        super().__init__(network.model, prompt, rows)

    def _read(self, idx: Tensor, cache: KVCache | None) -> Tensor:
        """(rows, V) float32: the logits behind the last of idx (rows, n)."""
        if cache is None:
            cache = self._emptied(idx.size(0))
        if self._bound is None or self._bound[0] is not cache or self._bound[1] != cache.batch:
            self._bind(cache)
        # behind a past the operator takes one place at a time
        chunks = torch.split(idx, 1, dim=1) if cache.length else (idx,)
        for chunk in chunks:
            logits = self._run(np.ascontiguousarray(chunk.numpy()), cache)
        return logits

    def _run(self, idx: npt.NDArray[np.int64], cache: KVCache) -> Tensor:
        """(rows, V): the logits behind idx (rows, n), which goes into the bound cache."""
        rows, new = idx.shape
        total = cache.length + new
        logits = torch.empty(rows, self._model.config.vocab_size)
        binding = self._binding
        binding.bind_cpu_input("input_ids", idx)
        binding.bind_cpu_input("position_ids", np.arange(cache.length, total))
        binding.bind_cpu_input("seqlens_k", np.full(rows, total - 1, dtype=np.int32))
        binding.bind_cpu_input("total_sequence_length", np.array(total, dtype=np.int32))
        binding.bind_output("logits", "cpu", 0, np.float32, tuple(logits.shape), logits.data_ptr())
        self._session.run_with_iobinding(binding)
        cache.advance(new)
        return logits

    def _emptied(self, rows: int) -> KVCache:
        """A cache to read a whole window into."""
        if self._window is None or self._window.batch != rows:
            self._window = self._model.empty_cache(rows)
        self._window.length = 0
        return self._window

    def _bind(self, cache: KVCache) -> None:
        """Past and present of every layer are the cache's own memory."""
        for part, cells in (("key", cache.keys), ("value", cache.values)):
            for layer, buffer in enumerate(cells):  # (B, nh, capacity, hs), a block of its own
                place = ("cpu", 0, np.float32, tuple(buffer.shape), buffer.data_ptr())
                self._binding.bind_input(f"past_key_values.{layer}.{part}", *place)
                self._binding.bind_output(f"present.{layer}.{part}", *place)
        self._bound = (cache, cache.batch)
