"""Does a field work? By loss, by an author classifier, and by the title's characters.

Loss: the verse of the same poems with one field alone, as a user gives it: the right one, one taken from another poem,
and none. What the right one saves against none is information about the poem; what a stranger's costs shows that the
model reads the field and doesn't merely like having one. And with all the other fields given, what it still adds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from shici.checkpoint import LoadedModel
from shici.corpus.characters import han_only
from shici.corpus.document import Document, decode_document
from shici.evaluation.authorship import Classifier, accuracy
from shici.evaluation.loss import in_nats
from shici.evaluation.poems import Split, tokens_of
from shici.evaluation.scoring import Scored, score
from shici.evaluation.statistics import Interval, ratio
from shici.evaluation.text import FIELDS, Speller
from shici.evaluation.writing import FIELD_SAMPLERS, Writer
from shici.training.documents import Documents
from shici.vocabulary import Vocabulary

Report = dict[str, Any]

POEMS_PER_FIELD = 400
AUTHORS = 20
TITLES = 64
FEWEST_POEMS = 2  # of an author or for a field, below which nothing is measured


def field_report(
    loaded: LoadedModel, speller: Speller, split: Split, scored: Mapping[str, Sequence[Scored]], seed: int
) -> Report:
    """For each field, nats per character without it, with it and with a stranger's; see `_differences`.

    scored: all poems of the split, "bare" and with all "fields". Of the poems that have the field, the first
    POEMS_PER_FIELD are used.
    """
    report: Report = {}
    for field in FIELDS:
        numbers = [
            number
            for number, poem in enumerate(split.poems)
            if getattr(poem, field) and getattr(speller.kept(poem, (field,)), field)
        ][:POEMS_PER_FIELD]
        if len(numbers) < FEWEST_POEMS:
            continue
        poems = [split.poems[number] for number in numbers]
        strangers = exchanged(poems, field, seed)
        others = [name for name in FIELDS if name != field]
        ways = {
            "right": [speller.line(poem, (field,)) for poem in poems],
            "stranger": [speller.line(poem, (field,)) for poem in strangers],
            "others": [speller.line(poem, others) for poem in poems],
        }
        found = {way: score(loaded.model, lines) for way, lines in ways.items()}
        found["none"], found["all"] = ([scored[way][n] for n in numbers] for way in ("bare", "fields"))
        report[field] = _differences(found, seed)
    return report


def exchanged(poems: Sequence[Document], field: str, seed: int) -> list[Document]:
    """The same poems, each with the field of another: all values move on by one in a random order.

    So the values are as frequent as before; a frequent one may meet a poem that has the same.
    """
    order = np.random.default_rng(seed).permutation(len(poems))
    values = {int(a): getattr(poems[int(b)], field) for a, b in zip(order, np.roll(order, 1), strict=True)}
    return [replace(poem, **{field: values[number]}) for number, poem in enumerate(poems)]


def _differences(scored: Mapping[str, Sequence[Scored]], seed: int) -> Report:
    """Intervals of "none", "right" and "stranger" (the field alone), and of three differences.

    "saved": none - right. "stranger_costs": stranger - right. "added": others - all, where the other fields are given.
    Over the characters that the first window holds in every way.
    """
    masks = [
        np.logical_and.reduce([one.inside for one in ways]) for ways in zip(*scored.values(), strict=True)
    ]
    counts = np.array([mask.sum() for mask in masks], np.float64)
    total = {
        way: np.array([one.nats[mask].sum() for one, mask in zip(some, masks, strict=True)])
        for way, some in scored.items()
    }
    shown = {
        **{way: total[way] for way in ("none", "right", "stranger")},
        "saved": total["none"] - total["right"],
        "stranger_costs": total["stranger"] - total["right"],
        "added": total["others"] - total["all"],
    }
    return {
        "poems": len(masks),
        **{name: in_nats(ratio(values, counts, seed=seed)) for name, values in shown.items()},
    }


@dataclass(frozen=True, slots=True)
class Authors:
    """names: the authors of most training poems, most first. bodies, owners: their training poems."""

    names: tuple[str, ...]
    bodies: tuple[str, ...]
    owners: tuple[int, ...]


def frequent_authors(training: Documents, vocabulary: Vocabulary, count: int = AUTHORS) -> Authors:
    """The `count` authors with most poems, the first by name among equals, and these poems."""
    kinds = training.tokens[training.starts]
    segments = np.flatnonzero(kinds == vocabulary.ids["<author>"])
    owner = np.searchsorted(training.first, segments, side="right") - 1
    names = [
        training.tokens[s + 1 : s + n].tobytes()
        for s, n in zip(training.starts[segments].tolist(), training.lengths[segments].tolist(), strict=True)
    ]
    most = sorted(Counter(names).items(), key=lambda item: (-item[1], item[0]))[:count]
    place = {name: number for number, (name, _) in enumerate(most)}
    mine = [
        (place[name], int(document)) for name, document in zip(names, owner, strict=True) if name in place
    ]
    bodies = tuple(decode_document(tokens_of(training, document), vocabulary).body for _, document in mine)
    spelt = tuple(vocabulary.decode(np.frombuffer(name, np.uint16).tolist()) for name, _ in most)
    return Authors(spelt, bodies, tuple(number for number, _ in mine))


def author_report(
    writer: Writer,
    authors: Authors,
    split: Split,
    count: int,
    seed: int,
) -> Report:
    """Accuracy on held-out human poems beside that on poems written with --author, `count` of them together."""
    place = {name: number for number, name in enumerate(authors.names)}
    human = [(poem.body, place[poem.author]) for poem in split.poems if poem.author in place]
    spelt = [name for name in authors.names if all(c in writer.loaded.vocabulary for c in name)]
    if len(authors.names) < FEWEST_POEMS or not human or not spelt:
        return {}
    classifier = Classifier(authors.bodies, authors.owners, len(authors.names))
    report: Report = {
        "authors": list(authors.names),
        "chance": 1 / len(authors.names),
        "training_poems": len(authors.bodies),
        "human": _judged(classifier, human, len(authors.names), seed),
    }
    each = max(1, count // len(spelt))
    for sampler in FIELD_SAMPLERS:
        written = [
            (poem.body, place[name])
            for number, name in enumerate(spelt)
            for poem in writer.write(each, seed=seed + number, sampler=sampler, author=name)
        ]
        report[sampler] = _judged(classifier, written, len(authors.names), seed)
    return report


def _judged(classifier: Classifier, poems: Sequence[tuple[str, int]], count: int, seed: int) -> Report:
    owners = [owner for _, owner in poems]
    guesses = [classifier.guess(body) for body, _ in poems]
    return {"poems": len(poems), **asdict(accuracy(owners, guesses, count, seed=seed))}


def title_report(
    writer: Writer,
    split: Split,
    count: int,
    seed: int,
) -> Report:
    """The share of a title's characters that stand in the verse: with its own title, and with another's.

    For human poems that have a title of two ideographs or more, and for `count` poems written with --title for
    the first TITLES of these.
    """
    poems = [
        poem
        for poem in split.poems
        if len(han_only(poem.title)) >= 2 and all(c in writer.loaded.vocabulary for c in poem.title)
    ]
    if len(poems) < FEWEST_POEMS:
        return {}
    report: Report = {
        "human": appearing([(poem.title, poem.body) for poem in poems], seed),
        "titles": min(TITLES, len(poems)),
    }
    chosen = poems[:TITLES]
    each = max(1, count // len(chosen))
    for sampler in FIELD_SAMPLERS:
        written = [
            [poem.body for poem in writer.write(each, seed=seed + number, sampler=sampler, title=asked.title)]
            for number, asked in enumerate(chosen)
        ]
        pairs = [
            (chosen[number].title, bodies[k]) for k in range(each) for number, bodies in enumerate(written)
        ]
        report[sampler] = appearing(pairs, seed)
    return report


def appearing(pairs: Sequence[tuple[str, str]], seed: int) -> Report:
    """Of (title, body) pairs: "own" share of the title's ideographs found in the body, and "other", where each title is
    held against the body of the next pair."""
    titles = [sorted(set(han_only(title))) for title, _ in pairs]
    bodies = [set(body) for _, body in pairs]
    counts = np.array([len(title) for title in titles], np.float64)

    def found(shift: int) -> Interval:
        met = [
            len(set(title) & bodies[(number + shift) % len(bodies)]) for number, title in enumerate(titles)
        ]
        return ratio(np.array(met, np.float64), counts, seed=seed)

    return {"poems": len(pairs), "own": asdict(found(0)), "other": asdict(found(1))}
