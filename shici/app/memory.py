"""What a browser remembers from one visit to the next: the language and the open lesson, in cookies of memory.js.

Cookies, and not the page's own store: they come with the request that begins a session, before anything is drawn.
"""

from __future__ import annotations

import streamlit as st

from shici.app.language import Language


def remembered(name: str) -> str:
    """What memory.js was given under this name; "" where there is nothing. Anybody can write there."""
    return str(st.context.cookies.get(f"shici_{name}", ""))


def first_language() -> Language:
    """The one chosen last; else Chinese, unless the browser speaks another language."""
    chosen = remembered("language")
    if chosen in ("zh", "en"):
        return "zh" if chosen == "zh" else "en"
    spoken = st.context.locale or "zh"
    return "zh" if spoken.lower().startswith("zh") else "en"


def first_lesson(count: int) -> int:
    """The lesson that was open last, of `count`; else the first."""
    kept = remembered("lesson")
    return int(kept) if kept.isascii() and kept.isdigit() and int(kept) < count else 0
