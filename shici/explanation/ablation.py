"""A head silenced: its slice of what the output projection reads is set to zero, or to its mean over reference poems.

Zero takes the head out of the sum but leaves the layer with numbers it never meets in use; the mean takes out only
what the head says of this line and keeps what it always says (Wang et al. 2022, "Interpretability in the wild", §2).
Neither shows what other heads would have taken over had the model been trained without it.

The model itself is not touched: a twin that shares its parameters gets hooks, so that other readers of the same
model see nothing. The trace of a twin holds the head's own output before it is silenced.

Letters: L layers, nh heads, hs head size, T positions.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from shici.model.gpt import GPT, causal_mask

Head = tuple[int, int]
"""Layer and head, from 0."""


def twin_of(model: GPT) -> GPT:
    """A model of its own for hooks, with the very same parameters: it takes no memory of theirs again."""
    shared = {id(parameter): parameter for parameter in model.parameters()}
    twin: GPT = copy.deepcopy(model, shared)
    return twin


def without_heads(model: GPT, heads: Iterable[Head], means: Tensor | None = None) -> GPT:
    """A twin in which these heads are silenced, for reading, writing and traces.

    means: (L, nh, hs) as `head_means` returns them, what a silenced head says instead; None for zero.
    Raises IndexError for a head that the model does not have.
    """
    twin, size = twin_of(model), model.config.n_embd // model.config.n_head
    for layer, head in heads:
        if not (0 <= layer < model.config.n_layer and 0 <= head < model.config.n_head):
            raise IndexError(f"no head ({layer}, {head})")
        value = None if means is None else means[layer, head]

        def silence(
            module: nn.Module, inputs: tuple[Any, ...], head: int = head, value: Tensor | None = value
        ) -> tuple[Tensor]:
            joined = inputs[0].clone()  # (B, T, C)
            joined[..., head * size : (head + 1) * size] = 0.0 if value is None else value.to(joined)
            return (joined,)

        projection(twin, layer).register_forward_pre_hook(silence)
    return twin


def projection(model: GPT, layer: int) -> nn.Module:
    """The output projection of a layer's attention: what reads the heads side by side."""
    found: nn.Module = model.get_submodule(f"transformer.h.{layer}.attn.c_proj")
    return found


@torch.inference_mode()
def head_means(model: GPT, rows: Sequence[Sequence[int]]) -> Tensor:
    """(L, nh, hs) float32: each head's output, averaged over all tokens of `rows` but the first of each row.

    The first token of a row sees only itself, so what a head says there it says nowhere else. Zero without rows.
    """
    c, device = model.config, model.lm_head.weight.device
    total, count = torch.zeros(c.n_layer, c.n_head, c.n_embd // c.n_head, dtype=torch.float64), 0
    for row in rows:
        layers = model(torch.tensor([list(row)], device=device), return_details=True)[2].layers
        total += torch.stack([layer.heads[0, :, 1:].cpu().double().sum(1) for layer in layers])  # (L, nh, hs)
        count += len(row) - 1
    return (total / max(1, count)).float()


@torch.inference_mode()
def token_losses(model: GPT, ids: Sequence[int]) -> Tensor:
    """(T - 1,) nats of each token given those before it; ids: at most a block."""
    row = torch.tensor([list(ids)], device=model.lm_head.weight.device)
    return losses_of(model(row[:, :-1], return_details=True)[2].logits, row[:, 1:])[0]


@torch.inference_mode()
def losses_without_each_head(model: GPT, ids: Sequence[int], means: Tensor | None = None) -> Tensor:
    """(L, nh, T - 1) nats of each token where one head is silenced (see `without_heads`); ids: at most a block.

    A layer's heads go together, one to a row, from the residual that the layer reads: what lies below is the same.
    """
    c = model.config
    size, device = c.n_embd // c.n_head, model.lm_head.weight.device
    row = torch.tensor([list(ids)], device=device)
    mask = causal_mask(len(ids) - 1, len(ids) - 1, device)
    found = []
    for layer, traced in enumerate(model(row[:, :-1], return_details=True)[2].layers):
        twin = twin_of(model)

        def silence(module: nn.Module, inputs: tuple[Any, ...], layer: int = layer) -> tuple[Tensor]:
            joined = inputs[0].clone()  # (nh, T - 1, C)
            for head in range(c.n_head):
                value = 0.0 if means is None else means[layer, head].to(joined)
                joined[head, :, head * size : (head + 1) * size] = value
            return (joined,)

        projection(twin, layer).register_forward_pre_hook(silence)
        x = traced.residual_in.expand(c.n_head, -1, -1)  # (nh, T - 1, C)
        for above in range(layer, c.n_layer):
            x = twin.transformer.h[above](x, mask, above, None, None)
        logits = twin.lm_head(twin.transformer.ln_f(x))  # (nh, T - 1, V)
        found.append(losses_of(logits, row[:, 1:].expand(c.n_head, -1)))
    return torch.stack(found)


def losses_of(logits: Tensor, targets: Tensor) -> Tensor:
    """(B, T) float32 on the CPU, nats, reckoned in float64; logits: (B, T, V), targets: (B, T)."""
    logits, targets = logits.cpu().double(), targets.cpu()  # not every device has float64
    losses = F.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="none")
    return losses.view(targets.shape).float()
