"""How many poems keep their form: with the constraint, with the same prompts but without it, and real ones.

    constrained   as sample.py writes them: the form kept, strictly, with its number of particles
    codes         the same prompts (form, 合律, rhyme or tune), nothing forbidden but what no poem has
    human         real poems of the form: regulated verse from the test split; 词 from all splits, since the
                  patterns of the tunes were learned from all of them anyway

Regulated verse is judged twice, see `prosody_judges`; a 词 by our judge of tunes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from shici.checkpoint import LoadedModel
from shici.config.sample import SampleSettings
from shici.corpus.document import Document, decode_document
from shici.evaluation.poems import human_poems, is_empty, read_vocabulary, tokens_of
from shici.evaluation.prosody_judges import Opinion, keeps_tune, keeps_verse, other_checker, other_opinion
from shici.evaluation.statistics import share
from shici.generation.backend import MakeReader, reader_maker
from shici.generation.prompts import Prompt, build_prompt
from shici.generation.runtime import Job, poems_of_particles, prepare, write_with
from shici.generation.verse import Verse, plan_verse
from shici.prosody.tunes import Variant, canonical_name, tunes
from shici.training.documents import read_documents
from shici.vocabulary import control

Report = dict[str, Any]
Progress = Callable[[int], object]

FORMS = ("五绝", "七绝", "五律", "七律")
SPLITS = ("train", "val", "test")
NAMED = 5  # poems that a judge refuses are quoted, at most so many


@dataclass(frozen=True, slots=True)
class Desk:
    """All that is needed to write in one form."""

    loaded: LoadedModel
    settings: SampleSettings
    verse: Verse
    prompt: Prompt
    make_reader: MakeReader


def desk(loaded: LoadedModel, asked: SampleSettings, make_reader: MakeReader | None = None) -> Desk:
    """A desk for the form or tune that `asked` names."""
    verse = plan_verse(asked, loaded.vocabulary, loaded.model.config.vocab_size)
    assert verse is not None, "these forms and tunes all have a template"
    block = loaded.model.config.block_size
    prompt = build_prompt(verse.settings, loaded.vocabulary, block)
    room = max(1, block - len(prompt.ids) - 1)  # the rhyme is still to be named
    settings = replace(verse.settings, max_new_tokens=room)
    return Desk(loaded, settings, verse, prompt, make_reader or reader_maker(loaded.model, asked))


def bodies(desk: Desk, *, constrained: bool, progress: Progress) -> list[str]:
    """The poems that the desk's settings ask for; one that did not come to its end has no `<eos>` and is cut off."""
    settings, found = desk.settings, [""] * desk.settings.num_samples
    if constrained and settings.particles > 1:
        vocabulary = desk.loaded.vocabulary
        for draft in poems_of_particles(desk.loaded, desk.prompt, settings, desk.verse, desk.make_reader):
            found[draft.number] = vocabulary.decode(draft.tokens[:-1])
            progress(1)
        return found
    for numbers in batches(settings.num_samples, settings.batch_size):
        job = prepare(numbers, desk.loaded, desk.prompt, settings, desk.verse)
        if not constrained:
            job = replace(job, automata=())
        for number, text in zip(numbers, written(desk, job), strict=True):
            found[number] = text
        progress(len(numbers))
    return found


def batches(count: int, size: int) -> Iterator[range]:
    """Consecutive numbers, `size` at a time."""
    for first in range(0, count, size):
        yield range(first, min(first + size, count))


def written(desk: Desk, job: Job) -> list[str]:
    """The poems of a job as text."""
    tokens = desk.loaded.vocabulary.tokens
    texts = dict.fromkeys(job.numbers, "")
    for event in write_with(job.reader(desk.make_reader), job, desk.loaded, desk.settings):
        for number, token, ended in zip(
            event.numbers, event.step.drawn.tolist(), event.ended.tolist(), strict=True
        ):
            texts[number] += "" if ended else tokens[token]
    return [texts[number] for number in job.numbers]


def forms_report(
    loaded: LoadedModel, asked: SampleSettings, data: Path, count: int, progress: Progress
) -> Report:
    """For each of FORMS the shares of "constrained", "codes" and "human" poems that keep it."""
    human = human_poems(data)
    report: Report = {"other_judge": other_checker() is not None}
    for form in FORMS:
        place = desk(loaded, replace(asked, form=form, num_samples=count))
        report[form] = {
            "constrained": verse_shares(bodies(place, constrained=True, progress=progress), form),
            "codes": verse_shares(bodies(place, constrained=False, progress=progress), form),
            "human": verse_shares([poem.body for poem in human if poem.form == form], form),
        }
    return report


