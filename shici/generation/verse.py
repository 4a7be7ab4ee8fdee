"""A form that the user asks for, ready to be kept: template, pins, readings, and an automaton for each poem.

--form=七律 --rhyme=一东 --pin="3,1=月"  ->  Verse  ->  one Automaton a poem
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from shici.config.sample import SampleSettings
from shici.errors import GenerationError
from shici.generation.alphabet import Alphabet
from shici.generation.automaton import Automaton
from shici.generation.contradiction import contradiction
from shici.generation.grid import Place, settle
from shici.generation.prompts import CLOSED_FIELDS, known_name, respell
from shici.generation.wishes import BLANKS, template_lines, wishes
from shici.prosody.modern import modern_lexicon, strict_modern_lexicon
from shici.prosody.patterns import REGULATED_FORMS, form_by_shape
from shici.prosody.readings import simplified_lexicon, strict_lexicon
from shici.prosody.repeats import RepeatLimits, repeat_limits
from shici.prosody.template import LINE_LENGTHS, OPEN_LENGTHS, Template, tune_template, verse_template
from shici.prosody.tunes import canonical_name, find_tune
from shici.text_file import read_text_file
from shici.vocabulary import Vocabulary

FILE_PREFIX = "FILE:"
GRID_OPTIONS = ("pin", "acrostic", "embed", "template")
FIXED_FORMS = (*REGULATED_FORMS, *(form for form in OPEN_LENGTHS if form not in REGULATED_FORMS))
PIN_SIGNS = "0123456789,，=＝;；-"
EMBED_STREAM = 1  # of the seed's random streams, the one that places 嵌字


@dataclass(frozen=True, slots=True)
class Verse:
    """settings: with the form and whether regulated, without what has gone into the other fields.

    rhyme: asked for, or "". pins: what stands where, whatever the poem. limits: how often characters may come again.
    embed: characters to be placed anew in each poem. remarks: what the reader should know (Chinese).
    """

    settings: SampleSettings
    template: Template
    alphabet: Alphabet
    pins: dict[Place, str]
    embed: str
    rhyme: str
    limits: RepeatLimits
    remarks: tuple[str, ...] = ()

    @property
    def rhyme_count(self) -> int:
        """How many different rhymes the form has."""
        return len({number for row in self.template.rhymes for number in row if number is not None})

    @property
    def names_rhyme(self) -> bool:
        """Whether the model is told the rhyme: it has read documents with one rhyme of 平水韵 or 词林正韵."""
        return self.rhyme_count == 1 and self.settings.law == "平水韵"

    def automaton(self, number: int, rhyme: str = "") -> Automaton:
        """The automaton of poem `number`, in the rhyme group `rhyme` (or any).

        Raises GenerationError, with the places named, where the wishes contradict the form.
        """
        return self._build(self._embedded(number, rhyme or self.rhyme), rhyme or self.rhyme)

    def _build(self, pins: dict[Place, str], rhyme: str) -> Automaton:
        automaton = Automaton(self.template, self.alphabet, pins, rhyme, self.limits)
        if not automaton.possible:
            raise contradiction(automaton, rhyme)
        return automaton

    def _embedded(self, number: int, rhyme: str) -> dict[Place, str]:
        """The pins with the characters of 嵌字, each in a place that leaves the poem possible."""
        pins = dict(self.pins)
        dice = np.random.default_rng((self.settings.seed, number, EMBED_STREAM))
        for character in dict.fromkeys(self.embed):
            if character in pins.values():
                continue
            pins = self._with(character, pins, rhyme, dice)
        return pins

    def _with(
        self, character: str, pins: dict[Place, str], rhyme: str, dice: np.random.Generator
    ) -> dict[Place, str]:
        places = [
            (line, place)
            for line, shape in enumerate(self.template.lines)
            for place in range(shape.length)
            if (line, place) not in pins and shape.same_as is None
        ]
        for which in dice.permutation(len(places)).tolist():
            trial = settle(self.template, [*pins.items(), (places[which], character)])
            if Automaton(self.template, self.alphabet, trial, rhyme).possible:
                return trial
        self._build(pins, rhyme)  # says so, if it was impossible before
        raise GenerationError(
            f"嵌字“{character}”在{self.template.name}里没有一处放得下。请换字，或少定几个字。",
            f"There is no place in {self.template.name} for the character {character}. Use another, or pin fewer.",
        )


def plan_verse(settings: SampleSettings, vocabulary: Vocabulary, size: int) -> Verse | None:
    """What the settings ask of the form; None where they ask for no form that can be kept.

    size: the model's vocabulary size. Raises GenerationError, ProsodyError or UnknownCharacterError for wishes
    that cannot be met.
    """
    remarks: list[str] = []
    text = spelt("模板", read(settings.template), vocabulary, remarks)
    settings = with_form(settings, text)
    template = template_of(settings, text)
    if template is None or not vocabulary.has_controls:
        refuse_pins(settings)
        return None
    opening = spelt("开头", read(settings.start), vocabulary, remarks)
    spelled = replace(
        settings,
        pin=spelt("钉住的字", settings.pin, vocabulary, remarks, keep=PIN_SIGNS),
        acrostic=spelt("藏字", settings.acrostic, vocabulary, remarks),
        embed=spelt("嵌字", settings.embed, vocabulary, remarks),
    )
    alphabet = alphabet_of(settings, vocabulary, size)
    tune = bool(settings.tune)
    characters = sum(line.length for line in template.lines)
    verse = Verse(
        replace(settings, start="", template="", rhyme=""),
        template,
        alphabet,
        settle(template, wishes(spelled, opening, text, template)),
        "".join(one for one in spelled.embed if not one.isspace()),
        rhyme_name(settings, alphabet, template),
        repeat_limits(characters, tune=tune),
        tuple(remarks),
    )
    verse.automaton(0)  # a contradiction is found before anything is drawn
    return verse


def with_form(settings: SampleSettings, template_text: str) -> SampleSettings:
    """The settings with the form that the tune or the given lines imply, and 合律 where nothing else is said."""
    form = known_name("form", settings.form)
    lines = template_lines(template_text)
    if settings.tune and not form:
        form = "词"
    if lines and not form:
        form = form_by_shape(lines)
    if form in REGULATED_FORMS and settings.regulated is None and settings.constrain:
        settings = replace(settings, regulated=True)
    if lines and not settings.lines and form in OPEN_LENGTHS:
        settings = replace(settings, lines=len(lines))
    return replace(settings, form=form)


def template_of(settings: SampleSettings, template_text: str) -> Template | None:
    """The form's template, None where there is no form to keep."""
    if not settings.constrain or not settings.form:
        return None
    if settings.form == "词":
        return tune_of(settings, template_text) if settings.tune else None
    if settings.form[:1] not in LINE_LENGTHS or settings.form not in FIXED_FORMS:
        return None
    return verse_template(
        settings.form,
        regulated=settings.regulated is not False,
        strict=settings.polyphones == "strict",
        lines=settings.lines or None,
    )


