"""Masters, groups and the schedule. Run: pytest tests/test_training_optimizer.py"""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from shici.config.train import TrainSettings
from shici.model.gpt import GPT, GPTConfig
from shici.training.optimizer import with_masters
from shici.training.schedule import lr_share

CONFIG = GPTConfig(16, 40, n_layer=2, n_head=2, n_embd=8)
SETTINGS = TrainSettings(warmup_iters=10, max_iters=100, learning_rate=1e-3, min_lr=1e-4)


def some_loss(model: GPT) -> torch.Tensor:
    idx = torch.randint(40, (4, 16), generator=torch.Generator().manual_seed(0))
    total, count = model.loss(idx, idx.roll(-1, dims=1))
    return total / count


def test_masters_keep_steps_that_bf16_cannot() -> None:
    settings = replace(SETTINGS, optimizer="adamw", learning_rate=1e-5, weight_decay=0.0)
    model, optimizer = with_masters(GPT(CONFIG), torch.bfloat16, settings)
    with torch.no_grad():
        optimizer.masters["transformer.ln_f.weight"].fill_(1.0)
    optimizer.round_copies()
    for _ in range(50):
        some_loss(model).backward()
        optimizer.step()
    moved = (optimizer.masters["transformer.ln_f.weight"] - 1.0).abs().max()
    assert 1e-4 < moved < 2e-3  # less than the half of bf16's spacing below 1 is lost without masters
    assert torch.equal(model.transformer.ln_f.weight, optimizer.masters["transformer.ln_f.weight"].bfloat16())


def test_float32_needs_no_masters() -> None:
    model, optimizer = with_masters(GPT(CONFIG), torch.float32, SETTINGS)
    assert all(optimizer.masters[name] is parameter for name, parameter in model.named_parameters())


@pytest.mark.parametrize("kind", ["muon", "adamw"])
def test_every_parameter_is_moved_by_one_optimizer(kind: str) -> None:
    model, optimizer = with_masters(GPT(CONFIG), torch.float32, replace(SETTINGS, optimizer=kind))
    before = {name: p.detach().clone() for name, p in model.named_parameters()}
    some_loss(model).backward()
    optimizer.set_lr(1.0)
    optimizer.step()
    assert [name for name, p in model.named_parameters() if torch.equal(p, before[name])] == []
    groups = [g for o in optimizer.optimizers.values() for g in o.param_groups]
    assert sum(len(g["params"]) for g in groups) == len(before)


def test_muon_takes_the_layers_matrices_alone() -> None:
    _, optimizer = with_masters(GPT(CONFIG), torch.float32, SETTINGS)
    taken = [p for g in optimizer.optimizers["muon"].param_groups for p in g["params"]]
    assert len(taken) == 4 * CONFIG.n_layer
    assert {p.ndim for p in taken} == {2}


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_split_qkv_are_three_matrices_of_their_own(dtype: torch.dtype) -> None:
    """As if each had been handed to the library's Muon by itself; the other matrices move as they did."""
    moved = {}
    for split in (False, True):
        torch.manual_seed(0)
        model, optimizer = with_masters(GPT(CONFIG), dtype, replace(SETTINGS, muon_split_qkv=split))
        before = {name: master.detach().clone() for name, master in optimizer.masters.items()}
        some_loss(model).backward()
        gradients = {name: p.grad.float() for name, p in model.named_parameters() if p.grad is not None}
        optimizer.step()
        moved[split] = dict(optimizer.masters)
    for name, start in before.items():
        if not name.endswith("c_attn.weight"):
            assert torch.equal(moved[True][name], moved[False][name])
            continue
        rows = [torch.nn.Parameter(part.clone()) for part in start.chunk(3)]
        for part, grad in zip(rows, gradients[name].chunk(3), strict=True):
            part.grad = grad
        torch.optim.Muon(rows, lr=SETTINGS.muon_learning_rate, weight_decay=0.0, momentum=0.95).step()
        torch.testing.assert_close(moved[True][name], torch.cat(rows).detach(), rtol=0.05, atol=1e-3)
        assert not torch.allclose(moved[True][name], moved[False][name], rtol=0.05, atol=1e-3)


def test_a_resumed_optimizer_takes_the_settings_of_the_new_run() -> None:
    model, optimizer = with_masters(GPT(CONFIG), torch.float32, SETTINGS)
    some_loss(model).backward()
    optimizer.step()
    changed = replace(SETTINGS, learning_rate=5e-4, weight_decay=0.3, beta2=0.9, muon_learning_rate=0.02)
    model, resumed = with_masters(GPT(CONFIG), torch.float32, changed)
    resumed.load(optimizer.state())
    resumed.set_lr(1.0)
    first = resumed.optimizers["adamw"].param_groups[0]
    assert (first["lr"], first["weight_decay"], first["betas"]) == (5e-4, 0.3, (0.9, 0.9))
    assert resumed.optimizers["muon"].param_groups[0]["lr"] == 0.02
    moments = [optimizer.optimizers["adamw"].state_dict()["state"] for optimizer in (optimizer, resumed)]
    assert torch.equal(moments[0][0]["exp_avg"], moments[1][0]["exp_avg"])


def test_clipping_bounds_the_step() -> None:
    model, optimizer = with_masters(
        GPT(CONFIG), torch.float32, replace(SETTINGS, optimizer="adamw", grad_clip=0.1)
    )
    (some_loss(model) * 1000).backward()
    assert optimizer.step() > 0.1  # the norm before clipping


@pytest.mark.parametrize(
    ("schedule", "iteration", "share"),
    [
        ("cosine", 0, 1 / 11), ("cosine", 9, 10 / 11), ("cosine", 10, 1.0), ("cosine", 55, 0.55), ("cosine", 100, 0.1),
        ("cosine", 500, 0.1), ("wsd", 0, 1 / 11), ("wsd", 10, 1.0), ("wsd", 50, 1.0), ("wsd", 75, 0.55),
        ("wsd", 100, 0.1), ("wsd", 500, 0.1),
    ],
)  # fmt: skip
def test_schedule(schedule: str, iteration: int, share: float) -> None:
    assert lr_share(iteration, replace(SETTINGS, lr_schedule=schedule)) == pytest.approx(share)


def test_without_decay_the_rate_stays() -> None:
    assert lr_share(10_000, replace(SETTINGS, decay_lr=False)) == 1.0


def test_a_cooldown_longer_than_the_run_begins_after_the_warm_up() -> None:
    settings = replace(SETTINGS, cooldown_iters=5000, min_lr=0.0)
    assert lr_share(10, settings) == pytest.approx(1.0)
    assert lr_share(55, settings) == pytest.approx(0.5)
