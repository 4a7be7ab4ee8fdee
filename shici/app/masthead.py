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
from shici.app.state import Session, Unread, Writing, session_of
from shici.checkpoint import LoadedModel
from shici.errors import ShiciError, UnknownCharacterError
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
STILL = Text("下面仍是上一句：{line}", "Below is still the last line: {line}")
STILL_EMPTY = Text("下面仍没有开头。", "Below there is still no opening.")
STILL_SHOWN = 24  # characters of it
EXAMPLES = ("床前明月光，", "白日依山尽，", "两个黄鹂鸣翠柳，", "大江东去，", "空山新雨后，天气晚来秋。")
LONGEST = 4000  # characters taken from the field; the model reads the last 256 at most

_masthead = component("masthead")


def masthead(session: Session, title: Text, about: Text) -> tuple[LoadedModel, Writing] | None:
    """Draw the head; the model and the tree after the line, or None where no line was read yet and this one cannot be.

    After one that could be read, that one's tree, with the error above it.
    """
    remarks: list[Text] = []
    error = ""
    found = None
    try:
        loaded = model_for(session.settings)
        found = loaded, read_line(loaded, session)
        remarks += found[1].prompt.remarks
    except ShiciError as caught:
        error = Text(caught.zh, caught.en).said(session.language)
    typed, unread = session.typed(), session.unread
    if unread is not None:
        words = STILL if typed["start"].strip() else STILL_EMPTY
        still = words.said(session.language).format(line=typed["start"][:STILL_SHOWN])
        typed, error, remarks = unread.fields, f"{unread.why.said(session.language)} {still}", []
    header = {
        "title": title.said(session.language),
        "about": about.said(session.language),
        "words": in_language(MESSAGES, session.language),
        "language": session.language,
        "line": typed["start"],
        "form": typed["form"],
        "author": typed["author"],
        "name": typed["title"],
        "wrong": unread.wrong if unread else "line" if error else "",
        "forms": FORMS,
        "examples": EXAMPLES,
        "remarks": [remark.said(session.language) for remark in remarks],
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
            writing = read_line(loaded, session)
        except ShiciError:
            return  # the line cannot be read, as its head says, and nothing was drawn yet
        act(loaded, session, writing, *more, event)

    return answer


def read_line(loaded: LoadedModel, session: Session) -> Writing:
    """The tree after the line; one that cannot be read is put aside, and the last that could be takes its place.

    Raises ShiciError where there was none.
    """
    try:
        writing = session.write_after(*prompt_of(loaded, session))
    except ShiciError as error:
        if session.readable is None:
            raise
        typed = session.typed()
        session.unread = Unread(typed, Text(error.zh, error.en), wrong_in(typed, error))
        session.set(**session.readable)
        return session.write_after(*prompt_of(loaded, session))
    session.readable = session.typed()
    return writing


def wrong_in(typed: dict[str, str], error: ShiciError) -> str:
    """The field that `error` is about: that of the character that is not known, else the line."""
    if isinstance(error, UnknownCharacterError):
        for field, name in (("start", "line"), ("author", "author"), ("title", "name")):
            if error.character in typed[field]:
                return name
    return "line"


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
    session.unread = None
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
