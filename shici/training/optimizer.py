"""AdamW, and Muon beside it, on float32 masters of whatever precision the model computes in.

A bf16 weight of 1.0 cannot hold a step of 0.001; so the model's parameters are working copies, the optimizer moves
float32 masters, and after each step the copies are rounded from them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from shici.config.train import TrainSettings
from shici.model.gpt import GPT

State = dict[str, Any]


def is_matrix(name: str, parameter: Tensor) -> bool:
    """Whether Muon moves this parameter: the matrices of the layers, not the embeddings."""
    return ".h." in name and parameter.ndim == 2


def with_masters(model: GPT, dtype: torch.dtype, settings: TrainSettings) -> tuple[GPT, MasterOptimizer]:
    """The model in `dtype`, and an optimizer whose masters are its float32 weights as they came."""
    if dtype == torch.float32:
        return model, MasterOptimizer(model, dict(model.named_parameters()), settings)
    masters = {name: nn.Parameter(p.detach().clone()) for name, p in model.named_parameters()}
    return model.to(dtype), MasterOptimizer(model, masters, settings)


class MasterOptimizer:
    """The optimizers of a run and the float32 masters that they move.

    masters: parameter name -> float32 tensor (the parameter itself where the model computes in float32).
    pieces: what Muon moves of them; they share the masters' memory.
    """

    def __init__(self, model: GPT, masters: Mapping[str, nn.Parameter], settings: TrainSettings) -> None:
        self.model = model
        self.parameters = dict(model.named_parameters())
        self.masters = dict(masters)
        self.grad_clip = settings.grad_clip
        self.pieces = _pieces(self.masters, settings)
        self.optimizers = _optimizers(self.masters, self.pieces, settings)
        for optimizer in self.optimizers.values():
            for group in optimizer.param_groups:
                group["base_lr"] = group["lr"]

    def set_lr(self, share: float) -> None:
        """Every learning rate becomes `share` of its peak."""
        for optimizer in self.optimizers.values():
            for group in optimizer.param_groups:
                group["lr"] = group["base_lr"] * share

    def step(self) -> Tensor:
        """Move the masters by the gradients of the model's parameters, round the copies, clear the gradients.

        Returns the norm of the gradients before clipping: ().
        """
        pairs = [(self.masters[name], p) for name, p in self.parameters.items()]
        for master, parameter in pairs:
            if master is not parameter and parameter.grad is not None:
                master.grad = parameter.grad.float()
        limit = self.grad_clip or float("inf")
        norm = torch.nn.utils.clip_grad_norm_([master for master, _ in pairs], limit)
        for name, pieces in self.pieces.items():
            for piece, grad in zip(pieces, _chunks(self.masters[name].grad, len(pieces)), strict=True):
                piece.grad = grad
        for optimizer in self.optimizers.values():
            optimizer.step()
        self.round_copies()
        for master, parameter in pairs:
            master.grad = parameter.grad = None
        return norm

    @torch.no_grad()
    def round_copies(self) -> None:
        """Give the model the masters' values in its own precision."""
        for name, parameter in self.parameters.items():
            if self.masters[name] is not parameter:
                parameter.copy_(self.masters[name])

    def weights(self, values: Mapping[str, Tensor] | None = None) -> dict[str, Tensor]:
        """The model's state dict in float32, from the masters, or from other `values` for the same parameters."""
        state = self.model.state_dict()
        state.update({name: value.detach() for name, value in (values or self.masters).items()})
        state["lm_head.weight"] = state[
            "transformer.wte.weight"
        ]  # tied, and listed once among the parameters
        return state

    def state(self) -> State:
        """State of all optimizers, for a checkpoint."""
        return {name: optimizer.state_dict() for name, optimizer in self.optimizers.items()}

    def load(self, state: State) -> None:
        """Continue from `state()` of an optimizer of the same kind, with the rates and decays of this run."""
        for name, optimizer in self.optimizers.items():
            own = [{k: v for k, v in group.items() if k != "params"} for group in optimizer.param_groups]
            optimizer.load_state_dict(state[name])  # brings the saved run's rates and decays along
            for group, values in zip(optimizer.param_groups, own, strict=True):
                group.update(values)


def _pieces(masters: Mapping[str, Tensor], settings: TrainSettings) -> dict[str, list[nn.Parameter]]:
    """What Muon moves, by the name of the master whose memory it is: all of it, or its rows for Q, K and V apart."""
    if settings.optimizer != "muon":
        return {}
    matrices = {name: master for name, master in masters.items() if is_matrix(name, master)}
    counts = {n: 3 if settings.muon_split_qkv and n.endswith("c_attn.weight") else 1 for n in matrices}
    return {n: [nn.Parameter(rows) for rows in p.detach().chunk(counts[n])] for n, p in matrices.items()}


def _chunks(grad: Tensor | None, count: int) -> Sequence[Tensor | None]:
    return [None] * count if grad is None else grad.chunk(count)


def _optimizers(
    masters: Mapping[str, Tensor], pieces: Mapping[str, list[nn.Parameter]], settings: TrainSettings
) -> dict[str, torch.optim.Optimizer]:
    rest = [(n, p) for n, p in masters.items() if n not in pieces]
    groups = [
        {"params": [p for _, p in rest if p.ndim >= 2], "weight_decay": settings.weight_decay},
        {"params": [p for _, p in rest if p.ndim < 2], "weight_decay": 0.0},
    ]
    betas = (settings.beta1, settings.beta2)
    found: dict[str, torch.optim.Optimizer] = {
        "adamw": torch.optim.AdamW(
            groups, lr=settings.learning_rate, betas=betas, fused=_can_fuse(masters.values())
        )
    }
    if pieces:
        found["muon"] = torch.optim.Muon(
            [piece for name in pieces for piece in pieces[name]],
            lr=settings.muon_learning_rate,
            weight_decay=settings.muon_weight_decay,
            momentum=0.95,
        )
    return found


def _can_fuse(tensors: Iterable[Tensor]) -> bool:
    return all(tensor.device.type in ("cpu", "cuda") for tensor in tensors)
