"""Lessons on what goes in: tokens, embeddings, positions."""

from __future__ import annotations

from functools import lru_cache

import torch
import torch.nn.functional as F
from torch import Tensor

from shici.app.language import Text
from shici.app.lessons.situation import WAITING, Shown, Situation, Verdict, is_character, minus
from shici.vocabulary import Vocabulary

NEIGHBOURS = 6
WANTED, OTHERWISE = (
    10,
    12,
)  # how many tokens the first task asks for; the second if the line has the first already


def wanted_length(seen: Situation) -> int:
    return OTHERWISE if len(seen.opened) == WANTED else WANTED


def show_token(seen: Situation) -> Shown:
    vocabulary, ids = seen.loaded.vocabulary, seen.prompt.ids
    single = [token for token in ids if len(seen.text(token)) == 1]
    first = next((seen.tokens[place] for place in seen.characters()), ids[-1])
    return Shown(
        {
            "count": len(ids),
            "characters": len(single),
            "signs": len(ids) - len(single),
            "vocabulary": len(vocabulary),
            "all_signs": vocabulary.control_count,
            "controls": vocabulary.has_controls,
            "first": seen.name(first),
            "number": first,
            "wanted": wanted_length(seen),
        },
        {"marks": {"ids": [str(token) for token in seen.tokens]}},
    )


def judge_token(seen: Situation) -> Verdict:
    count = len(seen.prompt.ids)
    return Verdict(
        seen.changed and count == wanted_length(seen),
        Text(f"这一句是 {count} 个词元。", f"This line is {count} tokens."),
    )


def show_embedding(seen: Situation) -> Shown:
    trace, places = seen.trace, seen.characters()
    at = places[-1] if places else seen.last
    nearest = neighbours(seen)
    return Shown(
        {
            "character": seen.at(at),
            "channels": trace.embedding.size(-1),
            "block": seen.loaded.model.config.block_size,
            "place": int(trace.positions[at]) + 1,
            "near": "".join(nearest.get(seen.tokens[at], [])),
        },
        {"nearest": {str(token): near for token, near in nearest.items()}, "place": at},
        {
            "token_embedding": trace.token_embedding[0],
            "position_embedding": trace.position_embedding,
            "embedding": trace.embedding[0],
        },
    )


@lru_cache(maxsize=2)
def characters(vocabulary: Vocabulary, size: int) -> Tensor:
    """(V,) bool: which tokens are Chinese characters."""
    found = [is_character(token) for token in vocabulary.tokens]
    return torch.tensor(found + [False] * (size - len(found)))


@torch.inference_mode()
def neighbours(seen: Situation) -> dict[int, list[str]]:
    """For each character of the line those whose embeddings point the most nearly the same way (cosine)."""
    table = seen.loaded.model.transformer.wte.weight
    own = sorted({seen.tokens[place] for place in seen.characters()})
    if not own:
        return {}
    near = F.normalize(table[own].float()) @ F.normalize(table.float()).T  # (own, V)
    near[torch.arange(len(own)), torch.tensor(own)] = -1.0
    near[:, ~characters(seen.loaded.vocabulary, near.size(1))] = -1.0
    best = near.topk(min(NEIGHBOURS, near.size(1))).indices.tolist()
    return {token: seen.names(found) for token, found in zip(own, best, strict=True)}


def judge_embedding(seen: Situation) -> Verdict:
    """Done when a new line holds a character twice: the same row of the table, and no longer the same once placed."""
    trace, before = seen.trace, dict[int, int]()
    for place in seen.characters():
        token = seen.tokens[place]
        if token in before:
            other = before[token]
            rows = (trace.token_embedding[0], trace.embedding[0])
            alone, placed = (float((row[place] - row[other]).norm()) for row in rows)
            return Verdict(
                seen.changed and alone == 0 < placed,
                Text(
                    f"“{seen.name(token)}”在第 {other + 1} 位和第 {place + 1} 位：嵌入相距 {minus(alone, 4)}，"
                    f"加上位置之后相距 {minus(placed, 4)}。",
                    f"“{seen.name(token)}” stands at places {other + 1} and {place + 1}: the embeddings are "
                    f"{minus(alone, 4)} apart, with the places added {minus(placed, 4)}.",
                ),
            )
        before[token] = place
    return (
        WAITING
        if not seen.changed
        else Verdict(False, Text("还没有重复的字。", "No character comes twice yet."))
    )
