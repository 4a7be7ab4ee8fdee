"""Which device a setting means. Run: pytest tests/test_model_device.py"""

from __future__ import annotations

import pytest
import torch

from shici.errors import ConfigError
from shici.model.device import choose_device


@pytest.mark.parametrize(
    ("name", "gpus", "local_rank", "device"),
    [
        ("auto", 0, 0, "cpu"), ("auto", 2, 1, "cuda:1"), ("cpu", 2, 1, "cpu"), ("cuda", 2, 0, "cuda:0"),
        ("cuda", 2, 1, "cuda:1"), ("cuda:1", 2, 0, "cuda:1"),
    ],
)  # fmt: skip
def test_devices(monkeypatch: pytest.MonkeyPatch, name: str, gpus: int, local_rank: int, device: str) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: gpus > 0)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: gpus)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    assert choose_device(name, local_rank) == torch.device(device)


@pytest.mark.parametrize(
    ("name", "gpus"), [("cuda", 0), ("cuda:9", 1), ("mps", 0), ("toaster", 0), ("meta", 0)]
)
def test_what_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch, name: str, gpus: int) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: gpus > 0)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: gpus)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    with pytest.raises(ConfigError, match=name.partition(":")[0]):
        choose_device(name)
