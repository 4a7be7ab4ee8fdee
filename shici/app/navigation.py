"""The pages, in their order. A page is a module of shici.app.pages with a function `page`.

It is shown as soon as its file exists: to add one of the seven, add its file.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from shici.app.language import Language, Text


@dataclass(frozen=True, slots=True)
class Entry:
    """module: in shici.app.pages, also the page's address. title: in the bar."""

    module: str
    title: Text


FIRST = "first"  # the first page answers at / alone, and its address must differ from `by_name`'s

PAGES = (
    Entry("writing", Text("逐字生成", "Step by step")),
    Entry("attention", Text("注意力", "Attention")),
    Entry("walk", Text("全过程", "Whole pass")),
    Entry("interpret", Text("解读", "What it learned")),
    Entry("compose", Text("作诗", "Compose")),
    Entry("tutorial", Text("教程", "Tutorial")),
    Entry("training", Text("训练", "Training")),
)


def existing() -> list[Entry]:
    return [entry for entry in PAGES if find_spec(f"shici.app.pages.{entry.module}")]


def pages(language: Language) -> list[StreamlitPage]:
    """The pages for st.navigation; each module is imported when its page is opened."""
    return [
        st.Page(
            opener(entry.module),
            title=entry.title.said(language),
            url_path=entry.module if number else FIRST,
            default=number == 0,
        )
        for number, entry in enumerate(existing())
    ]


def by_name(first: StreamlitPage) -> StreamlitPage:
    """The first page answers at /, as Streamlit wants it; this one, which no bar shows, leads there from /writing."""
    return st.Page(
        lambda: st.switch_page(first),
        title=first.title,
        url_path=existing()[0].module,
        visibility="hidden",
    )


def opener(module: str) -> Callable[[], None]:
    def open_page() -> None:
        import_module(f"shici.app.pages.{module}").page()

    return open_page
