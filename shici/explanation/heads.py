"""What each head looks at, over whole poems: the previous character, the partner line, the last rhyme word ...

A role is a rule that names, for a token that looks (a query), the tokens it would look at if the head had that role.
A head's score is the attention that goes there, averaged over the queries of a poem to which the rule applies, then
over poems. The baseline is the share of the visible tokens that are such targets: what attention spread evenly would
give. Only tokens of the verse are queries; the targets of `front` and `fields` stand before it.

Attention says where a head takes from, not what it takes nor what becomes of it (Jain and Wallace 2019, "Attention is
not Explanation"). Scoring heads by rules follows Clark et al. 2019 ("What does BERT look at?").

Letters: L layers, nh heads, R roles, T tokens.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from shici.explanation.verse import Layout, lay_out
from shici.model.gpt import GPT
from shici.vocabulary import Vocabulary

ROLES = {
    "self": "the token itself",
    "previous": "the token before it",
    "partner": "in the second line of a couplet: the character of the first line that stands opposite",
    "partner_next": "... and the one opposite the character that is to be written next",
    "rhyme": "where a rhyme word is to be written next: the rhyme words so far",
    "line_start": "the first character of its own line",
    "marks": "punctuation and line feeds before it",
    "front": "<bos> and <body>",
    "fields": "form, dynasty, author, title ...: what stands between <bos> and <body>",
}

Targets = npt.NDArray[np.bool_]  # (R, T, T): does rule r send query t to token s?
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class HeadScores:
    """Of all heads, over poems; the roles in the order of ROLES.

    score     (L, nh, R)  mean over poems of the poem's mean attention to the role's targets
    spread    (L, nh, R)  standard deviation of that between poems
    baseline  (R,)        the same mean for attention spread evenly over what is visible
    poems     (R,)        in how many poems the rule applies somewhere
    queries   (R,)        to how many tokens together
    """

    score: Floats
    spread: Floats
    baseline: Floats
    poems: npt.NDArray[np.int64]
    queries: npt.NDArray[np.int64]

    def main_role(self, layer: int, head: int) -> str:
        """The role whose score is the furthest above the baseline; "" if that is within one standard deviation."""
        above = self.score[layer, head] - self.baseline
        best = int(np.argmax(above))
        return tuple(ROLES)[best] if above[best] > self.spread[layer, head, best] else ""


def targets_of(layout: Layout, count: int) -> Targets:
    """Where each rule sends each of `count` tokens; a rule that does not apply to a query sends it nowhere."""
    found = np.zeros((len(ROLES), count, count), np.bool_)
    rule = {name: found[number] for number, name in enumerate(ROLES)}  # views
    for t in range(layout.body, count):
        rule["self"][t, t] = True
        rule["previous"][t, t - 1 : t] = True
        rule["marks"][t, [s for s in layout.marks if s < t]] = True
        if layout.body >= 2:
            rule["front"][t, [0, layout.body - 1]] = True
            rule["fields"][t, 1 : layout.body - 1] = True
        line = layout.line[t]
        if layout.column[t] > 0:
            rule["line_start"][t, layout.lines[line][0]] = True
        opposite = opposite_of(layout, t)
        if opposite is not None:
            rule["partner"][t, opposite] = True
        coming = opposite_of(layout, t + 1) if t + 1 < count else None
        if coming is not None:
            rule["partner_next"][t, coming] = True
        if t + 1 in layout.rhymes:
            rule["rhyme"][t, [s for s in layout.rhymes if s <= t]] = True
    return found


def opposite_of(layout: Layout, place: int) -> int | None:
    """The character of the couplet's first line that stands opposite `place` of its second line."""
    line = layout.line[place]
    partner = layout.partner(line) if line >= 0 else None
    return None if partner is None else layout.lines[partner][layout.column[place]]


@torch.inference_mode()
def score_heads(model: GPT, rows: Sequence[Sequence[int]], vocabulary: Vocabulary) -> HeadScores:
    """Score every head of `model` on poems (ids of each, at most a block); all zero where there are none."""
    scores, baselines, queries = [], [], np.zeros(len(ROLES), np.int64)
    for row in rows:
        targets = targets_of(lay_out(row, vocabulary), len(row))
        idx = torch.tensor([list(row)], device=model.lm_head.weight.device)
        layers = model(idx, return_details=True)[2].layers
        weights = torch.stack([layer.weights[0] for layer in layers]).cpu().double().numpy()  # (L, nh, T, T)
        scores.append(attention_to(weights, targets))
        baselines.append(even_attention_to(targets))
        queries += targets.any(-1).sum(-1)
    shape = (model.config.n_layer, model.config.n_head, len(ROLES))
    score = np.array(scores).reshape(-1, *shape)  # (P, L, nh, R)
    baseline = np.array(baselines).reshape(-1, len(ROLES))  # (P, R)
    counted = ~np.isnan(baseline)
    return HeadScores(
        *(moments(score, counted[:, None, None])),
        moments(baseline, counted)[0],
        counted.sum(0).astype(np.int64),
        queries,
    )


def attention_to(weights: Floats, targets: Targets) -> Floats:
    """(..., R) mean attention to the targets, over the queries that have some; NaN for a rule without queries.

    weights: (..., T, T), each row summing to 1.
    """
    applies = targets.any(-1)  # (R, T)
    reached = np.einsum("...ts,rts->...rt", weights, targets.astype(np.float64))
    with np.errstate(invalid="ignore"):
        found: Floats = (reached * applies).sum(-1) / applies.sum(-1)
    return found


def even_attention_to(targets: Targets) -> Floats:
    """(R,) the same for attention that is spread evenly over the visible tokens."""
    count = targets.shape[-1]
    even = np.tril(np.ones((count, count))) / np.arange(1, count + 1)[:, None]
    return attention_to(even, targets)


def moments(values: Floats, counted: npt.NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Mean and standard deviation (of a sample) over the first axis, of what is counted; 0 where nothing is."""
    kept = np.where(counted, values, 0.0)
    number = np.broadcast_to(counted, values.shape).sum(0)
    mean = kept.sum(0) / np.maximum(number, 1)
    squares = np.where(counted, (kept - mean) ** 2, 0.0).sum(0)
    return mean, np.sqrt(squares / np.maximum(number - 1, 1))
