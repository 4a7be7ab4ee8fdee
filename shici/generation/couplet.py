"""Answers the first line of a couplet (上联) with lines of opposite tones: what `shici couplet` runs.

shici couplet 白日依山尽
shici couplet 海内存知己 --num_samples=3 --particles=64 --pin="1,1=天"
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from shici.checkpoint import LoadedModel
from shici.config.parse import parse_words
from shici.config.sample import CoupletSettings
from shici.corpus.document import Document, encode_prompt
from shici.errors import GenerationError
from shici.generation.automaton import Automaton
from shici.generation.backend import MakeReader, sole_writer
from shici.generation.embedding import build
from shici.generation.form import FormConstraint
from shici.generation.grid import settle
from shici.generation.guidance import GuidedReader, guides, unguided, unguiding
from shici.generation.main import remark
from shici.generation.particles import Cloud, write_drafts
from shici.generation.prompts import AUTHOR, respell
from shici.generation.runtime import crowded, cuts_of, load, unused_model
from shici.generation.verse import PIN_SIGNS, PINNED, spelt
from shici.generation.voicing import make_alphabet
from shici.generation.wishes import placed_pins
from shici.language import Text
from shici.prosody.lines import is_han, lines_of
from shici.prosody.modern import strict_modern_lexicon
from shici.prosody.readings import EITHER, Lexicon, strict_lexicon
from shici.prosody.repeats import RepeatLimits
from shici.prosody.rhymes import LEVEL
from shici.prosody.template import answer_template

USAGE = Text("shici couplet 上联", "shici couplet FIRST-LINE")
UPPER = Text("上联", "The first line")
NO_AUTHOR = Text("没有 --author", "there is no --author")
FORMS_BY_LENGTH = {5: "五律", 7: "七律"}


@dataclass(frozen=True, slots=True)
class Upper:
    """The line to be answered, in the model's spelling, with its tones (平 仄 通 ？)."""

    text: str
    tones: str


class Answer(FormConstraint):
    """The form of the answer, in which no character of the first line comes again."""

    def __init__(self, automata: list[Automaton], used: Tensor) -> None:
        super().__init__(automata)
        self._fresh = ~used  # (V,)

    def allowed(self) -> Tensor:
        """(B, V) bool; a pinned character may be one of the first line's."""
        allowed = super().allowed()
        fresh = allowed & self._fresh
        return torch.where(fresh.any(-1, keepdim=True), fresh, allowed)


def main(argv: list[str]) -> int:
    """Answer the line that the command line gives. Errors: ShiciError."""
    settings, words = parse_words(CoupletSettings, argv, usage=USAGE)
    if len(words) != 1:
        raise GenerationError(
            f"请给一句上联，例如 shici couplet 白日依山尽；得到 {len(words)} 个词。设置要写成 --名字=值。",
            f"Expected one line, as in: shici couplet 白日依山尽; got {len(words)} words. Settings are --name=value.",
        )
    loaded = load(settings)
    upper = read_upper(words[0], settings, loaded)
    remarks: list[Text] = []
    settings = replace(
        settings,
        author=respell(AUTHOR, settings.author, loaded.vocabulary, remarks),
        pin=spelt(PINNED, settings.pin, loaded.vocabulary, remarks, keep=PIN_SIGNS),
    )
    remarks += unguiding(settings.guidance_scale, asked(upper, settings), NO_AUTHOR)
    for one in (*unused_model(settings), *remarks, *crowded(settings, settings.particles)):
        remark(one)
    with sole_writer(loaded.model, settings) as make_reader:
        for text in answers(upper, settings, loaded, make_reader):
            print(f"{upper.text}，{text}。\n{tones_below(upper, text, settings)}\n", flush=True)
    return 0


