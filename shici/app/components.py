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
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

FOLDER = Path(__file__).resolve().parent / "components"
IMPORT = re.compile(r'^import \{([^}]*)\} from "\./([\w.]+)";\n', re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:async )?(?:function\*?|const|class) +(\w+))", re.MULTILINE)

EVENT = "act"  # the one event of every component; its value says what was done

Renderer = Callable[..., Any]


def bundle(name: str) -> str:
    """One ES module: the component `name` (a file of FOLDER) and all that it imports."""
    order: list[str] = []
    visit(name, order)
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
    return st.components.v2.component(f"shici_{name}", js=bundle(f"{name}.js"), css=css)


def mount(renderer: Renderer, key: str, blob: bytes, act: Callable[[dict[str, Any]], None]) -> None:
    """Show a component; `act` gets what a person did there, before the page runs again."""

    def on_act() -> None:
        event = st.session_state[key].get(EVENT)
        if isinstance(event, dict):
            act(event)

    renderer(key=key, data=blob, on_act_change=on_act)
