"""The scripts that remake the release: the CPU's from end to end on a tiny text, both for what they refuse.

Run: pytest tests/test_training_release.py
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from itertools import permutations
from pathlib import Path

import pytest

from shici.checkpoint import load_model, read_checkpoint
from tests.tiny import COUPLETS

ROOT = Path(__file__).resolve().parent.parent
SIZES = ("--n_layer=1", "--n_head=2", "--n_embd=16", "--block_size=48", "--batch_size=4", "--device=cpu")
SHORT = ("--max_iters=2", "--warmup_iters=1", "--eval_iters=1", "--eval_interval=9", "--max_minutes=0.0001")
WRITTEN = ("ckpt.pt", "evaluation/report.json", "evaluation/report.txt", "evaluation/reliability.png")
RELEASED = (
    "model.safetensors",
    "config.json",
    "tokenizer.json",
    "head_scores.json",
    "history.json",
    "log.csv",
)


def own_text() -> str:
    """Two hundred poems of two couplets, the famous ones among them, with what the model card's poems ask for."""
    verses = [pair for pair in COUPLETS if len(pair) == 12]
    poems = [f"{a}\n{b}" for a, b in permutations(verses, 2)]
    famous = "静夜思\n李白\n床前明月光，疑是地上霜。\n举头望明月，低头思故乡。"
    return "\n\n".join([famous, *poems])


def script(name: str, *arguments: str, **environment: object) -> subprocess.CompletedProcess[str]:
    return bash(str(ROOT / "runs" / name), *arguments, **environment)


def bash(*arguments: str, **environment: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", *arguments],
        env={
            **os.environ,
            "SHICI_PYTHON": sys.executable,
            **{key: str(value) for key, value in environment.items()},
        },
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_the_release_is_remade_from_a_text_and_not_twice(tmp_path: Path) -> None:
    (tmp_path / "poems.txt").write_text(own_text(), encoding="utf-8")
    run, to = tmp_path / "run", tmp_path / "model"
    places = {
        "DATASET": tmp_path / "data", "PREPARE": f"--input={tmp_path / 'poems.txt'}", "RUN": run, "TO": to,
        "SAMPLES": 2, "REMARK": "试一试。",
    }  # fmt: skip
    done = script("release_cpu.sh", *SIZES, *SHORT, **places)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("== 训练") == 2, "ended by the clock after one step, and resumed"
    assert read_checkpoint(run / "ckpt.pt")["iter_num"] == 2
    for path in (*(run / name for name in WRITTEN), *(to / name for name in RELEASED)):
        assert path.is_file(), path
    assert load_model(to).model.config.n_layer == 1
    card = (to / "MODEL_CARD.md").read_text(encoding="utf-8")
    machine = read_checkpoint(run / "ckpt.pt")["machine"]
    assert "max_iters=2" in card
    assert f"{machine['hardware']}，{machine['dtype']}" in card
    assert "试一试。" in card
    assert "## 评测 Evaluation" in card
    assert json.loads((to / "config.json").read_text())["shici"]["iter_num"] == 2

    os.utime(run / "ckpt.pt")  # as if the run had been copied here after all
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()}
    again = script("release_cpu.sh", *SIZES, *SHORT, **places)
    assert again.returncode == 0, again.stderr
    assert again.stdout.count("==") == 1, "nothing is left to do"
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()} == before

    longer = script("release_cpu.sh", *SIZES, *SHORT, "--max_iters=3", **places)
    assert longer.returncode == 0, longer.stderr
    assert longer.stdout.count("==") == 6, "all but the corpus is made anew"


def test_a_second_part_takes_the_run_up_again(tmp_path: Path) -> None:
    (tmp_path / "poems.txt").write_text(own_text(), encoding="utf-8")
    words = " ".join(("config/train_poetry.py", *SIZES, "--warmup_iters=0", "--eval_iters=1"))
    parts = f"run={tmp_path}/run; train=({words} --max_iters=2); longer=({words} --max_iters=3)"
    steps = "source runs/steps.sh; make_environment; prepare_corpus; train_model"
    for count in (2, 0):
        done = bash(
            "-c", f"set -euo pipefail; {parts}; {steps}",
            DATASET=tmp_path / "data", PREPARE=f"--input={tmp_path / 'poems.txt'}",
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert done.stdout.count("== 训练") == count
        assert read_checkpoint(tmp_path / "run" / "ckpt.pt")["iter_num"] == 3


def test_a_teacher_is_trained_first_and_teaches(tmp_path: Path) -> None:
    (tmp_path / "poems.txt").write_text(own_text(), encoding="utf-8")
    words = " ".join(("config/train_poetry.py", *SIZES, *SHORT))
    parts = (
        f"run={tmp_path}/run; teacher=({words} --n_embd=32); train=({words}); longer=({words} --max_iters=3)"
    )
    steps = "source runs/steps.sh; make_environment; prepare_corpus; train_model"
    for count in (5, 0):
        done = bash(
            "-c", f"set -euo pipefail; {parts}; {steps}",
            DATASET=tmp_path / "data", PREPARE=f"--input={tmp_path / 'poems.txt'}",
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert done.stdout.count("== 训练") == count, "a step at a time: two, two and one more"
    student, teacher = (read_checkpoint(tmp_path / name / "ckpt.pt") for name in ("run", "run-teacher"))
    assert student["config"]["teachers"] == [str(tmp_path / "run-teacher")]
    assert teacher["config"]["teachers"] == []
    assert (student["model_args"]["n_embd"], teacher["model_args"]["n_embd"]) == (16, 32)
    assert (student["iter_num"], teacher["iter_num"]) == (3, 2)


def test_a_step_that_fails_ends_the_script(tmp_path: Path) -> None:
    done = script("release_cpu.sh", DATASET=tmp_path / "data", PREPARE=f"--input={tmp_path / 'none.txt'}")
    assert done.returncode == 2
    assert "none.txt" in done.stderr
    assert "== 训练" not in done.stdout


@pytest.mark.parametrize("name", ["release_cpu.sh", "release_gpu.sh", "record_cpu.sh"])
def test_a_script_can_be_read_by_bash(root: Path, name: str) -> None:
    assert subprocess.run(["bash", "-n", root / "runs" / name], check=False).returncode == 0


def test_without_a_gpu_the_script_says_so(tmp_path: Path) -> None:
    done = script("release_gpu.sh", DATASET=tmp_path / "data", CUDA_VISIBLE_DEVICES="")
    assert done.returncode == 1
    assert "release_cpu.sh" in done.stderr
    assert not list(tmp_path.iterdir())
