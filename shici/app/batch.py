"""Poems that were written together on the page 作诗, and what was made of each by hand."""

from __future__ import annotations

from dataclasses import dataclass, field

from shici.app.composer import Options, Plan, Poem, pins_without
from shici.generation.grid import Place, alike


@dataclass(slots=True)
class Version:
    """A poem as it stood once. held: the places that its owner fixed, by pinning or by choosing.

    options: what else might stand at each place, once it was asked for.
    """

    poem: Poem
    held: frozenset[Place]
    options: dict[str, dict[Place, Options]] | None = None

    def changed(
        self, planned: Plan, place: Place, character: str, *, follow: bool
    ) -> tuple[dict[Place, str], frozenset[Place]]:
        """The pins and the held places once `place` is `character`: with all else, or with what comes before.

        Where a line repeats another, all of its places change together.
        """
        first, *others = sorted(alike(planned.verse.template, place))
        pins = pins_without(planned, self.poem, self.held, first, follow=follow)
        return pins | dict.fromkeys((first, *others), character), self.held | {first, *others}


@dataclass(slots=True, eq=False)
class Batch:
    """number: counted over the session. plan: what the poems were drawn by.

    histories: the versions of each poem that was on the sheet, by its number; they stay when another is chosen or the
    sheet is cleared.
    """

    number: int
    plan: Plan
    poems: list[Poem]
    histories: dict[int, list[Version]] = field(default_factory=dict)

    def find(self, number: int) -> Poem | None:
        return next((one for one in self.poems if one.number == number), None)

    def current(self, poem: Poem) -> Poem:
        """A drawn poem as it stands now."""
        history = self.histories.get(poem.number)
        return history[-1].poem if history else poem

    def changed(self, poem: Poem) -> bool:
        """Whether it reads otherwise than it was drawn."""
        return self.current(poem).text != poem.text

    def worked_on(self, poem: Poem) -> bool:
        """Whether anything of it was fixed or changed by hand."""
        history = self.histories.get(poem.number, [])
        return bool(history) and (self.changed(poem) or history[-1].held != history[0].held)

    def keep_work(self) -> None:
        """Only what was worked on stays."""
        self.poems = [poem for poem in self.poems if self.worked_on(poem)]
        self.histories = {poem.number: self.histories[poem.number] for poem in self.poems}
