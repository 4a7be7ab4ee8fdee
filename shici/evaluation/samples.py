"""Part 2: poems written without constraints, beside human poems measured in the same way.

Asked for: nothing at all (`<bos>`), each of 绝句 and 律诗 by its form, and the same with 合律. Each is drawn twice:
from the model's own distribution ("plain": temperature 1) and as sample.py draws ("default"). The human poems of a
form are those that have its shape, so their "shape" is 1 by definition; those of a form with 合律 are those that
the corpus calls so, judged on the traditional text, while here all are judged on simplified characters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from shici.checkpoint import LoadedModel
from shici.corpus.document import Document
from shici.evaluation.copying import Index, copying_report, find_copied
from shici.evaluation.metre import REQUESTED, metre_report
from shici.evaluation.poems import Split
from shici.evaluation.statistics import share
from shici.evaluation.variety import distinct, han_count, repeated_poems, repetition
from shici.evaluation.writing import SAMPLERS, Writer, Written

Report = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for. form "": nothing. regulated: whether 合律 is asked for as well."""

    form: str = ""
    regulated: bool = False

    @property
    def name(self) -> str:
        return (self.form or "不限") + ("·合律" if self.regulated else "")

    def fits(self, poem: Document) -> bool:
        """Whether a human poem is of this kind."""
        return (not self.form or poem.form == self.form) and (not self.regulated or poem.regulated == "合律")

    def fields(self) -> dict[str, Any]:
        """As settings of sample.py."""
        found: dict[str, Any] = {"form": self.form} if self.form else {}
        return {**found, "regulated": True} if self.regulated else found


REQUESTS = (
    Request(),
    *(Request(form) for form in REQUESTED),
    *(Request(form, regulated=True) for form in REQUESTED),
)


def sample_report(writer: Writer, split: Split, index: Index, count: int, seed: int) -> dict[str, Report]:
    """For each request the same figures of "human", "plain" and "default" poems, `count` of each sampler."""
    report: dict[str, Report] = {}
    for number, request in enumerate(requests_of(writer.loaded)):
        sets = {
            sampler: writer.write(count, seed=seed + number, sampler=sampler, **request.fields())
            for sampler in SAMPLERS
        }
        human = [Written(poem.body, True) for poem in split.poems if request.fits(poem)]
        report[request.name] = compare({"human": human, **sets}, request.form, index)
    return report


def requests_of(loaded: LoadedModel) -> tuple[Request, ...]:
    """All requests, or the bare one of a model that knows no fields."""
    return REQUESTS if loaded.vocabulary.has_controls else REQUESTS[:1]


def compare(sets: dict[str, list[Written]], form: str, index: Index) -> Report:
    """All figures of each set; distinct-n over as many characters as the smallest set has."""
    bodies = {name: [poem.body for poem in poems] for name, poems in sets.items() if poems}
    budget = min(han_count(some) for some in bodies.values())
    return {
        name: {"finished": asdict(finished(sets[name])), **measure(some, form, budget, index)}
        for name, some in bodies.items()
    }


def finished(poems: Sequence[Written]) -> Any:
    """The share that came to an end."""
    return share(sum(poem.finished for poem in poems), len(poems))


def measure(bodies: Sequence[str], form: str, budget: int, index: Index) -> Report:
    """Metre, variety and copying of one set of poems."""
    return {
        **metre_report(bodies, form),
        "distinct_characters": budget,
        "distinct_1": distinct(bodies, 1, budget),
        "distinct_2": distinct(bodies, 2, budget),
        "repetition": repetition(bodies),
        "repeated_poems": repeated_poems(bodies),
        **copying_report(find_copied(bodies, index)),
    }
