"""The head of every page: its title, the language, the line that the model reads, and a word on what was typed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from shici.app.components import Act, Renderer, component, mount
from shici.app.forms import Kept, planned
from shici.app.language import Text, in_language
from shici.app.payload import pack
from shici.app.reading import model_for
from shici.app.remarks import in_words
from shici.app.state import Session, Writing, session_of
from shici.checkpoint import LoadedModel
from shici.errors import ShiciError
from shici.generation.prompts import FILE_PREFIX, Prompt, build_prompt
from shici.vocabulary import FORMS

MESSAGES = {
    "line": Text("开头一句", "The opening line"),
    "hint": Text("写一句诗，回车交给模型", "Type a line of verse, Enter hands it to the model"),
    "read": Text("读", "Read"),
    "form": Text("体裁", "Form"),
    "author": Text("作者", "Author"),
    "title": Text("题目", "Title"),
    "any": Text("不说", "not said"),
    "more": Text("体裁、作者、题目", "Form, author, title"),
    "examples": Text("例", "Try"),
    "language": Text("English", "中文"),
}
EXAMPLES = ("床前明月光，", "白日依山尽，", "两个黄鹂鸣翠柳，", "大江东去，", "空山新雨后，天气晚来秋。")
LONGEST = 4000  # characters taken from the field; the model reads the last 256 at most

_masthead = component("masthead")


def masthead(session: Session, title: Text, about: Text) -> tuple[LoadedModel, Writing] | None:
    """Draw the head; the model and the tree after the line, or None where the line cannot be read."""
    settings = session.settings
    remarks: list[str] = []
    error = ""
    found = None
    try:
        loaded = model_for(settings)
        prompt, kept = prompt_of(loaded, session)
        remarks += prompt.remarks
        found = loaded, session.write_after(prompt, kept)
    except ShiciError as caught:
        error = Text(caught.zh, caught.en).said(session.language)
    header = {
        "title": title.said(session.language),
        "about": about.said(session.language),
        "words": in_language(MESSAGES, session.language),
        "language": session.language,
        "line": settings.start,
        "form": settings.form,
        "author": settings.author,
        "name": settings.title,
        "forms": FORMS,
        "examples": EXAMPLES,
        "remarks": [in_words(remark, session.language) for remark in remarks],
        "error": error,
    }
    mount(_masthead, "masthead", pack(header), lambda event: act(session, event))
    return found


def show(
    renderer: Renderer, key: str, title: Text, about: Text, packed: Callable[..., bytes], act: Callable[..., None],
    *more: object,
) -> LoadedModel | None:  # fmt: skip
    """A page about the line: its head, and the component `key` with packed(model, session, tree, *more).

    What is done there goes to act(model, session, tree, *more, event). The model, or None where the line cannot be
    read and the head alone is shown.
    """
    session = session_of()
    found = masthead(session, title, about)
    if found is None:
        return None
    mount(renderer, key, packed(found[0], session, found[1], *more), answering(session, act, *more))
    return found[0]


def answering(session: Session, act: Callable[..., None], *more: object) -> Act:
    """act(model, session, tree, *more, event) with the line as it is when the event comes.

    It may be another than when the page was drawn: who types a line and clicks at once means the new one.
    """

    def answer(event: dict[str, Any]) -> None:
        try:
            loaded = model_for(session.settings)
            writing = session.write_after(*prompt_of(loaded, session))
        except ShiciError:
            return  # the line cannot be read, as its head says
        act(loaded, session, writing, *more, event)

    return answer


def prompt_of(loaded: LoadedModel, session: Session) -> tuple[Prompt, Kept | None]:
    """The prompt, in the form that is kept; where the line cannot be written in it, without, and the reason is kept."""
    settings, session.refusal = session.settings, None
    if session.form:
        try:
            return planned(loaded, settings, session.form, session.rhyme, session.number, session.variant)
        except ShiciError as refused:
            session.refusal = Text(refused.zh, refused.en)
    return build_prompt(settings, loaded.vocabulary, loaded.model.config.block_size), None


def heading(session: Session, title: Text, about: Text) -> None:
    """The head of a page that reads no line: title and language."""
    header = {
        "title": title.said(session.language),
        "about": about.said(session.language),
        "words": in_language(MESSAGES, session.language),
        "language": session.language,
    }
    mount(_masthead, "masthead", pack(header), lambda event: act(session, event))


def act(session: Session, event: dict[str, Any]) -> None:
    """What was done in the head: {"line", "form", "author", "name"} or {"language"}."""
    if "language" in event:
        session.language = "en" if event["language"] == "en" else "zh"
        return
    typed = {field: str(event.get(field, ""))[:LONGEST] for field in ("line", "form", "author", "name")}
    session.set(
        start=only_text(typed["line"]),
        form=typed["form"],
        author=typed["author"],
        title=typed["name"],
    )


def only_text(line: str) -> str:
    """`line` without the prefix that would read a file: a page reads no files of the machine it runs on."""
    while line.startswith(FILE_PREFIX):
        line = line.removeprefix(FILE_PREFIX)
    return line


def excuse(error: ShiciError, session: Session) -> None:
    """Say what went wrong, in the reader's language."""
    st.error(Text(error.zh, error.en).said(session.language))
