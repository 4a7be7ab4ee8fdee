"""A form kept while a poem is written character by character, for the page 逐字生成.

planned(loaded, settings, ...) -> the prompt with its form and rhyme, and the form, brought to the end of the typed line
The automaton's state is a function of the text: branches, undo and other candidates need nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import streamlit as st

from shici.app.language import Text
from shici.checkpoint import LoadedModel
from shici.config.sample import SampleSettings
from shici.corpus.document import encode_prompt
from shici.generation.automaton import Automaton, State
from shici.generation.form_asked import FIXED_FORMS
from shici.generation.prompts import Prompt, build_prompt
from shici.generation.rhyme_choice import choose_rhymes
from shici.generation.verse import plan_verse
from shici.generation.wishes import BREAKS
from shici.prosody.patterns import FREE
from shici.prosody.rhymes import LEVEL, OBLIQUE
from shici.prosody.tunes import tunes

SIGNS = {(LEVEL,): "○", (OBLIQUE,): "●"}


@dataclass(frozen=True, slots=True)
class Kept:
    """name: of the form or tune. variant: of the tune, from 1. rhyme: of this poem, "" where none is named. rhymes:
    those it could be written in.

    state: where the typed line ends. opening: how many tokens of the poem were typed.
    """

    name: str
    variant: int
    rhyme: str
    rhymes: tuple[str, ...]
    automaton: Automaton
    state: State
    opening: int


@lru_cache(maxsize=1)
def choices() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names of the 诗 and of the tunes that can be kept."""
    return FIXED_FORMS, tuple(tunes())


def sizes(name: str) -> list[int]:
    """How many characters each variant of a tune has; [] for a 诗 and for what is not known."""
    return [sum(len(line.pattern) for line in variant.lines) for variant in tunes().get(name, ())]


def planned(
    loaded: LoadedModel, settings: SampleSettings, name: str, rhyme: str, number: int, variant: int = 1
) -> tuple[Prompt, Kept]:
    """The prompt and the form `name` of poem `number`; its rhyme is drawn from the model's prediction unless given.

    Raises ShiciError where the line contradicts the form, or the model knows no forms.
    """
    tune = name not in FIXED_FORMS
    asked = SampleSettings(
        start=settings.start,
        form="词" if tune else name,
        tune=name if tune else "",
        variant=variant if tune else 1,
        rhyme=rhyme,
        author=settings.author,
        title=settings.title,
        seed=settings.seed,
        law=settings.law,
        polyphones=settings.polyphones,
    )
    return _planned(loaded, str(loaded.origin), asked, name, number)


@st.cache_resource(show_spinner=False, max_entries=64)
def _planned(
    _loaded: LoadedModel, origin: str, asked: SampleSettings, name: str, number: int
) -> tuple[Prompt, Kept]:
    vocabulary, config = _loaded.vocabulary, _loaded.model.config
    verse = plan_verse(asked, vocabulary, config.vocab_size)
    prompt = build_prompt(verse.settings if verse else asked, vocabulary, config.block_size)
    assert verse is not None  # build_prompt has refused a model that knows no forms
    rhyme = choose_rhymes(_loaded, prompt.document, verse, [number])[0]
    automaton = verse.automaton(number, rhyme)
    state = typed(automaton, ends=bool(BREAKS.fullmatch(asked.start.strip()[-1:])))
    tokens = tuple(text_of(automaton, state))
    document = replace(
        prompt.document, rhyme=rhyme if verse.names_rhyme else "", body=vocabulary.decode(tokens)
    )
    ids = tuple(encode_prompt(document, vocabulary))
    open_verse = plan_verse(replace(asked, rhyme=""), vocabulary, config.vocab_size) if asked.rhyme else verse
    kept = Kept(
        name, asked.variant, rhyme, open_verse.rhymes if open_verse else (), automaton, state, len(tokens)
    )
    return Prompt(document, ids, (*verse.remarks, *prompt.remarks)), kept


def typed(automaton: Automaton, *, ends: bool) -> State:
    """The state behind the characters that are given from the first place on; behind their mark too if `ends`."""
    cells = automaton.grid.cells
    free = next(
        (at for at, cell in enumerate(cells) if cell.place is not None and cell.token is None), len(cells) - 1
    )
    stop = free if ends else 1 + max((at for at in range(free) if cells[at].place is not None), default=-1)
    state = automaton.start()
    for cell in cells[:stop]:
        assert cell.token is not None
        following = automaton.advance(state, cell.token)
        assert following is not None
        state = following
    return state


