"""How fast poems are written: KV cache and batches against nanoGPT's own loop, in one process.

Run: python bench/generate.py [--poems=64] [--length=64] [--repeats=3] [--threads=0]

Plain is `GPT.generate`, nanoGPT's algorithm: one poem at a time, every character from the whole line anew, in
float32 (as nanoGPT's sample.py computes on a CPU). Ours is what sample.py runs. Both draw with the same temperature
and top_k and write poems of the same length (no end token), so that characters/s compare. The ways take turns
and the fastest turn of each counts: other work on the machine slows some turns down, never speeds one up.
A table for people, then one JSON line for programs.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import torch

from shici.checkpoint import PRETRAINED, load_model
from shici.config.help import display_width, pad
from shici.config.parse import describe, parse_settings
from shici.errors import run_door
from shici.generation.constraints import Structure
from shici.generation.decoder import Decoder
from shici.generation.engine import write
from shici.generation.sampler import Cuts
from shici.model.gpt import GPT, GPTConfig
from shici.vocabulary import Vocabulary

TEMPERATURE, TOP_K = 0.8, 200  # nanoGPT's defaults
TARGET = 20.0
CHARACTERS = 8350  # of the random model: about as many as the corpus has
HEADINGS = ("方式", "首", "秒", "字/秒", "倍数")


@dataclass(frozen=True)
class BenchSettings:
    """写诗测速：KV 缓存与批量，对 nanoGPT 的逐首重算。"""

    poems: int = field(default=64, metadata={"help": "一批几首", "minimum": 1})
    length: int = field(default=64, metadata={"help": "每首写几个字", "minimum": 1})
    plain_poems: int = field(default=2, metadata={"help": "对照写几首", "minimum": 1})
    repeats: int = field(default=3, metadata={"help": "每种方式跑几遍，取最快的", "minimum": 1})
    threads: int = field(default=0, metadata={"help": "torch 的线程数，0 不改", "minimum": 0})


@dataclass(slots=True)
class Way:
    """One way of writing. run: writes `poems` poems of the settings' length."""

    name: str
    label: str
    poems: int
    run: Callable[[], object]
    seconds: float = float("inf")


def main(argv: list[str]) -> int:
    settings = parse_settings(BenchSettings, argv, prog="bench/generate.py")
    if settings.threads:
        torch.set_num_threads(settings.threads)
    model, vocabulary, origin = the_model()
    ways = the_ways(model, vocabulary, settings)
    for way in ways:
        way.run()  # warm up
    for _ in range(settings.repeats):
        for way in ways:
            began = time.perf_counter()
            way.run()
            way.seconds = min(way.seconds, time.perf_counter() - began)
    report(ways, settings, model, origin)
    return 0


def the_model() -> tuple[GPT, Vocabulary, str]:
    """The shipped model, or random weights of its size where none is shipped: speed does not depend on the values."""
    if (PRETRAINED / "model.safetensors").is_file():
        loaded = load_model(PRETRAINED)
        return loaded.model, loaded.vocabulary, "shipped"
    vocabulary = Vocabulary.of_characters(chr(0x4E00 + index) for index in range(CHARACTERS))
    torch.manual_seed(0)
    return GPT(GPTConfig(vocab_size=len(vocabulary))).eval(), vocabulary, "random weights"


def the_ways(model: GPT, vocabulary: Vocabulary, settings: BenchSettings) -> list[Way]:
    """What is compared; the first is what the others are measured by."""
    prompt = [vocabulary.bos, vocabulary.body]
    lower = GPT(model.config).eval()
    lower.load_state_dict(model.state_dict())
    lower.bfloat16()

    def plain() -> None:
        for _ in range(settings.plain_poems):
            model.generate(torch.tensor([prompt]), settings.length, TEMPERATURE, TOP_K)

    def ours(which: GPT, poems: int) -> Callable[[], None]:
        return lambda: write_all(which, vocabulary, prompt, poems, settings.length)

    batch = settings.poems
    return [
        Way("plain", "nanoGPT 的 generate，逐首", settings.plain_poems, plain),
        Way("cached", "KV 缓存，一首", 1, ours(model, 1)),
        Way("batched", f"KV 缓存，{batch} 首一批", batch, ours(model, batch)),
        Way("batched_bfloat16", "同上，bfloat16", batch, ours(lower, batch)),
    ]


def write_all(model: GPT, vocabulary: Vocabulary, prompt: list[int], poems: int, length: int) -> None:
    events = write(
        Decoder(model, prompt, poems),
        range(poems),
        constraints=[Structure(vocabulary, model.config.vocab_size, begins=False)],
        cuts=Cuts(TEMPERATURE, TOP_K),
        seed=1337,
        max_new_tokens=length,
        eos=None,
    )
    for _ in events:
        pass


def report(ways: list[Way], settings: BenchSettings, model: GPT, origin: str) -> None:
    c = model.config
    print(
        f"模型 {c.n_layer} 层 × {c.n_head} 头 × {c.n_embd}（{origin}），词表 {c.vocab_size}，"
        f"每首 {settings.length} 字，{torch.get_num_threads()} 线程，torch {torch.__version__}"
    )
    rates = {way.name: way.poems * settings.length / way.seconds for way in ways}
    rows = [HEADINGS]
    for way in ways:
        rate = rates[way.name]
        ratio = f"{rate / rates['plain']:.1f}×"
        rows.append((way.label, str(way.poems), f"{way.seconds:.2f}", f"{rate:.0f}", ratio))
    widths = [max(display_width(row[column]) for row in rows) for column in range(len(HEADINGS))]
    for first, *rest in rows:
        cells = (
            " " * (width - display_width(cell)) + cell for cell, width in zip(rest, widths[1:], strict=True)
        )
        print("  ".join((pad(first, widths[0]), *cells)))
    speedup = rates["batched"] / rates["plain"]
    print(f"目标：{settings.poems} 首一批至少 {TARGET:.0f}×；实测 {speedup:.1f}×")
    numbers = {
        "bench": "generate",
        "model": origin,
        "layers": c.n_layer,
        "width": c.n_embd,
        "vocabulary": c.vocab_size,
        **describe(settings),
        "threads": torch.get_num_threads(),
        "characters_per_second": {name: round(rate, 1) for name, rate in rates.items()},
        "speedup": round(speedup, 2),
        "target": TARGET,
    }
    print(json.dumps(numbers, ensure_ascii=False))


if __name__ == "__main__":
    run_door(main)
