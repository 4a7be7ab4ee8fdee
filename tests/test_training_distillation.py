"""Learning from teachers: the objective against plain formulas, whole runs, and what cannot teach.

Run: pytest tests/test_training_distillation.py
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F

import shici.training.main as training
from shici.checkpoint import load_model, read_checkpoint
from shici.corpus.document import Document, encode_document
from shici.errors import CheckpointError, ConfigError
from shici.model.gpt import GPT, GPTConfig
from shici.model.losses import IGNORED, chunked_distillation
from shici.training.history import recipe_of
from shici.training.objective import Objective
from tests.tiny import COUPLETS, tiny_arguments, tiny_dataset, tiny_documents

SIZES = GPTConfig(block_size=24, vocab_size=31, n_layer=2, n_head=2, n_embd=16)
NOTHING_PACKED = (None, None)


def models(count: int) -> list[GPT]:
    torch.manual_seed(5)
    return [GPT(replace(SIZES, n_embd=16 * (k + 1))).eval() for k in range(count)]


def batch() -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(6)
    idx, targets = torch.randint(31, (2, 5, 20), generator=generator)
    targets[:, 13:] = IGNORED
    return idx, targets


def test_the_objective_is_cross_entropy_and_divergence_from_the_mean_of_the_teachers() -> None:
    (student, *teachers), (idx, targets) = models(3), batch()
    objective, nats = Objective(student, teachers, 0.3)(idx, targets, *NOTHING_PACKED, idx)

    counted = targets != IGNORED
    log_p = F.log_softmax(student(idx, idx)[0], dim=-1)[counted]  # (n, V)
    taught = torch.stack([F.softmax(t(idx, idx)[0], dim=-1)[counted] for t in teachers]).mean(dim=0)  # (n, V)
    cross_entropy = -log_p[torch.arange(len(log_p)), targets[counted]].sum()
    divergence = (taught * (taught.log() - log_p)).sum()
    torch.testing.assert_close(nats, cross_entropy.detach())
    torch.testing.assert_close(objective, 0.7 * cross_entropy + 0.3 * divergence)


@pytest.mark.parametrize("rows", [1, 7, 100, 999])
def test_the_size_of_the_pieces_changes_nothing(rows: int) -> None:
    (student, teacher), (idx, targets) = models(2), batch()
    x = [(m.features(idx).flatten(0, 1).detach(), m.lm_head.weight) for m in (student, teacher)]
    whole = chunked_distillation(*x[0], targets.flatten(), x[1:], 100)
    torch.testing.assert_close(chunked_distillation(*x[0], targets.flatten(), x[1:], rows), whole)


def test_its_own_copy_has_nothing_to_teach() -> None:
    (student,), (idx, targets) = models(1), batch()
    objective, _ = Objective(student, [student], 1.0)(idx, targets, *NOTHING_PACKED, idx)
    objective.backward()
    assert float(objective.detach()) == pytest.approx(0, abs=1e-3)
    for name, parameter in student.named_parameters():
        torch.testing.assert_close(parameter.grad, torch.zeros_like(parameter), rtol=0, atol=1e-4, msg=name)


def test_teachers_read_what_is_hidden_from_the_student() -> None:
    (student, teacher), (idx, targets) = models(2), batch()
    masked = idx.clone()
    masked[:, 3] = 0
    seen = Objective(student, [teacher], 1.0)(masked, targets, *NOTHING_PACKED, idx)[0]
    blind = Objective(student, [teacher], 1.0)(masked, targets, *NOTHING_PACKED, masked)[0]
    assert float(seen.detach()) != pytest.approx(float(blind.detach()), rel=1e-3)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    tiny_dataset(tmp_path / "data")
    return tmp_path / "data"


@pytest.fixture
def teacher(data: Path, tmp_path: Path) -> Path:
    out = tmp_path / "teacher"
    training.main(tiny_arguments(data, out, n_embd=64, max_iters=40, lr_decay_iters=40, dtype="float32"))
    return out


def test_a_student_comes_near_its_teacher(data: Path, teacher: Path, tmp_path: Path) -> None:
    """With the divergence alone, no target is ever shown to it."""
    out = tmp_path / "student"
    before = (teacher / "ckpt.pt").read_bytes()
    changes = {"teachers": teacher, "distillation": 1.0, "max_iters": 60, "dtype": "float32"}
    training.main(tiny_arguments(data, out, **changes))
    teaching, taught = load_model(teacher), load_model(out)
    fresh = GPT(taught.model.config)
    line = torch.tensor([encode_document(tiny_documents()[3], taught.vocabulary)])
    wanted = F.softmax(teaching.model(line, line)[0].detach(), dim=-1)
    far, near = (
        F.kl_div(F.log_softmax(m(line, line)[0].detach(), dim=-1), wanted, reduction="sum")
        for m in (fresh, taught.model)
    )
    assert float(near) < 0.5 * float(far)
    assert (teacher / "ckpt.pt").read_bytes() == before


def test_a_taught_run_resumes_exactly(data: Path, teacher: Path, tmp_path: Path) -> None:
    changes = {
        "teachers": f"{teacher},{teacher / 'ckpt.pt'}", "input_masking": 0.1, "dropout": 0.1, "lr_decay_iters": 20,
    }  # fmt: skip
    training.main(tiny_arguments(data, tmp_path / "whole", **changes))
    training.main(tiny_arguments(data, tmp_path / "broken", **{**changes, "max_iters": 7}))
    training.main(tiny_arguments(data, tmp_path / "broken", init_from="resume", **changes))
    whole, broken = (read_checkpoint(tmp_path / name / "ckpt.pt")["model"] for name in ("whole", "broken"))
    assert all(torch.equal(whole[key], broken[key]) for key in whole)


def test_who_cannot_teach_is_refused(data: Path, teacher: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="block_size is 65"):
        training.main(tiny_arguments(data, tmp_path / "a", teachers=teacher, block_size=65))
    tiny_dataset(tmp_path / "other", [Document(COUPLETS[0])] * 9)
    with pytest.raises(ConfigError, match="same data"):
        training.main(tiny_arguments(tmp_path / "other", tmp_path / "b", teachers=teacher, batch_size=2))
    with pytest.raises(CheckpointError, match="nowhere"):
        training.main(tiny_arguments(data, tmp_path / "c", teachers=tmp_path / "nowhere"))


def test_a_recipe_names_its_teachers_without_their_places() -> None:
    settings = {"seed": 1, "teachers": ["/somewhere/big", "wide"], "distillation": 0.4}
    assert recipe_of(settings) == {"seed": 1, "teachers": "big,wide", "distillation": 0.4}
    assert recipe_of({"seed": 1, "teachers": [], "distillation": 0.5}) == {"seed": 1}
