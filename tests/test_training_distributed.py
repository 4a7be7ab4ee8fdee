"""Two processes are one: the same losses with the same global batch. Run: pytest tests/test_training_distributed.py"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from shici.checkpoint import read_checkpoint
from shici.training import main as training
from shici.training.journal import read_log
from tests.tiny import tiny_arguments, tiny_dataset


def losses(out: Path, column: str) -> list[float]:
    return [float(row[column]) for row in read_log(out / "log.csv") if row[column]]


def test_two_gloo_processes_lose_what_one_loses(tmp_path: Path, root: Path) -> None:
    tiny_dataset(tmp_path / "data")
    # 512 tokens a step in micro-batches of 4,096 at most: one a step, whose rows the two share
    changes = {"dtype": "float32", "log_interval": 1, "batch_size": 8}
    training.main(tiny_arguments(tmp_path / "data", tmp_path / "one", **changes))
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--nproc_per_node=2", "--master_port=29511"]
    done = subprocess.run(
        [*torchrun, str(root / "train.py"), *tiny_arguments(tmp_path / "data", tmp_path / "two", **changes)],
        capture_output=True, text=True, timeout=180, cwd=root, check=False, env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "2 个进程" in done.stdout
    for column in ("train_loss", "val_loss", "val_fields_loss"):
        assert losses(tmp_path / "two", column) == pytest.approx(losses(tmp_path / "one", column), abs=2e-4)
    assert len(losses(tmp_path / "two", "train_loss")) == 20
    one, two = (read_checkpoint(tmp_path / name / "ckpt.pt") for name in ("one", "two"))
    assert one["progress"]["tokens"] == two["progress"]["tokens"]
