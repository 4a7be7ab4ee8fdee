"""GPT-2 written the obvious way, one position, one head, one formula at a time. Only tests import it.

It reads a GPT's parameters by name and owns none, so any difference from `gpt.py` is one of arithmetic.
Letters: T positions, C n_embd, hs head size, V vocabulary. No batch: one line of tokens.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from torch import Tensor

from shici.model.gpt import GPTConfig


def layer_norm(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    """(x - mean) / sqrt(variance + 1e-5), scaled and shifted; over the last axis."""
    centred = x - x.mean(dim=-1, keepdim=True)
    variance = (centred * centred).mean(dim=-1, keepdim=True)
    normed = centred / torch.sqrt(variance + 1e-5) * weight
    return normed if bias is None else normed + bias


def linear(x: Tensor, parameters: Mapping[str, Tensor], name: str) -> Tensor:
    """x W^T (+ b)."""
    out = x @ parameters[f"{name}.weight"].T
    bias = parameters.get(f"{name}.bias")
    return out if bias is None else out + bias


def gelu(x: Tensor) -> Tensor:
    """x times the share of a normal distribution below x."""
    return x * 0.5 * (1.0 + torch.erf(x / math.sqrt(2.0)))


def attend(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """One head, one query after another. q, k, v: (T, hs). Returns (T, hs)."""
    rows = []
    for t in range(q.size(0)):
        scores = torch.stack([q[t] @ k[s] / math.sqrt(q.size(1)) for s in range(t + 1)])  # (t + 1,)
        raised = torch.exp(scores - scores.max())
        weights = raised / raised.sum()  # (t + 1,)
        rows.append(sum((weights[s] * v[s] for s in range(t + 1)), torch.zeros_like(v[0])))
    return torch.stack(rows)


def reference_logits(parameters: Mapping[str, Tensor], config: GPTConfig, tokens: Tensor) -> Tensor:
    """Logits (T, V) of `tokens` (T,) from a GPT's state dict; no dropout."""
    size = config.n_embd // config.n_head
    x = (
        parameters["transformer.wte.weight"][tokens] + parameters["transformer.wpe.weight"][: len(tokens)]
    )  # (T, C)
    for layer in range(config.n_layer):
        at = f"transformer.h.{layer}"
        normed = layer_norm(x, parameters[f"{at}.ln_1.weight"], parameters.get(f"{at}.ln_1.bias"))
        q, k, v = torch.split(
            linear(normed, parameters, f"{at}.attn.c_attn"), config.n_embd, dim=-1
        )  # each (T, C)
        heads = [
            attend(q[:, h : h + size], k[:, h : h + size], v[:, h : h + size])
            for h in range(0, config.n_embd, size)
        ]
        x = x + linear(torch.cat(heads, dim=-1), parameters, f"{at}.attn.c_proj")
        normed = layer_norm(x, parameters[f"{at}.ln_2.weight"], parameters.get(f"{at}.ln_2.bias"))
        x = x + linear(gelu(linear(normed, parameters, f"{at}.mlp.c_fc")), parameters, f"{at}.mlp.c_proj")
    x = layer_norm(x, parameters["transformer.ln_f.weight"], parameters.get("transformer.ln_f.bias"))
    return x @ parameters["lm_head.weight"].T


def reference_loss(logits: Tensor, targets: Tensor) -> Tensor:
    """Mean nats of the targets (T,) that count (not -1) under logits (T, V)."""
    losses = [
        torch.log(torch.exp(row - row.max()).sum()) + row.max() - row[target]
        for row, target in zip(logits, targets, strict=True)
        if target != -1
    ]
    return torch.stack(losses).mean()
