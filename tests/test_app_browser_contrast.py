"""What is written on coloured ground can be read, by day and by night.

Run: pytest tests/test_app_browser_contrast.py
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from shici.app.components import bundle
from tests.browser import watched

READABLE = 4.5
Colour = list[float]

GROUNDS = """(theme) => {
    const all = (part) => Array.from({ length: 1001 }, (_, i) => part(i / 1000));
    const on = (ground, ...wished) => [ground, colour.lettersOn(ground, ...wished)];
    const { paper, ink, vermilion } = theme;
    return {
        lens: all((share) => on(lens.shade(theme, share), ink, paper)),
        ink: all((part) => on(colour.tint(theme, ink, part), ink, paper)),
        vermilion: all((part) => on(colour.tint(theme, vermilion, part), ink, paper)),
        written: all((part) => on(colour.tint(theme, vermilion, part), ...colour.writtenOn(theme))),
    };
}"""
# [the text's colour, what lies under it down to the page, the text] of every element with text of its own
WRITTEN = """nodes => nodes.flatMap((top) => [top, ...top.querySelectorAll("*")]).filter(
    (node) => [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim())
).map((node) => {
    const grounds = [];
    for (let at = node; at; at = at.parentElement ?? at.getRootNode().host) {
        grounds.push(getComputedStyle(at).backgroundColor);
    }
    return [getComputedStyle(node).color, grounds, node.textContent];
})"""


def luminance(colour: Colour) -> float:
    linear = [
        one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in (c / 255 for c in colour)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: Colour, other: Colour) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def rgba(css: str) -> Colour:
    """rgb(1, 2, 3), rgba(1, 2, 3, 0.5) or color(srgb 0.1 0.2 0.3 / 0.5) -> [red, green, blue, alpha]."""
    numbers = [float(one) for one in re.findall(r"[\d.]+(?:e-?\d+)?", css)]
    scale = 255 if css.startswith("color(") else 1
    return [*(scale * one for one in numbers[:3]), numbers[3] if len(numbers) > 3 else 1.0]


def seen(grounds: list[str]) -> Colour:
    """The colour that these layers give, the topmost first."""
    under: Colour = [255, 255, 255]
    for *colour, alpha in map(rgba, reversed(grounds)):
        under = [old + alpha * (new - old) for old, new in zip(under, colour, strict=True)]
    return under


def assert_readable(page: Page, where: str, least: int) -> None:
    written: list[Any] = page.locator(where).evaluate_all(WRITTEN)
    assert len(written) >= least
    faint = [
        (text, found)
        for colour, grounds, text in written
        if (found := contrast(rgba(colour)[:3], seen(grounds))) < READABLE - 0.005
    ]
    assert faint == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_whole_scale_can_be_read(browser: Browser, root: Path, scheme: str) -> None:
    config = tomllib.loads((root / ".streamlit/config.toml").read_text(encoding="utf-8"))["theme"][scheme]
    names = {"paper": "backgroundColor", "ink": "textColor", "vermilion": "primaryColor"}
    theme = {name: list(bytes.fromhex(config[one][1:])) for name, one in names.items()}
    page = browser.new_page()
    page.set_content("<p></p>")
    module = (
        f"{bundle('interpret_lens.js')}\nObject.assign(window, {{ colour: colour_js, lens: {{ shade }} }});"
    )
    page.add_script_tag(type="module", content=module)
    page.wait_for_function("() => Boolean(window.lens)")
    for name, scale in page.evaluate(GROUNDS, theme).items():
        assert min(contrast(ground, letters) for ground, letters in scale) >= READABLE, name
        assert scale[0][1] == theme["vermilion" if name == "written" else "ink"], (
            "the theme's own where it can be"
        )
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_stands_on_colour_on_the_pages_can_be_read(
    browser: Browser, address: str, scheme: Literal["light", "dark"]
) -> None:
    with watched(browser, scheme=scheme) as opened:
        page = opened.page
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # nothing is seen half way
        page.goto(f"{address}/interpret")
        for way in ("最可能的字", "写下的字第几名", "押韵的字合计", "同声的字合计", "标点合计"):
            button = page.get_by_role("button", name=way)
            button.click()
            expect(button).to_have_attribute("aria-pressed", "true")
            assert_readable(page, ".interpret .lens", least=20)
        assert_readable(page, ".interpret .heads button", least=36)
        page.get_by_role("link", name="注意力").click()
        page.locator(".attention button.seal").click()
        expect(page.locator(".attention .place.written").first).to_be_visible()
        for layer in (1, 3, 6):
            page.locator(f'.attention .heads button[data-head="{layer - 1},0"]').click()
            assert_readable(page, ".attention .verse .place:not(.unseen)", least=20)
        opened.assert_quiet(probed=True)
