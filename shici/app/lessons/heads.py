"""Lessons on attention: queries and keys, softmax, the mask, all the heads."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import torch
from torch import Tensor

from shici.app.language import Text
from shici.app.lessons.situation import WAITING, WHOLE, Shown, Situation, Verdict, minus, whole
from shici.explanation.verse import MARKS

SHARES = (
    0.9,
    0.75,
    0.5,
    0.4,
    0.3,
    0.2,
    0.1,
)  # the softmax task asks for the largest of these that some cell exceeds
SAME = 1e-3  # two traces of the same prefix differ by rounding alone


def all_weights(seen: Situation) -> Tensor:
    """(L, nh, T, T)"""
    return torch.stack([layer.weights[0] for layer in seen.trace.layers]).float()


def sharpest(weights: Tensor) -> tuple[int, int]:
    """The head whose last row leans the most on one place between the first and the last: the one to begin with."""
    between = weights[:, :, -1, 1:-1] if weights.size(-1) > 2 else weights[:, :, -1]
    most = between.amax(-1).flatten()  # (L * nh,)
    return divmod(int(most.argmax()), weights.size(1))


def inside_head(seen: Situation, facts: dict[str, Any]) -> Shown:
    """The tensors of heads; of a long line those of one layer. Evidence: "layer", "head"."""
    weights, config = all_weights(seen), seen.loaded.model.config
    start = sharpest(weights)
    layer = seen.place("layer", 0, config.n_layer)
    head = seen.place("head", 0, config.n_head)
    chosen = (start[0] if layer is None else layer, start[1] if head is None else head)
    sent = list(range(config.n_layer)) if seen.last < WHOLE else [chosen[0]]
    tensors = {
        name: torch.stack([getattr(seen.trace.layers[one], name)[0] for one in sent])
        for name in ("q", "k", "v", "scores", "weights", "heads")
    }
    size = config.n_embd // config.n_head
    common = {
        "last": seen.at(seen.last),
        "size": size,
        "root": math.sqrt(size),
        "channels": config.n_embd,
        "count": seen.last + 1,
    }
    return Shown({**common, **facts}, {"sent": sent, "chosen": chosen}, tensors)


def cell_of(seen: Situation, matrix: str) -> tuple[int, int, int, int] | None:
    """Layer, head, row and column of the cell that was clicked in a matrix of that name."""
    config, cell = seen.loaded.model.config, seen.evidence.get("cell")
    layer, head = seen.place("layer", 0, config.n_layer), seen.place("head", 0, config.n_head)
    good = isinstance(cell, list) and len(cell) == 3 and cell[0] == matrix and all(map(whole, cell[1:]))
    if layer is None or head is None or not good:
        return None
    row, column = cell[1:]  # type: ignore[index]
    return (layer, head, row, column) if 0 <= column <= row <= seen.last else None


def show_query(seen: Situation) -> Shown:
    return inside_head(seen, {})


def judge_query(seen: Situation) -> Verdict:
    """Done when the highest score of the last row is clicked."""
    found = cell_of(seen, "scores")
    if found is None:
        return WAITING
    layer, head, row, column = found
    scores = seen.trace.layers[layer].scores[0, head, row, : row + 1]
    here, best = float(scores[column]), float(scores.max())
    names = seen.at(row), seen.at(column)
    if row != seen.last:
        return Verdict(
            False,
            Text(
                f"这是“{names[0]}”那一行，要看最后一行。",
                f"That is the row of “{names[0]}”; look at the last one.",
            ),
        )
    if here == best:
        zh = f"正是：“{names[0]}”给“{names[1]}”的分数 {minus(here, 4)} 最高。"
        en = f"Yes: “{names[0]}” gives “{names[1]}” the highest score, {minus(here, 4)}."
    else:
        zh = f"“{names[1]}”得 {minus(here, 4)}，这一行还有更高的。"
        en = f"“{names[1]}” has {minus(here, 4)}; there is a higher one."
    return Verdict(here == best, Text(zh, en))


def show_softmax(seen: Situation) -> Shown:
    return inside_head(seen, {"share": share_asked(seen), "even": 1 / (seen.last + 1)})


def share_asked(seen: Situation) -> float:
    """Of SHARES the largest that a weight below the first row exceeds: the task can be done with any model."""
    weights = all_weights(seen)[:, :, 1:]
    most = float(weights.max()) if weights.numel() else 0.0
    return next((share for share in SHARES if most > share), SHARES[-1])


def judge_softmax(seen: Situation) -> Verdict:
    """Done when a weight above the share is clicked, not in the first row, where all looks at itself."""
    found = cell_of(seen, "weights")
    if found is None:
        return WAITING
    layer, head, row, column = found
    weight, share = float(seen.trace.layers[layer].weights[0, head, row, column]), share_asked(seen)
    if row == 0:
        return Verdict(
            False,
            Text(
                "第一行只看得见自己，权重必是 1；找别的行。",
                "The first row sees only itself, so its weight is 1; try another.",
            ),
        )
    names = seen.at(row), seen.at(column)
    done = weight > share
    return Verdict(
        done,
        Text(
            f"“{names[0]}”看“{names[1]}”：{minus(weight, 4)}，{'过了' if done else '还不到'} {share}。",
            f"“{names[0]}” looks at “{names[1]}” with {minus(weight, 4)}: {'above' if done else 'not above'} {share}.",
        ),
    )


def show_mask(seen: Situation) -> Shown:
    count = seen.last + 1
    return inside_head(seen, {"hidden": count * (count - 1) // 2, "cells": count * count})


def judge_mask(seen: Situation) -> Verdict:
    """Done when the last token alone is another and nothing before it has changed."""
    now, then = seen.prompt.ids, seen.opened
    if not seen.changed or len(now) > seen.loaded.model.config.block_size:
        return WAITING
    if len(now) != len(then) or len(now) < 2 or now[:-1] != then[:-1]:
        return Verdict(
            False,
            Text(
                "只改最后一个，前面的照旧，个数也照旧。",
                "Change the last one only; the others and their number stay as they were.",
            ),
        )
    before, after = seen.opened_trace().logits[0, :-1], seen.trace.logits[0, :-1]
    apart = float((before - after).abs().max())
    return Verdict(
        apart < SAME,
        Text(
            f"前面 {len(now) - 1} 个词元的输出共 {before.numel()} 个数，与改之前相差至多 {apart:.0e}。",
            f"The outputs of the {len(now) - 1} tokens before it, {before.numel()} numbers, differ from before by "
            f"at most {apart:.0e}.",
        ),
    )


def target(seen: Situation) -> tuple[int, int]:
    """The place that the task asks for and how many heads look at it the most from the last token.

    A mark before the last token if some head does; else the place that the fewest heads, but at least one, prefer.
    """
    counts = Counter(all_weights(seen)[:, :, -1].argmax(-1).flatten().tolist())
    marks = [
        place for place in sorted(counts) if place < seen.last and seen.text(seen.tokens[place]) in MARKS
    ]
    if marks and seen.text(seen.tokens[marks[-1]]):
        return marks[-1], counts[marks[-1]]
    others = [place for place in sorted(counts) if place != seen.last] or sorted(counts)
    rarest = min(others, key=lambda place: (counts[place], -place))
    return rarest, counts[rarest]


def show_heads(seen: Situation) -> Shown:
    config, (place, heads) = seen.loaded.model.config, target(seen)
    facts = {
        "layers": config.n_layer,
        "each": config.n_head,
        "all": config.n_layer * config.n_head,
        "target": seen.at(place),
        "place": place + 1,
        "heads": heads,
        "several": heads > 1,
        "sinks": int((all_weights(seen)[:, :, -1].argmax(-1) == 0).sum()) if seen.last else 0,
    }
    inner = inside_head(seen, facts)
    thumbnails = (all_weights(seen) * 255).round().to(torch.uint8)
    return Shown(inner.facts, inner.data, {"thumbnails": thumbnails, "weights": inner.tensors["weights"]})


def judge_heads(seen: Situation) -> Verdict:
    """Done when a head is chosen whose largest weight from the last token is on the target."""
    config = seen.loaded.model.config
    layer, head = seen.place("layer", 0, config.n_layer), seen.place("head", 0, config.n_head)
    if layer is None or head is None:
        return WAITING
    row = seen.trace.layers[layer].weights[0, head, -1]
    most = int(row.argmax())
    return Verdict(
        most == target(seen)[0],
        Text(
            f"第 {layer + 1} 层第 {head + 1} 头：“{seen.at(seen.last)}”看得最重的是第 {most + 1} 位“{seen.at(most)}”，"
            f"{minus(float(row[most]), 4)}。",
            f"Layer {layer + 1}, head {head + 1}: “{seen.at(seen.last)}” looks the most at “{seen.at(most)}”, place "
            f"{most + 1}, with {minus(float(row[most]), 4)}.",
        ),
    )
