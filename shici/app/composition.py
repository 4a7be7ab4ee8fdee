"""What a session holds on the page 作诗: the wishes, the poems drawn, and what was made of each by hand."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

import streamlit as st

from shici.app.batch import Batch, Version
from shici.app.composer import Pins, Plan, Poem, Report, draw, plan, rewritten
from shici.app.language import Text
from shici.checkpoint import LoadedModel
from shici.config.sample import SampleSettings
from shici.errors import GenerationError, ShiciError, UnknownCharacterError
from shici.generation.backend import MakeReader
from shici.generation.form_asked import FIXED_FORMS
from shici.generation.grid import Place, name, name_en
from shici.prosody.lines import is_han
from shici.prosody.tunes import canonical_name, find_tune

KEY = "shici_composition"
FORMS = ("五绝", "七绝", "五律", "七律", "五排", "七排", "五古", "七古")
LINES = {  # how many lines are offered where the form leaves it open; the model sees 256 tokens at once
    "五排": (10, 12, 16, 20, 24, 30),
    "七排": (10, 12, 16, 20, 24, 28),
    "五古": (6, 10, 12, 14, 16, 20, 24, 30),
    "七古": (6, 10, 12, 14, 16, 20, 24, 28),
}
BLANK = "□"
MOST_POEMS, MOST_PARTICLES, MOST_GUIDANCE = 8, 32, 4.0
Grid = tuple[str, str, int, int]  # form, tune, variant, lines
PLACE = re.compile(r"第(\d+)句第(\d+)字")

WISHES_BACK = Text(
    "体裁、定字和各项都换回了写这一批时的样子。",
    "The form, the pins and all wishes are again those that this batch was written by.",
)


def work_kept(count: int) -> Text:
    return Text(
        f"先前改过的 {count} 首收在新的一批下面。",
        f"The {count} poems that you changed before are below the new ones."
        if count > 1
        else "The poem that you changed before is below the new ones.",
    )


# Options of the command line, as they are called on the page.
SPOKEN = {
    "请改字、换位置，或用 --regulated=False": "请改字、换位置，或把格律选成“不拘平仄”",
    "用 --polyphones=loose": "把多音字选成“从宽”",
    "or use --regulated=False": "or set the tones free",
    "--polyphones=loose": "the loose readings",
}


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be written. fresh: all poems anew, of which `number` (or the first) is chosen.

    kept: then poem `number` (or the chosen one) with these characters in its places, □ for what is to be written; ""
    leaves it as it is. held: of that version. batch: whose poem it is; None for the newest.
    """

    fresh: bool
    number: int | None = None
    kept: str = ""
    held: frozenset[Place] = frozenset()
    batch: int | None = None


@dataclass(slots=True)
class Composition:
    """settings: the wishes, without the pins. revision: of the pins, counted by the browser.

    opened: whether the page's address was read. heard: the number of the last event taken, by which the browser knows
    an answer that came too late. batches: the newest at the end; of those before it only what was worked on. batch:
    that of the poem on the sheet. chosen: the number of that poem, None while the sheet is blank. aside: the pins of
    grids that were left. task: what the next run writes. error: what was wrong with the last thing done. remarks: what
    it did besides. card: its style and its seal, None while it is not shown.
    """

    settings: SampleSettings
    pins: dict[Place, str] = field(default_factory=dict)
    revision: int = 0
    opened: bool = False
    heard: int = 0
    batches: list[Batch] = field(default_factory=list)
    batch: Batch | None = None
    chosen: int | None = None
    aside: dict[Grid, dict[Place, str]] = field(default_factory=dict)
    task: Task | None = None
    error: ShiciError | None = None
    remarks: tuple[Text, ...] = ()
    card: tuple[str, str] | None = None

    @property
    def newest(self) -> Batch | None:
        return self.batches[-1] if self.batches else None

    @property
    def plan(self) -> Plan | None:
        """Of the poem on the sheet; of the newest poems where that is blank."""
        batch = self.newest if self.chosen is None else self.batch
        return batch.plan if batch else None

    @property
    def poems(self) -> list[Poem]:
        """The newest."""
        return self.newest.poems if self.newest else []

    @property
    def versions(self) -> list[Version]:
        """Of the chosen poem; the last one is shown."""
        return [] if self.batch is None or self.chosen is None else self.batch.histories[self.chosen]

    @property
    def shown(self) -> Version | None:
        return self.versions[-1] if self.versions else None

    @property
    def wishes(self) -> SampleSettings:
        """The settings with the pins."""
        return replace(self.settings, pin=pins_text(self.pins))

    def batch_of(self, number: int | None) -> Batch | None:
        """The batch of this number; the newest for None."""
        if number is None:
            return self.newest
        return next((one for one in self.batches if one.number == number), None)

    def take_in(self, planned: Plan, poems: list[Poem]) -> None:
        """A new batch, of which none is chosen. What was worked on in those before stays, and that is said."""
        for batch in self.batches:
            batch.keep_work()
        kept = [batch for batch in self.batches if batch.poems]
        number = self.newest.number + 1 if self.newest else 0
        self.batches = [*kept, Batch(number, planned, poems)]
        self.batch = self.chosen = None
        if count := sum(len(batch.poems) for batch in kept):
            self.remarks += (work_kept(count),)

    def choose(self, number: int, batch_number: int | None = None) -> None:
        """Put a poem on the sheet as it stands; one that lies there already, or does not exist, is ignored.

        Where another form was asked for meanwhile, the wishes are again those that it was written by, and a batch that
        is being written in the other is given up.
        """
        batch = self.batch_of(batch_number)
        poem = batch.find(number) if batch else None
        if batch is None or poem is None or (self.chosen, self.batch) == (number, batch):
            return
        batch.histories.setdefault(number, [Version(poem, frozenset(poem.kept))])
        self.batch, self.chosen, self.error = batch, number, None
        if grid_of(batch.plan.settings) != grid_of(self.settings):
            self.set_aside(grid_of(self.settings))
            self.settings = replace(batch.plan.settings, pin="")
            self.set_pins(batch.plan.verse.pins)
            self.remarks = (WISHES_BACK,)
            self.task = None if self.task is not None and self.task.fresh else self.task

    def set_pins(self, pins: Pins) -> None:
        """Other pins than the browser has; it will take them over."""
        self.pins = dict(pins)
        self.revision += 1

    def set_aside(self, grid: Grid) -> None:
        """Keep the pins of a grid that is left, for when it is asked for again."""
        self.aside.pop(grid, None)
        if self.pins:
            self.aside[grid] = dict(self.pins)

    def undo(self) -> None:
        if len(self.versions) > 1:
            self.versions.pop()

    def hold(self, place: Place) -> None:
        """Fix a place of the chosen poem, or let it go."""
        version = self.shown
        if version is not None and place in version.poem.text:
            self.versions.append(Version(version.poem, version.held ^ {place}))


