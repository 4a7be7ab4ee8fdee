"""Training needs torch, numpy and safetensors, and nothing else. Run: pytest tests/test_training_alone.py"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.tiny import tiny_arguments, tiny_dataset

# What torch itself needs stays importable; everything else that the project may use does not exist here.
HIDDEN = ("opencc", "orjson", "streamlit", "tqdm", "matplotlib", "wandb", "tensorboard", "pypinyin", "plotly")
ALONE = f"""
import sys
from importlib.machinery import ModuleSpec
class Hidden:
    def find_spec(self, name, path=None, target=None):
        return ModuleSpec(name, self) if name.partition(".")[0] in {HIDDEN!r} else None
    def create_module(self, spec):
        raise ModuleNotFoundError(spec.name)
    def exec_module(self, module):
        raise AssertionError
sys.meta_path.insert(0, Hidden())
from shici.training.main import main
sys.exit(main(sys.argv[1:]))
"""


def test_it_trains_where_nothing_else_is_installed(tmp_path: Path, root: Path) -> None:
    tiny_dataset(tmp_path / "data")
    done = subprocess.run(
        [sys.executable, "-c", ALONE, *tiny_arguments(tmp_path / "data", tmp_path / "out")],
        capture_output=True, text=True, timeout=120, env={**os.environ, "PYTHONPATH": str(root)}, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "20/20" in done.stdout
    assert (tmp_path / "out" / "ckpt.pt").is_file()
    assert (tmp_path / "out" / "log.csv").is_file()
