"""作诗: a grid with its tones and rhymes, characters pinned in it, poems that keep all of it, and changes by hand.

The poems are those of sample.py with the same settings; the shares of what else might stand somewhere are the
sampler's, of the model's own logits.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from shici.app.batch import Batch, Version
from shici.app.card import STYLES, make_card
from shici.app.components import component, mount
from shici.app.composer import readers_for
from shici.app.composition import Composition, Task, carry_out, composition_of, grid_of, kept_text
from shici.app.desk import after_change, fill, header_of, take_asked, take_pins
from shici.app.language import Language, in_language
from shici.app.link import command_of, open_link, query_of
from shici.app.pages.compose_words import ABOUT, MESSAGES, PROGRESS, TITLE
from shici.app.payload import pack
from shici.app.reading import model_for
from shici.app.shelf import name_of, poem_of, written_out
from shici.app.state import Session, session_of
from shici.checkpoint import LoadedModel
from shici.errors import ShiciError
from shici.generation.grid import Place
from shici.generation.spelling import spell

__all__ = ["MESSAGES", "page"]

_compose = component("compose")
_poems = component("compose_poems")


def page() -> None:
    """Draw the page. What is to be written is written below the desk, and then all is drawn again."""
    session = session_of()
    composition = composition_of(session.settings)
    if not composition.opened:
        follow_link(composition)
    loaded = model_for(session.settings)
    header = header_of(loaded, composition, session.language)
    header |= {"title": TITLE.said(session.language), "about": ABOUT.said(session.language)}
    header["words"] = in_language(MESSAGES, session.language)
    mount(_compose, "compose", pack(header), lambda event: act(loaded, session, composition, event))
    progress = st.empty()
    if composition.poems:
        mount(
            _poems, "compose_poems", shelf_of(session, composition), lambda event: choose(composition, event)
        )
    if composition.task is not None:
        write(loaded, session, composition, progress)
        st.rerun()


def follow_link(composition: Composition) -> None:
    """Take over the address's parameters, once; what cannot be read is said. Another run may break this one off."""
    query = st.query_params.to_dict()
    composition.opened = True
    try:
        open_link(query, composition)
    except ShiciError as error:
        composition.error = error


def write(loaded: LoadedModel, session: Session, composition: Composition, place: Any) -> None:
    """Carry out the task, with a bar that counts the steps. A click meanwhile begins it again, or stops it."""
    words = PROGRESS.said(session.language)
    place.progress(0.0, words.format(done=0, total="…"))

    def report(done: int, total: int) -> None:
        place.progress(done / total, words.format(done=done, total=total))

    try:
        carry_out(composition, loaded, readers_for(loaded, session.settings), report)
    except ShiciError as error:
        composition.error, composition.task = error, None
    place.empty()


def shelf_of(session: Session, composition: Composition) -> bytes:
    """The poems with their verdicts, the link, and the card if it is asked for. Tensor: card (bytes of a PNG)."""
    planned, version, newest = composition.plan, composition.shown, composition.newest
    assert planned is not None
    assert newest is not None
    before = [batch for batch in reversed(composition.batches) if batch is not newest]
    header = {
        "words": in_language(MESSAGES, session.language),
        "language": session.language,
        "name": name_of(newest.plan.settings, session.language),
        "elsewhere": grid_of(newest.plan.settings) != grid_of(composition.settings),
        "poems": cards_of(composition, newest, session.language),
        "before": [card for batch in before for card in cards_of(composition, batch, session.language)],
        "chosen": composition.chosen,
        "query": query_of(composition),
        "command": command_of(planned.settings),
        "styles": list(STYLES),
        "card": None,
    }
    tensors = {}
    if composition.card and version:
        (style, seal), first = composition.card, composition.versions[0].poem
        header["card"] = {"style": style, "seal": seal}
        try:
            picture = make_card(planned, version.poem, style, seal, changed=version.poem.text != first.text)
            tensors["card"] = np.frombuffer(picture, dtype=np.uint8)
        except ShiciError as error:
            header["card_error"] = error.zh if session.language == "zh" else error.en
    return pack(header, tensors)


def cards_of(composition: Composition, batch: Batch, language: Language) -> list[dict[str, Any]]:
    """The poems of a batch as they stand now, each with its text to be copied."""
    return [
        poem_of(batch.plan, batch.current(poem), language)
        | {
            "batch": batch.number,
            "form": name_of(batch.plan.settings, language),
            "here": batch is composition.batch and poem.number == composition.chosen,
            "changed": batch.changed(poem),
            "copy": written_out(batch.plan, batch.current(poem)),
        }
        for poem in batch.poems
    ]


def act(loaded: LoadedModel, session: Session, composition: Composition, event: dict[str, Any]) -> None:
    """What was done at the desk. Wishes and pins come with everything; see compose.js for the rest."""
    if "language" in event:
        session.language = "en" if event["language"] == "en" else "zh"
        return
    try:
        perform(loaded, composition, event)
    except ShiciError as error:
        composition.error = error


def perform(loaded: LoadedModel, composition: Composition, event: dict[str, Any]) -> None:
    """Raises ShiciError."""
    composition.error, composition.remarks = None, ()
    before = composition.settings
    if isinstance(event.get("sent"), int):
        composition.heard = event["sent"]
    if isinstance(event.get("wishes"), dict):
        take_asked(composition, event["wishes"])
    take_pins(composition, event)
    after_change(loaded, composition, before)
    if "write" in event:
        composition.task = Task(fresh=True)
    elif "stop" in event:
        composition.task = None
    elif "fill" in event:
        fill(loaded, composition, event["fill"])
    elif "undo" in event:
        composition.undo()
    elif "empty" in event:
        composition.chosen = None
    elif "hold" in event and composition.shown is not None:
        composition.hold(place_of(event["hold"]))
    elif "replace" in event and composition.shown is not None:
        replace_one(loaded, composition, composition.shown, event["replace"])


def replace_one(
    loaded: LoadedModel, composition: Composition, version: Version, sent: dict[str, Any]
) -> None:
    """Put another character into a place, and write what follows anew or leave it. Raises ShiciError."""
    planned, place = composition.plan, place_of(sent["place"])
    if planned is None or place not in version.poem.text:
        return
    character = spell(str(sent["text"])[:8], loaded.vocabulary).text[:1]
    pins, held = version.changed(planned, place, character, follow=bool(sent.get("follow")))
    batch = composition.batch.number if composition.batch else None
    composition.task = Task(False, composition.chosen, kept_text(planned, pins), held, batch)


def place_of(sent: Any) -> Place:
    """[line, place] as the browser sends it; a place that no form has where it is something else."""
    if isinstance(sent, list) and len(sent) == 2 and all(isinstance(one, int) for one in sent):
        return sent[0], sent[1]
    return -1, -1


def choose(composition: Composition, event: dict[str, Any]) -> None:
    """What was done at the shelf: {"choose": number, "batch"} or {"card": {"style", "seal"} or null}."""
    if isinstance(event.get("choose"), int):
        batch = event.get("batch")
        composition.choose(event["choose"], batch if isinstance(batch, int) else None)
    elif "card" in event:
        card = event["card"]
        known = isinstance(card, dict) and card.get("style") in STYLES
        composition.card = (card["style"], str(card.get("seal", ""))[:8]) if known else None
