"""A form that the user asks for, ready to be kept: template, pins, readings, and an automaton for each poem.

--form=七律 --rhyme=一东 --pin="3,1=月"  ->  Verse  ->  one Automaton a poem
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

import numpy as np

from shici.config.sample import SampleSettings
from shici.errors import GenerationError
from shici.generation.alphabet import Alphabet
from shici.generation.automaton import Automaton
from shici.generation.embedding import build, embedded, possible_rhymes
from shici.generation.form_asked import FIXED_FORMS, with_form, without_form, without_nonsense
from shici.generation.grid import Place, lay_out, settle
from shici.generation.prompts import CLOSED_FIELDS, OPENING, given_text, guess_name, known_name, respell
from shici.generation.voicing import alphabet_of, read_by_the_books, reading_of
from shici.generation.wishes import BLANKS, wishes
from shici.language import Text
from shici.prosody.lines import BREAKS, lines_of
from shici.prosody.repeats import RepeatLimits, repeat_limits
from shici.prosody.rhymes import LEVEL
from shici.prosody.template import PART_RHYME, Template, tune_template, verse_template
from shici.prosody.tunes import canonical_name, find_tune, nearest_names
from shici.vocabulary import Vocabulary

GRID_OPTIONS = ("pin", "acrostic", "embed", "template")
TEMPLATE, ACROSTIC = Text("模板", "The template"), Text("藏字", "The acrostic")
PINNED, EMBEDDED = Text("钉住的字", "What is pinned"), Text("嵌字", "What is to be embedded")
PIN_SIGNS = "0123456789０１２３４５６７８９,，=＝;；-"
EMBED_STREAM = 1  # of the seed's random streams, the one that places 嵌字


@dataclass(frozen=True, slots=True)
class Verse:
    """settings: with the form and whether regulated, without what has gone into the other fields.

    rhyme: asked for, or "". rhymes: the groups in which the first rhyme can be written. pins: what stands where,
    whatever the poem. embed: characters to be placed anew in each poem. limits: how often characters may come again.
    remarks: what the reader should know.
    """

    settings: SampleSettings
    template: Template
    alphabet: Alphabet
    pins: dict[Place, str]
    embed: str
    rhyme: str
    rhymes: tuple[str, ...]
    limits: RepeatLimits
    remarks: tuple[Text, ...] = ()

    @property
    def rhyme_count(self) -> int:
        """How many different rhymes the form has."""
        return len({number for row in self.template.rhymes for number in row if number is not None})

    @property
    def names_rhyme(self) -> bool:
        """Whether the model is told the rhyme: it has read documents with one rhyme of 平水韵 or 词林正韵."""
        return self.rhyme_count == 1 and self.settings.law == "平水韵"

    @property
    def opening(self) -> str:
        """The text, marks included, that stands before the first place which is left to the model."""
        cells = lay_out(self.template, self.pins, self.alphabet.vocabulary).cells[:-1]
        known = takewhile(lambda cell: cell.token is not None, cells)
        return self.alphabet.vocabulary.decode([cell.token for cell in known if cell.token is not None])

    def with_pins(self, pins: Mapping[Place, str], rhyme: str) -> Verse:
        """The same with other pins, read by the readings in use if a poem in `rhyme` can be written so."""
        alphabet = self.alphabet
        found = reading_of(self.settings, alphabet.vocabulary, alphabet.size, self.template, pins, rhyme)
        return replace(self, pins=dict(sorted(pins.items())), alphabet=found)

    def automaton(self, number: int, rhyme: str = "") -> Automaton:
        """The automaton of poem `number`, in the rhyme group `rhyme` (or any).

        Raises GenerationError, with the places named, where the wishes contradict the form.
        """
        rhyme = rhyme or self.rhyme
        dice = np.random.default_rng((self.settings.seed, number, EMBED_STREAM))
        pins = embedded(self.template, self.alphabet, self.pins, self.embed, rhyme, dice)
        return build(self.template, self.alphabet, pins, rhyme, self.limits)


def plan_verse(settings: SampleSettings, vocabulary: Vocabulary, size: int) -> Verse | None:
    """What the settings ask of the form; None where they ask for no form that can be kept.

    size: the model's vocabulary size. Raises GenerationError, ProsodyError or UnknownCharacterError for wishes
    that cannot be met.
    """
    remarks: list[Text] = []
    if not vocabulary.has_controls:
        refuse_pins(settings, has_controls=False)
        return None
    text = spelt(TEMPLATE, given_text(settings.template), vocabulary, remarks)
    settings = without_nonsense(with_form(settings, text, remarks), remarks)
    template = template_of(settings, text)
    if template is None:
        refuse_pins(settings, has_controls=True)
        return None
    opening = spelt(OPENING, given_text(settings.start), vocabulary, remarks)
    spelled = replace(
        settings,
        pin=spelt(PINNED, settings.pin, vocabulary, remarks, keep=PIN_SIGNS),
        acrostic=spelt(ACROSTIC, settings.acrostic, vocabulary, remarks),
        embed=spelt(EMBEDDED, settings.embed, vocabulary, remarks),
    )
    tune = bool(settings.tune)
    characters = sum(line.length for line in template.lines)
    pins = settle(template, wishes(spelled, opening, text, template))
    embed = BREAKS.sub("", spelled.embed)
    remarks += without_effect(opening, embed)
    rhyme = rhyme_name(settings, alphabet_of(settings, vocabulary, size), template)
    alphabet = reading_of(settings, vocabulary, size, template, pins, rhyme)
    rhymes = possible_rhymes(template, alphabet, pins, embed, rhyme)
    remarks += read_by_the_books(template, alphabet, alphabet_of(settings, vocabulary, size), pins, rhyme)
    if settings.temperature == 0:  # all particles would write the same
        settings = replace(settings, particles=1)
    return Verse(
        replace(settings, start="", template="", rhyme=""),
        template,
        alphabet,
        pins,
        embed,
        rhyme,
        rhymes,
        repeat_limits(characters, tune=tune),
        tuple(remarks),
    )


def without_effect(opening: str, embed: str) -> list[Text]:
    """Remarks on an opening of marks alone, and on characters of 嵌字 that come again."""
    remarks = []
    if opening and not lines_of(opening):
        remarks.append(
            Text(
                f"--start={opening} 用不上：标点由体裁定。",
                f"--start={opening} is not used: the marks follow from the form.",
            )
        )
    again = "".join(dict.fromkeys(one for one in embed if embed.count(one) > 1))
    if again:
        remarks.append(
            Text(
                f"嵌字里重复的“{again}”只放一处；要放几处，请用 --pin。",
                f"{again} comes more than once in --embed and is placed once; to have it in several places use --pin.",
            )
        )
    return remarks


def template_of(settings: SampleSettings, template_text: str) -> Template | None:
    """The form's template, None where there is no form to keep."""
    if not settings.constrain or not settings.form:
        return None
    if settings.form == "词":
        return tune_of(settings, template_text) if settings.tune else None
    if settings.form not in FIXED_FORMS:
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
    lengths = [len(line) for line in lines_of(template_text)]
    fitting = [one for one in variants if [len(line.pattern) for line in one.lines] == lengths]
    if fitting and settings.variant == 1:
        return tune_template(fitting[0])
    if settings.variant > len(variants):
        raise GenerationError(
            f"《{settings.tune}》有 {len(variants)} 体，没有第 {settings.variant} 体。请改 --variant。",
            f"Expected --variant of {settings.tune} from 1 to {len(variants)}, got {settings.variant}. Change it.",
        )
    return tune_template(variants[settings.variant - 1])


