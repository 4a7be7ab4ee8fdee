"""How fast the page 全过程 answers, in a real browser beside a running server.

Run: python bench/app_walk.py [characters of the line, default 6]

`rerun` is what Streamlit alone takes to run the page again (the language is switched): nothing that asks the server
is faster. `unfold` fetches a layer, `again` a layer whose numbers were
fetched before, `step` draws a character
with a layer unfolded, `part` shows all of a head or of the MLP, `hover` points at cells of every matrix of a layer.
Milliseconds from the click to the changed page, the smallest and the median. A table, then one JSON line.
"""

from __future__ import annotations

import json
import statistics
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from playwright.sync_api import Page

from tests.browser import a_browser, a_server

ROOT = Path(__file__).resolve().parent.parent
VERSE = "空山新雨后，天气晚来秋。明月松间照，清泉石上流。竹喧归浣女，莲动下渔舟。随意春芳歇，王孙自可留。"
FIND = """(name) => [...document.querySelectorAll("*")].map((node) => node.shadowRoot)
    .map((shadow) => shadow?.querySelector("." + name)).find(Boolean)"""
UNTIL = f"""([press, change, wanted]) => new Promise((done) => {{
    const find = {FIND};
    const state = () => new Function("find", "return " + change)(find);
    const [before, began] = [state(), performance.now()];
    new Function("find", press)(find);
    const there = () => wanted === null ? state() !== before : state() === wanted;
    const look = () => there() ? requestAnimationFrame(() => done(performance.now() - began)) : setTimeout(look, 2);
    look();
}})"""
HOVER = f"""() => {{
    const root = ({FIND})("walk");
    return [...root.querySelectorAll("[data-sheet]")].flatMap((sheet) => {{
        const box = sheet.getBoundingClientRect();
        return [0.3, 0.5, 0.7].map((share) => {{
            const at = {{ clientX: box.left + 24 + share * (box.width - 30), clientY: box.top + share * box.height }};
            const began = performance.now();
            sheet.dispatchEvent(new PointerEvent("pointermove", {{ bubbles: true, pointerType: "mouse", ...at }}));
            root.getBoundingClientRect();
            return performance.now() - began;
        }});
    }});
}}"""


def until(page: Page, press: str, change: str, wanted: object = None) -> float:
    """Milliseconds from a click until `change` is what is wanted, or else another value than before."""
    milliseconds = float(page.evaluate(UNTIL, [press, change, wanted]))
    page.wait_for_timeout(700)  # until the rest of the answer has come
    return milliseconds


def toggle(block: object) -> str:
    return f"""find("walk").querySelector('[data-toggle="{block}"]').click()"""


def measure(page: Page) -> dict[str, list[float]]:
    unfolded = (
        """find("walk").querySelector('.unfolded [data-figure="ln_1"]')?.closest(".unfolded").dataset.layer"""
    )
    found: dict[str, list[float]] = {}
    language = 'find("masthead").lang'
    click = 'find("masthead").querySelector(".link").click()'
    found["rerun"] = [until(page, click, language) for _ in range(6)]
    found["unfold"] = [until(page, toggle(n), unfolded, str(n)) for n in range(6)]
    found["again"] = [until(page, toggle(n), unfolded, str(n)) for n in range(6)]
    parts = [until(page, toggle(part), f"""find("walk").querySelector('[data-toggle="{part}"]').ariaExpanded""")
             for part in ("heads", "mlp_block") * 3]  # fmt: skip
    found["part"] = parts
    found["hover"] = [float(x) for _ in range(3) for x in page.evaluate(HOVER)]
    write = """find("walk").querySelector('[data-do="write"]').click()"""
    found["step"] = [
        until(page, write, """find("walk").querySelectorAll(".card").length""") for _ in range(6)
    ]
    return found


def main() -> None:
    line = VERSE[: int(sys.argv[1]) if len(sys.argv) > 1 else 6]
    with a_browser() as browser, a_server(ROOT, f"--start={line}") as address:
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(address)
        page.get_by_role("link", name="全过程").click()
        page.locator(".walk .candidates").wait_for()
        page.wait_for_timeout(1500)
        found = measure(page)
    print(f"{len(line)} characters; milliseconds")
    for name, times in found.items():
        print(
            f"{name:8} smallest {min(times):7.1f}   median {statistics.median(times):7.1f}   of {len(times)}"
        )
    print(
        json.dumps(
            {"characters": len(line)} | {name: round(statistics.median(t), 1) for name, t in found.items()}
        )
    )


if __name__ == "__main__":
    main()