def read_upper(text: str, settings: CoupletSettings, loaded: LoadedModel) -> Upper:
    """The first line as the model reads it. Raises GenerationError for what is no line of verse."""
    remarks: list[Text] = []
    clauses = lines_of(text)
    line = respell(UPPER, clauses[0] if len(clauses) == 1 else text, loaded.vocabulary, remarks)
    if not 2 <= len(line) <= 30 or not all(map(is_han, line)):
        raise GenerationError(
            f"上联应是 2 到 30 个汉字的一句，得到 {len(line)} 个字符“{line}”。请只给一句，不带标点。",
            f"Expected one line of 2 to 30 Chinese characters, got {len(line)}: {line!r}. Give a single line without "
            "marks.",
        )
    tones = lexicon_of(settings).tones(line)
    if tones[-1] == LEVEL:
        remarks.append(
            Text(
                "上联以平声收，下联便以仄声收；通常是上仄下平。",
                "The first line ends in a level tone, so its answer ends in an oblique one; the usual is the reverse.",
            )
        )
    if EITHER in tones:
        both = "".join(one for one, tone in zip(line, tones, strict=True) if tone == EITHER)
        remarks.append(
            Text(
                f"“{both}”平仄两读，相对的字不限平仄（末字按平收）。",
                f"{both}: level or oblique, so what answers may be either (the last place of the answer is level).",
            )
        )
    for one in remarks:
        remark(one)
    return Upper(line, tones)


def answers(
    upper: Upper, settings: CoupletSettings, loaded: LoadedModel, make_reader: MakeReader
) -> Iterator[str]:
    """num_samples lines that answer `upper`, each the choice of settings.particles particles."""
    vocabulary, size = loaded.vocabulary, loaded.model.config.vocab_size
    automaton = lower_automaton(upper, settings, loaded)
    document = asked(upper, settings)
    prompt, plain = (encode_prompt(one, vocabulary) for one in (document, unguided(document)))
    used = torch.zeros(size, dtype=torch.bool)
    used[vocabulary.encode(upper.text)] = True
    at_once = max(1, settings.batch_size // settings.particles)
    for first in range(0, settings.num_samples, at_once):
        numbers = range(first, min(first + at_once, settings.num_samples))
        rows = len(numbers) * settings.particles
        reader, constraint = make_reader(prompt, rows), Answer([automaton] * rows, used)
        if guides(settings.guidance_scale, document):
            reader = GuidedReader(reader, make_reader(plain, rows), settings.guidance_scale)
        cloud = Cloud(settings.seed, numbers, settings.particles)
        # the mark and the end of the poem say nothing about the line
        written = write_drafts(reader, constraint, cloud, cuts=cuts_of(settings), length=len(upper.text))
        yield from (vocabulary.decode(draft.tokens) for draft in written)


def asked(upper: Upper, settings: CoupletSettings) -> Document:
    """What the model is shown: a poem that begins with the first line."""
    form = FORMS_BY_LENGTH.get(len(upper.text), "")
    return Document(f"{upper.text}，", form=form, regulated="合律" if form else "", author=settings.author)


def lower_automaton(upper: Upper, settings: CoupletSettings, loaded: LoadedModel) -> Automaton:
    """The form of the answer, with its pins. Raises GenerationError where they contradict it."""
    vocabulary = loaded.vocabulary
    template = answer_template(upper.tones)
    wishes = placed_pins(settings.pin)
    alphabet = make_alphabet(
        vocabulary, loaded.model.config.vocab_size, settings.law, settings.polyphones == "strict"
    )
    doubled = any(one == other for one, other in zip(upper.text, upper.text[1:], strict=False))
    limits = RepeatLimits(doublings=int(doubled), repeats=len(upper.text) - len(set(upper.text)), times=2)
    return build(template, alphabet, settle(template, wishes), "", limits)


def tones_below(upper: Upper, lower: str, settings: CoupletSettings) -> str:
    """The tones of both lines, each below its character."""
    return f"{upper.tones}　{lexicon_of(settings).tones(lower)}"


def lexicon_of(settings: CoupletSettings) -> Lexicon:
    """The readings in use: those that stand in the books alone would leave half of all places open."""
    return strict_lexicon() if settings.law == "平水韵" else strict_modern_lexicon()
