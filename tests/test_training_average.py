"""scripts/average.py on checkpoints of a tiny model. Run: pytest tests/test_training_average.py"""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from scripts.average import main
from shici.checkpoint import load_model, model_arguments, read_checkpoint, save_checkpoint
from shici.errors import CheckpointError, ConfigError
from shici.model.gpt import GPT
from tests.tiny_writer import VOCABULARY, tiny_model


def saved(path: Path, model: GPT, **more: object) -> GPT:
    save_checkpoint(
        path,
        {
            "model": model.state_dict(), "model_args": model_arguments(model.config), "iter_num": 7,
            "optimizer": {"muon": {}}, "val_loss": 1.0, "best_val_loss": 1.0, "config": {}, "progress": {},
            "vocabulary": list(VOCABULARY.tokens), **more,
        },
    )  # fmt: skip
    return model


def average(folder: Path, share: float = 0.25) -> Path:
    words = [
        f"--earlier={folder / 'cooled.pt'}",
        f"--run={folder}",
        f"--share={share}",
        f"--to={folder / 'averaged'}",
    ]
    assert main(words) == 0
    return folder / "averaged" / "ckpt.pt"


def test_the_weights_lie_between_and_nothing_else_is_claimed(tmp_path: Path) -> None:
    first = saved(tmp_path / "cooled.pt", tiny_model(seed=1))
    second = saved(tmp_path / "ckpt.pt", tiny_model(seed=2))
    (tmp_path / "log.csv").write_text("iter\n7\n", encoding="utf-8")
    made = average(tmp_path)
    found = load_model(made)
    for name, weight in found.model.state_dict().items():
        expected = 0.75 * first.state_dict()[name] + 0.25 * second.state_dict()[name]
        torch.testing.assert_close(weight, expected)
    assert found.val_loss is None
    assert found.iter_num == 7
    assert "optimizer" not in read_checkpoint(made)
    assert (made.parent / "log.csv").read_text(encoding="utf-8") == "iter\n7\n"


def test_it_is_made_once_of_the_same_two(tmp_path: Path) -> None:
    for seed, name in enumerate(("cooled.pt", "ckpt.pt")):
        saved(tmp_path / name, tiny_model(seed=seed))
    written = average(tmp_path).stat().st_mtime_ns
    assert average(tmp_path).stat().st_mtime_ns == written
    assert average(tmp_path, 0.5).stat().st_mtime_ns != written
    saved(tmp_path / "ckpt.pt", tiny_model(seed=5))
    assert torch.equal(
        load_model(average(tmp_path, 1.0)).model.lm_head.weight, tiny_model(seed=5).lm_head.weight
    )


def test_strangers_are_not_averaged(tmp_path: Path) -> None:
    saved(tmp_path / "cooled.pt", tiny_model())
    saved(tmp_path / "ckpt.pt", tiny_model(), vocabulary=[*VOCABULARY.tokens[:-1], "龘"])
    with pytest.raises(CheckpointError, match="vocabulary differ"):
        average(tmp_path)
    with pytest.raises(ConfigError, match="--share"):
        average(tmp_path, 1.5)
    assert not (tmp_path / "averaged").exists()