def verse_shares(poems: Sequence[str], form: str) -> Report:
    """How many poems each judge accepts, with Wilson intervals; "refused" quotes the first that one does not."""
    ours = [keeps_verse(body, form) for body in poems]
    report: Report = {"poems": len(poems), "ours": asdict(share(sum(ours), len(poems)))}
    others = [other_opinion(body) for body in poems]
    known = [one for one in others if one is not None]
    if len(known) == len(poems):
        accepted = [one.accepts for one in known]
        as_spelt = [one is not None and one.accepts for one in map(as_it_comes, poems)]
        both = [mine and theirs for mine, theirs in zip(ours, accepted, strict=True)]
        report["other"] = asdict(share(sum(accepted), len(poems)))
        report["both"] = asdict(share(sum(both), len(poems)))
        report["other_as_s2t_spells"] = asdict(share(sum(as_spelt), len(poems)))
    report["refused"] = list(refused(poems, ours, others))[:NAMED]
    return report


def as_it_comes(body: str) -> Opinion | None:
    """The other judge's opinion of the glyphs that s2t gives, listed or not."""
    return other_opinion(body, respelt=False)


def refused(poems: Sequence[str], ours: Sequence[bool], others: Sequence[Opinion | None]) -> Iterator[str]:
    """Poems that a judge does not accept, with the other's words."""
    for body, mine, theirs in zip(poems, ours, others, strict=True):
        if not mine or (theirs is not None and not theirs.accepts):
            words = "" if mine else "ours; "
            yield f"{body.replace(chr(10), '')} {words}{theirs.why if theirs else ''}".rstrip("; ")


def commonest_tunes(count: int) -> list[Variant]:
    """The tunes with the most poems, each as its commonest variant."""
    ranked = sorted(tunes().items(), key=lambda one: (-sum(variant.poems for variant in one[1]), one[0]))
    return [variants[0] for _, variants in ranked[:count]]


def tunes_report(
    loaded: LoadedModel, asked: SampleSettings, data: Path, tune_count: int, count: int, progress: Progress
) -> Report:
    """For each of the commonest tunes, and for all together, the shares of the three kinds of poems."""
    chosen = commonest_tunes(tune_count)
    human = real_ci(data, {variant.tune for variant in chosen})
    sets: dict[str, dict[str, list[bool]]] = {}
    for variant in chosen:
        place = desk(loaded, replace(asked, tune=variant.tune, num_samples=count))
        found = {
            "constrained": bodies(place, constrained=True, progress=progress),
            "codes": bodies(place, constrained=False, progress=progress),
            "human": human[variant.tune],
        }
        sets[variant.tune] = {
            name: [keeps_tune(body, variant) for body in some] for name, some in found.items()
        }
    report: Report = {tune: tune_shares(kept) for tune, kept in sets.items()}
    together = {
        name: [one for kept in sets.values() for one in kept[name]] for name in next(iter(sets.values()))
    }
    return {"tunes": report, "all": tune_shares(together)}


def tune_shares(kept: dict[str, list[bool]]) -> Report:
    """For each kind of poems how many there are and how many keep the tune."""
    return {
        name: {"poems": len(some), "ours": asdict(share(sum(some), len(some)))} for name, some in kept.items()
    }


def real_ci(data: Path, names: set[str]) -> dict[str, list[str]]:
    """The bodies of all 词 of these tunes in the prepared data, by the tune's own name."""
    found: dict[str, list[str]] = {name: [] for name in sorted(names)}
    for split in SPLITS:
        for poem in ci_of(data, split):
            name = canonical_name(poem.tune) if poem.tune else ""
            if name in names:
                found[name].append(poem.body)
    return found


def ci_of(data: Path, split: str) -> Iterator[Document]:
    """The 词 of a split, none if it is empty."""
    if is_empty(data, split):
        return
    vocabulary = read_vocabulary(data)
    documents = read_documents(data / f"{split}.bin", vocabulary)
    marked = np.flatnonzero(documents.tokens[documents.starts] == vocabulary.ids[control("词")])
    for number in (np.searchsorted(documents.first, marked, side="right") - 1).tolist():
        yield decode_document(tokens_of(documents, number), vocabulary)
