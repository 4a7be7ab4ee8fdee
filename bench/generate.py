"""How fast poems are written: every engine, alone and in batches, against nanoGPT's own loop, in one process.

Run: python bench/generate.py [--poems=64] [--length=64] [--repeats=3] [--threads=0] [--data=data/poetry]

Plain is `GPT.generate`, nanoGPT's algorithm: one poem at a time, every character from the whole line anew, in
float32 (as nanoGPT's sample.py computes on a CPU). The others are what sample.py runs with --engine and --dtype.
All draw with the same temperature and top_k and write poems of the same length (no end token), so that
characters/s compare. The ways take turns and the fastest turn of each counts: other work on the machine slows some
turns down, never speeds one up. Then how far each engine is from torch, on poems of the validation split where
--data has one, and how long `python sample.py --num_samples=1` takes from the command to the end of the poem.
A table for people, then one JSON line for programs.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import torch
from torch import Tensor

from bench.distance import Distance, distances, validation_poems
from shici.checkpoint import PRETRAINED, load_model
from shici.config.fields import option
from shici.config.help import display_width, pad
from shici.config.parse import describe, parse_settings
from shici.errors import run_door
from shici.generation.backend import CPU_ENGINES, MakeReader, one_torch_thread
from shici.generation.constraints import Structure
from shici.generation.decoder import Decoder
from shici.generation.engine import write
from shici.generation.onnx_reader import OnnxNetwork, OnnxReader
from shici.generation.sampler import Cuts
from shici.model.gpt import GPT, GPTConfig
from shici.vocabulary import Vocabulary

ROOT = Path(__file__).resolve().parent.parent
TEMPERATURE, TOP_K = 0.8, 200  # nanoGPT's defaults
CHARACTERS = 8350  # of the random model: about as many as the corpus has
HEADINGS = ("方式", "首", "秒", "字/秒", "倍数")
TARGETS = {"onnx": 4.5, "int8": 8.0, "onnx_batch": 40.0}  # times the plain loop
LARGEST_KL, LARGEST_DIFFERENCE, FIRST_POEM = 0.005, 1e-4, 3.0  # nats/character, logits, seconds
DISTANCE_POEMS = 256


@dataclass(frozen=True)
class BenchSettings:
    """写诗测速：各引擎，单首与成批，对 nanoGPT 的逐首重算。
    Benchmark of writing: every engine, one poem and a batch, against nanoGPT's plain loop.
    """

    poems: int = option(64, "一批几首", "poems in a batch", minimum=1)
    length: int = option(64, "每首写几个字", "characters of a poem", minimum=1)
    plain_poems: int = option(2, "对照写几首", "poems that the plain loop writes", minimum=1)
    repeats: int = option(3, "每种方式跑几遍，取最快的", "runs of each way, the fastest counts", minimum=1)
    threads: int = option(0, "线程数，0 不改", "threads, 0: as they are", minimum=0)
    data: str = option(
        "data/poetry",
        "有 val.bin 的文件夹，用来量各引擎的出入",
        "folder with val.bin, on which the engines' distance is measured",
    )


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
    engines: dict[str, MakeReader] = the_engines(model)
    ways = the_ways(model, vocabulary, engines, settings)
    for way in ways:
        way.run()  # warm up
    for _ in range(settings.repeats):
        for way in ways:
            began = time.perf_counter()
            way.run()
            way.seconds = min(way.seconds, time.perf_counter() - began)
    poems, source = validation_poems(Path(settings.data), vocabulary, DISTANCE_POEMS), "val"
    if not poems:
        written = write_all(engines["torch"], model, vocabulary, settings.poems, settings.length)
        poems, source = [row.tolist() for row in written], "written"
    found = distances(engines, poems, vocabulary)
    first = first_poem(settings)
    report(ways, found, source, first, settings, model, origin)
    return 0


def the_model() -> tuple[GPT, Vocabulary, str]:
    """The shipped model, or random weights of its size where none is shipped: speed does not depend on the values."""
    if (PRETRAINED / "model.safetensors").is_file():
        loaded = load_model(PRETRAINED)
        return loaded.model, loaded.vocabulary, "shipped"
    vocabulary = Vocabulary.of_characters(chr(0x4E00 + index) for index in range(CHARACTERS))
    torch.manual_seed(0)
    return GPT(GPTConfig(vocab_size=len(vocabulary))).eval(), vocabulary, "random weights"


def the_engines(model: GPT) -> dict[str, MakeReader]:
    lower = GPT(model.config).eval()
    lower.load_state_dict(model.state_dict())
    lower.bfloat16()
    float32, int8 = OnnxNetwork(model), OnnxNetwork(model, "int8")
    return {
        "torch": lambda prompt, rows: Decoder(model, prompt, rows),
        "torch_bfloat16": lambda prompt, rows: Decoder(lower, prompt, rows),
        "onnx": lambda prompt, rows: OnnxReader(float32, prompt, rows),
        "int8": lambda prompt, rows: OnnxReader(int8, prompt, rows),
    }


def the_ways(
    model: GPT, vocabulary: Vocabulary, engines: dict[str, MakeReader], settings: BenchSettings
) -> list[Way]:
    """What is compared; the first is what the others are measured by."""

    def plain() -> None:
        for _ in range(settings.plain_poems):
            prompt = torch.tensor([[vocabulary.bos, vocabulary.body]])
            model.generate(prompt, settings.length, TEMPERATURE, TOP_K)

    def ours(engine: str, poems: int) -> Callable[[], object]:
        def run() -> None:
            with one_torch_thread() if engine in CPU_ENGINES else nullcontext():
                write_all(engines[engine], model, vocabulary, poems, settings.length)

        return run

    labels = {
        "torch": "torch，KV 缓存",
        "torch_bfloat16": "torch，bfloat16",
        "onnx": "onnx，float32（默认）",
        "int8": "onnx，int8",
    }
    ways = [Way("plain", "nanoGPT 的 generate", settings.plain_poems, plain)]
    ways += [Way(name, label, 1, ours(name, 1)) for name, label in labels.items()]
    batch = settings.poems
    ways += [
        Way(f"{name}_batch", f"{label}，一批", batch, ours(name, batch)) for name, label in labels.items()
    ]
    return ways


def write_all(make_reader: MakeReader, model: GPT, vocabulary: Vocabulary, poems: int, length: int) -> Tensor:
    """(poems, 2 + length) ids of what was written."""
    prompt = [vocabulary.bos, vocabulary.body]
    reader = make_reader(prompt, poems)
    events = write(
        reader,
        range(poems),
        constraints=[Structure(vocabulary, model.config.vocab_size, begins=False)],
        cuts=Cuts(TEMPERATURE, TOP_K),
        seed=1337,
        max_new_tokens=length,
        eos=None,
    )
    for _ in events:
        pass
    return reader.tokens


def first_poem(settings: BenchSettings) -> float:
    """Seconds of `python sample.py --num_samples=1`, import time counted; the fastest of the repeats."""
    seconds = float("inf")
    for _ in range(settings.repeats):
        began = time.perf_counter()
        command = [sys.executable, str(ROOT / "sample.py"), "--num_samples=1", "--init_from=pretrained"]
        subprocess.run(command, check=True, capture_output=True)
        seconds = min(seconds, time.perf_counter() - began)
    return seconds


def report(
    ways: list[Way],
    found: dict[str, Distance],
    source: str,
    first: float,
    settings: BenchSettings,
    model: GPT,
    origin: str,
) -> None:
    c = model.config
    print(
        f"模型 {c.n_layer} 层 × {c.n_head} 头 × {c.n_embd}（{origin}），词表 {c.vocab_size}，"
        f"每首 {settings.length} 字，{torch.get_num_threads()} 线程，torch {torch.__version__}"
    )
    rates = {way.name: way.poems * settings.length / way.seconds for way in ways}
    speedups = {name: rate / rates["plain"] for name, rate in rates.items()}
    print_table(ways, rates, speedups)
    for name, goal in TARGETS.items():
        print(f"目标 {name}：至少 {goal:g}×；实测 {speedups[name]:.1f}×")
    kind = {"val": "验证集", "written": "刚写的诗"}[source]
    for name, one in found.items():
        print(
            f"{name} 与 torch 相比（{kind} {one.characters} 字）：logit 最多差 {one.largest:.1e}，"
            f"KL {one.divergence:.1e} 奈特/字，交叉熵差 {one.loss:+.1e}"
        )
    print(f"目标：onnx 的 logit 差至多 {LARGEST_DIFFERENCE:g}，int8 的 KL 低于 {LARGEST_KL:g} 奈特/字")
    print(f"从命令到写完一首（sample.py --num_samples=1）：{first:.2f} 秒；目标 {FIRST_POEM:g} 秒以内")
    numbers = {
        "bench": "generate",
        "model": origin,
        "layers": c.n_layer,
        "width": c.n_embd,
        "vocabulary": c.vocab_size,
        **describe(settings),
        "threads": torch.get_num_threads(),
        "characters_per_second": {name: round(rate, 1) for name, rate in rates.items()},
        "speedups": {name: round(speedup, 2) for name, speedup in speedups.items()},
        "targets": TARGETS,
        "distance_from_torch": {name: describe(one) for name, one in found.items()},
        "distance_on": source,
        "first_poem_seconds": round(first, 2),
    }
    print(json.dumps(numbers, ensure_ascii=False))


def print_table(ways: list[Way], rates: dict[str, float], speedups: dict[str, float]) -> None:
    rows = [HEADINGS]
    for way in ways:
        rate, ratio = rates[way.name], f"{speedups[way.name]:.1f}×"
        rows.append((way.label, str(way.poems), f"{way.seconds:.2f}", f"{rate:.0f}", ratio))
    widths = [max(display_width(row[column]) for row in rows) for column in range(len(HEADINGS))]
    for label, *rest in rows:
        cells = (
            " " * (width - display_width(cell)) + cell for cell, width in zip(rest, widths[1:], strict=True)
        )
        print("  ".join((pad(label, widths[0]), *cells)))


if __name__ == "__main__":
    run_door(main)
