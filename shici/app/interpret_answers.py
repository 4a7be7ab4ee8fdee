"""The answers of the page 解读, each as what its component reads: a part of the header, and tensors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch

from shici.app.interpreting import (
    WAYS,
    Experiment,
    cards_of,
    counts,
    lens_means,
    lens_of,
    recalled,
    silenced_on,
    stages_to,
    training_text,
)
from shici.app.judgement import remark_in_words, word
from shici.app.language import Language, Text
from shici.app.payload import Array
from shici.app.state import Session, Writing
from shici.app.tokens import is_control, shown
from shici.checkpoint import LoadedModel
from shici.errors import CorpusError
from shici.explanation.classes import CLASSES, tone_of
from shici.explanation.heads import ROLES
from shici.explanation.lens import settled
from shici.explanation.recall import Recalled
from shici.explanation.swap import swap
from shici.explanation.verse import Layout
from shici.prosody.rhymes import LEVEL
from shici.vocabulary import Vocabulary, control


@dataclass(slots=True)
class View:
    """What was asked on this page. swapped: place (in the window) and token. trial: of which prompt, and the poems."""

    swapped: tuple[int, int] | None = None
    refused: str = ""
    trial: tuple[tuple[object, ...], Experiment] | None = None
    spoilt: str = ""


LONGEST_MEASURED = 128  # tokens: with more, silencing each head in turn takes several seconds

Part = tuple[dict[str, Any], dict[str, torch.Tensor | Array]]


def lens_part(
    loaded: LoadedModel, session: Session, writing: Writing, view: View, seen: list[int], layout: Layout
) -> Part:
    """The lens; letters as in shici.explanation.lens.

    Tensors: top_probability (S, T, K), chosen_probability, chosen_rank (S, T), masses (S, T, M), all float64.
    """
    lens, rhyme = lens_of(loaded, writing.tokens())
    vocabulary, language = loaded.vocabulary, session.language
    chosen = lens.chosen.tolist()
    names = [vocabulary.tokens[one] if one < len(vocabulary) else "" for one in chosen]
    tones = [tone_of(name) for name in names]
    last = range(
        layout.body - 1 if layout.body else 0, len(seen) - 1
    )  # what stands in the verse, and is written
    following = set(layout.marks)
    # the first rhyme word has nothing to rhyme with, unless the rhyme was named
    named = rhyme != "" and vocabulary.ids.get(control(rhyme)) in seen[: layout.body]
    rhyming = [t for t in last if t + 1 in (layout.rhymes if named else layout.rhymes[1:])]
    level, oblique = (
        [t for t in last if tones[t] and (tones[t] == LEVEL) == wanted] for wanted in (True, False)
    )
    plain = [t for t in last if t + 1 not in layout.rhymes and layout.line[t + 1] >= 0]
    curves = lens_means(
        lens,
        {
            "rhyme": (CLASSES.index("rhyme"), rhyming if rhyme else []),
            "rhyme_elsewhere": (CLASSES.index("rhyme"), plain if rhyme else []),
            "level": (CLASSES.index("level"), level),
            "oblique": (CLASSES.index("oblique"), oblique),
            "marks": (CLASSES.index("marks"), [t for t in last if t + 1 in following]),
            "marks_elsewhere": (CLASSES.index("marks"), [t for t in last if t + 1 not in following]),
        },
    )
    told = {
        "top": [
            [[shown(vocabulary, token, language) for token in cell] for cell in stage]
            for stage in lens.top.tolist()
        ],
        "chosen": [shown(vocabulary, token, language) for token in chosen],
        "controls": [
            [[is_control(vocabulary, token) for token in cell] for cell in stage]
            for stage in lens.top.tolist()
        ],
        "chosen_control": [is_control(vocabulary, token) for token in chosen],
        "tones": [
            {"": -1, LEVEL: CLASSES.index("level")}.get(tone, CLASSES.index("oblique")) for tone in tones
        ],
        "settled": settled(lens).tolist(),
        "rhyme": rhyme,
        "rhyming": [[t, stages_to(lens.masses[:, t, CLASSES.index("rhyme")])] for t in rhyming if rhyme],
        "curves": curves,
    }
    return told, {
        "top_probability": lens.top_probability,
        "chosen_probability": lens.chosen_probability,
        "chosen_rank": lens.chosen_rank.double(),
        "masses": lens.masses,
    }


def heads_part(
    loaded: LoadedModel, session: Session, writing: Writing, view: View, seen: list[int], layout: Layout
) -> Part:
    """The heads' cards and what silencing each costs here.

    Tensors: scores, spread (L, nh, R), baseline (R,) float64; whole (T - 1,), zero, mean (L, nh, T - 1) float32, nats;
    cost_zero, cost_mean (L, nh) float64, nats a token of the verse above the whole model's;
    poems_zero, poems_mean and their *_spread (L, nh) the same over the reference poems, where they were measured.
    """
    cards = cards_of(loaded)
    layers, heads = loaded.model.config.n_layer, loaded.model.config.n_head
    told: dict[str, Any] = {
        "roles": list(ROLES),
        "main": [[cards.scores.main_role(layer, head) for head in range(heads)] for layer in range(layers)],
        "poems": cards.poems,
        "applies": cards.scores.poems.tolist(),
        "spoilt": view.spoilt,
        "trial": trial_of(session, writing, view),
    }
    tensors: dict[str, torch.Tensor | Array] = {
        "scores": cards.scores.score,
        "spread": cards.scores.spread,
        "baseline": cards.scores.baseline,
    }
    if cards.costs is not None:
        tensors |= {
            "poems_zero": cards.costs.zero,
            "poems_zero_spread": cards.costs.zero_spread,
            "poems_mean": cards.costs.mean,
            "poems_mean_spread": cards.costs.mean_spread,
        }
    first = max(layout.body, 1) - 1
    told["too_long"] = len(seen) > LONGEST_MEASURED
    if first < len(seen) - 1 and not told["too_long"]:
        found = silenced_on(loaded, seen)
        tensors |= {"whole": found.whole, "zero": found.zero, "mean": found.mean}
        for way in WAYS:
            change = getattr(found, way)[..., first:].double() - found.whole[first:].double()
            tensors[f"cost_{way}"] = change.mean(-1)
    return told, tensors


def conditions(session: Session, writing: Writing) -> tuple[object, ...]:
    """All that poems of the same dice hang on, but the head."""
    return writing.prompt.ids, session.settings, session.number


def trial_of(session: Session, writing: Writing, view: View) -> dict[str, Any] | None:
    """The poems that were written without a head, if they are of this line and these dice."""
    if view.trial is None or view.trial[0] != conditions(session, writing):
        return None
    trial = view.trial[1]
    return {
        "head": trial.head,
        "control": trial.control,
        "way": trial.way,
        "poems": [
            {"body": poem.body, "typed": len(poem.body) - poem.written, "ended": poem.ended,
             "form": word(poem.form, session.language),
             "even": poem.even, "rhyme": poem.rhyme, "regulated": word(poem.regulated, session.language),
             "faults": [remark_in_words(one, session.language) for one in poem.faults]}
            for poem, *_ in trial.poems
        ],
        "counts": [counts(poems) for poems in trial.poems],
        "losses": trial.losses,
    }  # fmt: skip


def swap_part(
    loaded: LoadedModel, session: Session, writing: Writing, view: View, seen: list[int], layout: Layout
) -> Part:
    """The swapped character. Tensor: divergence (T,) float64, nats, where one is swapped."""
    told: dict[str, Any] = {"swap": None, "refused": view.refused}
    if view.swapped is None or not swappable(loaded.vocabulary, seen, view.swapped[0]):
        return told, {}
    found = swap(loaded.model, seen, *view.swapped)
    names = [shown(loaded.vocabulary, token, session.language) for token in (found.before, found.after)]
    told["swap"] = {
        "place": found.place,
        "before": names[0],
        "after": names[1],
        "likeliest": [
            shown(loaded.vocabulary, token, session.language) for token in found.likeliest.tolist()
        ],
        "likeliest_after": [
            shown(loaded.vocabulary, token, session.language) for token in found.likeliest_after.tolist()
        ],
        "surprise": found.surprise,
        "surprise_after": found.surprise_after,
    }
    return told, {"divergence": found.divergence}


def swappable(vocabulary: Vocabulary, seen: list[int], place: int) -> bool:
    """A character, not a control token, with something before it."""
    return 0 < place < len(seen) and vocabulary.control_count <= seen[place] < len(vocabulary)


def recall_part(
    vocabulary: Vocabulary, seen: list[int], layout: Layout, view: View, language: Language
) -> dict[str, Any]:
    """state: "missing" (no training text; message says how to get it), "bare" (no index yet) or "found"."""
    try:
        text = training_text()
    except CorpusError as error:
        return {"state": "missing", "message": Text(error.zh, error.en).said(language)}
    if not text.indexed:
        return {"state": "bare", "tokens": len(text.tokens)}
    runs, usual = recalled(
        text, [vocabulary.tokens[token] if token < len(vocabulary) else "" for token in seen[layout.body :]]
    )
    return {
        "state": "found",
        "tokens": len(text.tokens),
        "runs": [run_of(run) for run in runs],
        "usual": usual
        and {
            "poems": usual.poems,
            "mean": usual.mean,
            "longest": usual.longest_mean,
            "most": usual.longest_most,
        },
    }


def run_of(run: Recalled) -> dict[str, Any]:
    source = run.source
    return {
        "length": run.length,
        "count": run.count,
        "author": source.author if source else "",
        "title": (source.title or source.tune) if source else "",
        "context": run.context,
        "before": run.context_count,
        "continued": run.continued,
    }
