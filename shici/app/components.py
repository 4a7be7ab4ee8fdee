"""Registers the components: plain ES modules and CSS under shici/app/components/, no build step, no network.

Streamlit gives a component one JavaScript text, which the browser imports from a blob URL: relative imports find
nothing there. So the modules that a component imports are put before it, in the order in which they are needed,
each closed in a function of its own:

    import { signed } from "./colour.js";     ->  const { signed } = colour_js;
    export function num() {...}               ->  const number_js = (() => { function num() {...} return { num }; })();

That is all of the bundler. For this a module writes `import { a, b } from "./file.js"` and exports functions,
classes and constants by `export` before them; only the component itself has `export default`. The files stay real
ES modules, which Node and a browser import unchanged.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

import streamlit as st

FOLDER = Path(__file__).resolve().parent / "components"
IMPORT = re.compile(r'^import \{([^}]*)\} from "\./([\w.]+)";\n', re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:async )?(?:function\*?|const|class) +(\w+))", re.MULTILINE)

POST = "shici_post"

Renderer = Callable[..., Any]
Act = Callable[[dict[str, Any]], None]


@dataclass(slots=True)
class Post:
    """What a session's components have told. heard: the number of the last event taken. acts: who answers, by key."""

    heard: int = 0
    acts: dict[str, Act] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def fresh(self, sent: Iterable[object]) -> list[dict[str, Any]]:
        """The events in `sent` that were not taken yet, each once, in the order in which they were done."""
        found = {
            one["number"]: one
            for one in sent
            if isinstance(one, dict) and isinstance(one.get("number"), int) and one["number"] > self.heard
        }
        return [found[number] for number in sorted(found)]

    def deliver(self, sent: Iterable[object]) -> None:
        """Hand over {"number", "name": of the component, "event": what was done} to who answers; others are let go."""
        with self.lock:  # a second run may begin before the first has noticed that it is to end
            for one in self.fresh(sent):
                self.heard = one["number"]
                act, event = self.acts.get(str(one.get("name"))), one.get("event")
                if act is not None and isinstance(event, dict):
                    act(event)


def bundle(name: str, *before: str) -> str:
    """One ES module: the component `name` (a file of FOLDER) and all that it imports, behind other modules."""
    order: list[str] = []
    for one in (*before, name):
        visit(one, order)
    *shared, last = order
    return "".join((*(closed(module) for module in shared), linked(read(last))))


def visit(name: str, order: list[str]) -> None:
    """Append `name` to `order` after what it imports, each file once."""
    for _, imported in IMPORT.findall(read(name)):
        if imported not in order:
            visit(imported, order)
    order.append(name)


def closed(name: str) -> str:
    """A shared module as a constant that holds what it exports."""
    text = read(name)
    exported = ", ".join(EXPORT.findall(text))
    body = EXPORT.sub("", linked(text))
    return f"const {identifier(name)} = (() => {{\n{body}\nreturn {{ {exported} }};\n}})();\n"


def linked(text: str) -> str:
    """A module whose imports take from the constants that stand before it."""
    return IMPORT.sub(
        lambda found: f"const {{{found[1].replace(' as ', ': ')}}} = {identifier(found[2])};\n", text
    )


def identifier(name: str) -> str:
    return name.replace(".", "_")


@cache
def read(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


def component(name: str, *styles: str) -> Renderer:
    """Register `name`.js with theme.css, `name`.css and, before it, other `styles` whose parts it shows.

    To be called at module level, once for each component.
    """
    css = "".join(map(read, ("theme.css", *styles, f"{name}.css")))
    return st.components.v2.component(f"shici_{name}", js=posted(name), css=css)


def posted(name: str) -> str:
    """The bundle of a component, whose events go by post.js."""
    drawn = bundle(f"{name}.js", "post.js").replace("export default function", "function drawn", 1)
    return f'{drawn}\nexport default post_js.posted("{name}", drawn);\n'


def mount(renderer: Renderer, key: str, blob: bytes, act: Act) -> None:
    """Show the component named `key`; `act` gets what a person does there, by `hear`."""
    st.session_state.setdefault(POST, Post()).acts[key] = act
    renderer(key=key, data=blob)


_box = st.components.v2.component("shici_post_box", js=bundle("post_box.js"))


def hear() -> None:
    """Set up the box, and hand over what has come in it. To be called before anything else is drawn.

    On a thread of its own: another click makes Streamlit break off its own thread, also in the middle of an act, at
    the next cached function. What is in the box when the session begins was done before the server was started again.
    """
    sent = _box(key="post_box").get("posts") or ()
    post: Post | None = st.session_state.get(POST)
    if post is None:
        post = st.session_state[POST] = Post()
        post.heard = max((one["number"] for one in post.fresh(sent)), default=0)
    if fresh := post.fresh(sent):
        with ThreadPoolExecutor(1) as undisturbed:
            undisturbed.submit(post.deliver, fresh).result()
