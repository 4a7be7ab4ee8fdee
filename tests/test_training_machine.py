"""What a run computes with: its name for the checkpoint, and what it lets oneDNN keep.

Run: pytest tests/test_training_machine.py
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import torch

from shici.training import machine
from shici.training.machine import KEPT_PRIMITIVES, Machine, hardware, set_up
from tests.tiny import tiny_settings


def test_a_machine_is_described_by_processor_threads_and_precision(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        machine, "_cpuinfo", lambda: "processor\t: 0\nmodel name\t: AMD EPYC 9B14\nflags\t: fpu\n"
    )
    found = Machine(torch.device("cpu"), torch.bfloat16, compile=False, world=2).describe()
    threads = torch.get_num_threads()
    assert found["hardware"].startswith(f"AMD EPYC 9B14, {threads} thread")
    assert (found["dtype"], found["processes"]) == ("bfloat16", 2)


def test_a_machine_without_cpuinfo_has_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "_cpuinfo", lambda: "")
    monkeypatch.setattr(machine.platform, "processor", lambda: "")
    monkeypatch.setattr(machine.platform, "machine", lambda: "arm64")
    assert hardware(torch.device("mps")) == "arm64, mps"


def test_few_primitives_are_kept_unless_the_user_wants_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = KEPT_PRIMITIVES
    monkeypatch.setenv(one, "512")
    monkeypatch.setenv(other, "")  # so that it is put back as it was
    monkeypatch.delenv(other)
    set_up(tiny_settings(tmp_path, tmp_path))
    assert (os.environ[one], os.environ[other]) == ("512", KEPT_PRIMITIVES[other])
