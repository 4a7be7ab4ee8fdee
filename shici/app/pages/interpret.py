"""解读: what the model has learned, asked in four ways. Every number is a measurement of shici.explanation."""

from __future__ import annotations

from typing import Any

import streamlit as st
import torch

from shici.app.components import component
from shici.app.interpret_answers import (
    View,
    conditions,
    heads_part,
    lens_part,
    recall_part,
    swap_part,
    swappable,
)
from shici.app.interpret_words import MESSAGES, ONE_ONLY
from shici.app.interpreting import MOST, WAYS, experiment, index_text, training_text
from shici.app.language import Text, in_language
from shici.app.masthead import show
from shici.app.payload import Array, pack
from shici.app.reading import trace_of
from shici.app.state import Session, Writing
from shici.app.tokens import places
from shici.app.writer import write_on
from shici.checkpoint import LoadedModel
from shici.errors import CorpusError, ShiciError
from shici.explanation.verse import lay_out
from shici.generation.spelling import spell

TITLE = Text("解读", "What it learned")
ABOUT = Text(
    "它学到了什么？四种问法，都问在你的这一句上。",
    "What did it learn? Four ways of asking, all on your own line.",
)
KEY = "shici_interpret"
LONGEST_TYPED = 8  # characters looked at of what is to be put in for one

_interpret = component("interpret")


def view_of() -> View:
    view: View = st.session_state.setdefault(KEY, View())
    return view


def page() -> None:
    """Draw the page."""
    show(_interpret, "interpret", TITLE, ABOUT, packed, act, view_of())


def packed(loaded: LoadedModel, session: Session, writing: Writing, view: View) -> bytes:
    """All four answers. Tensors: see `lens_part`, `heads_part` and `swap_part`."""
    vocabulary, language = loaded.vocabulary, session.language
    trace = trace_of(loaded, writing.tokens())
    seen = trace.idx[0].tolist()
    layout = lay_out(seen, vocabulary)
    header: dict[str, Any] = {
        "words": in_language(MESSAGES, language),
        "language": language,
        "tokens": places(vocabulary, seen, len(writing.prompt.ids) - trace.window_start, language),
        "body": layout.body,
        "written": len(writing.path()),
        "layers": loaded.model.config.n_layer,
        "heads": loaded.model.config.n_head,
    }
    tensors: dict[str, torch.Tensor | Array] = {}
    for part in (lens_part, heads_part, swap_part):
        told, sent = part(loaded, session, writing, view, seen, layout)
        header |= told
        tensors |= sent
    header["recall"] = recall_part(vocabulary, seen, layout, view, language)
    return pack(header, tensors)


def act(loaded: LoadedModel, session: Session, writing: Writing, view: View, event: dict[str, Any]) -> None:
    """{"write": n}, {"back": true}, {"silence": [l, h], "way"}, {"swap": place, "with": text} or {"index": true}."""
    view.refused = view.spoilt = ""
    if "write" in event:
        write_on(loaded, session, writing, max(1, min(MOST, int(event["write"]))))
    elif "back" in event:
        writing.goto(None)
    elif "silence" in event:
        silence(loaded, session, writing, view, event)
    elif "swap" in event:
        take_swap(loaded, session, writing, view, event)
    elif "index" in event:
        try:
            index_text(training_text())
        except CorpusError as error:
            view.spoilt = Text(error.zh, error.en).said(session.language)


def silence(
    loaded: LoadedModel, session: Session, writing: Writing, view: View, event: dict[str, Any]
) -> None:
    """Write poems without a head; one that is not there is ignored."""
    layer, head = (int(one) for one in event["silence"])
    config = loaded.model.config
    way = event.get("way")
    if 0 <= layer < config.n_layer and 0 <= head < config.n_head and way in WAYS:
        trial = experiment(loaded, session, writing, (layer, head), str(way))
        view.trial = conditions(session, writing), trial


def take_swap(
    loaded: LoadedModel, session: Session, writing: Writing, view: View, event: dict[str, Any]
) -> None:
    """Swap a character for what was typed; what is no single character of the model's is refused in words."""
    place, typed = int(event["swap"]), "".join(str(event.get("with", "")).split())[:LONGEST_TYPED]
    trace = trace_of(loaded, writing.tokens())
    if not swappable(loaded.vocabulary, trace.idx[0].tolist(), place):
        view.swapped = None
        return
    try:
        ids = loaded.vocabulary.encode(spell(typed, loaded.vocabulary).text)
    except ShiciError as error:
        view.refused = Text(error.zh, error.en).said(session.language)
        return
    if len(ids) != 1:
        view.refused = ONE_ONLY.said(session.language)
        return
    view.swapped = place, ids[0]
