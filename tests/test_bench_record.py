"""What the record is reckoned with: losses, clocks, unfinished runs. Run: pytest tests/test_bench_record.py"""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import torch

from bench.record import Finished, finished, in_company, speeds, table
from shici.checkpoint import LAST, model_of, read_checkpoint
from shici.config.train import TrainSettings
from shici.errors import TrainingError
from shici.model.gpt import GPT, GPTConfig
from shici.training import main as training
from shici.training.machine import set_up
from shici.training.start import begin
from tests.tiny import tiny_arguments, tiny_dataset, tiny_settings


@pytest.fixture
def data(tmp_path: Path) -> Path:
    tiny_dataset(tmp_path / "data")
    return tmp_path / "data"


def test_a_uniform_model_in_company_is_as_good_as_alone(data: Path) -> None:
    """Every token of the verse is counted once: ln V whatever the windows are."""
    start = begin(TrainSettings(dataset=str(data)))
    model = GPT(GPTConfig(16, len(start.vocabulary), n_layer=1, n_head=1, n_embd=8)).eval()
    torch.nn.init.zeros_(model.lm_head.weight)
    nats = in_company(model, start.train, start.vocabulary.body, start.vocabulary.bos)
    assert nats == pytest.approx(math.log(len(start.vocabulary)), rel=1e-5)


def test_clocks_are_tokens_over_speed() -> None:
    baseline = Finished(Path("out/theirs"), TrainSettings(), 6_000_000, 5.0)
    ours = Finished(Path("out/ours"), TrainSettings(), 1_200_000, 4.9)
    rows = table(baseline, [ours], {"nanoGPT": 1000.0, "ours": 2000.0})
    assert [(row["run"], row["minutes"], row["times"]) for row in rows] == [
        ("theirs", 100.0, 1.0),
        ("ours", 10.0, 10.0),
    ]


def test_a_run_is_scored_when_it_is_finished_and_not_before(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    training.main(tiny_arguments(data, out, max_iters=2))
    settings = TrainSettings(dataset=str(data), device="cpu", dtype="float32")
    start, machine = begin(settings), set_up(settings)
    found = finished(out, start, machine)
    assert found.tokens > 0
    assert 0.0 < found.nats < 2 * math.log(len(start.vocabulary))
    training.main(tiny_arguments(data, tmp_path / "short", max_iters=40, max_minutes=0.00001))
    with pytest.raises(TrainingError, match="of 40"):
        finished(tmp_path / "short", start, machine)


def test_a_baseline_with_short_windows_is_scored_on_whole_poems(data: Path, tmp_path: Path) -> None:
    """Alone, its poems would be cut off at 16 tokens."""
    out = tmp_path / "out"
    windows = {
        "data_order": "windows",
        "field_dropout": 0.0,
        "bare_share": 1.0,
        "block_size": 16,
        "max_iters": 2,
    }
    training.main(tiny_arguments(data, out, **windows))
    settings = TrainSettings(dataset=str(data), device="cpu", dtype="float32")
    start, machine = begin(settings), set_up(settings)
    model = model_of(read_checkpoint(out / LAST), out / LAST)
    company = in_company(model, start.val, start.vocabulary.body, start.vocabulary.bos)
    assert finished(out, start, machine).nats == pytest.approx(company)


def test_each_loop_is_timed_with_the_sizes_of_its_run(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = tiny_settings(data, Path("theirs"), block_size=16, batch_size=12, n_embd=16, dropout=0.2)
    ours = tiny_settings(data, Path("ours"), block_size=64, batch_size=4)
    made: list[GPTConfig] = []
    build = GPT.__init__

    def noted(self: GPT, config: GPTConfig) -> None:
        made.append(config)
        build(self, config)

    start = begin(ours)
    monkeypatch.setattr(GPT, "__init__", noted)
    runs = [Finished(Path("out"), settings, 1, 1.0) for settings in (ours, theirs)]
    speed = speeds(*runs, start, None, rounds=1)
    assert min(speed.values()) > 0
    assert [(c.block_size, c.n_embd, c.dropout) for c in made] == [(16, 16, 0.2), (64, 32, 0.0)]
