"""Training speed: this project's step against the plain nanoGPT loop, in one run. python bench/train.py [--steps=8]

Both take steps of 4,096 tokens with the same 6 x 384 model on the same poems. The plain loop is nanoGPT's on a CPU:
float32, eager, random windows of 256 tokens, the library's attention, all logits at once, AdamW. Ours is what train.py
does by default on this machine. The two alternate, so that what else the machine does falls on both; the ratio is of
the medians. --nanogpt=FOLDER takes the model from a copy of nanoGPT's own model.py instead of the one written here.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from shici.config.train import TrainSettings
from shici.errors import run_door
from shici.model.gpt import GPT, CausalSelfAttention, GPTConfig
from shici.training.loop import Trainer
from shici.training.machine import set_up
from shici.training.start import Start, begin, model_config

ROWS, BLOCK = 16, 256
OURS: dict[str, Any] = {"batch_size": ROWS, "block_size": BLOCK, "device": "cpu"}


def plain_attention(q: Tensor, k: Tensor, v: Tensor, mask: Tensor, recorder: object) -> Tensor:
    """The library's fused attention, as nanoGPT calls it."""
    return F.scaled_dot_product_attention(q, k, v, is_causal=True)


def plain_model(config: GPTConfig) -> torch.nn.Module:
    model = GPT(config)
    for module in model.modules():
        if isinstance(module, CausalSelfAttention):
            module._written_out = plain_attention  # type: ignore[method-assign]
    return model


def nanogpts_model(folder: Path, config: GPTConfig) -> Any:
    spec = importlib.util.spec_from_file_location("nanogpt_model", folder / "model.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.GPT(module.GPTConfig(**asdict(config)))


def plain_loop(
    model: Any, tokens: np.ndarray, rows: int = ROWS, block: int = BLOCK, micro_steps: int = 1
) -> Callable[[], int]:
    """A step of nanoGPT's loop over micro_steps batches of `rows` windows; it returns how many tokens it learned
    from."""
    decayed = [p for p in model.parameters() if p.ndim >= 2]
    others = [p for p in model.parameters() if p.ndim < 2]
    groups = [{"params": decayed, "weight_decay": 0.1}, {"params": others, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=1e-3, betas=(0.9, 0.95))
    generator = np.random.default_rng(0)

    def step() -> int:
        for _ in range(micro_steps):
            starts = generator.integers(len(tokens) - block - 1, size=rows)
            read = torch.from_numpy(np.stack([tokens[s : s + block + 1] for s in starts]).astype(np.int64))
            _, loss = model(read[:, :-1].contiguous(), read[:, 1:].contiguous())
            (loss / micro_steps).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        return micro_steps * rows * block

    return step


def our_loop(start: Start, settings: TrainSettings) -> Callable[[], int]:
    """A step of train.py with `settings`; it returns how many tokens it learned from."""
    torch.manual_seed(0)
    model = GPT(model_config(settings, len(start.vocabulary)))
    fresh = Start(settings, model, start.vocabulary, start.train, start.val)
    trainer = Trainer(settings, fresh, set_up(settings))
    coming = trainer._steps()

    def step() -> int:
        taken = next(coming)
        trainer.step(taken)
        return taken.target_count

    return step


def measure(loops: dict[str, Callable[[], int]], steps: int) -> dict[str, float]:
    """Tokens per second of each loop: the median over `steps` rounds after two to warm up."""
    speeds: dict[str, list[float]] = {name: [] for name in loops}
    for round_ in range(steps + 2):
        for name, loop in loops.items():
            began = time.perf_counter()
            tokens = loop()
            if round_ >= 2:
                speeds[name].append(tokens / (time.perf_counter() - began))
    return {name: statistics.median(values) for name, values in speeds.items()}


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--dataset", default="poetry", help="data/<dataset>, prepared before")
    parser.add_argument("--steps", type=int, default=8)
    parser.add_argument("--nanogpt", type=Path)
    arguments = parser.parse_args(argv)
    start = begin(TrainSettings(dataset=arguments.dataset))
    size = len(start.vocabulary)
    config = model_config(TrainSettings(**OURS), size)
    plain = nanogpts_model(arguments.nanogpt, config) if arguments.nanogpt else plain_model(config)
    loops = {
        "plain nanoGPT loop": plain_loop(plain, start.train.tokens),
        "ours, AdamW": our_loop(start, TrainSettings(**OURS, optimizer="adamw")),
        "ours, Muon (default)": our_loop(start, TrainSettings(**OURS, optimizer="muon")),
    }
    speeds = measure(loops, arguments.steps)
    base = speeds["plain nanoGPT loop"]
    print(f"{torch.get_num_threads()} threads, 6 x 384, vocabulary {size}, {ROWS * BLOCK} tokens a step")
    for name, speed in speeds.items():
        print(f"{name:24} {speed:10,.0f} tokens/s {speed / base:6.2f} x")
    print(json.dumps({"bench": "train", **{name: round(speed / base, 3) for name, speed in speeds.items()}}))
    return 0


if __name__ == "__main__":
    run_door(main)
