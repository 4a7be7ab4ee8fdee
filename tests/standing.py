"""Components that stand alone in a page: the test gives the server's answers, and sees what would go to it."""

from __future__ import annotations

import base64
from typing import Any

from playwright.sync_api import Page

from shici.app import masthead
from shici.app.components import bundle, posted
from shici.app.language import in_language
from shici.app.payload import pack
from shici.app.state import Session
from shici.config.sample import SampleSettings

LOAD = """async ([names, texts, box]) => {
    const loaded = (text) => import(`data:text/javascript;base64,${text}`);
    window.posts = []; // what goes to the server
    (await loaded(box)).default({ setStateValue: (state, sent) => posts.push(structuredClone(sent)) });
    window.draw = {};
    for (const [i, name] of names.entries()) {
        const module = await loaded(texts[i]);
        const parentElement = document.body.appendChild(document.createElement("main"));
        window.draw[name] = (blob) => {
            const data = Uint8Array.from(atob(blob), (one) => one.charCodeAt(0));
            module.default({ data, parentElement });
        };
    }
}"""
SETTINGS = SampleSettings(start="床前明月光，", engine="torch")


def base64_of(data: bytes) -> str:
    return base64.b64encode(data).decode()


def stand_alone(page: Page, *names: str) -> Page:
    """A page with nothing but these components."""
    texts = [base64_of(posted(name).encode()) for name in names]
    page.evaluate(LOAD, [names, texts, base64_of(bundle("post_box.js").encode())])
    return page


def draw(page: Page, name: str, blob: bytes) -> None:
    page.evaluate("([name, blob]) => window.draw[name](blob)", [name, base64_of(blob)])


def posts(page: Page) -> list[list[dict[str, Any]]]:
    found: list[list[dict[str, Any]]] = page.evaluate("window.posts")
    return found


def masthead_of(session: Session) -> bytes:
    texts = dict.fromkeys(("title", "about", "form", "author", "name", "error"), "")
    lists: dict[str, list[str]] = {"forms": [], "examples": [], "remarks": []}
    words = in_language(masthead.MESSAGES, "zh")
    return pack({**texts, **lists, "words": words, "language": "zh", "line": session.settings.start})