def rhyme_name(settings: SampleSettings, alphabet: Alphabet, template: Template) -> str:
    """The rhyme group asked for. Raises GenerationError if the form cannot rhyme in it."""
    names = alphabet.rhymes(template.rhyme).names
    asked = "".join(settings.rhyme.split())
    if settings.law != "平水韵" and asked + LEVEL in names:
        asked += LEVEL  # 十唐 of a form that rhymes in level tones
    if settings.law == "平水韵":
        asked = known_name(
            "rhyme", settings.rhyme, [name for name in CLOSED_FIELDS["rhyme"][1] if name in names]
        )
    if not asked or asked in names:
        return asked
    book = "词林正韵" if settings.law == "平水韵" and template.rhyme == PART_RHYME else settings.law
    shown = names if settings.law == "平水韵" else [name.removesuffix(LEVEL) for name in names]
    guess = None if settings.law == "平水韵" else guess_name(asked, shown)  # known_name has guessed
    if guess:
        remedy = Text(f"是不是 --rhyme={guess}？", f"Did you mean --rhyme={guess}?")
    else:
        remedy = Text(f"可押：{' '.join(shown)}。", f"It can in: {' '.join(shown)}.")
    raise GenerationError(
        f"{template.name}按{book}不能押“{settings.rhyme}”。{remedy.zh}",
        f"{template.name} cannot rhyme in {settings.rhyme!r} by {book}. {remedy.en}",
    )


