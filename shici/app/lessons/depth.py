"""Lessons on what happens to one token on its way up: the residual stream, the MLP."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from shici.app.language import Text
from shici.app.lessons.situation import WAITING, Shown, Situation, Verdict, minus
from shici.checkpoint import LoadedModel
from shici.explanation.classes import class_masks
from shici.explanation.lens import Lens, logit_lens, settled
from shici.model.trace import Trace

PUSHED = 8  # characters that a neuron pushes the most


def lens_of(loaded: LoadedModel, trace: Trace, rhyme: str = "") -> Lens:
    """The lens with the classes' masses; the last one is the rhyme group."""
    masks = class_masks(loaded.vocabulary, loaded.model.config.vocab_size, rhyme)
    return logit_lens(loaded.model, trace, masks, candidates=3)


def show_residual(seen: Situation) -> Shown:
    """Of the last token: how long its vector is after each layer, what was added, what it would write."""
    layers, lens = seen.trace.layers, lens_of(seen.loaded, last_of(seen.trace))
    before = length(layers[0].residual_in)
    stages = [
        {
            "length": before if stage == 0 else length(layers[stage - 1].residual_out),
            "attention": 0.0 if stage == 0 else length(layers[stage - 1].attention),
            "mlp": 0.0 if stage == 0 else length(layers[stage - 1].mlp),
            "rank": int(lens.chosen_rank[stage, -1]),
            "top": [
                [seen.name(token), share]
                for token, share in zip(
                    lens.top[stage, -1].tolist(), lens.top_probability[stage, -1].tolist(), strict=True
                )
            ],
        }
        for stage in range(len(layers) + 1)
    ]
    facts = {
        "last": seen.at(seen.last),
        "channels": seen.loaded.model.config.n_embd,
        "layers": len(layers),
        "start": before,
        "end": stages[-1]["length"],
        "first_top": seen.name(int(lens.top[0, -1, 0])),
        "itself": int(lens.top[0, -1, 0]) == seen.tokens[-1],
        "chosen": seen.name(int(lens.chosen[-1])),
        "rank": stages[0]["rank"],
    }
    return Shown(facts, {"stages": stages, "picked": seen.place("stage", 0, len(stages))})


def last_of(trace: Trace) -> Trace:
    """The trace of the last token alone, as far as the lens reads it."""
    layers = [
        replace(layer, residual_in=layer.residual_in[:, -1:], residual_out=layer.residual_out[:, -1:])
        for layer in trace.layers
    ]
    return replace(trace, idx=trace.idx[:, -1:], layers=tuple(layers))


def length(rows: Tensor) -> float:
    """Of the last token's vector; rows: (1, T, C)."""
    return float(rows[0, -1].float().norm())


def judge_residual(seen: Situation) -> Verdict:
    """Done when the stage is clicked from which on the final first choice stays first."""
    stage = seen.place("stage", 0, len(seen.trace.layers) + 1)
    if stage is None:
        return WAITING
    lens = lens_of(seen.loaded, last_of(seen.trace))
    right, rank = int(settled(lens)[-1]), int(lens.chosen_rank[stage, -1])
    name = seen.name(int(lens.chosen[-1]))
    if stage == right:
        return Verdict(
            True, Text(f"正是：从这里起“{name}”一直是第一名。", f"Yes: from here on “{name}” stays first.")
        )
    if rank > 1:
        return Verdict(
            False, Text(f"这里“{name}”还是第 {rank} 名。", f"Here “{name}” is only number {rank}.")
        )
    zh = "已是第一，可还不是最早的一处。" if stage > right else "是第一，可后来又让开了。"
    en = (
        "is first, but there is an earlier stage."
        if stage > right
        else "is first, but it yields again later."
    )
    return Verdict(False, Text(f"这里“{name}”{zh}", f"Here “{name}” {en}"))


def show_mlp(seen: Situation) -> Shown:
    hidden = torch.stack([layer.mlp_hidden[0, -1] for layer in seen.trace.layers]).float()  # (L, 4C)
    activated = torch.stack([layer.mlp_activated[0, -1] for layer in seen.trace.layers]).float()
    layer = seen.place("layer", 0, len(hidden))
    facts = {
        "last": seen.at(seen.last),
        "channels": seen.loaded.model.config.n_embd,
        "wide": hidden.size(-1),
        "layers": len(hidden),
        "open": float((hidden > 0).float().mean()),
        "loud": float((activated > 0.5).float().mean()),
    }
    data = {"layer": len(hidden) - 1 if layer is None else layer, "channels": facts["channels"]}
    return Shown(facts, data, {"hidden": hidden, "activated": activated})


def judge_mlp(seen: Situation) -> Verdict:
    """Done when the neuron that fires the most in its layer is clicked; says what it pushes."""
    layers = seen.trace.layers
    layer = seen.place("layer", 0, len(layers))
    neuron = seen.place("neuron", 0, layers[0].mlp_hidden.size(-1))
    if layer is None or neuron is None:
        return WAITING
    row = layers[layer].mlp_activated[0, -1]
    value, pushed = float(row[neuron]), "".join(pushes(seen, layer, neuron))
    done = neuron == int(row.argmax())
    zh, en = (
        ("是这一层最亮的", "the one that fires the most")
        if done
        else ("这一层还有更亮的", "others fire more")
    )
    return Verdict(
        done,
        Text(
            f"第 {layer + 1} 层第 {neuron + 1} 个神经元：{minus(value, 4)}，{zh}。"
            f"它写下的一行数若直接拿去打分，抬得最高的是：{pushed}。",
            f"Layer {layer + 1}, neuron {neuron + 1}: {minus(value, 4)}, {en}. Scored directly, the vector that it "
            f"writes lifts these the most: {pushed}.",
        ),
    )


@torch.inference_mode()
def pushes(seen: Situation, layer: int, neuron: int) -> list[str]:
    """The characters whose logits the neuron's own vector raises the most, other layers left aside.

    The final norm takes the mean away and multiplies; its division by the standard deviation changes no order.
    """
    model = seen.loaded.model
    wrote = model.get_parameter(f"transformer.h.{layer}.mlp.c_proj.weight")[:, neuron]  # (C,)
    centred = (wrote - wrote.mean()) * model.transformer.ln_f.weight
    scores = model.lm_head.weight @ centred  # (V,)
    first = seen.loaded.vocabulary.control_count
    lifted = scores[first : len(seen.loaded.vocabulary)].topk(PUSHED).indices + first
    return seen.names(lifted.tolist())
