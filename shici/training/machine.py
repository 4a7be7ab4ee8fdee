"""What a run computes with: device, precision, compilation, and the processes it shares its work with."""

from __future__ import annotations

import gc
import os
import platform
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist

from shici.config.train import TrainSettings
from shici.model.device import choose_device

# oneDNN and torch's layer above it each keep 1,024 primitives, made for one shape; nearly every micro-batch has a shape
# of its own, and what they keep cuts the heap into pieces: 5.8 GB. A step reuses a few dozen, in all its layers.
KEPT_PRIMITIVES = {"ONEDNN_PRIMITIVE_CACHE_CAPACITY": "64", "LRU_CACHE_CAPACITY": "64"}


@dataclass(frozen=True, slots=True)
class Machine:
    """device: where this process computes. dtype: of the working weights. rank, world: this process and how many."""

    device: torch.device
    dtype: torch.dtype
    compile: bool
    rank: int = 0
    world: int = 1

    @property
    def is_main(self) -> bool:
        """Whether this process writes files and prints."""
        return self.rank == 0

    def total(self, value: float) -> float:
        """The sum of `value` over all processes."""
        if self.world == 1:
            return value
        # gloo sums on the CPU, nccl on the GPU
        tensor = torch.tensor(
            value, dtype=torch.float64, device="cpu" if dist.get_backend() == "gloo" else self.device
        )
        dist.all_reduce(tensor)
        return float(tensor)

    def meet(self) -> None:
        """Wait for the other processes: none leaves while the main one still writes."""
        if self.world > 1:
            dist.barrier()

    def any(self, flag: bool) -> bool:
        """Whether `flag` is set in some process."""
        return self.total(float(flag)) > 0

    def describe(self) -> dict[str, Any]:
        """As a checkpoint keeps it: what a model was trained on."""
        return {
            "hardware": hardware(self.device),
            "dtype": str(self.dtype).removeprefix("torch."),
            "processes": self.world,
        }


def hardware(device: torch.device) -> str:
    """The processor's name, with how many threads compute on a CPU."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    found = re.search(r"model name\s*:\s*(.+)", _cpuinfo())
    name = found[1].strip() if found else platform.processor() or platform.machine()
    if device.type != "cpu":
        return f"{name}, {device.type}"
    threads = torch.get_num_threads()
    return f"{name}, {threads} thread{'s' if threads > 1 else ''}"


def _cpuinfo() -> str:
    path = Path("/proc/cpuinfo")  # of Linux alone
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""


def set_up(settings: TrainSettings) -> Machine:
    """Choose device and precision, and join the other processes when torchrun started this one.

    To be called before anything is computed: the limits to oneDNN's memory are read once.
    """
    for name, count in KEPT_PRIMITIVES.items():
        os.environ.setdefault(name, count)
    rank, world = int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1"))
    device = choose_device(settings.device, int(os.environ.get("LOCAL_RANK", "0")))
    if world > 1:
        backend = (
            settings.backend if settings.backend != "auto" else "nccl" if device.type == "cuda" else "gloo"
        )
        dist.init_process_group(backend)
    if device.type == "cuda":
        torch.cuda.set_device(device)
    wanted = settings.compile.lower()
    compiled = device.type == "cuda" if wanted == "auto" else wanted == "true"
    return Machine(device, _dtype(settings.dtype, device), compiled, rank, world)


def tear_down(machine: Machine) -> None:
    """Leave the other processes."""
    if machine.world > 1:
        # DDP sits in reference cycles; one that outlives its group aborts the process now and then as Python exits
        gc.collect()
        dist.destroy_process_group()


def _dtype(name: str, device: torch.device) -> torch.dtype:
    """bf16 where the processor multiplies it faster than float32; elsewhere it is only emulated."""
    if name != "auto":
        return {"float32": torch.float32, "bfloat16": torch.bfloat16}[name]
    if device.type == "cuda":
        fast = torch.cuda.is_bf16_supported(including_emulation=False)
    elif device.type == "cpu":
        fast = torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
    else:
        fast = False
    return torch.bfloat16 if fast else torch.float32