def refuse_pins(settings: SampleSettings, *, has_controls: bool) -> None:
    """Without a form there are no places. Raises GenerationError if some are asked for."""
    asked = [f"--{option}" for option in GRID_OPTIONS if getattr(settings, option)]
    if asked and not has_controls:
        raise GenerationError(
            f"这个模型只会续写，不能按格律写，用不了 {' '.join(asked)}。请换用 train.py 训练的模型。",
            f"This model only continues text: it cannot keep a form, and {' '.join(asked)} cannot be used. "
            "Use a model trained by train.py.",
        )
    if asked:
        raise GenerationError(
            f"{' '.join(asked)} 要有固定的格式才知道放在哪里。请加上 --form=七绝 之类，或有谱的词牌 --tune=菩萨蛮"
            "（并且不要 --constrain=False）。",
            f"{' '.join(asked)} needs a form with fixed places. Add --form=七绝 or a known tune "
            "(and no --constrain=False).",
        )


def unkept(settings: SampleSettings) -> list[Text]:
    """What to tell a reader where no form is kept: what is no more than a hint to the model, and what is not used."""
    return [*_hints(settings), *without_form(settings)]


def _hints(settings: SampleSettings) -> list[Text]:
    if not settings.constrain or not (settings.form or settings.tune):
        return []
    if settings.tune and settings.form != "曲":
        return [_no_table(settings.tune)]
    if settings.form == "词":
        zh, en = "词要给出词牌（--tune）才有谱", "A 词 has a form only with its tune (--tune)"
    else:
        zh, en = f"{settings.form}没有定式", f"{settings.form} has no fixed form"
    return [Text(f"{zh}，只当提示，不守格律。", f"{en}: it is only a hint to the model, no rules are kept.")]


def _no_table(tune: str) -> Text:
    near = nearest_names(tune)
    near_zh = f"有谱的调里相近的：{'、'.join(near)}。" if near else ""
    near_en = f" Tunes of a near name that have one: {', '.join(near)}." if near else ""
    return Text(
        f"《{tune}》没有谱，只当提示，不守格律。{near_zh}",
        f"No pattern is known for the tune {tune}: it is only a hint to the model, no rules are kept.{near_en}",
    )


def spelt(
    what: Text, text: str, vocabulary: Vocabulary, remarks: list[Text], keep: Sequence[str] = ""
) -> str:
    """`text` as the model spells it, with a remark on what was changed; blanks, spaces and `keep` stay.

    Raises UnknownCharacterError.
    """
    plain = {*BLANKS, *keep, *" \t\n\u3000"}
    typed = "".join(one for one in text if one not in plain)
    read_as = iter(respell(what, typed, vocabulary, remarks))
    return "".join(one if one in plain else next(read_as) for one in text)