def grid_of(settings: SampleSettings) -> Grid:
    """What says which squares there are."""
    return settings.form, settings.tune, settings.variant, settings.lines


def composition_of(base: SampleSettings) -> Composition:
    """This session's; `base` names the model and the engine."""
    if KEY not in st.session_state:
        st.session_state[KEY] = Composition(starting(base))
    found: Composition = st.session_state[KEY]
    return found


def starting(base: SampleSettings) -> SampleSettings:
    """The first wishes: the model's own settings with four poems of a 七绝."""
    return replace(
        SampleSettings(
            init_from=base.init_from,
            out_dir=base.out_dir,
            device=base.device,
            dtype=base.dtype,
            engine=base.engine,
        ),
        form="七绝",
        num_samples=4,
        particles=8,
    )


def sensible(settings: SampleSettings) -> SampleSettings:
    """The wishes within what the page offers: a known form or tune, lines that it can have, not too many poems."""
    tune = canonical_name(settings.tune)
    form = "词" if tune else settings.form if settings.form in FIXED_FORMS else "七绝"
    open_lines = LINES.get(form, ())
    return replace(
        settings,
        form=form,
        tune=tune,
        variant=min(settings.variant, len(find_tune(tune))) if tune else 1,
        lines=settings.lines if settings.lines in open_lines else open_lines[1] if open_lines else 0,
        regulated=settings.regulated if form in FORMS[:6] and settings.regulated is False else None,
        num_samples=min(settings.num_samples, MOST_POEMS),
        particles=min(settings.particles, MOST_PARTICLES),
        guidance_scale=max(1.0, min(settings.guidance_scale, MOST_GUIDANCE)),
    )


def pins_text(pins: Pins) -> str:
    """As --pin writes them: 1,1=月;2,3=花."""
    return ";".join(
        f"{line + 1},{place + 1}={character}" for (line, place), character in sorted(pins.items())
    )


def check_characters(pins: Pins) -> None:
    """Raise GenerationError for what is no Chinese character; the model may still not know one."""
    for place, character in sorted(pins.items()):
        if len(character) != 1 or not is_han(character):
            raise GenerationError(
                f"格子里只能填汉字，{name(place)}是“{character}”。请改成汉字，或清空这一格。",
                f"Only Chinese characters fit into the grid; {name_en(place)} is {character!r}. Change or clear it.",
            )


def named_places(error: ShiciError, pins: Pins) -> list[Place]:
    """The places that an error speaks of, or those of the character that the model does not know."""
    if isinstance(error, UnknownCharacterError):
        return [place for place, one in sorted(pins.items()) if one == error.character]
    return [(int(line) - 1, int(place) - 1) for line, place in PLACE.findall(error.zh)]


def spoken(error: ShiciError) -> Text:
    """An error in the words of the page, which has no options."""
    zh, en = error.zh, error.en
    for option, words in SPOKEN.items():
        zh, en = zh.replace(option, words), en.replace(option, words)
    return Text(zh, en)


def kept_text(planned: Plan, pins: Pins) -> str:
    """The fixed characters in the order of the text, □ for the others."""
    return "".join(pins.get(place, BLANK) for place in places_of(planned))


def kept_pins(planned: Plan, kept: str) -> dict[Place, str]:
    """The inverse of `kept_text`; what is too much is left out."""
    return {place: one for place, one in zip(places_of(planned), kept, strict=False) if one != BLANK}


def places_of(planned: Plan) -> list[Place]:
    """All places of the form, in the order of the text."""
    lines = planned.verse.template.lines
    return [(line, place) for line, shape in enumerate(lines) for place in range(shape.length)]


def carry_out(composition: Composition, loaded: LoadedModel, make_reader: MakeReader, report: Report) -> None:
    """Write what is to be written; only then is the task done. Raises ShiciError."""
    task = composition.task
    if task is None:
        return
    if task.fresh:
        check_characters(composition.pins)
        planned = plan(loaded, composition.wishes)
        poems = draw(planned, range(planned.settings.num_samples), make_reader, report)
        composition.take_in(planned, poems)
        composition.choose(poems[0].number)
        if task.number is not None:
            composition.choose(task.number)
    batch = composition.batch_of(task.batch)
    number = composition.chosen if task.fresh or task.number is None else task.number
    if task.kept and batch is not None and number in batch.histories:
        pins, history = kept_pins(batch.plan, task.kept), batch.histories[number]
        check_characters(pins)
        changed = rewritten(batch.plan, history[-1].poem, pins, make_reader, report)
        history.append(Version(changed, task.held))
    composition.error = composition.task = None
