"""The logit lens: the residual after each layer, read as if it were the last (nostalgebraist 2020).

The final norm and the output weights turn the residual that a layer leaves into a distribution over characters. The
norm was trained for the last layer alone, so what early layers "say" is a projection onto characters and not what
the model holds there: Belrose et al. 2023 ("Eliciting latent predictions with the tuned lens") show where it misleads.
With tied weights the row before the first layer mostly repeats the character that was read.

Letters: S stages (before the first layer, then after each: n_layer + 1), T positions, V vocabulary, K candidates,
M classes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from shici.explanation.classes import Masks
from shici.model.gpt import GPT
from shici.model.trace import Trace


@dataclass(frozen=True, slots=True)
class Lens:
    """What every stage would write at every position; position t is the place after token t.

    top                 (S, T, K) int64    the likeliest tokens, the likeliest first
    top_probability     (S, T, K) float64
    chosen              (T,)      int64    the token that did come next; at the end the last stage's likeliest
    chosen_probability  (S, T)    float64
    chosen_rank         (S, T)    int64    1 for the likeliest
    masses              (S, T, M) float64  how much probability lies on each class
    """

    top: Tensor
    top_probability: Tensor
    chosen: Tensor
    chosen_probability: Tensor
    chosen_rank: Tensor
    masses: Tensor


@torch.inference_mode()
def stage_logits(model: GPT, trace: Trace, stage: int, row: int = 0) -> Tensor:
    """(T, V): the final norm and the output weights on the residual before layer `stage` (0 .. n_layer).

    Stage n_layer is the residual that the final norm does read: the model's own logits.
    """
    layers = trace.layers
    residual = layers[stage].residual_in if stage < len(layers) else layers[-1].residual_out
    logits: Tensor = model.lm_head(model.transformer.ln_f(residual[row]))
    return logits


@torch.inference_mode()
def logit_lens(model: GPT, trace: Trace, masks: Masks, *, candidates: int = 5, row: int = 0) -> Lens:
    """The lens on one row of a trace. masks: (M, V), see shici.explanation.classes."""
    classes = torch.from_numpy(masks.astype(np.float64)).T  # (V, M)
    last = stage_logits(model, trace, len(trace.layers), row)
    following = torch.cat((trace.idx[row, 1:], last[-1].argmax()[None])).cpu()
    top, share, probability, rank, mass = [], [], [], [], []
    for stage in range(len(trace.layers) + 1):
        logits = stage_logits(model, trace, stage, row).float().cpu()  # (T, V)
        distribution = torch.softmax(logits, dim=-1, dtype=torch.float64)
        best = logits.topk(min(candidates, logits.size(-1)))
        top.append(best.indices)
        share.append(distribution.gather(-1, best.indices))
        own = logits.gather(-1, following[:, None])
        probability.append(distribution.gather(-1, following[:, None])[:, 0])
        rank.append((logits > own).sum(-1) + 1)
        mass.append(distribution @ classes)
    stacked = (torch.stack(parts) for parts in (top, share, probability, rank, mass))
    best_ids, best_shares, chosen_probability, chosen_rank, masses = stacked
    return Lens(best_ids, best_shares, following, chosen_probability, chosen_rank, masses)


def settled(lens: Lens) -> npt.NDArray[np.int64]:
    """(T,) the first stage from which on the chosen token is the likeliest at every stage; S where it never is."""
    first = (lens.chosen_rank == 1).numpy()  # (S, T)
    held = np.logical_and.accumulate(first[::-1], axis=0)  # from the last stage backwards
    stages: npt.NDArray[np.int64] = len(first) - held.sum(axis=0, dtype=np.int64)
    return stages
