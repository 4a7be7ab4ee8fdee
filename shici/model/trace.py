"""Everything that one forward pass computes, kept by name.

Letters: B batch, T positions looked at, S positions attended to (S = T without a cache), C n_embd, nh heads,
hs = C / nh, V vocabulary, L layers. All tensors are the model's own numbers in the model's dtype, detached
(probabilities in float32); what a caller does to its idx or to the returned logits does not reach them. In training
mode dropout comes between the parts, so they follow from each other in eval mode only.

Trace
    window_start         how many tokens were dropped before the window (0 up to the block size)
    idx                  (B, T)          the tokens looked at
    positions            (T,)            their places, counted from the start of the window
    token_embedding      (B, T, C)       rows of wte
    position_embedding   (T, C)          rows of wpe
    embedding            (B, T, C)       their sum: what the first layer reads
    layers               L x LayerTrace
    ln_f                 (B, T, C)       the final norm
    logits               (B, T, V)       at all positions
    probabilities        (B, V)          softmax of the last logits: the distribution of the next token

LayerTrace
    residual_in          (B, T, C)       what the layer reads
    ln_1                 (B, T, C)       normed, what Q, K, V are made from
    q, k, v              (B, nh, T, hs)
    scores               (B, nh, T, T)   q @ k.T / sqrt(hs), before the mask
    masked_scores        (B, nh, T, T)   -inf where attention is forbidden
    weights              (B, nh, T, T)   softmax over the last axis; each row sums to 1
    heads                (B, nh, T, hs)  weights @ v, each head's own output
    attention            (B, T, C)       heads side by side, projected
    residual_mid         (B, T, C)       residual_in + attention
    ln_2                 (B, T, C)
    mlp_hidden           (B, T, 4C)      before GELU
    mlp_activated        (B, T, 4C)      after GELU
    mlp                  (B, T, C)       projected
    residual_out         (B, T, C)       residual_mid + mlp
"""

from __future__ import annotations

from dataclasses import dataclass, fields

from torch import Tensor


@dataclass(frozen=True, slots=True)
class LayerTrace:
    """One layer's tensors; shapes in the module's docstring."""

    residual_in: Tensor
    ln_1: Tensor
    q: Tensor
    k: Tensor
    v: Tensor
    scores: Tensor
    masked_scores: Tensor
    weights: Tensor
    heads: Tensor
    attention: Tensor
    residual_mid: Tensor
    ln_2: Tensor
    mlp_hidden: Tensor
    mlp_activated: Tensor
    mlp: Tensor
    residual_out: Tensor


@dataclass(frozen=True, slots=True)
class Trace:
    """One forward pass; shapes in the module's docstring."""

    window_start: int
    idx: Tensor
    positions: Tensor
    token_embedding: Tensor
    position_embedding: Tensor
    embedding: Tensor
    layers: tuple[LayerTrace, ...]
    ln_f: Tensor
    logits: Tensor
    probabilities: Tensor


LAYER_FIELDS = tuple(field.name for field in fields(LayerTrace))


class Recorder:
    """Collects the tensors of a layer while it runs. Where nothing is recorded, None stands in its place."""

    def __init__(self) -> None:
        self.layers: list[LayerTrace] = []
        self._current: dict[str, Tensor] = {}

    def keep(self, **tensors: Tensor) -> None:
        """Keep tensors of the running layer under their LayerTrace names."""
        self._current.update({name: tensor.detach() for name, tensor in tensors.items()})

    def close_layer(self) -> None:
        """The running layer is complete; raises TypeError if a tensor of LayerTrace was not kept."""
        self.layers.append(LayerTrace(**self._current))
        self._current = {}
