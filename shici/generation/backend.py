"""Which engine computes the logits: torch, or ONNX Runtime in float32 or int8.

auto is ONNX Runtime in float32 where it can do the work (a float32 model on the CPU), for it is the faster at every
batch size and draws the same poems (but for a dice that falls on the edge: one poem in some 700); int8 draws from a
slightly other distribution and is used when asked for.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor

from shici.config.sample import WritingSettings
from shici.errors import ConfigError
from shici.generation.decoder import Decoder, Reader
from shici.model.gpt import GPT

MakeReader = Callable[[Sequence[int] | Tensor, int], Reader]
"""(prompt, rows) -> a Reader; see `Decoder` for both."""

CPU_ENGINES = ("onnx", "int8")
LIBRARIES = ("onnx", "onnxruntime")
HEAD_SIZE_MULTIPLE = 8  # what ONNX Runtime's attention asks of a head
LARGEST = 500_000_000  # parameters; an ONNX graph in memory holds 2 GiB, and they are float32


def reader_maker(model: GPT, settings: WritingSettings) -> MakeReader:
    """What makes the readers of `settings.engine`. Raises ConfigError where that engine cannot run this model."""
    if not computes_with_onnx(model, settings):
        return lambda prompt, rows: Decoder(model, prompt, rows)
    engine, obstacle = settings.engine, onnx_obstacle(model, settings)
    if obstacle is not None:
        zh, en = obstacle
        raise ConfigError(
            f"--engine={engine} 用不了：{zh}。请去掉 --engine，或用 --engine=torch。",
            f"--engine={engine} cannot be used: {en}. Leave it out, or use --engine=torch.",
        )
    from shici.generation.onnx_reader import OnnxNetwork, OnnxReader

    network = OnnxNetwork(model, "int8" if engine == "int8" else "float32")
    return lambda prompt, rows: OnnxReader(network, prompt, rows)


@contextmanager
def sole_writer(model: GPT, settings: WritingSettings) -> Iterator[MakeReader]:
    """What `reader_maker` makes, for a process that does nothing but write meanwhile."""
    make_reader = reader_maker(model, settings)
    if not computes_with_onnx(model, settings):
        yield make_reader
        return
    with one_torch_thread():
        yield make_reader


@contextmanager
def one_torch_thread() -> Iterator[None]:
    """torch in one thread, for where ONNX Runtime computes and torch only draws.

    A draw is too small to be shared out: the threads would wait for each other longer than they work.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def computes_with_onnx(model: GPT, settings: WritingSettings) -> bool:
    """Whether ONNX Runtime is asked for, or chosen by auto."""
    if settings.engine == "auto":
        return onnx_obstacle(model, settings) is None
    return settings.engine != "torch"


def onnx_obstacle(model: GPT, settings: WritingSettings) -> tuple[str, str] | None:
    """Why ONNX Runtime cannot run this model (Chinese, English); None if it can."""
    weight, c = model.lm_head.weight, model.config
    missing = [name for name in LIBRARIES if importlib.util.find_spec(name) is None]
    if missing:
        return f"没有安装 {'、'.join(missing)}", f"{' and '.join(missing)} not installed"
    if weight.device.type != "cpu":
        return (
            f"它只在 CPU 上算，模型在 {weight.device} 上",
            f"it computes on the CPU, the model is on {weight.device}",
        )
    if weight.dtype != torch.float32 or settings.compile:
        return "--dtype 与 --compile 是给 torch 的", "--dtype and --compile are torch's"
    head_size = c.n_embd // c.n_head
    if head_size % HEAD_SIZE_MULTIPLE:
        return (
            f"每个头要是 {HEAD_SIZE_MULTIPLE} 的倍数，这里是 {head_size}",
            f"it needs heads of a multiple of {HEAD_SIZE_MULTIPLE}, these are {head_size}",
        )
    if model.parameter_count() > LARGEST:
        return "模型太大", "the model is too large"
    return None
