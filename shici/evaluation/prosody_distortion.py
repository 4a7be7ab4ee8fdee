"""How much keeping a form bends the model, and what it costs: by way of writing, on regulated verse.

    bare mask      no codes in the prompt, form and rhyme left to the mask
    mask           the prompt names the form, 合律 and a rhyme (drawn from the model's own prediction)
    particles N    the same with N particles
    kept           poems of the model with the same prompts that keep the form of themselves (rejection): p* itself
    human          real poems of the form that the corpus calls 合律

For each the divergence from p* (see `prosody_estimates`), nats a character under the model with codes, distinct-2,
lines found in the training text, CPU time. The bare mask has a p* of its own, that of the model without codes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from shici.checkpoint import LoadedModel
from shici.config.evaluate_prosody import EvaluateProsodySettings
from shici.config.sample import SampleSettings
from shici.corpus.document import Document
from shici.evaluation.copying import Index, build_index, find_copied
from shici.evaluation.poems import human_poems, read_vocabulary
from shici.evaluation.prosody_draws import Draws, Kept, draw, reject, with_seed
from shici.evaluation.prosody_estimates import (
    divergence,
    evidence,
    largest_share,
    log_mean,
    shared_log_means,
)
from shici.evaluation.prosody_forms import Desk, desk
from shici.evaluation.prosody_judges import whole_lines
from shici.evaluation.scoring import score
from shici.evaluation.statistics import ratio, share
from shici.evaluation.text import Speller
from shici.evaluation.variety import distinct, han_count
from shici.prosody.judge import REGULAR, label
from shici.prosody.readings import simplified_lexicon
from shici.training.documents import read_documents

Report = dict[str, Any]
Progress = Callable[[int], object]

CODES = ("form", "regulated", "rhyme")
BARE, MASK, KEPT, HUMAN = "bare mask", "mask", "kept", "human"
LOOKED_AT = 1024  # poems of each way whose likelihood, variety and copying are measured
BARE_BEST = "bare particles"  # for the bare mask's own Z, out of reach of single draws; not a way of its own
BARE_PARTICLES = 256


def distortion_report(
    loaded: LoadedModel,
    settings: EvaluateProsodySettings,
    asked: SampleSettings,
    progress: Progress,
) -> Report:
    """The figures of each form."""
    data = Path(settings.data)
    vocabulary = read_vocabulary(data)
    index = build_index(read_documents(data / "train.bin", vocabulary), vocabulary)
    human = human_poems(data)
    report: Report = {}
    for form in settings.forms:
        place = desk(loaded, SampleSettings(**{**vars_of(asked), "form": form}))
        real = [poem for poem in human if poem.form == form and poem.regulated == REGULAR]
        report[form] = FormStudy(place, form, settings, index, progress).report(real)
    return report


def vars_of(settings: SampleSettings) -> dict[str, Any]:
    return {name: getattr(settings, name) for name in settings.__dataclass_fields__}


@dataclass(frozen=True, slots=True)
class FormStudy:
    """One form of verse, measured in all ways."""

    place: Desk
    form: str
    settings: EvaluateProsodySettings
    index: Index
    progress: Progress

    def report(self, human: Sequence[Document]) -> Report:
        """human: real poems of the form."""
        ways = self.draw_all()
        kept = self.reject()
        sets = {
            name: self.documents(draws.bodies, draws.rhymes)
            for name, draws in ways.items()
            if name != BARE_BEST
        }
        if kept is not None and kept.bodies:
            sets[KEPT] = self.documents(kept.bodies, kept.rhymes)
        if human:
            sets[HUMAN] = list(human)[:LOOKED_AT]
        looked_at = self.quality(sets)
        report: Report = {"log_z": self.evidence_report(ways), "ways": {}}
        for name, figures in looked_at.items():
            bent = self.bent(name, ways) if name in ways else {}
            report["ways"][name] = {**bent, **figures}
        if kept is not None:
            report["rejection"] = rejection_report(kept)
        return report

    def draw_all(self) -> dict[str, Draws]:
        """All ways, each with random numbers of its own."""
        return {
            name: draw(
                with_seed(self.place, self.settings.seed + at),
                count,
                size,
                codes=codes,
                progress=self.progress,
            )
            for at, (name, (count, size, codes)) in enumerate(drawn_in_each_way(self.settings).items())
        }

    def reject(self) -> Kept | None:
        if self.form not in self.settings.rejected:
            return None
        return reject(
            with_seed(self.place, self.settings.seed + 100), self.settings.tries, progress=self.progress
        )

    def bent(self, name: str, ways: dict[str, Draws]) -> Report:
        """The divergence of a way, and its time."""
        draws = ways[name]
        best = ways[self.best(bare=name == BARE)]
        ratios = draws.log_mass if name in (MASK, BARE) else draws.log_evidence
        found = divergence(ratios, best.log_evidence, paired=draws is best, seed=self.settings.seed)
        return {
            "drawn": len(draws.bodies),
            "kl": asdict(found),
            "is_bound": name not in (MASK, BARE),
            "seconds": draws.seconds,
            "time": draws.seconds / ways[MASK].seconds,
        }

    def best(self, *, bare: bool) -> str:
        """The way whose estimate of Z is the best: the most particles."""
        if bare:
            return BARE_BEST
        return particles_name(max(self.settings.particles)) if self.settings.particles else MASK

    def evidence_report(self, ways: dict[str, Draws]) -> Report:
        """log Z by every way: all estimate the same number (with codes, and without). rhyme: see `rhyme_share`."""
        report: Report = {
            name: {
                **asdict(evidence(draws.log_evidence, seed=self.settings.seed)),
                "largest_share": largest_share(draws.log_evidence),
            }
            for name, draws in ways.items()
        }
        report["rhyme"] = rhyme_share(ways[self.best(bare=False)])
        return report

    def documents(self, bodies: Sequence[str], rhymes: Sequence[str]) -> list[Document]:
        """The first poems as documents with codes; a poem whose prompt named no rhyme has that of its words."""
        lexicon = simplified_lexicon()
        return [
            Document(
                body,
                form=self.form,
                regulated=REGULAR,
                rhyme=rhyme or label(whole_lines(body), lexicon).rhyme,
            )
            for body, rhyme in list(zip(bodies, rhymes, strict=True))[:LOOKED_AT]
        ]

    def quality(self, sets: dict[str, list[Document]]) -> dict[str, Report]:
        """Likelihood with codes, variety over equally many characters, and copying, of each set."""
        budget = min(han_count([poem.body for poem in some]) for some in sets.values())
        report: dict[str, Report] = {}
        for name, some in sets.items():
            bodies = [poem.body for poem in some]
            speller = Speller(self.place.loaded.vocabulary)
            scored = score(self.place.loaded.model, [speller.line(poem, CODES) for poem in some])
            totals = np.array([one.nats.sum() for one in scored])
            counts = np.array([float(len(one.nats)) for one in scored])
            copied = find_copied(bodies, self.index)
            report[name] = {
                "poems": len(some),
                "nats": asdict(ratio(totals, counts, seed=self.settings.seed)),
                "distinct_2": distinct(bodies, 2, budget),
                "distinct_characters": budget,
                "copied_lines": asdict(
                    share(sum(one.copied for one in copied), sum(one.lines for one in copied))
                ),
            }
        return report


def drawn_in_each_way(settings: EvaluateProsodySettings) -> dict[str, tuple[int, int, bool]]:
    """For each way the number of poems, of particles for each, and whether the prompt has codes."""
    samples, rows = settings.samples, settings.rows
    counts = {MASK: (samples, 1, True), BARE: (samples, 1, False)}
    for size in settings.particles:
        counts[particles_name(size)] = (max(2, rows // size), size, True)
    bare = min(BARE_PARTICLES, max(1, rows // 2))
    counts[BARE_BEST] = (rows // bare, bare, False)
    return counts


def particles_name(size: int) -> str:
    return f"particles {size}"


def rhyme_share(draws: Draws) -> float:
    """log Z - E[log Z_r]: what of the divergence is due to the rhyme, drawn before it is known how well it goes.

    More particles cannot take it away, since those of one poem share its rhyme.
    """
    own = shared_log_means(draws.log_evidence, draws.rhymes)
    return float(log_mean(draws.log_evidence) - own.mean())


def rejection_report(kept: Kept) -> Report:
    """log Z by counting: how many poems of the model keep the form of themselves."""
    found = share(len(kept.bodies), kept.tries)
    return {
        "tries": kept.tries,
        "kept": len(kept.bodies),
        "share": asdict(found),
        "log_z": {name: float(np.log(one)) if one > 0 else None for name, one in asdict(found).items()},
    }
