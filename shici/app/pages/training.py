"""训练: how a run learns, live while it does: what it writes at log-spaced steps with the same dice, and its curves.

All numbers are those of the run's history.json and log.csv; see shici.training.history and shici.training.journal.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from shici.app.components import component, mount
from shici.app.language import Language, Text, in_language
from shici.app.masthead import heading
from shici.app.model_card import CARD, licence, main_facts, recipe_steps, shipped_steps
from shici.app.pages import training_words
from shici.app.pages.training_words import ABOUT, COMMANDS, MESSAGES, TITLE
from shici.app.payload import Array, pack
from shici.app.runs import CURVES, Curves, curves_at, folders, history_at, is_live, stamp
from shici.app.state import Session, session_of
from shici.app.tokens import CONTROLS, FEED
from shici.corpus.document import Document
from shici.errors import TrainingError
from shici.training.history import History, Record
from shici.training.observation import LENGTH, Shares
from shici.vocabulary import control

OFTEN, SELDOM = 5, 20  # seconds between looks at a run that is training, and at one that is not
HALF = 0.5

_training = component("training")


def page() -> None:
    """Draw the page; its body looks again by itself."""
    session = session_of()
    heading(session, TITLE, ABOUT)
    folder = chosen(session)[1]
    st.fragment(body, run_every=OFTEN if is_live(folder) else SELDOM)()
    card(session.language)


def card(language: Language) -> None:
    """The facts of the model that ships, folded away."""
    facts = main_facts()
    if not facts:
        return
    with st.expander(training_words.CARD.said(language)):
        st.markdown(facts)
        if name := licence():
            st.markdown(training_words.LICENCE.said(language).format(name=name))
        st.download_button(
            training_words.WHOLE_CARD.said(language),
            CARD.read_bytes(),
            CARD.name,
            "text/markdown",
            on_click="ignore",
        )


def body() -> None:
    """What the chosen run has written so far."""
    session = session_of()
    mount(_training, "training", packed(session), lambda event: act(session, event))


def chosen(session: Session) -> tuple[str, Path]:
    """Name and folder of the run that is looked at: the one chosen, else one that is training, else the shipped."""
    known = folders(session.settings.out_dir)
    if session.run in known and session.run is not None:
        return session.run, known[session.run]
    name = next((name for name, folder in known.items() if is_live(folder)), "")
    return name, known[name]


def act(session: Session, event: dict[str, Any]) -> None:
    """{"run": name} chooses a run; a name that is not in the list is ignored."""
    name = event.get("run")
    if isinstance(name, str) and name in folders(session.settings.out_dir):
        session.run = name


def packed(session: Session) -> bytes:
    """The history of the chosen run, and the columns of its log.csv as float64 with NaN where nothing was measured."""
    language = session.language
    words = in_language(MESSAGES, language)
    steps = {"recipe": recipe_steps(), "shipped": shipped_steps()}
    words["how_whole"] = words["how_whole"].format_map(
        {which: f"{count:,}" if count else "—" for which, count in steps.items()}
    )
    name, folder = chosen(session)
    stamped = stamp(folder)
    header: dict[str, Any] = {
        "words": words,
        "language": language,
        "run": name,
        "runs": [
            {"name": other, "text": other or words["shipped"], "live": is_live(path)}
            for other, path in folders(session.settings.out_dir).items()
        ],
        "commands": [{"text": words[what], "command": command} for what, command in COMMANDS],
        "history": None,
        "curves": None,
        "trouble": {},
    }
    columns: Mapping[str, Array] = {}
    try:
        header["history"] = told(history_at(folder, stamped), language)
    except TrainingError as error:
        header["trouble"]["history"] = said(error, language)
    try:
        curves = curves_at(folder, stamped)
        header["curves"], columns = summary(curves), curves.columns
    except TrainingError as error:
        header["trouble"]["curves"] = said(error, language)
    header["version"] = f"{language} {name} {stamped} {header['runs']}"
    return pack(header, columns)


def said(error: TrainingError, language: Language) -> str:
    return Text(error.zh, error.en).said(language)


def summary(curves: Curves) -> dict[str, Any]:
    minutes = curves.columns["minutes"]
    return {
        "rows": curves.rows,
        "step": curves.step,
        "epoch": curves.epoch,
        "minutes": float(minutes[-1]) if len(minutes) else 0.0,
        "columns": CURVES,
    }


def told(history: History, language: Language) -> dict[str, Any]:
    """A history as the component takes it."""
    plan = history.plan
    return {
        "prompts": [
            {"text": called(prompt, language), "places": places(prompt, language)} for prompt in plan.prompts
        ],
        "asked": called(plan.asked, language),
        "count": plan.count,
        "length": LENGTH,
        "shares": Shares.__slots__,
        "runs": [
            {
                "name": in_one(run.name, language),
                "remark": in_one(run.remark, language),
                "steps": steps_of(history, at, language),
            }
            for at, run in enumerate(history.runs)
        ],
        "first": first_above(history.records),
        "records": [
            {
                "run": record.run,
                "step": record.step,
                "tokens": record.tokens,
                "val_loss": record.val_loss,
                "shares": [getattr(record.shares, share) for share in Shares.__slots__],
                "writings": [
                    {
                        "text": writing.text,
                        "ended": writing.ended,
                        "following": [
                            [shown(token, language), share, len(token) > 1]
                            for token, share in writing.following
                        ],
                        "rest": max(0.0, 1.0 - sum(share for _, share in writing.following)),
                    }
                    for writing in record.writings
                ],
            }
            for record in history.records
        ],
    }


def first_above(records: tuple[Record, ...]) -> dict[str, int | None]:
    """For each share the first step at which it is above one half, None where there is none."""
    return {
        name: next((record.step for record in records if getattr(record.shares, name) > HALF), None)
        for name in Shares.__slots__
    }


def in_one(text: str, language: Language) -> str:
    """A name or a remark has its Chinese on the first line and its English on the second, if it has two."""
    zh, _, en = text.partition("\n")
    return Text(zh, en or zh).said(language)


def steps_of(history: History, run: int, language: Language) -> str:
    """Which steps are of a run: 第 0–64 步."""
    steps = [record.step for record in history.records if record.run == run]
    span = f"{steps[0]:,}–{steps[-1]:,}" if len(steps) > 1 else f"{steps[0]:,}" if steps else "—"
    return MESSAGES["step"].said(language).format(n=span)


def shown(token: str, language: Language) -> str:
    """A token's picture, as in shici.app.tokens."""
    if token == "\n":
        return FEED
    if len(token) == 1:
        return token
    return CONTROLS[token].said(language) if token in CONTROLS else token.strip("<>")


def called(prompt: Document, language: Language) -> str:
    """A prompt in a few words: 七绝 · 合律 · 唐 · 李白《秋夜》."""
    named = f"{prompt.author}《{prompt.title}》" if prompt.title else prompt.author
    parts = (prompt.form, prompt.regulated, prompt.rhyme, prompt.dynasty, prompt.tune, named, prompt.body)
    return " · ".join(part for part in parts if part) or MESSAGES["bare"].said(language)


def places(prompt: Document, language: Language) -> list[dict[str, Any]]:
    """The prompt's tokens for verse.js, in the order of shici.corpus.document."""
    tokens = [(shown("<bos>", language), "control")]
    closed = (prompt.form, prompt.regulated, prompt.rhyme, prompt.dynasty)
    tokens += [(shown(control(name), language), "control") for name in closed if name]
    for field in ("tune", "author", "title"):
        text = getattr(prompt, field)
        if text:
            tokens += [(shown(control(field), language), "control"), *((one, "field") for one in text)]
    tokens.append((shown("<body>", language), "control"))
    tokens += [(shown(one, language), "feed" if one == "\n" else "char") for one in prompt.body]
    return [{"text": text, "kind": kind, "written": False} for text, kind in tokens]
