"""Where to compute: the device that a setting names, or the best there is."""

from __future__ import annotations

import torch

from shici.errors import ConfigError


def choose_device(name: str, local_rank: int = 0) -> torch.device:
    """auto: CUDA where there is one, else Apple's MPS, else the CPU. Raises ConfigError if it is not there.

    local_rank: the number of this process on this machine, which takes the GPU of that number unless one is named.
    """
    present = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if name == "auto":
        name = next(kind for kind in ("cuda", "mps", "cpu") if present[kind])
    try:
        device = torch.device(name)
    except RuntimeError:
        raise ConfigError(
            f"不认识的设备 {name!r}，应为 auto、cpu、cuda、cuda:0 或 mps。",
            f"Unknown device {name!r}; expected auto, cpu, cuda, cuda:0 or mps.",
        ) from None
    if device.type == "cuda" and device.index is None:
        device = torch.device("cuda", local_rank)
    absent = device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count()
    if absent or not present.get(device.type, False):
        raise ConfigError(
            f"这台机器上没有 {device}。请去掉 --device，或用 --device=cpu。",
            f"This machine has no {device}. Leave --device out, or use --device=cpu.",
        )
    return device
