"""The heads' scores in a small file beside the model, bound to its weights: head_scores.json.

The file names the hash of what it was measured on (weights, poems, rules). Where that is not the hash of what is at
hand, the file counts as absent, and the scores are measured anew: they are never those of another model.

Letters: L layers, nh heads, hs head size, R roles.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from shici.checkpoint import LoadedModel, replacing, weights_hash
from shici.errors import CheckpointError
from shici.explanation.ablation import head_means, losses_without_each_head, token_losses
from shici.explanation.heads import ROLES, Floats, HeadScores, moments, score_heads
from shici.explanation.reference import reference_documents, reference_rows
from shici.explanation.verse import body_start
from shici.model.gpt import GPT
from shici.vocabulary import Vocabulary

NAME = "head_scores.json"
VERSION = 1  # of the rules and of the file: another one makes old files stale
DIGITS = 6  # after the point


@dataclass(frozen=True, slots=True)
class Costs:
    """What silencing a head costs on the poems: nats a character of the verse, above the whole model's.

    zero, mean: (L, nh), means over poems, silenced by zero or by the head's mean. *_spread: between poems.
    """

    zero: Floats
    zero_spread: Floats
    mean: Floats
    mean_spread: Floats


@dataclass(frozen=True, slots=True)
class Cards:
    """key: the hash of what was measured. scores: of all heads. means: (L, nh, hs), what each head says on average.

    poems: on how many poems. costs: None where they have not been measured, which takes a minute or more.
    """

    key: str
    poems: int
    scores: HeadScores
    means: Tensor
    costs: Costs | None


def rows_for(loaded: LoadedModel) -> list[tuple[int, ...]]:
    """The reference poems as this model reads them; those that it cannot spell are left out."""
    return reference_rows(reference_documents(), loaded.vocabulary, loaded.model.config.block_size)


def key_of(model: GPT, rows: Sequence[Sequence[int]]) -> str:
    """The hash of what scores are measured on: the weights, the poems as ids, the rules."""
    told = json.dumps([VERSION, list(ROLES), [list(row) for row in rows]]) + weights_hash(model)
    return hashlib.sha256(told.encode()).hexdigest()


def measure(loaded: LoadedModel, rows: Sequence[Sequence[int]], *, costs: bool = False) -> Cards:
    """Measure all heads on `rows`; a second or two for the reference poems, a minute and more with `costs`."""
    model, vocabulary = loaded.model, loaded.vocabulary
    means = head_means(model, rows)
    return Cards(
        key_of(model, rows),
        len(rows),
        score_heads(model, rows, vocabulary),
        means,
        measure_costs(model, rows, means, vocabulary) if costs else None,
    )


def measure_costs(model: GPT, rows: Sequence[Sequence[int]], means: Tensor, vocabulary: Vocabulary) -> Costs:
    """The loss of every poem with each head silenced in turn, in both ways."""
    changes: dict[str, list[Floats]] = {"zero": [], "mean": []}
    for row in rows:
        first = max(1, body_start(row, vocabulary)) - 1  # losses[t] is of token t + 1
        whole = token_losses(model, row)[first:].double().mean()
        for way, values in (("zero", None), ("mean", means)):
            silenced = losses_without_each_head(model, row, values)[..., first:].double().mean(-1)  # (L, nh)
            changes[way].append((silenced - whole).numpy())
    all_counted = np.ones((len(rows), 1, 1), np.bool_)
    return Costs(
        *moments(np.stack(changes["zero"]), all_counted), *moments(np.stack(changes["mean"]), all_counted)
    )


def cards_path(loaded: LoadedModel) -> Path:
    """Where the file of a model lies: in its folder."""
    folder = loaded.origin if loaded.origin.is_dir() else loaded.origin.parent
    return folder / NAME


def cards_for(loaded: LoadedModel) -> Cards:
    """The scores of this very model: from its file, or measured now if there is none or it is of another model."""
    rows = rows_for(loaded)
    return load_cards(cards_path(loaded), key_of(loaded.model, rows)) or measure(loaded, rows)


def save_cards(path: Path, cards: Cards) -> None:
    """Write the file. Raises CheckpointError where that is not possible."""
    told: dict[str, Any] = {"key": cards.key, "poems": cards.poems, "roles": list(ROLES)}
    told["scores"] = {name: listed(getattr(cards.scores, name)) for name in HeadScores.__slots__}
    told["means"] = listed(cards.means.double().numpy())
    told["costs"] = cards.costs and {name: listed(getattr(cards.costs, name)) for name in Costs.__slots__}
    text = json.dumps(told, ensure_ascii=False, separators=(",", ":")).replace('],"', '],\n"') + "\n"
    try:
        with replacing(path) as temporary:
            temporary.write_text(text, encoding="utf-8")
    except OSError as error:
        raise CheckpointError(
            f"写不了 {path}（{error.strerror}）。请换一个能写的文件夹。",
            f"Cannot write {path} ({error.strerror}). Choose a folder that can be written.",
        ) from error


def listed(values: Any) -> Any:
    """Numbers as nested lists, rounded to DIGITS."""
    return np.round(np.asarray(values), DIGITS).tolist()


def load_cards(path: Path, key: str) -> Cards | None:
    """The scores in a file, or None if it is missing, damaged or of another key."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        if told["key"] != key:
            return None
        counts = ("poems", "queries")
        scores: dict[str, Any] = {
            name: np.array(told["scores"][name], np.int64 if name in counts else np.float64)
            for name in HeadScores.__slots__
        }
        costs = told["costs"] and Costs(
            **{name: np.array(told["costs"][name], np.float64) for name in Costs.__slots__}
        )
        means = torch.tensor(told["means"], dtype=torch.float32)
        return Cards(key, int(told["poems"]), HeadScores(**scores), means, costs)
    except (OSError, ValueError, KeyError, TypeError):
        return None
