"""教程: lessons on the reader's own line, each with a small task that the page notices is done.

The texts and what each lesson shows are in shici.app.lessons; here is what a session keeps and what it sends.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from shici.app import navigation
from shici.app.components import component, mount
from shici.app.language import Language, Text, in_language
from shici.app.lessons.course import LESSONS
from shici.app.lessons.glossary import TERMS
from shici.app.lessons.situation import Shown, Situation, Verdict
from shici.app.lessons.text import read_lesson, shown_blocks
from shici.app.masthead import masthead
from shici.app.memory import first_lesson
from shici.app.pages.attention import MESSAGES as ATTENTION
from shici.app.pages.tutorial_words import MESSAGES as MESSAGES
from shici.app.pages.writing import MESSAGES as WRITING
from shici.app.payload import pack
from shici.app.reading import trace_of
from shici.app.state import Session, Writing, session_of
from shici.app.tokens import places
from shici.checkpoint import LoadedModel

TITLE = Text("教程", "Tutorial")
ABOUT = Text(
    "从“什么是词元”到“为什么会押韵”，都拿你写的这一句来讲。",
    "From “what is a token” to “why it rhymes”, told on your own line.",
)
KEY = "shici_tutorial"
EVIDENCE = ("layer", "head", "cell", "stage", "neuron", "temperature", "top_k", "top_p")

_tutorial = component("tutorial", "attention.css", "writing.css")


@dataclass(slots=True)
class Progress:
    """at: the lesson that is open. done: by name. opened: the line with which each lesson was opened.

    evidence: what was done on the line `on`, on the open lesson. goto: a page to turn to.
    """

    at: int = 0
    done: set[str] = field(default_factory=set)
    opened: dict[str, tuple[int, ...]] = field(default_factory=dict)
    evidence: dict[str, Any] = field(default_factory=dict)
    on: tuple[int, ...] = ()
    goto: str = ""


def page() -> None:
    """Draw the page."""
    session = session_of()
    if KEY not in st.session_state:
        st.session_state[KEY] = Progress(first_lesson(len(LESSONS)))
    progress: Progress = st.session_state[KEY]
    turn_to(progress, session.language)
    found = masthead(session, TITLE, ABOUT)
    if found is None:
        return
    loaded, writing = found
    blob = packed(loaded, session, writing, progress)
    mount(_tutorial, "tutorial", blob, lambda event: act(progress, event))


def turn_to(progress: Progress, language: Language) -> None:
    """Go to the page that a link of the glossary named."""
    wanted, progress.goto = progress.goto, ""
    for entry, opened in zip(navigation.existing(), navigation.pages(language), strict=True):
        if entry.module == wanted:
            st.switch_page(opened)


def packed(loaded: LoadedModel, session: Session, writing: Writing, progress: Progress) -> bytes:
    """The open lesson on the line as typed, its task judged, the list of lessons and the glossary."""
    ids, lesson, language = writing.prompt.ids, LESSONS[progress.at], session.language
    if progress.on != ids:
        progress.on, progress.evidence = ids, {}
    progress.opened.setdefault(lesson.name, ids)
    seen = Situation(
        loaded,
        session,
        writing.prompt,
        trace_of(loaded, ids),
        progress.opened[lesson.name],
        progress.evidence,
    )
    shown, verdict = lesson.show(seen), lesson.judge(seen)
    if verdict.done:
        progress.done.add(lesson.name)
    header = {
        **lesson_in_words(lesson.name, shown, language),
        "words": {
            **in_language(ATTENTION, language),
            **in_language(WRITING, language),
            **in_language(MESSAGES, language),
        },
        "language": language,
        "line": list(ids),
        "at": progress.at,
        "lessons": [
            {"title": read_lesson(one.name, language).title, "done": one.name in progress.done}
            for one in LESSONS
        ],
        "verdict": verdict_in_words(verdict, language),
        "tokens": places(loaded.vocabulary, seen.tokens, len(ids) - seen.trace.window_start, language),
        "layers": loaded.model.config.n_layer,
        "heads": loaded.model.config.n_head,
        "channels": loaded.model.config.n_embd,
        "data": shown.data,
        "glossary": glossary(language),
    }
    return pack(header, shown.tensors)


def lesson_in_words(name: str, shown: Shown, language: Language) -> dict[str, Any]:
    text = read_lesson(name, language)
    return {
        "name": name,
        "title": text.title,
        "blocks": shown_blocks(text.blocks, shown.facts, language),
        "task": shown_blocks(text.task, shown.facts, language),
        "hint": shown_blocks(text.hint, shown.facts, language),
    }


def verdict_in_words(verdict: Verdict, language: Language) -> dict[str, Any]:
    return {"done": verdict.done, "words": verdict.words.said(language)}


def glossary(language: Language) -> list[dict[str, Any]]:
    """The terms; a page that is not there yet is not linked."""
    titles = {entry.module: entry.title.said(language) for entry in navigation.existing()}
    return [
        {
            "key": key,
            "zh": term.name.zh,
            "en": term.name.en,
            "said": term.said.said(language),
            "page": term.page if term.page in titles else "",
            "title": titles.get(term.page, ""),
            "where": term.where.said(language),
        }
        for key, term in TERMS.items()
    ]


def act(progress: Progress, event: Mapping[str, Any]) -> None:
    """{"at": n} opens a lesson, {"evidence": {...}} says what was done in it, {"open": page} turns to a page.

    Also {"again": true}: the task is begun anew, on the line as it is.
    """
    at = event.get("at")
    if isinstance(at, int) and 0 <= at < len(LESSONS):
        progress.at, progress.evidence = at, {}
    elif "again" in event:
        name = LESSONS[progress.at].name
        progress.done.discard(name)
        progress.opened[name], progress.evidence = progress.on, {}
    elif isinstance(event.get("open"), str):
        progress.goto = event["open"]
    elif isinstance(event.get("evidence"), dict):
        sent = event["evidence"]
        progress.evidence |= {name: sent[name] for name in EVIDENCE if name in sent}