def text_of(automaton: Automaton, state: State) -> list[int]:
    """The tokens up to the state's cell, marks included."""
    characters = iter(state.text)
    return [
        next(characters) if cell.place is not None else int(cell.token or 0)
        for cell in automaton.grid.cells[: state.cell]
    ]


# what the page shows


def demands(automaton: Automaton, state: State) -> set[tuple[str, int, int | None]]:
    """(tone, scheme, number of the rhyme or None) of the state's place by each way that is open."""
    cell = automaton.grid.cells[state.cell]
    assert cell.place is not None
    template = automaton.template
    section = next(one for one in template.sections if cell.line in one.lines)
    ends = cell.place == template.lines[cell.line].length - 1
    return {
        (
            way.patterns[cell.line - section.first][cell.place],
            way.scheme,
            template.rhymes[way.scheme][cell.line] if ends else None,
        )
        for way in automaton.ways(state)
    }


def reason(automaton: Automaton, state: State, token: int) -> Text:
    """Why `token` may not be written in the state's place."""
    alphabet, cell = automaton.alphabet, automaton.grid.cells[state.cell]
    fixed = cell.token
    if cell.place is None or fixed is not None or automaton.template.lines[cell.line].same_as is not None:
        only = int(automaton.allowed(state).argmax())
        named = alphabet.vocabulary.tokens[only]
        if only == alphabet.vocabulary.eos:
            return Text("全诗已足，此处当收", "the poem is full and ends here")
        said = "换行" if named == "\n" else f"“{named}”"
        return Text(f"此处定是{said}", f"here stands {'a new line' if named == chr(10) else named}")
    if not alphabet.characters[token]:
        return Text("一句未满，不是标点处", "the line is not full yet")
    asked = demands(automaton, state)
    tones = {tone for tone, _, _ in asked}
    if len(tones) == 1 and FREE not in tones:
        (tone,) = tones
        if not alphabet.lenient.tones[tone][token]:
            return Text(f"此处当{tone}", f"here the tone is {'level' if tone == LEVEL else 'oblique'}")
        if not alphabet.tones[tone][token]:
            return Text(
                f"此处当{tone}，此字两读",
                f"here the tone is {'level' if tone == LEVEL else 'oblique'}; two readings",
            )
    if token in state.text:
        return Text("此字已用过", "used before")
    if all(number is not None for _, _, number in asked):
        return rhyme_reason(automaton, state, asked)
    return Text("写了它，下文不能合律", "nothing that follows could keep the form")


def rhyme_reason(automaton: Automaton, state: State, asked: set[tuple[str, int, int | None]]) -> Text:
    rhymes, names = automaton.alphabet.rhymes(automaton.template.rhyme), set()
    for _, scheme, number in asked:
        groups = state.groups[scheme]
        if groups is not None and number is not None:
            names |= set(rhymes.named(groups[number]))
    if len(names) == 1:
        (name,) = names
        return Text(f"此处押韵，当押{name}", f"here rhymes {name}")
    return Text("此处押韵，不合韵", "here stands a rhyme, and this is none")


def pattern(automaton: Automaton, state: State) -> list[dict[str, Any]]:
    """Each line of the form: its places with the tones still open (○ 平, ● 仄, ⊙ either), what is written, the rhymes.

    rhyme of a line: 2 where every open way rhymes there, 1 where some do, 0.
    """
    vocabulary, template = automaton.alphabet.vocabulary, automaton.template
    open_here = automaton.ways(state)
    schemes = {way.scheme for way in open_here} or set(range(len(template.rhymes)))
    characters = iter(state.text)
    at = automaton.grid.cells[min(state.cell, len(automaton.grid.cells) - 1)]
    found: list[dict[str, Any]] = []
    for section in template.sections:
        ways = (
            open_here
            if at.line in section.lines and open_here
            else [w for w in section.ways if w.scheme in schemes]
        )
        for line in section.lines:
            patterns = {way.patterns[line - section.first] for way in ways}
            rhyming = [template.rhymes[scheme][line] is not None for scheme in sorted(schemes)]
            places = []
            for place, tones in enumerate(zip(*sorted(patterns), strict=True)):
                token = next(characters, None)
                places.append(
                    {
                        "sign": SIGNS.get(tuple(sorted(set(tones))), "⊙"),
                        "text": "" if token is None else vocabulary.tokens[token],
                        "here": (line, place) == (at.line, at.place),
                    }
                )
            found.append({"places": places, "rhyme": 2 if all(rhyming) else int(any(rhyming))})
    return found
