"""The parts of a recipe that can be switched on: averaging, masking, ramp, zero start, nanoGPT's windows.

Run: pytest tests/test_training_recipe.py
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
import torch

import shici.training.main as training
from shici.checkpoint import load_model, read_checkpoint
from shici.errors import TrainingError
from shici.training import loop
from shici.training.average import Average
from shici.training.batches import BatchPlan, steps
from shici.training.documents import split_documents
from shici.training.masking import InputMask
from shici.training.start import begin
from shici.training.windows import WindowSource, stream_of
from tests.tiny import tiny_arguments, tiny_dataset, tiny_settings
from tests.tiny_writer import VOCABULARY

EVERYTHING = {
    "average": 0.9, "input_masking": 0.1, "batch_ramp_iters": 6, "dropout": 0.1, "zero_init": True,
    "gradient_accumulation_steps": 2, "batch_size": 4,
}  # fmt: skip


@pytest.fixture
def data(tmp_path: Path) -> Path:
    tiny_dataset(tmp_path / "data")
    return tmp_path / "data"


@pytest.mark.parametrize("order", ["poems", "windows"])
def test_a_run_with_everything_on_resumes_exactly(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, order: str
) -> None:
    monkeypatch.setattr(loop, "MICRO_TOKENS", {"cpu": 128})
    changes = {**EVERYTHING, "data_order": order}
    training.main(tiny_arguments(data, tmp_path / "whole", **changes))
    training.main(
        tiny_arguments(data, tmp_path / "broken", **{**changes, "max_iters": 7, "lr_decay_iters": 20})
    )
    training.main(tiny_arguments(data, tmp_path / "broken", init_from="resume", **changes))
    whole, broken = (read_checkpoint(tmp_path / name / "ckpt.pt") for name in ("whole", "broken"))
    for weights in ("model", "raw_model"):
        assert all(torch.equal(whole[weights][key], broken[weights][key]) for key in whole[weights])
    assert not torch.equal(whole["model"]["lm_head.weight"], whole["raw_model"]["lm_head.weight"])


def test_the_average_is_what_is_evaluated_and_loaded(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    training.main(tiny_arguments(data, out, average=0.9, dtype="float32"))
    checkpoint = read_checkpoint(out / "ckpt.pt")
    shown = load_model(out / "ckpt.pt").model.lm_head.weight
    assert torch.equal(shown, checkpoint["model"]["lm_head.weight"])
    with (out / "log.csv").open(encoding="utf-8") as file:
        logged = [float(row["val_loss"]) for row in csv.DictReader(file) if row["val_loss"]]
    assert checkpoint["best_val_loss"] == pytest.approx(min(logged), abs=1e-4)


def test_evaluating_alone_evaluates_the_average(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    training.main(tiny_arguments(data, out, average=0.9, dtype="float32", eval_iters=1000))
    expected = read_checkpoint(out / "ckpt.pt")["best_val_loss"]
    for settings in ({"average": 0.9}, {}):
        capsys.readouterr()
        training.main(
            tiny_arguments(data, out, init_from="resume", eval_only=True, dtype="float32", **settings)
        )
        assert f"验证损失 {expected:.4f}" in capsys.readouterr().out


def test_the_average_is_the_weighted_mean_of_all_steps() -> None:
    weight = torch.zeros(1)
    average = Average({"w": weight}, decay=0.5)
    expected, mean = 0.0, [0.0]
    for step in range(1, 21):
        weight.fill_(float(step))
        average.update({"w": weight})
        decay = min(0.5, step / (step + 9))
        expected = decay * expected + (1 - decay) * step
        mean.append(expected)
    assert float(average.values["w"]) == pytest.approx(expected, rel=1e-5)
    with average.in_place_of({"w": weight}):
        assert float(weight) == pytest.approx(expected, rel=1e-5)
    assert float(weight) == 20.0


def test_the_mask_hides_its_share_of_characters_and_no_control_token() -> None:
    idx = torch.arange(len(VOCABULARY)).repeat(200, 1)
    torch.manual_seed(0)
    masked = InputMask(VOCABULARY, 0.1)(idx)
    hidden = masked != idx
    assert not hidden[:, : VOCABULARY.control_count].any()
    assert (masked[hidden] == VOCABULARY.ids["<mask>"]).all()
    assert 0.09 < float(hidden[:, VOCABULARY.control_count :].float().mean()) < 0.11


def test_a_zero_start_makes_every_block_the_identity(data: Path, tmp_path: Path) -> None:
    model = begin(tiny_settings(data, tmp_path / "out", zero_init=True)).model
    trace = model(torch.randint(0, 30, (1, 9)), return_details=True)[2]
    assert all(torch.equal(layer.residual_in, layer.residual_out) for layer in trace.layers)


def test_steps_grow_along_the_ramp_and_are_whole_behind_it(data: Path) -> None:
    vocabulary = tiny_dataset(data.parent / "more")
    documents = split_documents(np.fromfile(data / "train.bin", dtype=np.uint16), vocabulary)
    plan = BatchPlan(step_tokens=512, block_size=64, micro_tokens=64, ramp_steps=4)
    sizes = [len(step.micro) for step in steps(documents, plan, 0)]
    assert sizes[:5] == [2, 4, 5, 6, 8]
    assert set(sizes[4:]) == {8}
    assert {len(step.micro) for step in steps(documents, plan, 1)} == {8}, "later epochs begin whole"
    again = [step.micro for step in steps(documents, plan, 0, start=3)]
    assert again == [step.micro for step in steps(documents, plan, 0)][3:]


def test_windows_are_read_from_anywhere_in_the_stream(data: Path) -> None:
    vocabulary = tiny_dataset(data.parent / "more")
    documents = split_documents(np.fromfile(data / "train.bin", dtype=np.uint16), vocabulary)
    plan = BatchPlan(step_tokens=256, block_size=32, micro_tokens=128, bare_share=1.0, seed=3)
    source = WindowSource(documents, plan)
    text = vocabulary.decode(source.stream.tolist(), controls=True)
    assert "<author>" not in text, "the fields are dropped as the plan says"
    assert "<eos><bos><body>" in text
    step = next(source.steps(0))
    assert step.target_count == 256
    for batch in source.batches(step):
        for row, target in zip(batch.idx.tolist(), batch.targets.tolist(), strict=True):
            assert row[1:] == target[:-1]
            assert vocabulary.decode([*row, target[-1]], controls=True) in text
    shares = [list(source.batches(step, rank, 3)) for rank in range(3)]
    together = sorted(tuple(row) for share in shares for batch in share for row in batch.idx.tolist())
    assert together == sorted(tuple(row) for batch in source.batches(step) for row in batch.idx.tolist())


def test_a_text_shorter_than_a_window_is_refused(data: Path) -> None:
    vocabulary = tiny_dataset(data.parent / "more")
    documents = split_documents(np.fromfile(data / "train.bin", dtype=np.uint16), vocabulary)
    plan = BatchPlan(step_tokens=99999, block_size=99999)
    with pytest.raises(TrainingError, match="block_size"):
        WindowSource(documents, plan)
    assert len(stream_of(documents, plan)) == len(documents.tokens)


def test_windows_cannot_lose_against_nothing(data: Path, tmp_path: Path) -> None:
    """The comparison run learns: its loss falls on the poems that are evaluated."""
    training.main(tiny_arguments(data, tmp_path / "out", data_order="windows", bare_share=1.0, max_iters=40))
    with (tmp_path / "out" / "log.csv").open(encoding="utf-8") as file:
        losses = [float(row["val_loss"]) for row in csv.DictReader(file) if row["val_loss"]]
    assert losses[-1] < losses[0] - 0.5