def tune_of(settings: SampleSettings, template_text: str) -> Template | None:
    """The variant asked for; of several, one that has the lines that are given. None for a tune without a table."""
    if not canonical_name(settings.tune):
        if any(getattr(settings, option) for option in GRID_OPTIONS):
            find_tune(settings.tune)  # raises, with the nearest names
        return None
    variants = find_tune(settings.tune)
    lengths = [len(line) for line in template_lines(template_text)]
    fitting = [one for one in variants if [len(line.pattern) for line in one.lines] == lengths]
    if fitting and settings.variant == 1:
        return tune_template(fitting[0])
    if settings.variant > len(variants):
        raise GenerationError(
            f"《{settings.tune}》有 {len(variants)} 体，没有第 {settings.variant} 体。请改 --variant。",
            f"{settings.tune} has {len(variants)} variants, not {settings.variant}. Change --variant.",
        )
    return tune_template(variants[settings.variant - 1])


def rhyme_name(settings: SampleSettings, alphabet: Alphabet, template: Template) -> str:
    """The rhyme group asked for. Raises GenerationError if the form cannot rhyme in it."""
    names = alphabet.rhymes(template.rhyme).names
    asked = "".join(settings.rhyme.split())
    if settings.law == "平水韵":
        asked = known_name(
            "rhyme", settings.rhyme, [name for name in CLOSED_FIELDS["rhyme"][1] if name in names]
        )
    if not asked or asked in names:
        return asked
    listed = " ".join(names)
    raise GenerationError(
        f"{template.name}按{settings.law}不能押“{settings.rhyme}”。可押：{listed}。",
        f"{template.name} cannot rhyme in {settings.rhyme!r}. It can in: {listed}.",
    )


def refuse_pins(settings: SampleSettings) -> None:
    """Without a form there are no places. Raises GenerationError if some are asked for."""
    asked = [f"--{option}" for option in GRID_OPTIONS if getattr(settings, option)]
    if asked:
        raise GenerationError(
            f"{' '.join(asked)} 要有固定的格式才知道放在哪里。请加上 --form=七绝 之类，或有谱的词牌 --tune=菩萨蛮"
            "（并且不要 --constrain=False）。",
            f"{' '.join(asked)} needs a form with fixed places. Add --form=七绝 or a known tune "
            "(and no --constrain=False).",
        )


def alphabet_of(settings: SampleSettings, vocabulary: Vocabulary, size: int) -> Alphabet:
    """The readings by the law and the strictness asked for."""
    return make_alphabet(vocabulary, size, settings.law, settings.polyphones == "strict")


@lru_cache(maxsize=4)
def make_alphabet(vocabulary: Vocabulary, size: int, law: str, strict: bool) -> Alphabet:
    """Kept, for its masks take a third of a second to make."""
    lenient = simplified_lexicon() if law == "平水韵" else modern_lexicon()
    narrow = strict_lexicon() if law == "平水韵" else strict_modern_lexicon()
    return Alphabet(vocabulary, size, narrow if strict else lenient, strict=strict, lenient=lenient)


def read(text: str) -> str:
    """The text itself, or that of the file it names."""
    if text.startswith(FILE_PREFIX):
        text = read_text_file(Path(text.removeprefix(FILE_PREFIX)))
    return "\n".join(line.strip() for line in text.strip().splitlines())


def spelt(what: str, text: str, vocabulary: Vocabulary, remarks: list[str], keep: Sequence[str] = "") -> str:
    """`text` as the model spells it, with a remark on what was changed; blanks, spaces and `keep` stay.

    Raises UnknownCharacterError.
    """
    plain = {*BLANKS, *keep, *" \t\n\u3000"}
    typed = "".join(one for one in text if one not in plain)
    read_as = iter(respell(what, typed, vocabulary, remarks))
    return "".join(one if one in plain else next(read_as) for one in text)
